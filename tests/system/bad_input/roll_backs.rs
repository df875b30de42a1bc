//! Groups that do not roll back, and hooks of roll backs.

use std::time::Duration;

use simulated_aws::World;
use simulated_aws::code_deploy::{AutoRollback, Creator, Hook, HookStatus};
use simulated_aws::lambda::Health;

use super::{AFTER, BEFORE, Scene, answer, assert_says, group, record, record_of, shop};

const WHILE: Duration = Duration::from_mins(10);
const NO_ROLL_BACK: &str =
    "deployment group shop/production has no roll back on DEPLOYMENT_FAILURE";

fn spec(more: &str, kind: &str, at: &str) -> String {
    format!(
        "application = \"shop\"\ndeployment_group = \"production\"\n{more}\n\
         [[checks]]\nkind = \"invoke\"\nat = [\"BeforeAllowTraffic\"]\n\
         [[checks]]\n{kind}\nat = [\"{at}\"]\n"
    )
}

const WELL: &str = "kind = \"http\"\nurl = \"https://shop.example.com/health\"";
const ILL: &str = "kind = \"http\"\nurl = \"https://nowhere.example.com/\"";

#[test]
fn a_group_without_roll_back_is_said_in_the_result() {
    let mut world = shop(Health::Good);
    group(&mut world).new.auto_rollback = AutoRollback::default();
    let world = Scene::of_release(world, &spec("", WELL, "AfterAllowTraffic"), WHILE);
    for event in [BEFORE, AFTER] {
        assert_eq!(answer(&world, event), Some(HookStatus::Succeeded));
        assert_says(event.as_str(), &record(&world, event), &[NO_ROLL_BACK]);
    }
    assert!(world.sns.published().is_empty(), "nobody has to act");
}

#[test]
fn people_are_told_when_a_refused_version_goes_on_serving() {
    let mut world = shop(Health::Good);
    group(&mut world).new.auto_rollback = AutoRollback::default();
    let world = Scene::of_release(world, &spec("", ILL, "AfterAllowTraffic"), WHILE);
    assert_eq!(answer(&world, AFTER), Some(HookStatus::Failed));
    let told: Vec<String> = world
        .sns
        .published()
        .iter()
        .map(|message| format!("{message:?}"))
        .filter(|message| !message.contains("did not succeed, "))
        .collect();
    assert_eq!(told.len(), 1, "{told:?}");
    for phrase in [NO_ROLL_BACK, "take the traffic back by hand"] {
        assert!(told[0].contains(phrase), "{told:?}");
    }
}

/// The hook of the roll back that follows a release which fails its first check.
fn roll_back_with(more: &str) -> (World, Hook) {
    let mut world = shop(Health::Good);
    world.code_deploy.settings.hooks_in_roll_backs = Some(true);
    let world = Scene::of_release(world, &spec(more, ILL, "BeforeAllowTraffic"), WHILE);
    assert_eq!(answer(&world, BEFORE), Some(HookStatus::Failed));
    let roll_back = world
        .code_deploy
        .deployments()
        .iter()
        .find(|deployment| deployment.creator == Creator::CodeDeployRollback)
        .expect("the group rolls back");
    let hook = world
        .code_deploy
        .hooks()
        .iter()
        .find(|hook| hook.deployment == roll_back.id && hook.event == BEFORE)
        .expect("hooks run in roll backs here")
        .clone();
    (world, hook)
}

#[test]
fn a_roll_back_is_checked_and_reported_and_not_obstructed() {
    let (world, hook) = roll_back_with("");
    let status = hook.answer.as_ref().map(|answer| answer.status);
    assert_eq!(status, Some(HookStatus::Succeeded));
    let phrases = [
        "is a roll back and is not obstructed, though it was not verified",
        "not verified: ",
        "https://nowhere.example.com/ could not be reached",
    ];
    assert_says("not guarded", &record_of(&world, &hook), &phrases);
}

#[test]
fn a_guarded_roll_back_is_held_to_its_checks() {
    let (world, hook) = roll_back_with("guard_rollbacks = true");
    let status = hook.answer.as_ref().map(|answer| answer.status);
    assert_eq!(status, Some(HookStatus::Failed));
    let phrases = ["https://nowhere.example.com/ could not be reached"];
    assert_says("guarded", &record_of(&world, &hook), &phrases);
}
