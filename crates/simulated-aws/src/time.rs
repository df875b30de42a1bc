//! A moment of the world's virtual clock.

use std::fmt;
use std::ops::{Add, Sub};
use std::time::Duration;

use serde::{Serialize, Serializer};

/// Milliseconds since the Unix epoch, on the world's own clock.
///
/// Serialized, it is a marker (`{"@time": milliseconds}`) that [`crate::wire`] turns into what each
/// protocol wants: seconds in JSON, an ISO 8601 text in XML, a tagged number in CBOR.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(u64);

/// The key of the marker that stands for a time in a document.
pub(crate) const TIME_KEY: &str = "@time";

impl Time {
    /// When every world begins: 2026-01-15 09:00:00 UTC, a Thursday morning.
    pub const START: Time = Time(1_768_467_600_000);

    /// The moment that lies `milliseconds` after the Unix epoch.
    pub const fn from_milliseconds(milliseconds: u64) -> Time {
        Time(milliseconds)
    }

    /// Milliseconds since the Unix epoch.
    pub const fn milliseconds(self) -> u64 {
        self.0
    }

    /// How long ago `earlier` was; zero if it is later than this moment.
    pub fn since(self, earlier: Time) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }

    fn timestamp(self) -> jiff::Timestamp {
        let milliseconds = i64::try_from(self.0).unwrap_or(i64::MAX);
        jiff::Timestamp::from_millisecond(milliseconds).unwrap_or(jiff::Timestamp::MAX)
    }
}

impl fmt::Display for Time {
    /// RFC 3339 with milliseconds, in UTC: `2026-01-15T09:00:00.000Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.timestamp())
    }
}

impl Add<Duration> for Time {
    type Output = Time;

    fn add(self, duration: Duration) -> Time {
        let milliseconds = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        Time(self.0.saturating_add(milliseconds))
    }
}

impl Sub<Duration> for Time {
    type Output = Time;

    fn sub(self, duration: Duration) -> Time {
        let milliseconds = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        Time(self.0.saturating_sub(milliseconds))
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([(TIME_KEY, self.0)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_as_rfc_3339_in_utc() {
        assert_eq!(Time::START.to_string(), "2026-01-15T09:00:00.000Z");
        let later = Time::START + Duration::from_millis(61_005);
        assert_eq!(later.to_string(), "2026-01-15T09:01:01.005Z");
    }

    #[test]
    fn a_later_moment_is_no_time_ago() {
        let later = Time::START + Duration::from_secs(5);
        assert_eq!(later.since(Time::START), Duration::from_secs(5));
        assert_eq!(Time::START.since(later), Duration::ZERO);
    }
}
