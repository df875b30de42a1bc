//! The roles that functions and machines get, and what queues let in.

use super::*;
use crate::iam::{Decision, managed};

fn names(role: &Role) -> Vec<&str> {
    let policies = role.policies.iter();
    policies.map(|policy| policy.name.as_str()).collect()
}

#[test]
fn a_function_has_its_own_policies_and_those_that_sam_adds() {
    let plain = small(&[]);
    let role = &plain.functions[0].role;
    assert_eq!(role.name, "pointsman-StepRole");
    assert_eq!(role.session, "shop-step");
    let on_failure = "StepEventInvokeConfigOnFailureSQSPolicy";
    assert_eq!(names(role), [managed::BASIC, on_failure, "StepRolePolicy0"]);
    let topic = "arn:aws:sns:eu-central-1:123456789012:shop-alerts";
    let cases = [
        ("sns:Publish", topic, true),
        ("sns:Publish", DEAD, false),
        ("a:C", DEAD, true),
        ("a:B", "*", true),
        ("a:D", "*", false),
        ("sqs:SendMessage", DEAD, true),
        ("sqs:SendMessage", topic, false),
        ("logs:PutLogEvents", "*", true),
        ("xray:PutTraceSegments", "*", false),
    ];
    for (action, resource, allowed) in cases {
        let said = role.decide(action, resource);
        assert_eq!(said == Decision::Allowed, allowed, "{action} on {resource}");
    }
}

/// Seen in SAM's transform: it looks at `VpcConfig` before any condition is worked out.
#[test]
fn tracing_and_a_network_add_their_policies() {
    let with = |property: &str| {
        let text = SMALL.replace(
            "      Timeout: 30",
            &format!("      {property}\n      Timeout: 30"),
        );
        let stack = Stack::parse(&text, &BTreeMap::new()).expect("the template is sound");
        let names = names(&stack.functions[0].role);
        let has = |name| names.contains(&name);
        (has(managed::TRACES), has(managed::NETWORK))
    };
    let unset = "VpcConfig: !If [Mailed, {SubnetIds: [s]}, !Ref AWS::NoValue]";
    let cases = [
        ("Tracing: Active", (true, false)),
        ("Tracing: Disabled", (false, false)),
        ("VpcConfig: {SubnetIds: [s]}", (false, true)),
        (unset, (false, true)),
    ];
    for (property, expected) in cases {
        assert_eq!(with(property), expected, "{property}");
    }
}

#[test]
fn a_machine_has_its_own_policies_and_its_traces() {
    let policies = "Policies: [{Statement: {Effect: Allow, Action: 'a:B', Resource: '*'}}]";
    let text = SMALL.replace(
        "      Type: STANDARD",
        &format!("      {policies}\n      Tracing: {{Enabled: true}}\n      Type: STANDARD"),
    );
    let stack = Stack::parse(&text, &BTreeMap::new()).expect("the template is sound");
    let role = &stack.machines[0].role;
    assert_eq!(role.name, "pointsman-MachineRole");
    assert_eq!(names(role), [managed::TRACES, "MachineRolePolicy0"]);
    assert_eq!(names(&small(&[]).machines[0].role), [""; 0]);
}

#[test]
fn roles_are_known_by_who_calls_with_them() {
    let mut world = World::new(1);
    small(&[]).create_in(&mut world);
    let roles = world.iam.roles();
    let callers: Vec<(&str, &str)> = roles
        .map(|(caller, role)| (caller, role.name.as_str()))
        .collect();
    let expected = [
        ("shop-machine", "pointsman-MachineRole"),
        ("step-bin", "pointsman-StepRole"),
    ];
    assert_eq!(callers, expected);
}

#[test]
fn two_functions_with_one_handler_are_refused() {
    let again = "  Twin: {Type: AWS::Serverless::Function, Metadata: {BuildProperties: {Binary: \
                 step-bin}}, Properties: {FunctionName: twin, Handler: bootstrap, Timeout: 3}}\n";
    let text = SMALL.replace("Outputs:", &format!("{again}Outputs:"));
    let expected = "line 0, Resources.Twin: runs the handler step-bin, as Step does";
    assert_eq!(faults(&text, &[]), [expected]);
}

#[test]
fn a_queue_takes_from_services_what_its_policies_allow() {
    let policy = "  DeadPolicy:\n    Type: AWS::SQS::QueuePolicy\n    Properties:\n      \
        Queues: [!Ref Dead]\n      PolicyDocument: {Statement: {Effect: Allow, Action: \
        'sqs:SendMessage', Principal: {Service: events.amazonaws.com}, Resource: !GetAtt Dead.Arn, \
        Condition: {ArnEquals: {'aws:SourceArn': !GetAtt Often.Arn}}}}\n";
    let rule = "arn:aws:events:eu-central-1:123456789012:rule/shop-often";
    for (policy, takes) in [("", false), (policy, true)] {
        let text = SMALL.replace("Outputs:", &format!("{policy}Outputs:"));
        let stack = Stack::parse(&text, &BTreeMap::new()).expect("the template is sound");
        let mut world = World::new(1);
        stack.create_in(&mut world);
        let send = |source: &str| world.iam.may_send("events.amazonaws.com", source, DEAD);
        assert_eq!(send(rule), takes, "{policy}");
        assert!(!send("arn:aws:events:eu-central-1:123456789012:rule/other"));
    }
    let elsewhere = policy.replace("!Ref Dead", "https://sqs.us-east-1.amazonaws.com/1/x");
    let found = faults(
        &SMALL.replace("Outputs:", &format!("{elsewhere}Outputs:")),
        &[],
    );
    assert!(
        found[0].contains("is no queue's URL of this account"),
        "{found:?}"
    );
}
