//! The template that is shipped.

use serde_json::json;

use super::*;
use crate::event_bridge::{Trigger, rule_arn};

pub(super) const SHIPPED: &str = include_str!("../../../../../infra/template.yaml");

fn shipped() -> Stack {
    match with(&[]) {
        Ok(stack) => stack,
        Err(faults) => panic!("{faults:#?}"),
    }
}

pub(super) fn with(changed: &[(&str, &str)]) -> Result<Stack, Vec<Fault>> {
    let account = "eu-central-1:123456789012";
    let given = [
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
    let mut given = BTreeMap::from(given);
    given.extend(parameters(changed));
    Stack::parse(SHIPPED, &given)
}

#[test]
fn a_network_is_given_whole_or_not_at_all() {
    let (subnet, other) = ("subnet-0123456789abcdef0", "subnet-01234567");
    let group = "sg-0123456789abcdef0";
    let both = format!("{subnet},{other}");
    let gap = format!("{subnet},,{other}");
    let cases = [
        ("", "", None),
        (both.as_str(), group, None),
        (
            subnet,
            "",
            Some("CheckSubnetIds needs CheckSecurityGroupIds"),
        ),
        (
            "",
            group,
            Some("CheckSecurityGroupIds needs CheckSubnetIds"),
        ),
        (
            gap.as_str(),
            group,
            Some("CheckSubnetIds has an empty entry"),
        ),
    ];
    for (subnets, security_groups, sentence) in cases {
        let stack = with(&[
            ("CheckSubnetIds", subnets),
            ("CheckSecurityGroupIds", security_groups),
        ]);
        match (stack, sentence) {
            (Ok(_), None) => {}
            (Err(faults), Some(sentence)) => {
                let told = faults.iter().any(|fault| fault.what == sentence);
                assert!(told, "{subnets}; {security_groups}: {faults:?}");
            }
            (stack, _) => panic!("{subnets}; {security_groups}: {stack:?}"),
        }
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
        ("delete-group", "pointsman-delete-group"),
        ("explain-failure", "pointsman-explain-failure"),
        ("lift-quarantine", "pointsman-lift-quarantine"),
        ("prove-orphan", "pointsman-prove-orphan"),
        ("quarantine-group", "pointsman-quarantine-group"),
        ("report-failure", "pointsman-report-failure"),
        ("restore-originals", "pointsman-restore-originals"),
        ("shrink-group", "pointsman-shrink-group"),
        ("sweep-leftovers", "pointsman-sweep-leftovers"),
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
    assert_eq!(stack.machines.len(), 2);
    assert_eq!(stack.tables, ["pointsman-ledger"]);
    assert_eq!(stack.topics, ["pointsman-alerts"]);
    assert_eq!(stack.rules.len(), 4);
    stack.create_in(&mut World::new(1));
}

/// SAM publishes a version when the template's text changes, which a parameter does not do (SAM issue
/// 3820); CloudFormation replaces a version whose description changes.
#[test]
fn a_changed_parameter_reaches_the_functions_that_are_called() {
    for (changed, reached) in [
        (("SpecPrefix", "/other/specs"), 3),
        (("DeploymentGroups", "shop/live"), 1),
        (("LogRetentionDays", "7"), 0),
    ] {
        let (before, after) = (shipped(), with(&[changed]).expect("is sound"));
        let mut differ = 0;
        for (before, after) in before.functions.iter().zip(&after.functions) {
            if before.function.environment == after.function.environment {
                continue;
            }
            let name = &before.function.name;
            let unpublished = before.function.versions.is_empty();
            let another = before.version_description != after.version_description;
            assert!(unpublished || another, "{changed:?} never reaches {name}");
            differ += 1;
        }
        assert_eq!(differ, reached, "{changed:?}");
    }
    let long = format!("/{}", "x".repeat(200));
    assert!(with(&[("SpecPrefix", long.as_str())]).is_err());
}

#[test]
fn the_shipped_rules_may_send_what_they_cannot_deliver_to_their_queue_and_nobody_else_may() {
    let stack = shipped();
    let mut world = World::new(1);
    stack.create_in(&mut world);
    let events = "events.amazonaws.com";
    let mut queues = 0;
    for rule in &stack.rules {
        let source = rule_arn(&rule.name);
        for queue in rule
            .targets
            .iter()
            .filter_map(|one| one.dead_letter_queue.as_ref())
        {
            assert!(world.iam.may_send(events, &source, queue), "{source}");
            assert!(!world.iam.may_send("sns.amazonaws.com", &source, queue));
            assert!(!world.iam.may_send(events, &rule_arn("another"), queue));
            queues += 1;
        }
        let unanswered = "arn:aws:sqs:eu-central-1:123456789012:pointsman-unanswered";
        assert!(!world.iam.may_send(events, &source, unanswered));
    }
    assert_eq!(queues, 4);
}

#[test]
fn the_shipped_machines_call_published_versions() {
    let stack = shipped();
    let mut steps = Vec::new();
    for machine in &stack.machines {
        let substitutions = &machine.substitutions;
        let all = |suffix: &str| substitutions.values().all(|arn| arn.ends_with(suffix));
        assert!(all(":1"), "{substitutions:?}");
        steps.push(substitutions.len());
    }
    steps.sort_unstable();
    assert_eq!(steps, [3, 8]);
}

#[test]
fn the_shipped_rule_hears_of_verifications_that_did_not_succeed() {
    let stack = shipped();
    let mut machines = stack.machines.iter();
    let machine = machines.find(|machine| machine.name.ends_with("hook-verification"));
    let machine = &machine.expect("hooks are verified").arn;
    let mut rules = stack.rules.iter();
    let rule = rules.find(|rule| rule.name.ends_with("verification-ended"));
    let Trigger::Pattern(pattern) = &rule.expect("a rule hears of them").trigger else {
        panic!("the rule waits for no events");
    };
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
