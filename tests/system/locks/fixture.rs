//! Callers of the simulated AWS that own locks.

use coordinator::failure::Failure;
use coordinator::locks::{Expected, Lock, Resource};
use coordinator_aws::clients::{Budget, Clients, RetryPartition};
use coordinator_aws::ledger::{Ledger, Taking, TakingOver};
use pointsman::harness;
use simulated_aws::driver::Simulation;
use simulated_aws::{Time, World};

const TABLE: &str = "pointsman-ledger";

/// An account that has a ledger.
pub(super) fn world(seed: u64) -> World {
    let mut world = World::new(seed);
    world.dynamo_db.create_table(TABLE);
    world
}

/// Does something in a world that runs.
pub(super) fn simulated<T>(world: World, run: impl AsyncFnOnce(&Simulation) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime without I/O can be built");
    runtime.block_on(async {
        let simulation = harness::simulate(world, None);
        let forever = Time::from_milliseconds(u64::MAX);
        tokio::select! {
            biased;
            came = run(&simulation) => came,
            _ended = simulation.run(forever, |_world| false) => panic!("the world ended first"),
        }
    })
}

/// The SDK clients of a caller.
pub(super) fn clients(simulation: &Simulation, caller: &'static str) -> Clients {
    let config = harness::sdk_config(&simulation.connect(caller));
    let partition = RetryPartition::custom(caller).build();
    Clients::new(&config, partition, Budget::STANDARD)
}

/// An execution that takes locks, named as it calls.
pub(super) struct Owner {
    pub arn: String,
    deployment: String,
    ledger: Ledger,
    clients: Clients,
}

impl Owner {
    pub(super) fn new(simulation: &Simulation, name: &'static str) -> Owner {
        let clients = clients(simulation, name);
        let of = name.rsplit('-').next().unwrap_or(name);
        Owner {
            arn: format!("arn:aws:states:eu-central-1:123456789012:execution:clean-up:{name}"),
            deployment: format!("d-{of}"),
            ledger: Ledger::new(&clients, TABLE),
            clients,
        }
    }

    pub(super) async fn take(&self, resources: &[Resource]) -> Result<Taking, Failure> {
        let now = self.clients.clock().now();
        let taking = self
            .ledger
            .take(resources, &self.arn, &self.deployment, now);
        taking.await.map_err(Failure::from)
    }

    pub(super) async fn take_over(
        &self,
        resource: &Resource,
        expected: &Expected,
    ) -> Result<TakingOver, Failure> {
        let now = self.clients.clock().now();
        let ledger = &self.ledger;
        let over = ledger.take_over(resource, expected, &self.arn, &self.deployment, now);
        over.await.map_err(Failure::from)
    }

    pub(super) async fn prove(&self, resources: &[Resource]) -> Result<(), Failure> {
        let proof = self.ledger.prove(resources, &self.arn);
        proof.await.map_err(Failure::from)
    }

    pub(super) async fn release(&self, resources: &[Resource]) -> Result<(), Failure> {
        let released = self.ledger.release(resources, &self.arn);
        released.await.map_err(Failure::from)
    }

    pub(super) async fn leave_to_person(&self, resources: &[Resource]) -> Result<(), Failure> {
        let left = self.ledger.leave_to_person(resources, &self.arn);
        left.await.map_err(Failure::from)
    }

    pub(super) async fn holder(&self, resource: &Resource) -> Option<Lock> {
        self.ledger.holder(resource).await.expect("it can be read")
    }
}
