//! The world behind the HTTP client of the AWS SDK for Rust, in this process, on tokio's paused
//! clock.
//!
//! Run it on a current-thread runtime with the clock paused (`start_paused`): whenever every task
//! waits, tokio moves the clock to the next timer, so that hours take milliseconds. One seed gives
//! one history, as long as the handlers draw time and chance from nowhere else.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_smithy_async::time::TimeSource;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use serde_json::Value;
use tokio::sync::{Notify, oneshot};
use tokio::task::AbortHandle;
use tokio::time::Instant;

use crate::call::{CallId, InvocationId};
use crate::lambda::{FunctionError, Run};
use crate::time::Time;
use crate::wire::{Request, Response};
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

/// Runs an invocation of any function of ours.
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
    handler: Handler,
}

struct State {
    world: World,
    waiting: BTreeMap<CallId, oneshot::Sender<Delivery>>,
    running: BTreeMap<InvocationId, AbortHandle>,
}

/// A way to AWS, signed by one caller: what an `SdkConfig` is made from.
#[derive(Clone, Debug)]
pub struct Connection {
    simulation: Simulation,
    /// The access key ID to sign with: the caller's name.
    pub access_key_id: String,
    /// The session token to sign with: the invocation, if a function calls.
    pub session_token: Option<String>,
}

impl Connection {
    /// The HTTP client.
    pub fn http_client(&self) -> SharedHttpClient {
        SharedHttpClient::new(self.simulation.clone())
    }

    /// Writes a sentence of the story in the name of `who`.
    pub fn tell(&self, who: &str, what: &str) {
        self.simulation
            .with(|world| world.tell(who.to_owned(), what.to_owned()));
    }

    /// The clock.
    pub fn time_source(&self) -> impl TimeSource + 'static {
        self.simulation.clone()
    }
}

impl Simulation {
    /// Puts a world to run. Functions of ours are run by `handler`, which knows them by name.
    pub fn new(world: World, handler: Handler) -> Simulation {
        let state = State {
            world,
            waiting: BTreeMap::new(),
            running: BTreeMap::new(),
        };
        let shared = Shared {
            state: Mutex::new(state),
            changed: Notify::new(),
            began: Instant::now(),
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

    fn now(&self) -> Time {
        Time::START + (Instant::now() - self.shared.began)
    }

    fn instant(&self, time: Time) -> Instant {
        self.shared.began + time.since(Time::START)
    }
}

impl TimeSource for Simulation {
    fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(Simulation::now(self).milliseconds())
    }
}

impl HttpClient for Simulation {
    fn http_connector(
        &self,
        _settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Simulation {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let simulation = self.clone();
        HttpConnectorFuture::new(async move {
            let request = request_of(request)?;
            let (sender, delivered) = oneshot::channel();
            {
                let now = simulation.now();
                let mut state = simulation.state();
                let call = state.world.arrive(now, request);
                state.waiting.insert(call, sender);
            }
            simulation.shared.changed.notify_one();
            match delivered.await {
                Ok(Delivery::Response(response)) => response_of(response),
                Ok(Delivery::ConnectionLost) | Err(_) => {
                    Err(ConnectorError::io("connection reset by peer".into()))
                }
            }
        })
    }
}

fn request_of(request: HttpRequest) -> Result<Request, ConnectorError> {
    let request = request
        .try_into_http1x()
        .map_err(|error| ConnectorError::user(Box::new(error)))?;
    let (parts, body) = request.into_parts();
    let body = body
        .bytes()
        .ok_or_else(|| ConnectorError::user("a streaming body is not modelled".into()))?
        .to_vec();
    let headers = parts
        .headers
        .iter()
        .map(|(name, value)| {
            (
                name.as_str().to_owned(),
                String::from_utf8_lossy(value.as_bytes()).into_owned(),
            )
        })
        .collect();
    Ok(Request {
        method: parts.method.as_str().to_owned(),
        host: parts.uri.host().unwrap_or_default().to_owned(),
        path: parts
            .uri
            .path_and_query()
            .map_or("/", |path| path.as_str())
            .to_owned(),
        headers,
        body,
    })
}

fn response_of(response: Response) -> Result<HttpResponse, ConnectorError> {
    let mut builder = http::Response::builder().status(response.status);
    for (name, value) in response.headers {
        builder = builder.header(name, value);
    }
    let response = builder
        .body(SdkBody::from(response.body))
        .map_err(|error| ConnectorError::other(Box::new(error), None))?;
    HttpResponse::try_from(response).map_err(|error| ConnectorError::other(Box::new(error), None))
}
