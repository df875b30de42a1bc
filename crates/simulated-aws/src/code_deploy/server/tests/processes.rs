//! Holds which processes of Auto Scaling a deployment suspends, and which it resumes.

use super::*;

fn suspended(fleet: &Fleet) -> Vec<&'static str> {
    let group = fleet.world.auto_scaling.group("fleet").expect("exists");
    let processes = group.suspended.keys();
    processes.map(|process| process.as_str()).collect()
}

fn suspending(fleet: &mut Fleet) -> String {
    fleet.group(|_, server| {
        server.processes_to_suspend = vec![Process::Terminate, Process::AzRebalance];
    });
    let revision = fleet.bundle("shop/1.zip", |bundle| bundle);
    let id = fleet.create(revision);
    fleet.pass(30);
    id
}

#[test]
fn processes_are_suspended_while_a_deployment_runs_and_resumed_at_its_end() {
    let mut fleet = Fleet::new(2);
    let id = suspending(&mut fleet);
    assert_eq!(suspended(&fleet), ["Terminate", "AZRebalance"]);
    fleet.pass(600);
    assert_eq!(fleet.status(&id), Status::Succeeded);
    assert_eq!(suspended(&fleet), [""; 0]);
}

#[test]
fn what_somebody_had_suspended_stays_so() {
    let mut fleet = Fleet::new(2);
    let terminate = [auto_scaling::Process::Terminate];
    auto_scaling::suspend(&mut fleet.world, "fleet", &terminate, "by hand").expect("exists");
    suspending(&mut fleet);
    assert_eq!(suspended(&fleet), ["Terminate", "AZRebalance"]);
    fleet.pass(600);
    assert_eq!(suspended(&fleet), ["Terminate"]);
}

#[test]
fn processes_that_cannot_be_resumed_stay_suspended_and_the_deployment_fails() {
    let mut fleet = Fleet::new(2);
    fleet.world.code_deploy.settings.resume_fails = true;
    let id = suspending(&mut fleet);
    fleet.pass(600);
    assert_eq!(fleet.status(&id), Status::Failed);
    assert_eq!(fleet.error(&id), "AUTO_SCALING_IAM_ROLE_PERMISSIONS");
    assert_eq!(fleet.targets(&id), [TargetStatus::Succeeded; 2]);
    assert_eq!(suspended(&fleet), ["Terminate", "AZRebalance"]);
}

#[test]
fn a_deployment_that_is_stopped_resumes_or_keeps_its_own_reason() {
    for resume_fails in [false, true] {
        let mut fleet = Fleet::new(2);
        fleet.world.code_deploy.settings.resume_fails = resume_fails;
        let id = suspending(&mut fleet);
        crate::code_deploy::stop(&mut fleet.world, &id, None, "somebody").expect("runs");
        assert_eq!(fleet.error(&id), "MANUAL_STOP");
        assert_eq!(suspended(&fleet).is_empty(), !resume_fails);
    }
}

#[test]
fn a_deployment_whose_processes_cannot_be_suspended_touches_no_instance() {
    let mut fleet = Fleet::new(2);
    fleet.group(|_, server| server.processes_to_suspend = vec![Process::Terminate]);
    let revision = fleet.bundle("shop/1.zip", |bundle| bundle);
    auto_scaling::delete_group(&mut fleet.world, "fleet", true).expect("exists");
    let id = fleet.create(revision);
    fleet.pass(30);
    assert_eq!(fleet.error(&id), "AUTO_SCALING_CONFIGURATION");
    assert_eq!(fleet.targets(&id), []);
}
