//! Situations, each with the verdict that a person would give.

use super::*;
use crate::facts::{Creator, DeploymentStatus, Platform};
use crate::leftover::{DeletionProtection, RegisteredTarget, ScalingGroup};

mod deployment;
mod itself;
mod under_way;
mod users;

/// Its name, what is otherwise than in the example, when it is asked for, and the verdict.
type Situation = (&'static str, fn(&mut Survey), i64, Expected);

fn group(survey: &mut Survey) -> &mut ScalingGroup {
    &mut survey.groups[0]
}

fn deployment(survey: &mut Survey) -> &mut EndedOrNot {
    let mut deployments = survey.deployments.values_mut();
    deployments.next().expect("the deployment")
}

fn rename(survey: &mut Survey, name: &str) {
    name.clone_into(&mut group(survey).name);
}

fn rolled_back(survey: &mut Survey, status: &str) {
    deployment(survey).rolled_back_by = Some(id("d-ROLLBACK1"));
    survey
        .deployments
        .insert(id("d-ROLLBACK1"), ended(status, ENDED + 60));
}

fn address(survey: &mut Survey, instance: &str, addresses: &[&str]) {
    let addresses = addresses.iter().map(|text| (*text).to_owned()).collect();
    survey.addresses.insert(instance.to_owned(), addresses);
}

fn known_addresses(survey: &mut Survey) {
    address(survey, "i-0a", &["10.0.0.7", "fd00::7"]);
    address(survey, "i-0b", &["10.0.0.8"]);
}

fn warm(survey: &mut Survey, has: u32, listed: &[&str]) {
    let group = group(survey);
    group.warm_pool = Some(has);
    group.warm_instances = listed.iter().map(|id| (*id).to_owned()).collect();
}

#[test]
fn each_situation_has_its_verdict() {
    let tables = [
        deployment::SITUATIONS,
        under_way::SITUATIONS,
        users::SITUATIONS,
        itself::SITUATIONS,
    ];
    let mut count = 0;
    for (name, change, seconds, expected) in tables.into_iter().flatten() {
        let mut survey = around(leftover());
        change(&mut survey);
        let proof = prove(&survey.groups[0], &survey, crate::examples::at(*seconds));
        assert_proof(name, &proof, expected);
        count += 1;
    }
    assert!(count >= 40, "{count} situations");
}
