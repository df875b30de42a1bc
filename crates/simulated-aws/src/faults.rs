//! Faults put on calls: what can go wrong between a caller and AWS.

use std::collections::BTreeMap;
use std::time::Duration;

/// What happens to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FaultKind {
    /// AWS says: too many requests.
    Throttled,
    /// AWS says: not allowed.
    Refused,
    /// AWS says: internal error (HTTP 500).
    Broken,
    /// The connection is lost before AWS has seen the call.
    LostBefore,
    /// AWS never sees the call and nobody answers; the caller waits for its own timeout.
    NeverArrives,
    /// The call takes effect, the connection is lost before the answer.
    AnswerLost,
    /// The call takes effect [`LATE_BY`] later, when its caller has long given up.
    AppliedLate,
    /// The process that calls dies before the call leaves it.
    KilledBefore,
    /// The call takes effect, and the process that called dies before it learns so.
    KilledAfter,
}

/// How late [`FaultKind::AppliedLate`] is: later than any task timeout of our machines.
pub const LATE_BY: Duration = Duration::from_secs(200);

impl FaultKind {
    /// Every kind.
    pub const ALL: [FaultKind; 9] = [
        FaultKind::Throttled,
        FaultKind::Refused,
        FaultKind::Broken,
        FaultKind::LostBefore,
        FaultKind::NeverArrives,
        FaultKind::AnswerLost,
        FaultKind::AppliedLate,
        FaultKind::KilledBefore,
        FaultKind::KilledAfter,
    ];
}

/// A fault: what happens to which call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Who calls.
    pub caller: String,
    /// The IAM action, such as `codedeploy:GetDeployment`.
    pub action: String,
    /// Which of this caller's calls of this action, counted from 1.
    pub nth: u32,
    /// For how many calls in a row from the n-th; `u32::MAX` for all later ones.
    pub times: u32,
    /// What happens to it.
    pub kind: FaultKind,
}

impl Fault {
    /// A fault on the n-th call alone.
    pub fn once(caller: &str, action: &str, nth: u32, kind: FaultKind) -> Fault {
        Fault {
            caller: caller.into(),
            action: action.into(),
            nth,
            times: 1,
            kind,
        }
    }

    /// A fault on the n-th call and all later ones.
    pub fn always(caller: &str, action: &str, nth: u32, kind: FaultKind) -> Fault {
        Fault {
            times: u32::MAX,
            ..Fault::once(caller, action, nth, kind)
        }
    }

    fn hits(&self, nth: u32) -> bool {
        nth >= self.nth && nth - self.nth < self.times
    }
}

/// The faults of a run, and how often each caller has made each call.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    planned: Vec<Fault>,
    made: BTreeMap<(String, String), u32>,
    fired: Vec<u32>,
}

impl Faults {
    /// Adds a fault to the run.
    pub fn plan(&mut self, fault: Fault) {
        self.planned.push(fault);
        self.fired.push(0);
    }

    /// Counts a call; which of them it is.
    pub(crate) fn count(&mut self, caller: &str, action: &str) -> u32 {
        let made = self
            .made
            .entry((caller.to_owned(), action.to_owned()))
            .or_default();
        *made += 1;
        *made
    }

    /// Counts a call, and says what happens to it: the first planned fault that hits it.
    pub(crate) fn strike(&mut self, caller: &str, action: &str) -> Option<FaultKind> {
        let nth = self.count(caller, action);
        let index = self.planned.iter().position(|fault| {
            fault.caller == caller && fault.action == action && fault.hits(nth)
        })?;
        self.fired[index] += 1;
        Some(self.planned[index].kind)
    }

    /// The planned faults, each with how often it fired.
    pub fn fired(&self) -> impl Iterator<Item = (&Fault, u32)> {
        self.planned.iter().zip(self.fired.iter().copied())
    }

    /// How often each caller made each call: `((caller, action), times)`.
    pub fn made(&self) -> impl Iterator<Item = (&(String, String), u32)> {
        self.made.iter().map(|(key, times)| (key, *times))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_hits_the_calls_it_names_and_no_other() {
        let kind = FaultKind::Refused;
        let cases = [
            (
                Fault::once("a", "s:X", 2, kind),
                [false, true, false, false],
            ),
            (
                Fault::always("a", "s:X", 2, kind),
                [false, true, true, true],
            ),
            (
                Fault {
                    times: 2,
                    ..Fault::once("a", "s:X", 1, kind)
                },
                [true, true, false, false],
            ),
            (Fault::once("b", "s:X", 1, kind), [false; 4]),
            (Fault::once("a", "s:Y", 1, kind), [false; 4]),
        ];
        for (fault, expected) in cases {
            let mut faults = Faults::default();
            faults.plan(fault.clone());
            let struck = [(); 4].map(|()| faults.strike("a", "s:X").is_some());
            assert_eq!(struck, expected, "{fault:?}");
            let times = u32::try_from(expected.iter().filter(|hit| **hit).count()).expect("small");
            assert_eq!(
                faults.fired().map(|(_, fired)| fired).collect::<Vec<_>>(),
                [times]
            );
        }
    }
}
