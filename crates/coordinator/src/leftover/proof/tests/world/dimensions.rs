//! The dimensions of the small world.

use super::*;
use crate::facts::{Creator, DeploymentStatus, Platform};
use crate::leftover::{DeletionProtection, ScalingGroup};

/// Whether the condition holds in this way of its dimension.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Holds {
    Yes,
    /// It does not, and this objection says so.
    No(&'static str),
    /// It does not, but only for now.
    NotYet,
}
pub(super) use Holds::{No, NotYet, Yes};

pub(super) struct Way {
    pub(super) holds: Holds,
    pub(super) arrange: fn(&mut Survey),
}

fn way(holds: Holds, arrange: fn(&mut Survey)) -> Way {
    Way { holds, arrange }
}

fn group(survey: &mut Survey) -> &mut ScalingGroup {
    &mut survey.groups[0]
}

/// The deployment. The dimension that takes it away is the last one, and so arranged last.
fn deployment(survey: &mut Survey) -> &mut EndedOrNot {
    survey
        .deployments
        .get_mut(&id("d-A1B2C3D4E"))
        .expect("the deployment")
}

/// I3's own conditions, in its order.
pub(super) fn ownership() -> Vec<Vec<Way>> {
    vec![
        // its name carries a deployment's id
        vec![
            way(Yes, |_| {}),
            way(No("not_a_copy"), |s| {
                group(s).name = "CodeDeploy_checkout".to_owned();
            }),
        ],
        // that deployment ended Failed or Stopped
        vec![
            way(Yes, |_| {}),
            way(Yes, |s| deployment(s).status = DeploymentStatus::Stopped),
            way(No("succeeded"), |s| {
                deployment(s).status = DeploymentStatus::Succeeded;
            }),
            way(No("under_way"), |s| {
                deployment(s).status = DeploymentStatus::InProgress;
            }),
            way(No("status_unrecognized"), |s| {
                deployment(s).status = "Thawing".into();
            }),
        ],
        // neither it nor its roll back …
        vec![
            way(Yes, |_| {}),
            way(Yes, |s| roll_back(s, Some("Succeeded"))),
            way(No("roll_back_under_way"), |s| {
                roll_back(s, Some("InProgress"));
            }),
            way(No("roll_back_unknown"), |s| roll_back(s, None)),
        ],
        vec![
            way(Yes, |_| {}),
            way(No("being_rolled_back"), |s| {
                s.active[0].rolls_back = Some("d-A1B2C3D4E".to_owned());
            }),
        ],
        // … nor any deployment of its deployment group is active now
        vec![
            way(Yes, |_| {}),
            way(No("group_deploying"), |s| {
                s.active.push(active("d-B2C3D4E5F", "shop", "checkout"));
            }),
        ],
        // scaling did not create it
        vec![
            way(Yes, |_| {}),
            way(No("made_by_scaling"), |s| {
                deployment(s).creator = Creator::AutoScaling;
            }),
            way(No("creator_unrecognized"), |s| {
                deployment(s).creator = "Robot".into();
            }),
        ],
        // no deployment group names the group
        vec![
            way(Yes, |_| {}),
            way(No("named"), |s| {
                s.owners.push(owner("blog", "web", &s.groups[0].name));
            }),
        ],
        // no target group or load balancer holds any of its instances by id …
        vec![
            way(Yes, |_| {}),
            way(No("registered_by_id"), |s| {
                s.registrations.push(by_id("load balancer old", "i-0b"));
            }),
        ],
        // … or address
        vec![
            way(Yes, |_| {}),
            way(Yes, |s| registered_by(s, "10.0.0.9", true)),
            way(No("registered_by_address"), |s| {
                registered_by(s, "10.0.0.8", true);
            }),
            way(No("addresses_unknown"), |s| {
                registered_by(s, "10.0.0.9", false);
            }),
        ],
    ]
}

/// What design and operators ask for besides.
pub(super) fn besides() -> Vec<Vec<Way>> {
    vec![
        vec![
            way(Yes, |_| {}),
            way(NotYet, |s| {
                deployment(s).completed = Some(crate::examples::at(OVER - 599));
            }),
        ],
        vec![
            way(Yes, |_| {}),
            way(No("end_unknown"), |s| deployment(s).completed = None),
        ],
        vec![
            way(Yes, |_| {}),
            way(No("other_platform"), |s| {
                deployment(s).platform = Platform::Ecs;
            }),
        ],
        vec![
            way(Yes, |_| {}),
            way(No("other_deployment_group"), |s| {
                deployment(s).deployment_group =
                    DeploymentGroupName::parse("basket").expect("a name");
            }),
        ],
        vec![
            way(Yes, |_| {}),
            way(No("targeted"), |s| {
                s.active[0].scaling_groups = vec![s.groups[0].name.clone()];
            }),
        ],
        vec![
            way(Yes, |_| {}),
            way(No("attached"), |s| {
                group(s).attached = vec!["arn:tg".to_owned()];
            }),
        ],
        vec![
            way(Yes, |_| {}),
            way(No("set_aside"), |s| {
                group(s).instances[0] = instance("i-0a", "Standby");
            }),
            way(No("state_unrecognized"), |s| {
                group(s).instances[0] = instance("i-0a", "Thawing");
            }),
        ],
        vec![
            way(Yes, |_| {}),
            way(No("keep"), |s| tag(group(s), "pointsman:keep", "x")),
        ],
        vec![
            way(Yes, |_| {}),
            way(Yes, |s| {
                group(s).deletion_protection = DeletionProtection::PreventForceDeletion;
            }),
            way(No("protected"), |s| {
                group(s).deletion_protection = DeletionProtection::PreventAllDeletion;
            }),
            way(No("protection_unrecognized"), |s| {
                group(s).deletion_protection = "some".into();
            }),
        ],
        vec![
            way(Yes, |_| {}),
            way(No("managed"), |s| {
                group(s).operator = Some("eks".to_owned());
            }),
        ],
        vec![
            way(Yes, |_| {}),
            way(No("made_afterwards"), |s| {
                group(s).created = crate::examples::at(OVER);
            }),
        ],
        vec![
            way(Yes, |_| {}),
            way(No("warm_pool_unknown"), |s| group(s).warm_pool = Some(1)),
        ],
        vec![way(Yes, |_| {}), way(No("unread"), unread)],
        vec![
            way(Yes, |_| {}),
            way(No("deployment_unknown"), |s| {
                s.deployments.remove(&id("d-A1B2C3D4E"));
            }),
        ],
    ]
}

/// The quarantine, for the second proof.
pub(super) fn in_quarantine() -> Vec<Way> {
    vec![
        way(Yes, |_| {}),
        way(NotYet, |s| {
            tag(
                group(s),
                "pointsman:quarantined-until",
                &crate::examples::at(OVER + 1).to_string(),
            );
        }),
        way(NotYet, |s| {
            tag(
                group(s),
                "pointsman:quarantined-at",
                &crate::examples::at(OVER - 299).to_string(),
            );
        }),
        way(No("not_quarantined"), |s| group(s).tags.clear()),
        way(No("quarantined_for_other"), |s| {
            tag(group(s), "pointsman:quarantine", "d-B2C3D4E5F");
        }),
        way(No("quarantine_unreadable"), |s| {
            tag(group(s), "pointsman:quarantined-at", "then");
        }),
    ]
}

fn roll_back(survey: &mut Survey, status: Option<&str>) {
    deployment(survey).rolled_back_by = Some(id("d-ROLLBACK1"));
    if let Some(status) = status {
        survey
            .deployments
            .insert(id("d-ROLLBACK1"), ended(status, ENDED));
    }
}

fn registered_by(survey: &mut Survey, address: &str, known: bool) {
    survey
        .registrations
        .push(by_address("target group ip", address));
    survey
        .addresses
        .insert("i-0a".to_owned(), vec!["10.0.0.7".to_owned()]);
    if known {
        survey
            .addresses
            .insert("i-0b".to_owned(), vec!["10.0.0.8".to_owned()]);
    }
}

fn unread(survey: &mut Survey) {
    survey.unread.push(Unread {
        what: "deployment groups".to_owned(),
        why: "refused".to_owned(),
    });
}
