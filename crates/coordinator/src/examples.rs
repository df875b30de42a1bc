//! Values that the tests build on.

use jiff::Timestamp;
use serde_json::Value;

use crate::facts::{
    Creator, DeploymentFacts, DeploymentStatus, EventFacts, EventStatus, FunctionFacts, Platform,
    RollBackRules,
};
use crate::hooks::{
    ApplicationName, DeploymentGroupName, DeploymentId, HookCall, HookEvent, HookExecutionId,
};
use crate::verification::{AlarmsAtStart, Hook, Learned, Lookup, SpecOutcome, plan_hook};

pub(crate) const HOOK_ID: &str = "TFNfSG9va18xMjM0NTY3ODkwYWJjZGVmZ2hpamtsbW5vcA==";

/// Seconds after the deployment was made.
pub(crate) fn at(seconds: i64) -> Timestamp {
    let made: Timestamp = "2026-08-01T10:00:00Z".parse().expect("a time");
    Timestamp::from_second(made.as_second() + seconds).expect("a time")
}

pub(crate) fn deployment_id() -> DeploymentId {
    DeploymentId::parse("d-A1B2C3D4E").expect("an id")
}

pub(crate) fn call(event: HookEvent) -> HookCall {
    let hook = HookExecutionId::parse(HOOK_ID).expect("an id");
    HookCall {
        deployment: deployment_id(),
        hook,
        event,
    }
}

/// A release on the Lambda platform whose event began 20 s after it was made.
pub(crate) fn facts() -> DeploymentFacts {
    DeploymentFacts {
        application: ApplicationName::parse("shop").expect("a name"),
        deployment_group: DeploymentGroupName::parse("checkout").expect("a name"),
        platform: Platform::Lambda,
        status: DeploymentStatus::InProgress,
        creator: Creator::User,
        created: Some(at(0)),
        event: Some(EventFacts {
            status: EventStatus::InProgress,
            started: Some(at(20)),
        }),
        function: Some(FunctionFacts {
            name: "checkout".to_owned(),
            alias: "live".to_owned(),
            current_version: "7".to_owned(),
            target_version: "8".to_owned(),
        }),
        roll_back: RollBackRules {
            on_failure: true,
            on_alarm: true,
            on_request: false,
        },
        group_alarms: Vec::new(),
        stands_in: None,
    }
}

pub(crate) fn learned() -> Learned {
    Learned {
        deployment: facts(),
        spec: SpecOutcome::NotDeclared,
        alarms: AlarmsAtStart::Seen(Vec::new()),
    }
}

pub(crate) fn plan(event: HookEvent, learned: Learned) -> Hook {
    plan_hook(&call(event), &Lookup::Found(Box::new(learned)), at(21))
}

/// Every JSON file of a folder of fixtures, by name.
pub(crate) fn fixtures(folder: &str) -> Vec<(String, Value)> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/");
    let mut found: Vec<(String, Value)> = std::fs::read_dir(format!("{root}{folder}"))
        .expect("the folder is there")
        .map(|entry| {
            let path = entry.expect("an entry").path();
            let name = path
                .file_stem()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            let text = std::fs::read_to_string(&path).expect("a text");
            (name, serde_json::from_str(&text).expect("JSON"))
        })
        .collect();
    found.sort_by(|one, other| one.0.cmp(&other.0));
    found
}

pub(crate) fn text_fixture(path: &str) -> String {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/");
    std::fs::read_to_string(format!("{root}{path}")).expect("the fixture is there")
}
