//! Lets a world's time follow tokio's clock, and carries out what the world asks for.
//!
//! The world is a value without I/O; this is what owns its time. On a paused clock, hours pass in
//! milliseconds and one seed gives one history, as long as the handlers draw time and chance from
//! nowhere else. On a running clock the same world is served to other processes, in real time or
//! faster ([`crate::http_server`]).

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::{Notify, oneshot};
use tokio::task::AbortHandle;
use tokio::time::Instant;

use crate::call::{CallId, InvocationId};
use crate::in_process::Connection;
use crate::lambda::{FunctionError, Run};
use crate::time::Time;
use crate::wire::Request;
use crate::world::{Delivery, Effect, World};

/// What a handler's invocation gets.
#[derive(Debug)]
pub struct Invocation {
    /// The invocation and its event.
    pub run: Run,
    /// The connection to AWS.
    pub connection: Connection,
}

/// What an invocation comes to.
pub type HandlerFuture = Pin<Box<dyn Future<Output = Result<Value, FunctionError>> + Send>>;

/// Runs an invocation of any function of ours. When the invocation is killed or its time is over,
/// the future is dropped.
pub type Handler = Arc<dyn Fn(Invocation) -> HandlerFuture + Send + Sync>;

/// A world that runs.
#[derive(Clone)]
pub struct Simulation {
    shared: Arc<Shared>,
}

impl std::fmt::Debug for Simulation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Simulation")
    }
}

struct Shared {
    state: Mutex<State>,
    changed: Notify,
    began: Instant,
    start: Time,
    speed: u32,
    handler: Handler,
}

struct State {
    world: World,
    waiting: BTreeMap<CallId, oneshot::Sender<Delivery>>,
    running: BTreeMap<InvocationId, AbortHandle>,
}

/// For what belongs to a simulation's own handler, which would else keep itself for ever.
pub(crate) struct WeakSimulation(Weak<Shared>);

impl WeakSimulation {
    /// Lays a hand on the world, if there still is one.
    pub(crate) fn with(&self, look: impl FnOnce(&mut World)) {
        if let Some(shared) = self.0.upgrade() {
            Simulation { shared }.with(look);
        }
    }
}

impl Simulation {
    /// Puts a world to run on tokio's clock. Functions of ours are run by `handler`, which knows
    /// them by name.
    pub fn new(world: World, handler: Handler) -> Simulation {
        Simulation::at_speed(world, handler, 1)
    }

    /// The same, with this many seconds of the world for each of tokio's (at least 1).
    pub fn at_speed(world: World, handler: Handler, speed: u32) -> Simulation {
        let start = world.now();
        let state = State {
            world,
            waiting: BTreeMap::new(),
            running: BTreeMap::new(),
        };
        let shared = Shared {
            state: Mutex::new(state),
            changed: Notify::new(),
            began: Instant::now(),
            start,
            speed: speed.max(1),
            handler,
        };
        Simulation {
            shared: Arc::new(shared),
        }
    }

    /// A connection for a person or a program outside AWS.
    pub fn connect(&self, caller: &str) -> Connection {
        Connection {
            simulation: self.clone(),
            access_key_id: caller.to_owned(),
            session_token: None,
        }
    }

    /// Looks at the world, or lays a hand on it.
    pub fn with<T>(&self, look: impl FnOnce(&mut World) -> T) -> T {
        let result = look(&mut self.state().world);
        self.shared.changed.notify_one();
        result
    }

    /// A hold on it that does not keep it.
    pub(crate) fn downgrade(&self) -> WeakSimulation {
        WeakSimulation(Arc::downgrade(&self.shared))
    }

    /// Lets time pass until `ended` holds or the world's clock says `limit`. Whether it ended.
    pub async fn run(&self, limit: Time, mut ended: impl FnMut(&World) -> bool) -> bool {
        loop {
            self.catch_up();
            let next = {
                let state = self.state();
                if ended(&state.world) {
                    return true;
                }
                state
                    .world
                    .next_event()
                    .map_or(limit, |next| next.min(limit))
            };
            if self.now() >= limit {
                return false;
            }
            tokio::select! {
                biased;
                () = self.shared.changed.notified() => {}
                () = tokio::time::sleep_until(self.instant(next)) => {}
            }
        }
    }

    /// What the world made of the run. Whatever still runs is ended.
    pub fn into_world(self) -> World {
        let mut state = self.state();
        for (_, running) in std::mem::take(&mut state.running) {
            running.abort();
        }
        std::mem::replace(&mut state.world, World::new(0))
    }

    /// Sends a request to the world and waits for what becomes of it.
    pub async fn send(&self, request: Request) -> Delivery {
        let (sender, delivered) = oneshot::channel();
        {
            let now = self.now();
            let mut state = self.state();
            let call = state.world.arrive(now, request);
            // Callers that gave up on a call that nobody answers are forgotten.
            state.waiting.retain(|_, waiting| !waiting.is_closed());
            state.waiting.insert(call, sender);
        }
        self.shared.changed.notify_one();
        delivered.await.unwrap_or(Delivery::ConnectionLost)
    }

    /// The present moment of the world.
    pub fn now(&self) -> Time {
        self.shared.start + (Instant::now() - self.shared.began) * self.shared.speed
    }

    /// How long tokio's clock needs until the world's says `time`.
    pub fn until(&self, time: Time) -> Duration {
        time.since(self.now()) / self.shared.speed
    }

    /// Everything that is due happens.
    fn catch_up(&self) {
        loop {
            let now = self.now();
            let effects = self.state().world.advance(now);
            if effects.is_empty() {
                return;
            }
            for effect in effects {
                self.carry_out(effect);
            }
        }
    }

    fn carry_out(&self, effect: Effect) {
        match effect {
            Effect::Deliver(call, delivery) => {
                if let Some(waiting) = self.state().waiting.remove(&call) {
                    // A caller that gave up no longer listens, which is its right.
                    let _ = waiting.send(delivery);
                }
            }
            Effect::Kill(invocation) => {
                if let Some(running) = self.state().running.remove(&invocation) {
                    running.abort();
                }
            }
            Effect::Run(run) => self.start(run),
        }
    }

    fn start(&self, run: Run) {
        let id = run.invocation;
        let connection = Connection {
            simulation: self.clone(),
            access_key_id: run.handler.clone(),
            session_token: Some(id.to_string()),
        };
        let name = run.handler.clone();
        let invocation = (self.shared.handler)(Invocation { run, connection });
        let work = tokio::spawn(invocation);
        self.state().running.insert(id, work.abort_handle());
        let simulation = self.clone();
        tokio::spawn(async move {
            let outcome = match work.await {
                Ok(outcome) => outcome,
                Err(error) if error.is_cancelled() => return,
                Err(error) => Err(simulation.panicked(&name, &error.to_string())),
            };
            simulation.ended(id, outcome);
        });
    }

    fn panicked(&self, function: &str, message: &str) -> FunctionError {
        self.with(|world| {
            let function = function.to_owned();
            world.record(crate::journal::Happening::Panicked { function });
        });
        FunctionError {
            error_type: "Runtime.Panic".into(),
            message: message.into(),
        }
    }

    fn ended(&self, id: InvocationId, outcome: Result<Value, FunctionError>) {
        let now = self.now();
        let mut state = self.state();
        state.running.remove(&id);
        state.world.finish(now, id, outcome);
        drop(state);
        self.shared.changed.notify_one();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn instant(&self, time: Time) -> Instant {
        self.shared.began + time.since(self.shared.start) / self.shared.speed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn no_functions() -> Handler {
        Arc::new(|_| Box::pin(async { Ok(Value::Null) }))
    }

    #[tokio::test(start_paused = true)]
    async fn a_world_at_speed_passes_an_hour_in_a_minute() {
        let start = Time::from_milliseconds(1_000);
        let mut world = World::beginning(1, start);
        world.act(Duration::from_hours(1), |world| {
            world.tell("clock", "strikes");
        });
        let simulation = Simulation::at_speed(world, no_functions(), 60);
        let began = Instant::now();
        let limit = start + Duration::from_hours(2);
        let struck = simulation
            .run(limit, |world| !world.journal.entries().is_empty())
            .await;
        assert!(struck);
        assert_eq!(began.elapsed(), Duration::from_mins(1));
        assert_eq!(simulation.now(), start + Duration::from_hours(1));
        let ahead = simulation.until(start + Duration::from_hours(2));
        assert_eq!(ahead, Duration::from_mins(1));
    }
}
