//! A fleet behind a target group, a group that deploys to it, and hands that play everybody else.

mod api;
mod blue_green;
mod endings;
mod in_place;
mod lists;
mod processes;
mod random;
mod refusals;
mod roll_backs;
mod scale_out;
mod waits;

use std::time::Duration;

use serde_json::Value;

use super::*;
use crate::auto_scaling::{self, NewGroup as NewScalingGroup};
use crate::call::{Call, CallId};
use crate::code_deploy::api::handle;
use crate::code_deploy::{
    AlarmConfiguration, AutoRollback, Creator, Deployment, LifecycleEventStatus, NewDeployment,
    NewGroup, NewRevision, Platform, RollbackEvent, Status, create_deployment, create_server_group,
};
use crate::ec2::Software;
use crate::load_balancing::{self, Target, TargetGroup, target_group_arn};
use crate::wire::{Answer, ApiError, Protocol, Service};

const PORT: u16 = 8080;

struct Fleet {
    world: World,
}

impl Fleet {
    /// The Auto Scaling group `fleet` with so many instances that are in service and healthy in the
    /// target group `shop`, and the deployment group `shop/fleet`, which takes one instance at a
    /// time out of it, in place.
    fn new(size: u32) -> Fleet {
        let mut fleet = Fleet {
            world: World::new(1),
        };
        let mut shop = TargetGroup::new("shop", PORT);
        shop.health_check.interval = Duration::from_secs(10);
        shop.deregistration_delay = Duration::from_secs(30);
        fleet.world.load_balancing.put_target_group(shop);
        let scaling = NewScalingGroup {
            max: size + 2,
            target_groups: vec![target_group_arn("shop")],
            ..NewScalingGroup::of_size("fleet", size)
        };
        auto_scaling::create_group(&mut fleet.world, scaling).expect("is a new name");
        fleet.pass(120);
        let code_deploy = &mut fleet.world.code_deploy;
        code_deploy.create_application("shop", Platform::Server);
        fleet.group(|_, _| {});
        fleet
    }

    /// The same with a deployment group that copies the Auto Scaling group, all at once, and
    /// terminates the originals after ten minutes.
    fn blue_green(size: u32) -> Fleet {
        let mut fleet = Fleet::new(size);
        fleet.group(|new, server| {
            new.configuration = "CodeDeployDefault.AllAtOnce".into();
            server.style = Style::BlueGreen(BlueGreen::copying(Duration::from_mins(10)));
        });
        fleet
    }

    /// The deployment group `shop/fleet` as it is by default, with changes.
    fn group(&mut self, change: impl FnOnce(&mut NewGroup, &mut ServerGroup)) {
        let mut new = NewGroup {
            application: "shop".into(),
            name: "fleet".into(),
            configuration: "CodeDeployDefault.OneAtATime".into(),
            auto_rollback: AutoRollback::default(),
            alarms: AlarmConfiguration::default(),
        };
        let mut server = ServerGroup {
            auto_scaling_groups: vec!["fleet".into()],
            target_groups: vec!["shop".into()],
            ..ServerGroup::default()
        };
        change(&mut new, &mut server);
        create_server_group(&mut self.world, new, server).expect("has its application");
    }

    /// Whatever fails is rolled back.
    fn rolls_back(&mut self) {
        let group = self.world.code_deploy.group_mut("shop", "fleet");
        group.expect("exists").new.auto_rollback =
            AutoRollback::on(&[RollbackEvent::DeploymentFailure]);
    }

    /// A bundle in S3 that starts good software, with changes.
    fn bundle(&mut self, key: &str, change: impl FnOnce(Bundle) -> Bundle) -> NewRevision {
        let start = Script::fine("scripts/start.sh", Duration::from_secs(5));
        let bundle = Bundle::new(Software::Good).script(InstanceEventName::ApplicationStart, start);
        let location = S3Location::zip("releases", key, "9a0364b9e99bb480dd25e1f0284c8555");
        let code_deploy = &mut self.world.code_deploy;
        code_deploy.put_bundle(&location, change(bundle))
    }

    /// A bundle whose application is found wanting.
    fn bad_bundle(&mut self, key: &str) -> NewRevision {
        let lines = ["checking", "no answer on port 8080"];
        let status = Script::failing("scripts/status.sh", Duration::from_secs(3), &lines);
        self.bundle(key, |bundle| {
            bundle.script(InstanceEventName::ValidateService, status)
        })
    }

    fn create(&mut self, revision: NewRevision) -> String {
        self.try_create(revision, |_| {}).expect("is created")
    }

    fn try_create(
        &mut self,
        revision: NewRevision,
        change: impl FnOnce(&mut NewDeployment),
    ) -> Result<String, ApiError> {
        let mut new = NewDeployment::new("shop", "fleet", revision);
        change(&mut new);
        create_deployment(&mut self.world, new)
    }

    /// A deployment of a good bundle, which has succeeded.
    fn released(&mut self, key: &str) -> String {
        let revision = self.bundle(key, |bundle| bundle);
        let id = self.create(revision);
        self.pass(3_600);
        assert_eq!(self.status(&id), Status::Succeeded);
        id
    }

    fn pass(&mut self, seconds: u64) {
        let to = self.world.now() + Duration::from_secs(seconds);
        while !self.world.advance(to).is_empty() {}
    }

    fn deployment(&self, id: &str) -> &Deployment {
        self.world.code_deploy.deployment(id).expect("exists")
    }

    fn server(&self, id: &str) -> &ServerDeployment {
        self.deployment(id).server.as_ref().expect("is on EC2")
    }

    fn status(&self, id: &str) -> Status {
        self.deployment(id).status
    }

    fn error(&self, id: &str) -> &'static str {
        let error = self.deployment(id).error.as_ref();
        error.map_or("", |error| error.code)
    }

    fn targets(&self, id: &str) -> Vec<TargetStatus> {
        let targets = self.server(id).targets.iter();
        targets.map(|target| target.status).collect()
    }

    fn instances(&self, group: &str) -> Vec<String> {
        fleet::in_service(&self.world, &[group.to_owned()])
    }

    fn exists(&self, group: &str) -> bool {
        self.world.auto_scaling.group(group).is_some()
    }

    /// Who is registered with the target group.
    fn registered(&self) -> Vec<String> {
        let targets = load_balancing::targets(&self.world, &target_group_arn("shop"));
        targets.into_iter().map(|(target, _)| target.id).collect()
    }

    fn healthy(&self) -> usize {
        let targets = load_balancing::targets(&self.world, &target_group_arn("shop"));
        let healthy = targets.iter().filter(|(_, health)| health.is_healthy());
        healthy.count()
    }

    fn software(&self, instance: &str) -> Software {
        self.world.ec2.instance(instance).expect("exists").software
    }

    fn copy_of(&self, id: &str) -> String {
        format!("CodeDeploy_fleet_{}", self.deployment(id).id)
    }

    fn names(&self) -> Vec<String> {
        let group = self.world.code_deploy.group("shop", "fleet");
        let server = group.expect("exists").server.as_ref().expect("is on EC2");
        server.auto_scaling_groups.clone()
    }

    fn roll_back_of(&self, id: &str) -> Option<String> {
        self.deployment(id).roll_back.deployment.clone()
    }
}

fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort_unstable();
    names
}

fn call(action: &str, input: Value) -> Call {
    Call {
        id: CallId(1),
        caller: "sweep".into(),
        invocation: None,
        service: Service::CodeDeploy,
        action: action.into(),
        input,
        protocol: Protocol::Json,
    }
}

fn ask(fleet: &mut Fleet, action: &str, input: Value) -> Value {
    match handle(&mut fleet.world, &call(action, input)) {
        Ok(Answer::Document(document)) => document,
        other => panic!("no document from {action}: {other:?}"),
    }
}

fn refusal(fleet: &mut Fleet, action: &str, input: Value) -> String {
    let call = call(action, input);
    handle(&mut fleet.world, &call)
        .expect_err("is refused")
        .code
}
