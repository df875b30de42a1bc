//! Whatever is observed: a proof is concluded, no objection is mute, and no doubt is an orphan.

use proptest::prelude::*;

use super::*;
use crate::facts::{Creator, DeploymentStatus, Platform};
use crate::leftover::{LifecycleState, RegisteredTarget, Registration, ScalingGroup};

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        Just("CodeDeploy_checkout_d-A1B2C3D4E".to_owned()),
        Just("d-A1B2C3D4E".to_owned()),
        Just("i-0a".to_owned()),
        Just("10.0.0.7".to_owned()),
        Just("Failed".to_owned()),
        Just("InService".to_owned()),
        Just("x".repeat(10_000)),
        "\\PC{0,12}",
        "[a-z:/_\\-]{0,20}",
    ]
}

fn words() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(word(), 0..3)
}

prop_compose! {
    fn group()(
        name in word(), states in words(), ids in words(), attached in words(),
        tags in prop::collection::btree_map(word(), word(), 0..3),
        reason in word(), quarantine in prop::option::of(word()),
        operator in prop::option::of(word()),
        warm_pool in prop::option::of(any::<u32>()), protection in word(),
    ) -> ScalingGroup {
        let mut group = leftover();
        group.name = name;
        group.instances = ids.iter().zip(&states).map(|(id, state)| instance(id, state)).collect();
        group.suspended = states
            .iter()
            .map(|process| crate::leftover::examples::suspended(process, &reason))
            .collect();
        group.attached = attached;
        group.tags = tags;
        if let Some(value) = quarantine {
            tag(&mut group, "pointsman:quarantine", &value);
        }
        group.operator = operator;
        group.warm_pool = warm_pool;
        group.deletion_protection = protection.into();
        group
    }
}

prop_compose! {
    fn survey()(
        group in group(), copy in any::<bool>(), status in word(), creator in word(),
        platform in word(), completed in prop::option::of(any::<i32>()), holder in word(),
        targets in words(), addresses in words(), named in words(), active_id in word(),
    ) -> Survey {
        let mut survey = around(group);
        if copy {
            "CodeDeploy_checkout_d-A1B2C3D4E".clone_into(&mut survey.groups[0].name);
        }
        for deployment in survey.deployments.values_mut() {
            deployment.status = DeploymentStatus::from(status.as_str());
            deployment.creator = Creator::from(creator.as_str());
            deployment.platform = Platform::from(platform.as_str());
            deployment.completed = completed.map(|seconds| crate::examples::at(i64::from(seconds)));
        }
        survey.registrations.extend(targets.iter().flat_map(|text| {
            [
                Registration {
                    holder: holder.clone(),
                    target: RegisteredTarget::Instance(text.clone()),
                },
                by_address(&holder, text),
            ]
        }));
        survey.addresses.insert("i-0a".to_owned(), addresses);
        survey.owners.push(owner(&holder, &status, &holder));
        survey.active.push(active(&active_id, &holder, &status));
        survey.active[0].scaling_groups = named;
        survey
    }
}

proptest! {
    #[test]
    fn whatever_is_observed_a_proof_is_concluded(survey in survey(), seconds in any::<i32>()) {
        let now = crate::examples::at(i64::from(seconds));
        for proof in [
            prove(&survey.groups[0], &survey, now),
            prove_again(&survey.groups[0], &survey, now),
        ] {
            prop_assert!(!proof.to_string().is_empty());
            if let Proof::Kept { objections } = &proof {
                prop_assert!(!objections.is_empty());
                for objection in objections {
                    let sentence = objection.to_string();
                    let length = sentence.chars().count();
                    prop_assert!((1..2000).contains(&length), "{}", sentence);
                }
            }
            let strange = survey.groups[0].instances.iter().any(|instance| {
                matches!(instance.state, LifecycleState::Unrecognized(_))
            });
            let is_orphan = matches!(proof, Proof::Orphan { .. });
            prop_assert!(!(strange && is_orphan));
        }
    }
}

#[test]
fn a_thousand_objections_are_each_said_once_and_shortly() {
    let mut group = leftover();
    group.instances = (0..1000)
        .map(|n| instance(&format!("i-{n:04}"), "Standby"))
        .collect();
    let mut survey = around(group);
    for n in 0..1000 {
        survey
            .registrations
            .push(by_id("target group checkout", &format!("i-{n:04}")));
    }
    let proof = prove(&survey.groups[0], &survey, now());
    assert_proof(
        "a large group",
        &proof,
        &Expected::Kept(&["registered_by_id", "set_aside"]),
    );
    assert_eq!(
        proof.to_string(),
        "kept: target group checkout holds 1000 instances: i-0000, i-0001, i-0002, i-0003, i-0004 \
         and 995 more; 1000 instances in Standby, where somebody \
         put them: i-0000, i-0001, i-0002, i-0003, i-0004 and 995 more; return or terminate them"
    );
}

#[test]
fn the_end_of_time_is_waited_for() {
    let mut survey = around(quarantined());
    for deployment in survey.deployments.values_mut() {
        deployment.completed = Some(Timestamp::MAX);
    }
    let until = Timestamp::MAX.to_string();
    tag(&mut survey.groups[0], "pointsman:quarantined-until", &until);
    for proof in [
        prove(&survey.groups[0], &survey, now()),
        prove_again(&survey.groups[0], &survey, now()),
    ] {
        assert!(
            matches!(proof, Proof::Wait { until, .. } if until == Timestamp::MAX),
            "{proof}"
        );
    }
}
