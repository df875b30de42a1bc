//! Words that make no sense, and help.

use pointsman::commands::{self, Ended, Outcome};

fn pointsman(words: &[&str]) -> Outcome {
    commands::answer(std::iter::once("pointsman").chain(words.iter().copied()))
}

const COPY: &str = "CodeDeploy_web_d-A1B2C3D4E";

#[test]
fn words_that_make_no_sense_are_refused_before_anything_is_asked_of_aws() {
    let long = "x".repeat(257);
    let cases: [(&[&str], &str); 9] = [
        (&["keep", COPY], "--reason <REASON>"),
        (&["keep", "--reason", "mine"], "<GROUP>"),
        (&["release"], "<GROUP>"),
        (&["keep", COPY, "--reason", " "], "the reason is empty"),
        (
            &["keep", COPY, "--reason", "it's mine"],
            "the reason has '\\'' as its character 3; a tag's value has letters, digits, blanks \
             and + - = . _ : / @",
        ),
        (
            &["keep", COPY, "--reason", &long],
            "the reason has 257 characters; a tag's value has at most 256",
        ),
        (
            &["keep", "web", "--reason", "mine"],
            "\"web\" is not a name that CodeDeploy gives to a copy (CodeDeploy_<deployment \
             group>_d-…), so nothing says that a deployment made it; Pointsman deletes no such \
             group",
        ),
        (
            &["release", "CodeDeploy_web_d-copy\u{1b}[2J"],
            "\"CodeDeploy_web_d-copy\\u{1b}[2J\" is not a name that CodeDeploy gives to a copy",
        ),
        (
            &["leftovers", "--prefix", "specs"],
            "the prefix \"specs\" is no hierarchy: expected",
        ),
    ];
    for (words, phrase) in cases {
        let outcome = pointsman(words);
        assert_eq!(
            (outcome.ended, outcome.said.as_str()),
            (Ended::NotDone, ""),
            "{words:?}"
        );
        assert!(
            outcome.complaint.contains(phrase),
            "{words:?}: {}",
            outcome.complaint
        );
    }
}

#[test]
fn help_tells_what_each_command_does_needs_and_how_it_ends() {
    let cases: [(&[&str], &[&str]); 4] = [
        (
            &["--help"],
            &["leftovers", "keep", "release", "pointsman leftovers "],
        ),
        (
            &["leftovers", "--help"],
            &[
                "Exit code 1 if something could not be read, 2 if nothing could",
                "autoscaling:DescribeAutoScalingGroups",
                "codedeploy:BatchGetDeploymentGroups",
                "elasticloadbalancing:DescribeTargetHealth",
                "ssm:GetParameter",
                "[default: /pointsman/specs]",
            ],
        ),
        (
            &["keep", "--help"],
            &[
                "pointsman:keep",
                "too late",
                "autoscaling:CreateOrUpdateTags",
            ],
        ),
        (
            &["release", "--help"],
            &["the next hourly sweep goes on", "autoscaling:DeleteTags"],
        ),
    ];
    for (words, phrases) in cases {
        let outcome = pointsman(words);
        assert_eq!(outcome.ended, Ended::Well, "{outcome:?}");
        // Help is broken into lines by the width of the terminal.
        let words_of = outcome.said.split_whitespace().collect::<Vec<_>>();
        let said = words_of.join(" ");
        for phrase in phrases {
            assert!(
                said.contains(phrase.trim()),
                "{words:?}: no {phrase} in {said}"
            );
        }
    }
}
