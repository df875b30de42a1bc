//! Anything at all: an explanation is made of it, and stays small.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::facts::Creator;

/// Texts that are harder than most.
const TEXTS: [&str; 12] = [
    "",
    " \t\n",
    "\u{0}\u{1b}[31m\u{202e}\"\\",
    "i-0123456789abcdef0",
    "AllowTraffic",
    "ValidateService",
    "Script at specified location: a/b.sh run as user root failed with exit code 99999999999999",
    "Script at specified location: \\ failed to complete in -1 seconds",
    "[stderr]password=🔑 token: \"",
    "https://a:b@c://d@e/password",
    "InstanceTarget",
    "Failed",
];

/// Draws values, deterministically, from what proptest found.
struct Draw {
    numbers: Vec<u16>,
    texts: Vec<String>,
    drawn: usize,
}

impl Draw {
    fn number(&mut self, below: usize) -> usize {
        self.drawn += 1;
        let number = self.numbers.get(self.drawn % self.numbers.len().max(1));
        usize::from(number.copied().unwrap_or(0)).wrapping_add(self.drawn) % below
    }

    fn text(&mut self) -> String {
        let at = self.number(self.texts.len() + TEXTS.len() + 1);
        match (
            self.texts.get(at),
            TEXTS.get(at.wrapping_sub(self.texts.len())),
        ) {
            (Some(text), _) => text.clone(),
            (None, Some(text)) => (*text).to_owned(),
            (None, None) => "\"🔥\u{7}\\".repeat(2000),
        }
    }

    fn time(&mut self) -> Option<Timestamp> {
        let seconds = i64::try_from(self.number(9000)).expect("it is small");
        (self.number(4) > 0).then(|| at(seconds - 4000))
    }

    fn several<T>(&mut self, at_most: usize, one: impl Fn(&mut Self) -> T) -> Vec<T> {
        let count = self.number(at_most + 1);
        (0..count).map(|_| one(self)).collect()
    }

    fn event(&mut self) -> LifecycleEvent {
        LifecycleEvent {
            name: self.text(),
            status: EventStatus::from(["Failed", "InProgress", "Succeeded", "🔥"][self.number(4)]),
            started: self.time(),
            ended: self.time(),
            diagnostics: (self.number(3) > 0).then(|| Diagnostics {
                outcome: ScriptOutcome::from(
                    ["ScriptFailed", "ScriptTimedOut", "x"][self.number(3)],
                ),
                script: self.text(),
                message: self.text(),
                log_tail: self.text(),
            }),
        }
    }

    fn target(&mut self) -> TargetFacts {
        TargetFacts {
            id: self.text(),
            kind: TargetKind::from(["InstanceTarget", "ECSTarget", "x"][self.number(3)]),
            label: (self.number(2) > 0).then(|| TargetLabel::from(self.text())),
            status: TargetStatus::from(["Failed", "Pending", "Unknown", "x"][self.number(4)]),
            updated: self.time(),
            events: self.several(4, Self::event),
        }
    }

    fn health(&mut self) -> HealthFacts {
        HealthFacts {
            target_group: self.text(),
            target: self.text(),
            state: TargetState::from(["unhealthy", "draining", "🔥"][self.number(3)]),
            reason: (self.number(2) > 0).then(|| HealthReason::from(self.text())),
            description: (self.number(2) > 0).then(|| self.text()),
        }
    }

    fn activity(&mut self) -> ScalingActivity {
        ScalingActivity {
            group: self.text(),
            description: "Launching a new EC2 instance".to_owned(),
            status: ActivityStatus::from(["Failed", "Cancelled", "x"][self.number(3)]),
            status_message: self.text(),
            cause: self.text(),
            started: self.time(),
        }
    }

    fn counts(&mut self) -> BTreeMap<TargetStatus, u64> {
        let counts = self.several(20, |draw| (TargetStatus::from(draw.text()), u64::MAX));
        counts.into_iter().collect()
    }

    fn facts(&mut self) -> FailureFacts {
        let code = match self.number(5) {
            0 => None,
            1 => Some(ErrorCode::from(self.text())),
            _ => Some(ErrorCode::ALL[self.number(ErrorCode::ALL.len())].clone()),
        };
        FailureFacts {
            status: (self.number(2) > 0).then(|| DeploymentStatus::from(self.text())),
            creator: Some(Creator::from(self.text())),
            created: self.time(),
            completed: self.time(),
            error: (self.number(3) > 0).then(|| ErrorInformation {
                code,
                message: self.text(),
            }),
            roll_back: RollBackFacts {
                message: Some(self.text()),
                ..RollBackFacts::default()
            },
            targets: self.several(12, Self::target),
            targets_cut_off: self.number(2) > 0,
            counts: self.counts(),
            scaling: self.several(12, Self::activity),
            health: self.several(12, Self::health),
            alarms: self.several(12, |draw| {
                alarm(&draw.text(), AlarmState::Alarm, draw.time())
            }),
            instances: self.several(5, |draw| instance(&draw.text(), InstanceState::Stopped)),
            alias: (self.number(2) > 0).then(|| AliasFacts {
                function: self.text(),
                alias: self.text(),
                versions: self.several(3, Self::text),
            }),
            unread: self.several(12, |draw| Unread {
                source: Source::ALL[draw.number(Source::ALL.len())],
                why: draw.text(),
            }),
            ..FailureFacts::of(deployment_id())
        }
    }
}

/// Every text of an explanation.
fn texts(explanation: &Explanation) -> Vec<&str> {
    let also = explanation.also.iter().map(|cause| cause.sentence.as_str());
    [explanation.sentence(), &explanation.next_step]
        .into_iter()
        .chain(also)
        .chain(explanation.evidence.iter().map(String::as_str))
        .chain(explanation.findings.iter().map(String::as_str))
        .collect()
}

fn is_fit_to_be_told(explanation: &Explanation) {
    let written = serde_json::to_string(explanation).expect("it is JSON");
    assert!(
        written.len() <= EXPLANATION_BYTES_AT_MOST,
        "{}",
        written.len()
    );
    let read: Explanation = serde_json::from_str(&written).expect("it is read again");
    assert_eq!(&read, explanation);
    for text in texts(explanation) {
        assert!(!text.trim().is_empty());
        assert!(!text.chars().any(char::is_control), "{text:?}");
        assert!(!text.contains('\u{202e}'), "{text:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn whatever_was_observed_is_explained_within_bounds(
        numbers in prop::collection::vec(any::<u16>(), 1..200),
        texts in prop::collection::vec(any::<String>(), 0..12),
    ) {
        let mut draw = Draw { numbers, texts, drawn: 0 };
        let mut facts = draw.facts();
        let explanation = explain(&facts);
        is_fit_to_be_told(&explanation);
        facts.targets.reverse();
        facts.scaling.reverse();
        prop_assert_eq!(explain(&facts).cause.kind, explanation.cause.kind);
    }
}

#[test]
fn a_thousand_targets_with_huge_words_are_explained_within_bounds() {
    let huge = "\"\u{1f525}\\".repeat(20_000);
    let target = |number: usize| {
        let said = diagnostics("ScriptFailed", &huge, &format!("{huge} {number}"), &huge);
        let label = TargetLabel::from(format!("{number}"));
        on(label, broken(&huge, event(&huge, 3, Some(said))))
    };
    let unread = Unread {
        source: Source::Alarms,
        why: huge.clone(),
    };
    let facts = FailureFacts {
        counts: [(TargetStatus::from(huge.as_str()), 1)].into(),
        alias: Some(alias(&[&huge, &huge])),
        unread: vec![unread; 50],
        alarms: vec![alarm(&huge, AlarmState::Alarm, None); 50],
        health: vec![health(&huge, TargetState::Unhealthy, &huge, &huge); 50],
        scaling: vec![launch(&huge, at(60)); 50],
        ..too_many_failed((0..100).map(target).collect())
    };
    is_fit_to_be_told(&explain(&facts));
}
