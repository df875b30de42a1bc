//! Reads the private addresses of instances: one operation of Amazon EC2, without its SDK crate.
//!
//! That crate takes minutes and gigabytes to compile (docs/decisions/0014). What is left to us is the
//! form that is sent and the few elements that are read; signing, retries, timeouts and the XML
//! reader are the SDK's own.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use aws_config::SdkConfig;
use aws_config::identity::IdentityCache;
use aws_runtime::auth::sigv4::{SCHEME_ID, SigV4AuthScheme};
use aws_runtime::auth::{SigV4OperationSigningConfig, SigningOptions};
use aws_runtime::retries::classifiers::AwsErrorCodeClassifier;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime::client::retries::classifiers::TransientErrorClassifier;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::auth::{
    AuthSchemeOptionResolverParams, SharedAuthScheme, SharedAuthSchemeOptionResolver,
};
use aws_smithy_runtime_api::client::identity::SharedIdentityResolver;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::StaticRuntimePlugin;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::Layer;
use aws_smithy_types::error::ErrorMetadata;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::SigningName;
use aws_types::region::{Region, SigningRegion};
use aws_types::service_config::ServiceConfigKey;

use crate::clients::Clients;
use crate::errors::{AwsError, classified};

mod document;

/// Calls Amazon EC2.
#[derive(Debug, Clone)]
pub struct Ec2 {
    clients: Clients,
}

/// A filter takes 200 values (EC2 API Reference, `DescribeInstances`); with 100, one answer stays well
/// below a megabyte.
const INSTANCES_PER_CALL: usize = 100;

const OPERATION: &str = "DescribeInstances";

/// The addresses of each instance.
type Found = BTreeMap<String, Vec<String>>;

/// An error of EC2.
#[derive(Debug)]
struct Ec2Error {
    metadata: ErrorMetadata,
}

impl std::fmt::Display for Ec2Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.metadata.fmt(f)
    }
}

impl std::error::Error for Ec2Error {}

impl ProvideErrorMetadata for Ec2Error {
    fn meta(&self) -> &ErrorMetadata {
        &self.metadata
    }
}

impl Ec2 {
    /// With the connections, credentials and budget of `clients`.
    pub fn new(clients: &Clients) -> Self {
        Self {
            clients: clients.clone(),
        }
    }

    /// The private addresses, IPv4 and IPv6, of every network interface of these instances. An
    /// instance that EC2 does not know any more is left out: it is for the caller to say what that
    /// means. They are asked for by a filter, because one unknown id would fail the whole call.
    pub async fn addresses(&self, instances: &[String]) -> Result<Found, AwsError> {
        let mut addresses = Found::new();
        for ids in instances.chunks(INSTANCES_PER_CALL) {
            let resource = || format!("{} instances", ids.len());
            let operation = self.operation().map_err(|missing| AwsError::Incomplete {
                operation: OPERATION,
                resource: resource(),
                missing,
            })?;
            let found = operation.invoke(ids.to_vec()).await;
            addresses.extend(found.map_err(|error| classified(OPERATION, resource(), &error))?);
        }
        Ok(addresses)
    }

    /// Built for each call: it is made once in a proof, and only where addresses are registered.
    fn operation(&self) -> Result<Operation<Vec<String>, Found, Ec2Error>, &'static str> {
        let config = self.clients.config();
        let region = config.region().cloned().ok_or("a region to ask in")?;
        let http = config.http_client().ok_or("an HTTP client to ask with")?;
        let mut builder = Operation::builder()
            .service_name("EC2")
            .operation_name(OPERATION)
            .http_client(http)
            .endpoint_url(&endpoint(config, &region))
            .runtime_plugin(self.signing(&region)?)
            .retry_classifier(TransientErrorClassifier::<Ec2Error>::new())
            .retry_classifier(AwsErrorCodeClassifier::<Ec2Error>::new());
        if let Some(retry) = config.retry_config() {
            builder = builder.standard_retry(retry);
        }
        if let Some(timeout) = config.timeout_config() {
            builder = builder.timeout_config(timeout.clone());
        }
        if let Some(sleep) = config.sleep_impl() {
            builder = builder.sleep_impl(sleep);
        }
        if let Some(time) = config.time_source() {
            builder = builder.time_source(time);
        }
        Ok(builder
            .serializer(|instances: Vec<String>| request(&instances))
            .deserializer(answer)
            .build())
    }

    /// Signs as the SDK's clients do (AWS Signature Version 4), and shares retry tokens with them.
    fn signing(&self, region: &Region) -> Result<StaticRuntimePlugin, &'static str> {
        let config = self.clients.config();
        let credentials = config
            .credentials_provider()
            .ok_or("credentials to ask with")?;
        let cache = config.identity_cache();
        let mut layer = Layer::new("EC2");
        layer.store_put(AuthSchemeOptionResolverParams::new(()));
        layer.store_put(SigV4OperationSigningConfig {
            region: Some(SigningRegion::from(region.clone())),
            name: Some(SigningName::from_static("ec2")),
            signing_options: SigningOptions::default(),
            ..SigV4OperationSigningConfig::default()
        });
        layer.store_put(self.clients.partition());
        let components = RuntimeComponentsBuilder::new("EC2")
            .with_auth_scheme(SharedAuthScheme::new(SigV4AuthScheme::new()))
            .with_auth_scheme_option_resolver(Some(SharedAuthSchemeOptionResolver::new(
                StaticAuthSchemeOptionResolver::new(vec![SCHEME_ID]),
            )))
            .with_identity_cache(Some(cache.unwrap_or_else(|| IdentityCache::lazy().build())))
            .with_identity_resolver(SCHEME_ID, SharedIdentityResolver::new(credentials));
        Ok(StaticRuntimePlugin::new()
            .with_config(layer.freeze())
            .with_runtime_components(components))
    }
}

/// Where EC2 is: as the environment says, or where it usually is. The regions in China have a domain
/// of their own (AWS General Reference, "Amazon EC2 endpoints").
fn endpoint(config: &SdkConfig, region: &Region) -> String {
    let key = ServiceConfigKey::builder()
        .service_id("EC2")
        .env("AWS_ENDPOINT_URL")
        .profile("endpoint_url")
        .build();
    let elsewhere = key
        .ok()
        .and_then(|key| config.service_config()?.load_config(key));
    let elsewhere = elsewhere.or_else(|| config.endpoint_url().map(str::to_owned));
    elsewhere.unwrap_or_else(|| {
        let domain = if region.as_ref().starts_with("cn-") {
            "amazonaws.com.cn"
        } else {
            "amazonaws.com"
        };
        format!("https://ec2.{region}.{domain}")
    })
}

/// The request, in the form that EC2 takes (EC2 API Reference, "Query Requests").
fn request(instances: &[String]) -> Result<HttpRequest, BoxError> {
    let mut form = format!("Action={OPERATION}&Version=2016-11-15&Filter.1.Name=instance-id");
    for (index, instance) in instances.iter().enumerate() {
        // The ids of instances are letters, digits and hyphens; anything else would need escaping.
        if !instance
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        {
            return Err(format!("{instance:?} is no id of an instance").into());
        }
        write!(form, "&Filter.1.Value.{}={instance}", index + 1)?;
    }
    let length = form.len().to_string();
    let mut request = HttpRequest::new(SdkBody::from(form));
    request.set_method("POST")?;
    request.set_uri("/")?;
    let headers = request.headers_mut();
    headers.try_insert("content-type", "application/x-www-form-urlencoded")?;
    headers.try_insert("content-length", length)?;
    headers.try_insert("user-agent", "pointsman")?;
    Ok(request)
}

fn answer(response: &HttpResponse) -> Result<Found, OrchestratorError<Ec2Error>> {
    let body = response.body().bytes().unwrap_or_default();
    let body = std::str::from_utf8(body).map_err(OrchestratorError::other)?;
    if response.status().is_success() {
        document::addresses(body).map_err(OrchestratorError::other)
    } else {
        Err(OrchestratorError::operation(Ec2Error {
            metadata: document::error(body),
        }))
    }
}
