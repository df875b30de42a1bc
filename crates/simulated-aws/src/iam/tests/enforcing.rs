//! Where roles and queues' policies are held to: calls, machines, destinations, dead letters.

use std::time::Duration;

use serde_json::{Value, json};

use super::super::*;
use crate::event_bridge::{self, Rule, Target, rate};
use crate::faults::{Fault, FaultKind};
use crate::journal::{CallOutcome, CallRecord};
use crate::lambda::{
    Code, Destination, EventInvokeConfig, Function, FunctionError, function_arn, invoke_later,
};
use crate::wire;
use crate::{Delivery, Effect, Time};

const QUEUE: &str = "arn:aws:sqs:eu-central-1:123456789012:dead";

fn role(action: &str, resource: &str) -> Arc<Role> {
    let document =
        json!({"Statement": {"Effect": "Allow", "Action": action, "Resource": resource}});
    let policy = Policy::of_role("inline", document).expect("is a policy");
    Arc::new(Role {
        name: "stack-Role".into(),
        session: "session".into(),
        policies: vec![policy],
    })
}

fn function(name: &str, on_failure: Option<Destination>) -> Function {
    Function {
        name: name.to_owned(),
        timeout: Duration::from_secs(3),
        environment: BTreeMap::new(),
        code: Code::Handler(format!("{name}-handler")),
        versions: BTreeMap::new(),
        aliases: BTreeMap::new(),
        event_invoke: EventInvokeConfig {
            retries: 0,
            on_failure,
            ..EventInvokeConfig::default()
        },
    }
}

/// What is delivered within `minutes`, and which handlers run; all of them fail.
fn pass(world: &mut World, minutes: u64) -> (Vec<Delivery>, Vec<String>) {
    let end = world.now() + Duration::from_mins(minutes);
    let (mut delivered, mut ran) = (Vec::new(), Vec::new());
    while world.now() < end {
        for effect in world.advance(end) {
            match effect {
                Effect::Deliver(_, delivery) => delivered.push(delivery),
                Effect::Run(run) => {
                    let (now, error) = (world.now(), "it broke".to_owned());
                    let failed = FunctionError {
                        error_type: "Broken".into(),
                        message: error,
                    };
                    world.finish(now, run.invocation, Err(failed));
                    ran.push(run.handler);
                }
                Effect::Kill(_) => {}
            }
        }
    }
    (delivered, ran)
}

fn request(caller: &str, service: &str, target: &str, body: &Value) -> wire::Request {
    let credential = format!(
        "AWS4-HMAC-SHA256 Credential={caller}/20260115/eu-central-1/{service}/aws4_request, \
         SignedHeaders=host, Signature=00"
    );
    let headers = [
        ("authorization", credential.as_str()),
        ("x-amz-target", target),
    ];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
    wire::Request {
        method: "POST".into(),
        host: format!("{service}.eu-central-1.amazonaws.com"),
        path: "/".into(),
        headers: headers.into(),
        body: body.to_string().into_bytes(),
    }
}

fn get_parameter(caller: &str) -> wire::Request {
    request(
        caller,
        "ssm",
        "AmazonSSM.GetParameter",
        &json!({"Name": "/a"}),
    )
}

fn told(world: &World) -> Vec<String> {
    let told = world.journal.entries().iter();
    told.map(|entry| format!("{:?}", entry.what)).collect()
}

#[test]
fn a_call_that_the_role_does_not_allow_is_refused_before_any_fault_strikes_it() {
    let parameter = "arn:aws:ssm:eu-central-1:123456789012:parameter/a";
    for (allowed, code) in [
        ("ssm:GetParameter", "ParameterNotFound"),
        ("ssm:GetParameters", "AccessDeniedException"),
    ] {
        let mut world = World::new(1);
        world.iam.attach("step", role(allowed, parameter));
        let second = Fault::once("step", "ssm:GetParameter", 2, FaultKind::NeverArrives);
        world.faults.plan(second);
        for _ in 0..2 {
            let now = world.now();
            world.arrive(now, get_parameter("step"));
        }
        let denied = code == "AccessDeniedException";
        let (delivered, _) = pass(&mut world, 1);
        assert_eq!(delivered.len(), if denied { 2 } else { 1 }, "{code}");
        let Delivery::Response(response) = &delivered[0] else {
            panic!("{delivered:?}")
        };
        let body: Value = serde_json::from_slice(&response.body).expect("is JSON");
        assert_eq!(body["__type"], code);
        let first = CallRecord {
            caller: "step".into(),
            action: "ssm:GetParameter".into(),
            resource: parameter.into(),
            outcome: CallOutcome::Error(code.into()),
            fault: None,
        };
        let calls: Vec<_> = world.journal.calls().map(|(_, call)| call).collect();
        assert_eq!((calls.len(), calls[0]), (2, &first));
        let fired = world.faults.fired().map(|(_, times)| times);
        assert_eq!(fired.sum::<u32>(), u32::from(!denied), "{code}");
        let (_, made) = world.faults.made().next().expect("both calls are counted");
        assert_eq!(made, 2);
        assert_eq!(world.iam.denied().count(), usize::from(denied));
    }
}

#[test]
fn a_machine_invokes_what_its_role_allows() {
    let arn = function_arn("f");
    let definition =
        json!({"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": arn, "End": true}}});
    for (resource, error, ran) in [
        (arn.as_str(), "Broken", 1),
        (
            "arn:aws:lambda:*:*:function:g",
            "Lambda.AWSLambdaException",
            0,
        ),
    ] {
        let mut world = World::new(1);
        world.lambda.create(function("f", None));
        let machine = world
            .step_functions
            .create("m", &definition.to_string(), &BTreeMap::new());
        let machine = machine.expect("the definition is sound");
        world.iam.attach("m", role(INVOKE, resource));
        let target = "AWSStepFunctions.StartExecution";
        let input = json!({"stateMachineArn": machine});
        let request = request("team", "states", target, &input);
        world.arrive(Time::START, request);
        assert_eq!(pass(&mut world, 1).1.len(), ran, "{resource}");
        let executions = world.step_functions.executions();
        let execution = executions.first().expect("it was started");
        assert_eq!(execution.error.as_deref(), Some(error));
        let cause = execution.cause.as_deref().unwrap_or_default();
        let says = cause.contains("no identity-based policy allows the lambda:InvokeFunction");
        assert_eq!(says, ran == 0, "{cause}");
    }
}

#[test]
fn a_failed_event_goes_to_its_destination_if_the_functions_role_allows_it() {
    let to_function = Destination::Function(function_arn("told"));
    let to_queue = Destination::Queue(QUEUE.to_owned());
    for (destination, action, arn) in [
        (to_function, INVOKE, function_arn("told")),
        (to_queue, SEND, QUEUE.to_owned()),
    ] {
        for (granted, arrives) in [(action, true), ("sns:Publish", false)] {
            let mut world = World::new(1);
            let fails = function("fails", Some(destination.clone()));
            world.lambda.create(fails);
            world.lambda.create(function("told", None));
            world.iam.attach("fails-handler", role(granted, &arn));
            let named = crate::lambda::Named::parse("fails");
            invoke_later(&mut world, named, json!({}));
            let (_, ran) = pass(&mut world, 10);
            let came = ran.contains(&"told-handler".to_owned());
            let came = came || !world.lambda.dead_letters().is_empty();
            assert_eq!(came, arrives, "{destination:?} with {granted}");
            let lost = told(&world)
                .iter()
                .any(|what| what.contains("could tell nobody"));
            assert_eq!(lost, !arrives, "{:?}", told(&world));
        }
    }
}

#[test]
fn an_event_that_its_queue_does_not_take_is_lost() {
    let statement = |source: &str| {
        json!({
            "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage", "Resource": QUEUE,
            "Condition": {"ArnEquals": {"aws:SourceArn": source}},
        })
    };
    let rule = event_bridge::rule_arn("often");
    for (source, kept) in [(rule.as_str(), 1), ("arn:aws:events:a:b:rule/other", 0)] {
        let mut world = World::new(1);
        let policy = Policy::of_resource("dead", json!({"Statement": statement(source)}));
        world.iam.guard_queue(QUEUE, policy.expect("is a policy"));
        let often = Rule {
            name: "often".into(),
            enabled: true,
            trigger: rate("rate(5 minutes)").expect("is a rate"),
            targets: vec![Target {
                id: "gone".into(),
                arn: function_arn("gone"),
                retry: event_bridge::RetryPolicy::default(),
                dead_letter_queue: Some(QUEUE.into()),
            }],
        };
        event_bridge::put_rule(&mut world, often).expect("is a rule");
        pass(&mut world, 6);
        assert_eq!(world.event_bridge.dead_letters().len(), kept, "{source}");
        let lost = told(&world)
            .iter()
            .any(|what| what.contains("the event is lost"));
        assert_eq!(lost, kept == 0, "{:?}", told(&world));
    }
}
