//! An account in which blue/green deployments failed.

use std::time::Duration;

use coordinator::hooks::{ApplicationName, DeploymentGroupName};
use coordinator::spec;
use simulated_aws::World;
use simulated_aws::auto_scaling::{self, Group, NewGroup as NewScalingGroup};
use simulated_aws::code_deploy::{
    self, AlarmConfiguration, AutoRollback, BlueGreen, Bundle, InstanceEventName, NewDeployment,
    NewGroup, Platform, S3Location, Script, ServerGroup, Status, Style,
};
use simulated_aws::ec2::Software;
use simulated_aws::load_balancing::{self, Target, TargetGroup, TargetType, target_group_arn};

const APPLICATION: &str = "shop";
const PORT: u16 = 8080;

pub(super) fn pass(world: &mut World, seconds: u64) {
    let end = world.now() + Duration::from_secs(seconds);
    while !world.advance(end).is_empty() {}
}

/// A deployment group of the shop, with an Auto Scaling group of two instances of its own, which it
/// copies.
pub(super) fn open(world: &mut World, name: &str) {
    world
        .load_balancing
        .put_target_group(TargetGroup::new(name, PORT));
    let fleet = NewScalingGroup {
        target_groups: vec![target_group_arn(name)],
        ..NewScalingGroup::of_size(&format!("{name}-fleet"), 2)
    };
    auto_scaling::create_group(world, fleet).expect("is a new name");
    let is_known = world
        .code_deploy
        .applications()
        .any(|known| known == APPLICATION);
    if !is_known {
        world
            .code_deploy
            .create_application(APPLICATION, Platform::Server);
    }
    let style = Style::BlueGreen(BlueGreen::copying(Duration::from_mins(5)));
    group(world, APPLICATION, name, &format!("{name}-fleet"), style);
}

fn group(world: &mut World, application: &str, name: &str, fleet: &str, style: Style) {
    let new = NewGroup {
        application: application.into(),
        name: name.into(),
        configuration: "CodeDeployDefault.AllAtOnce".into(),
        auto_rollback: AutoRollback::default(),
        alarms: AlarmConfiguration::default(),
    };
    let server = ServerGroup {
        auto_scaling_groups: vec![fleet.into()],
        target_groups: vec![name.into()],
        style,
        ..ServerGroup::default()
    };
    code_deploy::create_server_group(world, new, server).expect("has its application");
}

/// Deploys to a group of the shop and sees it end like this; the name of the copy.
fn deploy(world: &mut World, name: &str, software: Software, ends: Status) -> String {
    let takes = Duration::from_secs(3);
    let status = match software {
        Software::Good => Script::fine("scripts/status.sh", takes),
        Software::Nothing | Software::Bad | Software::Hangs => {
            Script::failing("scripts/status.sh", takes, &["no answer on port 8080"])
        }
    };
    let bundle = Bundle::new(software).script(InstanceEventName::ValidateService, status);
    let location = S3Location::zip("releases", name, "9a0364b9e99bb480dd25e1f0284c8555");
    let revision = world.code_deploy.put_bundle(&location, bundle);
    let deployment = NewDeployment::new(APPLICATION, name, revision);
    let id = code_deploy::create_deployment(world, deployment).expect("is created");
    pass(world, 1_800);
    let found = world.code_deploy.deployment(&id).expect("exists");
    assert_eq!(found.status, ends, "{id}");
    format!("CodeDeploy_{name}_{id}")
}

/// Opens a deployment group whose next deployment leaves a copy behind; the copy's name.
pub(super) fn orphan(world: &mut World, name: &str) -> String {
    open(world, name);
    pass(world, 120);
    fails(world, name)
}

pub(super) fn fails(world: &mut World, name: &str) -> String {
    deploy(world, name, Software::Nothing, Status::Failed)
}

pub(super) fn succeeds(world: &mut World, name: &str) -> String {
    deploy(world, name, Software::Good, Status::Succeeded)
}

/// Another team's deployment group takes the group for its own.
pub(super) fn adopt(world: &mut World, copy: &str) {
    world
        .code_deploy
        .create_application("blog", Platform::Server);
    let new = TargetGroup::new("posts", PORT);
    world.load_balancing.put_target_group(new);
    group(world, "blog", "posts", copy, Style::InPlace);
}

/// Somebody registers an instance of the group by its address.
pub(super) fn register_by_address(world: &mut World, copy: &str) -> String {
    let mut by_address = TargetGroup::new("by-address", PORT);
    by_address.target_type = TargetType::Ip;
    world.load_balancing.put_target_group(by_address);
    let id = group_of(world, copy).instances[0].id.clone();
    let address = world.ec2.instance(&id).expect("exists").addresses[0].clone();
    let target = Target {
        id: address.clone(),
        port: PORT,
    };
    load_balancing::register(world, &target_group_arn("by-address"), target).expect("exists");
    format!("{id} ({address})")
}

pub(super) fn group_of<'a>(world: &'a World, name: &str) -> &'a Group {
    world.auto_scaling.group(name).expect("exists")
}

pub(super) fn tag(world: &mut World, group: &str, key: &str, value: &str) {
    let group = world.auto_scaling.group_mut(group).expect("exists");
    group.settings.tags.insert(key.into(), value.into());
}

pub(super) fn tag_of<'a>(world: &'a World, group: &str, key: &str) -> Option<&'a str> {
    let tags = &group_of(world, group).settings.tags;
    tags.get(key).map(String::as_str)
}

/// What `quarantine-group` leaves on a group, from now for so many minutes.
pub(super) fn quarantine(world: &mut World, group: &str, minutes: u64) {
    let until = world.now() + Duration::from_mins(minutes);
    let deployment = group.rsplit('_').next().unwrap_or_default().to_owned();
    let (at, until) = (world.now().to_string(), until.to_string());
    for (key, value) in [
        ("pointsman:quarantine", deployment.as_str()),
        ("pointsman:quarantined-at", &at),
        ("pointsman:quarantined-until", &until),
        ("pointsman:quarantine-reason", "left behind"),
        ("pointsman:quarantined-processes", "Launch Terminate"),
    ] {
        tag(world, group, key, value);
    }
}

/// A group that exists and that no deployment made, of so many instances.
pub(super) fn stray(world: &mut World, name: &str, size: u32) {
    auto_scaling::create_group(world, NewScalingGroup::of_size(name, size)).expect("is new");
}

/// The team of a group of the shop declares what its instances cost.
pub(super) fn put_spec(world: &mut World, group: &str, toml: &str) {
    let head = format!("application = \"{APPLICATION}\"\ndeployment_group = \"{group}\"\n");
    let spec = spec::read_toml(&format!("{head}{toml}")).expect("has no fault");
    let stored = spec::store(&spec).expect("is small");
    let now = world.now();
    world.ssm.put(&spec_name(group), &stored.value, now);
}

pub(super) fn spec_name(group: &str) -> String {
    let application = ApplicationName::parse(APPLICATION).expect("is a name");
    let group = DeploymentGroupName::parse(group).expect("is a name");
    spec::parameter_name(spec::DEFAULT_PREFIX, &application, &group).expect("is short")
}
