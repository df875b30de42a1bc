//! A world with one service to deploy and two hooks, and hands that play everybody else.

mod api;
mod deployments;
mod endings;
mod hooks;

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::*;
use crate::lambda::{
    Alias, Application as LambdaApplication, Code, EventInvokeConfig, Function, Health, Version,
    VersionState,
};
use crate::world::Effect;

const BEFORE: &str = "CodeDeployHook_pointsman_BeforeAllowTraffic";
const AFTER: &str = "CodeDeployHook_pointsman_AfterAllowTraffic";

struct Stage {
    world: World,
    /// The payloads with which hook functions were run.
    payloads: Vec<Value>,
}

impl Stage {
    /// `shop:live` at version 7, versions 8 and 9 beside it, both hook functions, and the group
    /// `shop/live`, which deploys all at once, is never rolled back and has no alarms. Every call
    /// comes once.
    fn new(seed: u64) -> Stage {
        let mut world = World::new(seed);
        let service = || Code::Application(LambdaApplication::new(Value::Null, Health::Good));
        let version = |name: &str| {
            let version = Version {
                code: service(),
                state: VersionState::Active,
            };
            (name.to_owned(), version)
        };
        let at_7 = Alias {
            version: "7".into(),
            shifted: None,
        };
        world.lambda.create(Function {
            versions: ["7", "8", "9"].into_iter().map(version).collect(),
            aliases: BTreeMap::from([("live".to_owned(), at_7)]),
            ..function("shop", service())
        });
        for hook in [BEFORE, AFTER] {
            let handler = Code::Handler(hook.to_owned());
            world.lambda.create(function(hook, handler));
        }
        world.code_deploy.settings.repeated_calls_percent = 0;
        let mut stage = Stage {
            world,
            payloads: Vec::new(),
        };
        stage
            .world
            .code_deploy
            .create_application("shop", Platform::Lambda);
        stage.group(|_| {});
        stage
    }

    /// The group `shop/live` as it is by default, with changes.
    fn group(&mut self, change: impl FnOnce(&mut NewGroup)) {
        let mut new = NewGroup {
            application: "shop".into(),
            name: "live".into(),
            configuration: "CodeDeployDefault.LambdaAllAtOnce".into(),
            auto_rollback: AutoRollback::default(),
            alarms: AlarmConfiguration::default(),
        };
        change(&mut new);
        create_group(&mut self.world, new).expect("has its application");
    }

    fn create(&mut self, versions: (&str, &str), hooks: &[LifecycleEventName]) -> String {
        let function = |event: LifecycleEventName| match event {
            LifecycleEventName::BeforeAllowTraffic => (event, BEFORE),
            LifecycleEventName::AllowTraffic | LifecycleEventName::AfterAllowTraffic => {
                (event, AFTER)
            }
        };
        let hooks: Vec<_> = hooks.iter().copied().map(function).collect();
        let revision = app_spec("shop", "live", versions, &hooks);
        create_deployment(
            &mut self.world,
            NewDeployment::new("shop", "live", revision),
        )
        .expect("is created")
    }

    /// Lets seconds pass; hook functions end at once.
    fn pass(&mut self, seconds: u64) {
        let to = self.world.now() + Duration::from_secs(seconds);
        loop {
            let effects = self.world.advance(to);
            if effects.is_empty() {
                return;
            }
            for effect in effects {
                if let Effect::Run(run) = effect {
                    self.payloads.push(run.payload);
                    let now = self.world.now();
                    self.world.finish(now, run.invocation, Ok(Value::Null));
                }
            }
        }
    }

    /// Answers the hook that was opened last.
    fn answer(&mut self, status: &str) -> Result<(), ApiError> {
        let hook = self.world.code_deploy.hooks().last().expect("is open");
        let (deployment, hook) = (hook.deployment.clone(), hook.id.clone());
        answer_hook(&mut self.world, &deployment, &hook, status, "answer-hook")
    }

    fn deployment(&self, id: &str) -> &Deployment {
        self.world.code_deploy.deployment(id).expect("exists")
    }

    fn status(&self, id: &str) -> Status {
        self.deployment(id).status
    }

    fn error(&self, id: &str) -> &'static str {
        let error = self.deployment(id).error.as_ref();
        error.map_or("", |error| error.code)
    }

    fn event(&self, id: &str, name: LifecycleEventName) -> LifecycleEventStatus {
        self.deployment(id).event(name).expect("exists").status
    }

    fn alias(&self) -> Alias {
        self.world.lambda.function("shop").expect("exists").aliases["live"].clone()
    }

    fn roll_back_of(&self, id: &str) -> String {
        let info = &self.deployment(id).roll_back;
        info.deployment.clone().expect("is rolled back")
    }
}

fn function(name: &str, code: Code) -> Function {
    Function {
        name: name.to_owned(),
        timeout: Duration::from_secs(10),
        environment: BTreeMap::new(),
        code,
        versions: BTreeMap::new(),
        aliases: BTreeMap::new(),
        event_invoke: EventInvokeConfig::default(),
    }
}

fn at(version: &str) -> Alias {
    Alias {
        version: version.to_owned(),
        shifted: None,
    }
}

fn between(version: &str, second: &str, share: f64) -> Alias {
    Alias {
        version: version.to_owned(),
        shifted: Some((second.to_owned(), share)),
    }
}
