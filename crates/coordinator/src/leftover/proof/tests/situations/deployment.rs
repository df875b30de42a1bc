//! What the deployment is, and the name that carries its id.

use super::*;

pub(super) const SITUATIONS: &[Situation] = &[
    ("it failed", |_| {}, SETTLED, Expected::Orphan),
    (
        "it was stopped",
        |s| deployment(s).status = DeploymentStatus::Stopped,
        SETTLED,
        Expected::Orphan,
    ),
    ("it failed long ago", |_| {}, 100 * 86_400, Expected::Orphan),
    ("it failed just now", |_| {}, ENDED, Expected::Wait(SETTLED)),
    (
        "it failed not quite long enough ago",
        |_| {},
        SETTLED - 1,
        Expected::Wait(SETTLED),
    ),
    (
        "it fails in the future, by its clock",
        |s| deployment(s).completed = Some(crate::examples::at(9000)),
        SETTLED,
        Expected::Wait(9600),
    ),
    (
        "it succeeded",
        |s| deployment(s).status = DeploymentStatus::Succeeded,
        SETTLED,
        Expected::Kept(&["succeeded"]),
    ),
    (
        "it is created",
        |s| deployment(s).status = DeploymentStatus::Created,
        SETTLED,
        Expected::Kept(&["under_way"]),
    ),
    (
        "it is queued",
        |s| deployment(s).status = DeploymentStatus::Queued,
        SETTLED,
        Expected::Kept(&["under_way"]),
    ),
    (
        "it is in progress again",
        |s| deployment(s).status = DeploymentStatus::InProgress,
        SETTLED,
        Expected::Kept(&["under_way"]),
    ),
    (
        "it bakes",
        |s| deployment(s).status = DeploymentStatus::Baking,
        SETTLED,
        Expected::Kept(&["under_way"]),
    ),
    (
        "it waits to be continued",
        |s| deployment(s).status = DeploymentStatus::Ready,
        SETTLED,
        Expected::Kept(&["under_way"]),
    ),
    (
        "its status is new",
        |s| deployment(s).status = "Thawing".into(),
        SETTLED,
        Expected::Kept(&["status_unrecognized"]),
    ),
    (
        "its status is in capitals",
        |s| deployment(s).status = "FAILED".into(),
        SETTLED,
        Expected::Kept(&["status_unrecognized"]),
    ),
    (
        "its end is not known",
        |s| deployment(s).completed = None,
        SETTLED,
        Expected::Kept(&["end_unknown"]),
    ),
    (
        "CodeDeploy does not know it",
        |s| s.deployments.clear(),
        SETTLED,
        Expected::Kept(&["deployment_unknown"]),
    ),
    (
        "it was of another group",
        |s| rename(s, "CodeDeploy_search_d-A1B2C3D4E"),
        SETTLED,
        Expected::Kept(&["other_deployment_group"]),
    ),
    (
        "the name is in other letters",
        |s| rename(s, "CodeDeploy_Checkout_d-A1B2C3D4E"),
        SETTLED,
        Expected::Kept(&["other_deployment_group"]),
    ),
    (
        "the name is no copy's",
        |s| rename(s, "checkout-blue-2"),
        SETTLED,
        Expected::Kept(&["not_a_copy"]),
    ),
    (
        "the name goes on after the id",
        |s| rename(s, "CodeDeploy_checkout_d-A1B2C3D4E-keep"),
        SETTLED,
        Expected::Kept(&["not_a_copy"]),
    ),
    (
        "the name has no group",
        |s| rename(s, "CodeDeploy__d-A1B2C3D4E"),
        SETTLED,
        Expected::Kept(&["not_a_copy"]),
    ),
    (
        "the group's name has _d- in it",
        |s| {
            rename(s, "CodeDeploy_a_d-b_d-A1B2C3D4E");
            deployment(s).deployment_group = DeploymentGroupName::parse("a_d-b").expect("a name");
        },
        SETTLED,
        Expected::Orphan,
    ),
    (
        "it ran on Lambda",
        |s| deployment(s).platform = Platform::Lambda,
        SETTLED,
        Expected::Kept(&["other_platform"]),
    ),
    (
        "it ran on ECS",
        |s| deployment(s).platform = Platform::Ecs,
        SETTLED,
        Expected::Kept(&["other_platform"]),
    ),
    (
        "it ran on what is new",
        |s| deployment(s).platform = "Mainframe".into(),
        SETTLED,
        Expected::Kept(&["other_platform"]),
    ),
    (
        "scaling out made it",
        |s| deployment(s).creator = Creator::AutoScaling,
        SETTLED,
        Expected::Kept(&["made_by_scaling"]),
    ),
    (
        "scaling in made it",
        |s| deployment(s).creator = Creator::AutoScalingTermination,
        SETTLED,
        Expected::Kept(&["made_by_scaling"]),
    ),
    (
        "who made it is new",
        |s| deployment(s).creator = "EventBridge".into(),
        SETTLED,
        Expected::Kept(&["creator_unrecognized"]),
    ),
    (
        "a stack made it",
        |s| deployment(s).creator = Creator::CloudFormation,
        SETTLED,
        Expected::Orphan,
    ),
    (
        "it was itself a roll back",
        |s| deployment(s).creator = Creator::RollBack,
        SETTLED,
        Expected::Orphan,
    ),
    (
        "the group is younger than its end",
        |s| group(s).created = crate::examples::at(ENDED + 301),
        SETTLED,
        Expected::Kept(&["made_afterwards"]),
    ),
    (
        "the group came up as it was stopped",
        |s| group(s).created = crate::examples::at(ENDED + 300),
        SETTLED,
        Expected::Orphan,
    ),
    (
        "a later one succeeded",
        |s| {
            s.deployments
                .insert(id("d-B2C3D4E5F"), ended("Succeeded", ENDED + 300));
        },
        SETTLED,
        Expected::Orphan,
    ),
    (
        "a later one succeeded and its own copy serves",
        |s| {
            s.owners[0] = owner("shop", "checkout", "CodeDeploy_checkout_d-B2C3D4E5F");
            s.deployments
                .insert(id("d-B2C3D4E5F"), ended("Succeeded", ENDED + 300));
        },
        SETTLED,
        Expected::Orphan,
    ),
];
