//! What statements say together.

use super::super::*;

/// What one statement may do to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Allows,
    Denies,
    /// It is about another action.
    AllowsAnother,
    /// It is about another resource.
    DeniesElsewhere,
    /// Its condition does not hold.
    DeniesOnCondition,
}

const PARTS: [Part; 5] = [
    Part::Allows,
    Part::Denies,
    Part::AllowsAnother,
    Part::DeniesElsewhere,
    Part::DeniesOnCondition,
];
const ACTION: &str = "sns:Publish";
const TOPIC: &str = "arn:aws:sns:eu-central-1:123456789012:alerts";

fn statement(part: Part) -> Statement {
    let plain = |effect, action: &str, resource: &str| Statement {
        sid: None,
        effect,
        services: Vec::new(),
        actions: vec![action.to_owned()],
        resources: vec![resource.to_owned()],
        conditions: Vec::new(),
    };
    match part {
        Part::Allows => plain(Effect::Allow, ACTION, TOPIC),
        Part::Denies => plain(Effect::Deny, "sns:*", "*"),
        Part::AllowsAnother => plain(Effect::Allow, "sns:Subscribe", "*"),
        Part::DeniesElsewhere => plain(Effect::Deny, "*", "arn:aws:sns:*:*:other"),
        Part::DeniesOnCondition => Statement {
            conditions: vec![Condition {
                operator: Operator::named("StringEquals").expect("is modelled"),
                key: "aws:requestedregion".to_owned(),
                values: vec!["us-east-1".to_owned()],
            }],
            ..plain(Effect::Deny, "*", "*")
        },
    }
}

/// Every list of up to four statements.
fn small_world() -> Vec<Vec<Part>> {
    let mut all = vec![Vec::new()];
    let mut longest = all.clone();
    for _ in 0..4 {
        longest = longest
            .iter()
            .flat_map(|list| PARTS.map(|part| [list.as_slice(), &[part]].concat()))
            .collect();
        all.extend(longest.clone());
    }
    all
}

#[test]
fn one_denial_overrides_every_allowance_in_whatever_order_they_stand() {
    let lists = small_world();
    assert_eq!(lists.len(), 1 + 5 + 25 + 125 + 625);
    let context = Context::new([("aws:RequestedRegion", "eu-central-1".to_owned())]);
    let request = Request {
        service: None,
        action: ACTION,
        resource: TOPIC,
        context: &context,
    };
    for parts in lists {
        let statements: Vec<Statement> = parts.iter().map(|part| statement(*part)).collect();
        let expected = if parts.contains(&Part::Denies) {
            Decision::DeniedExplicitly
        } else if parts.contains(&Part::Allows) {
            Decision::Allowed
        } else {
            Decision::DeniedImplicitly
        };
        assert_eq!(decide(&statements, request), expected, "{parts:?}");
    }
}

#[test]
fn a_statement_is_about_what_all_of_its_elements_name() {
    let events = "events.amazonaws.com";
    let others = format!("{TOPIC}-eu");
    // The statement's service, who asks, for what, on what.
    let cases = [
        (None, None, "sns:Publish", TOPIC, true),
        (None, None, "sns:Subscribe", &others, true),
        (None, None, "sns:Unsubscribe", TOPIC, false),
        (None, None, "sns:Publish", "*", false),
        (Some(events), Some(events), "sns:Publish", TOPIC, true),
        (
            Some(events),
            Some("s3.amazonaws.com"),
            "sns:Publish",
            TOPIC,
            false,
        ),
        (Some(events), None, "sns:Publish", TOPIC, false),
        (None, Some(events), "sns:Publish", TOPIC, false),
    ];
    for (names, service, action, resource, expected) in cases {
        let statement = Statement {
            services: names.map(str::to_owned).into_iter().collect(),
            actions: vec!["sns:Publish".into(), "sns:Sub*".into()],
            resources: vec![TOPIC.into(), format!("{TOPIC}-*")],
            ..statement(Part::Allows)
        };
        let request = Request {
            service,
            action,
            resource,
            context: &Context::default(),
        };
        assert_eq!(statement.is_about(request), expected, "{request:?}");
    }
}
