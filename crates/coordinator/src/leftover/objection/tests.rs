//! Every objection is one sentence that says what to do or what is not known.

use super::*;
use crate::examples::{at, deployment_id};
use crate::leftover::examples::id;

fn group_name(text: &str) -> DeploymentGroupName {
    DeploymentGroupName::parse(text).expect("a name")
}

#[test]
fn objections_on_the_deployment_are_sentences() {
    let deployment = deployment_id();
    let cases = [
        (
            Objection::NotACopy {
                group: "web\u{7}".to_owned(),
            },
            "\"web\\u{7}\" is not a name that CodeDeploy gives to a copy (CodeDeploy_<deployment \
             group>_d-…), so nothing says that a deployment made it",
        ),
        (
            Objection::DeploymentUnknown {
                deployment: deployment.clone(),
            },
            "CodeDeploy knows no deployment d-A1B2C3D4E, so nothing proves how it ended; delete \
             the group by hand if nobody needs it",
        ),
        (
            Objection::OtherDeploymentGroup {
                deployment: deployment.clone(),
                named: group_name("checkout"),
                actual: group_name("basket"),
            },
            "d-A1B2C3D4E was a deployment of basket, but the group is named after checkout: \
             somebody else may have named it",
        ),
        (
            Objection::OtherPlatform {
                deployment: deployment.clone(),
                platform: Platform::Ecs,
            },
            "d-A1B2C3D4E ran on ECS, and only Server deployments copy groups",
        ),
        (
            Objection::Succeeded {
                deployment: deployment.clone(),
            },
            "d-A1B2C3D4E succeeded, so this copy is its new fleet",
        ),
        (
            Objection::UnderWay {
                deployment: deployment.clone(),
                status: DeploymentStatus::Ready,
            },
            "d-A1B2C3D4E is Ready, which is not over; wait for its end or stop it",
        ),
        (
            Objection::StatusUnrecognized {
                deployment: deployment.clone(),
                status: "Thawing".to_owned(),
            },
            "d-A1B2C3D4E is \"Thawing\", which is not known to be over",
        ),
        (
            Objection::EndUnknown {
                deployment: deployment.clone(),
            },
            "CodeDeploy does not say when d-A1B2C3D4E ended, so its roll back may still be to come",
        ),
        (
            Objection::MadeAfterwards {
                deployment: deployment.clone(),
                created: at(60),
                completed: at(0),
            },
            "the group was created at 2026-08-01T10:01:00Z, after d-A1B2C3D4E had ended at \
             2026-08-01T10:00:00Z, so that one did not make it",
        ),
        (
            Objection::MadeByScaling {
                deployment: deployment.clone(),
                creator: Creator::AutoScaling,
            },
            "d-A1B2C3D4E was made by autoscaling: scaling is no release and leaves no copy behind",
        ),
        (
            Objection::CreatorUnrecognized {
                deployment,
                creator: "Robot".to_owned(),
            },
            "d-A1B2C3D4E was made by \"Robot\", which is not known to make releases",
        ),
    ];
    for (objection, expected) in cases {
        assert_eq!(objection.to_string(), expected);
    }
}

#[test]
fn objections_on_other_deployments_are_sentences() {
    let (deployment, roll_back) = (deployment_id(), id("d-ROLLBACK1"));
    let status = DeploymentStatus::InProgress;
    let cases = [
        (
            Objection::RollBackUnknown {
                deployment: deployment.clone(),
                roll_back: roll_back.clone(),
            },
            "d-ROLLBACK1 rolls d-A1B2C3D4E back, and CodeDeploy does not say where that stands",
        ),
        (
            Objection::RollBackUnderWay {
                deployment: deployment.clone(),
                roll_back: roll_back.clone(),
                status: status.clone(),
            },
            "d-ROLLBACK1, which rolls d-A1B2C3D4E back, is InProgress and may use this group's \
             instances",
        ),
        (
            Objection::RollBackUnrecognized {
                deployment: deployment.clone(),
                roll_back,
                status: "Thawing".to_owned(),
            },
            "d-ROLLBACK1, which rolls d-A1B2C3D4E back, is \"Thawing\", which is not known to \
             be over",
        ),
        (
            Objection::BeingRolledBack {
                deployment,
                by: "d-X".to_owned(),
                status: status.clone(),
            },
            "d-X is InProgress and rolls d-A1B2C3D4E back",
        ),
        (
            Objection::GroupDeploying {
                application: ApplicationName::parse("shop").expect("a name"),
                deployment_group: group_name("checkout"),
                by: "d-X".to_owned(),
                status: status.clone(),
            },
            "d-X of shop/checkout is InProgress; wait until nothing is deployed there",
        ),
        (
            Objection::Targeted {
                by: "d-X".to_owned(),
                status,
            },
            "d-X is InProgress and deploys to this group",
        ),
    ];
    for (objection, expected) in cases {
        assert_eq!(objection.to_string(), expected);
    }
}

#[test]
fn objections_of_users_are_sentences() {
    let instances = vec!["i-0a".to_owned()];
    let holder = "target group shop".to_owned();
    let cases = [
        (
            Objection::Named {
                application: "shop".to_owned(),
                deployment_group: "web".to_owned(),
            },
            "deployment group shop/web names this group as its own",
        ),
        (
            Objection::RegisteredById {
                holder: holder.clone(),
                instances: instances.clone(),
            },
            "target group shop holds 1 instance: i-0a",
        ),
        (
            Objection::RegisteredByAddress {
                holder: holder.clone(),
                instances: vec!["i-0a (10.0.0.7)".to_owned()],
            },
            "target group shop holds 1 instance by address: i-0a (10.0.0.7)",
        ),
        (
            Objection::AddressesUnknown { holder, instances },
            "target group shop registers by address, and the addresses of 1 instance are not \
             known: i-0a",
        ),
        (
            Objection::AddressesUnreadable {
                addresses: vec!["\"x\" of i-0a".to_owned(); 7],
            },
            "these are no addresses that can be compared with instances: \"x\" of i-0a, \"x\" of \
             i-0a, \"x\" of i-0a, \"x\" of i-0a, \"x\" of i-0a and 2 more",
        ),
        (
            Objection::Attached {
                to: vec!["arn:tg".to_owned()],
            },
            "attached to the group itself: arn:tg; detach what it shall not serve",
        ),
    ];
    for (objection, expected) in cases {
        assert_eq!(objection.to_string(), expected);
    }
}

#[test]
fn objections_of_the_group_are_sentences() {
    let instances = vec!["i-0a".to_owned()];
    let cases = [
        (
            Objection::SetAside {
                state: LifecycleState::Standby,
                instances: instances.clone(),
            },
            "1 instance in Standby, where somebody put them: i-0a; return or terminate them",
        ),
        (
            Objection::StateUnrecognized {
                state: "Thawing".to_owned(),
                instances,
            },
            "\"Thawing\" is no lifecycle state that is known here: i-0a",
        ),
        (
            Objection::WarmPoolUnknown { has: 3, listed: 1 },
            "the warm pool has 3 instances, of which 1 could be listed",
        ),
        (
            Objection::Keep {
                value: "ask ana".to_owned(),
            },
            "an operator keeps it (tag pointsman:keep = \"ask ana\"); `pointsman release` takes \
             that back",
        ),
        (
            Objection::Protected,
            "the group is protected from deletion (prevent-all-deletion); lift that if it may go",
        ),
        (
            Objection::ProtectionUnrecognized {
                protection: "some".to_owned(),
            },
            "\"some\" is no deletion protection that is known here",
        ),
        (
            Objection::Managed {
                operator: "eks.amazonaws.com".to_owned(),
            },
            "eks.amazonaws.com manages the group, and it alone may change it",
        ),
        (
            Objection::QuarantinedForOther {
                tagged: id("d-B2C3D4E5F"),
            },
            "the group is in quarantine for d-B2C3D4E5F, which is not the deployment in its name",
        ),
        (
            Objection::QuarantineUnreadable {
                fault: TagFault::Missing {
                    key: "pointsman:quarantined-at".to_owned(),
                },
            },
            "the quarantine cannot be read from the group's tags: tag pointsman:quarantined-at is \
             missing; resume its processes, then take its tags off",
        ),
        (
            Objection::NotQuarantined,
            "the group is not in quarantine, and nothing is shrunk that was not",
        ),
        (
            Objection::Unread {
                what: "target groups".to_owned(),
                why: "throttled".to_owned(),
            },
            "target groups could not be read: throttled",
        ),
    ];
    for (objection, expected) in cases {
        assert_eq!(objection.to_string(), expected);
    }
}
