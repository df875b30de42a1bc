//! The demo's scenarios: what a team deploys, what is wrong with it, and who interferes.
//!
//! A scenario is data. [`crate::account`] builds the account that it happens in, [`crate::trial`]
//! runs it, [`crate::invariants`] knows what must hold whatever happens in it.

use std::time::Duration;

use simulated_aws::faults::{Fault, FaultKind};
use simulated_aws::lambda::Health;

use coordinator::hooks::HookEvent;

use crate::pace::Pace;

/// A scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scenario {
    /// A good version passes.
    GoodRelease,
    /// A broken version is caught before any traffic.
    BadRelease,
    /// A version turns bad under traffic.
    SlowPoison,
    /// The hook function crashes each time.
    HookDies,
    /// The new version never answers a check.
    ChecksHang,
    /// Somebody stops the verification.
    OperatorAborts,
}

/// What somebody does to a deployment while it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hand {
    /// How long after the deployment began.
    pub after: Duration,
    /// What they do.
    pub deed: Deed,
}

/// What a person can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Stop every verification that runs, in the Step Functions console.
    StopVerifications,
    /// Stop the deployment, in the CodeDeploy console, with its roll back.
    StopDeployment,
    /// Put a spec in place that has faults.
    BreakSpec,
    /// Set the alarm to ALARM by hand.
    RaiseAlarm,
}

impl Scenario {
    /// Every scenario, in the order in which the README tells them.
    pub const ALL: [Scenario; 6] = [
        Scenario::GoodRelease,
        Scenario::BadRelease,
        Scenario::SlowPoison,
        Scenario::HookDies,
        Scenario::ChecksHang,
        Scenario::OperatorAborts,
    ];

    /// The one to show to somebody who asks for none.
    pub const MOST_TELLING: Scenario = Scenario::SlowPoison;

    /// The name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Scenario::GoodRelease => "good-release",
            Scenario::BadRelease => "bad-release",
            Scenario::SlowPoison => "slow-poison",
            Scenario::HookDies => "hook-dies",
            Scenario::ChecksHang => "checks-hang",
            Scenario::OperatorAborts => "operator-aborts",
        }
    }

    /// What happens, in one sentence.
    pub const fn about(self) -> &'static str {
        match self {
            Scenario::GoodRelease => "a good version passes its checks before and after the shift",
            Scenario::BadRelease => "a broken version is caught before it gets any traffic",
            Scenario::SlowPoison => {
                "a version passes every check before traffic, turns bad under it, and is caught \
                 after the shift"
            }
            Scenario::HookDies => "the hook function crashes each time that CodeDeploy calls it",
            Scenario::ChecksHang => "the new version takes requests and never answers",
            Scenario::OperatorAborts => {
                "somebody stops the verification in the Step Functions console"
            }
        }
    }

    /// The scenario of this name.
    pub fn named(name: &str) -> Option<Scenario> {
        Scenario::ALL
            .into_iter()
            .find(|scenario| scenario.name() == name)
    }

    /// How well the new version is.
    pub const fn health(self, pace: Pace) -> Health {
        match self {
            Scenario::GoodRelease | Scenario::HookDies | Scenario::OperatorAborts => Health::Good,
            Scenario::BadRelease => Health::Bad,
            Scenario::SlowPoison => Health::GoodFor(pace.poisoned_after()),
            Scenario::ChecksHang => Health::Hangs,
        }
    }

    /// What is broken from the start.
    pub fn faults(self) -> Vec<Fault> {
        match self {
            Scenario::HookDies => vec![Fault::always(
                "before-allow-traffic",
                "states:StartExecution",
                1,
                FaultKind::KilledBefore,
            )],
            Scenario::GoodRelease
            | Scenario::BadRelease
            | Scenario::SlowPoison
            | Scenario::ChecksHang
            | Scenario::OperatorAborts => Vec::new(),
        }
    }

    /// Who interferes.
    pub fn hands(self, pace: Pace) -> Vec<Hand> {
        match self {
            Scenario::OperatorAborts => {
                vec![Hand {
                    after: pace.aborted_after(),
                    deed: Deed::StopVerifications,
                }]
            }
            Scenario::GoodRelease
            | Scenario::BadRelease
            | Scenario::SlowPoison
            | Scenario::HookDies
            | Scenario::ChecksHang => Vec::new(),
        }
    }

    /// Whether an answer of Succeeded at this event is true: the new version is good by then, as
    /// far as anybody can know. This is the oracle that the answers are held against; it looks at
    /// what the scenario did to the version, and at nothing that Pointsman concluded.
    pub const fn may_succeed(self, event: HookEvent) -> bool {
        match (self.health(Pace::Told), event) {
            (Health::Good, _) | (Health::GoodFor(_), HookEvent::BeforeAllowTraffic) => true,
            (Health::GoodFor(_), HookEvent::AfterAllowTraffic)
            | (Health::Bad | Health::Hangs, _) => false,
        }
    }

    /// Whether, with no fault but the scenario's own, the new version serves in the end.
    pub const fn releases(self) -> bool {
        match self {
            Scenario::GoodRelease => true,
            Scenario::BadRelease
            | Scenario::SlowPoison
            | Scenario::HookDies
            | Scenario::ChecksHang
            | Scenario::OperatorAborts => false,
        }
    }
}
