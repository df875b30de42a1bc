//! Reasons that a tag can hold, when they come too late, and what their end leads to.

use super::*;
use crate::examples::at;
use crate::leftover::examples::{OVER, QUARANTINED, SETTLED, instance, leftover, quarantined, tag};

#[test]
fn a_reason_is_taken_as_it_is_or_refused_with_what_is_wrong() {
    let long = "x".repeat(256);
    for (text, kept) in [
        ("disk is read", "disk is read"),
        (
            "  ticket OPS-12: a.b_c/d@e = 1+1 ",
            "ticket OPS-12: a.b_c/d@e = 1+1",
        ),
        ("wegen Übergröße", "wegen Übergröße"),
        (long.as_str(), long.as_str()),
    ] {
        let reason = KeepReason::parse(text);
        assert_eq!(
            reason.as_ref().map(KeepReason::as_str),
            Ok(kept),
            "{text:?}"
        );
    }
    let too_long = InvalidReason::TooLong { characters: 257 };
    let letter = |letter, at| InvalidReason::Letter { letter, at };
    for (text, fault) in [
        ("", InvalidReason::Empty),
        ("   ", InvalidReason::Empty),
        ("\t", letter('\t', 1)),
        ("it's mine", letter('\'', 3)),
        ("a, b", letter(',', 2)),
        (" AWS:mine", InvalidReason::Reserved),
        ("two\nlines", letter('\n', 4)),
        ("\u{1b}[31mred", letter('\u{1b}', 1)),
        (" a\u{202e}b", letter('\u{202e}', 2)),
    ] {
        assert_eq!(KeepReason::parse(text), Err(fault), "{text:?}");
    }
    assert_eq!(KeepReason::parse(&"x".repeat(257)), Err(too_long));
    // A letter outside the basic plane counts twice, as in every UTF-16.
    assert_eq!(
        KeepReason::parse(&"𝒳".repeat(129)),
        Err(InvalidReason::TooLong { characters: 258 })
    );
}

#[test]
fn what_is_wrong_with_a_reason_is_said_without_what_would_move_the_cursor() {
    let fault = KeepReason::parse("a\u{1b}b").expect_err("is refused");
    assert_eq!(
        fault.to_string(),
        "the reason has '\\u{1b}' as its character 2; a tag's value has letters, digits, blanks \
         and + - = . _ : / @"
    );
}

#[test]
fn it_is_too_late_once_the_sizes_are_0_or_the_group_is_being_deleted() {
    type Change = fn(&mut ScalingGroup);
    let empty: Change = |group| {
        (group.min, group.desired) = (0, 0);
        group.instances.clear();
    };
    let cases: [(&str, bool, Change, Option<TooLate>); 7] = [
        ("a leftover", false, |_| {}, None),
        ("in quarantine", true, |_| {}, None),
        (
            "only its least size is 0",
            true,
            |group| group.min = 0,
            None,
        ),
        (
            "shrunk",
            true,
            |group| (group.min, group.desired) = (0, 0),
            Some(TooLate::Shrunk { instances: 2 }),
        ),
        (
            "shrunk and empty",
            true,
            empty,
            Some(TooLate::Shrunk { instances: 0 }),
        ),
        ("empty from the beginning", false, empty, None),
        (
            "being deleted",
            true,
            |group| group.status = Some("Delete in progress".to_owned()),
            Some(TooLate::BeingDeleted {
                status: "Delete in progress".to_owned(),
            }),
        ),
    ];
    for (name, in_quarantine, change, expected) in cases {
        let mut group = if in_quarantine {
            quarantined()
        } else {
            leftover()
        };
        change(&mut group);
        assert_eq!(too_late(&group), expected, "{name}");
    }
}

#[test]
fn what_is_too_late_is_one_sentence() {
    let shrunk = |instances| TooLate::Shrunk { instances };
    for (late, said) in [
        (
            shrunk(0),
            "its sizes are 0 already, and its instances are gone",
        ),
        (
            shrunk(1),
            "its sizes are 0 already, so what it still has is on its way out: 1 instance",
        ),
        (
            shrunk(3),
            "its sizes are 0 already, so what it still has is on its way out: 3 instances",
        ),
    ] {
        assert_eq!(late.to_string(), said);
    }
}

#[test]
fn a_released_group_waits_for_the_end_of_its_quarantine_and_for_the_distance_of_the_proofs() {
    let mut short = quarantined();
    let until = at(QUARANTINED).to_string();
    tag(&mut short, "pointsman:quarantined-until", &until);
    let distance = at(QUARANTINED + PROOFS_APART_SECONDS);
    for (name, group, now, expected) in [
        (
            "an hour",
            quarantined(),
            at(OVER - 1),
            Earliest::After { at: at(OVER) },
        ),
        ("an hour, over", quarantined(), at(OVER), Earliest::Now),
        (
            "no time at all",
            short.clone(),
            at(QUARANTINED),
            Earliest::After { at: distance },
        ),
        ("no time at all, over", short, distance, Earliest::Now),
        (
            "none",
            leftover(),
            at(SETTLED),
            Earliest::NotQuarantined {
                at: at(SETTLED + 3600),
                shortest: at(SETTLED + PROOFS_APART_SECONDS),
            },
        ),
    ] {
        assert_eq!(earliest(&group, now), expected, "{name}");
    }
}

#[test]
fn when_it_is_due_is_told_to_the_second() {
    let now = at(SETTLED) + jiff::SignedDuration::from_nanos(115_999_937);
    assert_eq!(
        earliest(&leftover(), now).to_string(),
        "it is not in quarantine, where the next hourly sweep that finds nothing against it puts it \
         first: it may be shrunk and deleted from 2026-08-01T11:40:00Z on, or as its spec says, but \
         not before 2026-08-01T10:45:00Z"
    );
}

#[test]
fn a_quarantine_that_is_not_believed_holds_the_group() {
    let mut unreadable = quarantined();
    unreadable.tags.remove("pointsman:quarantined-at");
    let mut other = quarantined();
    tag(&mut other, "pointsman:quarantine", "d-OTHER0001");
    for (group, said) in [
        (unreadable, "tag pointsman:quarantined-at is missing"),
        (other, "the group is in quarantine for d-OTHER0001"),
    ] {
        let held = earliest(&group, at(OVER));
        assert!(matches!(held, Earliest::Held(_)), "{held:?}");
        let sentence = held.to_string();
        assert!(
            sentence.starts_with("it stays nevertheless: ") && sentence.contains(said),
            "{sentence}"
        );
    }
}

#[test]
fn what_is_earliest_is_never_before_the_proofs_are_apart() {
    let mut group = quarantined();
    group.instances = vec![instance("i-0a", "InService")];
    for began in [QUARANTINED, QUARANTINED + 7] {
        for minutes in [0, 1, 4, 5, 6, 60, 2880] {
            let until = at(began + minutes * 60).to_string();
            tag(
                &mut group,
                "pointsman:quarantined-at",
                &at(began).to_string(),
            );
            tag(&mut group, "pointsman:quarantined-until", &until);
            let Earliest::After { at: when } = earliest(&group, at(began)) else {
                panic!("{minutes} minutes: nothing is to be waited for");
            };
            let waits = when.as_second() - at(began).as_second();
            assert!(waits >= PROOFS_APART_SECONDS && waits >= minutes * 60);
        }
    }
}
