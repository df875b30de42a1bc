//! Reads what a team declares for its deployment group.

use coordinator::facts::Creator;
use coordinator::failure::{Failure, chain};
use coordinator::hooks::{ApplicationName, DeploymentGroupName};
use coordinator::spec::{DEFAULT_PREFIX, parameter_name, read_json};
use coordinator::verification::SpecOutcome;
use coordinator_aws::clients::Clients;
use coordinator_aws::errors::AwsError;
use coordinator_aws::parameters::Parameters;

use crate::environment::Reader;

/// Where specs are, and how they are read.
#[derive(Debug, Clone)]
pub(crate) struct Specs {
    prefix: String,
    parameters: Parameters,
}

impl Specs {
    /// Under the prefix of the settings, with clients of `clients`.
    pub(crate) fn new(clients: &Clients, reader: &mut Reader<'_>) -> Self {
        Self {
            prefix: reader.text_or("POINTSMAN_SPEC_PREFIX", DEFAULT_PREFIX),
            parameters: Parameters::new(clients),
        }
    }

    /// A spec that cannot be reached for the moment is worth another try. Not so for a roll back:
    /// it must not be obstructed by what has nothing to do with it, so it goes on without the spec.
    pub(crate) async fn read(
        &self,
        application: &ApplicationName,
        group: &DeploymentGroupName,
        creator: &Creator,
    ) -> Result<SpecOutcome, Failure> {
        let name = match parameter_name(&self.prefix, application, group) {
            Ok(name) => name,
            Err(fault) => return Ok(SpecOutcome::Unreadable(chain(&fault))),
        };
        match self.parameters.read(&name).await {
            Ok(None) => Ok(SpecOutcome::NotDeclared),
            Ok(Some(text)) => Ok(match read_json(&text) {
                Ok(spec) => SpecOutcome::Declared(spec),
                Err(faults) => SpecOutcome::Unreadable(chain(&faults)),
            }),
            Err(error @ AwsError::Transient { .. }) if !creator.is_roll_back() => {
                Err(Failure::from(error))
            }
            Err(error) => Ok(SpecOutcome::Unreadable(chain(&error))),
        }
    }
}
