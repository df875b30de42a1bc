//! The Lambda Runtime API over HTTP, for one process.
//!
//! AWS Lambda Developer Guide, "Using the Lambda runtime API for custom runtimes": next
//! invocation, invocation response, invocation error, initialization error, with their statuses.

use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use http::{HeaderName, HeaderValue, Method, StatusCode};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{Mutex as AsyncMutex, mpsc};
use tokio::task::JoinSet;

use crate::lambda::FunctionError;

/// An event, as the process gets it.
#[derive(Debug)]
pub(super) struct Event {
    pub request_id: String,
    /// Since the Unix epoch, on the machine's clock.
    pub deadline_milliseconds: u128,
    pub function_arn: String,
    pub payload: String,
}

/// What the process says.
#[derive(Debug)]
pub(super) enum Said {
    /// It asks for an event.
    Next,
    /// What came of the event of this request ID.
    Answer { id: String, answer: Answer },
    /// It could not start.
    InitError(FunctionError),
}

/// What came of an event.
#[derive(Debug)]
pub(super) enum Answer {
    /// A response.
    Response(Vec<u8>),
    /// A response that is larger than Lambda takes.
    TooLarge,
    /// A failure.
    Error(FunctionError),
}

/// 6 MB and what surrounds it (AWS Lambda Developer Guide, "Lambda quotas").
pub(super) const RESPONSE_MAX: usize = 6_291_556;

struct Api {
    events: AsyncMutex<mpsc::Receiver<Event>>,
    hear: mpsc::Sender<Said>,
    /// The event that was handed out and is not answered.
    handed_out: Mutex<Option<String>>,
    /// Whether it has asked for an event: then it has started.
    has_asked: AtomicBool,
}

/// Serves one process at `listener` until it is dropped.
pub(super) async fn serve(
    listener: TcpListener,
    events: mpsc::Receiver<Event>,
    hear: mpsc::Sender<Said>,
) {
    let api = Arc::new(Api {
        events: AsyncMutex::new(events),
        hear,
        handed_out: Mutex::new(None),
        has_asked: AtomicBool::new(false),
    });
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let api = Arc::clone(&api);
        connections.spawn(async move {
            let service = service_fn(|request| answer(&api, request));
            let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            // A process that ends breaks its connections.
            let _ = connection.await;
        });
    }
}

type Answered = http::Response<Full<Bytes>>;

async fn answer(api: &Api, request: http::Request<Incoming>) -> Result<Answered, Infallible> {
    let (parts, body) = request.into_parts();
    let path: Vec<&str> = parts.uri.path().split('/').skip(1).collect();
    Ok(match (&parts.method, path.as_slice()) {
        (&Method::GET, ["2018-06-01", "runtime", "invocation", "next"]) => next(api).await,
        (&Method::POST, ["2018-06-01", "runtime", "invocation", id, "response"]) => {
            match Limited::new(body, RESPONSE_MAX).collect().await {
                Ok(body) => {
                    let body = body.to_bytes().to_vec();
                    api.answered(id, Answer::Response(body), accepted).await
                }
                Err(error) if error.is::<LengthLimitError>() => {
                    api.answered(id, Answer::TooLarge, too_large).await
                }
                Err(_) => refused(StatusCode::BAD_REQUEST, "BadRequest", "a broken body"),
            }
        }
        (&Method::POST, ["2018-06-01", "runtime", "invocation", id, "error"]) => {
            let error = error(&parts.headers, body).await;
            api.answered(id, Answer::Error(error), accepted).await
        }
        (&Method::POST, ["2018-06-01", "runtime", "init", "error"])
            if api.has_asked.load(Ordering::Relaxed) =>
        {
            let what = "the runtime has started already";
            refused(StatusCode::FORBIDDEN, "InvalidStateTransition", what)
        }
        (&Method::POST, ["2018-06-01", "runtime", "init", "error"]) => {
            let error = error(&parts.headers, body).await;
            api.say(Said::InitError(error)).await;
            accepted()
        }
        _ => refused(StatusCode::NOT_FOUND, "NotFound", "no such resource"),
    })
}

impl Api {
    /// Hands the answer to an event on, if that event waits for one.
    async fn answered(&self, id: &str, answer: Answer, then: fn() -> Answered) -> Answered {
        if !self.settle(id) {
            return refused(
                StatusCode::BAD_REQUEST,
                "InvalidRequestID",
                "Invalid request ID",
            );
        }
        let id = id.to_owned();
        self.say(Said::Answer { id, answer }).await;
        then()
    }

    /// Whether this is the event that waits for its answer; if so, it no longer does.
    fn settle(&self, id: &str) -> bool {
        let mut handed_out = self.handed_out();
        let is_it = handed_out.as_deref() == Some(id);
        if is_it {
            *handed_out = None;
        }
        is_it
    }

    async fn say(&self, said: Said) {
        // Nobody hears it when the environment is being dropped.
        let _ = self.hear.send(said).await;
    }

    fn handed_out(&self) -> std::sync::MutexGuard<'_, Option<String>> {
        self.handed_out
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

async fn next(api: &Api) -> Answered {
    if api.handed_out().is_some() {
        let what = "the event that was handed out is not answered yet";
        return refused(StatusCode::FORBIDDEN, "InvalidStateTransition", what);
    }
    api.has_asked.store(true, Ordering::Relaxed);
    api.say(Said::Next).await;
    let Some(event) = api.events.lock().await.recv().await else {
        return refused(StatusCode::GONE, "Gone", "the environment is ended");
    };
    *api.handed_out() = Some(event.request_id.clone());
    let mut answer = http::Response::new(Full::new(Bytes::from(event.payload)));
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("lambda-runtime-aws-request-id", event.request_id),
        (
            "lambda-runtime-deadline-ms",
            event.deadline_milliseconds.to_string(),
        ),
        ("lambda-runtime-invoked-function-arn", event.function_arn),
    ];
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::try_from(value) {
            let name = HeaderName::from_static(name);
            answer.headers_mut().insert(name, value);
        }
    }
    answer
}

/// The error that was posted. Where its body tells no type, the header does; without either it is
/// unknown.
async fn error(headers: &http::HeaderMap, body: Incoming) -> FunctionError {
    let body = match Limited::new(body, RESPONSE_MAX).collect().await {
        Ok(body) => body.to_bytes(),
        Err(_) => Bytes::new(),
    };
    let document: Value = serde_json::from_slice(&body).unwrap_or_default();
    let field = |name: &str| document.get(name).and_then(Value::as_str);
    let header = headers
        .get("lambda-runtime-function-error-type")
        .and_then(|value| value.to_str().ok());
    let error_type = field("errorType").or(header).unwrap_or("Runtime.Unknown");
    let message = field("errorMessage").map_or_else(
        || String::from_utf8_lossy(&body).into_owned(),
        str::to_owned,
    );
    FunctionError {
        error_type: error_type.to_owned(),
        message,
    }
}

fn accepted() -> Answered {
    respond(StatusCode::ACCEPTED, &json!({"status": "OK"}))
}

fn too_large() -> Answered {
    let what = format!("Exceeded maximum allowed payload size ({RESPONSE_MAX} bytes).");
    refused(
        StatusCode::PAYLOAD_TOO_LARGE,
        "RequestEntityTooLarge",
        &what,
    )
}

fn refused(status: StatusCode, error_type: &str, message: &str) -> Answered {
    respond(
        status,
        &json!({"errorType": error_type, "errorMessage": message}),
    )
}

fn respond(status: StatusCode, document: &Value) -> Answered {
    let mut answer = http::Response::new(Full::new(Bytes::from(document.to_string())));
    *answer.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    answer.headers_mut().insert("content-type", json);
    answer
}
