//! What could not be read is told, and makes the answer no.

use pointsman::commands::Ended;
use serde_json::Value;
use simulated_aws::World;
use simulated_aws::faults::{Fault, FaultKind};

use super::account::{orphan, pass, put_spec, spec_name};
use super::{LEFTOVERS, LEFTOVERS_IN_JSON, ask};

fn an_orphan_and(action: &str, kind: FaultKind) -> World {
    let mut world = World::new(1);
    orphan(&mut world, "lone");
    pass(&mut world, 600);
    world
        .faults
        .plan(Fault::always("operator", action, 1, kind));
    world
}

#[test]
fn what_cannot_be_read_keeps_every_group_and_is_told_beside_the_list() {
    for (action, what) in [
        ("codedeploy:ListDeployments", "deployments under way"),
        ("codedeploy:BatchGetDeployments", "the groups' deployments"),
        ("codedeploy:ListApplications", "deployment groups"),
        ("elasticloadbalancing:DescribeTargetGroups", "target groups"),
    ] {
        let world = an_orphan_and(action, FaultKind::Refused);
        let (outcome, _world) = ask(world, LEFTOVERS);
        assert_eq!(outcome.ended, Ended::Badly, "{outcome:?}");
        let told = format!("- {what} could not be read: ");
        assert!(outcome.said.contains(&told), "{}", outcome.said);
        assert!(
            outcome.said.contains("Together: 1 kept, "),
            "{}",
            outcome.said
        );
        let complaint = format!("This listing is not complete:\n  {what} could not be read: ");
        assert!(
            outcome.complaint.starts_with(&complaint),
            "{}",
            outcome.complaint
        );
        assert!(
            outcome.complaint.contains("refused"),
            "{}",
            outcome.complaint
        );
    }
}

#[test]
fn who_may_not_read_all_is_told_so_before_there_is_a_leftover() {
    let mut world = World::new(1);
    let action = "codedeploy:ListDeployments";
    let refused = Fault::always("operator", action, 1, FaultKind::Refused);
    world.faults.plan(refused);
    let (outcome, _world) = ask(world, LEFTOVERS);
    assert_eq!(outcome.ended, Ended::Badly, "{outcome:?}");
    assert!(outcome.said.ends_with(": no leftovers."), "{outcome:?}");
    assert!(
        outcome
            .complaint
            .contains("\n  deployments under way could not be read: "),
        "{outcome:?}"
    );
}

#[test]
fn a_program_is_told_that_the_list_is_not_complete() {
    let world = an_orphan_and(
        "elasticloadbalancing:DescribeTargetGroups",
        FaultKind::Refused,
    );
    let (outcome, _world) = ask(world, LEFTOVERS_IN_JSON);
    assert_eq!(outcome.ended, Ended::Badly);
    let document: Value = serde_json::from_str(&outcome.said).expect("it is JSON");
    assert_eq!(document["complete"], false);
    assert_eq!(document["unread"][0]["what"], "target groups");
    assert_eq!(
        document["groups"][0]["objections"][0]["objection"],
        "unread"
    );
    assert!(outcome.complaint.contains("not complete"), "{outcome:?}");
}

#[test]
fn without_the_groups_themselves_there_is_nothing_to_list() {
    let world = an_orphan_and("autoscaling:DescribeAutoScalingGroups", FaultKind::Refused);
    let (outcome, _world) = ask(world, LEFTOVERS);
    assert_eq!((outcome.ended, outcome.said.as_str()), (Ended::NotDone, ""));
    for phrase in [
        "DescribeAutoScalingGroups on all groups was refused: ",
        "; whoever lists leftovers needs what `pointsman leftovers --help` names",
    ] {
        assert!(outcome.complaint.contains(phrase), "{}", outcome.complaint);
    }
}

#[test]
fn a_throttled_read_is_tried_again() {
    let mut world = World::new(1);
    orphan(&mut world, "lone");
    pass(&mut world, 600);
    let action = "autoscaling:DescribeAutoScalingGroups";
    let mut throttled = Fault::once("operator", action, 1, FaultKind::Throttled);
    throttled.times = 3;
    world.faults.plan(throttled);
    let (outcome, _world) = ask(world, LEFTOVERS);
    assert_eq!(outcome.ended, Ended::Well, "{outcome:?}");
    assert!(
        outcome.said.contains("Together: 1 orphan, "),
        "{}",
        outcome.said
    );
}

#[test]
fn a_spec_that_cannot_be_read_costs_the_price_and_no_verdict() {
    let refused = an_orphan_and("ssm:GetParameter", FaultKind::Refused);
    let mut broken = World::new(1);
    orphan(&mut broken, "lone");
    pass(&mut broken, 600);
    let now = broken.now();
    broken.ssm.put(&spec_name("lone"), "no JSON", now);
    for world in [refused, broken] {
        let (outcome, _world) = ask(world, LEFTOVERS);
        assert_eq!(outcome.ended, Ended::Badly, "{outcome:?}");
        assert!(
            outcome
                .complaint
                .contains("\n  the spec of shop/lone could not be read: "),
            "{}",
            outcome.complaint
        );
        assert!(
            outcome.said.contains("Together: 1 orphan, "),
            "{}",
            outcome.said
        );
    }
}

#[test]
fn a_spec_without_a_price_and_none_at_all_are_no_trouble() {
    let mut world = World::new(1);
    orphan(&mut world, "lone");
    pass(&mut world, 600);
    let (outcome, mut world) = ask(world, LEFTOVERS);
    assert_eq!(outcome.ended, Ended::Well, "{outcome:?}");
    assert!(
        outcome.said.contains("; no spec gives a price for it\n"),
        "{}",
        outcome.said
    );
    put_spec(&mut world, "lone", "[cleanup]\nquarantine_minutes = 5\n");
    let (outcome, _world) = ask(world, LEFTOVERS);
    assert_eq!(outcome.ended, Ended::Well, "{outcome:?}");
    assert!(
        outcome.said.contains("; no spec gives a price for it\n"),
        "{}",
        outcome.said
    );
}
