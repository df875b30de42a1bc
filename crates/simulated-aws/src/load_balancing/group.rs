//! Target groups: what they are, and the health of what is registered with them.
//!
//! Health checks run on a group's own beat (User Guide for Application Load Balancers, "Health
//! checks for Application Load Balancer target groups"): behind an Application Load Balancer a new
//! target is healthy after one passed check, behind a Network Load Balancer after as many as its
//! threshold says; what was unhealthy has to pass the threshold. A new target that fails is
//! `unhealthy` after as many checks as the threshold says, which is documented nowhere.

use std::collections::BTreeMap;
use std::time::Duration;

use super::health::Health;
use crate::World;
use crate::ec2::{Instance, InstanceState, Software};
use crate::lambda;
use crate::time::Time;

/// A target group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetGroup {
    /// The name.
    pub name: String,
    /// What its targets are.
    pub target_type: TargetType,
    /// The protocol of its targets.
    pub protocol: Protocol,
    /// The port of targets that are registered without one.
    pub port: u16,
    /// How targets are checked.
    pub health_check: HealthCheck,
    /// How long a deregistered target drains.
    pub deregistration_delay: Duration,
    /// Whether a listener sends traffic to it.
    pub in_use: bool,
    /// Who is registered.
    pub(super) registered: BTreeMap<Target, Registered>,
    /// What a scenario says of targets, over time.
    pub(super) courses: BTreeMap<Target, BTreeMap<Time, Course>>,
    /// Whether its next round of checks is due.
    pub(super) checking: bool,
}

/// A target: an instance, an address or a function, and the port that it listens on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// Its ID.
    pub id: String,
    /// Its port; a function has none, which is 0 here.
    pub port: u16,
}

/// What the targets of a group are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetType {
    /// Instances.
    Instance,
    /// Addresses.
    Ip,
    /// A function.
    Lambda,
}

/// The protocol of a group's targets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// HTTP: behind an Application Load Balancer.
    Http,
    /// HTTPS: behind an Application Load Balancer.
    Https,
    /// TCP: behind a Network Load Balancer.
    Tcp,
}

/// How targets are checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HealthCheck {
    /// Whether they are; those of functions are not, unless asked for.
    pub enabled: bool,
    /// The path.
    pub path: String,
    /// How often, 5 to 300 s.
    pub interval: Duration,
    /// For how long an answer is waited.
    pub timeout: Duration,
    /// How many checks in a row an unhealthy target has to pass, 2 to 10.
    pub healthy_threshold: u32,
    /// How many checks in a row a healthy target has to fail, 2 to 10.
    pub unhealthy_threshold: u32,
}

/// What becomes of a target at some time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Course {
    Is(Health),
    Gone,
}

/// A registered target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Registered {
    pub since: Time,
    pub verdict: Verdict,
    /// Until when it drains, once it is deregistered.
    pub drains_until: Option<Time>,
}

/// What its checks say of a target so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing yet, after so many checks passed, or failed, in a row.
    Initial { passed: u32, failed: u32 },
    /// Healthy, after so many checks failed in a row.
    Healthy { failed: u32 },
    /// Unhealthy, after so many checks passed in a row.
    Unhealthy { passed: u32, why: Health },
}

/// How long a registration takes: an assumption.
const REGISTERED_IN: Duration = Duration::from_secs(2);

impl TargetType {
    /// As the API writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            TargetType::Instance => "instance",
            TargetType::Ip => "ip",
            TargetType::Lambda => "lambda",
        }
    }
}

impl Protocol {
    /// As the API writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Protocol::Http => "HTTP",
            Protocol::Https => "HTTPS",
            Protocol::Tcp => "TCP",
        }
    }

    /// Whether a Network Load Balancer speaks it.
    pub const fn is_of_network(self) -> bool {
        match self {
            Protocol::Http | Protocol::Https => false,
            Protocol::Tcp => true,
        }
    }
}

impl Default for HealthCheck {
    /// An Application Load Balancer's for instances (API Reference, `CreateTargetGroup`).
    fn default() -> HealthCheck {
        HealthCheck {
            enabled: true,
            path: "/".into(),
            interval: Duration::from_secs(30),
            timeout: Duration::from_secs(5),
            healthy_threshold: 5,
            unhealthy_threshold: 2,
        }
    }
}

impl TargetGroup {
    /// A group of instances behind a listener, with the defaults of the API.
    pub fn new(name: &str, port: u16) -> TargetGroup {
        TargetGroup {
            name: name.to_owned(),
            target_type: TargetType::Instance,
            protocol: Protocol::Http,
            port,
            health_check: HealthCheck::default(),
            deregistration_delay: Duration::from_mins(5),
            in_use: true,
            registered: BTreeMap::new(),
            courses: BTreeMap::new(),
            checking: false,
        }
    }

    /// The health of a target, if it is registered. What a scenario says of it comes first.
    pub(super) fn health(&self, world: &World, target: &Target) -> Option<Health> {
        let now = world.now();
        if let Some(course) = self.courses.get(target) {
            return match course.range(..=now).next_back()?.1 {
                Course::Is(health) => Some(*health),
                Course::Gone => None,
            };
        }
        let registered = self.registered.get(target)?;
        if let Some(until) = registered.drains_until {
            return (now < until).then_some(Health::DRAINING);
        }
        Some(self.health_of(world, target, registered))
    }

    fn health_of(&self, world: &World, target: &Target, registered: &Registered) -> Health {
        if self.target_type == TargetType::Instance {
            let state = world.ec2.instance(&target.id).map(|one| one.state);
            match state {
                Some(InstanceState::Pending | InstanceState::Running) => {}
                Some(
                    InstanceState::ShuttingDown
                    | InstanceState::Terminated
                    | InstanceState::Stopping
                    | InstanceState::Stopped,
                )
                | None => return Health::INVALID,
            }
        }
        if !self.in_use {
            return Health::NOT_IN_USE;
        }
        if !self.health_check.enabled {
            return Health::UNCHECKED;
        }
        match registered.verdict {
            Verdict::Initial { .. } if world.now().since(registered.since) < REGISTERED_IN => {
                Health::REGISTERING
            }
            Verdict::Initial { .. } => Health::CHECKING,
            Verdict::Healthy { .. } => Health::HEALTHY,
            Verdict::Unhealthy { why, .. } => why,
        }
    }

    /// Everybody who is registered now, with their health.
    pub(super) fn healths(&self, world: &World) -> Vec<(Target, Health)> {
        let courses = self.courses.keys();
        let mut targets: Vec<&Target> = courses.chain(self.registered.keys()).collect();
        targets.sort_unstable();
        targets.dedup();
        targets
            .into_iter()
            .filter_map(|target| Some((target.clone(), self.health(world, target)?)))
            .collect()
    }

    /// What a check of a target comes to: why it fails, if it does. An address that no instance has
    /// answers nothing.
    fn checked(&self, world: &World, target: &Target) -> Option<Health> {
        let software = match self.target_type {
            TargetType::Instance => world.ec2.instance(&target.id),
            TargetType::Ip => world.ec2.at_address(&target.id),
            TargetType::Lambda => {
                let named = lambda::Named::parse(&target.id);
                let exists = world.lambda.function(&named.function).is_some();
                return (!exists).then_some(Health::REFUSED);
            }
        };
        match software.map_or(Software::Nothing, Instance::answers_with) {
            Software::Good => None,
            Software::Bad => Some(Health::MISMATCHED),
            Software::Hangs => Some(Health::TIMED_OUT),
            Software::Nothing => Some(Health::REFUSED),
        }
    }

    /// A round of checks: what becomes of whom.
    pub(super) fn round(&self, world: &World) -> BTreeMap<Target, Registered> {
        let now = world.now();
        let stays = |registered: &Registered| match registered.drains_until {
            Some(until) => now < until,
            None => true,
        };
        let kept = self.registered.iter().filter(|(_, one)| stays(one));
        kept.map(|(target, registered)| {
            let mut registered = registered.clone();
            let is_checked = registered.drains_until.is_none() && self.in_use;
            if is_checked && now.since(registered.since) >= REGISTERED_IN {
                let failure = self.checked(world, target);
                registered.verdict = self.judge(registered.verdict, failure);
            }
            (target.clone(), registered)
        })
        .collect()
    }

    fn judge(&self, verdict: Verdict, failure: Option<Health>) -> Verdict {
        let HealthCheck {
            healthy_threshold,
            unhealthy_threshold,
            ..
        } = self.health_check;
        let initial_threshold = if self.protocol.is_of_network() {
            healthy_threshold
        } else {
            1
        };
        let pass = |passed: u32, needed: u32, otherwise: Verdict| {
            if passed >= needed {
                Verdict::Healthy { failed: 0 }
            } else {
                otherwise
            }
        };
        let fail = |failed: u32, why: Health, otherwise: Verdict| {
            if failed >= unhealthy_threshold {
                Verdict::Unhealthy { passed: 0, why }
            } else {
                otherwise
            }
        };
        match (verdict, failure) {
            (Verdict::Initial { passed, .. }, None) => {
                let passed = passed + 1;
                let initial = Verdict::Initial { passed, failed: 0 };
                pass(passed, initial_threshold, initial)
            }
            (Verdict::Initial { failed, .. }, Some(why)) => {
                let failed = failed + 1;
                fail(failed, why, Verdict::Initial { passed: 0, failed })
            }
            (Verdict::Healthy { .. }, None) => Verdict::Healthy { failed: 0 },
            (Verdict::Healthy { failed }, Some(why)) => {
                let failed = failed + 1;
                fail(failed, why, Verdict::Healthy { failed })
            }
            (Verdict::Unhealthy { passed, why }, None) => {
                let passed = passed + 1;
                pass(
                    passed,
                    healthy_threshold,
                    Verdict::Unhealthy { passed, why },
                )
            }
            (Verdict::Unhealthy { .. }, Some(why)) => Verdict::Unhealthy { passed: 0, why },
        }
    }
}
