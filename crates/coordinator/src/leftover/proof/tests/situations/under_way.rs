//! What rolls it back, and what else is deployed.

use super::*;

pub(super) const SITUATIONS: &[Situation] = &[
    (
        "it was rolled back",
        |s| rolled_back(s, "Succeeded"),
        SETTLED,
        Expected::Orphan,
    ),
    (
        "its roll back failed",
        |s| rolled_back(s, "Failed"),
        SETTLED,
        Expected::Orphan,
    ),
    (
        "it is being rolled back",
        |s| rolled_back(s, "InProgress"),
        SETTLED,
        Expected::Kept(&["roll_back_under_way"]),
    ),
    (
        "its roll back waits",
        |s| rolled_back(s, "Ready"),
        SETTLED,
        Expected::Kept(&["roll_back_under_way"]),
    ),
    (
        "its roll back's status is new",
        |s| rolled_back(s, "Thawing"),
        SETTLED,
        Expected::Kept(&["roll_back_unrecognized"]),
    ),
    (
        "its roll back is not known",
        |s| deployment(s).rolled_back_by = Some(id("d-ROLLBACK1")),
        SETTLED,
        Expected::Kept(&["roll_back_unknown"]),
    ),
    (
        "a roll back has begun that is not announced",
        |s| {
            s.active.push(active("d-ROLLBACK1", "shop", "checkout"));
            s.active[1].rolls_back = Some("d-A1B2C3D4E".to_owned());
        },
        SETTLED,
        Expected::Kept(&["being_rolled_back", "group_deploying"]),
    ),
    (
        "a roll back under another group's name",
        |s| s.active[0].rolls_back = Some("d-A1B2C3D4E".to_owned()),
        SETTLED,
        Expected::Kept(&["being_rolled_back"]),
    ),
    (
        "another deployment is rolled back elsewhere",
        |s| s.active[0].rolls_back = Some("d-A1B2C3D4F".to_owned()),
        SETTLED,
        Expected::Orphan,
    ),
    (
        "the next release is under way",
        |s| s.active.push(active("d-B2C3D4E5F", "shop", "checkout")),
        SETTLED,
        Expected::Kept(&["group_deploying"]),
    ),
    (
        "a deployment in a new status is under way",
        |s| {
            s.active.push(active("d-B2C3D4E5F", "shop", "checkout"));
            s.active[1].status = "Thawing".into();
        },
        SETTLED,
        Expected::Kept(&["group_deploying"]),
    ),
    (
        "a deployment that ended as it was read",
        |s| {
            s.active.push(active("d-B2C3D4E5F", "shop", "checkout"));
            s.active[1].status = DeploymentStatus::Failed;
        },
        SETTLED,
        Expected::Kept(&["group_deploying"]),
    ),
    (
        "a namesake of another application deploys",
        |s| s.active.push(active("d-B2C3D4E5F", "blog", "checkout")),
        SETTLED,
        Expected::Orphan,
    ),
    (
        "it is seen as active and as failed",
        |s| s.active.push(active("d-A1B2C3D4E", "shop", "checkout")),
        SETTLED,
        Expected::Kept(&["group_deploying"]),
    ),
    (
        "a deployment elsewhere deploys to the group",
        |s| s.active[0].scaling_groups = vec!["x".to_owned(), group(s).name.clone()],
        SETTLED,
        Expected::Kept(&["targeted"]),
    ),
    (
        "a deployment elsewhere deploys to another group",
        |s| s.active[0].scaling_groups = vec!["CodeDeploy_checkout_d-B2C3D4E5F".to_owned()],
        SETTLED,
        Expected::Orphan,
    ),
];
