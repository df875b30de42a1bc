//! `pointsman local`: the simulated AWS over HTTP, for other processes.

use std::future::Future;
use std::path::PathBuf;

use clap::Args;
use clap::builder::TypedValueParser as _;
use serde_json::{Value, json};

use super::terminal::Terminal;
use super::{Outcome, scenario_names};
use crate::local::{Addresses, Functions, Local, Printer, Setup};
use crate::pace::Pace;
use crate::scenarios::{Scenario, Stage};
use crate::story::Line;
use crate::{course, figures};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The port on 127.0.0.1; 0 for any that is free.
    #[arg(long, default_value_t = 4500)]
    port: u16,
    /// Seconds of the account for each second of the machine. Compiled functions and the commands
    /// `leftovers`, `keep` and `release` keep the machine's clock, so that what they compare with
    /// AWS's times is off when this is not 1.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=3_600))]
    speed: u32,
    /// Run the functions as processes: the folder with one NAME or NAME/bootstrap for each, such as
    /// target/debug. Without it they run in this process.
    #[arg(long, value_name = "FOLDER")]
    functions: Option<PathBuf>,
    /// Hand the functions' events to another engine's Lambda, which has the machine, the ledger
    /// and the rules too. Credentials for it come from the environment.
    #[arg(long, value_name = "URL", conflicts_with = "functions")]
    engine: Option<String>,
    /// How many invocations may run at once in the account; one more is throttled.
    #[arg(long, default_value_t = 1_000)]
    concurrency: usize,
    /// Which function signs with this access key; may be given more than once.
    #[arg(long = "caller", value_name = "KEY=NAME", value_parser = caller)]
    callers: Vec<(String, String)>,
    /// Have this scenario happen; without one, there is the shop, and nothing is deployed until
    /// somebody does.
    #[arg(long, value_parser = scenario_names(None).map(|name| super::named(&name)))]
    scenario: Option<Scenario>,
    /// How long things take in it.
    #[arg(long, value_enum, default_value_t = Pace::Short)]
    pace: Pace,
    /// What every chance is drawn from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Print JSON: first where it listens, then what happens, a document a line, last the course.
    #[arg(long)]
    json: bool,
}

fn caller(text: &str) -> Result<(String, String), String> {
    let parts = text.split_once('=').filter(|(key, name)| {
        !key.is_empty() && functions::catalogue::Function::of_name(name).is_some()
    });
    let (key, name) = parts.ok_or("expected ACCESS_KEY_ID=FUNCTION with a function of ours")?;
    Ok((key.to_owned(), name.to_owned()))
}

impl Arguments {
    fn setup(&self) -> Setup {
        let functions = match (&self.functions, &self.engine) {
            (Some(folder), _) => Functions::Compiled(folder.clone()),
            (None, Some(url)) => Functions::Elsewhere(url.clone()),
            (None, None) => Functions::Here,
        };
        Setup {
            scenario: self.scenario,
            pace: self.pace,
            seed: self.seed,
            speed: self.speed,
            concurrency: self.concurrency,
            port: self.port,
            functions,
            callers: self.callers.clone(),
        }
    }
}

pub(super) fn run(arguments: &Arguments, terminal: Terminal) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    match runtime {
        Ok(runtime) => runtime.block_on(serve(arguments, terminal)),
        Err(error) => Outcome::not_done(format!("no runtime: {error}")),
    }
}

async fn serve(arguments: &Arguments, terminal: Terminal) -> Outcome {
    let asked_to_end = match asked_to_end() {
        Ok(asked) => asked,
        Err(error) => return Outcome::not_done(format!("cannot listen to signals: {error}")),
    };
    let mut local = match Local::start(&arguments.setup()).await {
        Ok(local) => local,
        Err(error) => return Outcome::not_done(error),
    };
    let json = arguments.json;
    let stage = arguments.scenario.map_or(Stage::Shop, Scenario::stage);
    let printer = Printer::new(std::io::stdout());
    printer.print(if json {
        listening(&local.addresses).to_string()
    } else {
        heading(&local.addresses, stage, terminal)
    });
    local
        .run(asked_to_end, |line: &Line| {
            printer.print(if json {
                serde_json::to_string(line).expect("a line serializes")
            } else {
                line.to_string()
            });
        })
        .await;
    let ended = local.look(|world| {
        let figures = figures::of(world, stage);
        if json {
            json!({"figures": figures, "course": course::of(world, stage)}).to_string()
        } else {
            format!("\n{figures}")
        }
    });
    printer.print(ended);
    printer.finish();
    Outcome::well("")
}

fn listening(addresses: &Addresses) -> Value {
    json!({"aws": addresses.aws, "sites": addresses.sites})
}

fn heading(addresses: &Addresses, stage: Stage, terminal: Terminal) -> String {
    let Addresses { aws, sites } = addresses;
    let region = simulated_aws::REGION;
    let mut lines = vec![
        terminal.strong(&format!(
            "The simulated AWS listens at {aws}; Ctrl-C ends it."
        )),
        String::new(),
        format!("  export AWS_ENDPOINT_URL={aws} AWS_REGION={region} AWS_DEFAULT_REGION={region}"),
        "  export AWS_ACCESS_KEY_ID=operator AWS_SECRET_ACCESS_KEY=any".to_owned(),
        "  aws deploy list-deployments".to_owned(),
        String::new(),
    ];
    match stage {
        Stage::Shop => {
            lines.extend(sites.iter().map(|(host, url)| format!("  {host} is {url}")));
            lines.push(String::new());
        }
        Stage::Fleet => {}
    }
    lines.push(terminal.faint(&crate::story::heading()));
    lines.join("\n")
}

/// Ends when somebody presses Ctrl-C or asks the process to terminate.
fn asked_to_end() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
