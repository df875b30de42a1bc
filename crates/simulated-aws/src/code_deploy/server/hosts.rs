//! How many instances a deployment takes at a time, and how many of them may fail.
//!
//! User Guide, "Working with deployment configurations" ("Predefined deployment configurations for
//! an EC2/On-Premises compute platform") and "Instance health"; API Reference,
//! `MinimumHealthyHosts`. It knows numbers only, and decides; it touches no world.

/// How many instances have to stay or become healthy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MinimumHealthyHosts {
    /// All at a time; one that succeeds is enough.
    AllAtOnce,
    /// Half of them at a time, rounded down; half of them, rounded up, has to succeed.
    HalfAtATime,
    /// One at a time; all have to succeed but for the last one, whose failure fails a deployment
    /// only if it is the only one.
    OneAtATime,
    /// `HOST_COUNT`: so many.
    HostCount(usize),
    /// `FLEET_PERCENT`: so many of a hundred, rounded up.
    FleetPercent(u8),
}

/// How the targets of one stage of a deployment stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// Not begun.
    pub waiting: usize,
    /// Begun.
    pub running: usize,
    /// Through.
    pub done: usize,
    /// Failed.
    pub failed: usize,
}

/// What a stage does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Begin so many more targets.
    Begin(usize),
    /// Nothing, until a target is through or has failed.
    Wait,
    /// The stage has succeeded.
    Over,
    /// Too many have failed.
    TooManyFailed,
}

impl Tally {
    /// Whether there is nobody.
    pub(super) fn is_empty(self) -> bool {
        self == Tally::default()
    }
}

/// What comes next where all go at once and each has to succeed, as in taking traffic from the
/// originals.
pub(super) fn all_or_nothing(tally: Tally) -> Next {
    match tally {
        Tally { waiting: 1.., .. } => Next::Begin(tally.waiting),
        Tally { running: 1.., .. } => Next::Wait,
        Tally { failed: 1.., .. } => Next::TooManyFailed,
        Tally { .. } => Next::Over,
    }
}

impl MinimumHealthyHosts {
    /// What a predefined configuration says: `CodeDeployDefault.AllAtOnce`, `….HalfAtATime` and
    /// `….OneAtATime`, with or without `CodeDeployDefault.`.
    pub fn predefined(name: &str) -> Option<MinimumHealthyHosts> {
        let name = name.strip_prefix("CodeDeployDefault.").unwrap_or(name);
        match name {
            "AllAtOnce" => Some(MinimumHealthyHosts::AllAtOnce),
            "HalfAtATime" => Some(MinimumHealthyHosts::HalfAtATime),
            "OneAtATime" => Some(MinimumHealthyHosts::OneAtATime),
            _ => None,
        }
    }

    /// How many of `total` have to succeed.
    fn needed(self, total: usize) -> usize {
        let least = match self {
            MinimumHealthyHosts::AllAtOnce => 1,
            MinimumHealthyHosts::HalfAtATime => total.div_ceil(2),
            MinimumHealthyHosts::OneAtATime => total.saturating_sub(1),
            MinimumHealthyHosts::HostCount(count) => count,
            MinimumHealthyHosts::FleetPercent(percent) => {
                (total * usize::from(percent)).div_ceil(100)
            }
        };
        least.max(1)
    }

    /// How many of `total` may be out at the same time, those that failed among them.
    fn out_at_most(self, total: usize) -> usize {
        match self {
            MinimumHealthyHosts::AllAtOnce => total,
            MinimumHealthyHosts::HalfAtATime => (total / 2).max(1),
            MinimumHealthyHosts::OneAtATime => 1,
            MinimumHealthyHosts::HostCount(_) | MinimumHealthyHosts::FleetPercent(_) => {
                total.saturating_sub(self.needed(total))
            }
        }
    }

    /// Whether a deployment to so many can begin at all: with as many as have to stay healthy it
    /// cannot (API Reference, `ErrorInformation`, `HEALTH_CONSTRAINTS_INVALID`).
    pub(super) fn allows(self, total: usize) -> bool {
        self.out_at_most(total) > 0
    }

    /// What comes next. What runs is always let run to its end, an assumption; an instance that
    /// failed stays out and so counts against those that may be out.
    pub(super) fn next(self, tally: Tally) -> Next {
        let Tally {
            waiting,
            running,
            done,
            failed,
        } = tally;
        let total = waiting + running + done + failed;
        let free = self.out_at_most(total).saturating_sub(running + failed);
        if waiting > 0 && free > 0 {
            return Next::Begin(free.min(waiting));
        }
        if running > 0 {
            return Next::Wait;
        }
        if waiting == 0 && done >= self.needed(total) {
            Next::Over
        } else {
            Next::TooManyFailed
        }
    }
}

#[cfg(test)]
mod tests {
    use super::MinimumHealthyHosts::{AllAtOnce, FleetPercent, HalfAtATime, HostCount, OneAtATime};
    use super::*;

    fn tally(waiting: usize, running: usize, done: usize, failed: usize) -> Tally {
        Tally {
            waiting,
            running,
            done,
            failed,
        }
    }

    #[test]
    fn takes_as_many_at_a_time_as_the_configuration_allows() {
        let cases = [
            (AllAtOnce, 9, 9),
            (HalfAtATime, 9, 4),
            (HalfAtATime, 1, 1),
            (OneAtATime, 9, 1),
            // The two examples of the API Reference.
            (HostCount(6), 9, 3),
            (FleetPercent(40), 9, 5),
        ];
        for (hosts, total, expected) in cases {
            let next = hosts.next(tally(total, 0, 0, 0));
            assert_eq!(next, Next::Begin(expected), "{hosts:?} of {total}");
        }
        assert!(!HostCount(2).allows(2), "none may be taken out");
        assert!(HostCount(1).allows(2) && OneAtATime.allows(1) && AllAtOnce.allows(1));
    }

    #[test]
    fn succeeds_with_as_many_as_the_configuration_asks_for() {
        let cases = [
            (AllAtOnce, tally(0, 0, 1, 8), Next::Over),
            (AllAtOnce, tally(0, 0, 0, 9), Next::TooManyFailed),
            (HalfAtATime, tally(0, 0, 5, 4), Next::Over),
            (HalfAtATime, tally(0, 0, 4, 5), Next::TooManyFailed),
            (OneAtATime, tally(0, 0, 3, 1), Next::Over),
            (OneAtATime, tally(1, 0, 2, 1), Next::TooManyFailed),
            (OneAtATime, tally(0, 0, 0, 1), Next::TooManyFailed),
            (HostCount(6), tally(0, 0, 6, 3), Next::Over),
            (HostCount(6), tally(2, 1, 2, 2), Next::Wait),
            (HostCount(6), tally(2, 0, 4, 3), Next::TooManyFailed),
            (HalfAtATime, tally(2, 1, 0, 1), Next::Wait),
        ];
        for (hosts, tally, expected) in cases {
            assert_eq!(hosts.next(tally), expected, "{hosts:?} {tally:?}");
        }
    }

    #[test]
    fn knows_the_predefined_configurations_and_no_others() {
        for (name, expected) in [
            ("CodeDeployDefault.AllAtOnce", Some(AllAtOnce)),
            ("HalfAtATime", Some(HalfAtATime)),
            ("CodeDeployDefault.OneAtATime", Some(OneAtATime)),
            ("CodeDeployDefault.LambdaAllAtOnce", None),
        ] {
            assert_eq!(MinimumHealthyHosts::predefined(name), expected, "{name}");
        }
    }
}
