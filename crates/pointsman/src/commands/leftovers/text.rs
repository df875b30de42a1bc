//! A listing as people read it.
//!
//! Whatever others wrote goes through `printable`: names, tags and messages of the account.

use coordinator::leftover::{Candidate, Proof, tenths_of_hours};

use super::super::printable::line;
use super::super::terminal::Terminal;
use super::listing::{Cost, Listing, Row, Totals, Verdict};

/// What a sum of instance-hours is.
const ESTIMATE: &str = "Hours and costs are estimates: as many instances as now, for all of a \
                        group's age.";

pub(super) fn told(listing: &Listing, terminal: Terminal) -> String {
    let region = line(&listing.region);
    if listing.rows.is_empty() {
        return format!(
            "No Auto Scaling group in {region} is called CodeDeploy_*_d-*: no leftovers."
        );
    }
    let mut blocks = vec![format!(
        "{} in {region} called CodeDeploy_*_d-*, by name, at {}",
        counted(listing.rows.len(), "Auto Scaling group"),
        line(&listing.at)
    )];
    blocks.extend(listing.rows.iter().map(|row| block(row, terminal)));
    blocks.push(format!("{}\n{ESTIMATE}", sum(&listing.totals())));
    blocks.join("\n\n")
}

/// What could not be read; empty if everything was.
pub(super) fn unread(listing: &Listing) -> String {
    if listing.unread.is_empty() {
        return String::new();
    }
    let each = listing.unread.iter().map(|unread| {
        line(&format!(
            "  {} could not be read: {}",
            unread.what, unread.why
        ))
    });
    let each: Vec<String> = each.collect();
    format!("This listing is not complete:\n{}", each.join("\n"))
}

fn block(row: &Row, terminal: Terminal) -> String {
    let Row { candidate, cost } = row;
    let mut lines = vec![
        terminal.strong(&line(&candidate.group)),
        field("deployment", &deployment(candidate)),
        field("age", &age(candidate.age_minutes)),
        field("instances", &instances(candidate, cost.as_ref())),
    ];
    if let Some(quarantine) = &candidate.quarantine {
        let (since, until) = (quarantine.at, quarantine.until);
        let told = format!("since {since:.0}, until {until:.0}: {}", quarantine.reason);
        lines.push(field("quarantine", &line(&told)));
    }
    lines.push(field("verdict", &verdict(candidate, terminal)));
    if let Proof::Kept { objections } = &candidate.proof {
        let each = objections.iter();
        lines.extend(each.map(|objection| {
            let sentence = line(&objection.to_string());
            format!("{:14}- {sentence}", "")
        }));
    }
    lines.extend(next(candidate).map(|next| field("next", next)));
    lines.join("\n")
}

fn field(name: &str, value: &str) -> String {
    format!("  {name:<11} {value}")
}

fn deployment(candidate: &Candidate) -> String {
    let Some(deployment) = &candidate.deployment else {
        return "no deployment that its name tells".to_owned();
    };
    let group = candidate.deployment_group.as_ref();
    let group = group.map_or("", |group| group.as_str());
    line(&match &candidate.application {
        Some(application) => format!("{deployment} of {application}/{group}"),
        None => format!("{deployment} of deployment group {group}"),
    })
}

fn instances(candidate: &Candidate, cost: Option<&Cost>) -> String {
    let (count, hours) = (
        candidate.instances,
        tenths_of_hours(candidate.instance_minutes()),
    );
    let told = format!("{count}, about {hours} instance-hours so far");
    match cost {
        Some(cost) => {
            let currency = line(&cost.currency);
            format!("{told}, about {} {currency}", cost.amount)
        }
        None => told,
    }
}

fn verdict(candidate: &Candidate, terminal: Terminal) -> String {
    match &candidate.proof {
        Proof::Orphan { evidence } => {
            let evidence = line(&evidence.to_string());
            format!("{}: {evidence}", terminal.good("an orphan"))
        }
        Proof::Wait { until, why } => format!("not proven before {until:.0}: {}", line(why)),
        Proof::Kept { .. } if candidate.serves() => "serves, and is no leftover".to_owned(),
        Proof::Kept { .. } => terminal.strong("kept"),
        proof @ Proof::Gone(_) => terminal.faint(&line(&proof.to_string())),
    }
}

/// What the sweep would do about it now.
fn next(candidate: &Candidate) -> Option<&'static str> {
    if !candidate.start {
        return None;
    }
    match (&candidate.proof, &candidate.quarantine) {
        (Proof::Orphan { .. }, None) => Some("the hourly sweep has it put in quarantine"),
        (Proof::Orphan { .. }, Some(_)) => Some("the hourly sweep has it shrunk and deleted"),
        (Proof::Kept { .. }, _) => {
            Some("somebody uses it: the hourly sweep has its quarantine lifted")
        }
        (Proof::Wait { .. } | Proof::Gone(_), _) => None,
    }
}

fn sum(totals: &Totals) -> String {
    let verdicts = totals
        .verdicts
        .iter()
        .map(|(verdict, count)| match verdict {
            Verdict::Orphan => counted(*count, "orphan"),
            Verdict::Waiting => format!("{count} waiting"),
            Verdict::Kept => format!("{count} kept"),
            Verdict::Serves => format!("{count} serving, which is not counted"),
            Verdict::Gone => format!("{count} being deleted"),
        });
    let mut parts: Vec<String> = verdicts.collect();
    parts.push(counted(totals.instances, "instance"));
    let hours = tenths_of_hours(totals.instance_minutes);
    parts.push(format!("about {hours} instance-hours so far"));
    let costs = totals.costs.iter();
    parts.extend(costs.map(|(currency, amount)| format!("about {amount} {}", line(currency))));
    let sum = format!("Together: {}", parts.join(", "));
    match totals.without_price {
        0 => sum,
        all if totals.costs.is_empty() => format!(
            "{sum}; no spec gives a price for {}",
            if all == 1 { "it" } else { "them" }
        ),
        some => format!("{sum} ({} without a price)", counted(some, "group")),
    }
}

/// `45 min`, `26.5 h`, `12 days 3 h`: as exact as anybody asks.
pub(super) fn age(minutes: u64) -> String {
    const HOUR: u64 = 60;
    const DAY: u64 = 24 * HOUR;
    if minutes < 2 * HOUR {
        format!("{minutes} min")
    } else if minutes < 2 * DAY {
        format!("{} h", tenths_of_hours(minutes))
    } else {
        format!("{} days {} h", minutes / DAY, minutes % DAY / HOUR)
    }
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
