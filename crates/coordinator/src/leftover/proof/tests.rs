//! Prove Orphan: situation by situation, and every combination of a small world.

use super::*;
use crate::leftover::Unread;
use crate::leftover::examples::{
    ENDED, OVER, QUARANTINED, SETTLED, active, around, by_address, by_id, ended, id, instance,
    kinds, leftover, now, owner, quarantined, registered, tag,
};

mod again;
mod hostile;
mod situations;
mod world;

/// What a proof is expected to be.
#[derive(Debug, PartialEq)]
enum Expected {
    Orphan,
    /// Until these seconds after the deployment was made.
    Wait(i64),
    /// For these objections, in this order.
    Kept(&'static [&'static str]),
    Gone,
}

fn assert_proof(name: &str, proof: &Proof, expected: &Expected) {
    match (proof, expected) {
        (Proof::Orphan { .. }, Expected::Orphan) | (Proof::Gone(_), Expected::Gone) => {}
        (Proof::Wait { until, why }, Expected::Wait(seconds)) => {
            assert_eq!(*until, crate::examples::at(*seconds), "{name}: {why}");
        }
        (Proof::Kept { objections }, Expected::Kept(expected)) => {
            assert_eq!(kinds(objections), *expected, "{name}: {proof}");
        }
        (
            Proof::Orphan { .. } | Proof::Wait { .. } | Proof::Kept { .. } | Proof::Gone(_),
            Expected::Orphan | Expected::Wait(_) | Expected::Kept(_) | Expected::Gone,
        ) => panic!("{name}: expected {expected:?}, got {proof}"),
    }
}

#[test]
fn an_orphan_is_proven_with_everything_that_was_compared() {
    let mut survey = around(leftover());
    survey
        .deployments
        .insert(id("d-ROLLBACK1"), ended("Succeeded", ENDED + 60));
    let failed = survey
        .deployments
        .values_mut()
        .next()
        .expect("the deployment");
    failed.rolled_back_by = Some(id("d-ROLLBACK1"));
    let proof = prove(&survey.groups[0], &survey, now());
    assert_eq!(
        proof.to_string(),
        "an orphan: d-A1B2C3D4E of shop/checkout is Failed since 2026-08-01T10:30:00Z, its roll \
         back d-ROLLBACK1 is Succeeded, and of 1 deployment under way, 2 deployment groups and 2 \
         registered targets none has the group or its 2 instances"
    );
}

#[test]
fn a_group_that_is_not_there_is_gone_only_if_all_groups_could_be_read() {
    let mut survey = around(leftover());
    let name = "CodeDeploy_checkout_d-OTHER0001";
    assert_eq!(candidate(name, &survey), Err(Proof::Gone(Gone::Absent)));
    assert_eq!(
        candidate("CodeDeploy_checkout_d-A1B2C3D4E", &survey),
        Ok(&survey.groups[0])
    );
    survey.unread.push(Unread {
        what: "Auto Scaling groups".to_owned(),
        why: "throttled".to_owned(),
    });
    match candidate(name, &survey) {
        Err(Proof::Kept { objections }) => assert_eq!(kinds(&objections), ["unread"]),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_group_that_is_being_deleted_is_gone_whatever_else_is_true_of_it() {
    let mut group = leftover();
    group.status = Some("Delete in progress".to_owned());
    let mut survey = around(group);
    survey
        .owners
        .push(owner("shop", "checkout", "CodeDeploy_checkout_d-A1B2C3D4E"));
    for proof in [
        prove(&survey.groups[0], &survey, now()),
        prove_again(&survey.groups[0], &survey, now()),
    ] {
        assert_proof("being deleted", &proof, &Expected::Gone);
        assert_eq!(
            proof.to_string(),
            "gone: it is being deleted (Delete in progress)"
        );
    }
}
