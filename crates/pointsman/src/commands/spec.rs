//! `pointsman spec`: what a team declares for a deployment group.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use coordinator::spec::{self, Spec};
use coordinator_aws::clients::{self, Budget, Clients};
use coordinator_aws::parameters::Parameters;

use super::Ended;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Name every fault of a spec, each with its line and the accepted form.
    Check(File),
    /// Store a spec in Parameter Store, where the functions read it.
    Put(Put),
    /// Print the JSON Schema of specs.
    Schema,
}

#[derive(Debug, Args)]
pub(super) struct File {
    /// The spec, a TOML file.
    file: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct Put {
    /// The spec, a TOML file.
    file: PathBuf,
    /// Where the functions look for specs: the template's parameter `SpecPrefix`.
    #[arg(long, default_value = spec::DEFAULT_PREFIX)]
    prefix: String,
}

pub(super) fn run(command: &Command) -> Ended {
    let outcome = match command {
        Command::Check(File { file }) => check(file),
        Command::Put(put) => store(put),
        Command::Schema => {
            println!("{}", schema());
            Ok(())
        }
    };
    match outcome {
        Ok(()) => Ended::Well,
        Err((ended, message)) => {
            eprintln!("{message}");
            ended
        }
    }
}

/// The JSON Schema as the repository carries it, without the last line end.
pub fn schema() -> String {
    serde_json::to_string_pretty(&spec::schema()).expect("a schema serializes")
}

/// How a command ended other than well, and what to say.
type Trouble = (Ended, String);

fn check(file: &Path) -> Result<(), Trouble> {
    let spec = read(file)?;
    let stored = spec::store(&spec).map_err(|error| too_large(file, &error))?;
    println!(
        "{}: no fault; {}/{}, {} bytes when stored",
        file.display(),
        spec.application,
        spec.deployment_group,
        stored.value.len()
    );
    Ok(())
}

fn store(put: &Put) -> Result<(), Trouble> {
    let spec = read(&put.file)?;
    let stored = spec::store(&spec).map_err(|error| too_large(&put.file, &error))?;
    let name = spec::parameter_name(&put.prefix, &spec.application, &spec.deployment_group)
        .map_err(|error| (Ended::NotDone, error.to_string()))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| (Ended::NotDone, format!("no runtime: {error}")))?;
    let version = runtime.block_on(async {
        let config = clients::from_environment().await;
        let partition = clients::own_partition("pointsman");
        let clients = Clients::new(&config, partition, Budget::STANDARD);
        Parameters::new(&clients).write(&name, &stored.value).await
    });
    match version {
        Ok(version) => {
            println!("{name}: version {version}, {} bytes", stored.value.len());
            Ok(())
        }
        Err(error) => Err((Ended::NotDone, coordinator::failure::chain(&error))),
    }
}

fn read(file: &Path) -> Result<Spec, Trouble> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        let message = format!("{} cannot be read: {error}", file.display());
        (Ended::NotDone, message)
    })?;
    spec::read_toml(&text).map_err(|faults| {
        let lines = faults
            .0
            .iter()
            .map(|fault| format!("{}: {fault}", file.display()));
        (Ended::Badly, lines.collect::<Vec<_>>().join("\n"))
    })
}

fn too_large(file: &Path, error: &spec::TooLarge) -> Trouble {
    (Ended::Badly, format!("{}: {error}", file.display()))
}
