//! The fleet of the clean-up scenarios: a store on EC2 instances, behind a load balancer, that its
//! team deploys to with CodeDeploy.

use std::time::Duration;

use coordinator::hooks::{ApplicationName, DeploymentGroupName};
use coordinator::spec;
use simulated_aws::World;
use simulated_aws::auto_scaling::{self, NewGroup as NewScalingGroup};
use simulated_aws::code_deploy::{
    self, AlarmConfiguration, AutoRollback, BlueGreen, Bundle, InstanceEventName, NewDeployment,
    NewGroup, NewRevision, Platform, Process, RollbackEvent, S3Location, Script, ServerGroup,
    Status, Style,
};
use simulated_aws::ec2::Software;
use simulated_aws::load_balancing::{self, TargetGroup, target_group_arn};
use simulated_aws::wire::ApiError;

use crate::scenarios::Scenario;

/// The CodeDeploy application of the fleet's team.
pub const APPLICATION: &str = "store";
/// Its deployment group.
pub const GROUP: &str = "web";
/// The Auto Scaling group that serves when a scenario begins, and the target group before it.
pub const FLEET: &str = "store-web";
const PORT: u16 = 8080;

/// The least and the most between a failure and its roll back, where that comes late.
pub const LATE_ROLL_BACK: (Duration, Duration) = (Duration::from_mins(4), Duration::from_mins(5));

/// How the team deploys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// To a copy of the Auto Scaling group, which then serves in its place.
    BlueGreen,
    /// To the instances that serve, half of them at a time.
    InPlace,
}

/// A revision of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Release {
    /// It works.
    Good,
    /// It starts, and then does not answer.
    Bad,
    /// It takes very long to start, and works.
    Slow,
}

/// Creates the fleet: so many instances, in service behind a target group, and a deployment group
/// that deploys to them in place, until [`deploys`] says otherwise.
pub fn open(world: &mut World, size: u32) {
    let mut targets = TargetGroup::new(FLEET, PORT);
    targets.health_check.interval = Duration::from_secs(10);
    targets.deregistration_delay = Duration::from_secs(30);
    world.load_balancing.put_target_group(targets);
    let fleet = NewScalingGroup {
        max: size * 2,
        target_groups: vec![target_group_arn(FLEET)],
        ..NewScalingGroup::of_size(FLEET, size)
    };
    auto_scaling::create_group(world, fleet).expect("the account is empty");
    world
        .code_deploy
        .create_application(APPLICATION, Platform::Server);
    let group = NewGroup {
        application: APPLICATION.into(),
        name: GROUP.into(),
        configuration: String::new(),
        auto_rollback: AutoRollback::default(),
        alarms: AlarmConfiguration::default(),
    };
    let server = ServerGroup {
        auto_scaling_groups: vec![FLEET.into()],
        target_groups: vec![FLEET.into()],
        ..ServerGroup::default()
    };
    code_deploy::create_server_group(world, group, server).expect("the fleet's group exists");
    deploys(world, Kind::InPlace, false);
}

/// Says how the team deploys from now on, and whether what fails is rolled back.
pub fn deploys(world: &mut World, kind: Kind, rolls_back: bool) {
    let group = world.code_deploy.group_mut(APPLICATION, GROUP);
    let group = group.expect("the fleet was opened");
    group.new.auto_rollback = if rolls_back {
        AutoRollback::on(&[RollbackEvent::DeploymentFailure])
    } else {
        AutoRollback::default()
    };
    let server = group.server.get_or_insert_default();
    (
        group.new.configuration,
        server.style,
        server.processes_to_suspend,
    ) = match kind {
        Kind::BlueGreen => {
            let style = Style::BlueGreen(BlueGreen::copying(Duration::from_mins(5)));
            ("CodeDeployDefault.AllAtOnce".into(), style, Vec::new())
        }
        Kind::InPlace => {
            let processes = vec![Process::AzRebalance, Process::Terminate];
            (
                "CodeDeployDefault.HalfAtATime".into(),
                Style::InPlace,
                processes,
            )
        }
    };
}

/// The team deploys as the scenario has it.
pub(crate) fn deploy(world: &mut World, scenario: Scenario) -> Result<String, ApiError> {
    let (kind, rolls_back, revision) = match scenario {
        Scenario::RollbackInProgress => (Kind::BlueGreen, true, Release::Bad),
        Scenario::TargetsLeftOut => (Kind::InPlace, false, Release::Good),
        Scenario::ProcessesLeftSuspended => {
            suspend_by_hand(world);
            world.code_deploy.settings.resume_fails = true;
            (Kind::InPlace, false, Release::Bad)
        }
        Scenario::LeftoverGroup
        | Scenario::LeftoverAdopted
        | Scenario::LeftoverSuperseded
        | Scenario::EventLost
        | Scenario::GoodRelease
        | Scenario::BadRelease
        | Scenario::SlowPoison
        | Scenario::HookDies
        | Scenario::ChecksHang
        | Scenario::OperatorAborts => (Kind::BlueGreen, false, Release::Bad),
    };
    deploys(world, kind, rolls_back);
    release(world, revision)
}

/// Somebody suspends a process for reasons of his own, before the deployment.
fn suspend_by_hand(world: &mut World) {
    let process = auto_scaling::Process::ScheduledActions;
    world.tell(
        "operator",
        format!("suspends {} of {FLEET}", process.as_str()),
    );
    let reason = format!("User suspended at {}", world.now());
    auto_scaling::suspend(world, FLEET, &[process], &reason).expect("the fleet exists");
}

/// The team's first release, to all instances at once: what a roll back goes back to.
pub fn release_first(world: &mut World, release: Release) -> Result<String, ApiError> {
    let revision = bundle(world, release);
    let deployment = NewDeployment {
        configuration: Some("CodeDeployDefault.AllAtOnce".into()),
        ..NewDeployment::new(APPLICATION, GROUP, revision)
    };
    code_deploy::create_deployment(world, deployment)
}

/// The team deploys a revision; the deployment's ID.
pub fn release(world: &mut World, release: Release) -> Result<String, ApiError> {
    let revision = bundle(world, release);
    let deployment = NewDeployment::new(APPLICATION, GROUP, revision);
    code_deploy::create_deployment(world, deployment)
}

fn bundle(world: &mut World, release: Release) -> NewRevision {
    let start = |takes| Script::fine("scripts/start.sh", takes);
    let good = Script::fine("scripts/status.sh", Duration::from_secs(2));
    let (key, starts, software, status) = match release {
        Release::Good => (
            "store/good.zip",
            Duration::from_secs(8),
            Software::Good,
            good,
        ),
        Release::Slow => (
            "store/slow.zip",
            Duration::from_mins(8),
            Software::Good,
            good,
        ),
        Release::Bad => {
            let lines = [
                "waiting for port 8080",
                "curl: (7) failed to connect to port 8080",
            ];
            let status = Script::failing("scripts/status.sh", Duration::from_secs(3), &lines);
            (
                "store/bad.zip",
                Duration::from_secs(8),
                Software::Nothing,
                status,
            )
        }
    };
    let drained = Script::fine("scripts/drained.sh", Duration::from_secs(30));
    let bundle = Bundle::new(software)
        .script(InstanceEventName::AfterBlockTraffic, drained)
        .script(InstanceEventName::ApplicationStart, start(starts))
        .script(InstanceEventName::ValidateService, status);
    let location = S3Location::zip("store-releases", key, "9a0364b9e99bb480dd25e1f0284c8555");
    world.code_deploy.put_bundle(&location, bundle)
}

/// Stores what the team declares of its clean-ups, as `pointsman spec put` does.
pub fn put_spec(world: &mut World, toml: &str) {
    let spec = spec::read_toml(toml).expect("the fleet's spec has no fault");
    let stored = spec::store(&spec).expect("the fleet's spec is small");
    let application = ApplicationName::parse(APPLICATION).expect("is a name");
    let group = DeploymentGroupName::parse(GROUP).expect("is a name");
    let name = spec::parameter_name(spec::DEFAULT_PREFIX, &application, &group);
    let now = world.now();
    world.ssm.put(&name.expect("is short"), &stored.value, now);
}

/// The copies that failed or stopped deployments of the fleet left behind and that are still there.
pub fn copies(world: &World) -> Vec<String> {
    let ended = world
        .code_deploy
        .deployments()
        .iter()
        .filter(|deployment| matches!(deployment.status, Status::Failed | Status::Stopped));
    ended
        .map(|deployment| format!("CodeDeploy_{}_{}", deployment.group, deployment.id))
        .filter(|name| world.auto_scaling.group(name).is_some())
        .collect()
}

/// How many targets of the fleet's target group are healthy.
pub fn healthy(world: &World) -> usize {
    let targets = load_balancing::targets(world, &target_group_arn(FLEET));
    targets
        .iter()
        .filter(|(_, health)| health.is_healthy())
        .count()
}
