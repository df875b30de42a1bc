//! The world behind the HTTP client of the AWS SDK for Rust, in this process.
//!
//! Run it on a current-thread runtime with the clock paused (`start_paused`): whenever every task
//! waits, tokio moves the clock to the next timer, so that hours take milliseconds.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_smithy_async::time::TimeSource;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;

use crate::driver::Simulation;
use crate::wire::{Request, Response};
use crate::world::Delivery;

/// A way to AWS, signed by one caller: what an `SdkConfig` is made from.
#[derive(Clone, Debug)]
pub struct Connection {
    pub(crate) simulation: Simulation,
    /// The access key ID to sign with: the caller's name.
    pub access_key_id: String,
    /// The session token to sign with: the invocation, if a function calls.
    pub session_token: Option<String>,
}

impl Connection {
    /// The HTTP client.
    pub fn http_client(&self) -> SharedHttpClient {
        SharedHttpClient::new(self.simulation.clone())
    }

    /// Writes a sentence of the story in the name of `who`.
    pub fn tell(&self, who: &str, what: &str) {
        self.simulation
            .with(|world| world.tell(who.to_owned(), what.to_owned()));
    }

    /// Prints a line to the standard output of a function.
    pub fn print(&self, function: &str, line: &str) {
        self.simulation
            .with(|world| crate::logs::print(world, function, line));
    }

    /// The clock.
    pub fn time_source(&self) -> impl TimeSource + 'static {
        self.simulation.clone()
    }
}

impl TimeSource for Simulation {
    fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(Simulation::now(self).milliseconds())
    }
}

impl HttpClient for Simulation {
    fn http_connector(
        &self,
        _settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Simulation {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let simulation = self.clone();
        HttpConnectorFuture::new(async move {
            let request = request_of(request)?;
            match simulation.send(request).await {
                Delivery::Response(response) => response_of(response),
                Delivery::ConnectionLost => {
                    Err(ConnectorError::io("connection reset by peer".into()))
                }
            }
        })
    }
}

fn request_of(request: HttpRequest) -> Result<Request, ConnectorError> {
    let request = request
        .try_into_http1x()
        .map_err(|error| ConnectorError::user(Box::new(error)))?;
    let (parts, body) = request.into_parts();
    let body = body
        .bytes()
        .ok_or_else(|| ConnectorError::user("a streaming body is not modelled".into()))?
        .to_vec();
    let headers = parts
        .headers
        .iter()
        .map(|(name, value)| {
            (
                name.as_str().to_owned(),
                String::from_utf8_lossy(value.as_bytes()).into_owned(),
            )
        })
        .collect();
    Ok(Request {
        method: parts.method.as_str().to_owned(),
        host: parts.uri.host().unwrap_or_default().to_owned(),
        path: parts
            .uri
            .path_and_query()
            .map_or("/", |path| path.as_str())
            .to_owned(),
        headers,
        body,
    })
}

fn response_of(response: Response) -> Result<HttpResponse, ConnectorError> {
    let mut builder = http::Response::builder().status(response.status);
    for (name, value) in response.headers {
        builder = builder.header(name, value);
    }
    let response = builder
        .body(SdkBody::from(response.body))
        .map_err(|error| ConnectorError::other(Box::new(error), None))?;
    HttpResponse::try_from(response).map_err(|error| ConnectorError::other(Box::new(error), None))
}
