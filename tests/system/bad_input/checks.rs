//! Each kind of check from end to end: what passes it, what fails it, and what CodeDeploy is told.

use std::time::Duration;

use pointsman::account;
use simulated_aws::World;
use simulated_aws::code_deploy::HookStatus;
use simulated_aws::lambda::{Health, VersionState};
use simulated_aws::load_balancing::{self, Target, target_group_arn};
use simulated_aws::sites::Site;
use simulated_aws::wire::Response;

use super::{BEFORE, Scene, answer, assert_says, record, shop};

/// A release whose spec has one check.
pub(super) struct Case {
    pub(super) name: &'static str,
    /// The check, in TOML.
    pub(super) check: String,
    /// How the account is before the release.
    pub(super) prepare: fn(&mut World),
    pub(super) passes: bool,
    /// What the record of the answer says.
    pub(super) says: &'static [&'static str],
}

/// The first hook's deadline is 5 minutes; with it, everything is over by then.
const WHILE: Duration = Duration::from_mins(8);

pub(super) fn hold(cases: &[Case]) {
    for case in cases {
        let mut world = shop(Health::Good);
        (case.prepare)(&mut world);
        let spec = format!(
            "application = \"shop\"\ndeployment_group = \"production\"\ndeadline_minutes = 5\n\
             [[checks]]\nat = [\"BeforeAllowTraffic\"]\n{}",
            case.check
        );
        let world = Scene::of_release(world, &spec, WHILE);
        let expected = if case.passes {
            HookStatus::Succeeded
        } else {
            HookStatus::Failed
        };
        let record = record(&world, BEFORE);
        assert_eq!(
            answer(&world, BEFORE),
            Some(expected),
            "{}: {record}",
            case.name
        );
        assert_says(case.name, &record, case.says);
    }
}

/// A site that always answers so.
pub(super) fn site(world: &mut World, host: &str, status: u16, body: &[u8]) {
    let response = Response {
        status,
        headers: vec![(
            "content-type".into(),
            "application/json; charset=utf-8".into(),
        )],
        body: body.to_vec(),
    };
    world.sites.put(host, Site::Fixed(response));
}

fn http(more: &str) -> String {
    format!("kind = \"http\"\nurl = \"https://a.example.com/health\"\n{more}")
}

fn well(world: &mut World) {
    site(world, "a.example.com", 200, br#"{"status": "ok"}"#);
}

fn ill(world: &mut World) {
    site(world, "a.example.com", 503, b"overloaded");
}

#[test]
fn an_http_check_passes_and_fails_by_status_header_and_body() {
    let case = |name, check: &str, prepare, passes, says| Case {
        name,
        check: http(check),
        prepare,
        passes,
        says,
    };
    hold(&[
        case(
            "any success",
            "",
            well,
            true,
            &["GET https://a.example.com/health answered 200, as it must"],
        ),
        case(
            "no success",
            "",
            ill,
            false,
            &["answered 503: expected status 200-299"],
        ),
        case(
            "the declared status",
            "status = [\"500-599\"]",
            ill,
            true,
            &["answered 503, as it must"],
        ),
        case(
            "the header",
            "header = { name = \"Content-Type\", contains = \"json\" }",
            well,
            true,
            &["answered 200, as it must"],
        ),
        case(
            "another header",
            "header = { name = \"x-version\", contains = \"8\" }",
            well,
            false,
            &["header x-version is missing, expected \"8\" in it"],
        ),
        case(
            "another value",
            "header = { name = \"content-type\", contains = \"html\" }",
            well,
            false,
            &[
                "header content-type is \"application/json; charset=utf-8\", expected \"html\" in it",
            ],
        ),
        case(
            "the body",
            "body_contains = \"ok\"",
            well,
            true,
            &["answered 200, as it must"],
        ),
        case(
            "another body",
            "status = 503\nbody_contains = \"ok\"",
            ill,
            false,
            &["the body does not contain \"ok\"; it is 10 bytes and begins \"overloaded\""],
        ),
    ]);
}

#[test]
fn an_invoke_check_passes_and_fails_by_what_the_new_version_returns() {
    let bad: fn(&mut World) = |world| world.lambda.create(account_with(Health::Bad, world));
    let case = |name, check: &str, prepare, passes, says| Case {
        name,
        check: format!("kind = \"invoke\"\n{check}"),
        prepare,
        passes,
        says,
    };
    let as_it_is: fn(&mut World) = |_world| {};
    hold(&[
        case(
            "what is expected",
            "json_path = \"$.status\"\nexpected = \"ok\"",
            as_it_is,
            true,
            &["version 8 of shop returned \"ok\" at $.status, as it must"],
        ),
        case(
            "anything",
            "",
            as_it_is,
            true,
            &["version 8 of shop returned something at $"],
        ),
        case(
            "another value",
            "json_path = \"$.status\"\nexpected = \"great\"",
            as_it_is,
            false,
            &["version 8 of shop returned \"ok\" at $.status; expected \"great\""],
        ),
        case(
            "nothing there",
            "json_path = \"$.state\"",
            as_it_is,
            false,
            &["returned nothing at $.state; it returned {\"status\":\"ok\"}"],
        ),
        case(
            "an error",
            "",
            bad,
            false,
            &["version 8 of shop failed: the service failed"],
        ),
    ]);
}

/// The shop with a new version in this health.
fn account_with(health: Health, world: &World) -> simulated_aws::lambda::Function {
    let mut function = world
        .lambda
        .function(account::FUNCTION)
        .expect("the shop is open")
        .clone();
    let version = function
        .versions
        .get_mut(account::NEW_VERSION)
        .expect("it is published");
    if let simulated_aws::lambda::Code::Application(application) = &mut version.code {
        application.health = health;
    }
    function
}

#[test]
fn the_new_version_has_to_be_active() {
    fn set(world: &mut World, state: VersionState) {
        let function = world.lambda.function_mut(account::FUNCTION);
        let version = function.and_then(|shop| shop.versions.get_mut(account::NEW_VERSION));
        version.expect("it is published").state = state;
    }
    let passes = "kind = \"invoke\"".to_owned();
    hold(&[
        Case {
            name: "could not be made",
            check: passes.clone(),
            prepare: |world| set(world, VersionState::Failed("no such layer".to_owned())),
            passes: false,
            says: &["version 8 of shop is Failed (no such layer); expected Active"],
        },
        Case {
            name: "is made in time",
            check: passes.clone(),
            prepare: |world| {
                set(world, VersionState::Pending);
                world.act(Duration::from_secs(40), |world| {
                    set(world, VersionState::Active);
                });
            },
            passes: true,
            says: &["version 8 of shop is Active"],
        },
        Case {
            name: "is not made in time",
            check: passes,
            prepare: |world| set(world, VersionState::Pending),
            passes: false,
            says: &[
                "version 8 of shop is Pending (The function is being created.); expected Active",
            ],
        },
    ]);
}

#[test]
fn a_target_health_check_waits_until_every_target_is_healthy() {
    fn target(world: &mut World, id: &str, healthy_after: Option<Duration>) {
        let target = Target {
            id: id.to_owned(),
            port: 80,
        };
        let now = world.now();
        let groups = &mut world.load_balancing;
        let checking = load_balancing::Health::CHECKING;
        assert!(groups.set_health("web", target.clone(), now, checking));
        let (after, then) = match healthy_after {
            Some(after) => (after, load_balancing::Health::HEALTHY),
            None => (Duration::from_secs(30), load_balancing::Health::TIMED_OUT),
        };
        assert!(groups.set_health("web", target, now + after, then));
    }
    fn both(world: &mut World) {
        world.load_balancing.create_target_group("web", 80);
        target(world, "i-1", Some(Duration::from_secs(20)));
        target(world, "i-2", Some(Duration::from_mins(2)));
    }
    fn one(world: &mut World) {
        world.load_balancing.create_target_group("web", 80);
        target(world, "i-1", Some(Duration::from_secs(20)));
        target(world, "i-2", None);
    }
    let check = |more: &str| {
        let arn = target_group_arn("web");
        format!("kind = \"target-health\"\ntarget_group_arn = \"{arn}\"\n{more}")
    };
    hold(&[
        Case {
            name: "both become healthy",
            check: check("at_least = 2"),
            prepare: both,
            passes: true,
            says: &["2 of 2 targets of arn:aws", "are healthy"],
        },
        Case {
            name: "one stays ill",
            check: check(""),
            prepare: one,
            passes: false,
            says: &[
                "1 of 2 targets",
                "i-2:80 is unhealthy (Target.Timeout); expected all",
            ],
        },
        Case {
            name: "too few",
            check: check("at_least = 3"),
            prepare: both,
            passes: false,
            says: &["2 of 2 targets", "expected all, and at least 3"],
        },
        Case {
            name: "no such group",
            check: check(""),
            prepare: |_world| {},
            passes: false,
            says: &["target group arn:aws", "does not exist"],
        },
    ]);
}
