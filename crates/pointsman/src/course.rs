//! The course of a run, for holding one engine against another: what was deployed and how it
//! ended, which states each verification passed, what was decided and answered, without ids and
//! times.

use std::collections::BTreeMap;

use serde::Serialize;
use simulated_aws::World;
use simulated_aws::dynamo_db::Item;

use crate::scenarios::Stage;
use crate::{account, fleet, invariants};

/// The course of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Course {
    /// The deployments, in the order in which they were created.
    pub deployments: Vec<Deployed>,
    /// The executions of the machine, in the order in which they began.
    pub verifications: Vec<Verification>,
    /// The ledger's records, in the order of their keys within a deployment.
    pub records: Vec<Recorded>,
    /// Who serves in the end: the version that customers reach, or how many of a fleet's targets are
    /// healthy.
    pub serves: String,
    /// A fleet's Auto Scaling groups in the end.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
}

/// A deployment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Deployed {
    /// `release` or `roll back`.
    pub what: &'static str,
    /// How it ended.
    pub status: &'static str,
    /// CodeDeploy's code for why it did not succeed.
    pub error: Option<String>,
    /// Its hooks in the order in which they were called, each with its answer.
    pub hooks: Vec<(&'static str, Option<&'static str>)>,
}

/// An execution of the machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// The deployment that it is about.
    pub of: &'static str,
    /// The lifecycle event; `clean-up` for what comes after a failed deployment.
    pub event: String,
    /// The states that it entered, in order.
    pub states: Vec<String>,
    /// How it ended.
    pub status: &'static str,
    /// The name of its error.
    pub error: Option<String>,
}

/// A record of the ledger: its short fields that carry a decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Recorded {
    /// The deployment that it is about.
    pub of: &'static str,
    /// What its sort key says of what it is about: `hook#EVENT`, `stop#EVENT`, `clean-up#STEP` of a
    /// change, `clean-up` of a report.
    pub key: String,
    /// What it says.
    pub fields: BTreeMap<String, String>,
}

/// The fields of a record that do not depend on an id, a time or a number of rounds.
pub const RECORDED: [&str; 7] = [
    "answered", "by", "change", "creator", "decision", "found_by", "status",
];

/// The course of a run that is over, or as far as it has come.
pub fn of(world: &World, stage: Stage) -> Course {
    let names = Names::of(world);
    let serves = match stage {
        Stage::Shop => account::serving(world).map(|alias| alias.version.clone()),
        Stage::Fleet => Some(format!("{} healthy targets", fleet::healthy(world))),
    };
    Course {
        deployments: world
            .code_deploy
            .deployments()
            .iter()
            .map(|deployment| Deployed {
                what: names.of_deployment(&deployment.id),
                status: deployment.status.as_str(),
                error: deployment.error.as_ref().map(|error| error.code.to_owned()),
                hooks: hooks(world, &deployment.id),
            })
            .collect(),
        verifications: verifications(world, &names),
        records: records(world, &names),
        serves: serves.unwrap_or_else(|| "none".into()),
        groups: world
            .auto_scaling
            .groups()
            .map(|group| names.in_text(&group.settings.name))
            .collect(),
    }
}

const UNKNOWN: &str = "unknown";
/// What an execution is about that is not about a lifecycle event.
const CLEAN_UP: &str = "clean-up";

/// What stands for the ids of a run.
struct Names(BTreeMap<String, &'static str>);

impl Names {
    fn of(world: &World) -> Names {
        let deployments = world.code_deploy.deployments().iter();
        let named = deployments.map(|deployment| {
            let what = if invariants::is_release(deployment) {
                "release"
            } else {
                "roll back"
            };
            (deployment.id.clone(), what)
        });
        Names(named.collect())
    }

    /// A text with what stands for an id in its place.
    fn in_text(&self, text: &str) -> String {
        let known = self.0.iter().find(|(id, _)| text.ends_with(id.as_str()));
        known.map_or_else(
            || text.to_owned(),
            |(id, what)| format!("{}{what}", text.trim_end_matches(id.as_str())),
        )
    }

    fn of_deployment(&self, id: &str) -> &'static str {
        self.0.get(id).copied().unwrap_or(UNKNOWN)
    }
}

fn hooks(world: &World, deployment: &str) -> Vec<(&'static str, Option<&'static str>)> {
    let hooks = world.code_deploy.hooks().iter();
    hooks
        .filter(|hook| hook.deployment == deployment)
        .map(|hook| {
            let answer = hook.answer.as_ref();
            (
                hook.event.as_str(),
                answer.map(|answer| answer.status.as_str()),
            )
        })
        .collect()
}

/// A verification is named `<deployment>-<event>-<digest>`, a clean-up `<deployment>-<hour>`, and a
/// deployment's ID has one hyphen.
fn verifications(world: &World, names: &Names) -> Vec<Verification> {
    let executions = world.step_functions.executions();
    executions
        .iter()
        .map(|execution| {
            let mut parts = execution.name.splitn(4, '-');
            let id: Vec<&str> = parts.by_ref().take(2).collect();
            let event = match (parts.next(), parts.next()) {
                (Some(event), Some(_digest)) => event,
                (Some(_hour), None) => CLEAN_UP,
                (None, _) => UNKNOWN,
            };
            Verification {
                of: names.of_deployment(&id.join("-")),
                event: event.to_owned(),
                states: execution.entered.clone(),
                status: execution.status.as_str(),
                error: execution.error.clone(),
            }
        })
        .collect()
}

fn records(world: &World, names: &Names) -> Vec<Recorded> {
    let items = world.dynamo_db.items(account::LEDGER);
    let mut records: Vec<Recorded> = items
        .map(|((partition, sort), item)| Recorded {
            of: names.of_deployment(partition.rsplit('#').next().unwrap_or_default()),
            key: key(sort),
            fields: fields(item),
        })
        .collect();
    // Deployments have random ids, which put their items into no order that means anything.
    records.sort_by(|one, other| {
        (one.of, &one.key, &one.fields).cmp(&(other.of, &other.key, &other.fields))
    });
    records
}

/// A record of a clean-up has the execution's name second, which is an ID and a time.
fn key(sort: &str) -> String {
    let mut parts: Vec<&str> = sort.split('#').take(3).collect();
    if parts.first() == Some(&CLEAN_UP) {
        parts.remove(1);
    }
    parts.truncate(2);
    parts.join("#")
}

fn fields(item: &Item) -> BTreeMap<String, String> {
    let short = item
        .iter()
        .filter(|(name, _)| RECORDED.contains(&name.as_str()));
    short
        .filter_map(|(name, value)| Some((name.clone(), without_instance(value.as_text()?))))
        .collect()
}

/// A change of one instance says at its end which.
fn without_instance(text: &str) -> String {
    let cut = text.split_once("-i-").map(|(change, _)| change);
    cut.unwrap_or(text).to_owned()
}
