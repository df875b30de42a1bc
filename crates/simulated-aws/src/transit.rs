//! A call on its way: over the wire, past IAM and the faults put on it, to its service and back.
//!
//! IAM comes before the faults, so that a call that nobody may make fails in the same way whatever
//! is put on it.

use std::time::Duration;

use crate::call::{Call, CallId, Understood};
use crate::faults::{FaultKind, LATE_BY};
use crate::journal::{CallOutcome, CallRecord, Happening};
use crate::sessions::{Session, Sessions};
use crate::wire::{self, Answer, ApiError, Request, Service};
use crate::world::{Delivery, Event, World};
use crate::{
    auto_scaling, cloud_watch, code_deploy, dynamo_db, ec2, iam, lambda, load_balancing, sites,
    sns, ssm, step_functions, witness,
};

/// A call under way.
#[derive(Debug)]
pub(crate) struct Pending {
    pub request: Request,
    pub understood: Option<Understood>,
    pub fault: Option<FaultKind>,
}

impl World {
    /// Answers a call whose service said [`Answer::Later`].
    pub(crate) fn answer(&mut self, call: CallId, answer: Result<Answer, ApiError>) {
        if let Some(pending) = self.pending.remove(&call) {
            self.deliver(call, pending, answer);
        }
    }

    /// One way between a caller and AWS in one region: 4 to 40 ms, an assumption.
    pub(crate) fn latency(&mut self) -> Duration {
        Duration::from_millis(self.random.u64(4..=40))
    }

    pub(crate) fn on_arrival(&mut self, id: CallId, late: bool) {
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
        if self.sessions.is_unknown(&understood.caller) {
            let error = wire::unknown_credentials(understood.protocol);
            let response = wire::error_response(understood.protocol, &error, &id.0.to_string());
            return self.send(id, Delivery::Response(response));
        }
        let call = call_of(id, understood.clone(), &self.sessions);
        pending.understood = Some(understood);
        if late {
            return self.apply(&call, pending, late);
        }
        if let Err(refusal) = self.authorize(&call) {
            self.faults.count(&call.caller, &call.iam_action());
            let code = call.service.refusal_code();
            let answer = Err(ApiError::new(code, refusal.0).status(403));
            self.log(&call, None, &answer);
            return self.deliver(id, pending, answer);
        }
        pending.fault = self.faults.strike(&call.caller, &call.iam_action());
        self.apply(&call, pending, late);
    }

    fn authorize(&mut self, call: &Call) -> Result<(), iam::Refusal> {
        if code_deploy::tells_first(self, call) {
            return Ok(());
        }
        for action in call.iam_actions() {
            for resource in code_deploy::further_resources(self, call) {
                iam::authorize(self, &call.caller, &action, &resource)?;
            }
            let (resource, context) = (self.resource(call), self.context(call));
            iam::authorize_in(self, &call.caller, &action, &resource, context)?;
        }
        Ok(())
    }

    /// What a fault does to a call, or else the call itself.
    fn apply(&mut self, call: &Call, pending: Pending, late: bool) {
        let id = call.id;
        let Some(fault) = pending.fault.filter(|_| !late) else {
            return self.serve(call, pending);
        };
        match fault {
            FaultKind::Throttled | FaultKind::Refused | FaultKind::Broken => {
                let answer = Err(refusal(fault, call));
                self.log(call, Some(fault), &answer);
                self.deliver(id, pending, answer);
            }
            FaultKind::LostBefore => {
                self.log_call(call, Some(fault), CallOutcome::NoAnswer);
                self.send(id, Delivery::ConnectionLost);
            }
            FaultKind::NeverArrives => self.log_call(call, Some(fault), CallOutcome::NoAnswer),
            FaultKind::AppliedLate => {
                self.log_call(call, Some(fault), CallOutcome::NoAnswer);
                self.pending.insert(id, pending);
                let arrival = Event::Arrival {
                    call: id,
                    late: true,
                };
                self.after(LATE_BY, arrival);
            }
            FaultKind::AnswerLost => self.serve(call, pending),
            FaultKind::KilledBefore => {
                self.log_call(call, Some(fault), CallOutcome::NoAnswer);
                lambda::kill(self, call.invocation);
            }
            FaultKind::KilledAfter => {
                self.serve(call, pending);
                lambda::kill(self, call.invocation);
            }
        }
    }

    fn serve(&mut self, call: &Call, pending: Pending) {
        witness::see(self, call);
        let answer = match call.service {
            Service::AutoScaling => auto_scaling::handle(self, call),
            Service::ClassicLoadBalancing => load_balancing::handle_classic(self, call),
            Service::CloudWatch => cloud_watch::handle(self, call),
            Service::CodeDeploy => code_deploy::handle(self, call),
            Service::DynamoDb => dynamo_db::handle(self, call),
            Service::Ec2 => ec2::handle(self, call),
            Service::Lambda => lambda::handle(self, call),
            Service::LoadBalancing => load_balancing::handle(self, call),
            Service::Sns => sns::handle(self, call),
            Service::Ssm => ssm::handle(self, call),
            Service::StepFunctions => step_functions::handle(self, call),
        };
        self.log(call, pending.fault, &answer);
        if let Some(recording) = &mut self.recording {
            recording.keep(call, &answer);
        }
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

    /// What a policy's conditions may ask of this call beside.
    fn context(&self, call: &Call) -> iam::Context {
        match call.service {
            Service::AutoScaling => auto_scaling::context(self, call),
            Service::ClassicLoadBalancing
            | Service::CloudWatch
            | Service::CodeDeploy
            | Service::DynamoDb
            | Service::Ec2
            | Service::Lambda
            | Service::LoadBalancing
            | Service::Sns
            | Service::Ssm
            | Service::StepFunctions => iam::Context::default(),
        }
    }

    /// The ARN on which IAM would be asked.
    fn resource(&self, call: &Call) -> String {
        match call.service {
            Service::AutoScaling => auto_scaling::resource(self, call),
            Service::ClassicLoadBalancing => load_balancing::resource_classic(self, call),
            Service::CloudWatch => cloud_watch::resource(self, call),
            Service::CodeDeploy => code_deploy::resource(self, call),
            Service::DynamoDb => dynamo_db::resource(self, call),
            Service::Ec2 => ec2::resource(self, call),
            Service::Lambda => lambda::resource(self, call),
            Service::LoadBalancing => load_balancing::resource(self, call),
            Service::Sns => sns::resource(self, call),
            Service::Ssm => ssm::resource(self, call),
            Service::StepFunctions => step_functions::resource(self, call),
        }
    }
}

/// In one process a caller signs with its name and the number of its invocation.
fn call_of(id: CallId, understood: Understood, sessions: &Sessions) -> Call {
    let session = sessions.get(&understood.caller).cloned();
    let session = session.unwrap_or_else(|| Session {
        caller: understood.caller,
        invocation: understood.session.and_then(|session| session.parse().ok()),
    });
    Call {
        id,
        caller: session.caller,
        invocation: session.invocation,
        service: understood.service,
        action: understood.action,
        input: understood.input,
        protocol: understood.protocol,
    }
}

/// The error of a fault that AWS itself answers with.
fn refusal(fault: FaultKind, call: &Call) -> ApiError {
    match fault {
        FaultKind::Throttled => ApiError::new(call.service.throttling_code(), "Rate exceeded")
            .status(call.service.throttling_status()),
        FaultKind::Refused => {
            let message = format!("User is not authorized to perform: {}", call.iam_action());
            ApiError::new(call.service.refusal_code(), message).status(403)
        }
        FaultKind::Broken
        | FaultKind::LostBefore
        | FaultKind::NeverArrives
        | FaultKind::AnswerLost
        | FaultKind::AppliedLate
        | FaultKind::KilledBefore
        | FaultKind::KilledAfter => {
            ApiError::new("InternalServerError", "internal error").status(500)
        }
    }
}
