//! The second proof: all of the first, and a quarantine that has passed.

use super::*;
use crate::examples::at;
use crate::leftover::ScalingGroup;

type Change = fn(&mut ScalingGroup);

fn times(group: &mut ScalingGroup, from: i64, until: i64) {
    tag(group, "pointsman:quarantined-at", &at(from).to_string());
    tag(group, "pointsman:quarantined-until", &at(until).to_string());
}

fn without(group: &mut ScalingGroup, key: &str) {
    group.tags.remove(key);
}

#[test]
fn nothing_is_shrunk_before_its_quarantine_has_passed() {
    const HERE: i64 = QUARANTINED;
    let cases: [(&str, Change, i64, Expected); 20] = [
        ("it is over", |_| {}, OVER, Expected::Orphan),
        (
            "it is over since long",
            |_| {},
            OVER + 86_400,
            Expected::Orphan,
        ),
        (
            "a second is missing",
            |_| {},
            OVER - 1,
            Expected::Wait(OVER),
        ),
        ("it has just begun", |_| {}, HERE, Expected::Wait(OVER)),
        (
            "none was asked for",
            |g| times(g, HERE, HERE),
            HERE,
            Expected::Wait(HERE + 300),
        ),
        (
            "none was asked for, five minutes later",
            |g| times(g, HERE, HERE),
            HERE + 300,
            Expected::Orphan,
        ),
        (
            "one minute was asked for",
            |g| times(g, HERE, HERE + 60),
            HERE + 60,
            Expected::Wait(HERE + 300),
        ),
        (
            "a person ended it early",
            |g| times(g, HERE, HERE - 60),
            HERE + 299,
            Expected::Wait(HERE + 300),
        ),
        (
            "it begins in the future",
            |g| times(g, OVER + 600, HERE),
            OVER,
            Expected::Wait(OVER + 900),
        ),
        (
            "a roll back may still begin",
            |g| times(g, ENDED - 600, ENDED),
            ENDED,
            Expected::Wait(SETTLED),
        ),
        (
            "there is none",
            |g| *g = leftover(),
            OVER,
            Expected::Kept(&["not_quarantined"]),
        ),
        (
            "it is for another deployment",
            |g| tag(g, "pointsman:quarantine", "d-B2C3D4E5F"),
            OVER,
            Expected::Kept(&["quarantined_for_other"]),
        ),
        (
            "it is for no deployment",
            |g| tag(g, "pointsman:quarantine", "checkout"),
            OVER,
            Expected::Kept(&["quarantine_unreadable"]),
        ),
        (
            "its deployment is missing",
            |g| without(g, "pointsman:quarantine"),
            OVER,
            Expected::Kept(&["quarantine_unreadable"]),
        ),
        (
            "its beginning is missing",
            |g| without(g, "pointsman:quarantined-at"),
            OVER,
            Expected::Kept(&["quarantine_unreadable"]),
        ),
        (
            "its end is missing",
            |g| without(g, "pointsman:quarantined-until"),
            OVER,
            Expected::Kept(&["quarantine_unreadable"]),
        ),
        (
            "its end is no time",
            |g| tag(g, "pointsman:quarantined-until", "soon"),
            OVER,
            Expected::Kept(&["quarantine_unreadable"]),
        ),
        (
            "its processes are missing",
            |g| without(g, "pointsman:quarantined-processes"),
            OVER,
            Expected::Kept(&["quarantine_unreadable"]),
        ),
        (
            "an operator keeps it meanwhile",
            |g| tag(g, "pointsman:keep", "x"),
            OVER,
            Expected::Kept(&["keep"]),
        ),
        (
            "a person sets an instance aside meanwhile",
            |g| g.instances[0] = instance("i-0a", "Standby"),
            OVER,
            Expected::Kept(&["set_aside"]),
        ),
    ];
    for (name, change, seconds, expected) in cases {
        let mut survey = around(quarantined());
        change(&mut survey.groups[0]);
        let proof = prove_again(&survey.groups[0], &survey, at(seconds));
        assert_proof(name, &proof, &expected);
    }
}

#[test]
fn whoever_comes_to_use_the_group_during_its_quarantine_keeps_it() {
    let mut survey = around(quarantined());
    survey
        .registrations
        .push(by_id("target group checkout", "i-0a"));
    let proof = prove_again(&survey.groups[0], &survey, at(OVER));
    assert_proof("registered", &proof, &Expected::Kept(&["registered_by_id"]));

    let mut survey = around(quarantined());
    survey
        .owners
        .push(owner("blog", "web", "CodeDeploy_checkout_d-A1B2C3D4E"));
    let proof = prove_again(&survey.groups[0], &survey, at(OVER));
    assert_proof("adopted", &proof, &Expected::Kept(&["named"]));

    let mut survey = around(quarantined());
    survey
        .active
        .push(active("d-ROLLBACK1", "shop", "checkout"));
    let proof = prove_again(&survey.groups[0], &survey, at(OVER));
    assert_proof("deploying", &proof, &Expected::Kept(&["group_deploying"]));

    let mut survey = around(quarantined());
    survey
        .deployments
        .insert(id("d-ROLLBACK1"), ended("InProgress", OVER));
    let failed = survey
        .deployments
        .values_mut()
        .next()
        .expect("the deployment");
    failed.rolled_back_by = Some(id("d-ROLLBACK1"));
    let proof = prove_again(&survey.groups[0], &survey, at(OVER));
    assert_proof(
        "rolling back",
        &proof,
        &Expected::Kept(&["roll_back_under_way"]),
    );
}

#[test]
fn the_second_proof_tells_of_the_quarantine() {
    let survey = around(quarantined());
    let proof = prove_again(&survey.groups[0], &survey, at(OVER));
    let text = proof.to_string();
    assert!(
        text.contains(", it is in quarantine since 2026-08-01T10:40:00Z"),
        "{text}"
    );
    let wait = prove_again(&survey.groups[0], &survey, at(OVER - 1));
    assert_eq!(
        wait.to_string(),
        "not proven before 2026-08-01T11:40:00Z: the quarantine lasts until 2026-08-01T11:40:00Z"
    );
}
