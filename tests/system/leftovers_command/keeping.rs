//! The operator's word, given and taken back.

use std::collections::BTreeMap;
use std::time::Duration;

use coordinator::leftover::KEEP_TAG;
use pointsman::commands::{Ended, Outcome};
use simulated_aws::World;
use simulated_aws::auto_scaling::{self, Capacity, Process};
use simulated_aws::faults::{Fault, FaultKind};

use super::account::{group_of, orphan, pass, quarantine, stray, tag, tag_of};
use super::{Asked, LEFTOVERS, ask, changes};

fn keep(world: World, group: &str, reason: &str) -> (Outcome, World) {
    ask(world, Asked::Keep { group, reason })
}

fn release(world: World, group: &str) -> (Outcome, World) {
    ask(world, Asked::Release { group })
}

const COPY: &str = "CodeDeploy_web_d-A1B2C3D4E";

/// An account with a group that is called like a copy, of two instances.
fn with_a_copy() -> World {
    let mut world = World::new(1);
    stray(&mut world, COPY, 2);
    pass(&mut world, 120);
    world
}

#[test]
fn a_kept_group_is_told_to_be_kept_until_it_is_released() {
    let mut world = World::new(1);
    let copy = orphan(&mut world, "lone");
    pass(&mut world, 600);
    let (outcome, world) = keep(world, &copy, "OPS-12: disk is read");
    assert_eq!(outcome.ended, Ended::Well, "{outcome:?}");
    assert_eq!(
        outcome.said,
        format!(
            "{copy} is kept: it is not deleted while it carries the tag pointsman:keep = \
             \"OPS-12: disk is read\"; it carried no such tag before\n\
             `pointsman release` takes that back"
        )
    );
    assert_eq!(
        tag_of(&world, &copy, KEEP_TAG),
        Some("OPS-12: disk is read")
    );
    let (listed, world) = ask(world, LEFTOVERS);
    assert!(
        listed.said.contains("- an operator keeps it "),
        "{}",
        listed.said
    );

    let (outcome, world) = release(world, &copy);
    assert_eq!(outcome.ended, Ended::Well, "{outcome:?}");
    assert_eq!(tag_of(&world, &copy, KEEP_TAG), None);
    let lines: Vec<&str> = outcome.said.lines().collect();
    let released =
        format!("{copy} is released: it carried the tag pointsman:keep = \"OPS-12: disk is read\"");
    assert_eq!(lines[0], released);
    assert!(
        lines[1].starts_with("If nothing else stands against it, it is not in quarantine, "),
        "{}",
        lines[1]
    );
    let (listed, _world) = ask(world, LEFTOVERS);
    assert!(
        listed.said.contains("Together: 1 orphan, "),
        "{}",
        listed.said
    );
}

#[test]
fn said_twice_it_changes_nothing_more() {
    let (_outcome, world) = keep(with_a_copy(), COPY, "mine");
    let (outcome, world) = keep(world, COPY, " mine ");
    assert_eq!(outcome.ended, Ended::Well, "{outcome:?}");
    let already = "is kept already, with this reason; nothing was changed";
    assert!(outcome.said.contains(already), "{}", outcome.said);
    assert_eq!(changes(&world), ["autoscaling:CreateOrUpdateTags"]);
    let (_outcome, world) = release(world, COPY);
    let (outcome, world) = release(world, COPY);
    assert_eq!(outcome.ended, Ended::Well, "{outcome:?}");
    let none = "carries no tag pointsman:keep; nothing was changed\n";
    assert!(outcome.said.contains(none), "{}", outcome.said);
    assert_eq!(
        changes(&world),
        ["autoscaling:CreateOrUpdateTags", "autoscaling:DeleteTags"]
    );
}

#[test]
fn another_reason_takes_the_place_of_the_one_that_was_there() {
    let (_outcome, world) = keep(with_a_copy(), COPY, "mine");
    let (outcome, world) = keep(world, COPY, "ours");
    assert_eq!(outcome.ended, Ended::Well, "{outcome:?}");
    assert!(
        outcome.said.contains("; the tag said \"mine\" before\n"),
        "{}",
        outcome.said
    );
    assert_eq!(tag_of(&world, COPY, KEEP_TAG), Some("ours"));
}

#[test]
fn other_tags_and_the_instances_are_left_alone() {
    let mut world = with_a_copy();
    tag(&mut world, COPY, "team", "web");
    let before = group_of(&world, COPY).settings.clone();
    let (_outcome, world) = keep(world, COPY, "mine");
    let instances: Vec<_> = world.ec2.instances().collect();
    assert!(
        instances
            .iter()
            .all(|instance| !instance.tags.contains_key(KEEP_TAG))
    );
    let (_outcome, world) = release(world, COPY);
    assert_eq!(group_of(&world, COPY).settings, before);
}

#[test]
fn a_group_in_quarantine_stays_there_and_is_due_when_that_is_over() {
    let mut world = with_a_copy();
    quarantine(&mut world, COPY, 60);
    let (outcome, mut world) = keep(world, COPY, "mine");
    assert_eq!(outcome.ended, Ended::Well, "{outcome:?}");
    assert!(
        outcome
            .said
            .contains("\nIt stays in quarantine, as it is since 2026-01-15T09:02:00Z: "),
        "{}",
        outcome.said
    );
    pass(&mut world, 60);
    let (outcome, mut world) = release(world, COPY);
    let due =
        "it may be shrunk and deleted from 2026-01-15T10:02:00Z on, when its quarantine is over";
    assert!(outcome.said.contains(due), "{}", outcome.said);
    pass(&mut world, 3_600);
    let (outcome, _world) = release(world, COPY);
    let due = "its quarantine is over, so the next hourly sweep may have it shrunk and deleted";
    assert!(outcome.said.contains(due), "{}", outcome.said);
}

#[test]
fn what_is_no_copy_or_not_there_is_refused_and_nothing_is_changed() {
    let mut world = World::new(1);
    stray(&mut world, "web", 1);
    pass(&mut world, 120);
    for asked in [
        Asked::Keep {
            group: "web",
            reason: "mine",
        },
        Asked::Release { group: "web" },
        Asked::Keep {
            group: COPY,
            reason: "it's mine",
        },
    ] {
        let (outcome, after) = ask(world, asked);
        assert_eq!((outcome.ended, outcome.said.as_str()), (Ended::NotDone, ""));
        assert_eq!(after.journal.calls().count(), 0, "{outcome:?}");
        world = after;
    }
    for asked in [
        Asked::Keep {
            group: COPY,
            reason: "mine",
        },
        Asked::Release { group: COPY },
    ] {
        let (outcome, after) = ask(world, asked);
        assert_eq!(outcome.ended, Ended::NotDone);
        assert_eq!(
            outcome.complaint,
            format!("there is no Auto Scaling group {COPY} in this account and region")
        );
        assert_eq!(changes(&after), [""; 0]);
        world = after;
    }
}

#[test]
fn a_shrunk_group_can_be_kept_and_its_instances_cannot() {
    let mut world = with_a_copy();
    quarantine(&mut world, COPY, 0);
    auto_scaling::suspend(&mut world, COPY, &[Process::Terminate], "by hand").expect("exists");
    let nothing = Capacity {
        min: Some(0),
        max: None,
        desired: Some(0),
    };
    auto_scaling::set_capacity(&mut world, COPY, nothing).expect("exists");
    for _ in 0..2 {
        let (outcome, after) = keep(world, COPY, "mine");
        assert_eq!(outcome.ended, Ended::Badly, "{outcome:?}");
        assert!(
            outcome.said.starts_with(&format!("{COPY} is kept")),
            "{}",
            outcome.said
        );
        assert_eq!(
            outcome.complaint,
            "This comes too late for instances of the group: its sizes are 0 already, so what it \
             still has is on its way out: 2 instances"
        );
        assert_eq!(tag_of(&after, COPY, KEEP_TAG), Some("mine"));
        world = after;
    }
}

#[test]
fn a_group_that_is_being_deleted_is_past_everything() {
    let mut world = with_a_copy();
    auto_scaling::delete_group(&mut world, COPY, true).expect("exists");
    for asked in [
        Asked::Keep {
            group: COPY,
            reason: "mine",
        },
        Asked::Release { group: COPY },
    ] {
        let (outcome, after) = ask(world, asked);
        assert_eq!(outcome.ended, Ended::NotDone, "{outcome:?}");
        assert!(
            outcome
                .complaint
                .starts_with(&format!("{COPY}: the group is being deleted ("))
                && outcome
                    .complaint
                    .ends_with("), which nothing stops; nothing was changed"),
            "{}",
            outcome.complaint
        );
        assert_eq!(changes(&after), [""; 0]);
        world = after;
    }
}

/// From now on somebody else does this to the group's tags, again and again.
fn and_somebody_else(world: &mut World, does: fn(&mut BTreeMap<String, String>)) {
    for after in 1..2_000 {
        world.act(Duration::from_millis(after), move |world| {
            let group = world.auto_scaling.group_mut(COPY).expect("exists");
            does(&mut group.settings.tags);
        });
    }
}

#[test]
fn what_somebody_else_changes_meanwhile_is_found_when_the_group_is_read_again() {
    let mut untagged = with_a_copy();
    and_somebody_else(&mut untagged, |tags| {
        tags.remove(KEEP_TAG);
    });
    let mut tagged = with_a_copy();
    and_somebody_else(&mut tagged, |tags| {
        tags.insert(KEEP_TAG.to_owned(), "no, mine".to_owned());
    });
    let group = COPY;
    for (world, asked, found) in [
        (
            untagged,
            Asked::Keep {
                group,
                reason: "mine",
            },
            "does not carry the tag",
        ),
        (
            tagged,
            Asked::Release { group },
            "carries the tag with \"no, mine\"",
        ),
    ] {
        let (outcome, world) = ask(world, asked);
        assert_eq!((outcome.ended, outcome.said.as_str()), (Ended::NotDone, ""));
        let said = format!(
            "Auto Scaling took the change, but {COPY} {found} when it is read again; see who else \
             changes pointsman:keep, and repeat this"
        );
        assert_eq!(outcome.complaint, said);
        assert_eq!(changes(&world).len(), 1);
    }
}

#[test]
fn who_may_not_is_told_what_it_takes() {
    for (action, needs) in [
        (
            "autoscaling:DescribeAutoScalingGroups",
            "it takes autoscaling:DescribeAutoScalingGroups",
        ),
        (
            "autoscaling:CreateOrUpdateTags",
            "whoever keeps groups needs autoscaling:CreateOrUpdateTags on them",
        ),
        (
            "autoscaling:DeleteTags",
            "whoever releases groups needs autoscaling:DeleteTags on them",
        ),
    ] {
        let mut world = with_a_copy();
        let refused = Fault::always("operator", action, 1, FaultKind::Refused);
        world.faults.plan(refused);
        let asked = if action == "autoscaling:DeleteTags" {
            tag(&mut world, COPY, KEEP_TAG, "mine");
            Asked::Release { group: COPY }
        } else {
            Asked::Keep {
                group: COPY,
                reason: "mine",
            }
        };
        let (outcome, _world) = ask(world, asked);
        assert_eq!((outcome.ended, outcome.said.as_str()), (Ended::NotDone, ""));
        for phrase in [" was refused: ", needs] {
            assert!(outcome.complaint.contains(phrase), "{}", outcome.complaint);
        }
    }
}

#[test]
fn a_change_whose_answer_is_lost_is_made_again() {
    let mut world = with_a_copy();
    for action in ["autoscaling:CreateOrUpdateTags", "autoscaling:DeleteTags"] {
        let lost = Fault::once("operator", action, 1, FaultKind::AnswerLost);
        world.faults.plan(lost);
    }
    let (outcome, world) = keep(world, COPY, "mine");
    assert_eq!(outcome.ended, Ended::Well, "{outcome:?}");
    let (outcome, world) = release(world, COPY);
    assert_eq!(outcome.ended, Ended::Well, "{outcome:?}");
    assert_eq!(tag_of(&world, COPY, KEEP_TAG), None);
    assert_eq!(changes(&world).len(), 4);
}

#[test]
fn a_busy_group_is_left_for_later() {
    let mut world = with_a_copy();
    let until = world.now() + Duration::from_hours(1);
    let group = world.auto_scaling.group_mut(COPY).expect("exists");
    group.contended_until = Some(until);
    let (outcome, world) = keep(world, COPY, "mine");
    assert_eq!(outcome.ended, Ended::NotDone, "{outcome:?}");
    assert_eq!(
        outcome.complaint,
        format!("Auto Scaling is busy with {COPY}, and nothing was changed; try again in a minute")
    );
    assert_eq!(tag_of(&world, COPY, KEEP_TAG), None);
}
