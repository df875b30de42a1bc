//! Elastic Load Balancing: target groups and the health of their targets.
//!
//! Elastic Load Balancing API Reference, `DescribeTargetHealth` and `TargetHealth`. The health
//! checks themselves are not modelled yet: a scenario says how a target's health goes over time.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::World;
use crate::call::Call;
use crate::time::Time;
use crate::wire::{Answer, ApiError};
use crate::world::{ACCOUNT, REGION, text};

/// The target groups of the account.
#[derive(Debug, Default)]
pub struct LoadBalancing {
    groups: BTreeMap<String, TargetGroup>,
}

#[derive(Debug)]
struct TargetGroup {
    /// The port of targets that are registered without one.
    port: u16,
    targets: BTreeMap<Target, BTreeMap<Time, Course>>,
}

/// A target: an instance, an address or a function, and the port that it listens on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// Its ID.
    pub id: String,
    /// Its port.
    pub port: u16,
}

/// What becomes of a target at some time.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Course {
    Is(Health),
    Gone,
}

/// The health of a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Health {
    state: State,
    reason: Option<&'static str>,
    description: Option<&'static str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Initial,
    Healthy,
    Unhealthy,
    Draining,
    Unused,
    Unavailable,
}

impl Health {
    /// It passes its health checks.
    pub const HEALTHY: Health = Health {
        state: State::Healthy,
        reason: None,
        description: None,
    };
    /// Its registration is under way.
    pub const REGISTERING: Health = Health {
        state: State::Initial,
        reason: Some("Elb.RegistrationInProgress"),
        description: Some("Target registration is in progress"),
    };
    /// Its first health checks are under way.
    pub const CHECKING: Health = Health {
        state: State::Initial,
        reason: Some("Elb.InitialHealthChecking"),
        description: Some("Initial health checks in progress"),
    };
    /// It answers its health checks with the wrong status.
    pub const MISMATCHED: Health = Health {
        state: State::Unhealthy,
        reason: Some("Target.ResponseCodeMismatch"),
        description: Some("Health checks failed with these codes: [500]"),
    };
    /// It does not answer its health checks.
    pub const TIMED_OUT: Health = Health {
        state: State::Unhealthy,
        reason: Some("Target.Timeout"),
        description: Some("Request timed out"),
    };
    /// It is being deregistered.
    pub const DRAINING: Health = Health {
        state: State::Draining,
        reason: Some("Target.DeregistrationInProgress"),
        description: Some("Target deregistration is in progress"),
    };
    /// No listener sends traffic to its group.
    pub const NOT_IN_USE: Health = Health {
        state: State::Unused,
        reason: Some("Target.NotInUse"),
        description: Some(
            "Target group is not configured to receive traffic from the load balancer",
        ),
    };
    /// It is not registered.
    pub const NOT_REGISTERED: Health = Health {
        state: State::Unused,
        reason: Some("Target.NotRegistered"),
        description: Some("Target is not registered to the target group"),
    };
    /// Its group has no health checks.
    pub const UNCHECKED: Health = Health {
        state: State::Unavailable,
        reason: Some("Target.HealthCheckDisabled"),
        description: Some("Health checks are disabled for this target"),
    };
}

/// The ARN of the target group of this name; the model's groups all carry the same ID behind it.
pub fn target_group_arn(name: &str) -> String {
    format!("arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:targetgroup/{name}/73e2d6bc24d8a067")
}

impl LoadBalancing {
    /// Creates a target group without targets.
    pub fn create_target_group(&mut self, name: &str, port: u16) {
        let group = TargetGroup {
            port,
            targets: BTreeMap::new(),
        };
        self.groups.insert(target_group_arn(name), group);
    }

    /// A target is in this health from `from` on, until a later call's time comes; from the first
    /// such time on, it is registered. Whether there is such a group.
    pub fn set_health(&mut self, group: &str, target: Target, from: Time, health: Health) -> bool {
        self.set(group, target, from, Course::Is(health))
    }

    /// A target is registered no more from `from` on, its drain being over. Whether there is such
    /// a group.
    pub fn remove(&mut self, group: &str, target: Target, from: Time) -> bool {
        self.set(group, target, from, Course::Gone)
    }

    fn set(&mut self, group: &str, target: Target, from: Time, course: Course) -> bool {
        let group = self.groups.get_mut(&target_group_arn(group));
        group
            .map(|group| {
                group
                    .targets
                    .entry(target)
                    .or_default()
                    .insert(from, course);
            })
            .is_some()
    }
}

impl TargetGroup {
    fn health(&self, target: &Target, now: Time) -> Option<Health> {
        let course = self.targets.get(target)?.range(..=now).next_back()?.1;
        match course {
            Course::Is(health) => Some(*health),
            Course::Gone => None,
        }
    }
}

pub(crate) fn handle(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    match call.action.as_str() {
        "DescribeTargetHealth" => describe_target_health(world, call),
        _ => Err(call.unknown_operation()),
    }
}

/// `DescribeTargetHealth` has no resource type (Service Authorization Reference).
pub(crate) fn resource(_world: &World, call: &Call) -> String {
    match call.action.as_str() {
        "DescribeTargetHealth" => "*".to_owned(),
        _ => text(&call.input, "TargetGroupArn").to_owned(),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct DescribeTargetHealthRequest {
    target_group_arn: String,
    targets: Option<Vec<TargetDescription>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct TargetDescription {
    id: String,
    port: Option<String>,
}

fn describe_target_health(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let request: DescribeTargetHealthRequest = call.request()?;
    let now = world.now();
    let group = world
        .load_balancing
        .groups
        .get(&request.target_group_arn)
        .ok_or_else(|| {
            ApiError::new("TargetGroupNotFound", "One or more target groups not found")
        })?;
    let healths: Vec<(Target, Health)> = match request.targets {
        Some(asked) => asked
            .into_iter()
            .map(|asked| {
                let target = target_of(asked, group.port)?;
                let health = group.health(&target, now);
                Ok((target, health.unwrap_or(Health::NOT_REGISTERED)))
            })
            .collect::<Result<_, ApiError>>()?,
        None => group
            .targets
            .keys()
            .filter_map(|target| Some((target.clone(), group.health(target, now)?)))
            .collect(),
    };
    let descriptions: Vec<_> = healths
        .iter()
        .map(|(target, health)| {
            json!({
                "Target": {"Id": target.id, "Port": target.port},
                "HealthCheckPort": target.port.to_string(),
                "TargetHealth": health,
            })
        })
        .collect();
    Ok(Answer::Document(
        json!({"TargetHealthDescriptions": descriptions}),
    ))
}

/// Without a port, the group's own is meant (API Reference, `TargetDescription`).
fn target_of(asked: TargetDescription, default_port: u16) -> Result<Target, ApiError> {
    let port = match asked.port {
        Some(port) => port.parse().map_err(|_| {
            let message = format!("Port '{port}' is not between 1 and 65535");
            ApiError::new("ValidationError", message)
        })?,
        None => default_port,
    };
    Ok(Target { id: asked.id, port })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::CallId;
    use crate::wire::{Protocol, Service};
    use serde_json::Value;
    use std::time::Duration;

    fn asked(world: &mut World, input: Value) -> Result<Value, ApiError> {
        let call = Call {
            id: CallId(1),
            caller: "tester".into(),
            invocation: None,
            service: Service::LoadBalancing,
            action: "DescribeTargetHealth".into(),
            input,
            protocol: Protocol::Query,
        };
        handle(world, &call).map(|answer| match answer {
            Answer::Document(mut document) => document["TargetHealthDescriptions"].take(),
            Answer::Whole(_) | Answer::Later => Value::Null,
        })
    }

    fn target(id: &str) -> Target {
        Target {
            id: id.into(),
            port: 8080,
        }
    }

    fn after(seconds: u64) -> Time {
        Time::START + Duration::from_secs(seconds)
    }

    #[test]
    fn health_follows_its_course_over_time() {
        let mut world = World::new(1);
        world.load_balancing.create_target_group("green", 8080);
        let course = [
            (10, Health::CHECKING),
            (40, Health::HEALTHY),
            (100, Health::MISMATCHED),
            (160, Health::DRAINING),
        ];
        for (from, health) in course {
            assert!(
                world
                    .load_balancing
                    .set_health("green", target("i-1"), after(from), health)
            );
        }
        assert!(
            world
                .load_balancing
                .remove("green", target("i-1"), after(460))
        );
        let expected = [
            (9, None),
            (10, Some("initial")),
            (99, Some("healthy")),
            (100, Some("unhealthy")),
            (459, Some("draining")),
            (460, None),
        ];
        for (at, state) in expected {
            world.advance(after(at));
            let input = json!({"TargetGroupArn": target_group_arn("green")});
            let answer = asked(&mut world, input).expect("the group exists");
            let seen = answer[0]["TargetHealth"]["State"].as_str();
            assert_eq!(seen, state, "after {at} s");
        }
    }

    #[test]
    fn a_description_says_why_and_on_which_port() {
        let mut world = World::new(1);
        world.load_balancing.create_target_group("green", 8080);
        let now = world.now();
        world
            .load_balancing
            .set_health("green", target("i-1"), now, Health::TIMED_OUT);
        let input = json!({
            "TargetGroupArn": target_group_arn("green"),
            "Targets": [{"Id": "i-1"}, {"Id": "i-1", "Port": "80"}],
        });
        let expected = json!([
            {
                "Target": {"Id": "i-1", "Port": 8080},
                "HealthCheckPort": "8080",
                "TargetHealth": {
                    "State": "unhealthy",
                    "Reason": "Target.Timeout",
                    "Description": "Request timed out",
                },
            },
            {
                "Target": {"Id": "i-1", "Port": 80},
                "HealthCheckPort": "80",
                "TargetHealth": {
                    "State": "unused",
                    "Reason": "Target.NotRegistered",
                    "Description": "Target is not registered to the target group",
                },
            },
        ]);
        assert_eq!(asked(&mut world, input), Ok(expected));
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        let mut world = World::new(1);
        world.load_balancing.create_target_group("green", 8080);
        let arn = target_group_arn("green");
        let cases = [
            (
                json!({"TargetGroupArn": target_group_arn("blue")}),
                "TargetGroupNotFound",
            ),
            (
                json!({"TargetGroupArn": arn, "Targets": [{"Id": "i-1", "Port": "x"}]}),
                "ValidationError",
            ),
            (
                json!({"TargetGroupArn": arn, "Include": ["All"]}),
                "ValidationException",
            ),
        ];
        for (input, code) in cases {
            assert_eq!(asked(&mut world, input).expect_err("is refused").code, code);
        }
        let now = world.now();
        let lost = world
            .load_balancing
            .set_health("blue", target("i-1"), now, Health::HEALTHY);
        assert!(!lost, "there is no such group");
    }
}
