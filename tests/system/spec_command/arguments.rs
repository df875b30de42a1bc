//! Words that make no sense, help, and what programs read.

use pointsman::commands::Ended;
use pointsman::scenarios::Scenario;
use serde_json::Value;

use super::pointsman;

#[test]
fn words_that_make_no_sense_are_named_with_what_there_is() {
    let cases: [(&[&str], &[&str]); 9] = [
        (&[], &["Usage: pointsman <COMMAND>"]),
        (
            &["demonstrate"],
            &["unrecognized subcommand 'demonstrate'", "'demo'"],
        ),
        (
            &["demo", "goodrelease"],
            &[
                "'goodrelease'",
                "slow-poison",
                "a similar value exists: 'good-release'",
            ],
        ),
        (&["demo", "--seed", "-1"], &["'-1'"]),
        (
            &["simulate", "--scenario", "hook-lives", "--seeds", "0..1"],
            &["'hook-lives'", "[possible values: all, good-release"],
        ),
        (&["simulate", "--scenario", "all"], &["--seeds <A..B>"]),
        (
            &["simulate", "--scenario", "all", "--seeds", "5..5"],
            &["expected A..B with A less than B, such as 0..1000"],
        ),
        (
            &["simulate", "--scenario", "all", "--seeds", "many"],
            &["expected A..B with A less than B"],
        ),
        (&["spec", "check"], &["<FILE>"]),
    ];
    for (words, phrases) in cases {
        let outcome = pointsman(words);
        assert_eq!(
            (outcome.ended, outcome.said.as_str()),
            (Ended::NotDone, ""),
            "{words:?}"
        );
        for phrase in phrases {
            assert!(
                outcome.complaint.contains(phrase),
                "{words:?}: {}",
                outcome.complaint
            );
        }
    }
}

#[test]
fn help_tells_what_a_command_does_and_how_it_ends() {
    let cases: [(&[&str], &str); 6] = [
        (
            &["--help"],
            "Exit codes: 0 all is well, 1 the answer is no, 2 it could not be done",
        ),
        (
            &["demo", "--help"],
            "the new version takes requests and never answers",
        ),
        (&["simulate", "--help"], "Exit code 1 if there was one"),
        (&["spec", "check", "--help"], "2 if the file cannot be read"),
        (&["spec", "put", "--help"], "ssm:PutParameter"),
        (&["--version"], "pointsman "),
    ];
    for (words, phrase) in cases {
        let outcome = pointsman(words);
        assert_eq!(
            (outcome.ended, outcome.complaint.as_str()),
            (Ended::Well, ""),
            "{words:?}"
        );
        // Help is broken into lines by the width of the terminal.
        let said = outcome
            .said
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        assert!(said.contains(phrase.trim()), "{words:?}: {}", outcome.said);
        assert!(!outcome.said.contains('\u{1b}'), "no colour in a pipe");
    }
}

#[test]
fn the_demo_lists_every_scenario() {
    let listed = pointsman(&["demo", "--list"]);
    assert_eq!(listed.ended, Ended::Well);
    assert_eq!(listed.said.lines().count(), Scenario::ALL.len());
    let default = pointsman(&["demo"]);
    for scenario in Scenario::ALL {
        let line = format!("  {:<24} {}", scenario.name(), scenario.about());
        assert!(listed.said.contains(&line), "{}", listed.said);
        assert!(default.said.contains(&line), "{}", default.said);
    }
}

#[test]
fn the_demo_speaks_json_line_by_line() {
    let outcome = pointsman(&["demo", "bad-release", "--json"]);
    assert_eq!(outcome.ended, Ended::Well);
    let documents: Vec<Value> = outcome
        .said
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    let (ending, lines) = documents.split_last().expect("there is a story");
    assert!(lines.len() > 10);
    for line in lines {
        let fields = ["at_milliseconds", "who", "what"];
        assert!(
            fields.iter().all(|field| line.get(field).is_some()),
            "{line}"
        );
    }
    assert_eq!(ending["scenario"], "bad-release");
    assert_eq!(ending["seed"], 1);
    assert_eq!(ending["violations"], Value::Array(Vec::new()));
    let figures = &ending["figures"];
    assert_eq!(figures["deployments"][0]["status"], "Failed");
    assert_eq!(figures["deployments"][1]["is_roll_back"], true);
    assert_eq!(figures["hooks"][0]["answer"], "Failed");
    assert_eq!(figures["customers"]["serves"], "7");
    assert!(
        figures["longest_answer_seconds"]
            .as_f64()
            .is_some_and(|seconds| seconds > 20.0)
    );
}

#[test]
fn simulate_counts_its_runs_in_words_and_in_json() {
    let words = ["simulate", "--scenario", "bad-release", "--seeds", "0..3"];
    let told = pointsman(&words);
    assert_eq!(told.ended, Ended::Well, "{told:?}");
    assert!(
        told.said.starts_with("3 of 3 runs held every invariant; "),
        "{}",
        told.said
    );
    let json = pointsman(&[&words[..], &["--json"]].concat());
    let report: Value = serde_json::from_str(&json.said).expect("it is JSON");
    assert_eq!(report["held"], 3);
    assert_eq!(report["broken"], Value::Array(Vec::new()));
}
