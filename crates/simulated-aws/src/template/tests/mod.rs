//! Holds what comes out of a template, and what is refused.

use std::time::Duration;

mod dashboards;
mod parameters;
mod refusals;
mod roles;
mod shipped;

use super::*;
use crate::event_bridge::rate;
use crate::lambda::{Code, Destination};
use crate::{Effect, Time};

const SMALL: &str = r"
AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Parameters:
  Prefix: {Type: String, Default: shop}
  Groups: {Type: CommaDelimitedList, Default: 'a/b, c/d'}
  Minutes: {Type: Number, Default: 5}
  Mail: {Type: String, Default: ''}
Conditions:
  Mailed: !Not [!Equals [!Ref Mail, '']]
Rules:
  MailIsOurs:
    RuleCondition: !Not [!Equals [!Ref Mail, '']]
    Assertions:
      - Assert: !Equals [!Ref Mail, ops@example.com]
        AssertDescription: only ops may be told
Resources:
  Step:
    Type: AWS::Serverless::Function
    Metadata: {BuildProperties: {Binary: step-bin}}
    Properties:
      FunctionName: !Sub '${Prefix}-step'
      Handler: bootstrap
      Timeout: 30
      AutoPublishAlias: live
      Environment:
        Variables:
          GROUPS: !Join [',', !Ref Groups]
          MINUTES: !Ref Minutes
          MAIL: !If [Mailed, !Ref Mail, !Ref AWS::NoValue]
          MACHINE: !Ref Machine
      EventInvokeConfig:
        MaximumRetryAttempts: 1
        MaximumEventAgeInSeconds: 600
        DestinationConfig: {OnFailure: {Type: SQS, Destination: !GetAtt Dead.Arn}}
      Policies:
        - Version: '2012-10-17'
          Statement:
            - {Sid: Tell, Effect: Allow, Action: sns:Publish, Resource: !Ref Alerts}
            - {Effect: Allow, Action: ['a:B', 'a:C'], Resource: [!GetAtt Dead.Arn, '*']}
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties:
      Name: !Sub '${Prefix}-machine'
      Type: STANDARD
      DefinitionUri: ../statemachine/machine.asl.json
      DefinitionSubstitutions: {StepArn: !Ref Step.Version}
  Ledger:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: !Sub '${Prefix}-ledger'
      AttributeDefinitions:
        - {AttributeName: pk, AttributeType: S}
        - {AttributeName: sk, AttributeType: S}
      KeySchema: [{AttributeName: pk, KeyType: HASH}, {AttributeName: sk, KeyType: RANGE}]
  Alerts: {Type: AWS::SNS::Topic, Properties: {TopicName: !Sub '${Prefix}-alerts'}}
  Dead: {Type: AWS::SQS::Queue, Properties: {QueueName: !Sub '${Prefix}-dead'}}
  AlertsMail:
    Type: AWS::SNS::Subscription
    Condition: Mailed
    Properties: {TopicArn: !Ref Alerts, Protocol: email, Endpoint: !Ref Mail}
  Often:
    Type: AWS::Events::Rule
    Properties:
      Name: !Sub '${Prefix}-often'
      ScheduleExpression: !Sub 'rate(${Minutes} minutes)'
      Targets: [{Id: step, Arn: !Ref Step.Alias}]
  OftenPermission:
    Type: AWS::Lambda::Permission
    Properties:
      FunctionName: !Ref Step.Alias
      Action: lambda:InvokeFunction
      Principal: events.amazonaws.com
      SourceArn: !GetAtt Often.Arn
Outputs:
  Ledger: {Value: !Ref Ledger}
";

const DEAD: &str = "arn:aws:sqs:eu-central-1:123456789012:shop-dead";

fn parameters(given: &[(&str, &str)]) -> BTreeMap<String, String> {
    given
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn small(given: &[(&str, &str)]) -> Stack {
    Stack::parse(SMALL, &parameters(given)).expect("the template is sound")
}

fn faults(text: &str, given: &[(&str, &str)]) -> Vec<String> {
    let faults = Stack::parse(text, &parameters(given)).expect_err("has faults");
    faults.iter().map(ToString::to_string).collect()
}

#[test]
fn a_function_is_what_the_template_says() {
    let stack = small(&[]);
    let described = &stack.functions[0];
    let function = &described.function;
    assert_eq!(
        (described.resource.as_str(), function.name.as_str()),
        ("Step", "shop-step")
    );
    assert_eq!(function.timeout, Duration::from_secs(30));
    assert!(matches!(&function.code, Code::Handler(name) if name == "step-bin"));
    let machine = "arn:aws:states:eu-central-1:123456789012:stateMachine:shop-machine";
    let expected = parameters(&[
        ("GROUPS", "a/b,c/d"),
        ("MINUTES", "5"),
        ("MACHINE", machine),
    ]);
    assert_eq!(function.environment, expected);
    assert_eq!(function.aliases["live"].version, "1");
    assert_eq!(function.versions.len(), 1);
    let invoke = &function.event_invoke;
    assert_eq!(
        (invoke.retries, invoke.age_max),
        (1, Duration::from_mins(10))
    );
    assert_eq!(invoke.on_failure, Some(Destination::Queue(DEAD.to_owned())));
}

#[test]
fn the_rest_of_the_account_is_what_the_template_says() {
    let stack = small(&[("Prefix", "mill"), ("Minutes", "7")]);
    let machine = &stack.machines[0];
    assert_eq!(machine.name, "mill-machine");
    assert_eq!(
        machine.arn,
        "arn:aws:states:eu-central-1:123456789012:stateMachine:mill-machine"
    );
    assert_eq!(machine.definition_uri, "../statemachine/machine.asl.json");
    let version = "arn:aws:lambda:eu-central-1:123456789012:function:mill-step:1";
    assert_eq!(machine.substitutions, parameters(&[("StepArn", version)]));
    assert_eq!(stack.tables, ["mill-ledger"]);
    assert_eq!(stack.topics, ["mill-alerts"]);
    assert_eq!(stack.outputs, parameters(&[("Ledger", "mill-ledger")]));
    assert_eq!(stack.queues.len(), 1);
    assert_eq!(stack.ignored, []);
    let rule = &stack.rules[0];
    assert_eq!(rule.name, "mill-often");
    assert_eq!(rule.trigger, rate("rate(7 minutes)").expect("is a rate"));
    let alias = "arn:aws:lambda:eu-central-1:123456789012:function:mill-step:live";
    assert_eq!(rule.targets[0].arn, alias);
}

#[test]
fn conditions_and_rules_decide() {
    let mailed = small(&[("Mail", "ops@example.com")]);
    assert_eq!(
        mailed.functions[0].function.environment["MAIL"],
        "ops@example.com"
    );
    assert_eq!(mailed.ignored.len(), 1, "the subscription is there");
    let refused = faults(SMALL, &[("Mail", "eve@example.com")]);
    assert_eq!(refused, ["line 15, Rules.MailIsOurs: only ops may be told"]);
}

#[test]
fn what_was_created_runs() {
    let mut world = World::new(1);
    small(&[]).create_in(&mut world);
    assert_eq!(
        world.dynamo_db.tables().collect::<Vec<_>>(),
        ["shop-ledger"]
    );
    assert_eq!(world.sns.topics().count(), 1);
    let end = Time::START + Duration::from_secs(330);
    let mut runs = Vec::new();
    while world.now() < end {
        let effects = world.advance(end);
        runs.extend(effects.into_iter().filter_map(|effect| match effect {
            Effect::Run(run) => Some((run.handler, run.function_arn)),
            Effect::Deliver(..) | Effect::Kill(_) => None,
        }));
    }
    let alias = "arn:aws:lambda:eu-central-1:123456789012:function:shop-step:live";
    assert_eq!(runs, [("step-bin".to_owned(), alias.to_owned())]);
}

#[test]
fn intrinsic_functions_give_what_cloud_formation_gives() {
    let cases = [
        ("!Ref Prefix", "shop"),
        ("{Ref: Prefix}", "shop"),
        ("{'Fn::Sub': '${Prefix}!'}", "shop!"),
        (
            "!Sub '${AWS::Partition}:${AWS::Region}:${AWS::AccountId}'",
            "aws:eu-central-1:123456789012",
        ),
        ("!Sub ['${A}-${Prefix}', {A: !Ref Minutes}]", "5-shop"),
        ("!Sub '${!Literal}'", "${Literal}"),
        (
            "!Sub '${Step.Arn}:*'",
            "arn:aws:lambda:eu-central-1:123456789012:function:shop-step:*",
        ),
        (
            "!Sub '${Step.Alias}'",
            "arn:aws:lambda:eu-central-1:123456789012:function:shop-step:live",
        ),
        ("!Ref Step", "shop-step"),
        ("!Ref Ledger", "shop-ledger"),
        (
            "!GetAtt Ledger.Arn",
            "arn:aws:dynamodb:eu-central-1:123456789012:table/shop-ledger",
        ),
        (
            "!GetAtt [Often, Arn]",
            "arn:aws:events:eu-central-1:123456789012:rule/shop-often",
        ),
        ("!GetAtt Dead.QueueName", "shop-dead"),
        ("!Select [1, !Ref Groups]", "c/d"),
        ("!Select [0, !Split ['/', !Select [1, !Ref Groups]]]", "c"),
        ("!Join ['-', [a, !Ref Minutes, c]]", "a-5-c"),
        ("!If [Mailed, yes, no]", "no"),
    ];
    for (expression, expected) in cases {
        let text = format!("{SMALL}  Case: {{Value: {expression}}}\n");
        let stack = Stack::parse(&text, &BTreeMap::new());
        let value = stack.map(|stack| stack.outputs["Case"].clone());
        assert_eq!(value, Ok(expected.to_owned()), "{expression}");
    }
}

#[test]
fn conditions_combine() {
    let cases = [
        ("!Equals [!Ref Minutes, 5]", true),
        ("!And [!Equals [a, a], !Equals [a, b]]", false),
        ("!Or [!Equals [a, a], !Equals [a, b]]", true),
        ("!Not [!Condition Mailed]", true),
    ];
    for (condition, expected) in cases {
        let text = SMALL.replace("\nRules:", &format!("\n  Case: {condition}\nRules:"));
        let text = format!("{text}  Case: {{Value: !If [Case, 'true', 'false']}}\n");
        let stack = Stack::parse(&text, &BTreeMap::new()).expect("the template is sound");
        assert_eq!(stack.outputs["Case"], expected.to_string(), "{condition}");
    }
}

#[test]
fn rules_have_functions_of_their_own() {
    let assertion = "!Equals [!Ref Mail, ops@example.com]";
    let mailed = [("Mail", "ops@example.com")];
    let holds = [
        "!Contains [!Ref Groups, 'c/d']",
        "{'Fn::Contains': [!Ref Groups, 'a/b']}",
        "!Not [!Contains [!Ref Groups, '']]",
    ];
    for rule in holds {
        let text = SMALL.replace(assertion, rule);
        let stack = Stack::parse(&text, &parameters(&mailed));
        assert!(stack.is_ok(), "{rule}: {stack:?}");
    }
    let refused = [
        ("!Contains [!Ref Groups, 'e/f']", "only ops may be told"),
        (
            "!Contains [!Ref Prefix, shop]",
            "Contains takes a list and a value",
        ),
        (
            "!Equals [!Join ['', !Ref Groups], '']",
            "Join is no function that rules have",
        ),
        (
            "!Condition Mailed",
            "Condition is no function that rules have",
        ),
    ];
    for (rule, sentence) in refused {
        let found = faults(&SMALL.replace(assertion, rule), &mailed);
        let named = found.iter().any(|fault| fault.contains(sentence));
        assert!(named, "{rule}: {found:?}");
    }
    // A rule that does not apply is read all the same.
    let joined = SMALL.replace(assertion, "!Equals [!Join ['', !Ref Groups], '']");
    assert!(Stack::parse(&joined, &BTreeMap::new()).is_err());
    let elsewhere = SMALL.replace(
        "Mailed: !Not [!Equals [!Ref Mail, '']]",
        "Mailed: !Contains [!Ref Groups, 'a/b']",
    );
    let found = faults(&elsewhere, &[]);
    assert!(
        found[0].contains("Contains is no condition that is modelled"),
        "{found:?}"
    );
}
