//! Keeps a function within its time, so that it can still say why it did not finish.

use std::future::Future;
use std::time::Duration;

use coordinator::failure::{Failure, FailureName};
use coordinator_aws::clients::Clock;
use jiff::Timestamp;
use lambda_runtime::Context;

/// What a function with a minute or more keeps to report: its own last calls and their retries.
pub(crate) const RESERVE: Duration = Duration::from_secs(10);
/// What a hook function keeps of its 10 s: it only has to return.
pub(crate) const HOOK_RESERVE: Duration = Duration::from_secs(1);

/// Who invokes by hand, in a test or on a laptop, sets no deadline; then this is the time.
const WITHOUT_DEADLINE: Duration = Duration::from_mins(1);

/// The time that is left for work, before `reserve` begins.
pub(crate) fn left(clock: &Clock, context: &Context, reserve: Duration) -> Duration {
    remaining(clock.now(), context.deadline, reserve)
}

fn remaining(now: Timestamp, deadline_milliseconds: u64, reserve: Duration) -> Duration {
    let until_end = match deadline_milliseconds {
        0 => WITHOUT_DEADLINE,
        deadline => {
            let now = u64::try_from(now.as_millisecond()).unwrap_or_default();
            Duration::from_millis(deadline.saturating_sub(now))
        }
    };
    // Whoever gives a function less time than it should have still gets half of it as work.
    until_end.saturating_sub(reserve.min(until_end / 2))
}

/// Runs the work, and ends it when its time is over. What it called may still take effect; each
/// step may be run again.
pub(crate) async fn within<T>(
    time: Duration,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    tokio::time::timeout(time, work)
        .await
        .unwrap_or_else(|_elapsed| {
            let sentence = format!("the work was not done within {} ms", time.as_millis());
            Err(Failure::new(FailureName::Transient, sentence))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reserve_is_kept_and_at_most_half_of_the_time() {
        let now = Timestamp::from_second(1_000).expect("within jiff's range");
        for (deadline, left) in [(1_060_000, 50), (1_010_000, 5), (1_000, 0), (0, 50)] {
            assert_eq!(
                remaining(now, deadline, RESERVE),
                Duration::from_secs(left),
                "{deadline}"
            );
        }
    }

    #[tokio::test]
    async fn work_that_takes_too_long_is_a_named_failure() {
        let never = std::future::pending::<Result<(), Failure>>();
        let failure = within(Duration::ZERO, never)
            .await
            .expect_err("it never ends");
        assert_eq!(
            failure.to_string(),
            "Transient: the work was not done within 0 ms"
        );
    }
}
