//! What `answer-hook` is sent: the machine's document, or word of a verification that cannot answer
//! for itself any more.

use serde_json::{Value, json};

use super::call::{SCHEMA, in_words};
use super::{HookAddress, HookCall, HookEvent};
use crate::failure::{Failure, FailureName};
use crate::wire::shorten;

/// Who asks for an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sender {
    /// The machine, for itself.
    Machine,
    /// The rule on our executions that failed, timed out or were aborted.
    Rule,
    /// The hook function's OnFailure destination.
    OnFailure,
    /// The 5-minute sweep.
    Sweep,
    /// The hook function itself, which could not start the machine.
    HookFunction,
}

impl Sender {
    /// The word for records and logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Machine => "machine",
            Self::Rule => "rule",
            Self::OnFailure => "on_failure",
            Self::Sweep => "sweep",
            Self::HookFunction => "hook_function",
        }
    }
}

/// A request to answer for a verification that cannot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proxy {
    /// Who asks.
    pub sender: Sender,
    /// The hook.
    pub call: HookCall,
    /// The execution that ended, when the sender knows it. Otherwise it is the one under the
    /// hook's derived name.
    pub execution_arn: Option<String>,
    /// What happened, in words, where the sender knows more than that the verification is over.
    pub why: Option<String>,
}

/// What `answer-hook` is asked.
#[derive(Clone, Debug, PartialEq)]
pub enum AnswerRequest {
    /// The machine's own document; `verification::Document::parse` reads the rest of it.
    Own(HookCall),
    /// On behalf of a verification.
    Proxy(Proxy),
    /// Word of a verification that settled its hook itself: nothing is left to do.
    Settled {
        /// The hook.
        call: HookCall,
        /// How it ended, one sentence.
        sentence: String,
    },
}

/// The errors of the machine's Fail states that come after its own Answer Hook: CodeDeploy has its
/// answer, or waits for none.
pub const ENDS_SETTLED: [&str; 3] = ["VersionRefused", "AnsweredOtherwise", "NothingToAnswer"];

/// A request that cannot be read; Failed may still be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidRequest {
    /// What is wrong.
    pub failure: Failure,
    /// Where Failed can still be answered.
    pub address: Option<HookAddress>,
    /// Which event's hook it was, when that is known.
    pub event: Option<HookEvent>,
}

impl AnswerRequest {
    /// Reads any of the envelopes.
    pub fn parse(event: &Value) -> Result<Self, InvalidRequest> {
        let Some(fields) = event.as_object() else {
            return Err(invalid(&format!("received {}", in_words(event))));
        };
        if fields.contains_key("requestPayload") {
            on_failure(event)
        } else if fields.contains_key("detail") {
            rule(event)
        } else if fields.contains_key("sweep") {
            sweep(event)
        } else {
            HookCall::from_document(event)
                .map(Self::Own)
                .map_err(InvalidRequest::from)
        }
    }
}

/// What the sweep sends to `answer-hook`.
pub fn sweep_request(call: &HookCall, execution_arn: Option<&str>, why: &str) -> Value {
    let mut request = json!({
        "deployment_id": call.deployment,
        "hook_execution_id": call.hook.expose(),
        "event": call.event,
        "why": why,
    });
    if let Some(arn) = execution_arn {
        request["execution_arn"] = json!(arn);
    }
    json!({ "schema": SCHEMA, "sweep": request })
}

/// Lambda's record of an asynchronous invocation that failed for good (Lambda Developer Guide,
/// "Capturing records of Lambda asynchronous invocations").
fn on_failure(record: &Value) -> Result<AnswerRequest, InvalidRequest> {
    let function = text(record, "/requestContext/functionArn");
    let Some(event) = function.and_then(HookEvent::of_function) else {
        return Err(invalid(&format!(
            "requestContext.functionArn is {}, expected one of our hook functions",
            function.map_or("missing".to_owned(), |name| format!(
                "{:?}",
                shorten(name, 200)
            )),
        )));
    };
    let call =
        HookCall::parse(event, &record["requestPayload"]).map_err(|fault| InvalidRequest {
            failure: fault.failure(),
            address: fault.address,
            event: Some(event),
        })?;
    let condition = text(record, "/requestContext/condition").unwrap_or("unknown condition");
    let why = match text(record, "/responsePayload/errorMessage") {
        Some(error) => format!(
            "the hook function failed ({condition}): {}",
            shorten(error, 300)
        ),
        None => format!("the hook function failed ({condition})"),
    };
    let sender = Sender::OnFailure;
    Ok(AnswerRequest::Proxy(Proxy {
        sender,
        call,
        execution_arn: None,
        why: Some(why),
    }))
}

/// `EventBridge`'s `Step Functions Execution Status Change` (Step Functions Developer Guide,
/// "Automating Step Functions event delivery with EventBridge"): `input` is a text of JSON.
fn rule(event: &Value) -> Result<AnswerRequest, InvalidRequest> {
    let input = text(event, "/detail/input")
        .ok_or_else(|| invalid("detail.input is missing, expected a text of JSON"))?;
    let document: Value = serde_json::from_str(input)
        .map_err(|error| invalid(&format!("detail.input is not JSON: {error}")))?;
    let call = HookCall::from_document(&document)?;
    let status = text(event, "/detail/status").unwrap_or("of unknown status");
    let end = text(event, "/detail/error").filter(|error| ENDS_SETTLED.contains(error));
    if let (Some(end), "FAILED") = (end, status) {
        let HookCall {
            deployment, event, ..
        } = &call;
        let sentence = format!("{event} of {deployment} was settled by its verification ({end})");
        return Ok(AnswerRequest::Settled { call, sentence });
    }
    let said = text(event, "/detail/error").or_else(|| text(event, "/detail/cause"));
    let why = said.map(|said| shorten(said, 300));
    let execution_arn = text(event, "/detail/executionArn").map(str::to_owned);
    Ok(AnswerRequest::Proxy(Proxy {
        sender: Sender::Rule,
        call,
        execution_arn,
        why,
    }))
}

fn sweep(event: &Value) -> Result<AnswerRequest, InvalidRequest> {
    if event["schema"].as_u64() != Some(SCHEMA) {
        return Err(invalid(&format!(
            "schema is {}, expected 1",
            in_words(&event["schema"])
        )));
    }
    let fields = event["sweep"]
        .as_object()
        .ok_or_else(|| invalid(&format!("sweep is {}", in_words(&event["sweep"]))))?;
    let call = HookCall::from_fields(fields).map_err(|what| invalid(&what))?;
    let execution_arn = text(event, "/sweep/execution_arn").map(str::to_owned);
    let why = text(event, "/sweep/why")
        .unwrap_or("the sweep found it open")
        .to_owned();
    Ok(AnswerRequest::Proxy(Proxy {
        sender: Sender::Sweep,
        call,
        execution_arn,
        why: Some(why),
    }))
}

fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer).and_then(Value::as_str)
}

fn invalid(what: &str) -> InvalidRequest {
    let sentence = format!("answer-hook cannot read its request: {what}");
    InvalidRequest::from(Failure::new(FailureName::InvalidInput, sentence))
}

impl From<Failure> for InvalidRequest {
    fn from(failure: Failure) -> Self {
        Self {
            failure,
            address: None,
            event: None,
        }
    }
}
