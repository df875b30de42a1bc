//! The world behind HTTP on loopback, so that any AWS SDK and the AWS command line can talk to it.
//!
//! One listener is AWS, whatever the service: the signature says which one is meant, as it does for
//! a client whose `AWS_ENDPOINT_URL` points here. Each web site of the world has a listener of its
//! own, because a check's URL names a host and a port and no signature.

use std::time::Duration;

use http::{HeaderName, HeaderValue, StatusCode};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};

use crate::driver::Simulation;
use crate::wire::{Request, Response};
use crate::world::Delivery;

/// What a listener stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Front {
    /// Every service of AWS.
    Aws,
    /// The web site at this host.
    Site(String),
}

/// No request to a modelled operation is larger: DynamoDB takes 16 MB in a request (Amazon DynamoDB
/// Developer Guide, "Quotas"), all others take less.
const BODY_MAX: usize = 16 * 1024 * 1024;
/// A client that sends no header for so long is gone.
const HEADERS_WITHIN: Duration = Duration::from_secs(30);
/// And one that does not finish what it sends.
const BODY_WITHIN: Duration = Duration::from_secs(30);

/// Serves the world at a listener, for ever. A connection that breaks ends alone.
pub async fn serve(simulation: Simulation, listener: TcpListener, front: Front) {
    loop {
        // The error is that of one connection, or that no file is left for one more; the next may
        // come in any case.
        if let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(converse(simulation.clone(), stream, front.clone()));
        } else {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

async fn converse(simulation: Simulation, stream: TcpStream, front: Front) {
    let service = service_fn(|request| answer(&simulation, &front, request));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS_WITHIN)
        .serve_connection(TokioIo::new(stream), service);
    // A connection that the world loses ends in an error here, as it is meant to.
    let _ = connection.await;
}

/// A connection that broke before its answer: closes it without a word.
#[derive(Debug, thiserror::Error)]
#[error("connection lost")]
struct ConnectionLost;

async fn answer(
    simulation: &Simulation,
    front: &Front,
    request: http::Request<Incoming>,
) -> Result<http::Response<Full<Bytes>>, ConnectionLost> {
    let (parts, body) = request.into_parts();
    let body = match body_of(body).await {
        Ok(body) => body,
        Err(status) => {
            let response = Response {
                status: status.as_u16(),
                ..Response::default()
            };
            return Ok(response_of(response));
        }
    };
    let headers = parts.headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.as_str().to_owned(), value)
    });
    let request = Request {
        method: parts.method.as_str().to_owned(),
        host: match front {
            Front::Aws => AWS_HOST.to_owned(),
            Front::Site(host) => host.clone(),
        },
        path: parts
            .uri
            .path_and_query()
            .map_or("/", |path| path.as_str())
            .to_owned(),
        headers: headers.collect(),
        body,
    };
    match simulation.send(request).await {
        Delivery::Response(response) => Ok(response_of(response)),
        Delivery::ConnectionLost => Err(ConnectionLost),
    }
}

/// The whole body, or the status that says why there is none.
async fn body_of(body: Incoming) -> Result<Vec<u8>, StatusCode> {
    let collected = Limited::new(body, BODY_MAX).collect();
    match tokio::time::timeout(BODY_WITHIN, collected).await {
        Ok(Ok(body)) => Ok(body.to_bytes().to_vec()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(StatusCode::PAYLOAD_TOO_LARGE),
        Ok(Err(_broken)) => Err(StatusCode::BAD_REQUEST),
        Err(_elapsed) => Err(StatusCode::REQUEST_TIMEOUT),
    }
}

/// Any name below `.amazonaws.com` is AWS to the world.
const AWS_HOST: &str = "local.amazonaws.com";

/// What cannot be a header is left out: the world's own are all well formed, and a site's are what
/// a scenario made them.
fn response_of(response: Response) -> http::Response<Full<Bytes>> {
    let mut answer = http::Response::new(Full::new(Bytes::from(response.body)));
    *answer.status_mut() =
        StatusCode::from_u16(response.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in response.headers {
        if let (Ok(name), Ok(value)) = (
            HeaderName::try_from(name.as_str()),
            HeaderValue::try_from(value),
        ) {
            answer.headers_mut().append(name, value);
        }
    }
    answer
}
