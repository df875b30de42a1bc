//! The small world: every condition of I3 as one dimension, with its ways to hold and not to hold.
//!
//! The oracle knows nothing of how a proof is made: each way of a dimension says by itself whether
//! that condition of I3 holds, and a group may be shrunk only where all of them do. All
//! combinations of I3's own conditions are tried, and of all dimensions every combination of up to
//! three that deviate.

use super::*;

mod dimensions;

use dimensions::{Holds, No, NotYet, Way, besides, in_quarantine, ownership};

/// What the oracle and the proof are compared by.
fn check(ways: &[&Way], round: Round) {
    let mut survey = around(quarantined());
    for way in ways {
        (way.arrange)(&mut survey);
    }
    let proof = match round {
        Round::First => prove(&survey.groups[0], &survey, crate::examples::at(OVER)),
        Round::Second => prove_again(&survey.groups[0], &survey, crate::examples::at(OVER)),
    };
    let holds: Vec<Holds> = ways.iter().map(|way| way.holds).collect();
    let stands_against = holds.iter().any(|holds| matches!(holds, No(_)));
    let expected = match (stands_against, holds.contains(&NotYet)) {
        (true, _) => "kept",
        (false, true) => "wait",
        (false, false) => "orphan",
    };
    let actual = match &proof {
        Proof::Orphan { .. } => "orphan",
        Proof::Wait { .. } => "wait",
        Proof::Kept { .. } => "kept",
        Proof::Gone(_) => "gone",
    };
    assert_eq!(actual, expected, "{holds:?}: {proof}");
    if let Proof::Kept { objections } = &proof {
        every_deviation_is_said(&holds, &kinds(objections));
    }
}

/// What is asked of the deployment can be said only of a deployment that is known.
const OF_THE_DEPLOYMENT: [&str; 14] = [
    "made_afterwards",
    "deployment_unknown",
    "succeeded",
    "under_way",
    "status_unrecognized",
    "end_unknown",
    "roll_back_under_way",
    "roll_back_unknown",
    "being_rolled_back",
    "group_deploying",
    "made_by_scaling",
    "creator_unrecognized",
    "other_platform",
    "other_deployment_group",
];

fn every_deviation_is_said(holds: &[Holds], said: &[String]) {
    let is_said = |kind: &str| said.iter().any(|said| said == kind);
    let hidden = |kind: &str| {
        let no_copy = is_said("not_a_copy");
        let unknown = is_said("deployment_unknown");
        let of_the_deployment = OF_THE_DEPLOYMENT.contains(&kind);
        (no_copy && of_the_deployment)
            || (unknown && of_the_deployment && kind != "deployment_unknown")
            // A group cannot be younger than an end that nobody knows.
            || (kind == "made_afterwards" && is_said("end_unknown"))
            // Whoever deploys to checkout does not deploy to the group that the deployment was of.
            || (kind == "group_deploying" && is_said("other_deployment_group"))
    };
    for holds in holds {
        if let No(kind) = holds {
            assert!(
                said.iter().any(|said| said == kind) || hidden(kind),
                "{kind} is not in {said:?}"
            );
        }
    }
}

/// Every combination, one way of each dimension.
fn product<'a>(
    dimensions: &'a [Vec<Way>],
    chosen: &mut Vec<&'a Way>,
    visit: &mut impl FnMut(&[&Way]),
) {
    match dimensions.get(chosen.len()) {
        None => visit(chosen),
        Some(ways) => {
            for way in ways {
                chosen.push(way);
                product(dimensions, chosen, visit);
                chosen.pop();
            }
        }
    }
}

/// Every combination in which at most so many dimensions are not in their first way.
fn deviating<'a>(
    dimensions: &'a [Vec<Way>],
    at_most: usize,
    chosen: &mut Vec<&'a Way>,
    visit: &mut impl FnMut(&[&Way]),
) {
    let Some(ways) = dimensions.get(chosen.len()) else {
        return visit(chosen);
    };
    for (index, way) in ways.iter().enumerate() {
        let left = at_most.checked_sub(usize::from(index > 0));
        if let Some(left) = left {
            chosen.push(way);
            deviating(dimensions, left, chosen, visit);
            chosen.pop();
        }
    }
}

#[test]
fn an_orphan_is_concluded_only_when_every_condition_of_i3_holds() {
    let dimensions = ownership();
    let mut count = 0;
    product(&dimensions, &mut Vec::new(), &mut |ways| {
        check(ways, Round::First);
        count += 1;
    });
    assert_eq!(count, 2 * 5 * 4 * 2 * 2 * 3 * 2 * 2 * 4);
}

#[test]
fn an_orphan_is_concluded_a_second_time_only_when_every_condition_and_the_quarantine_hold() {
    let mut dimensions = ownership();
    dimensions.insert(0, in_quarantine());
    let mut count = 0;
    product(&dimensions, &mut Vec::new(), &mut |ways| {
        check(ways, Round::Second);
        count += 1;
    });
    assert_eq!(count, 6 * 2 * 5 * 4 * 2 * 2 * 3 * 2 * 2 * 4);
}

#[test]
fn no_three_conditions_together_hide_one_another() {
    let mut dimensions = ownership();
    dimensions.extend(besides());
    let mut count = 0;
    deviating(&dimensions, 3, &mut Vec::new(), &mut |ways| {
        check(ways, Round::First);
        count += 1;
    });
    dimensions.insert(0, in_quarantine());
    deviating(&dimensions, 3, &mut Vec::new(), &mut |ways| {
        check(ways, Round::Second);
        count += 1;
    });
    assert!(count > 10_000, "{count} combinations");
}
