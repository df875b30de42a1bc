//! What a template is refused for.

use super::*;

#[test]
fn refuses_by_name_what_it_does_not_model() {
    let cases = [
        (
            "{Value: !ImportValue x}",
            "the function ImportValue is not modelled",
        ),
        (
            "{Value: !Ref Nobody}",
            "there is no parameter or resource Nobody to refer to",
        ),
        (
            "{Value: !GetAtt Ledger.StreamArn}",
            "the attribute Ledger.StreamArn is not modelled",
        ),
        (
            "{Value: !Ref Machine.Version}",
            "what Machine.Version refers to is not modelled",
        ),
        (
            "{Value: !Ref OftenPermission}",
            "what OftenPermission refers to is not modelled",
        ),
        (
            "{Value: !Select [9, !Ref Groups]}",
            "Select finds no member 9",
        ),
        (
            "{Value: !Sub '${Prefix'}",
            "Sub: no closing brace in ${Prefix",
        ),
        (
            "{Value: !If [Nothing, a, b]}",
            "there is no condition Nothing",
        ),
        (
            "{Value: x, Export: {Name: y}}",
            "Export is not modelled here",
        ),
    ];
    for (output, sentence) in cases {
        let found = faults(&format!("{SMALL}  Case: {output}\n"), &[]);
        let named = found.iter().any(|fault| fault.contains(sentence));
        assert!(
            named && found[0].contains("Outputs.Case"),
            "{output}: {found:?}"
        );
    }
}

#[test]
fn refuses_what_aws_would_refuse_and_what_it_does_not_know() {
    let cases = [
        (
            "Timeout: 30",
            "Timeout: 901",
            "Timeout is 901, and 1 to 900 are allowed",
        ),
        (
            "Timeout: 30",
            "Timeout: 30\n      Layers: []",
            "unknown field `Layers`",
        ),
        (
            "Attempts: 1",
            "Attempts: 3",
            "MaximumRetryAttempts is 3, and 0 to 2 are allowed",
        ),
        ("${Prefix}-step", "${Prefix}-step", ""),
        (
            "KeyType: RANGE",
            "KeyType: HASH",
            "modelled tables have the keys pk and sk",
        ),
        (
            "Type: STANDARD",
            "Type: EXPRESS",
            "unknown variant `EXPRESS`",
        ),
        ("AWS::SNS::Subscription", "AWS::EC2::VPC", ""),
        (
            "AWS::SQS::Queue",
            "AWS::EC2::VPC",
            "type AWS::EC2::VPC are not modelled",
        ),
        (
            "rate(${Minutes} minutes)",
            "cron(0 9)",
            "the schedule cron(0 9) is not",
        ),
        (
            "!GetAtt Often.Arn",
            "arn:aws:events:other",
            "rule shop-often: has no permission",
        ),
        (
            "Name: !Sub '${Prefix}-often'",
            "State: ENABLED",
            "has no Name",
        ),
        (
            "Outputs:",
            "Mappings: {}\nOutputs:",
            "Mappings: this section is not modelled",
        ),
        (
            "Effect: Allow, Action: ['a:B'",
            "Effect: Permit, Action: ['a:B'",
            "Policies[0]: statement 2: unknown variant `Permit`",
        ),
        (
            "Policies:",
            "Policies:\n        - AdministratorAccess",
            "Policies[0]: the managed policy AdministratorAccess is not modelled",
        ),
        ("Dead: {Type", "Step: {Type", "Step stands there twice"),
        (
            "Prefix: {Type",
            "Prefix: &anchor {Type",
            "anchors are not taken",
        ),
        ("Prefix: {Type", "Prefix: !!map {Type", "is not taken"),
    ];
    for (old, new, sentence) in cases {
        let text = SMALL.replace(old, new);
        if sentence.is_empty() {
            assert!(Stack::parse(&text, &BTreeMap::new()).is_ok(), "{new}");
            continue;
        }
        let found = faults(&text, &[]);
        let named = found.iter().any(|fault| fault.contains(sentence));
        assert!(named, "{new}: {found:?}");
    }
}

#[test]
fn parameters_are_held_to_their_declarations() {
    let cases = [
        (
            ("Nobody", "x"),
            "line 0, Parameters.Nobody: there is no such parameter",
        ),
        (
            ("Minutes", "x"),
            "line 7, Parameters.Minutes: x is no number",
        ),
    ];
    for ((name, value), sentence) in cases {
        let found = faults(SMALL, &[(name, value)]);
        assert_eq!(found[0], sentence);
    }
    let bare = SMALL.replace("Type: String, Default: shop", "Type: String");
    assert_eq!(
        faults(&bare, &[])[0],
        "line 5, Parameters.Prefix: has neither a value nor a default"
    );
}

#[test]
fn noise_is_a_fault_and_no_panic() {
    for text in [
        "",
        "[",
        "a: b: c",
        "- !Sub",
        "\u{0}",
        "a: *b",
        "a: 1\n---\nb: 2",
    ] {
        let parsed = Stack::parse(text, &BTreeMap::new());
        assert!(parsed.is_err() || parsed.is_ok_and(|stack| stack.functions.is_empty()));
    }
}
