//! The group itself, and what could not be read.

use super::*;

pub(super) const SITUATIONS: &[Situation] = &[
    (
        "an instance is in standby",
        |s| group(s).instances[1] = instance("i-0b", "Standby"),
        SETTLED,
        Expected::Kept(&["set_aside"]),
    ),
    (
        "an instance enters standby",
        |s| group(s).instances[1] = instance("i-0b", "EnteringStandby"),
        SETTLED,
        Expected::Kept(&["set_aside"]),
    ),
    (
        "an instance is being detached",
        |s| group(s).instances[1] = instance("i-0b", "Detaching"),
        SETTLED,
        Expected::Kept(&["set_aside"]),
    ),
    (
        "an instance is in a new state",
        |s| group(s).instances[1] = instance("i-0b", "Quarantined"),
        SETTLED,
        Expected::Kept(&["state_unrecognized"]),
    ),
    (
        "an instance is retained",
        |s| group(s).instances[1] = instance("i-0b", "Terminating:Retained"),
        SETTLED,
        Expected::Kept(&["state_unrecognized"]),
    ),
    (
        "all instances are on their way out",
        |s| {
            group(s).instances = vec![
                instance("i-0a", "Terminating:Wait"),
                instance("i-0b", "Terminated"),
            ];
        },
        SETTLED,
        Expected::Orphan,
    ),
    (
        "instances never came up",
        |s| group(s).instances[0] = instance("i-0a", "Pending:Wait"),
        SETTLED,
        Expected::Orphan,
    ),
    (
        "it is empty",
        |s| group(s).instances.clear(),
        SETTLED,
        Expected::Orphan,
    ),
    (
        "its warm pool is known",
        |s| warm(s, 2, &["i-0w", "i-0x"]),
        SETTLED,
        Expected::Orphan,
    ),
    (
        "its warm pool is not known",
        |s| warm(s, 2, &["i-0w"]),
        SETTLED,
        Expected::Kept(&["warm_pool_unknown"]),
    ),
    (
        "an operator keeps it",
        |s| tag(group(s), "pointsman:keep", "forensics, ask ana"),
        SETTLED,
        Expected::Kept(&["keep"]),
    ),
    (
        "an operator keeps it without a word",
        |s| tag(group(s), "pointsman:keep", ""),
        SETTLED,
        Expected::Kept(&["keep"]),
    ),
    (
        "a tag that only begins like that",
        |s| tag(group(s), "pointsman:keeper", "x"),
        SETTLED,
        Expected::Orphan,
    ),
    (
        "it is protected from deletion",
        |s| group(s).deletion_protection = DeletionProtection::PreventAllDeletion,
        SETTLED,
        Expected::Kept(&["protected"]),
    ),
    (
        "it is protected from force",
        |s| group(s).deletion_protection = DeletionProtection::PreventForceDeletion,
        SETTLED,
        Expected::Orphan,
    ),
    (
        "its protection is new",
        |s| group(s).deletion_protection = "prevent-shrinking".into(),
        SETTLED,
        Expected::Kept(&["protection_unrecognized"]),
    ),
    (
        "a service manages it",
        |s| group(s).operator = Some("eks.amazonaws.com".to_owned()),
        SETTLED,
        Expected::Kept(&["managed"]),
    ),
    (
        "it is in quarantine for another deployment",
        |s| {
            *group(s) = quarantined();
            tag(group(s), "pointsman:quarantine", "d-B2C3D4E5F");
        },
        SETTLED,
        Expected::Kept(&["quarantined_for_other"]),
    ),
    (
        "it is in quarantine already",
        |s| *group(s) = quarantined(),
        SETTLED,
        Expected::Orphan,
    ),
    (
        "its quarantine cannot be read",
        |s| tag(group(s), "pointsman:quarantine", "d-A1B2C3D4E"),
        SETTLED,
        Expected::Kept(&["quarantine_unreadable"]),
    ),
    (
        "target groups could not be read",
        |s| {
            s.unread.push(Unread {
                what: "target groups".to_owned(),
                why: "throttled".to_owned(),
            });
        },
        SETTLED,
        Expected::Kept(&["unread"]),
    ),
    (
        "everything is wrong at once",
        |s| {
            deployment(s).status = DeploymentStatus::Succeeded;
            deployment(s).completed = None;
            s.active.push(active("d-B2C3D4E5F", "shop", "checkout"));
            s.owners
                .push(owner("blog", "web", "CodeDeploy_checkout_d-A1B2C3D4E"));
            s.registrations.push(by_id("target group checkout", "i-0a"));
            group(s).instances[1] = instance("i-0b", "Standby");
            tag(group(s), "pointsman:keep", "x");
        },
        0,
        Expected::Kept(&[
            "succeeded",
            "end_unknown",
            "group_deploying",
            "named",
            "registered_by_id",
            "keep",
            "set_aside",
        ]),
    ),
    (
        "what is wrong with a name hides nothing else",
        |s| {
            rename(s, "checkout-2");
            s.owners.push(owner("blog", "web", "checkout-2"));
            tag(group(s), "pointsman:keep", "x");
        },
        0,
        Expected::Kept(&["not_a_copy", "named", "keep"]),
    ),
    (
        "too early and kept is kept",
        |s| tag(group(s), "pointsman:keep", "x"),
        ENDED,
        Expected::Kept(&["keep"]),
    ),
];
