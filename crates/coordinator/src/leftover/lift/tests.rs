//! Whose quarantine is lifted, and whose is not.

use super::*;
use crate::examples::at;
use crate::leftover::examples::{
    OVER, active, around, by_address, by_id, ended, id, instance, owner, quarantined, tag,
};
use crate::leftover::{Proof, Survey, Unread, prove_again};

fn lifted(change: fn(&mut Survey)) -> Option<Lift> {
    let mut survey = around(quarantined());
    change(&mut survey);
    match prove_again(&survey.groups[0], &survey, at(OVER)) {
        Proof::Kept { objections } => lift(&survey.groups[0], &objections),
        other => panic!("not kept: {other}"),
    }
}

fn adopted(survey: &mut Survey) {
    survey
        .owners
        .push(owner("blog", "web", "CodeDeploy_checkout_d-A1B2C3D4E"));
}

fn roll_back(survey: &mut Survey, status: &str) {
    survey
        .deployments
        .insert(id("d-ROLLBACK1"), ended(status, OVER));
    let failed = survey
        .deployments
        .values_mut()
        .next()
        .expect("the deployment");
    failed.rolled_back_by = Some(id("d-ROLLBACK1"));
}

fn set(survey: &mut Survey, key: &str, value: &str) {
    tag(&mut survey.groups[0], key, value);
}

#[test]
fn a_group_that_somebody_uses_gets_back_exactly_what_was_taken() {
    let lift = lifted(adopted).expect("a lift");
    assert_eq!(lift.resume, ["Launch", "Terminate"]);
    assert_eq!(lift.remove_tags, QUARANTINE_TAGS);
    assert_eq!(
        lift.why,
        ["deployment group blog/web names this group as its own"]
    );
}

#[test]
fn what_somebody_has_resumed_meanwhile_is_not_resumed_again() {
    let lift = lifted(|survey| {
        adopted(survey);
        survey.groups[0]
            .suspended
            .retain(|suspension| suspension.process != "Launch");
    });
    assert_eq!(lift.expect("a lift").resume, ["Terminate"]);
}

#[test]
fn only_use_lifts_a_quarantine() {
    type Change = fn(&mut Survey);
    let cases: [(&str, Change, bool); 21] = [
        ("adopted", adopted, true),
        (
            "registered",
            |s| s.registrations.push(by_id("target group x", "i-0a")),
            true,
        ),
        (
            "registered by address",
            |s| {
                s.addresses
                    .insert("i-0a".to_owned(), vec!["10.0.0.7".to_owned()]);
                s.registrations
                    .push(by_address("target group x", "10.0.0.7"));
            },
            true,
        ),
        (
            "attached",
            |s| s.groups[0].attached.push("arn:tg".to_owned()),
            true,
        ),
        (
            "deployed to",
            |s| s.active[0].scaling_groups = vec![s.groups[0].name.clone()],
            true,
        ),
        ("being rolled back", |s| roll_back(s, "InProgress"), true),
        (
            "being rolled back, unannounced",
            |s| s.active[0].rolls_back = Some("d-A1B2C3D4E".to_owned()),
            true,
        ),
        (
            "succeeded",
            |s| *s.deployments.values_mut().next().expect("it") = ended("Succeeded", 0),
            true,
        ),
        (
            "under way",
            |s| *s.deployments.values_mut().next().expect("it") = ended("InProgress", 0),
            true,
        ),
        (
            "adopted, and kept by an operator",
            |s| {
                adopted(s);
                set(s, "pointsman:keep", "x");
            },
            true,
        ),
        (
            "adopted, and not everything could be read",
            |s| {
                adopted(s);
                s.unread.push(Unread {
                    what: "alarms".to_owned(),
                    why: "refused".to_owned(),
                });
            },
            true,
        ),
        (
            "kept by an operator",
            |s| set(s, "pointsman:keep", "x"),
            false,
        ),
        (
            "set aside",
            |s| s.groups[0].instances[0] = instance("i-0a", "Standby"),
            false,
        ),
        (
            "the next release is under way",
            |s| s.active.push(active("d-B2C3D4E5F", "shop", "checkout")),
            false,
        ),
        (
            "its deployment is unknown",
            |s| s.deployments.clear(),
            false,
        ),
        (
            "a roll back's status is new",
            |s| roll_back(s, "Thawing"),
            false,
        ),
        (
            "unread",
            |s| {
                s.unread.push(Unread {
                    what: "x".to_owned(),
                    why: "y".to_owned(),
                });
            },
            false,
        ),
        (
            "protected",
            |s| s.groups[0].deletion_protection = "prevent-all-deletion".into(),
            false,
        ),
        (
            "adopted, but managed by a service",
            |s| {
                adopted(s);
                s.groups[0].operator = Some("eks.amazonaws.com".to_owned());
            },
            false,
        ),
        (
            "adopted, but in quarantine for another",
            |s| {
                adopted(s);
                set(s, "pointsman:quarantine", "d-B2C3D4E5F");
            },
            false,
        ),
        (
            "adopted, but its tags cannot be read",
            |s| {
                adopted(s);
                set(s, "pointsman:quarantined-at", "then");
            },
            false,
        ),
    ];
    for (name, change, expected) in cases {
        assert_eq!(lifted(change).is_some(), expected, "{name}");
    }
}

#[test]
fn a_group_without_a_quarantine_has_none_to_lift() {
    let mut survey = around(crate::leftover::examples::leftover());
    adopted(&mut survey);
    let Proof::Kept { objections } = prove_again(&survey.groups[0], &survey, at(OVER)) else {
        panic!("adopted, and not kept");
    };
    assert_eq!(lift(&survey.groups[0], &objections), None);
}
