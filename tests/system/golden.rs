//! The stories that the scenarios tell, kept so that a change of them is reviewed as text.
//!
//! With `POINTSMAN_WRITE_GOLDEN` set, the stories are written instead of compared.

use std::path::{Path, PathBuf};

use pointsman::commands;
use pointsman::scenarios::Scenario;
use pointsman::trial::{self, Trial};

fn path(scenario: Scenario) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden");
    folder.join(format!("{}.txt", scenario.name()))
}

fn story(scenario: Scenario) -> String {
    let world = trial::run(&Trial::told(scenario, 1)).expect("the shipped template deploys");
    commands::plain_text(scenario, &world)
}

/// The first line in which two texts differ.
fn difference(expected: &str, told: &str) -> Option<String> {
    let mut line = 0;
    let (mut expected, mut told) = (expected.lines(), told.lines());
    loop {
        line += 1;
        match (expected.next(), told.next()) {
            (None, None) => return None,
            (one, other) if one == other => {}
            (one, other) => {
                return Some(format!("line {line}:\n  kept: {one:?}\n  told: {other:?}"));
            }
        }
    }
}

#[test]
fn every_scenario_tells_its_golden_story() {
    let write = std::env::var_os("POINTSMAN_WRITE_GOLDEN").is_some();
    let mut differences = Vec::new();
    for scenario in Scenario::ALL {
        let (path, told) = (path(scenario), story(scenario));
        if write {
            std::fs::write(&path, &told).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        if let Some(difference) = difference(&kept, &told) {
            differences.push(format!("{}, {difference}", path.display()));
        }
    }
    assert!(
        differences.is_empty(),
        "read the new stories, and keep them with POINTSMAN_WRITE_GOLDEN=1 if they are good:\n{}",
        differences.join("\n")
    );
}

#[test]
fn no_story_is_kept_that_no_scenario_tells() {
    let folder = path(Scenario::MOST_TELLING);
    let folder = folder.parent().expect("stories lie in a folder");
    let mut kept: Vec<String> = std::fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("the folder can be read").file_name())
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    kept.sort();
    let mut told: Vec<String> = Scenario::ALL
        .iter()
        .map(|scenario| format!("{}.txt", scenario.name()))
        .collect();
    told.sort();
    assert_eq!(kept, told);
}
