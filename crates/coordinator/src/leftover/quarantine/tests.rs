//! What a quarantine writes and suspends, and what it reads back.

use super::*;
use crate::examples::{at, deployment_id};
use crate::leftover::examples::{
    OVER, QUARANTINED, id, kind, leftover, quarantined, suspended, tag,
};

fn planned(group: &ScalingGroup, minutes: u32, reason: &str) -> Quarantine {
    plan(group, &deployment_id(), minutes, reason, at(QUARANTINED)).expect("a plan")
}

fn with_tags(tags: &BTreeMap<String, String>) -> ScalingGroup {
    let mut group = leftover();
    group.tags.extend(tags.clone());
    group
}

#[test]
fn a_quarantine_is_tagged_and_suspends_every_process() {
    let planned = planned(&leftover(), 60, "d-A1B2C3D4E failed: 4 of 4 instances");
    let expected = [
        ("pointsman:quarantine", "d-A1B2C3D4E"),
        (
            "pointsman:quarantine-reason",
            "d-A1B2C3D4E failed: 4 of 4 instances",
        ),
        ("pointsman:quarantined-at", "2026-08-01T10:40:00Z"),
        (
            "pointsman:quarantined-processes",
            "Launch Terminate AddToLoadBalancer AlarmNotification AZRebalance HealthCheck \
             InstanceRefresh ReplaceUnhealthy ScheduledActions",
        ),
        ("pointsman:quarantined-until", "2026-08-01T11:40:00Z"),
    ];
    let tags: Vec<(&str, &str)> = planned
        .tags
        .iter()
        .map(|(key, value)| (key.as_str(), value.as_str()))
        .collect();
    assert_eq!(tags, expected);
    assert_eq!(planned.suspend, PROCESSES);
    assert_eq!(planned.until, at(OVER));
}

#[test]
fn what_was_written_is_read_back() {
    let planned = planned(&leftover(), 60, "left behind");
    let read = read(&with_tags(&planned.tags)).expect("readable tags");
    let expected = Quarantined {
        deployment: deployment_id(),
        at: at(QUARANTINED),
        until: at(OVER),
        reason: "left behind".to_owned(),
        processes: PROCESSES.map(str::to_owned).to_vec(),
    };
    assert_eq!(read, Some(expected));
}

#[test]
fn a_process_that_was_suspended_before_is_not_among_those_to_resume() {
    let mut group = leftover();
    group.suspended.push(suspended(
        "AZRebalance",
        "User suspended at 2026-07-01T00:00:00Z",
    ));
    let planned = planned(&group, 60, "left behind");
    assert!(!planned.suspend.contains(&"AZRebalance".to_owned()));
    let read = read(&with_tags(&planned.tags))
        .expect("readable tags")
        .expect("a quarantine");
    assert_eq!(read.processes, planned.suspend);
    assert_eq!(read.processes.len(), PROCESSES.len() - 1);
}

#[test]
fn a_group_of_which_everything_was_suspended_has_an_empty_list() {
    let mut group = leftover();
    group.suspended = PROCESSES.map(|process| suspended(process, "")).to_vec();
    let planned = planned(&group, 60, "");
    assert!(planned.suspend.is_empty());
    let read = read(&with_tags(&planned.tags))
        .expect("readable tags")
        .expect("a quarantine");
    assert!(read.processes.is_empty());
}

#[test]
fn a_second_quarantine_keeps_the_first_ones_times_and_list() {
    let mut group = quarantined();
    let again = plan(&group, &deployment_id(), 5, "other words", at(OVER + 7)).expect("a plan");
    assert_eq!(
        again,
        Quarantine {
            tags: BTreeMap::new(),
            suspend: Vec::new(),
            until: at(OVER)
        }
    );

    // An earlier attempt died after its tags: what runs is suspended, and is on the list already.
    group
        .suspended
        .retain(|suspension| suspension.process != "Launch");
    let again = plan(&group, &deployment_id(), 5, "other words", at(OVER + 7)).expect("a plan");
    assert!(again.tags.is_empty());
    assert_eq!(again.suspend, ["Launch"]);
}

#[test]
fn nobody_elses_quarantine_is_written_over() {
    let mut group = quarantined();
    let other = plan(&group, &id("d-B2C3D4E5F"), 60, "x", at(0)).expect_err("an objection");
    assert_eq!(kind(&other), "quarantined_for_other");
    tag(&mut group, "pointsman:quarantined-at", "yesterday");
    let unreadable = plan(&group, &deployment_id(), 60, "x", at(0)).expect_err("an objection");
    assert_eq!(kind(&unreadable), "quarantine_unreadable");
}

#[test]
fn what_the_group_itself_forbids_is_asked_again() {
    type Change = fn(&mut ScalingGroup);
    let cases: [(&str, Change); 3] = [
        ("an operator keeps it", |group| {
            tag(group, KEEP_TAG, "mine");
        }),
        ("attached to the group itself", |group| {
            group.attached.push("target group shop".to_owned());
        }),
        ("manages the group", |group| {
            group.operator = Some("eks.amazonaws.com".to_owned());
        }),
    ];
    for (phrase, change) in cases {
        for mut group in [leftover(), quarantined()] {
            change(&mut group);
            let objection = plan(&group, &deployment_id(), 60, "x", at(QUARANTINED));
            let objection = objection.expect_err(phrase).to_string();
            assert!(objection.contains(phrase), "{phrase}: {objection}");
        }
    }
}

#[test]
fn a_group_that_is_shrunk_keeps_terminate() {
    let mut group = quarantined();
    group.suspended.retain(|one| one.process != "Terminate");
    assert_eq!(planned(&group, 60, "x").suspend, ["Terminate"]);
    (group.min, group.desired) = (0, 0);
    assert_eq!(planned(&group, 60, "x").suspend, [""; 0]);
}

#[test]
fn a_quarantine_is_never_shorter_than_its_two_proofs_are_apart() {
    for (minutes, seconds) in [(0, PROOFS_APART_SECONDS), (1, 300), (5, 300), (6, 360)] {
        let until = planned(&leftover(), minutes, "x").until;
        assert_eq!(until, at(QUARANTINED + seconds), "{minutes}");
    }
}

#[test]
fn tags_that_do_not_say_what_they_have_to_are_not_believed() {
    let cases = [
        (
            "pointsman:quarantine",
            "",
            "tag pointsman:quarantine = \"\" is not a deployment's id",
        ),
        (
            "pointsman:quarantine",
            "d-é",
            "tag pointsman:quarantine = \"d-é\" is not a deployment's id",
        ),
        (
            "pointsman:quarantined-at",
            "2026-08-01",
            "tag pointsman:quarantined-at = \"2026-08-01\" is not a time such as \
             2026-01-15T09:00:00Z",
        ),
        (
            "pointsman:quarantined-until",
            "never",
            "tag pointsman:quarantined-until = \"never\" is not a time such as \
             2026-01-15T09:00:00Z",
        ),
        (
            "pointsman:quarantined-processes",
            "Launch,Terminate",
            "tag pointsman:quarantined-processes = \"Launch,Terminate\" is not a list of processes",
        ),
    ];
    for (key, value, expected) in cases {
        let mut group = quarantined();
        tag(&mut group, key, value);
        assert_eq!(read(&group).expect_err(key).to_string(), expected);
    }
    for key in QUARANTINE_TAGS {
        let mut group = quarantined();
        group.tags.remove(key);
        let fault = read(&group).expect_err(key);
        assert_eq!(fault.to_string(), format!("tag {key} is missing"));
    }
}

#[test]
fn a_reason_is_cut_and_cleaned_to_what_a_tag_takes() {
    let long = "x".repeat(300);
    let astral = "𝒳".repeat(300);
    let cases = [
        ("", String::new()),
        (
            "`status.sh` exited 1; last line: \"no route\"",
            "status.sh exited 1 last line: no route".to_owned(),
        ),
        ("one\ntwo\t three\u{0}four", "one two three four".to_owned()),
        (
            "größer + - = . _ : / @",
            "größer + - = . _ : / @".to_owned(),
        ),
        ("aws:x", "aws x".to_owned()),
        ("AWS:", "AWS".to_owned()),
        ("<script>", "script".to_owned()),
        (&long, "x".repeat(256)),
        (&astral, "𝒳".repeat(128)),
    ];
    for (reason, expected) in cases {
        let planned = planned(&leftover(), 60, reason);
        assert_eq!(planned.tags["pointsman:quarantine-reason"], expected);
    }
}

#[test]
fn no_tag_is_longer_than_a_tag_may_be() {
    let planned = planned(&leftover(), u32::MAX, &"word ".repeat(200));
    for (key, value) in &planned.tags {
        assert!(
            key.chars().count() <= 128 && value.encode_utf16().count() <= 256,
            "{key}={value}"
        );
    }
}
