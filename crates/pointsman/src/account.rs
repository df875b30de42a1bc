//! The account of the demo: Pointsman as the template deploys it, and a team's shop on Lambda.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use coordinator::hooks::{ApplicationName, DeploymentGroupName};
use coordinator::spec;
use serde_json::json;
use simulated_aws::cloud_watch::{self, Metric, NewAlarm};
use simulated_aws::code_deploy::{
    self, AlarmConfiguration, AutoRollback, NewDeployment, NewGroup, NewRevision, Platform,
    RevisionKind, RollbackEvent,
};
use simulated_aws::event_bridge::Trigger;
use simulated_aws::lambda::{
    Alias, Application, Code, EventInvokeConfig, Function, Health, Named, Version, VersionState,
    function_arn,
};
use simulated_aws::sites::Site;
use simulated_aws::template::Stack;
use simulated_aws::traffic::{self, Stream};
use simulated_aws::wire::ApiError;
use simulated_aws::{World, step_functions};

use std::time::Duration;

use crate::pace::Pace;

/// The CodeDeploy application of the demo's team.
pub const APPLICATION: &str = "shop";
/// Its deployment group.
pub const GROUP: &str = "production";
/// The function that is deployed, and the alias that customers call.
pub const FUNCTION: &str = "shop";
/// The alias that customers call.
pub const ALIAS: &str = "live";
/// The version that serves when a scenario begins.
pub const OLD_VERSION: &str = "7";
/// The version that is deployed.
pub const NEW_VERSION: &str = "8";
/// The ledger's table, as the template names it with its default prefix.
pub const LEDGER: &str = "pointsman-ledger";
/// The alarm on the shop's errors.
pub const ALARM: &str = "shop-errors";
/// Customers' requests each second.
const REQUESTS_PER_SECOND: u32 = 20;

/// What is deployed of ours: texts, so that a test can take a piece away, and for whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shipped {
    /// `infra/template.yaml`.
    pub template: String,
    /// `statemachine/hook-verification.asl.json`.
    pub hook_verification: String,
    /// `statemachine/failed-deployment.asl.json`.
    pub failed_deployment: String,
    /// The deployment groups that may call our hooks, each with its application before it.
    pub deployment_groups: Vec<(String, String)>,
}

impl Default for Shipped {
    /// What the repository ships, for the demo's team.
    fn default() -> Shipped {
        Shipped {
            template: include_str!("../../../infra/template.yaml").to_owned(),
            hook_verification: include_str!("../../../statemachine/hook-verification.asl.json")
                .to_owned(),
            failed_deployment: include_str!("../../../statemachine/failed-deployment.asl.json")
                .to_owned(),
            deployment_groups: vec![(APPLICATION.to_owned(), GROUP.to_owned())],
        }
    }
}

impl Shipped {
    /// The definition that the template means by this path.
    fn definition(&self, uri: &str) -> Result<&str, String> {
        match uri.rsplit('/').next() {
            Some("hook-verification.asl.json") => Ok(&self.hook_verification),
            Some("failed-deployment.asl.json") => Ok(&self.failed_deployment),
            Some(_) | None => Err(format!("no machine is shipped as {uri}")),
        }
    }
}

/// What the template makes of the demo's account. What the repository ships is read once in a process:
/// many runs begin with it, and to read it takes longer than most of them.
pub fn stack(shipped: &Shipped) -> Result<Stack, String> {
    static SHIPPED: LazyLock<(Shipped, Result<Stack, String>)> = LazyLock::new(|| {
        let shipped = Shipped::default();
        let stack = read(&shipped);
        (shipped, stack)
    });
    if *shipped == SHIPPED.0 {
        SHIPPED.1.clone()
    } else {
        read(shipped)
    }
}

fn read(shipped: &Shipped) -> Result<Stack, String> {
    Stack::parse(&shipped.template, &parameters(&shipped.deployment_groups))
        .map_err(|faults| listed("infra/template.yaml", &faults))
}

/// Deploys ours into the account, as `sam deploy` would.
pub fn install(world: &mut World, shipped: &Shipped) -> Result<(), String> {
    let stack = stack(shipped)?;
    stack.create_in(world);
    for machine in &stack.machines {
        let definition = shipped.definition(&machine.definition_uri)?;
        world
            .step_functions
            .create(&machine.name, definition, &machine.substitutions)
            .map_err(|faults| listed(&machine.definition_uri, &faults))?;
    }
    Ok(())
}

/// Creates our functions, and the rules on events that happen here: the machines, the tables and the
/// schedules are in another engine, which has the functions' queues and retries too, and takes no
/// events of AWS's own from outside.
pub fn install_functions(world: &mut World, shipped: &Shipped) -> Result<(), String> {
    let mut stack = stack(shipped)?;
    for described in &mut stack.functions {
        described.function.event_invoke = EventInvokeConfig {
            retries: 0,
            ..EventInvokeConfig::default()
        };
    }
    stack.rules.retain(|rule| match rule.trigger {
        Trigger::Pattern(_) => true,
        Trigger::Rate(_) => false,
    });
    let functions_and_rules = Stack {
        functions: stack.functions,
        rules: stack.rules,
        ..Stack::default()
    };
    functions_and_rules.create_in(world);
    Ok(())
}

fn listed(file: &str, faults: &[impl std::fmt::Display]) -> String {
    let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
    format!("{file}: {}", faults.join("; "))
}

/// What the demo's team answers to the template's questions.
fn parameters(groups: &[(String, String)]) -> BTreeMap<String, String> {
    let listed = |entry: fn(&str, &str) -> String| -> String {
        let entries = groups
            .iter()
            .map(|(application, group)| entry(application, group));
        entries.collect::<Vec<_>>().join(",")
    };
    [
        (
            "DeploymentGroups",
            listed(|application, group| format!("{application}/{group}")),
        ),
        ("DeploymentGroupArns", listed(code_deploy::group_arn)),
        (
            "ApplicationArns",
            listed(|application, _| code_deploy::application_arn(application)),
        ),
        (
            "CheckedFunctionArns",
            format!("{}:*", function_arn(FUNCTION)),
        ),
        ("RestoredFunctionArns", function_arn(FUNCTION)),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

/// Creates the team's shop: the function with both versions, its customers, its alarm, its
/// deployment group with every roll back on, and its spec.
pub fn open_shop(world: &mut World, new_version: Health, pace: Pace) {
    world.lambda.create(shop(new_version));
    let site = Site::Function(Named {
        function: FUNCTION.into(),
        qualifier: Some(ALIAS.into()),
    });
    world.sites.put(SITE, site);
    traffic::start(
        world,
        Stream {
            function: FUNCTION.into(),
            alias: ALIAS.into(),
            requests_per_second: REQUESTS_PER_SECOND,
        },
    );
    let resource = format!("{FUNCTION}:{ALIAS}");
    let dimensions = [("FunctionName", FUNCTION), ("Resource", resource.as_str())];
    let errors = Metric::new("AWS/Lambda", "Errors", &dimensions);
    cloud_watch::put_alarm(
        world,
        NewAlarm::on_sum_above(ALARM, errors, pace.errors_per_minute()),
    );
    create_deployment_group(world, pace);
    put_spec(world, pace.spec());
}

/// Creates the shop's deployment group, with every roll back on.
pub fn create_deployment_group(world: &mut World, pace: Pace) {
    world
        .code_deploy
        .create_application(APPLICATION, Platform::Lambda);
    let group = NewGroup {
        application: APPLICATION.into(),
        name: GROUP.into(),
        configuration: pace.configuration().into(),
        auto_rollback: AutoRollback::on(&[
            RollbackEvent::DeploymentFailure,
            RollbackEvent::DeploymentStopOnAlarm,
            RollbackEvent::DeploymentStopOnRequest,
        ]),
        alarms: AlarmConfiguration::default(),
    };
    code_deploy::create_group(world, group).expect("the application was just created");
}

/// The host of the shop's web site.
pub const SITE: &str = "shop.example.com";

/// Stores what the team declares, as `pointsman spec put` does.
pub fn put_spec(world: &mut World, toml: &str) {
    let spec = spec::read_toml(toml).expect("the demo's spec has no fault");
    let stored = spec::store(&spec).expect("the demo's spec is small");
    let now = world.now();
    world.ssm.put(&spec_name(), &stored.value, now);
}

/// Where the team's spec is stored.
pub fn spec_name() -> String {
    let application = ApplicationName::parse(APPLICATION).expect("is a name");
    let group = DeploymentGroupName::parse(GROUP).expect("is a name");
    spec::parameter_name(spec::DEFAULT_PREFIX, &application, &group).expect("is short")
}

/// The team deploys the new version; the deployment's ID.
pub fn deploy(world: &mut World) -> Result<String, ApiError> {
    let app_spec = json!({
        "version": 0.0,
        "Resources": [{"shop": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Name": FUNCTION,
                "Alias": ALIAS,
                "CurrentVersion": OLD_VERSION,
                "TargetVersion": NEW_VERSION,
            },
        }}],
        "Hooks": [
            {"BeforeAllowTraffic": "CodeDeployHook_pointsman_BeforeAllowTraffic"},
            {"AfterAllowTraffic": "CodeDeployHook_pointsman_AfterAllowTraffic"},
        ],
    });
    let revision = NewRevision {
        kind: RevisionKind::AppSpecContent,
        content: app_spec.to_string(),
    };
    let deployment = NewDeployment::new(APPLICATION, GROUP, revision);
    code_deploy::create_deployment(world, deployment)
}

fn shop(new_version: Health) -> Function {
    let version = |health| Version {
        code: Code::Application(Application::new(json!({"status": "ok"}), health)),
        state: VersionState::Active,
    };
    let versions = [(OLD_VERSION, Health::Good), (NEW_VERSION, new_version)]
        .into_iter()
        .map(|(name, health)| (name.to_owned(), version(health)))
        .collect();
    let live = Alias {
        version: OLD_VERSION.into(),
        shifted: None,
    };
    Function {
        name: FUNCTION.into(),
        timeout: Duration::from_mins(1),
        environment: BTreeMap::new(),
        code: version(Health::Good).code,
        versions,
        aliases: [(ALIAS.to_owned(), live)].into(),
        event_invoke: EventInvokeConfig::default(),
    }
}

/// The version that the customers' alias names, and the second one with its share while it shifts.
pub fn serving(world: &World) -> Option<&Alias> {
    world.lambda.function(FUNCTION)?.aliases.get(ALIAS)
}

/// The machine whose executions are the verifications.
pub fn machine_arn() -> String {
    step_functions::machine_arn("pointsman-hook-verification")
}
