//! Amazon EventBridge: the default bus, its rules, and schedules.
//!
//! Events of CodeDeploy, Step Functions and most other services are best effort: they may not
//! come, or twice, or late, in any order; those of ECS and CloudWatch are delivered at least once
//! (Amazon EventBridge Events Reference, "Service event delivery level"). How often that happens is
//! documented nowhere and is a scenario's choice, [`Disorder`]. Targets are functions, invoked
//! asynchronously.

mod pattern;
mod rule;

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

pub use pattern::{Pattern, PatternFault};
pub use rule::{RetryPolicy, Rule, RuleFault, Target, Trigger, rate};

use crate::World;
use crate::lambda::{self, Named};
use crate::time::Time;
use crate::world::{ACCOUNT, Event as WorldEvent, REGION};

/// The rules of the default bus, and what became of events so far.
#[derive(Debug, Default)]
pub struct EventBridge {
    rules: BTreeMap<String, Rule>,
    /// Which ticks are those of the rule that stands now.
    generations: BTreeMap<String, u64>,
    /// What may go wrong with events.
    pub disorder: Disorder,
    figures: Figures,
    dead_letters: Vec<(String, Value)>,
}

/// What may go wrong with events. The probabilities lie in 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Disorder {
    /// How probable it is that an event of a best-effort source never comes.
    pub lost: f64,
    /// How probable it is that a target gets an event a second time.
    pub duplicated: f64,
    /// How probable it is that a delivery is late, so that later events overtake it.
    pub delayed: f64,
    /// How late a late delivery is at most.
    pub delay_max: Duration,
    /// Events of a best-effort source and this detail type never come.
    pub never_comes: Option<&'static str>,
}

impl Default for Disorder {
    /// Nothing goes wrong. What is late, once a scenario says that something is, is so by up to
    /// five minutes, an assumption.
    fn default() -> Disorder {
        Disorder {
            lost: 0.0,
            duplicated: 0.0,
            delayed: 0.0,
            delay_max: Duration::from_mins(5),
            never_comes: None,
        }
    }
}

/// What became of the events so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Events that services sent, and ticks of schedules.
    pub published: u64,
    /// Events that never came.
    pub lost: u64,
    /// Invocations of targets, second ones too.
    pub delivered: u64,
    /// Second deliveries.
    pub duplicated: u64,
    /// Late deliveries.
    pub delayed: u64,
    /// Deliveries that the target could not take: it does not exist.
    pub failed: u64,
}

/// An event as a service sends it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Published {
    pub source: &'static str,
    pub detail_type: &'static str,
    pub resources: Vec<String>,
    pub detail: Value,
}

#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// A schedule is due.
    Tick { rule: String, generation: u64 },
    /// An event reaches a target.
    Delivery {
        rule: String,
        target: Target,
        event: Value,
    },
}

/// As whom EventBridge sends to queues.
const PRINCIPAL: &str = "events.amazonaws.com";

/// A service sends an event to the bus.
pub(crate) fn publish(world: &mut World, event: Published) {
    let (source, detail_type) = (event.source, event.detail_type);
    let envelope = envelope(world, event);
    let matching: Vec<Rule> = world
        .event_bridge
        .rules
        .values()
        .filter(|rule| rule.enabled && rule.matches(&envelope))
        .cloned()
        .collect();
    send(world, source, detail_type, &envelope, &matching);
}

/// Creates a rule, or replaces the one of its name. A schedule is due for the first time one
/// period from now.
pub fn put_rule(world: &mut World, rule: Rule) -> Result<(), RuleFault> {
    rule.check()?;
    let generation = world.draw_sequence();
    let name = rule.name.clone();
    if let Trigger::Rate(period) = rule.trigger {
        tick_after(world, period, &name, generation);
    }
    world
        .event_bridge
        .generations
        .insert(name.clone(), generation);
    world.event_bridge.rules.insert(name, rule);
    Ok(())
}

/// A rule's ARN.
pub fn rule_arn(name: &str) -> String {
    format!("arn:aws:events:{REGION}:{ACCOUNT}:rule/{name}")
}

impl EventBridge {
    /// Every rule, by name.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.rules.values()
    }

    /// Turns a rule on or off. Whether there is one of that name.
    pub fn enable(&mut self, rule: &str, enabled: bool) -> bool {
        let rule = self.rules.get_mut(rule);
        rule.map(|rule| rule.enabled = enabled).is_some()
    }

    /// What became of the events so far.
    pub fn figures(&self) -> Figures {
        self.figures
    }

    /// Events that their target could not take and whose rule names a queue for them:
    /// `(queue ARN, event)`.
    pub fn dead_letters(&self) -> &[(String, Value)] {
        &self.dead_letters
    }
}

/// Half a second from source to target is typical (Amazon EventBridge FAQs, "What is the typical
/// latency"); the spread is an assumption.
const USUAL_DELAY_MS: std::ops::RangeInclusive<u64> = 200..=900;

/// The sources in use whose events are delivered at least once (Events Reference, as above). A
/// schedule's precision is a minute, and it may be due more than once for one moment (EventBridge
/// User Guide, "Troubleshooting"); that it never stays out is promised nowhere.
const GUARANTEED: [&str; 2] = ["aws.ecs", "aws.cloudwatch"];

pub(crate) fn happen(world: &mut World, event: Event) {
    match event {
        Event::Tick { rule, generation } => tick(world, &rule, generation),
        Event::Delivery {
            rule,
            target,
            event,
        } => deliver(world, &rule, target, event),
    }
}

fn send(world: &mut World, source: &str, detail_type: &str, envelope: &Value, rules: &[Rule]) {
    world.event_bridge.figures.published += 1;
    // Drawn in every case, so that two disorders of one seed differ in nothing else.
    let disorder = world.event_bridge.disorder;
    let lost = world.random.f64() < disorder.lost || disorder.never_comes == Some(detail_type);
    if lost && !GUARANTEED.contains(&source) {
        world.event_bridge.figures.lost += 1;
        if !rules.is_empty() {
            let what = format!("loses an event of {source}: {detail_type}");
            world.tell("EventBridge", what);
        }
        return;
    }
    for rule in rules {
        for target in &rule.targets {
            dispatch(world, rule, target, envelope);
        }
    }
}

/// Sends an event on its way to a target, or twice.
fn dispatch(world: &mut World, rule: &Rule, target: &Target, envelope: &Value) {
    let twice = world.random.f64() < world.event_bridge.disorder.duplicated;
    for _ in 0..=usize::from(twice) {
        let delay = draw_delay(world);
        let delivery = Event::Delivery {
            rule: rule.name.clone(),
            target: target.clone(),
            event: envelope.clone(),
        };
        world.after(delay, WorldEvent::Bus(delivery));
    }
    if twice {
        world.event_bridge.figures.duplicated += 1;
    }
}

fn draw_delay(world: &mut World) -> Duration {
    let usual = Duration::from_millis(world.random.u64(USUAL_DELAY_MS));
    let (late, share) = (world.random.f64(), world.random.f64());
    let disorder = world.event_bridge.disorder;
    if late < disorder.delayed {
        world.event_bridge.figures.delayed += 1;
        usual + disorder.delay_max.mul_f64(share)
    } else {
        usual
    }
}

fn tick(world: &mut World, name: &str, generation: u64) {
    if world.event_bridge.generations.get(name) != Some(&generation) {
        return;
    }
    let Some(rule) = world.event_bridge.rules.get(name).cloned() else {
        return;
    };
    if let Trigger::Rate(period) = rule.trigger {
        tick_after(world, period, name, generation);
    }
    if !rule.enabled {
        return;
    }
    let event = Published {
        source: "aws.events",
        detail_type: "Scheduled Event",
        resources: vec![rule_arn(name)],
        detail: json!({}),
    };
    let (source, detail_type) = (event.source, event.detail_type);
    let envelope = envelope(world, event);
    send(world, source, detail_type, &envelope, &[rule]);
}

fn tick_after(world: &mut World, period: Duration, rule: &str, generation: u64) {
    let rule = rule.to_owned();
    world.after(period, WorldEvent::Bus(Event::Tick { rule, generation }));
}

/// A target that does not exist is not tried again; the event goes to the dead-letter queue at
/// once, if the queue's policy lets this rule send to it (EventBridge User Guide, "Using
/// dead-letter queues to process undelivered events").
fn deliver(world: &mut World, rule: &str, target: Target, event: Value) {
    let named = Named::parse(&target.arn);
    if world.lambda.function(&named.function).is_none() {
        world.event_bridge.figures.failed += 1;
        let what = format!("rule {rule} cannot invoke {}: not found", named.function);
        world.tell("EventBridge", what);
        match target.dead_letter_queue {
            Some(queue) if world.iam.may_send(PRINCIPAL, &rule_arn(rule), &queue) => {
                world.event_bridge.dead_letters.push((queue, event));
            }
            Some(queue) => {
                let what = format!("rule {rule} may not send to {queue}: the event is lost");
                world.tell("EventBridge", what);
            }
            None => {}
        }
        return;
    }
    world.event_bridge.figures.delivered += 1;
    if event["source"] != "aws.events" {
        let what = format!(
            "rule {rule} invokes {} for {}",
            named.function,
            event["detail-type"].as_str().unwrap_or_default()
        );
        world.tell("EventBridge", what);
    }
    lambda::invoke_later(world, named, event);
}

/// The envelope of every event (EventBridge User Guide, "AWS service event metadata"); its time
/// has whole seconds.
fn envelope(world: &mut World, event: Published) -> Value {
    let mut envelope = json!({
        "version": "0",
        "id": world.draw_uuid(),
        "detail-type": event.detail_type,
        "source": event.source,
        "account": ACCOUNT,
        "time": in_whole_seconds(world.now()),
        "region": REGION,
    });
    envelope["resources"] = Value::from(event.resources);
    envelope["detail"] = event.detail;
    envelope
}

fn in_whole_seconds(time: Time) -> String {
    let text = time.to_string();
    text.split_once('.')
        .map_or(text.clone(), |(seconds, _)| format!("{seconds}Z"))
}

#[cfg(test)]
mod tests;
