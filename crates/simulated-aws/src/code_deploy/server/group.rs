//! What a deployment group on EC2 says: its instances, its load balancer, its kind of deployment.
//!
//! API Reference, `DeploymentGroupInfo`, `DeploymentStyle`, `BlueGreenDeploymentConfiguration`,
//! `LoadBalancerInfo`, `EC2DeploymentOptions`. Instances come from Auto Scaling groups; tags and
//! on-premises instances are not modelled.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What makes a deployment group one on EC2.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerGroup {
    /// The names of its Auto Scaling groups.
    pub auto_scaling_groups: Vec<String>,
    /// How it deploys.
    pub style: Style,
    /// The names of the target groups whose traffic is blocked and allowed. None: deployments are
    /// without traffic control.
    pub target_groups: Vec<String>,
    /// The processes that are suspended during each deployment in place.
    pub processes_to_suspend: Vec<Process>,
}

/// How a group deploys (API Reference, `DeploymentStyle`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// To the instances that there are.
    #[default]
    InPlace,
    /// To other instances, to which the traffic then goes.
    BlueGreen(BlueGreen),
}

/// How a blue/green deployment goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlueGreen {
    /// Where the replacement instances come from.
    pub fleet: GreenFleet,
    /// What becomes of the originals after success.
    pub originals: Originals,
    /// How long the replacement waits for somebody to continue, before the deployment is stopped.
    /// None: traffic is rerouted at once.
    pub ready_wait: Option<Duration>,
}

impl BlueGreen {
    /// Copies the Auto Scaling group, reroutes at once, and terminates the originals after `wait`.
    pub fn copying(wait: Duration) -> BlueGreen {
        BlueGreen {
            fleet: GreenFleet::CopyAutoScalingGroup,
            originals: Originals::Terminate { after: wait },
            ready_wait: None,
        }
    }
}

/// Where replacement instances come from (API Reference, `GreenFleetProvisioningOption`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GreenFleet {
    /// From a copy of the group's Auto Scaling group.
    CopyAutoScalingGroup,
    /// From the Auto Scaling groups that the deployment names.
    DiscoverExisting,
}

/// What becomes of the original instances (API Reference, `BlueInstanceTerminationOption`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Originals {
    /// They are terminated after a wait of at most two days.
    Terminate {
        /// The wait.
        after: Duration,
    },
    /// They stay.
    KeepAlive,
}

/// A process of Auto Scaling that may be suspended during a deployment in place (API Reference,
/// `EC2DeploymentOptions`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Process {
    /// Instances are terminated.
    Terminate,
    /// Availability Zones are balanced.
    #[serde(rename = "AZRebalance")]
    AzRebalance,
    /// Instances are refreshed.
    InstanceRefresh,
    /// Scheduled actions are carried out.
    ScheduledActions,
}

impl Process {
    /// As both APIs write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Process::Terminate => "Terminate",
            Process::AzRebalance => "AZRebalance",
            Process::InstanceRefresh => "InstanceRefresh",
            Process::ScheduledActions => "ScheduledActions",
        }
    }
}

impl Style {
    /// `deploymentStyle`; traffic is controlled where a load balancer is named.
    pub(crate) fn told(&self, with_traffic_control: bool) -> Value {
        let kind = match self {
            Style::InPlace => "IN_PLACE",
            Style::BlueGreen(_) => "BLUE_GREEN",
        };
        let option = if with_traffic_control {
            "WITH_TRAFFIC_CONTROL"
        } else {
            "WITHOUT_TRAFFIC_CONTROL"
        };
        json!({"deploymentType": kind, "deploymentOption": option})
    }

    /// `blueGreenDeploymentConfiguration`.
    pub(crate) fn configuration(&self) -> Option<Value> {
        let Style::BlueGreen(style) = self else {
            return None;
        };
        let terminate = match style.originals {
            Originals::Terminate { after } => {
                json!({"action": "TERMINATE", "terminationWaitTimeInMinutes": minutes(after)})
            }
            Originals::KeepAlive => {
                json!({"action": "KEEP_ALIVE", "terminationWaitTimeInMinutes": 0})
            }
        };
        let ready = match style.ready_wait {
            Some(wait) => {
                json!({"actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": minutes(wait)})
            }
            None => json!({"actionOnTimeout": "CONTINUE_DEPLOYMENT", "waitTimeInMinutes": 0}),
        };
        let fleet = match style.fleet {
            GreenFleet::CopyAutoScalingGroup => "COPY_AUTO_SCALING_GROUP",
            GreenFleet::DiscoverExisting => "DISCOVER_EXISTING",
        };
        Some(json!({
            "terminateBlueInstancesOnDeploymentSuccess": terminate,
            "deploymentReadyOption": ready,
            "greenFleetProvisioningOption": {"action": fleet},
        }))
    }
}

fn minutes(wait: Duration) -> u64 {
    wait.as_secs() / 60
}

/// `loadBalancerInfo` of these target groups.
pub(crate) fn load_balancer_info(target_groups: &[String]) -> Option<Value> {
    let named = |name: &String| json!({"name": name});
    let list: Vec<Value> = target_groups.iter().map(named).collect();
    (!list.is_empty()).then(|| json!({"targetGroupInfoList": list}))
}

/// `ec2DeploymentOptions` of these processes.
pub(crate) fn ec2_deployment_options(processes: &[Process]) -> Option<Value> {
    (!processes.is_empty()).then(|| json!({"autoScalingGroupProcessesToSuspend": processes}))
}
