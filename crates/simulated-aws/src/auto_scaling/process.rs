//! The processes that can be suspended.

/// A process of Auto Scaling that can be suspended (User Guide, "Suspend and resume processes").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Process {
    /// Adds instances.
    Launch,
    /// Removes instances.
    Terminate,
    /// Registers instances that come with load balancers.
    AddToLoadBalancer,
    /// Takes notice of alarms.
    AlarmNotification,
    /// Balances the zones.
    AzRebalance,
    /// Finds unhealthy instances.
    HealthCheck,
    /// Replaces instances with newer ones.
    InstanceRefresh,
    /// Replaces unhealthy instances.
    ReplaceUnhealthy,
    /// Does what is scheduled.
    ScheduledActions,
}

impl Process {
    /// Every process.
    pub const ALL: [Process; 9] = [
        Process::Launch,
        Process::Terminate,
        Process::AddToLoadBalancer,
        Process::AlarmNotification,
        Process::AzRebalance,
        Process::HealthCheck,
        Process::InstanceRefresh,
        Process::ReplaceUnhealthy,
        Process::ScheduledActions,
    ];

    /// As the API writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Process::Launch => "Launch",
            Process::Terminate => "Terminate",
            Process::AddToLoadBalancer => "AddToLoadBalancer",
            Process::AlarmNotification => "AlarmNotification",
            Process::AzRebalance => "AZRebalance",
            Process::HealthCheck => "HealthCheck",
            Process::InstanceRefresh => "InstanceRefresh",
            Process::ReplaceUnhealthy => "ReplaceUnhealthy",
            Process::ScheduledActions => "ScheduledActions",
        }
    }

    /// The process of this name.
    pub fn named(name: &str) -> Option<Process> {
        let mut all = Process::ALL.into_iter();
        all.find(|process| process.as_str() == name)
    }
}
