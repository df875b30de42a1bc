//! Whose alias is moved back, and what is said of the others.

use super::*;
use crate::examples::at;
use crate::originals::examples::{ENDED, active, other, shifted};
use crate::originals::restore;

const COMMAND: &str = "aws lambda update-alias --function-name checkout --name live \
                       --function-version 7 --routing-config '{\"AdditionalVersionWeights\":{}}'";

fn decided(change: fn(&mut Originals)) -> Option<AliasDecision> {
    let mut originals = shifted();
    change(&mut originals);
    restore(&originals).alias
}

fn alias(originals: &mut Originals) -> &mut AliasNow {
    originals.alias.as_mut().expect("the alias")
}

fn second(originals: &mut Originals) -> &mut SecondVersion {
    alias(originals).second.as_mut().expect("a second version")
}

fn moved(originals: &mut Originals) -> &mut FunctionFacts {
    originals
        .deployment
        .function
        .as_mut()
        .expect("the function")
}

#[test]
fn an_alias_is_moved_back_to_the_version_that_served_before() {
    let decision = decided(|_| {}).expect("a decision");
    assert_eq!(
        decision.to_string(),
        "alias live of checkout is at two weights (8: 0.1, the rest: 7) and is moved back to 7, \
         which served before the deployment"
    );
    // However far the shift was, and whichever of the two has the weight.
    let decision = decided(|o| {
        "8".clone_into(&mut alias(o).version);
        "7".clone_into(&mut second(o).version);
    });
    match decision {
        Some(AliasDecision::Mend { to, .. }) => assert_eq!(to, "7"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_alias_at_one_weight_is_nothing_to_report() {
    assert_eq!(decided(|o| alias(o).second = None), None);
    assert_eq!(decided(|o| o.alias = None), None);
}

#[test]
fn whatever_speaks_against_moving_an_alias_is_said_and_the_command_with_it() {
    type Change = fn(&mut Originals);
    let cases: [(&str, Change, &[&str], bool); 12] = [
        (
            "the spec does not allow it",
            |o| o.permissions.restore_alias = false,
            &["not_allowed"],
            true,
        ),
        (
            "a deployment is under way",
            |o| o.active.push(active("shop", "checkout")),
            &["held"],
            true,
        ),
        (
            "a later one failed",
            |o| {
                let mut later = other("d-C3D4E5F6G", "user", ENDED + 60);
                later.status = "Failed".into();
                o.deployment.others.since.push(later);
            },
            &["deployed_since"],
            true,
        ),
        (
            "a later one succeeded",
            |o| {
                let later = other("d-C3D4E5F6G", "user", ENDED + 60);
                o.deployment.others.since.push(later);
            },
            &["deployed_since"],
            true,
        ),
        (
            "the deployment ended more than a day ago",
            |o| o.at = at(ENDED + 24 * 3600 + 1),
            &["too_late"],
            true,
        ),
        (
            "the alias has another version",
            |o| "9".clone_into(&mut second(o).version),
            &["other_versions"],
            false,
        ),
        (
            "the alias serves another version",
            |o| "6".clone_into(&mut alias(o).version),
            &["other_versions"],
            false,
        ),
        (
            "the alias has one version twice",
            |o| "7".clone_into(&mut second(o).version),
            &["other_versions"],
            false,
        ),
        (
            "the deployment moved nothing",
            |o| "7".clone_into(&mut moved(o).target_version),
            &["other_versions"],
            false,
        ),
        (
            "the deployment moved another alias",
            |o| "beta".clone_into(&mut moved(o).alias),
            &["other_alias"],
            false,
        ),
        (
            "nobody knows what it moved",
            |o| o.deployment.function = None,
            &["function_unknown"],
            false,
        ),
        (
            "everything",
            |o| {
                o.active.push(active("shop", "checkout"));
                o.permissions.restore_alias = false;
                "9".clone_into(&mut second(o).version);
            },
            &["held", "not_allowed", "other_versions"],
            false,
        ),
    ];
    for (name, change, expected, with_command) in cases {
        match decided(change) {
            Some(AliasDecision::Leave {
                because, command, ..
            }) => {
                let words: Vec<String> = because
                    .iter()
                    .map(|left| serde_json::to_value(left).expect("JSON")["because"].to_string())
                    .collect();
                let expected: Vec<String> =
                    expected.iter().map(|word| format!("{word:?}")).collect();
                assert_eq!(words, expected, "{name}");
                assert_eq!(
                    command.as_deref(),
                    with_command.then_some(COMMAND),
                    "{name}"
                );
            }
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[test]
fn an_alias_that_stays_says_what_to_do() {
    let decision = decided(|o| o.permissions.restore_alias = false).expect("a decision");
    assert_eq!(
        decision.to_string(),
        format!(
            "alias live of checkout is at two weights (8: 0.1, the rest: 7) and stays so: the spec \
             does not allow to move it; mend it with: {COMMAND}"
        )
    );
    let decision = decided(|o| "9".clone_into(&mut second(o).version)).expect("a decision");
    assert_eq!(
        decision.to_string(),
        "alias live of checkout is at two weights (9: 0.1, the rest: 7) and stays so: the \
         deployment moved it from 7 to 8, so somebody else has moved it since; decide which \
         version shall serve before you mend it"
    );
}

#[test]
fn a_command_takes_hostile_names_for_what_they_are() {
    let cases = [
        ("checkout", "checkout"),
        (
            "arn:aws:lambda:eu-central-1:111122223333:function:a_b-c",
            "arn:aws:lambda:eu-central-1:111122223333:function:a_b-c",
        ),
        ("", "''"),
        ("a b", "'a b'"),
        ("$(reboot)", "'$(reboot)'"),
        ("it's", r"'it'\''s'"),
        ("$LATEST", "'$LATEST'"),
    ];
    for (word, expected) in cases {
        assert_eq!(quoted(word), expected);
    }
}
