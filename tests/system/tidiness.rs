//! The house in order: what the code, the machines, the template and the documents say of each
//! other is true.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use coordinator::failure::FailureName;
use serde_json::Value;

/// Where the repository is: two levels up would be wrong the day this crate moves, so it is asked.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent()
        .expect("the tests live in the repository")
        .to_owned()
}

fn read(path: &str) -> String {
    let path = root().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every file below `folder` with this ending, as paths from the root.
fn files(folder: &str, ending: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{error}"));
        for entry in entries {
            let path = entry.unwrap_or_else(|error| panic!("{error}")).path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                let path = path
                    .strip_prefix(root())
                    .expect("was found below the root")
                    .to_owned();
                found.push(path.to_string_lossy().into_owned());
            }
        }
    }
    found.sort();
    found
}

fn sources() -> Vec<String> {
    ["crates", "functions", "tests"]
        .iter()
        .flat_map(|folder| files(folder, ".rs"))
        .collect()
}

fn machines() -> Vec<(String, Value)> {
    files("statemachine", ".asl.json")
        .into_iter()
        .map(|path| {
            let machine = serde_json::from_str(&read(&path)).expect("a machine is JSON");
            (path, machine)
        })
        .collect()
}

fn states(machine: &Value) -> impl Iterator<Item = (&String, &Value)> {
    machine["States"]
        .as_object()
        .expect("a machine has states")
        .iter()
}

/// `ReadHook` from `Read Hook`.
fn camel(state: &str) -> String {
    state.split(' ').collect()
}

/// `read-hook` from `Read Hook`.
fn kebab(state: &str) -> String {
    state.to_lowercase().replace(' ', "-")
}

#[test]
fn a_task_has_one_name_in_five_places() {
    let template = read("infra/template.yaml");
    for (path, machine) in machines() {
        for (name, state) in states(&machine) {
            if state["Type"] != "Task" {
                continue;
            }
            let function = format!("{}Function", camel(name));
            assert_eq!(
                state["Resource"],
                format!("${{{function}Arn}}"),
                "{path}: {name}"
            );
            assert!(
                template.contains(&format!("\n  {function}:\n")),
                "no resource {function}"
            );
            let substitution = format!("{function}Arn: !Ref {function}.Version");
            assert!(template.contains(&substitution), "no {substitution}");
            let binary = kebab(name);
            assert!(
                template.contains(&format!("Binary: {binary}\n")),
                "no Binary: {binary}"
            );
            let main = format!("functions/src/bin/{binary}.rs");
            assert!(root().join(&main).exists(), "no {main}");
        }
    }
}

#[test]
fn every_binary_is_in_the_template_and_every_one_in_the_template_exists() {
    let template = read("infra/template.yaml");
    let deployed: BTreeSet<&str> = template
        .lines()
        .filter_map(|line| line.trim().strip_prefix("Binary: "))
        .collect();
    let files = files("functions/src/bin", ".rs");
    let built: BTreeSet<&str> = files
        .iter()
        .filter_map(|path| Path::new(path).file_stem().and_then(|stem| stem.to_str()))
        .collect();
    assert_eq!(deployed, built);
    assert!(!built.is_empty());
}

#[test]
fn every_state_says_why_it_is_there() {
    for (path, machine) in machines() {
        assert!(
            machine["Comment"]
                .as_str()
                .is_some_and(|text| text.len() > 40),
            "{path}"
        );
        for (name, state) in states(&machine) {
            let comment = state["Comment"].as_str().unwrap_or_default();
            assert!(comment.len() > 20, "{path}: {name} has no comment");
        }
    }
}

#[test]
fn every_task_has_a_timeout_above_its_functions_a_retry_and_a_catch() {
    let template = read("infra/template.yaml");
    for (path, machine) in machines() {
        for (name, state) in states(&machine).filter(|(_, state)| state["Type"] == "Task") {
            let resource = format!("\n  {}Function:\n", camel(name));
            let from = template
                .find(&resource)
                .expect("the function is in the template");
            let timeout = template[from..]
                .lines()
                .find_map(|line| line.trim().strip_prefix("Timeout: "))
                .and_then(|text| text.parse::<u64>().ok())
                .expect("a function has a timeout");
            let patience = state["TimeoutSeconds"].as_u64().unwrap_or_default();
            assert!(
                patience > timeout,
                "{path}: {name} waits {patience} s for {timeout} s"
            );
            assert!(
                state["Retry"]
                    .as_array()
                    .is_some_and(|retry| !retry.is_empty()),
                "{name}"
            );
            let catch = state["Catch"].as_array().expect("a task has a Catch");
            let all = catch
                .iter()
                .any(|c| c["ErrorEquals"] == serde_json::json!(["States.ALL"]));
            assert!(all, "{path}: {name} lets errors through");
            assert!(
                catch.iter().all(|c| c["ResultPath"].is_string()),
                "{name} loses its document"
            );
        }
    }
}

#[test]
fn machines_retry_only_errors_that_exist() {
    let ours: Vec<&str> = FailureName::ALL.iter().map(|name| name.as_str()).collect();
    let aws = [
        "Lambda.Unknown",
        "Lambda.TooManyRequestsException",
        "Lambda.ServiceException",
        "Lambda.AWSLambdaException",
        "Lambda.SdkClientException",
        "Lambda.ResourceNotReadyException",
        "Lambda.ENINotReadyException",
        "Lambda.EC2ThrottledException",
        "Sandbox.Timedout",
        "Runtime.ExitError",
        "States.ALL",
        "States.Timeout",
        "States.TaskFailed",
    ];
    let mut seen = 0;
    for (path, machine) in machines() {
        for (name, state) in states(&machine) {
            for list in ["Retry", "Catch"] {
                for rule in state[list].as_array().into_iter().flatten() {
                    for error in rule["ErrorEquals"].as_array().into_iter().flatten() {
                        let error = error.as_str().expect("an error is named");
                        let known = ours.contains(&error) || aws.contains(&error);
                        assert!(known, "{path}: {name} {list} names {error}");
                        seen += 1;
                    }
                }
            }
        }
    }
    assert!(seen > 0, "no machine names an error");
}

/// Lambda Developer Guide, "Giving Lambda functions access to resources in an Amazon VPC": the first
/// invocation of an idle function fails, and the function is ready again minutes later.
#[test]
fn a_function_in_a_network_is_given_minutes_to_wake() {
    let template = read("infra/template.yaml");
    let mut in_networks = 0;
    for (path, machine) in machines() {
        for (name, state) in states(&machine).filter(|(_, state)| state["Type"] == "Task") {
            let resource = format!("\n  {}Function:\n", camel(name));
            let (_, function) = template
                .split_once(&resource)
                .expect("the function is in the template");
            let function = function.split("LogGroup:\n    Type:").next();
            if !function.is_some_and(|text| text.contains("VpcConfig:")) {
                continue;
            }
            let patience = |error: &str| -> Option<u64> {
                let mut rules = state["Retry"].as_array()?.iter();
                let rule = rules.find(|rule| {
                    let errors = rule["ErrorEquals"].as_array();
                    errors.is_some_and(|errors| errors.iter().any(|one| one == error))
                })?;
                Some(rule["IntervalSeconds"].as_u64()? * rule["MaxAttempts"].as_u64()?)
            };
            for error in ["ResourceNotReady", "ENINotReady", "EC2Throttled"] {
                let seconds = patience(&format!("Lambda.{error}Exception"));
                assert!(
                    seconds.is_some_and(|seconds| seconds >= 180),
                    "{path}: {name} waits {seconds:?} s after {error}"
                );
            }
            in_networks += 1;
        }
    }
    assert!(in_networks > 0, "no task runs in a network");
}

#[test]
fn no_failure_ends_green() {
    for (path, machine) in machines() {
        let green: Vec<&str> = states(&machine)
            .filter(|(_, state)| state["Type"] == "Succeed")
            .map(|(name, _)| name.as_str())
            .collect();
        let name = path.rsplit('/').next().unwrap_or_default();
        let expected: &[&str] = match name {
            "hook-verification.asl.json" => &["Version Verified"],
            // A group that is kept for a reason is an end like any other.
            "failed-deployment.asl.json" => &["Cleaned Up", "Kept", "Nothing to Do"],
            _ => panic!("{path}: which of its ends may be green is not said here"),
        };
        assert_eq!(green, expected, "{path}");
        for (name, state) in states(&machine).filter(|(_, state)| state["Type"] == "Fail") {
            assert!(
                state["Error"].is_string(),
                "{path}: {name} fails without a name"
            );
            let says = state["Cause"].is_string() || state["CausePath"].is_string();
            assert!(says, "{path}: {name} fails without a cause");
        }
    }
}

#[test]
fn files_hold_one_idea_and_mains_only_wire() {
    let mut long = Vec::new();
    for path in sources() {
        let text = read(&path);
        let lines = text.lines().count();
        let most = if path.contains("/src/bin/") || path.ends_with("/main.rs") {
            30
        } else {
            400
        };
        let is_test_root = path == "tests/system/main.rs";
        if lines > most && !is_test_root {
            long.push(format!("{path}: {lines} lines, at most {most}"));
        }
        if path.contains("/src/bin/") {
            let decides = text
                .lines()
                .any(|line| line.trim_start().starts_with("if "));
            assert!(!decides, "{path} decides something");
        }
    }
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn every_module_says_what_it_is() {
    for path in sources() {
        let text = read(&path);
        assert!(
            text.starts_with("//!"),
            "{path} does not begin with its doc comment"
        );
    }
}

#[test]
fn nothing_is_left_unfinished_or_ignored() {
    // Spelled apart, so that this file does not find itself.
    let words = [
        concat!("to", "do!("),
        concat!("unimple", "mented!("),
        concat!("#[ig", "nore"),
    ];
    for path in sources() {
        let text = read(&path);
        for word in words {
            assert!(!text.contains(word), "{path} holds {word}");
        }
    }
}

#[test]
fn every_invariant_names_tests_that_exist() {
    let sources: Vec<String> = sources().iter().map(|path| read(path)).collect();
    let architecture = read("ARCHITECTURE.md");
    let mut named = 0;
    for line in architecture.lines().filter(|line| line.starts_with("| I")) {
        let (_, tests) = line
            .trim_end_matches([' ', '|'])
            .rsplit_once('|')
            .expect("is a table row");
        let tests: Vec<&str> = tests.split('`').skip(1).step_by(2).collect();
        let is_open = line.contains("not yet");
        assert!(is_open || !tests.is_empty(), "no test is named: {line}");
        for test in tests {
            let defined = format!("fn {test}(");
            assert!(
                sources.iter().any(|text| text.contains(&defined)),
                "no test {test}"
            );
            named += 1;
        }
    }
    assert!(named > 0, "no invariant names a test");
}

#[test]
fn the_documents_name_files_that_exist() {
    let mut links = 0;
    let documents = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"].map(str::to_owned);
    for document in documents.into_iter().chain(files("docs", ".md")) {
        let folder = root().join(&document);
        let folder = folder.parent().expect("a file is in a folder");
        for link in read(&document).split("](").skip(1) {
            let target = link.split([')', '#']).next().unwrap_or_default();
            if target.is_empty() || target.starts_with("http") {
                continue;
            }
            assert!(folder.join(target).exists(), "{document} names {target}");
            links += 1;
        }
    }
    assert!(links > 0, "no document links to anything");
}

#[test]
fn the_commands_that_the_readme_names_exist() {
    let scenarios: Vec<&str> = pointsman::scenarios::Scenario::ALL
        .iter()
        .map(|scenario| scenario.name())
        .collect();
    let readme = read("README.md");
    for scenario in &scenarios {
        assert!(
            readme.contains(&format!("| `{scenario}` |")),
            "README does not tell {scenario}"
        );
    }
    for command in [
        "pointsman demo",
        "pointsman simulate",
        "pointsman spec check",
    ] {
        assert!(readme.contains(command), "README does not name {command}");
    }
    assert!(readme.contains("cargo run --bin pointsman -- demo"));
    assert!(readme.contains("cargo test --workspace"));
}
