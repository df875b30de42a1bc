//! The runs whose calls permissions are held against: every scenario, each call of it struck by a
//! fault, seeds, and what no scenario has.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;
use std::time::Duration;

use pointsman::account::{self, Shipped};
use pointsman::pace::Pace;
use pointsman::scenarios::{Deed, Hand, Scenario};
use pointsman::simulate::{self, on_all_cores};
use pointsman::trial::{self, Trial};
use serde_json::json;
use simulated_aws::code_deploy::{self, HookCalls, NewDeployment, Platform};
use simulated_aws::faults::{Fault, FaultKind};
use simulated_aws::iam::{Asked, Context, Decision, Role};
use simulated_aws::lambda::{Health, function_arn};
use simulated_aws::load_balancing::{Target, target_group_arn};
use simulated_aws::wire::Request;
use simulated_aws::{World, load_balancing};

use super::fleets;
use crate::bad_input::{Scene, group_on, shop};
use crate::fault_sweep::{RESTORES_ALIAS, each_call_struck};
use crate::twice;

/// What was asked in runs of accounts that have the same roles.
pub(super) struct Account {
    /// The roles, by who calls with them.
    pub roles: BTreeMap<String, Role>,
    /// What was asked for, and what the roles said.
    pub asked: BTreeMap<Asked, Decision>,
    /// Calls of the journal that were made with a role, and that nobody asked it about.
    pub unasked: BTreeSet<Asked>,
    pub runs: usize,
}

/// So many seeds of each scenario.
const SEEDS: u64 = 40;

/// All runs, by their roles. They are run once for all tests of this process.
pub(super) fn recorded() -> &'static [Account] {
    static RECORDED: OnceLock<Vec<Account>> = OnceLock::new();
    RECORDED.get_or_init(|| {
        let mut accounts: Vec<Account> = Vec::new();
        for account in on_all_cores(&all(), |run| Account::of(&run.world())) {
            match accounts.iter_mut().find(|one| one.roles == account.roles) {
                Some(same) => same.add(account),
                None => accounts.push(account),
            }
        }
        accounts
    })
}

impl Account {
    fn of(world: &World) -> Account {
        let roles = world.iam.roles();
        let roles = roles.map(|(caller, role)| (caller.to_owned(), role.clone()));
        let asked = world.iam.asked();
        let asked: BTreeMap<Asked, Decision> = asked
            .map(|(asked, decision)| (asked.clone(), decision))
            .collect();
        let made = world.journal.calls().map(|(_, call)| Asked {
            caller: call.caller.clone(),
            action: call.action.clone(),
            resource: call.resource.clone(),
            context: Context::default(),
        });
        let key = |one: &Asked| (one.caller.clone(), one.action.clone(), one.resource.clone());
        let all_asked: BTreeSet<_> = asked.keys().map(key).collect();
        let is_asked = |call: &Asked| all_asked.contains(&key(call));
        let with_role = made.filter(|call| world.iam.role(&call.caller).is_some());
        Account {
            roles: roles.collect(),
            unasked: with_role.filter(|call| !is_asked(call)).collect(),
            asked,
            runs: 1,
        }
    }

    fn add(&mut self, other: Account) {
        self.asked.extend(other.asked);
        self.unasked.extend(other.unasked);
        self.runs += other.runs;
    }
}

/// A run.
enum Run {
    Trial(Box<Trial>),
    Scene(fn() -> World),
}

impl Run {
    fn world(&self) -> World {
        match self {
            Run::Trial(trial) => trial::run(trial).expect("what we ship deploys"),
            Run::Scene(scene) => scene(),
        }
    }
}

fn all() -> Vec<Run> {
    let mut trials = Vec::new();
    for scenario in Scenario::ALL {
        for hook_calls in [HookCalls::Asynchronous, HookCalls::Synchronous] {
            trials.push(Trial {
                hook_calls: Some(hook_calls),
                ..Trial::told(scenario, 1)
            });
        }
        let calls = simulate::calls_of(scenario).expect("what we ship deploys");
        trials.extend((0..SEEDS).map(|seed| simulate::draw(scenario, seed, &calls)));
    }
    trials.extend(clean_ups());
    trials.push(Trial {
        by_hand: Some(twice::start()),
        ..Trial::plain(Scenario::HookDies, 1)
    });
    trials.extend(each_call_struck(&[
        FaultKind::Refused,
        FaultKind::KilledBefore,
    ]));
    let trials = trials.into_iter().map(|trial| Run::Trial(Box::new(trial)));
    let scenes: [fn() -> World; 5] = [
        every_kind_of_check,
        another_team,
        another_teams_roll_back,
        ours_deployed_anew_while_a_hook_is_verified,
        a_start_that_fails_with_nobody_waiting,
    ];
    let scenes = scenes.into_iter().chain(fleets::SCENES);
    trials.chain(scenes.map(Run::Scene)).collect()
}

/// Clean-ups of what the scenarios do not have: addresses that are registered, protection, a warm pool,
/// an alias at two versions.
fn clean_ups() -> Vec<Trial> {
    let with = |scenario, minutes, deed| Trial {
        hands: vec![Hand {
            after: Duration::from_mins(minutes),
            deed,
        }],
        ..Trial::plain(scenario, 2)
    };
    let mut alias = with(Scenario::GoodRelease, 3, Deed::StopForGood);
    alias.roll_back = false;
    alias.spec = Some(RESTORES_ALIAS);
    let address = with(Scenario::LeftoverGroup, 4, Deed::RegisterAddress);
    let protected = with(Scenario::LeftoverGroup, 30, Deed::ProtectCopy);
    let adopted = with(Scenario::LeftoverGroup, 60, Deed::AdoptCopy);
    vec![alias, address, protected, adopted]
}

const WHILE: Duration = Duration::from_mins(10);

fn every_kind_of_check() -> World {
    let mut world = shop(Health::Good);
    world.load_balancing.create_target_group("web", 80);
    let target = Target {
        id: "i-1".to_owned(),
        port: 80,
    };
    let (now, healthy) = (world.now(), load_balancing::Health::HEALTHY);
    assert!(world.load_balancing.set_health("web", target, now, healthy));
    let spec = format!(
        "application = \"shop\"\ndeployment_group = \"production\"\n\
         [[checks]]\nkind = \"invoke\"\n\
         [[checks]]\nkind = \"http\"\nurl = \"https://shop.example.com/health\"\n\
         [[checks]]\nkind = \"target-health\"\ntarget_group_arn = \"{}\"\n\
         [[checks]]\nkind = \"alarms\"\nnames = [\"{}\"]\n",
        target_group_arn("web"),
        account::ALARM
    );
    Scene::of_release(world, &spec, WHILE)
}

/// A team that deploys the shop's function with an application of its own.
const OTHER: &str = "mill";

/// The account in which only that team may call our hooks.
fn mill(new_version: Health) -> World {
    let shipped = Shipped {
        deployment_groups: vec![(OTHER.to_owned(), account::GROUP.to_owned())],
        ..Shipped::default()
    };
    let mut world = World::new(1);
    account::install(&mut world, &shipped).expect("the shipped template deploys");
    account::open_shop(&mut world, new_version, Pace::Told);
    world.code_deploy.settings.hook_calls = Some(HookCalls::Asynchronous);
    world.code_deploy.settings.hooks_in_roll_backs = Some(true);
    group_on(&mut world, OTHER, Platform::Lambda);
    world
}

fn release_of_mill(mut world: World) -> World {
    let group = world.code_deploy.group_mut(OTHER, account::GROUP);
    group.expect("was just created").new.auto_rollback =
        code_deploy::AutoRollback::on(&[code_deploy::RollbackEvent::DeploymentFailure]);
    let versions = (account::OLD_VERSION, account::NEW_VERSION);
    let before = code_deploy::LifecycleEventName::BeforeAllowTraffic;
    let hooks = [(before, "CodeDeployHook_pointsman_BeforeAllowTraffic")];
    let revision = code_deploy::app_spec(account::FUNCTION, account::ALIAS, versions, &hooks);
    let deployment = NewDeployment::new(OTHER, account::GROUP, revision);
    code_deploy::create_deployment(&mut world, deployment).expect("the group is free");
    let scene = Scene::new(world);
    scene.live(WHILE);
    scene.simulation.into_world()
}

fn another_team() -> World {
    release_of_mill(mill(Health::Good))
}

/// A roll back that nothing is learned of: whoever answers looks up whether it is guarded.
fn another_teams_roll_back() -> World {
    let mut world = mill(Health::Bad);
    let read = Fault::always(
        "read-hook",
        "codedeploy:GetDeployment",
        1,
        FaultKind::KilledBefore,
    );
    world.faults.plan(read);
    release_of_mill(world)
}

/// Verifications go on with the versions that they began with, and begin with the new ones.
fn ours_deployed_anew_while_a_hook_is_verified() -> World {
    const STEPS: [(&str, &str); 3] = [
        ("ReadHookFunctionArn", "pointsman-read-hook"),
        ("RunChecksFunctionArn", "pointsman-run-checks"),
        ("AnswerHookFunctionArn", "pointsman-answer-hook"),
    ];
    let mut world = shop(Health::Good);
    world.act(Duration::from_secs(15), |world| {
        let mut substitutions = BTreeMap::new();
        for (substitution, name) in STEPS {
            let function = world.lambda.function_mut(name).expect("is deployed");
            let published = function.versions["1"].clone();
            function.versions.insert("2".to_owned(), published);
            let arn = format!("{}:2", function_arn(name));
            substitutions.insert(substitution.to_owned(), arn);
        }
        let machine = Shipped::default().hook_verification;
        let name = "pointsman-hook-verification";
        let created = world.step_functions.create(name, &machine, &substitutions);
        created.expect("the shipped machine is sound");
    });
    account::deploy(&mut world).expect("the group is free");
    let scene = Scene::new(world);
    scene.live(WHILE);
    scene.simulation.into_world()
}

/// Somebody invokes `start` and does not wait for what it says, which is that it cannot.
fn a_start_that_fails_with_nobody_waiting() -> World {
    let credential = "AWS4-HMAC-SHA256 SignedHeaders=host, Signature=00, \
                      Credential=operator/20260115/eu-central-1/lambda/aws4_request";
    let headers = [
        ("authorization", credential),
        ("x-amz-invocation-type", "Event"),
    ];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let request = Request {
        method: "POST".to_owned(),
        host: "lambda.eu-central-1.amazonaws.com".to_owned(),
        path: "/2015-03-31/functions/pointsman-start/invocations".to_owned(),
        headers: headers.into(),
        body: json!({"schema": 1}).to_string().into_bytes(),
    };
    let scene = Scene::new(shop(Health::Good));
    scene.with(|world| {
        let now = world.now();
        world.arrive(now, request);
    });
    scene.live(WHILE);
    scene.simulation.into_world()
}
