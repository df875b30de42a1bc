//! The template that is shipped.

use serde_json::json;

use super::*;
use crate::event_bridge::Trigger;

const SHIPPED: &str = include_str!("../../../../../infra/template.yaml");

fn shipped() -> Stack {
    match with_network("", "") {
        Ok(stack) => stack,
        Err(faults) => panic!("{faults:#?}"),
    }
}

fn with_network(subnets: &str, security_groups: &str) -> Result<Stack, Vec<Fault>> {
    let account = "eu-central-1:123456789012";
    let given = [
        ("CheckSubnetIds", subnets.to_owned()),
        ("CheckSecurityGroupIds", security_groups.to_owned()),
        ("DeploymentGroups", "shop/live,mill/live".to_owned()),
        (
            "DeploymentGroupArns",
            format!("arn:aws:codedeploy:{account}:deploymentgroup:shop/live"),
        ),
        (
            "ApplicationArns",
            format!("arn:aws:codedeploy:{account}:application:shop"),
        ),
        (
            "CheckedFunctionArns",
            format!("arn:aws:lambda:{account}:function:shop:*"),
        ),
    ];
    let given = given.map(|(name, value)| (name.to_owned(), value));
    Stack::parse(SHIPPED, &BTreeMap::from(given))
}

#[test]
fn subnets_without_security_groups_are_refused() {
    let cases = [
        ("", "", true),
        ("", "sg-1", true),
        ("subnet-1,subnet-2", "sg-1", true),
        ("subnet-1", "", false),
    ];
    for (subnets, security_groups, taken) in cases {
        let stack = with_network(subnets, security_groups);
        assert_eq!(stack.is_ok(), taken, "{subnets}; {security_groups}");
    }
}

#[test]
fn the_shipped_template_makes_the_account_that_it_describes() {
    let stack = shipped();
    let code = |function: &Function| match &function.code {
        Code::Handler(name) => name.clone(),
        Code::Application(_) => String::new(),
    };
    let functions: BTreeMap<String, String> = stack
        .functions
        .iter()
        .map(|described| (code(&described.function), described.function.name.clone()))
        .collect();
    let expected = parameters(&[
        (
            "after-allow-traffic",
            "CodeDeployHook_pointsman_AfterAllowTraffic",
        ),
        ("answer-hook", "pointsman-answer-hook"),
        (
            "before-allow-traffic",
            "CodeDeployHook_pointsman_BeforeAllowTraffic",
        ),
        ("read-hook", "pointsman-read-hook"),
        ("run-checks", "pointsman-run-checks"),
        ("start", "pointsman-start"),
        ("sweep-hooks", "pointsman-sweep-hooks"),
    ]);
    assert_eq!(functions, expected);
    assert_eq!(stack.machines.len(), 1);
    assert_eq!(stack.tables, ["pointsman-ledger"]);
    assert_eq!(stack.topics, ["pointsman-alerts"]);
    assert_eq!(stack.rules.len(), 2);
    stack.create_in(&mut World::new(1));
}

#[test]
fn the_shipped_machine_calls_published_versions() {
    let stack = shipped();
    let substitutions = &stack.machines[0].substitutions;
    assert_eq!(substitutions.len(), 3);
    let all = |suffix: &str| substitutions.values().all(|arn| arn.ends_with(suffix));
    assert!(all(":1"), "{substitutions:?}");
}

#[test]
fn the_shipped_rule_hears_of_verifications_that_did_not_succeed() {
    let stack = shipped();
    let machine = &stack.machines[0].arn;
    let pattern = stack.rules.iter().find_map(|rule| match &rule.trigger {
        Trigger::Pattern(pattern) => Some(pattern),
        Trigger::Rate(_) => None,
    });
    let pattern = pattern.expect("one rule waits for events");
    for (status, heard) in [
        ("RUNNING", false),
        ("SUCCEEDED", false),
        ("FAILED", true),
        ("TIMED_OUT", true),
        ("ABORTED", true),
    ] {
        let event = json!({
            "source": "aws.states",
            "detail-type": "Step Functions Execution Status Change",
            "detail": {"stateMachineArn": machine, "status": status},
        });
        assert_eq!(pattern.matches(&event), heard, "{status}");
    }
}
