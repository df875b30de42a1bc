//! The world: every service's state, one clock, one queue of what is still to happen.
//!
//! It is a value without I/O: a driver brings calls ([`World::arrive`]), lets time pass
//! ([`World::advance`]) and carries out what the world asks for ([`Effect`]). One seed and the same
//! calls at the same times give the same history.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use crate::call::{Call, CallId, InvocationId, Understood};
use crate::faults::{FaultKind, Faults, LATE_BY};
use crate::journal::{CallOutcome, CallRecord, Happening, Journal};
use crate::time::Time;
use crate::wire::{self, Answer, ApiError, Request, Response, Service};
use crate::{
    cloud_watch, code_deploy, dynamo_db, event_bridge, lambda, load_balancing, sites, sns, ssm,
    step_functions, traffic,
};

/// The account in which everything happens: the one that AWS's documentation uses for examples.
pub const ACCOUNT: &str = "123456789012";
/// The region in which everything happens.
pub const REGION: &str = "eu-central-1";

/// What a call's caller gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// An HTTP response.
    Response(Response),
    /// The connection broke.
    ConnectionLost,
}

/// What the driver has to do.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Give this to the caller of the call.
    Deliver(CallId, Delivery),
    /// Run a function of ours.
    Run(lambda::Run),
    /// End this invocation at once; nothing of it happens any more.
    Kill(InvocationId),
}

/// What is still to happen, by the service to which it happens.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    Arrival { call: CallId, late: bool },
    Delivery(CallId, Delivery),
    CloudWatch(cloud_watch::Event),
    CodeDeploy(code_deploy::Event),
    EventBridge(event_bridge::Event),
    Lambda(lambda::Event),
    StepFunctions(step_functions::Event),
    Traffic(traffic::Event),
    Act(Act),
}

/// Something that a scenario does to the world at a chosen time: a person's hand, a machine's
/// failure.
#[derive(Clone)]
pub(crate) struct Act(pub(crate) std::sync::Arc<dyn Fn(&mut World) + Send + Sync>);

impl std::fmt::Debug for Act {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Act")
    }
}

/// The simulated AWS.
#[derive(Debug)]
pub struct World {
    now: Time,
    queue: BTreeMap<(Time, u64), Event>,
    sequence: u64,
    pending: BTreeMap<CallId, Pending>,
    effects: Vec<Effect>,
    /// Draws everything that AWS leaves open.
    pub random: fastrand::Rng,
    /// What happened so far.
    pub journal: Journal,
    /// The faults put on calls.
    pub faults: Faults,
    /// Amazon CloudWatch.
    pub cloud_watch: cloud_watch::CloudWatch,
    /// AWS CodeDeploy.
    pub code_deploy: code_deploy::CodeDeploy,
    /// Amazon DynamoDB.
    pub dynamo_db: dynamo_db::DynamoDb,
    /// Amazon EventBridge.
    pub event_bridge: event_bridge::EventBridge,
    /// AWS Lambda.
    pub lambda: lambda::Lambda,
    /// Elastic Load Balancing.
    pub load_balancing: load_balancing::LoadBalancing,
    /// Web sites that are not AWS.
    pub sites: sites::Sites,
    /// Amazon SNS.
    pub sns: sns::Sns,
    /// Parameter Store.
    pub ssm: ssm::Ssm,
    /// AWS Step Functions.
    pub step_functions: step_functions::StepFunctions,
    /// The users' requests.
    pub traffic: traffic::Traffic,
}

/// A call under way.
#[derive(Debug)]
struct Pending {
    request: Request,
    understood: Option<Understood>,
    fault: Option<FaultKind>,
}

impl World {
    /// An empty account whose every chance is drawn from `seed`.
    pub fn new(seed: u64) -> World {
        World {
            now: Time::START,
            queue: BTreeMap::new(),
            sequence: 0,
            pending: BTreeMap::new(),
            effects: Vec::new(),
            random: fastrand::Rng::with_seed(seed),
            journal: Journal::default(),
            faults: Faults::default(),
            cloud_watch: cloud_watch::CloudWatch::default(),
            code_deploy: code_deploy::CodeDeploy::default(),
            dynamo_db: dynamo_db::DynamoDb::default(),
            event_bridge: event_bridge::EventBridge::default(),
            lambda: lambda::Lambda::default(),
            load_balancing: load_balancing::LoadBalancing::default(),
            sites: sites::Sites::default(),
            sns: sns::Sns::default(),
            ssm: ssm::Ssm::default(),
            step_functions: step_functions::StepFunctions::default(),
            traffic: traffic::Traffic::default(),
        }
    }

    /// The present moment.
    pub fn now(&self) -> Time {
        self.now
    }

    /// When the next thing happens by itself.
    pub fn next_event(&self) -> Option<Time> {
        self.queue.keys().next().map(|(time, _)| *time)
    }

    /// A client sends a request now. What comes of it, if anything, is an [`Effect::Deliver`].
    pub fn arrive(&mut self, now: Time, request: Request) -> CallId {
        self.now = self.now.max(now);
        let id = CallId(self.draw_sequence());
        self.pending.insert(
            id,
            Pending {
                request,
                understood: None,
                fault: None,
            },
        );
        let latency = self.latency();
        self.after(
            latency,
            Event::Arrival {
                call: id,
                late: false,
            },
        );
        id
    }

    /// Lets time pass, and everything happen that happens until then. It stops early, at the
    /// moment of the first event that asks something of the driver.
    pub fn advance(&mut self, to: Time) -> Vec<Effect> {
        while self.effects.is_empty() {
            let Some(entry) = self.queue.first_entry().filter(|entry| entry.key().0 <= to) else {
                self.now = self.now.max(to);
                break;
            };
            self.now = self.now.max(entry.key().0);
            let event = entry.remove();
            self.happen(event);
        }
        std::mem::take(&mut self.effects)
    }

    /// Answers a call whose service said [`Answer::Later`].
    pub(crate) fn answer(&mut self, call: CallId, answer: Result<Answer, ApiError>) {
        if let Some(pending) = self.pending.remove(&call) {
            self.deliver(call, pending, answer);
        }
    }

    /// Has something happen after `wait`.
    pub(crate) fn after(&mut self, wait: Duration, event: Event) {
        let sequence = self.draw_sequence();
        self.queue.insert((self.now + wait, sequence), event);
    }

    /// Has a scenario's hand do something after `wait`.
    pub fn act(&mut self, wait: Duration, act: impl Fn(&mut World) + Send + Sync + 'static) {
        self.after(wait, Event::Act(Act(std::sync::Arc::new(act))));
    }

    pub(crate) fn effect(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// Writes a sentence of the story.
    pub fn tell(&mut self, who: impl Into<String>, what: impl Into<String>) {
        self.record(Happening::Told {
            who: who.into(),
            what: what.into(),
        });
    }

    pub(crate) fn record(&mut self, what: Happening) {
        self.journal.write(self.now, what);
    }

    /// A number that nothing else in this world has.
    pub(crate) fn draw_sequence(&mut self) -> u64 {
        self.sequence += 1;
        self.sequence
    }

    /// An ID in the form of a UUID, drawn from the seed.
    pub(crate) fn draw_uuid(&mut self) -> String {
        let bits = self.random.u128(..);
        let hex = format!("{bits:032x}");
        format!(
            "{}-{}-4{}-8{}-{}",
            &hex[..8],
            &hex[8..12],
            &hex[13..16],
            &hex[17..20],
            &hex[20..]
        )
    }

    /// One way between a caller and AWS in one region: 4 to 40 ms, an assumption.
    fn latency(&mut self) -> Duration {
        Duration::from_millis(self.random.u64(4..=40))
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Arrival { call, late } => self.on_arrival(call, late),
            Event::Delivery(call, delivery) => self.effect(Effect::Deliver(call, delivery)),
            Event::CloudWatch(event) => cloud_watch::happen(self, event),
            Event::CodeDeploy(event) => code_deploy::happen(self, event),
            Event::EventBridge(event) => event_bridge::happen(self, event),
            Event::Lambda(event) => lambda::happen(self, event),
            Event::StepFunctions(event) => step_functions::happen(self, event),
            Event::Traffic(event) => traffic::happen(self, event),
            Event::Act(act) => (act.0)(self),
        }
    }

    fn on_arrival(&mut self, id: CallId, late: bool) {
        let Some(mut pending) = self.pending.remove(&id) else {
            return;
        };
        if !pending.request.host.ends_with(".amazonaws.com") {
            let visit = sites::visit(self, &pending.request);
            self.pending.insert(id, pending);
            return self.on_visited(id, visit);
        }
        let understood = match wire::understand(&pending.request) {
            Ok(understood) => understood,
            Err((protocol, error)) => {
                let response = wire::error_response(protocol, &error, &id.0.to_string());
                return self.send(id, Delivery::Response(response));
            }
        };
        let call = call_of(id, understood.clone());
        pending.understood = Some(understood);
        if !late {
            pending.fault = self.faults.strike(&call.caller, &call.iam_action());
        }
        self.apply(call, pending, late);
    }

    /// What a fault does to a call, or else the call itself.
    fn apply(&mut self, call: Call, pending: Pending, late: bool) {
        let id = call.id;
        let Some(fault) = pending.fault.filter(|_| !late) else {
            return self.serve(&call, pending);
        };
        let refusal =
            |code: &str, message: &str, status| Err(ApiError::new(code, message).status(status));
        match fault {
            FaultKind::Throttled => {
                let answer = refusal(call.service.throttling_code(), "Rate exceeded", 400);
                self.log(&call, Some(fault), &answer);
                self.deliver(id, pending, answer);
            }
            FaultKind::Refused => {
                let message = format!("User is not authorized to perform: {}", call.iam_action());
                let answer = refusal(call.service.refusal_code(), &message, 403);
                self.log(&call, Some(fault), &answer);
                self.deliver(id, pending, answer);
            }
            FaultKind::Broken => {
                let answer = refusal("InternalServerError", "internal error", 500);
                self.log(&call, Some(fault), &answer);
                self.deliver(id, pending, answer);
            }
            FaultKind::LostBefore => {
                self.log_unanswered(&call, Some(fault));
                self.send(id, Delivery::ConnectionLost);
            }
            FaultKind::NeverArrives => self.log_unanswered(&call, Some(fault)),
            FaultKind::AppliedLate => {
                self.log_unanswered(&call, Some(fault));
                self.pending.insert(id, pending);
                self.after(
                    LATE_BY,
                    Event::Arrival {
                        call: id,
                        late: true,
                    },
                );
            }
            FaultKind::AnswerLost => self.serve(&call, pending),
            FaultKind::KilledBefore => {
                self.log_unanswered(&call, Some(fault));
                lambda::kill(self, call.invocation);
            }
            FaultKind::KilledAfter => {
                self.serve(&call, pending);
                lambda::kill(self, call.invocation);
            }
        }
    }

    fn serve(&mut self, call: &Call, pending: Pending) {
        let answer = match call.service {
            Service::CloudWatch => cloud_watch::handle(self, call),
            Service::CodeDeploy => code_deploy::handle(self, call),
            Service::DynamoDb => dynamo_db::handle(self, call),
            Service::Lambda => lambda::handle(self, call),
            Service::LoadBalancing => load_balancing::handle(self, call),
            Service::Sns => sns::handle(self, call),
            Service::Ssm => ssm::handle(self, call),
            Service::StepFunctions => step_functions::handle(self, call),
        };
        self.log(call, pending.fault, &answer);
        if answer == Ok(Answer::Later) {
            self.pending.insert(call.id, pending);
        } else {
            self.deliver(call.id, pending, answer);
        }
    }

    fn deliver(&mut self, id: CallId, pending: Pending, answer: Result<Answer, ApiError>) {
        let Some(understood) = pending.understood else {
            return;
        };
        match pending.fault {
            // Nobody waits any more.
            Some(FaultKind::AppliedLate | FaultKind::KilledAfter) => return,
            Some(FaultKind::AnswerLost) => return self.send(id, Delivery::ConnectionLost),
            Some(
                FaultKind::Throttled
                | FaultKind::Refused
                | FaultKind::Broken
                | FaultKind::LostBefore
                | FaultKind::NeverArrives
                | FaultKind::KilledBefore,
            )
            | None => {}
        }
        let request_id = id.0.to_string();
        let response = match answer {
            Ok(Answer::Document(document)) => wire::response(
                understood.protocol,
                &understood.action,
                &document,
                &request_id,
            ),
            Ok(Answer::Whole(response)) => response,
            Ok(Answer::Later) => return,
            Err(error) => wire::error_response(understood.protocol, &error, &request_id),
        };
        self.send(id, Delivery::Response(response));
    }

    /// A web site's response, now or after the time that it takes.
    fn on_visited(&mut self, id: CallId, visit: sites::Visit) {
        self.pending.remove(&id);
        match visit {
            sites::Visit::Answered { after, response } => {
                self.after(after, Event::Delivery(id, Delivery::Response(response)));
            }
            sites::Visit::Unreachable => self.send(id, Delivery::ConnectionLost),
            sites::Visit::Hangs => {}
        }
    }

    fn send(&mut self, id: CallId, delivery: Delivery) {
        let latency = self.latency();
        self.after(latency, Event::Delivery(id, delivery));
    }

    fn log(&mut self, call: &Call, fault: Option<FaultKind>, answer: &Result<Answer, ApiError>) {
        let lost = matches!(
            fault,
            Some(FaultKind::AnswerLost | FaultKind::KilledAfter | FaultKind::AppliedLate)
        );
        let outcome = match answer {
            _ if lost => CallOutcome::NoAnswer,
            Ok(_) => CallOutcome::Done,
            Err(error) => CallOutcome::Error(error.code.clone()),
        };
        self.log_call(call, fault, outcome);
    }

    fn log_unanswered(&mut self, call: &Call, fault: Option<FaultKind>) {
        self.log_call(call, fault, CallOutcome::NoAnswer);
    }

    fn log_call(&mut self, call: &Call, fault: Option<FaultKind>, outcome: CallOutcome) {
        let resource = self.resource(call);
        let record = CallRecord {
            caller: call.caller.clone(),
            action: call.iam_action(),
            resource,
            outcome,
            fault,
        };
        self.record(Happening::Call(record));
    }

    /// The ARN on which IAM would be asked.
    fn resource(&self, call: &Call) -> String {
        match call.service {
            Service::CloudWatch => cloud_watch::resource(self, call),
            Service::CodeDeploy => code_deploy::resource(self, call),
            Service::DynamoDb => dynamo_db::resource(self, call),
            Service::Lambda => lambda::resource(self, call),
            Service::LoadBalancing => load_balancing::resource(self, call),
            Service::Sns => sns::resource(self, call),
            Service::Ssm => ssm::resource(self, call),
            Service::StepFunctions => step_functions::resource(self, call),
        }
    }
}

fn call_of(id: CallId, understood: Understood) -> Call {
    let invocation = understood.session.and_then(|session| session.parse().ok());
    Call {
        id,
        caller: understood.caller,
        invocation,
        service: understood.service,
        action: understood.action,
        input: understood.input,
        protocol: understood.protocol,
    }
}

/// A text field of an input document, for naming the resource of a call; empty if there is none.
pub(crate) fn text<'a>(input: &'a Value, field: &str) -> &'a str {
    input.get(field).and_then(Value::as_str).unwrap_or_default()
}
