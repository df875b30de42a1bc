//! The world: every service's state, one clock, one queue of what is still to happen.
//!
//! It is a value without I/O: a driver brings calls ([`World::arrive`]), lets time pass
//! ([`World::advance`]) and carries out what the world asks for ([`Effect`]). One seed and the same
//! calls at the same times give the same history.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use crate::call::{CallId, InvocationId};
use crate::faults::Faults;
use crate::journal::{Happening, Journal};
use crate::recording::Recording;
use crate::sessions::Sessions;
use crate::time::Time;
use crate::transit::Pending;
use crate::wire::{Request, Response};
use crate::witness::Witness;
use crate::{
    auto_scaling, cloud_watch, code_deploy, dynamo_db, ec2, event_bridge, iam, lambda,
    load_balancing, logs, sites, sns, ssm, step_functions, traffic,
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
    AutoScaling(auto_scaling::Event),
    CloudWatch(cloud_watch::Event),
    CodeDeploy(code_deploy::Event),
    Ec2(ec2::Event),
    Bus(event_bridge::Event),
    Lambda(lambda::Event),
    LoadBalancing(load_balancing::Event),
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
    began: Time,
    now: Time,
    queue: BTreeMap<(Time, u64), Event>,
    sequence: u64,
    pub(crate) pending: BTreeMap<CallId, Pending>,
    effects: Vec<Effect>,
    /// Draws everything that AWS leaves open.
    pub random: fastrand::Rng,
    /// What happened so far.
    pub journal: Journal,
    /// What calls looked like, if that is to be kept.
    pub recording: Option<Recording>,
    /// The faults put on calls.
    pub faults: Faults,
    /// Amazon EC2 Auto Scaling.
    pub auto_scaling: auto_scaling::AutoScaling,
    /// Amazon CloudWatch.
    pub cloud_watch: cloud_watch::CloudWatch,
    /// AWS CodeDeploy.
    pub code_deploy: code_deploy::CodeDeploy,
    /// Amazon DynamoDB.
    pub dynamo_db: dynamo_db::DynamoDb,
    /// Amazon EC2.
    pub ec2: ec2::Ec2,
    /// Amazon EventBridge.
    pub event_bridge: event_bridge::EventBridge,
    /// AWS Identity and Access Management.
    pub iam: iam::Iam,
    /// AWS Lambda.
    pub lambda: lambda::Lambda,
    /// Elastic Load Balancing.
    pub load_balancing: load_balancing::LoadBalancing,
    /// The credentials that other processes sign with.
    pub sessions: Sessions,
    /// Amazon CloudWatch Logs.
    pub logs: logs::Logs,
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
    /// Who sees each call before it takes effect.
    pub witness: Witness,
}

impl World {
    /// An empty account whose every chance is drawn from `seed`.
    pub fn new(seed: u64) -> World {
        World::beginning(seed, Time::START)
    }

    /// The same, at a moment of one's choice: other processes have clocks of their own.
    pub fn beginning(seed: u64, began: Time) -> World {
        World {
            began,
            now: began,
            queue: BTreeMap::new(),
            sequence: 0,
            pending: BTreeMap::new(),
            effects: Vec::new(),
            random: fastrand::Rng::with_seed(seed),
            journal: Journal::default(),
            recording: None,
            faults: Faults::default(),
            auto_scaling: auto_scaling::AutoScaling::default(),
            cloud_watch: cloud_watch::CloudWatch::default(),
            code_deploy: code_deploy::CodeDeploy::default(),
            dynamo_db: dynamo_db::DynamoDb::default(),
            ec2: ec2::Ec2::default(),
            event_bridge: event_bridge::EventBridge::default(),
            iam: iam::Iam::default(),
            lambda: lambda::Lambda::default(),
            load_balancing: load_balancing::LoadBalancing::default(),
            sessions: Sessions::default(),
            logs: logs::Logs::default(),
            sites: sites::Sites::default(),
            sns: sns::Sns::default(),
            ssm: ssm::Ssm::default(),
            step_functions: step_functions::StepFunctions::default(),
            traffic: traffic::Traffic::default(),
            witness: Witness::default(),
        }
    }

    /// When it began.
    pub fn began(&self) -> Time {
        self.began
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

    fn happen(&mut self, event: Event) {
        match event {
            Event::Arrival { call, late } => self.on_arrival(call, late),
            Event::Delivery(call, delivery) => self.effect(Effect::Deliver(call, delivery)),
            Event::AutoScaling(event) => auto_scaling::happen(self, event),
            Event::CloudWatch(event) => cloud_watch::happen(self, event),
            Event::CodeDeploy(event) => code_deploy::happen(self, event),
            Event::Ec2(event) => ec2::happen(self, event),
            Event::Bus(event) => event_bridge::happen(self, event),
            Event::Lambda(event) => lambda::happen(self, event),
            Event::LoadBalancing(event) => load_balancing::happen(self, event),
            Event::StepFunctions(event) => step_functions::happen(self, event),
            Event::Traffic(event) => traffic::happen(self, event),
            Event::Act(act) => (act.0)(self),
        }
    }
}

/// A text field of an input document, for naming the resource of a call; empty if there is none.
pub(crate) fn text<'a>(input: &'a Value, field: &str) -> &'a str {
    input.get(field).and_then(Value::as_str).unwrap_or_default()
}
