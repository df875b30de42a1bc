//! How ages, hours and money are told, and that nothing in a listing can break a terminal.

use std::collections::BTreeMap;

use coordinator::hooks::DeploymentId;
use coordinator::leftover::{Gone, Objection, Proof};

use super::listing::{Totals, Verdict};
use super::*;

fn kept(objections: Vec<Objection>) -> Candidate {
    Candidate {
        group: "CodeDeploy_web_d-A1B2C3D4E".to_owned(),
        deployment: DeploymentId::parse("d-A1B2C3D4E").ok(),
        deployment_group: DeploymentGroupName::parse("web").ok(),
        application: ApplicationName::parse("shop").ok(),
        age_minutes: 95,
        instances: 2,
        quarantine: None,
        proof: Proof::Kept { objections },
        start: false,
    }
}

fn keep_says(value: &str) -> Objection {
    Objection::Keep {
        value: value.to_owned(),
    }
}

fn listing(candidates: Vec<Candidate>, prices: &Prices) -> Listing {
    let (region, at) = ("eu-central-1".to_owned(), "2026-01-15T09:00:00Z".to_owned());
    Listing::new(region, at, candidates, prices, Vec::new())
}

fn price(an_hour: &str, currency: &str) -> Prices {
    let owner = (
        ApplicationName::parse("shop").expect("is a name"),
        DeploymentGroupName::parse("web").expect("is a name"),
    );
    let price = Price {
        an_hour: Money::parse(an_hour).expect("is a price"),
        currency: currency.to_owned(),
    };
    BTreeMap::from([(owner, price)])
}

#[test]
fn an_age_is_as_exact_as_anybody_asks() {
    for (minutes, told) in [
        (0, "0 min"),
        (1, "1 min"),
        (119, "119 min"),
        (120, "2.0 h"),
        (125, "2.0 h"),
        (126, "2.1 h"),
        (48 * 60 - 1, "47.9 h"),
        (48 * 60, "2 days 0 h"),
        (12 * 1440 + 3 * 60 + 59, "12 days 3 h"),
        (u64::MAX, "12810238940076077 days 12 h"),
    ] {
        assert_eq!(text::age(minutes), told, "{minutes}");
    }
}

#[test]
fn an_older_group_is_never_told_to_be_younger() {
    let read = |minutes| {
        let told = text::age(minutes);
        let words: Vec<&str> = told.split(' ').collect();
        let number = |word: &str| word.parse::<f64>().expect("is a number");
        match words.as_slice() {
            [minutes, "min"] => number(minutes),
            [hours, "h"] => number(hours) * 60.0,
            [days, "days", hours, "h"] => number(days) * 1440.0 + number(hours) * 60.0,
            other => panic!("{other:?}"),
        }
    };
    for minutes in 0..6_000 {
        assert!(read(minutes) <= read(minutes + 1), "{minutes}");
    }
}

#[test]
fn a_group_is_told_in_one_block() {
    let listed = listing(
        vec![kept(vec![keep_says("mine"), Objection::Protected])],
        &price("0.0416", "EUR"),
    );
    let told = text::told(&listed, Terminal::plain());
    assert_eq!(
        told,
        "1 Auto Scaling group in eu-central-1 called CodeDeploy_*_d-*, by name, at \
         2026-01-15T09:00:00Z\n\
         \n\
         CodeDeploy_web_d-A1B2C3D4E\n\
         \x20 deployment  d-A1B2C3D4E of shop/web\n\
         \x20 age         95 min\n\
         \x20 instances   2, about 3.1 instance-hours so far, about 0.13 EUR\n\
         \x20 verdict     kept\n\
         \x20             - an operator keeps it (tag pointsman:keep = \"mine\"); `pointsman \
         release` takes that back\n\
         \x20             - the group is protected from deletion (prevent-all-deletion); lift that \
         if it may go\n\
         \n\
         Together: 1 kept, 2 instances, about 3.1 instance-hours so far, about 0.13 EUR\n\
         Hours and costs are estimates: as many instances as now, for all of a group's age."
    );
}

#[test]
fn costs_are_added_by_currency_before_they_are_rounded() {
    // Half a cent each.
    let cheap = Candidate {
        age_minutes: 60,
        instances: 1,
        ..kept(vec![Objection::Protected])
    };
    let mut listed = listing(vec![cheap.clone(); 3], &price("0.005", "USD"));
    let other = listing(vec![cheap.clone()], &price("1", "EUR"));
    listed.rows.extend(other.rows);
    listed
        .rows
        .extend(listing(vec![cheap], &Prices::new()).rows);
    let Totals {
        costs,
        without_price,
        verdicts,
        ..
    } = listed.totals();
    let costs: Vec<String> = costs
        .iter()
        .map(|(currency, amount)| format!("{amount} {currency}"))
        .collect();
    assert_eq!(costs, ["1.00 EUR", "0.02 USD"]);
    assert_eq!(without_price, 1);
    assert_eq!(verdicts, BTreeMap::from([(Verdict::Kept, 5)]));
}

#[test]
fn totals_that_no_number_holds_stop_at_the_greatest() {
    let old = Candidate {
        age_minutes: u64::MAX,
        ..kept(vec![Objection::Protected])
    };
    let totals = listing(vec![old.clone(), old], &price("10000", "USD")).totals();
    assert_eq!(totals.instance_minutes, u64::MAX);
    assert_eq!(
        totals.costs["USD"].to_string(),
        "18446744073709.55",
        "{totals:?}"
    );
}

#[test]
fn what_is_being_deleted_is_counted_as_such() {
    let status = "Delete in progress".to_owned();
    let going = Candidate {
        proof: Proof::Gone(Gone::BeingDeleted { status }),
        ..kept(Vec::new())
    };
    let told = text::told(&listing(vec![going], &Prices::new()), Terminal::plain());
    for phrase in [
        "  verdict     gone: it is being deleted (Delete in progress)\n",
        "\nTogether: 1 being deleted, 2 instances, ",
        "; no spec gives a price for it\n",
    ] {
        assert!(told.contains(phrase), "{told}");
    }
}

#[test]
fn no_name_tag_or_message_breaks_the_terminal() {
    let hostile = [
        "\u{1b}[2J",
        "\u{9b}31m",
        "\r\n",
        "\u{202e}",
        "\u{0}",
        "\u{7}",
        "\u{200b}",
    ];
    let mut random = fastrand::Rng::with_seed(1);
    for _ in 0..500 {
        let mut text = String::new();
        for _ in 0..random.usize(0..20) {
            text.push_str(hostile[random.usize(0..hostile.len())]);
            text.push(random.char(..));
        }
        let candidate = Candidate {
            group: format!("CodeDeploy_{text}_d-{text}"),
            deployment: None,
            deployment_group: DeploymentGroupName::parse(&text).ok(),
            ..kept(vec![
                keep_says(&text),
                Objection::Managed {
                    operator: text.clone(),
                },
                Objection::Attached {
                    to: vec![text.clone(); 9],
                },
            ])
        };
        let mut listed = listing(vec![candidate], &Prices::new());
        listed.region.clone_from(&text);
        listed.unread.push(Unread {
            what: text.clone(),
            why: text,
        });
        for json in [false, true] {
            let outcome = told(&listed, json, Terminal::plain());
            let harmless = |letter: char| {
                letter == '\n' || "\"'\\".contains(letter) || letter.escape_debug().count() == 1
            };
            assert!(outcome.said.chars().all(harmless), "{:?}", outcome.said);
            assert!(
                outcome.complaint.chars().all(harmless),
                "{:?}",
                outcome.complaint
            );
            let lines = if json { 1 } else { 13 };
            assert_eq!(outcome.said.lines().count(), lines, "{}", outcome.said);
        }
    }
}

#[test]
fn colour_is_only_ours() {
    let listed = listing(vec![kept(vec![keep_says("\u{1b}[31m")])], &Prices::new());
    let told = text::told(&listed, Terminal::plain());
    assert!(!told.contains('\u{1b}'), "{told:?}");
    assert!(told.contains("\\u{1b}[31m"), "{told:?}");
}
