//! The simulated AWS for other processes: served over HTTP on loopback, in real time or faster.
//!
//! The account is the demo's. Its functions run in this process, as compiled binaries through a
//! Lambda Runtime API of their own, or in another engine that this one hands their events to.

mod elsewhere;
mod printer;

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use functions::catalogue::Function;
use simulated_aws::code_deploy::HookCalls;
use simulated_aws::driver::{Handler, Simulation};
use simulated_aws::http_server::{self, Front};
use simulated_aws::load_balancing::{Health, Target};
use simulated_aws::runtime_api::{self, Binaries};
use simulated_aws::sessions::Session;
use simulated_aws::{Time, World};
use tokio::net::TcpListener;

pub use printer::Printer;

use crate::account::{self, Shipped};
use crate::harness;
use crate::pace::Pace;
use crate::scenarios::{Scenario, Stage};
use crate::story::{self, Line};
use crate::trial::{self, Trial};

/// What is served.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The scenario that happens; without one, nothing is deployed until somebody does.
    pub scenario: Option<Scenario>,
    /// How long things take in it.
    pub pace: Pace,
    /// What every chance is drawn from.
    pub seed: u64,
    /// Seconds of the account for each second of the machine.
    pub speed: u32,
    /// How many invocations may run at once in the account.
    pub concurrency: usize,
    /// The port of AWS; 0 for any that is free.
    pub port: u16,
    /// Where the functions run.
    pub functions: Functions,
    /// Access keys that other callers sign with: `(access key ID, name)`.
    pub callers: Vec<(String, String)>,
}

/// Where the functions run.
#[derive(Clone, Debug)]
pub enum Functions {
    /// In this process.
    Here,
    /// As processes: the folder of the compiled binaries.
    Compiled(PathBuf),
    /// In another engine, with the machine, the tables and the rules: its URL.
    Elsewhere(String),
}

impl Functions {
    /// What is wrong with where they are said to be.
    fn check(&self) -> Result<(), String> {
        match self {
            Functions::Here => Ok(()),
            Functions::Compiled(folder) => {
                let ours = Function::ALL.map(Function::name);
                let is_there = |name: &&str| {
                    let at = folder.join(name);
                    at.is_file() || at.join("bootstrap").is_file()
                };
                if folder.is_dir() && ours.iter().any(is_there) {
                    return Ok(());
                }
                Err(format!(
                    "{} has none of {}: `cargo build --workspace --bins` builds them into \
                     target/debug",
                    folder.display(),
                    ours.join(", ")
                ))
            }
            Functions::Elsewhere(url) => {
                let host = url
                    .strip_prefix("http://")
                    .or_else(|| url.strip_prefix("https://"));
                match host {
                    Some(host) if !host.is_empty() => Ok(()),
                    Some(_) | None => Err(format!(
                        "{url:?} is not the URL of an engine: http://HOST:PORT"
                    )),
                }
            }
        }
    }
}

/// Where it is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// The URL of AWS, every service of it.
    pub aws: String,
    /// The URLs of the web sites, by their hosts.
    pub sites: BTreeMap<String, String>,
}

/// A world that is served as long as its simulation is run.
#[derive(Debug)]
pub struct Local {
    /// Where.
    pub addresses: Addresses,
    simulation: Simulation,
    printed: usize,
}

/// A hundred years, which at full speed are ten days: the world needs an end to look forward to.
const LONGEST: Duration = Duration::from_hours(24 * 365 * 100);

impl Local {
    /// Sets the account up and listens. Call it on a runtime whose clock runs.
    pub async fn start(setup: &Setup) -> Result<Local, String> {
        setup.functions.check()?;
        let aws = listen(setup.port).await?;
        let site = listen(0).await?;
        let addresses = Addresses {
            aws: url(&aws)?,
            sites: [(account::SITE.to_owned(), url(&site)?)].into(),
        };
        let world = account(setup, &addresses)?;
        let handler = handler(setup, &addresses).await;
        let simulation = Simulation::at_speed(world, handler, setup.speed);
        let shop = Front::Site(account::SITE.to_owned());
        tokio::spawn(http_server::serve(simulation.clone(), aws, Front::Aws));
        tokio::spawn(http_server::serve(simulation.clone(), site, shop));
        Ok(Local {
            addresses,
            simulation,
            printed: 0,
        })
    }

    /// Lets the account live until `ended`, and hands on what happens in it as it happens.
    pub async fn run(&mut self, ended: impl Future<Output = ()>, mut tell: impl FnMut(&Line)) {
        let limit = self.simulation.now() + LONGEST;
        let mut printed = self.printed;
        let life = self.simulation.run(limit, |world| {
            let entries = world.journal.entries();
            for entry in &entries[printed..] {
                if let Some(line) = story::line(entry, world.began()) {
                    tell(&line);
                }
            }
            printed = entries.len();
            false
        });
        tokio::select! {
            () = ended => {}
            _ = life => {}
        }
        self.printed = printed;
    }

    /// Looks at the account.
    pub fn look<T>(&self, look: impl FnOnce(&World) -> T) -> T {
        self.simulation.with(|world| look(world))
    }
}

async fn listen(port: u16) -> Result<TcpListener, String> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    TcpListener::bind(address)
        .await
        .map_err(|error| format!("cannot listen on {address}: {error}"))
}

fn url(listener: &TcpListener) -> Result<String, String> {
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    Ok(format!("http://{address}"))
}

/// The account, in the state in which the scenario begins.
fn account(setup: &Setup, addresses: &Addresses) -> Result<World, String> {
    let mut world = World::beginning(setup.seed, machine_time());
    let shipped = Shipped::default();
    match setup.functions {
        Functions::Here | Functions::Compiled(_) => account::install(&mut world, &shipped)?,
        Functions::Elsewhere(_) => account::install_functions(&mut world, &shipped)?,
    }
    let trial = Trial {
        pace: setup.pace,
        hook_calls: Some(HookCalls::Asynchronous),
        ..Trial::told(setup.scenario.unwrap_or(Scenario::GoodRelease), setup.seed)
    };
    trial::open(&mut world, &trial);
    world.lambda.concurrency_max = setup.concurrency;
    if trial.scenario.stage() == Stage::Shop {
        open_target_group(&mut world);
        account::put_spec(&mut world, &spec(setup.pace, addresses));
    }
    if setup.scenario.is_some() {
        trial::begin(&mut world, &trial);
    }
    for (access_key_id, caller) in &setup.callers {
        let session = Session {
            caller: caller.clone(),
            invocation: None,
        };
        world.sessions.put(access_key_id, session);
    }
    Ok(world)
}

/// For trying checks of target health: a group with two healthy targets.
fn open_target_group(world: &mut World) {
    let (group, now) = ("shop", world.now());
    world.load_balancing.create_target_group(group, 8080);
    for id in ["i-0a1b2c3d4e5f60001", "i-0a1b2c3d4e5f60002"] {
        let target = Target {
            id: id.to_owned(),
            port: 8080,
        };
        let health = Health::HEALTHY;
        world.load_balancing.set_health(group, target, now, health);
    }
}

/// The team's spec with the shop's site where it really is: checks of compiled functions use the
/// network that everybody uses.
pub fn spec(pace: Pace, addresses: &Addresses) -> String {
    let here = addresses.sites.iter();
    here.fold(pace.spec().to_owned(), |spec, (host, url)| {
        spec.replace(&format!("https://{host}"), url)
    })
}

async fn handler(setup: &Setup, addresses: &Addresses) -> Handler {
    match &setup.functions {
        Functions::Here => harness::handler(None),
        Functions::Compiled(folder) => {
            let logs = Printer::new(std::io::stderr());
            let endpoint = ("AWS_ENDPOINT_URL".to_owned(), addresses.aws.clone());
            let run = runtime_api::handler(Binaries {
                folder: folder.clone(),
                environment: [endpoint].into(),
                log: Arc::new(move |function, line| logs.print(format!("{function}: {line}"))),
            });
            harness::telling(run)
        }
        Functions::Elsewhere(url) => elsewhere::handler(url).await,
    }
}

/// Other processes have the machine's clock, and so the account begins at its time.
fn machine_time() -> Time {
    #[expect(
        clippy::disallowed_methods,
        reason = "an account that other processes use shares their clock"
    )]
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
    let milliseconds = since_epoch.unwrap_or_default().as_millis();
    Time::from_milliseconds(u64::try_from(milliseconds).unwrap_or(u64::MAX))
}
