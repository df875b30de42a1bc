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
    /// A copied group is left behind.
    LeftoverGroup,
    /// A copied group is adopted.
    LeftoverAdopted,
    /// A copied group is superseded.
    LeftoverSuperseded,
    /// A roll back uses the copied group.
    RollbackInProgress,
    /// Processes stay suspended.
    ProcessesLeftSuspended,
    /// Instances stay out of the load balancer.
    TargetsLeftOut,
    /// The event is lost.
    EventLost,
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
    /// Stop the deployment, and have nothing rolled back.
    StopForGood,
    /// Deploy a fixed revision to the fleet.
    ReleaseFix,
    /// Have another deployment group name the group that was left behind.
    AdoptCopy,
    /// Register an instance of the group that was left behind by its ID.
    RegisterCopy,
    /// The same by its address, with another target group.
    RegisterAddress,
    /// Say that the group that was left behind is to be kept.
    KeepCopy,
    /// Set an instance of the group that was left behind aside.
    SetAside,
    /// Have the fleet grow by one instance.
    ScaleOut,
    /// Protect the instances of the group that was left behind from scale-in, and give it a warm pool.
    ProtectCopy,
    /// Put off the end of a copied group's quarantine by an hour from now.
    PutOffEnd,
}

/// Where a scenario happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// A shop on Lambda, whose deployments call our hooks: [`crate::account`].
    Shop,
    /// A store on EC2 instances, after whose failed deployments we come: [`crate::fleet`].
    Fleet,
}

impl Scenario {
    /// Every scenario, in the order in which the README tells them.
    pub const ALL: [Scenario; 13] = [
        Scenario::GoodRelease,
        Scenario::BadRelease,
        Scenario::SlowPoison,
        Scenario::HookDies,
        Scenario::ChecksHang,
        Scenario::OperatorAborts,
        Scenario::LeftoverGroup,
        Scenario::LeftoverAdopted,
        Scenario::LeftoverSuperseded,
        Scenario::RollbackInProgress,
        Scenario::ProcessesLeftSuspended,
        Scenario::TargetsLeftOut,
        Scenario::EventLost,
    ];

    /// Those that happen in the shop.
    pub const SHOP: [Scenario; 6] = [
        Scenario::GoodRelease,
        Scenario::BadRelease,
        Scenario::SlowPoison,
        Scenario::HookDies,
        Scenario::ChecksHang,
        Scenario::OperatorAborts,
    ];

    /// Those that happen in the fleet.
    pub const FLEET: [Scenario; 7] = [
        Scenario::LeftoverGroup,
        Scenario::LeftoverAdopted,
        Scenario::LeftoverSuperseded,
        Scenario::RollbackInProgress,
        Scenario::ProcessesLeftSuspended,
        Scenario::TargetsLeftOut,
        Scenario::EventLost,
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
            Scenario::LeftoverGroup => "leftover-group",
            Scenario::LeftoverAdopted => "leftover-adopted",
            Scenario::LeftoverSuperseded => "leftover-superseded",
            Scenario::RollbackInProgress => "rollback-in-progress",
            Scenario::ProcessesLeftSuspended => "processes-left-suspended",
            Scenario::TargetsLeftOut => "targets-left-out",
            Scenario::EventLost => "event-lost",
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
            Scenario::LeftoverGroup => {
                "a blue/green deployment fails and leaves a copied group behind, which is explained, \
                 quarantined and deleted"
            }
            Scenario::LeftoverAdopted => {
                "another deployment group takes the copied group while it is in quarantine: it stays, and \
                 gets its processes back"
            }
            Scenario::LeftoverSuperseded => {
                "the next deployment succeeds: the copy of the one that failed still goes"
            }
            Scenario::RollbackInProgress => {
                "a roll back begins late and runs long: nothing is touched until it is over"
            }
            Scenario::ProcessesLeftSuspended => {
                "a deployment in place fails and cannot resume what it suspended; what a person \
                 suspended stays"
            }
            Scenario::TargetsLeftOut => {
                "a deployment in place is stopped half way and leaves instances out of the load \
                 balancer"
            }
            Scenario::EventLost => {
                "the event of the failure never comes: the hourly sweep finds the copied group"
            }
        }
    }

    /// The scenario of this name.
    pub fn named(name: &str) -> Option<Scenario> {
        Scenario::ALL
            .into_iter()
            .find(|scenario| scenario.name() == name)
    }

    /// Where it happens.
    pub const fn stage(self) -> Stage {
        match self {
            Scenario::GoodRelease
            | Scenario::BadRelease
            | Scenario::SlowPoison
            | Scenario::HookDies
            | Scenario::ChecksHang
            | Scenario::OperatorAborts => Stage::Shop,
            Scenario::LeftoverGroup
            | Scenario::LeftoverAdopted
            | Scenario::LeftoverSuperseded
            | Scenario::RollbackInProgress
            | Scenario::ProcessesLeftSuspended
            | Scenario::TargetsLeftOut
            | Scenario::EventLost => Stage::Fleet,
        }
    }

    /// How well the shop's new version is; a fleet has none, and nothing is wrong with it.
    pub const fn health(self, pace: Pace) -> Health {
        match self {
            Scenario::GoodRelease
            | Scenario::HookDies
            | Scenario::OperatorAborts
            | Scenario::LeftoverGroup
            | Scenario::LeftoverAdopted
            | Scenario::LeftoverSuperseded
            | Scenario::RollbackInProgress
            | Scenario::ProcessesLeftSuspended
            | Scenario::TargetsLeftOut
            | Scenario::EventLost => Health::Good,
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
            | Scenario::OperatorAborts
            | Scenario::LeftoverGroup
            | Scenario::LeftoverAdopted
            | Scenario::LeftoverSuperseded
            | Scenario::RollbackInProgress
            | Scenario::ProcessesLeftSuspended
            | Scenario::TargetsLeftOut
            | Scenario::EventLost => Vec::new(),
        }
    }

    /// Whether no event of CodeDeploy's ever comes.
    pub const fn loses_events(self) -> bool {
        match self {
            Scenario::EventLost => true,
            Scenario::GoodRelease
            | Scenario::BadRelease
            | Scenario::SlowPoison
            | Scenario::HookDies
            | Scenario::ChecksHang
            | Scenario::OperatorAborts
            | Scenario::LeftoverGroup
            | Scenario::LeftoverAdopted
            | Scenario::LeftoverSuperseded
            | Scenario::RollbackInProgress
            | Scenario::ProcessesLeftSuspended
            | Scenario::TargetsLeftOut => false,
        }
    }

    /// Who interferes.
    pub fn hands(self, pace: Pace) -> Vec<Hand> {
        match self {
            Scenario::OperatorAborts => one(pace.aborted_after(), Deed::StopVerifications),
            Scenario::LeftoverAdopted => one(pace.adopted_after(), Deed::AdoptCopy),
            Scenario::LeftoverSuperseded => one(pace.fixed_after(), Deed::ReleaseFix),
            Scenario::TargetsLeftOut => one(pace.stopped_after(), Deed::StopForGood),
            Scenario::GoodRelease
            | Scenario::BadRelease
            | Scenario::SlowPoison
            | Scenario::HookDies
            | Scenario::ChecksHang
            | Scenario::LeftoverGroup
            | Scenario::RollbackInProgress
            | Scenario::ProcessesLeftSuspended
            | Scenario::EventLost => Vec::new(),
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
            | Scenario::OperatorAborts
            | Scenario::LeftoverGroup
            | Scenario::LeftoverAdopted
            | Scenario::LeftoverSuperseded
            | Scenario::RollbackInProgress
            | Scenario::ProcessesLeftSuspended
            | Scenario::TargetsLeftOut
            | Scenario::EventLost => false,
        }
    }
}

fn one(after: Duration, deed: Deed) -> Vec<Hand> {
    vec![Hand { after, deed }]
}
