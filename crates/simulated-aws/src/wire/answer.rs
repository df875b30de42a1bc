//! From what a service answered to an HTTP response.

use serde::Serialize;
use serde_json::{Map, Value};

use super::{Protocol, Response, cbor, ec2_query, query};
use crate::time::TIME_KEY;

/// What a service answered.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// A document, to be written in the protocol of the request.
    Document(Value),
    /// A response already whole, such as what a function returned.
    Whole(Response),
    /// The answer comes later, when the service has it.
    Later,
}

impl Answer {
    /// The answer that this response type serializes to.
    pub fn of(response: &impl Serialize) -> Answer {
        Answer::Document(serde_json::to_value(response).expect("response types serialize"))
    }

    /// An empty document.
    pub fn empty() -> Answer {
        Answer::Document(Value::Object(serde_json::Map::new()))
    }
}

/// An error as AWS tells it: a code that programs match, a message that people read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct ApiError {
    /// The code, from the service's API Reference.
    pub code: String,
    /// The message.
    pub message: String,
    /// The HTTP status: 400 unless said otherwise.
    pub status: u16,
    /// What it carries besides, by name; a form (awsQuery) carries none.
    pub details: Map<String, Value>,
}

impl ApiError {
    /// An error of the caller's (HTTP 400).
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> ApiError {
        ApiError {
            code: code.into(),
            message: message.into(),
            status: 400,
            details: Map::new(),
        }
    }

    /// The same with another HTTP status.
    pub fn status(self, status: u16) -> ApiError {
        ApiError { status, ..self }
    }

    /// The same with something besides.
    pub fn with(self, details: Map<String, Value>) -> ApiError {
        ApiError { details, ..self }
    }
}

/// The response that carries `document`.
pub(crate) fn response(protocol: Protocol, action: &str, document: &Value, id: &str) -> Response {
    match protocol {
        Protocol::Json => respond(200, "application/x-amz-json-1.1", json_body(document), id),
        Protocol::Rest => respond(200, "application/json", json_body(document), id),
        Protocol::Query => respond(
            200,
            "text/xml",
            query::answer(action, document, id).into(),
            id,
        ),
        Protocol::Ec2Query => respond(
            200,
            "text/xml",
            ec2_query::answer(action, document, id).into(),
            id,
        ),
        Protocol::Cbor => with_cbor_header(respond(200, CBOR, cbor::body(document), id)),
    }
}

/// The response that carries an error.
pub(crate) fn error_response(protocol: Protocol, error: &ApiError, id: &str) -> Response {
    let mut document = serde_json::json!({"__type": error.code, "message": error.message});
    if let Value::Object(fields) = &mut document {
        fields.extend(error.details.clone());
    }
    let status = error.status;
    match protocol {
        Protocol::Json => respond(
            status,
            "application/x-amz-json-1.1",
            json_body(&document),
            id,
        ),
        Protocol::Rest => {
            let mut response = respond(status, "application/json", json_body(&document), id);
            response
                .headers
                .push(("x-amzn-errortype".into(), error.code.clone()));
            response
        }
        Protocol::Query => respond(status, "text/xml", query::error(error, id).into(), id),
        Protocol::Ec2Query => respond(status, "text/xml", ec2_query::error(error, id).into(), id),
        Protocol::Cbor => with_cbor_header(respond(status, CBOR, cbor::body(&document), id)),
    }
}

/// Seconds with a fraction, as JSON and CBOR carry times.
#[expect(
    clippy::cast_precision_loss,
    reason = "milliseconds since 1970 fit into 53 bits"
)]
pub(super) fn seconds(milliseconds: u64) -> f64 {
    milliseconds as f64 / 1000.0
}

const CBOR: &str = "application/cbor";

fn respond(status: u16, content_type: &str, body: Vec<u8>, id: &str) -> Response {
    let headers = vec![
        ("content-type".to_owned(), content_type.to_owned()),
        ("x-amzn-requestid".to_owned(), id.to_owned()),
    ];
    Response {
        status,
        headers,
        body,
    }
}

fn with_cbor_header(mut response: Response) -> Response {
    response
        .headers
        .push(("smithy-protocol".into(), "rpc-v2-cbor".into()));
    response
}

fn json_body(document: &Value) -> Vec<u8> {
    serde_json::to_vec(&in_seconds(document)).expect("a document serializes")
}

/// The document without nulls and with every time in seconds.
fn in_seconds(value: &Value) -> Value {
    match value {
        Value::Array(members) => Value::Array(members.iter().map(in_seconds).collect()),
        Value::Object(fields) => match fields.get(TIME_KEY).and_then(Value::as_u64) {
            Some(milliseconds) => Value::from(seconds(milliseconds)),
            None => Value::Object(
                fields
                    .iter()
                    .filter(|(_, field)| !field.is_null())
                    .map(|(name, field)| (name.clone(), in_seconds(field)))
                    .collect(),
            ),
        },
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Time;
    use serde_json::json;

    #[test]
    fn json_leaves_nulls_out_and_writes_times_in_seconds() {
        let document = json!({"at": Time::START, "none": null, "list": [{"at": Time::START}]});
        let response = response(Protocol::Json, "Do", &document, "r");
        let body: Value = serde_json::from_slice(&response.body).expect("is JSON");
        assert_eq!(
            body,
            json!({"at": 1_768_467_600.0, "list": [{"at": 1_768_467_600.0}]})
        );
    }

    #[test]
    fn every_protocol_carries_the_code_of_an_error() {
        let error = ApiError::new("NoSuchThing", "there is none").status(404);
        for protocol in [
            Protocol::Json,
            Protocol::Rest,
            Protocol::Query,
            Protocol::Ec2Query,
            Protocol::Cbor,
        ] {
            let response = error_response(protocol, &error, "r");
            assert_eq!(response.status, 404);
            let body = String::from_utf8_lossy(&response.body).into_owned();
            assert!(
                body.contains("NoSuchThing") && body.contains("there is none"),
                "{body}"
            );
        }
    }
}
