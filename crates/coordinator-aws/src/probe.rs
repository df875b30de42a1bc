//! Visits one URL, for an HTTP check.
//!
//! Goes through the HTTP client that the SDK uses: no second HTTP library in a function, and a
//! simulated world answers checks as it answers AWS's APIs. Follows no redirect (a redirect is an
//! answer, and a check says which status it expects) and retries nothing: a check is a sample.

use std::convert::Infallible;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_smithy_async::rt::sleep::SharedAsyncSleep;
use aws_smithy_async::time::SharedTimeSource;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::interceptors::context::{Error, Output};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::ser_de::DeserializeResponse;
use aws_smithy_runtime_api::client::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::timeout::TimeoutConfig;
use coordinator::failure::chain;

/// A longer body is cut here: a check looks for a word or a field, and a function has 128 MB.
pub const BODY_BYTES_MAX: usize = 64 * 1024;

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// The HTTP method.
    pub method: String,
    /// An absolute `http` or `https` URL.
    pub url: String,
    /// From the first packet to the last byte of the body.
    pub timeout: Duration,
}

impl Visit {
    fn shown(&self) -> String {
        self.url.split('?').take(1).collect()
    }
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Names in lower case, in the order received; values that are no text are left out.
    pub headers: Vec<(String, String)>,
    /// The body as text, at most [`BODY_BYTES_MAX`] bytes of it; what is no UTF-8 is replaced.
    pub body: String,
}

/// Why no answer came.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswer {
    /// The URL or the method is none.
    #[error("cannot visit {url}: {why}")]
    CannotAsk {
        /// The URL up to its query, which may hold a token.
        url: String,
        /// What is wrong with it.
        why: String,
    },
    /// No connection, or it broke.
    #[error("no answer from {url}: {why}")]
    Unreachable {
        /// The URL, up to its query.
        url: String,
        /// What the connection said.
        why: String,
    },
    /// The time was over first.
    #[error("no answer from {url} within {} ms", timeout.as_millis())]
    TimedOut {
        /// The URL, up to its query.
        url: String,
        /// The check's own timeout.
        timeout: Duration,
    },
}

/// Visits URLs.
#[derive(Debug, Clone)]
pub struct Probe {
    http: Option<SharedHttpClient>,
    sleep: Option<SharedAsyncSleep>,
    time: Option<SharedTimeSource>,
}

impl Probe {
    /// A probe over the connections and the clock of `config`.
    pub fn new(config: &SdkConfig) -> Self {
        Self {
            http: config.http_client(),
            sleep: config.sleep_impl(),
            time: config.time_source(),
        }
    }

    /// Visits once.
    pub async fn visit(&self, visit: &Visit) -> Result<Answer, NoAnswer> {
        let request = request_of(visit)?;
        match tokio::time::timeout(visit.timeout, self.send(visit, request)).await {
            Ok(answer) => answer,
            Err(_elapsed) => Err(NoAnswer::TimedOut {
                url: visit.shown(),
                timeout: visit.timeout,
            }),
        }
    }

    async fn send(&self, visit: &Visit, request: Request) -> Result<Answer, NoAnswer> {
        let unreachable = |why: String| NoAnswer::Unreachable {
            url: visit.shown(),
            why: why.chars().take(WHY_CHARACTERS_MAX).collect(),
        };
        let http = self
            .http
            .clone()
            .ok_or_else(|| unreachable("no HTTP client".to_owned()))?;
        let mut operation = Operation::builder()
            .service_name("probe")
            .operation_name("Visit")
            .http_client(http)
            .endpoint_url(&request.origin)
            .no_auth()
            .no_retry()
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(visit.timeout)
                    .build(),
            )
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
        if let Some(sleep) = self.sleep.clone() {
            operation = operation.sleep_impl(sleep);
        }
        if let Some(time) = self.time.clone() {
            operation = operation.time_source(time);
        }
        let operation = operation
            .serializer(|request: Request| request.build())
            .deserializer_impl::<HttpResponse, Infallible>(AsItComes)
            .build();
        let response = operation
            .invoke(request)
            .await
            .map_err(|error| unreachable(chain(&error)))?;
        read(response).await.map_err(unreachable)
    }
}

/// An error's text is shown in a report: enough for the cause, not for a page.
const WHY_CHARACTERS_MAX: usize = 300;
/// No check needs more, and a function's memory is small.
const HEADERS_MAX: usize = 100;

/// A visit in the parts that the SDK wants: it puts path and origin together itself.
#[derive(Debug, Clone)]
struct Request {
    method: String,
    origin: String,
    path: String,
}

impl Request {
    fn build(self) -> Result<HttpRequest, aws_smithy_runtime_api::box_error::BoxError> {
        let mut request = HttpRequest::new(SdkBody::empty());
        request.set_method(&self.method)?;
        request.set_uri(self.path)?;
        request
            .headers_mut()
            .try_insert("user-agent", "pointsman")?;
        Ok(request)
    }
}

fn request_of(visit: &Visit) -> Result<Request, NoAnswer> {
    let cannot = |why: &str| NoAnswer::CannotAsk {
        url: visit.shown(),
        why: why.to_owned(),
    };
    let (scheme, rest) = visit
        .url
        .split_once("://")
        .ok_or_else(|| cannot("no scheme"))?;
    if scheme != "http" && scheme != "https" {
        return Err(cannot("the scheme is neither http nor https"));
    }
    let rest = rest.split('#').next().unwrap_or_default();
    let (host, path) = match rest.find(['/', '?']) {
        Some(at) if rest[at..].starts_with('/') => (&rest[..at], rest[at..].to_owned()),
        Some(at) => (&rest[..at], format!("/{}", &rest[at..])),
        None => (rest, "/".to_owned()),
    };
    if host.is_empty() {
        return Err(cannot("no host"));
    }
    let request = Request {
        method: visit.method.clone(),
        origin: format!("{scheme}://{host}"),
        path,
    };
    let mut built = request
        .clone()
        .build()
        .map_err(|error| cannot(&error.to_string()))?;
    built
        .uri_mut()
        .set_endpoint(&request.origin)
        .map_err(|error| cannot(&error.to_string()))?;
    Ok(request)
}

/// Hands the response on before its body is read, so that a body without end is cut, not read.
#[derive(Debug)]
struct AsItComes;

impl DeserializeResponse for AsItComes {
    fn deserialize_streaming_with_config(
        &self,
        response: &mut HttpResponse,
        _config: &ConfigBag,
    ) -> Option<Result<Output, OrchestratorError<Error>>> {
        let mut taken = HttpResponse::new(response.status(), response.take_body());
        *taken.headers_mut() = response.headers().clone();
        Some(Ok(Output::erase(taken)))
    }

    fn deserialize_nonstreaming_with_config(
        &self,
        _response: &HttpResponse,
        _config: &ConfigBag,
    ) -> Result<Output, OrchestratorError<Error>> {
        Err(OrchestratorError::other(
            "the response was taken before its body was read",
        ))
    }
}

async fn read(response: HttpResponse) -> Result<Answer, String> {
    let status = response.status().as_u16();
    let headers = response
        .headers()
        .iter_bytes()
        .filter_map(|(name, value)| {
            let value = std::str::from_utf8(value).ok()?;
            Some((name.to_ascii_lowercase(), value.to_owned()))
        })
        .take(HEADERS_MAX)
        .collect();
    let mut stream = ByteStream::new(response.into_body());
    let mut bytes: Vec<u8> = Vec::new();
    while bytes.len() < BODY_BYTES_MAX
        && let Some(part) = stream.try_next().await.map_err(|error| chain(&error))?
    {
        let room = BODY_BYTES_MAX - bytes.len();
        bytes.extend_from_slice(&part[..part.len().min(room)]);
    }
    Ok(Answer {
        status,
        headers,
        body: String::from_utf8_lossy(&bytes).into_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_smithy_runtime_api::client::http::{
        HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
    };
    use std::sync::{Arc, Mutex};

    /// Answers every request alike and remembers where it went.
    #[derive(Debug, Clone)]
    struct Site {
        status: u16,
        body: &'static [u8],
        asked: Arc<Mutex<Vec<String>>>,
    }

    impl HttpConnector for Site {
        fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
            let line = format!("{} {}", request.method(), request.uri());
            self.asked
                .lock()
                .expect("no test panics while it holds this")
                .push(line);
            let status = self
                .status
                .try_into()
                .expect("the tests use valid statuses");
            let mut response = HttpResponse::new(status, SdkBody::from(self.body));
            response.headers_mut().insert("X-Version", "7");
            HttpConnectorFuture::ready(Ok(response))
        }
    }

    fn probe(site: &Site) -> Probe {
        let connector = SharedHttpConnector::new(site.clone());
        Probe {
            http: Some(http_client_fn(move |_, _| connector.clone())),
            sleep: None,
            time: None,
        }
    }

    fn site(status: u16, body: &'static [u8]) -> Site {
        Site {
            status,
            body,
            asked: Arc::default(),
        }
    }

    fn get(url: &str) -> Visit {
        Visit {
            method: "GET".to_owned(),
            url: url.to_owned(),
            timeout: Duration::from_secs(1),
        }
    }

    #[tokio::test]
    async fn visits_the_url_as_written_and_hands_on_what_came() {
        let there = site(301, b"moved");
        let answer = probe(&there).visit(&get("https://a.example/x?y=1#z")).await;
        let answer = answer.expect("the site answers");
        assert_eq!((answer.status, answer.body.as_str()), (301, "moved"));
        assert_eq!(answer.headers, [("x-version".to_owned(), "7".to_owned())]);
        assert_eq!(
            *there.asked.lock().expect("held by nobody"),
            ["GET https://a.example/x?y=1"]
        );
    }

    #[tokio::test]
    async fn cuts_a_body_that_is_too_long() {
        static LONG: [u8; BODY_BYTES_MAX + 1] = [b'a'; BODY_BYTES_MAX + 1];
        let answer = probe(&site(200, &LONG))
            .visit(&get("http://a.example"))
            .await;
        let answer = answer.expect("the site answers");
        assert_eq!(answer.body.len(), BODY_BYTES_MAX);
    }

    #[tokio::test]
    async fn says_what_is_wrong_with_a_url_that_is_none() {
        for url in [
            "",
            "a.example",
            "ftp://a.example/",
            "https://",
            "https:///x",
            "http://a b/",
        ] {
            let answer = probe(&site(200, b"")).visit(&get(url)).await;
            assert!(
                matches!(answer, Err(NoAnswer::CannotAsk { .. })),
                "{url}: {answer:?}"
            );
        }
    }

    #[tokio::test]
    async fn says_a_url_without_its_query() {
        for url in ["ftp://a.example/x?s3cret", "http://a.example/ ?s3cret"] {
            let answer = probe(&site(200, b"")).visit(&get(url)).await;
            let said = answer.expect_err("it is no URL").to_string();
            assert!(said.contains("a.example"), "{said}");
            assert!(!said.contains("s3cret"), "{said}");
        }
    }
}
