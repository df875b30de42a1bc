//! `pointsman spec`: what a team declares for a deployment group.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use aws_config::SdkConfig;
use clap::{Args, Subcommand};
use coordinator::hooks::HookEvent;
use coordinator::spec::{self, Spec, StoredSpec, Tier};
use coordinator_aws::parameters::Parameters;

use super::{Outcome, connection};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Name every fault of a spec, each with its line and the accepted form.
    ///
    /// Exit code 0 if there is none, 1 if there are some, 2 if the file cannot be read.
    Check(Toml),
    /// Store a spec in Parameter Store, where the functions read it.
    ///
    /// Region and credentials come from the environment, as for the AWS CLI; they need
    /// ssm:PutParameter on the parameter. A spec with faults is not stored.
    Put(Put),
    /// Print the JSON Schema of specs, for editors.
    Schema,
}

#[derive(Debug, Args)]
pub(super) struct Toml {
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

pub(super) fn run(command: &Command) -> Outcome {
    let outcome = match command {
        Command::Check(Toml { file }) => check(file),
        Command::Put(put) => put_from_environment(put),
        Command::Schema => Ok(schema()),
    };
    outcome.map_or_else(|trouble| trouble, Outcome::well)
}

/// The JSON Schema as the repository carries it, without the last line end.
pub fn schema() -> String {
    serde_json::to_string_pretty(&spec::schema()).expect("a schema serializes")
}

/// Stores a spec as `pointsman spec put` does, over the connections of `config`.
pub async fn put_spec(config: &SdkConfig, file: &Path, prefix: &str) -> Outcome {
    let put = async {
        let (name, stored) = prepare(file, prefix)?;
        store(config, &name, &stored).await
    };
    put.await.map_or_else(|trouble| trouble, Outcome::well)
}

fn check(file: &Path) -> Result<String, Outcome> {
    let (spec, stored) = read(file)?;
    let checks = match &spec.checks {
        Some(checks) => format!("{} checks", checks.len()),
        None => "the group's own alarms".to_owned(),
    };
    let mut lines = vec![format!(
        "{}: no fault; {}/{} with {checks}, {}",
        file.display(),
        spec.application,
        spec.deployment_group,
        size(&stored)
    )];
    lines.extend(
        HookEvent::ALL
            .into_iter()
            .map(|event| at_event(&spec, event)),
    );
    Ok(lines.join("\n"))
}

/// What runs at an event. A spec without checks for it is no fault, because a team may use one
/// hook alone; the other one would refuse every release.
fn at_event(spec: &Spec, event: HookEvent) -> String {
    let Some(checks) = &spec.checks else {
        return format!("  {event}: the new version is Active; the group's own alarms");
    };
    let names: Vec<&str> = checks
        .iter()
        .filter(|check| check.at.contains(&event))
        .map(|check| check.name.as_str())
        .collect();
    if names.is_empty() {
        format!("  {event}: nothing is declared, so this hook would be answered Failed each time")
    } else {
        format!("  {event}: the new version is Active; {}", names.join("; "))
    }
}

fn put_from_environment(put: &Put) -> Result<String, Outcome> {
    // What is wrong with the file is said before anything is asked of AWS.
    let (name, stored) = prepare(&put.file, &put.prefix)?;
    connection::run("store it in", async |config| {
        store(config, &name, &stored).await
    })?
}

/// The parameter's name and its value.
fn prepare(file: &Path, prefix: &str) -> Result<(String, StoredSpec), Outcome> {
    let (spec, stored) = read(file)?;
    let name = spec::parameter_name(prefix, &spec.application, &spec.deployment_group)
        .map_err(|error| Outcome::not_done(error.to_string()))?;
    Ok((name, stored))
}

async fn store(config: &SdkConfig, name: &str, stored: &StoredSpec) -> Result<String, Outcome> {
    let clients = connection::clients(config);
    let written = Parameters::new(&clients).write(name, &stored.value).await;
    match written {
        Ok(version) => Ok(format!(
            "{name}: stored as version {version}, {}",
            size(stored)
        )),
        Err(error) => {
            let needs = format!("whoever puts specs needs ssm:PutParameter on parameter{name}");
            Err(connection::unanswered(&error, &needs))
        }
    }
}

fn size(stored: &StoredSpec) -> String {
    let bytes = stored.value.len();
    match stored.tier {
        Tier::Standard => format!("{bytes} bytes when stored"),
        Tier::Advanced => {
            format!("{bytes} bytes when stored, which takes an advanced parameter (charged)")
        }
    }
}

/// Of a file, so many bytes are read: far more than a spec may have, and not all of /dev/zero.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

fn read(file: &Path) -> Result<(Spec, StoredSpec), Outcome> {
    let shown = file.display();
    let text = text_of(file).map_err(|error| {
        Outcome::not_done(format!(
            "{shown} cannot be read: {error}; expected a spec: a TOML file in UTF-8"
        ))
    })?;
    let spec = spec::read_toml(&text).map_err(|faults| {
        let lines = faults.0.iter().map(|fault| format!("{shown}: {fault}"));
        Outcome::badly(lines.collect::<Vec<_>>().join("\n"))
    })?;
    let stored = spec::store(&spec).map_err(|error| Outcome::badly(format!("{shown}: {error}")))?;
    Ok((spec, stored))
}

fn text_of(file: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    File::open(file)?
        .take(FILE_BYTES_MAX)
        .read_to_string(&mut text)?;
    Ok(text)
}
