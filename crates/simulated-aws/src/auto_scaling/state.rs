//! Where an instance stands in its group.

/// Where an instance stands in its group (User Guide, "Amazon EC2 Auto Scaling instance lifecycle").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LifecycleState {
    /// It boots.
    Pending,
    /// Launch hooks wait for somebody.
    PendingWait,
    /// It serves, or could.
    InService,
    /// AWS took it aside: newer than most clients, and explained nowhere. A scenario's hand alone
    /// brings it about.
    Quarantined,
    /// It is on its way out, perhaps draining.
    Terminating,
    /// Termination hooks wait for somebody.
    TerminatingWait,
    /// It is being terminated.
    TerminatingProceed,
    /// It drains before standby.
    EnteringStandby,
    /// A person took it aside.
    Standby,
    /// It boots for the warm pool.
    WarmedPending,
    /// Launch hooks wait for somebody before it joins the warm pool.
    WarmedPendingWait,
    /// It waits in the warm pool, stopped.
    WarmedStopped,
    /// It waits in the warm pool, running.
    WarmedRunning,
    /// It is being terminated from the warm pool.
    WarmedTerminating,
}

impl LifecycleState {
    /// As the API writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            LifecycleState::Pending => "Pending",
            LifecycleState::PendingWait => "Pending:Wait",
            LifecycleState::InService => "InService",
            LifecycleState::Quarantined => "Quarantined",
            LifecycleState::Terminating => "Terminating",
            LifecycleState::TerminatingWait => "Terminating:Wait",
            LifecycleState::TerminatingProceed => "Terminating:Proceed",
            LifecycleState::EnteringStandby => "EnteringStandby",
            LifecycleState::Standby => "Standby",
            LifecycleState::WarmedPending => "Warmed:Pending",
            LifecycleState::WarmedPendingWait => "Warmed:Pending:Wait",
            LifecycleState::WarmedStopped => "Warmed:Stopped",
            LifecycleState::WarmedRunning => "Warmed:Running",
            LifecycleState::WarmedTerminating => "Warmed:Terminating",
        }
    }

    /// Whether an instance in it counts towards the desired capacity.
    pub const fn counts(self) -> bool {
        match self {
            LifecycleState::Pending | LifecycleState::PendingWait | LifecycleState::InService => {
                true
            }
            LifecycleState::Quarantined
            | LifecycleState::Terminating
            | LifecycleState::TerminatingWait
            | LifecycleState::TerminatingProceed
            | LifecycleState::EnteringStandby
            | LifecycleState::Standby
            | LifecycleState::WarmedPending
            | LifecycleState::WarmedPendingWait
            | LifecycleState::WarmedStopped
            | LifecycleState::WarmedRunning
            | LifecycleState::WarmedTerminating => false,
        }
    }

    /// Whether an instance in it belongs to the warm pool.
    pub const fn is_warm(self) -> bool {
        match self {
            LifecycleState::WarmedPending
            | LifecycleState::WarmedPendingWait
            | LifecycleState::WarmedStopped
            | LifecycleState::WarmedRunning
            | LifecycleState::WarmedTerminating => true,
            LifecycleState::Pending
            | LifecycleState::PendingWait
            | LifecycleState::InService
            | LifecycleState::Quarantined
            | LifecycleState::Terminating
            | LifecycleState::TerminatingWait
            | LifecycleState::TerminatingProceed
            | LifecycleState::EnteringStandby
            | LifecycleState::Standby => false,
        }
    }

    /// Whether an instance in it is on its way out.
    pub const fn is_leaving(self) -> bool {
        match self {
            LifecycleState::Terminating
            | LifecycleState::TerminatingWait
            | LifecycleState::TerminatingProceed
            | LifecycleState::WarmedTerminating => true,
            LifecycleState::Pending
            | LifecycleState::PendingWait
            | LifecycleState::InService
            | LifecycleState::Quarantined
            | LifecycleState::EnteringStandby
            | LifecycleState::Standby
            | LifecycleState::WarmedPending
            | LifecycleState::WarmedPendingWait
            | LifecycleState::WarmedStopped
            | LifecycleState::WarmedRunning => false,
        }
    }
}
