//! `pointsman leftovers`: what failed blue/green deployments left behind, and what stands against
//! deleting it.
//!
//! Reads and changes nothing. It observes and proves with the very code of the sweep, so what it
//! says is what the sweep would do at this moment.

mod json;
mod listing;
mod text;

use std::collections::BTreeMap;

use aws_config::SdkConfig;
use clap::Args;
use coordinator::failure::chain;
use coordinator::hooks::{ApplicationName, DeploymentGroupName};
use coordinator::leftover::{Candidate, Money, Unread, sweep};
use coordinator::spec;
use coordinator_aws::clients::Clients;
use coordinator_aws::parameters::Parameters;
use coordinator_aws::survey::{Surveyor, Wanted};

use listing::{Listing, Price, Prices};

use super::terminal::{Progress, Terminal};
use super::{Ended, Outcome, connection, printable};

pub(super) const NEEDS: &str = "\
It needs these, on every resource; what may not be read stands against every deletion:
  autoscaling:DescribeAutoScalingGroups, autoscaling:DescribeWarmPool
  codedeploy:ListDeployments, codedeploy:BatchGetDeployments, codedeploy:ListApplications,
  codedeploy:ListDeploymentGroups, codedeploy:BatchGetDeploymentGroups
  elasticloadbalancing:DescribeTargetGroups, elasticloadbalancing:DescribeTargetHealth,
  elasticloadbalancing:DescribeLoadBalancers
  ec2:DescribeInstances, where a target is registered by address
  ssm:GetParameter on the specs, for prices";

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// One JSON document, for programs.
    #[arg(long)]
    json: bool,
    /// Where specs are, for their prices: the template's parameter `SpecPrefix`.
    #[arg(long, default_value = spec::DEFAULT_PREFIX)]
    prefix: String,
}

pub(super) fn run(arguments: &Arguments, stdout: Terminal) -> Outcome {
    // What is wrong with the prefix is said before anything is asked of AWS.
    if let Err(fault) = spec::check_prefix(&arguments.prefix) {
        return Outcome::not_done(printable::lines(&fault.to_string()));
    }
    let progress = Progress::new();
    progress.say("reading the account");
    let listed = connection::run("look for leftovers in", async |config| {
        list(config, &arguments.prefix).await
    });
    drop(progress);
    match listed.and_then(|listed| listed) {
        Ok(listing) => told(&listing, arguments.json, stdout),
        Err(trouble) => trouble,
    }
}

/// Lists leftovers as `pointsman leftovers` does, over the connections of `config`, without colour.
pub async fn list_leftovers(config: &SdkConfig, prefix: &str, json: bool) -> Outcome {
    match list(config, prefix).await {
        Ok(listing) => told(&listing, json, Terminal::plain()),
        Err(trouble) => trouble,
    }
}

async fn list(config: &SdkConfig, prefix: &str) -> Result<Listing, Outcome> {
    let clients = connection::clients(config);
    let survey = Surveyor::new(&clients).survey(Wanted::Copies).await;
    let survey = survey.map_err(|error| {
        let needs = "whoever lists leftovers needs what `pointsman leftovers --help` names";
        connection::unanswered(&error, needs)
    })?;
    let candidates = sweep(&survey, clients.clock().now());
    let mut unread = survey.unread;
    let prices = prices(&clients, prefix, &candidates, &mut unread).await;
    let region = config.region().map(ToString::to_string);
    Ok(Listing::new(
        region.unwrap_or_default(),
        format!("{:.0}", survey.at),
        candidates,
        &prices,
        unread,
    ))
}

/// The price that each candidate's deployment group declares: one read for each of these groups.
async fn prices(
    clients: &Clients,
    prefix: &str,
    candidates: &[Candidate],
    unread: &mut Vec<Unread>,
) -> Prices {
    let parameters = Parameters::new(clients);
    let mut asked: BTreeMap<_, Option<Price>> = BTreeMap::new();
    for (application, group) in candidates.iter().filter_map(listing::owner) {
        let owner = (application.clone(), group.clone());
        if asked.contains_key(&owner) {
            continue;
        }
        let read = price(&parameters, prefix, application, group).await;
        let price = read.unwrap_or_else(|why| {
            let what = format!("the spec of {application}/{group}");
            unread.push(Unread { what, why });
            None
        });
        asked.insert(owner, price);
    }
    let known = asked.into_iter();
    known
        .filter_map(|(owner, price)| Some((owner, price?)))
        .collect()
}

async fn price(
    parameters: &Parameters,
    prefix: &str,
    application: &ApplicationName,
    group: &DeploymentGroupName,
) -> Result<Option<Price>, String> {
    let name = spec::parameter_name(prefix, application, group);
    let name = name.map_err(|fault| fault.to_string())?;
    let stored = parameters.read(&name).await;
    let Some(text) = stored.map_err(|error| chain(&error))? else {
        return Ok(None);
    };
    let cleanup = spec::read_json(&text)
        .map_err(|faults| chain(&faults))?
        .cleanup;
    let an_hour = cleanup.instance_hour_price.and_then(Money::of_price);
    Ok(an_hour.map(|an_hour| Price {
        an_hour,
        currency: cleanup.currency,
    }))
}

/// What was read is told in either case; what was not makes the answer no.
fn told(listing: &Listing, json: bool, stdout: Terminal) -> Outcome {
    let said = if json {
        printable::json(&json::document(listing))
    } else {
        text::told(listing, stdout)
    };
    let ended = if listing.unread.is_empty() {
        Ended::Well
    } else {
        Ended::Badly
    };
    Outcome {
        complaint: text::unread(listing),
        ..Outcome::said(ended, said)
    }
}

#[cfg(test)]
mod tests;
