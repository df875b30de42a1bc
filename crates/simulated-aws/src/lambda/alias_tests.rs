//! Holds what an alias may name, and that its revisions tell changes apart.

use serde_json::{Value, json};

use super::*;
use crate::World;
use crate::call::{Call, CallId};
use crate::wire::{Answer, Protocol};

fn account() -> World {
    let mut world = World::new(1);
    let code = Code::Application(Application::new(Value::Null, Health::Good));
    let version = Version {
        code: code.clone(),
        state: VersionState::Active,
    };
    let versions = ["7", "8", "9"].map(|name| (name.to_owned(), version.clone()));
    let live = Alias {
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

fn call(action: &str, input: Value) -> Call {
    Call {
        id: CallId(1),
        caller: "tester".into(),
        invocation: None,
        service: Service::Lambda,
        action: action.into(),
        input,
        protocol: Protocol::Rest,
    }
}

fn answered(world: &mut World, action: &str, more: &Value) -> Result<Value, ApiError> {
    let mut input = json!({"FunctionName": "shop", "Name": "live"});
    for (name, value) in more.as_object().into_iter().flatten() {
        input[name] = value.clone();
    }
    match handle(world, &call(action, input))? {
        Answer::Document(document) => Ok(document),
        other => panic!("{other:?}"),
    }
}

fn get(world: &mut World) -> Value {
    answered(world, "GetAlias", &json!({})).expect("it is there")
}

/// What it names, without the revision.
fn names(described: &Value) -> (&str, &Value) {
    let version = described["FunctionVersion"].as_str().unwrap_or_default();
    (version, &described["RoutingConfig"])
}

fn weights(weights: &Value) -> Value {
    json!({"AdditionalVersionWeights": weights})
}

#[test]
fn an_alias_shows_both_versions_and_its_revision() {
    let mut world = account();
    let described = get(&mut world);
    assert_eq!(names(&described), ("7", &weights(&json!({"8": 0.1}))));
    let arn = "arn:aws:lambda:eu-central-1:123456789012:function:shop:live";
    assert_eq!(described["AliasArn"], arn);
    assert_eq!(described["RevisionId"].as_str().map(str::len), Some(36));
    assert_eq!(get(&mut world), described, "reading changes nothing");
}

#[test]
fn an_update_changes_what_it_names_and_nothing_else() {
    let mut world = account();
    let second = weights(&json!({"8": 0.1}));
    for (update, version, routing) in [
        (json!({}), "7", &second),
        (json!({"FunctionVersion": "9"}), "9", &second),
        (
            json!({"RoutingConfig": weights(&json!({"7": 0.5}))}),
            "9",
            &weights(&json!({"7": 0.5})),
        ),
        (
            json!({"RoutingConfig": {}}),
            "9",
            &weights(&json!({"7": 0.5})),
        ),
        (
            json!({"RoutingConfig": weights(&json!({})), "FunctionVersion": "8"}),
            "8",
            &Value::Null,
        ),
        (
            json!({"FunctionVersion": "$LATEST"}),
            "$LATEST",
            &Value::Null,
        ),
    ] {
        let before = get(&mut world);
        let updated = answered(&mut world, "UpdateAlias", &update).expect("is taken");
        assert_eq!(names(&updated), (version, routing));
        assert_eq!(get(&mut world), updated);
        assert_ne!(updated["RevisionId"], before["RevisionId"]);
    }
}

#[test]
fn empty_weights_take_the_second_version_away() {
    let mut world = account();
    let update = json!({"FunctionVersion": "7", "RoutingConfig": weights(&json!({}))});
    let updated = answered(&mut world, "UpdateAlias", &update).expect("is taken");
    assert_eq!(names(&updated), ("7", &Value::Null));
    let alias = world
        .lambda
        .function("shop")
        .map(|shop| &shop.aliases["live"]);
    assert_eq!(alias.map(|alias| &alias.shifted), Some(&None));
}

#[test]
fn a_revision_that_is_not_the_last_is_refused_even_if_the_alias_is_as_it_was() {
    let mut world = account();
    let first = get(&mut world)["RevisionId"].clone();
    let update = json!({"FunctionVersion": "9", "RevisionId": first});
    answered(&mut world, "UpdateAlias", &update).expect("is taken");
    answered(&mut world, "UpdateAlias", &json!({"FunctionVersion": "7"})).expect("is taken");
    let refused = answered(&mut world, "UpdateAlias", &update).expect_err("is late");
    assert_eq!(
        (refused.code.as_str(), refused.status),
        ("PreconditionFailedException", 412)
    );
    assert_eq!(names(&get(&mut world)).0, "7");
    let now = get(&mut world)["RevisionId"].clone();
    let shop = world.lambda.function_mut("shop").expect("it is there");
    shop.aliases.get_mut("live").expect("it is there").shifted = None;
    assert_ne!(
        get(&mut world)["RevisionId"],
        now,
        "a scenario's hand changes it too"
    );
}

#[test]
fn refuses_what_lambda_refuses() {
    let two = json!({"8": 0.1, "9": 0.1});
    let cases = [
        (
            json!({"FunctionName": "none"}),
            "ResourceNotFoundException",
            404,
        ),
        (json!({"Name": "none"}), "ResourceNotFoundException", 404),
        (
            json!({"FunctionVersion": "10"}),
            "ResourceNotFoundException",
            404,
        ),
        (
            json!({"RoutingConfig": weights(&json!({"10": 0.1}))}),
            "ResourceNotFoundException",
            404,
        ),
        (
            json!({"RoutingConfig": weights(&two)}),
            "InvalidParameterValueException",
            400,
        ),
        (
            json!({"RoutingConfig": weights(&json!({"8": 1.1}))}),
            "InvalidParameterValueException",
            400,
        ),
        (
            json!({"RoutingConfig": weights(&json!({"8": -0.1}))}),
            "InvalidParameterValueException",
            400,
        ),
        (
            json!({"RoutingConfig": weights(&json!({"$LATEST": 0.1}))}),
            "InvalidParameterValueException",
            400,
        ),
        (
            json!({"FunctionVersion": "$LATEST"}),
            "InvalidParameterValueException",
            400,
        ),
        (
            json!({"FunctionVersion": "8"}),
            "InvalidParameterValueException",
            400,
        ),
        (json!({"Weights": {}}), "ValidationException", 400),
    ];
    let mut world = account();
    let before = get(&mut world);
    for (update, code, status) in cases {
        let refused = answered(&mut world, "UpdateAlias", &update).expect_err("is refused");
        assert_eq!(
            (refused.code.as_str(), refused.status),
            (code, status),
            "{update}"
        );
    }
    assert_eq!(get(&mut world), before);
}

#[test]
fn iam_is_asked_of_the_function() {
    let world = account();
    for action in ["GetAlias", "UpdateAlias"] {
        let call = call(action, json!({"FunctionName": "shop", "Name": "live"}));
        let arn = "arn:aws:lambda:eu-central-1:123456789012:function:shop";
        assert_eq!(resource(&world, &call), arn);
        assert_eq!(call.iam_action(), format!("lambda:{action}"));
    }
    let invoked = call(
        "Invoke",
        json!({"FunctionName": "shop", "Qualifier": "live"}),
    );
    assert!(resource(&world, &invoked).ends_with(":function:shop:live"));
}
