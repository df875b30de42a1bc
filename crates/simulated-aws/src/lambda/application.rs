//! A team's service: what it answers, and when it turns bad.

use std::time::Duration;

use serde_json::Value;

/// A version of a team's service.
#[derive(Clone, Debug, PartialEq)]
pub struct Application {
    /// What it answers when it is well.
    pub answer: Value,
    /// How long it takes to answer.
    pub duration: Duration,
    /// When it is well.
    pub health: Health,
    /// Requests that it has taken so far.
    pub served: u64,
}

/// When a version is well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// Always.
    Good,
    /// Never: each request fails.
    Bad,
    /// Until it has served this many requests: a leak, a full pool, a poisoned cache.
    GoodFor(u64),
    /// It takes requests and never answers.
    Hangs,
}

/// How a request to a service ends.
#[derive(Clone, Debug, PartialEq)]
pub enum Served {
    /// With its answer.
    Answer(Value),
    /// With an unhandled error.
    Error,
    /// Not at all.
    Hangs,
}

impl Application {
    /// A service that answers `answer` within 30 ms as long as it is well.
    pub fn new(answer: Value, health: Health) -> Application {
        Application {
            answer,
            duration: Duration::from_millis(30),
            health,
            served: 0,
        }
    }

    /// Takes one request.
    pub fn serve(&mut self) -> Served {
        self.served += 1;
        match self.health {
            Health::Good => Served::Answer(self.answer.clone()),
            Health::GoodFor(requests) if self.served <= requests => {
                Served::Answer(self.answer.clone())
            }
            Health::GoodFor(_) | Health::Bad => Served::Error,
            Health::Hangs => Served::Hangs,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_turns_bad_when_its_health_says_so() {
        let good = Served::Answer(Value::Null);
        let cases = [
            (Health::Good, [good.clone(), good.clone(), good.clone()]),
            (Health::Bad, [Served::Error, Served::Error, Served::Error]),
            (
                Health::GoodFor(2),
                [good.clone(), good.clone(), Served::Error],
            ),
            (Health::Hangs, [Served::Hangs, Served::Hangs, Served::Hangs]),
        ];
        for (health, expected) in cases {
            let mut application = Application::new(Value::Null, health);
            assert_eq!(
                [(); 3].map(|()| application.serve()),
                expected,
                "{health:?}"
            );
        }
    }
}
