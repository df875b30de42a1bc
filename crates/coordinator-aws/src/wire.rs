//! What the SDK's types of all services have in common.

use aws_smithy_types::DateTime;
use jiff::{Timestamp, Unit};

/// An instant, to the millisecond, which is as exact as AWS is: what the SDK reads from a number of
/// seconds has the noise of a float behind that. One outside the years that are served here is read
/// as the epoch: very old.
pub(crate) fn instant(time: &DateTime) -> Timestamp {
    let nanoseconds = i32::try_from(time.subsec_nanos()).unwrap_or_default();
    Timestamp::new(time.secs(), nanoseconds)
        .and_then(|exact| exact.round(Unit::Millisecond))
        .unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_keeps_its_fraction_and_never_fails() {
        let half_past = DateTime::from_secs_and_nanos(1, 500_000_000);
        assert_eq!(instant(&half_past).to_string(), "1970-01-01T00:00:01.5Z");
        let noisy = DateTime::from_secs_and_nanos(1, 884_999_990);
        assert_eq!(instant(&noisy).to_string(), "1970-01-01T00:00:01.885Z");
        assert_eq!(
            instant(&DateTime::from_secs(i64::MAX)),
            Timestamp::UNIX_EPOCH
        );
    }
}
