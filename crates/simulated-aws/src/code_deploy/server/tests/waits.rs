//! Holds what waits for somebody: replacement instances for traffic, originals for their end.

use super::*;

fn ready(fleet: &mut Fleet) -> String {
    fleet.group(|new, server| {
        new.configuration = "CodeDeployDefault.AllAtOnce".into();
        server.style = Style::BlueGreen(BlueGreen {
            ready_wait: Some(Duration::from_mins(30)),
            ..BlueGreen::copying(Duration::from_mins(10))
        });
    });
    let revision = fleet.bundle("shop/1.zip", |bundle| bundle);
    let id = fleet.create(revision);
    fleet.pass(300);
    assert_eq!(fleet.status(&id), Status::Ready);
    id
}

#[test]
fn a_replacement_waits_for_somebody_to_continue() {
    let mut fleet = Fleet::blue_green(1);
    let blue = fleet.instances("fleet");
    let id = ready(&mut fleet);
    assert_eq!(fleet.registered(), blue);
    let green = fleet.server(&id).targets.iter();
    let mut green = green.filter(|target| target.label == InstanceLabel::Green);
    assert!(green.all(|target| target.status == TargetStatus::Ready));
    let error = continue_deployment(&mut fleet.world, &id, Wait::Termination);
    let code = error.expect_err("does not wait for that").code;
    assert_eq!(code, "DeploymentIsNotInReadyStateException");
    continue_deployment(&mut fleet.world, &id, Wait::Ready).expect("waits");
    assert_eq!(fleet.status(&id), Status::InProgress);
    fleet.pass(200);
    assert!(fleet.server(&id).termination_wait_started);
    continue_deployment(&mut fleet.world, &id, Wait::Termination).expect("waits");
    assert_eq!(fleet.status(&id), Status::Succeeded);
    let error = continue_deployment(&mut fleet.world, &id, Wait::Ready);
    let code = error.expect_err("is over").code;
    assert_eq!(code, "DeploymentAlreadyCompletedException");
}

#[test]
fn a_replacement_that_nobody_continues_is_stopped_and_stays() {
    let mut fleet = Fleet::blue_green(1);
    let id = ready(&mut fleet);
    fleet.pass(1_800);
    assert_eq!(fleet.status(&id), Status::Stopped);
    assert_eq!(fleet.instances(&fleet.copy_of(&id)).len(), 1);
    let mut targets = fleet.targets(&id).into_iter();
    assert!(targets.all(|status| status == TargetStatus::Skipped));
}

#[test]
fn nothing_in_place_waits_for_anybody() {
    let mut fleet = Fleet::new(1);
    let revision = fleet.bundle("shop/1.zip", |bundle| bundle);
    let id = fleet.create(revision);
    fleet.pass(20);
    let error = continue_deployment(&mut fleet.world, &id, Wait::Ready);
    let code = error.expect_err("is in place").code;
    assert_eq!(code, "UnsupportedActionForDeploymentTypeException");
}
