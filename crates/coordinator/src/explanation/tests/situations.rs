//! One situation after the other: what was observed, which cause is named, what is to be done.

mod around;
mod instances;
mod little;
mod scripts;

use super::*;

/// One situation and what is told of it.
pub(super) struct Situation {
    pub(super) name: &'static str,
    pub(super) facts: FailureFacts,
    pub(super) kind: CauseKind,
    pub(super) sentence: &'static str,
    /// A part of the next step.
    pub(super) step: &'static str,
}

fn all() -> Vec<Situation> {
    let mut all = scripts::situations();
    all.extend(instances::situations());
    all.extend(around::situations());
    all.extend(little::situations());
    all
}

#[test]
fn each_situation_is_told_by_its_one_cause() {
    let situations = all();
    assert!(situations.len() >= 30, "{}", situations.len());
    for situation in situations {
        let explanation = explain(&situation.facts);
        let name = situation.name;
        assert_eq!(explanation.sentence(), situation.sentence, "{name}");
        assert_eq!(explanation.cause.kind, situation.kind, "{name}");
        let step = &explanation.next_step;
        assert!(step.contains(situation.step), "{name}: {step}");
    }
}

#[test]
fn no_situation_is_told_by_the_sentence_that_says_nothing() {
    for situation in all() {
        let explanation = explain(&situation.facts);
        let sentence = explanation.sentence();
        assert!(
            !sentence.contains("overall deployment"),
            "{}",
            situation.name
        );
        assert!(!sentence.ends_with('.'), "{sentence}");
    }
}
