//! Checks that never settle: who answers at the deadline, and who behind that one.

use std::time::Duration;

use pointsman::scenarios::Scenario;
use pointsman::trial::Trial;
use serde_json::{Value, json};
use simulated_aws::World;
use simulated_aws::code_deploy::HookStatus;
use simulated_aws::step_functions::Status;

use super::remove::change_machine;
use super::{assert_holds, assert_silence_is_found, run, told};

/// It neither passes nor fails often enough before the deadline.
const NEVER_SETTLES: &str = r#"
application = "shop"
deployment_group = "production"

[rounds]
interval_seconds = 30
failures_in_a_row = 100

[[checks]]
name = "new version answers"
kind = "invoke"
at = ["BeforeAllowTraffic"]
timeout_seconds = 10
payload = { path = "/health" }
json_path = "$.status"
expected = "ok"
"#;

const DEADLINE: Duration = Duration::from_mins(50);
/// A round and the wait before it, and the answer.
const ONE_ROUND: Duration = Duration::from_secs(45);
const MACHINE_TIMEOUT: Duration = Duration::from_mins(55);

/// The rounds' own verdict on the deadline is not heeded.
fn unheeded(machine: &mut Value) {
    machine["States"]["What Did They Say?"]["Default"] = json!("Is There Time?");
}

/// The machine does not look at the deadline itself.
fn timeless(machine: &mut Value) {
    let choice = &mut machine["States"]["Is There Time?"];
    choice["Default"] = json!("Wait for Next Round");
}

fn endless(machine: &mut Value) {
    unheeded(machine);
    timeless(machine);
    let wait = machine["States"]["Wait for Next Round"].as_object_mut();
    let wait = wait.expect("is a state");
    wait.remove("SecondsPath");
    wait.insert("Seconds".to_owned(), json!(30));
}

fn endless_without_timeout(machine: &mut Value) {
    endless(machine);
    let machine = machine.as_object_mut().expect("is a machine");
    machine.remove("TimeoutSeconds");
}

/// A change of the machine.
type Change = fn(&mut Value);

fn checks_hang(change: Option<Change>) -> World {
    let mut trial = Trial {
        spec: Some(NEVER_SETTLES),
        hooks_in_roll_backs: Some(false),
        ..Trial::plain(Scenario::ChecksHang, 7)
    };
    if let Some(change) = change {
        change_machine(&mut trial.shipped.hook_verification, change);
    }
    run(&trial)
}

#[test]
fn checks_that_never_settle_are_answered_failed_at_the_deadline() {
    let cases: [(&str, Option<Change>, Duration, Status); 4] = [
        ("as shipped", None, DEADLINE, Status::Failed),
        (
            "the rounds' word unheeded",
            Some(unheeded),
            DEADLINE,
            Status::Failed,
        ),
        (
            "no Choice on the deadline",
            Some(timeless),
            DEADLINE,
            Status::Failed,
        ),
        ("neither", Some(endless), MACHINE_TIMEOUT, Status::TimedOut),
    ];
    for (what, change, after, ends) in cases {
        let world = checks_hang(change);
        assert_holds(&world, Scenario::ChecksHang, what);
        let hook = world
            .code_deploy
            .hooks()
            .first()
            .expect("a hook was called");
        let answer = hook.answer.as_ref().expect("is answered");
        assert_eq!(answer.status, HookStatus::Failed, "{what}");
        let took = answer.at.since(hook.opened);
        let in_time = after <= took && took <= after + ONE_ROUND;
        assert!(in_time, "{what}: answered after {took:?}\n{}", told(&world));
        let executions = world.step_functions.executions();
        assert_eq!(executions[0].status, ends, "{what}");
    }
}

#[test]
fn a_machine_that_keeps_no_time_at_all_is_found() {
    let world = checks_hang(Some(endless_without_timeout));
    assert_silence_is_found(&world, Scenario::ChecksHang, "no limit at all");
}
