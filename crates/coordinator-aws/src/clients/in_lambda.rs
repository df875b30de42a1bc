//! The configuration inside a Lambda function.
//!
//! Lambda gives a function its region and its role's credentials as environment variables (Lambda
//! Developer Guide, "Defined runtime environment variables"), so nothing else is looked for. The
//! SDK's default chain also knows profiles, STS and the metadata of instances: 0.9 MB in every
//! function, and one more client built at each start (docs/decisions/0013).

use std::collections::BTreeMap;
use std::sync::OnceLock;

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::identity::IdentityCache;
use aws_config::{Region, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_async::time::{SharedTimeSource, SystemTimeSource};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::runtime_components::{
    RuntimeComponents, RuntimeComponentsBuilder,
};
use aws_smithy_types::config_bag::ConfigBag;
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};

use super::{behavior_version, http_client};

/// Environment variables by name.
type Environment = BTreeMap<String, String>;

/// The configuration that `environment` gives, credentials from the process's own.
pub fn in_lambda(environment: &Environment) -> SdkConfig {
    let credentials = EnvironmentVariableCredentialsProvider::new();
    let region = environment.get("AWS_REGION").cloned().map(Region::new);
    let is_true = |name: &str| {
        let word = environment.get(name);
        word.is_some_and(|word| word.eq_ignore_ascii_case("true"))
    };
    SdkConfig::builder()
        .behavior_version(behavior_version())
        .region(region)
        .use_fips(is_true("AWS_USE_FIPS_ENDPOINT"))
        .use_dual_stack(is_true("AWS_USE_DUALSTACK_ENDPOINT"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .identity_cache(IdentityCache::lazy().build())
        .http_client(SharedHttpClient::new(TriedOnce::new(http_client())))
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .time_source(SharedTimeSource::new(SystemTimeSource::new()))
        .service_config(Endpoints::of(environment))
        .build()
}

/// Where services are, other than where they usually are (AWS SDKs and Tools Reference Guide,
/// "Service-specific endpoints"): VPC endpoints without private names, and what stands in for AWS.
#[derive(Debug)]
struct Endpoints(Environment);

/// Of one service, `_` and its id follow.
const ENDPOINT: &str = "AWS_ENDPOINT_URL";

impl Endpoints {
    fn of(environment: &Environment) -> Self {
        let named = environment
            .iter()
            .filter(|(name, _)| name.starts_with(ENDPOINT));
        Self(
            named
                .map(|(name, url)| (name.clone(), url.clone()))
                .collect(),
        )
    }
}

impl LoadServiceConfig for Endpoints {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        let service = key.service_id().to_uppercase().replace(' ', "_");
        let of_service = self.0.get(&format!("{}_{service}", key.env()));
        of_service.or_else(|| self.0.get(key.env())).cloned()
    }
}

/// The SDK's HTTP client, tried by the first of a function's clients and not by each of them again.
///
/// To try it is to load the roots and to build a connector that is thrown away. The first time
/// brings the loading into the start of the process, where it belongs; each further time would take
/// 0.1 ms and change nothing.
#[derive(Debug)]
struct TriedOnce {
    client: SharedHttpClient,
    tried: OnceLock<()>,
}

impl TriedOnce {
    fn new(client: SharedHttpClient) -> Self {
        let tried = OnceLock::new();
        Self { client, tried }
    }
}

impl HttpClient for TriedOnce {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        self.client.http_connector(settings, components)
    }

    fn validate_base_client_config(
        &self,
        components: &RuntimeComponentsBuilder,
        config: &ConfigBag,
    ) -> Result<(), BoxError> {
        match self.tried.set(()) {
            Ok(()) => self.client.validate_base_client_config(components, config),
            Err(()) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn environment(variables: &[(&str, &str)]) -> Environment {
        variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    fn key(service_id: &'static str) -> ServiceConfigKey<'static> {
        ServiceConfigKey::builder()
            .service_id(service_id)
            .env(ENDPOINT)
            .profile("endpoint_url")
            .build()
            .expect("every part is given")
    }

    #[test]
    fn the_region_is_lambdas() {
        let config = in_lambda(&environment(&[("AWS_REGION", "eu-west-1")]));
        assert_eq!(config.region(), Some(&Region::new("eu-west-1")));
        assert_eq!(in_lambda(&environment(&[])).region(), None);
    }

    #[test]
    fn endpoints_for_fips_and_for_both_networks_are_asked_for_by_name() {
        let asked = environment(&[
            ("AWS_USE_FIPS_ENDPOINT", "true"),
            ("AWS_USE_DUALSTACK_ENDPOINT", "false"),
        ]);
        let config = in_lambda(&asked);
        let both = (config.use_fips(), config.use_dual_stack());
        assert_eq!(both, (Some(true), Some(false)));
    }

    #[test]
    fn a_services_own_endpoint_counts_before_the_one_of_all() {
        let own = "https://own.example";
        let all = "https://all.example";
        let both = environment(&[
            ("AWS_ENDPOINT_URL", all),
            ("AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2", own),
        ]);
        let endpoints = Endpoints::of(&both);
        let found = |service| endpoints.load_config(key(service));
        assert_eq!(found("Elastic Load Balancing v2").as_deref(), Some(own));
        assert_eq!(found("SFN").as_deref(), Some(all));
        let none = Endpoints::of(&environment(&[("HOME", "/")]));
        assert_eq!(none.load_config(key("SFN")), None);
    }

    #[test]
    fn many_clients_try_the_http_client_once() {
        #[derive(Debug, Default)]
        struct Counting(Arc<AtomicUsize>);
        impl HttpClient for Counting {
            fn http_connector(
                &self,
                _: &HttpConnectorSettings,
                _: &RuntimeComponents,
            ) -> SharedHttpConnector {
                panic!("nothing is sent")
            }
            fn validate_base_client_config(
                &self,
                _: &RuntimeComponentsBuilder,
                _: &ConfigBag,
            ) -> Result<(), BoxError> {
                self.0.fetch_add(1, Ordering::Relaxed);
                Ok(())
            }
        }
        let times = Arc::new(AtomicUsize::new(0));
        let counting = SharedHttpClient::new(Counting(times.clone()));
        let config = in_lambda(&environment(&[("AWS_REGION", "eu-west-1")]))
            .into_builder()
            .http_client(SharedHttpClient::new(TriedOnce::new(counting)))
            .build();
        let _one = aws_sdk_sfn::Client::new(&config);
        let _other = aws_sdk_sns::Client::new(&config);
        assert_eq!(times.load(Ordering::Relaxed), 1);
    }
}
