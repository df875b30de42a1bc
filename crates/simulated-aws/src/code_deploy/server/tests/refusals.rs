//! Holds what is refused, and what fails before it begins.

use super::*;

#[test]
fn a_deployment_without_instances_or_load_balancer_fails_at_its_start() {
    let mut fleet = Fleet::blue_green(1);
    fleet.rolls_back();
    fleet.released("shop/1.zip");
    let revision = fleet.bundle("shop/2.zip", |bundle| bundle);
    fleet.group(|_, server| server.auto_scaling_groups.clear());
    let nobody = fleet.create(revision.clone());
    fleet.pass(60);
    assert_eq!(fleet.error(&nobody), "NO_INSTANCES");
    fleet.group(|_, server| {
        server.style = Style::BlueGreen(BlueGreen::copying(Duration::ZERO));
        server.auto_scaling_groups.clear();
    });
    let uncopied = fleet.create(revision.clone());
    fleet.pass(60);
    assert_eq!(fleet.error(&uncopied), "AUTO_SCALING_CONFIGURATION");
    fleet.group(|_, server| {
        server.style = Style::BlueGreen(BlueGreen::copying(Duration::ZERO));
        server.auto_scaling_groups.clear();
        server.target_groups.clear();
    });
    let unbalanced = fleet.create(revision);
    fleet.pass(60);
    assert_eq!(fleet.error(&unbalanced), "MISSING_ELB_INFORMATION");
}

#[test]
fn as_many_healthy_instances_as_there_are_leave_none_to_deploy_to() {
    let mut fleet = Fleet::new(2);
    let hosts = MinimumHealthyHosts::HostCount(2);
    fleet
        .world
        .code_deploy
        .create_server_configuration("BothAlways", hosts);
    fleet.group(|new, _| new.configuration = "BothAlways".into());
    let revision = fleet.bundle("shop/1.zip", |bundle| bundle);
    let id = fleet.create(revision);
    fleet.pass(60);
    assert_eq!(fleet.error(&id), "HEALTH_CONSTRAINTS_INVALID");
    assert_eq!(fleet.targets(&id), [TargetStatus::Skipped; 2]);
    assert_eq!(fleet.healthy(), 2);
}

#[test]
fn a_target_group_that_is_not_there_fails_the_first_instance() {
    let mut fleet = Fleet::new(1);
    fleet.group(|_, server| server.target_groups = vec!["gone".into()]);
    let revision = fleet.bundle("shop/1.zip", |bundle| bundle);
    let id = fleet.create(revision);
    fleet.pass(60);
    let event = fleet.server(&id).targets[0].event(InstanceEventName::BlockTraffic);
    let diagnostics = event.and_then(|event| event.diagnostics.as_ref());
    let message = &diagnostics.expect("is over").message;
    assert!(message.starts_with("The target group gone"), "{message}");
    assert_eq!(fleet.error(&id), "HEALTH_CONSTRAINTS");
}

#[test]
fn refuses_by_name_what_cannot_be_deployed() {
    let mut fleet = Fleet::blue_green(1);
    let revision = fleet.bundle("shop/1.zip", |bundle| bundle);
    let text = NewRevision {
        kind: crate::code_deploy::RevisionKind::String,
        content: "files".into(),
    };
    let code = |refused: Result<String, ApiError>| refused.expect_err("is refused").code;
    let refused = fleet.try_create(text, |_| {});
    assert_eq!(code(refused), "InvalidRevisionException");
    let refused = fleet.try_create(revision.clone(), |new| {
        new.configuration = Some("CodeDeployDefault.LambdaAllAtOnce".into());
    });
    assert_eq!(code(refused), "DeploymentConfigDoesNotExistException");
    let refused = fleet.try_create(revision, |new| {
        new.server.processes_to_suspend = Some(vec![Process::Terminate]);
    });
    assert_eq!(
        code(refused),
        "InvalidAutoScalingGroupProcessToSuspendException"
    );
    let new = NewGroup {
        application: "shop".into(),
        name: "other".into(),
        configuration: "CodeDeployDefault.AllAtOnce".into(),
        auto_rollback: AutoRollback::default(),
        alarms: AlarmConfiguration::default(),
    };
    let server = ServerGroup {
        auto_scaling_groups: vec!["gone".into()],
        ..ServerGroup::default()
    };
    let refused = create_server_group(&mut fleet.world, new, server);
    let code = refused.expect_err("is refused").code;
    assert_eq!(code, "InvalidAutoScalingGroupException");
    assert_eq!(fleet.world.code_deploy.group("shop", "other"), None);
}
