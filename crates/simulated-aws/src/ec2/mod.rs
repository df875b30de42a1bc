//! Amazon EC2: instances, as far as they decide what becomes of a deployment.
//!
//! An instance has a state, private addresses and something that runs on it, which answers health
//! checks or not ([`Software`]); networks, images and volumes do not exist. Amazon EC2 User Guide,
//! "Amazon EC2 instance state changes": `pending` → `running` → `shutting-down` → `terminated`, and
//! through `stopping` to `stopped`; "an instance is visible in the console for a short time after
//! termination", about an hour. How long booting takes is up to who launches; stopping and shutting
//! down take 5 to 30 s, an assumption.

mod api;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::World;
use crate::auto_scaling;
use crate::time::Time;
use crate::world::{Event as WorldEvent, REGION};

pub(crate) use api::{handle, resource};

/// The instances of the account.
#[derive(Debug, Default)]
pub struct Ec2 {
    instances: BTreeMap<String, Instance>,
    launched: u32,
}

/// An instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// `i-` and 17 hexadecimal digits.
    pub id: String,
    /// Its private IPv4 addresses, the primary one first.
    pub addresses: Vec<String>,
    /// Its IPv6 addresses.
    pub ipv6_addresses: Vec<String>,
    /// Its Availability Zone.
    pub zone: String,
    /// When it was launched, or started again.
    pub launched: Time,
    /// Its state.
    pub state: InstanceState,
    /// What runs on it.
    pub software: Software,
    /// The Auto Scaling group that it belongs to.
    pub group: Option<String>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// The states of an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum InstanceState {
    /// It boots.
    Pending,
    /// It runs.
    Running,
    /// It is about to be terminated.
    ShuttingDown,
    /// It is gone, though still to be seen.
    Terminated,
    /// It is about to be stopped.
    Stopping,
    /// It is stopped.
    Stopped,
}

/// What runs on an instance, as a health check finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Software {
    /// Nothing listens.
    Nothing,
    /// It answers as it should.
    Good,
    /// It answers with status 500.
    Bad,
    /// It takes connections and never answers.
    Hangs,
}

/// An instance to be launched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewInstance {
    /// Its Availability Zone.
    pub zone: String,
    /// What runs on it once it has booted: what its image and user data bring.
    pub software: Software,
    /// The Auto Scaling group that launches it.
    pub group: Option<String>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// How long it boots.
    pub boots_in: Duration,
}

#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// An instance has booted.
    Booted(String, Time),
    /// An instance has been shut down for good.
    Terminated(String),
    /// An instance has been stopped.
    Stopped(String),
    /// A terminated instance is no longer to be seen.
    Forgotten(String),
}

/// How long a terminated instance is still to be seen.
const SEEN_FOR: Duration = Duration::from_hours(1);

impl InstanceState {
    /// As the API writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            InstanceState::Pending => "pending",
            InstanceState::Running => "running",
            InstanceState::ShuttingDown => "shutting-down",
            InstanceState::Terminated => "terminated",
            InstanceState::Stopping => "stopping",
            InstanceState::Stopped => "stopped",
        }
    }

    /// The state as a number (API Reference, `InstanceState`).
    pub const fn code(self) -> u8 {
        match self {
            InstanceState::Pending => 0,
            InstanceState::Running => 16,
            InstanceState::ShuttingDown => 32,
            InstanceState::Terminated => 48,
            InstanceState::Stopping => 64,
            InstanceState::Stopped => 80,
        }
    }
}

impl Instance {
    /// What a health check meets: what runs on it, as long as the instance runs.
    pub fn answers_with(&self) -> Software {
        if self.state == InstanceState::Running {
            self.software
        } else {
            Software::Nothing
        }
    }
}

impl Ec2 {
    /// The instance of this ID.
    pub fn instance(&self, id: &str) -> Option<&Instance> {
        self.instances.get(id)
    }

    /// The instance of this ID, to be changed: to have other software, another address.
    pub fn instance_mut(&mut self, id: &str) -> Option<&mut Instance> {
        self.instances.get_mut(id)
    }

    /// Every instance that is to be seen, by ID.
    pub fn instances(&self) -> impl Iterator<Item = &Instance> {
        self.instances.values()
    }

    /// The instance that has this private address; one that is terminated has none any more.
    pub fn at_address(&self, address: &str) -> Option<&Instance> {
        self.instances.values().find(|instance| {
            let mut addresses = instance.addresses.iter().chain(&instance.ipv6_addresses);
            instance.state != InstanceState::Terminated && addresses.any(|one| one == address)
        })
    }
}

/// Launches an instance and returns its ID.
pub fn launch(world: &mut World, new: NewInstance) -> String {
    let id = format!("i-{:017x}", world.random.u128(..) >> 60);
    world.ec2.launched += 1;
    let number = world.ec2.launched;
    let instance = Instance {
        id: id.clone(),
        addresses: vec![format!("10.0.{}.{}", number / 250, number % 250 + 4)],
        ipv6_addresses: Vec::new(),
        zone: new.zone,
        launched: world.now(),
        state: InstanceState::Pending,
        software: new.software,
        group: new.group,
        tags: new.tags,
    };
    let booted = Event::Booted(id.clone(), instance.launched);
    world.ec2.instances.insert(id.clone(), instance);
    world.after(new.boots_in, WorldEvent::Ec2(booted));
    id
}

/// Terminates an instance. Whether there is one that was not terminated already.
pub fn terminate(world: &mut World, id: &str) -> bool {
    let Some(instance) = world.ec2.instances.get_mut(id) else {
        return false;
    };
    match instance.state {
        InstanceState::ShuttingDown | InstanceState::Terminated => false,
        InstanceState::Pending
        | InstanceState::Running
        | InstanceState::Stopping
        | InstanceState::Stopped => {
            instance.state = InstanceState::ShuttingDown;
            after_a_while(world, Event::Terminated(id.to_owned()));
            true
        }
    }
}

/// Stops an instance. Whether there is one that ran.
pub fn stop(world: &mut World, id: &str) -> bool {
    let Some(instance) = world.ec2.instances.get_mut(id) else {
        return false;
    };
    if instance.state != InstanceState::Running {
        return false;
    }
    instance.state = InstanceState::Stopping;
    after_a_while(world, Event::Stopped(id.to_owned()));
    true
}

/// Starts a stopped instance, which boots for `boots_in`. Whether there is one.
pub fn start(world: &mut World, id: &str, boots_in: Duration) -> bool {
    let now = world.now();
    let Some(instance) = world.ec2.instances.get_mut(id) else {
        return false;
    };
    if instance.state != InstanceState::Stopped {
        return false;
    }
    instance.state = InstanceState::Pending;
    instance.launched = now;
    let booted = Event::Booted(id.to_owned(), now);
    world.after(boots_in, WorldEvent::Ec2(booted));
    true
}

/// The Availability Zones of the Region.
pub fn zones() -> Vec<String> {
    ["a", "b", "c"].map(|zone| format!("{REGION}{zone}")).into()
}

fn after_a_while(world: &mut World, event: Event) {
    let wait = Duration::from_millis(world.random.u64(5_000..=30_000));
    world.after(wait, WorldEvent::Ec2(event));
}

pub(crate) fn happen(world: &mut World, event: Event) {
    match event {
        Event::Booted(id, launched) => {
            let booting = world.ec2.instances.get_mut(&id).filter(|instance| {
                instance.state == InstanceState::Pending && instance.launched == launched
            });
            if let Some(instance) = booting {
                instance.state = InstanceState::Running;
                auto_scaling::on_booted(world, &id);
            }
        }
        Event::Terminated(id) => {
            if let Some(instance) = world.ec2.instances.get_mut(&id) {
                instance.state = InstanceState::Terminated;
                auto_scaling::on_terminated(world, &id);
                world.after(SEEN_FOR, WorldEvent::Ec2(Event::Forgotten(id)));
            }
        }
        Event::Stopped(id) => {
            let stopping = world
                .ec2
                .instances
                .get_mut(&id)
                .filter(|instance| instance.state == InstanceState::Stopping);
            if let Some(instance) = stopping {
                instance.state = InstanceState::Stopped;
                auto_scaling::on_stopped(world, &id);
            }
        }
        Event::Forgotten(id) => {
            world.ec2.instances.remove(&id);
        }
    }
}
