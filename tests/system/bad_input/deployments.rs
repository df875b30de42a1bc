//! Hook calls whose form is right and whose deployment is not: unknown, over, or of a platform that
//! calls no Lambda hooks. Nobody waits for an answer to these, and the verification says so.

use std::time::Duration;

use functions::catalogue::Function;
use pointsman::account;
use serde_json::{Value, json};
use simulated_aws::World;
use simulated_aws::code_deploy::{
    self, HookStatus, LifecycleEventName, NewDeployment, NewRevision, Platform, RevisionKind,
};
use simulated_aws::lambda::Health;

use super::{BEFORE, Scene, calls, endings, group_on, hook, shop, shop_beside};

const HOOK: Function = Function::BeforeAllowTraffic;

fn call(deployment: &str, hook: &str) -> Value {
    json!({"DeploymentId": deployment, "LifecycleEventHookExecutionId": hook})
}

/// How many checks asked for the version's state, as each round does.
fn rounds(world: &World) -> usize {
    calls(world, "run-checks", "lambda:GetFunctionConfiguration")
}

/// The verification that this call starts ends as one that nobody waits for, with these words.
fn nobody_waits(scene: Scene, call: &Value, phrases: &[&str]) {
    let (before, rounds_before) =
        scene.with(|world| (world.step_functions.executions().len(), rounds(world)));
    let started = scene.invoke(HOOK, call).expect("a verification starts");
    assert_eq!(started["status"], "started");
    scene.live(Duration::from_mins(2));
    let world = scene.simulation.into_world();
    let ended = endings(&world);
    let (error, cause) = &ended[before];
    assert_eq!(error, "NothingToAnswer", "{cause}");
    for phrase in phrases {
        assert!(cause.contains(phrase), "no {phrase:?} in {cause}");
    }
    assert_eq!(rounds(&world), rounds_before, "nothing is checked");
}

#[test]
fn a_deployment_that_this_account_does_not_have_is_named() {
    // Another account's is such a one: CodeDeploy tells it from none at all to nobody.
    let mut world = shop(Health::Good);
    world.code_deploy.settings.tells_what_is_missing = true;
    nobody_waits(
        Scene::new(world),
        &call("d-NOTHERE00", "aG9vaw=="),
        &[
            "nobody waits for an answer",
            "CodeDeploy knows no deployment d-NOTHERE00: this account has none of that id",
        ],
    );
}

/// The other reading of what nobody documents: whoever may read the listed groups alone is refused.
#[test]
fn a_deployment_that_is_not_there_and_nobody_may_know_of_is_not_passed() {
    let scene = Scene::new(shop(Health::Good));
    let started = scene.invoke(HOOK, &call("d-NOTHERE00", "aG9vaw=="));
    assert_eq!(started.expect("a verification starts")["status"], "started");
    scene.live(Duration::from_mins(2));
    let world = scene.simulation.into_world();
    assert_eq!(endings(&world)[0].0, "HookNotAnswered");
    assert_eq!(rounds(&world), 0, "nothing is checked");
}

#[test]
fn a_deployment_on_servers_is_told_which_platforms_have_hooks() {
    let mut world = shop_beside(&["fleet"], Health::Good);
    group_on(&mut world, "fleet", Platform::Server);
    let revision = NewRevision {
        kind: RevisionKind::AppSpecContent,
        content: "version: 0.0".to_owned(),
    };
    let new = NewDeployment::new("fleet", account::GROUP, revision);
    let id = code_deploy::create_deployment(&mut world, new).expect("the group is free");
    nobody_waits(
        Scene::new(world),
        &call(&id, "aG9vaw=="),
        &[
            "runs on EC2 or on-premises servers",
            "expected the Lambda or ECS platform",
        ],
    );
}

#[test]
fn a_hook_of_a_deployment_that_is_over_is_told_so() {
    let mut world = shop(Health::Good);
    account::deploy(&mut world).expect("the group is free");
    let scene = Scene::new(world);
    scene.live(Duration::from_mins(5));
    let id = scene.with(|world| hook(world, BEFORE).deployment.clone());
    nobody_waits(
        scene,
        &call(&id, "aG9vaw=="),
        &[
            &format!("deployment {id} is over (Succeeded)"),
            "expected one under way",
        ],
    );
}

#[test]
fn the_same_call_again_after_all_is_over_starts_nothing() {
    let mut world = shop(Health::Good);
    account::deploy(&mut world).expect("the group is free");
    let scene = Scene::new(world);
    scene.live(Duration::from_mins(5));
    let called = scene.with(|world| hook(world, BEFORE).clone());
    let before = scene.with(|world| world.step_functions.executions().len());
    let again = scene
        .invoke(HOOK, &call(&called.deployment, &called.id))
        .expect("a duplicate is no failure");
    assert_eq!(again["status"], "exists");
    scene.live(Duration::from_mins(5));
    let world = scene.simulation.into_world();
    assert_eq!(world.step_functions.executions().len(), before);
    assert_eq!(hook(&world, BEFORE), &called);
}

#[test]
fn a_hook_function_named_at_the_other_event_lets_no_bad_version_through() {
    let before = "CodeDeployHook_pointsman_BeforeAllowTraffic";
    let after = "CodeDeployHook_pointsman_AfterAllowTraffic";
    for (at_before, at_after) in [(after, before), (after, after), (before, before)] {
        let mut world = shop(Health::Bad);
        let hooks = [
            (LifecycleEventName::BeforeAllowTraffic, at_before),
            (LifecycleEventName::AfterAllowTraffic, at_after),
        ];
        let versions = (account::OLD_VERSION, account::NEW_VERSION);
        let revision = code_deploy::app_spec(account::FUNCTION, account::ALIAS, versions, &hooks);
        let deployment = NewDeployment::new(account::APPLICATION, account::GROUP, revision);
        code_deploy::create_deployment(&mut world, deployment).expect("the group is free");
        let scene = Scene::new(world);
        scene.live(Duration::from_mins(10));
        let world = scene.simulation.into_world();
        let answer = hook(&world, BEFORE)
            .answer
            .as_ref()
            .map(|answer| answer.status);
        assert_eq!(
            answer,
            Some(HookStatus::Failed),
            "{at_before} at BeforeAllowTraffic"
        );
        if at_before == after {
            let (_, cause) = &endings(&world)[0];
            assert!(
                cause.contains("names the function of one event at the other"),
                "{cause}"
            );
        }
    }
}
