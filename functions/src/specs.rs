//! Reads what a team declares for its deployment group.

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

    /// A spec that cannot be reached for the moment is worth another try, for a roll back too: it
    /// may say `guard_rollbacks`. Whoever has the last word takes what still fails by
    /// [`without_another_try`].
    pub(crate) async fn read(
        &self,
        application: &ApplicationName,
        group: &DeploymentGroupName,
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
            Err(error @ AwsError::Transient { .. }) => Err(Failure::from(error)),
            Err(error) => Ok(SpecOutcome::Unreadable(chain(&error))),
        }
    }
}

/// What a spec counts as when nobody will read it again: one that cannot be used guards no roll
/// back, which must not be obstructed by what has nothing to do with it.
pub(crate) fn without_another_try(read: Result<SpecOutcome, Failure>) -> SpecOutcome {
    read.unwrap_or_else(|failure| SpecOutcome::Unreadable(failure.sentence))
}

#[cfg(test)]
mod tests {
    use coordinator::failure::FailureName;

    use super::*;

    #[test]
    fn only_the_last_word_takes_a_spec_out_of_reach_as_unreadable() {
        let sentence = "GetParameter on parameter p did not get through".to_owned();
        let failure = Failure::new(FailureName::Transient, sentence.clone());
        let cases = [
            (Err(failure), SpecOutcome::Unreadable(sentence)),
            (Ok(SpecOutcome::NotDeclared), SpecOutcome::NotDeclared),
        ];
        for (read, expected) in cases {
            assert_eq!(without_another_try(read), expected);
        }
    }
}
