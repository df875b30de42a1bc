//! An alias at two versions, and its way back to one.

use std::collections::BTreeMap;
use std::time::Duration;

use coordinator_aws::lambda::{Alias, Lambda, Pointing};
use serde_json::json;
use simulated_aws::World;
use simulated_aws::driver::Simulation;
use simulated_aws::faults::{Fault, FaultKind};
use simulated_aws::lambda::{
    Alias as Aliased, Application, Code, EventInvokeConfig, Function, Health, Version, VersionState,
};

use super::fixture::{clients, simulated};

const CALLER: &str = "restore-originals";

/// A function whose alias a stopped deployment left at two versions.
fn account() -> World {
    let mut world = World::new(1);
    let code = Code::Application(Application::new(json!({}), Health::Good));
    let version = Version {
        code: code.clone(),
        state: VersionState::Active,
    };
    let versions = ["7", "8", "9"].map(|name| (name.to_owned(), version.clone()));
    let live = Aliased {
        version: "7".into(),
        shifted: Some(("8".into(), 0.1)),
    };
    world.lambda.create(Function {
        name: "shop".into(),
        timeout: Duration::from_mins(1),
        environment: BTreeMap::new(),
        code,
        versions: versions.into(),
        aliases: [("live".to_owned(), live)].into(),
        event_invoke: EventInvokeConfig::default(),
    });
    world
}

fn lambda(simulation: &Simulation) -> Lambda {
    Lambda::new(&clients(simulation, CALLER))
}

async fn live(lambda: &Lambda) -> Alias {
    let alias = lambda.alias("shop", "live").await.expect("it can be read");
    alias.expect("it is there")
}

async fn point(lambda: &Lambda, version: &str, revision_id: &str) -> Pointing {
    let pointing = lambda.point_alias("shop", "live", version, revision_id);
    pointing.await.expect("it is understood")
}

#[test]
fn an_alias_at_two_versions_is_brought_back_to_one() {
    for fault in [
        None,
        Some(FaultKind::AnswerLost),
        Some(FaultKind::Throttled),
    ] {
        let mut world = account();
        if let Some(kind) = fault {
            world
                .faults
                .plan(Fault::once(CALLER, "lambda:UpdateAlias", 1, kind));
        }
        simulated(world, async |simulation| {
            let lambda = lambda(simulation);
            let before = live(&lambda).await;
            assert_eq!(before.version, "7");
            assert_eq!(before.second, Some(("8".to_owned(), 0.1)));
            let pointing = point(&lambda, "7", &before.revision_id).await;
            assert_eq!(pointing, Pointing::Done, "{fault:?}");
            let after = live(&lambda).await;
            assert_eq!((after.version.as_str(), &after.second), ("7", &None));
            assert_ne!(after.revision_id, before.revision_id);
            let again = point(&lambda, "7", &before.revision_id).await;
            assert_eq!(again, Pointing::Done, "twice is once");
        });
    }
}

#[test]
fn an_alias_that_somebody_changed_since_stays_as_it_is() {
    simulated(account(), async |simulation| {
        let lambda = lambda(simulation);
        let before = live(&lambda).await;
        let changed = Aliased {
            version: "7".into(),
            shifted: Some(("9".into(), 0.5)),
        };
        let there = simulation.with(|world| world.lambda.point("shop", "live", changed));
        assert!(there);
        let pointing = point(&lambda, "7", &before.revision_id).await;
        assert_eq!(pointing, Pointing::Changed);
        assert_eq!(live(&lambda).await.second, Some(("9".to_owned(), 0.5)));
    });
}

#[test]
fn an_alias_or_a_version_that_is_gone_is_said_to_be() {
    simulated(account(), async |simulation| {
        let lambda = lambda(simulation);
        let before = live(&lambda).await;
        for (function, alias) in [("shop", "none"), ("none", "live")] {
            let seen = lambda.alias(function, alias).await;
            assert_eq!(seen.expect("it is understood"), None, "{function}:{alias}");
            let pointing = lambda.point_alias(function, alias, "7", &before.revision_id);
            assert_eq!(pointing.await.expect("it is understood"), Pointing::Gone);
        }
        assert_eq!(
            point(&lambda, "10", &before.revision_id).await,
            Pointing::Gone
        );
        assert_eq!(live(&lambda).await, before);
    });
}
