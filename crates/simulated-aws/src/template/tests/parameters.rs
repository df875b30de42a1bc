//! What values parameters take.

use super::shipped::{SHIPPED, with};
use super::*;

/// A parameter of the shipped template, values that it takes, and values that it does not.
type Case = (&'static str, Vec<String>, Vec<String>);

fn case(name: &'static str, good: &[&str], bad: &[&str]) -> Case {
    let owned = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
    (name, owned(good), owned(bad))
}

fn cases() -> Vec<Case> {
    let arn = "arn:aws:codedeploy:eu-central-1:123456789012";
    let group = format!("{arn}:deploymentgroup:shop/live");
    let china = "arn:aws-cn:codedeploy:cn-north-1:123456789012:deploymentgroup:shop/live";
    let application = format!("{arn}:application:shop");
    let function = "arn:aws:lambda:eu-central-1:123456789012:function:shop";
    let versions = format!("{function}:*");
    let (long, longest) = ("x".repeat(31), "x".repeat(30));
    let (deep, deepest) = ("/a".repeat(14), "/a".repeat(13));
    let many = format!("{group}, {china}");
    vec![
        case(
            "NamePrefix",
            &["p", "pointsman-2", &longest],
            &["", "P", "2p", "a_b", "-a", &long],
        ),
        case(
            "DeploymentGroups",
            &["shop/live", "shop/live, mill/live", "a.b/_c+=@-"],
            &[
                "",
                "shop",
                "shop/",
                "/live",
                "a/b/c",
                "shop/blue green",
                "shop/live,,a/b",
                "läden/a",
            ],
        ),
        case(
            "DeploymentGroupArns",
            &[&group, &many],
            &[
                "",
                "shop/live",
                &application,
                &format!("{arn}:deploymentgroup:*"),
                &format!("{group},"),
            ],
        ),
        case(
            "ApplicationArns",
            &[&application],
            &[
                "",
                "shop",
                &group,
                &format!("{arn}:application:*"),
                &format!("{application}/x"),
            ],
        ),
        case(
            "CheckedFunctionArns",
            &[&versions, &format!("{versions},{versions}")],
            &[
                "",
                "shop",
                function,
                &format!("{function}:live"),
                "*",
                &format!("{versions},*"),
            ],
        ),
        case(
            "RestoredFunctionArns",
            &["", function, &format!("{function},{function}")],
            &[
                "shop",
                &versions,
                &format!("{function}:live"),
                "*",
                &format!("{function},*"),
            ],
        ),
        case(
            "SpecPrefix",
            &["/pointsman/specs", "/a", &deepest],
            &[
                "",
                "/",
                "specs",
                "/specs/",
                "/a b",
                "//a",
                &deep,
                &format!("/{}", "x".repeat(200)),
            ],
        ),
        case(
            "LogRetentionDays",
            &["7", "90", "731"],
            &["0", "8", "-7", "forever", ""],
        ),
        case(
            "AlertsEmail",
            &["", "ops@example.com", "a.b+c@mail.example.co.uk"],
            &[
                "ops",
                "ops@",
                "@example.com",
                "ops@example",
                "a@b.c,d@e.f",
                "a b@c.de",
                "ops@example.com.",
            ],
        ),
        case(
            "CheckSubnetIds",
            &[""],
            &[
                "vpc-01234567",
                "subnet-1",
                "subnet-0123456789ABCDEF0",
                "subnet-012345678",
            ],
        ),
        case(
            "CheckSecurityGroupIds",
            &[""],
            &["default", "sg-1", "subnet-01234567", "sg-01234567x"],
        ),
    ]
}

#[test]
fn every_parameter_of_the_shipped_template_takes_good_values_and_refuses_bad_ones() {
    for (name, good, bad) in cases() {
        for value in good {
            let stack = with(&[(name, &value)]);
            assert!(stack.is_ok(), "{name}: {value:?}: {:?}", stack.err());
        }
        for value in bad {
            let faults = with(&[(name, &value)]).expect_err(&format!("{name}: {value:?}"));
            let place = format!("Parameters.{name}");
            let described = faults.iter().any(|fault| {
                let form = format!("Parameter {name} failed to satisfy constraint: ");
                fault.place == place
                    && (fault.what.starts_with(&form) || fault.what.ends_with("is no number"))
            });
            assert!(described, "{name}: {value:?}: {faults:?}");
        }
    }
}

#[test]
fn no_parameter_of_the_shipped_template_takes_just_anything() {
    let root = yaml::parse(SHIPPED).expect("is YAML");
    let declared = root.get("Parameters").expect("is there").entries();
    let tested: Vec<&str> = cases().iter().map(|(name, ..)| *name).collect();
    for entry in declared {
        let field = |name: &str| entry.value.get(name).is_some();
        let name = entry.key.as_str();
        assert!(field("AllowedPattern") || field("AllowedValues"), "{name}");
        assert!(field("ConstraintDescription"), "{name}");
        assert!(tested.contains(&name), "{name} is not tested");
    }
    assert_eq!(declared.len(), tested.len());
}

#[test]
fn constraints_are_told_as_cloud_formation_tells_them() {
    let cases = [
        ("AllowedPattern: '[a-z]+'", "shop", None),
        (
            "AllowedPattern: '[a-z]+'",
            "shop2",
            Some("Parameter 'Prefix' must match pattern [a-z]+"),
        ),
        (
            "AllowedPattern: 'a|b'",
            "ab",
            Some("Parameter 'Prefix' must match pattern a|b"),
        ),
        (
            "AllowedValues: [a, b]",
            "c",
            Some("Parameter 'Prefix' must be one of AllowedValues"),
        ),
        (
            "MaxLength: 3",
            "shop",
            Some("Parameter 'Prefix' must have a length of at most 3"),
        ),
        (
            "MinLength: 5",
            "shop",
            Some("Parameter 'Prefix' must have a length of at least 5"),
        ),
        ("MinLength: 4, MaxLength: 4", "shop", None),
        (
            "MaxLength: 3, ConstraintDescription: be short",
            "shop",
            Some("Parameter Prefix failed to satisfy constraint: be short"),
        ),
    ];
    for (constraint, value, sentence) in cases {
        let text = SMALL.replace("Default: shop}", &format!("Default: shop, {constraint}}}"));
        let stack = Stack::parse(&text, &parameters(&[("Prefix", value)]));
        match (stack, sentence) {
            (Ok(_), None) => {}
            (Err(faults), Some(sentence)) => {
                let first = faults[0].what.as_str();
                assert!(first.starts_with(sentence), "{constraint}: {first}");
            }
            (stack, _) => panic!("{constraint}: {stack:?}"),
        }
    }
    let bounds = SMALL.replace("Default: 5}", "Default: 5, MinValue: 2, MaxValue: 60}");
    for (value, what) in [
        ("1", "Parameter 'Minutes' must be at least 2"),
        ("61", "Parameter 'Minutes' must be at most 60"),
    ] {
        let place = "line 7, Parameters.Minutes";
        let found = faults(&bounds, &[("Minutes", value)]);
        assert_eq!(found[0], format!("{place}: {what}"));
    }
}

#[test]
fn each_entry_of_a_list_has_to_match() {
    let text = SMALL.replace("c/d'}", "c/d', AllowedPattern: '[a-z]/[a-z]'}");
    assert!(Stack::parse(&text, &parameters(&[("Groups", "x/y,z/z")])).is_ok());
    let found = faults(&text, &[("Groups", "x/y,z")]);
    assert!(
        found[0].ends_with("must match pattern [a-z]/[a-z]"),
        "{found:?}"
    );
}
