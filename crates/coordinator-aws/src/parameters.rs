//! Reads and writes specs in SSM Parameter Store.

use aws_sdk_ssm::types::{ParameterTier, ParameterType};

use crate::clients::Clients;
use crate::errors::{AwsError, Meaning, classified, meaning};

/// Calls SSM Parameter Store.
#[derive(Debug, Clone)]
pub struct Parameters {
    client: aws_sdk_ssm::Client,
}

impl Parameters {
    /// With a client of `clients`.
    pub fn new(clients: &Clients) -> Self {
        let config = aws_sdk_ssm::config::Builder::from(clients.config())
            .retry_partition(clients.partition())
            .build();
        Self {
            client: aws_sdk_ssm::Client::from_conf(config),
        }
    }

    /// A parameter's value; `None` if there is none of that name.
    pub async fn read(&self, name: &str) -> Result<Option<String>, AwsError> {
        match self
            .client
            .get_parameter()
            .name(name)
            .with_decryption(true)
            .send()
            .await
        {
            Ok(answer) => match answer.parameter.and_then(|parameter| parameter.value) {
                Some(value) => Ok(Some(value)),
                None => Err(AwsError::Incomplete {
                    operation: "GetParameter",
                    resource: named(name),
                    missing: "a value",
                }),
            },
            Err(error) if meaning(&error) == Meaning::NotFound => Ok(None),
            Err(error) => Err(classified("GetParameter", named(name), &error)),
        }
    }

    /// Writes a parameter over the one that is there, and says which version it became. SSM
    /// takes 4 KB, or 8 KB in the advanced tier, which it chooses by itself when the size asks
    /// for it (SSM API Reference, `PutParameter`: Intelligent-Tiering).
    pub async fn write(&self, name: &str, value: &str) -> Result<i64, AwsError> {
        self.client
            .put_parameter()
            .name(name)
            .value(value)
            .r#type(ParameterType::String)
            .tier(ParameterTier::IntelligentTiering)
            .overwrite(true)
            .send()
            .await
            .map(|answer| answer.version)
            .map_err(|error| classified("PutParameter", named(name), &error))
    }
}

fn named(name: &str) -> String {
    format!("parameter {name}")
}
