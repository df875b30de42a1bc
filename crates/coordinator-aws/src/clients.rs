//! Builds the SDK clients, all in one way.
//!
//! Knows how often and how long a call is tried, and which TLS it speaks. Keeps no state of its
//! own: retry tokens live in the [`RetryPartition`] that the caller passes, because the SDK would
//! otherwise share one static bucket among all clients of a process
//! (`aws-smithy-runtime`, `RetryPartition`), and a simulation has many functions in one process.

mod in_lambda;

use std::time::Duration;

use aws_config::{BehaviorVersion, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use aws_smithy_async::time::{SharedTimeSource, SystemTimeSource};
use aws_smithy_http_client::tls;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use jiff::Timestamp;

pub use aws_sdk_sfn::config::retry::RetryPartition;
pub use in_lambda::in_lambda;

/// How often and how long one operation is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Time for one attempt, connection included.
    pub attempt: Duration,
    /// Time for all attempts of one operation and the pauses between them.
    pub operation: Duration,
    /// Attempts at most, the first included.
    pub attempts: u32,
}

impl Budget {
    /// For functions that have a minute. Eight attempts with pauses of up to 0.25, 0.5, 1, 2 and
    /// then 4 s outlast a burst of throttling; the SDK's default of three attempts gives up after
    /// half a second. 20 s in all leaves a function time to report.
    pub const STANDARD: Self = Self {
        attempt: Duration::from_secs(5),
        operation: Duration::from_secs(20),
        attempts: 8,
    };

    /// For the hook functions, which have 10 s: one operation to start, one to answer if that
    /// cannot be done, and the rest to report. Lambda's own two retries come after that.
    pub const HOOK: Self = Self {
        attempt: Duration::from_secs(2),
        operation: Duration::from_secs(4),
        attempts: 4,
    };

    /// For giving an answer where a minute is shared with records, alerts and what is read for
    /// them: as many attempts as [`Self::STANDARD`], in less time.
    pub const ANSWER: Self = Self {
        attempt: Duration::from_secs(5),
        operation: Duration::from_secs(15),
        attempts: 8,
    };

    /// For what is done beside an answer, the ledger above all: it must never keep CodeDeploy from
    /// being answered.
    pub const BESIDE: Self = Self {
        attempt: Duration::from_secs(2),
        operation: Duration::from_secs(4),
        attempts: 4,
    };
}

/// The first pause before a retry is drawn from zero to this (full jitter).
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// No pause is longer: a throttled API has refilled by then, and an operation has 20 s.
const LONGEST_PAUSE: Duration = Duration::from_secs(4);
/// A connection that takes longer is better tried again within the attempt's time.
const CONNECT_TIMEOUT: Duration = Duration::from_millis(1500);

/// What every client is built from.
#[derive(Debug, Clone)]
pub struct Clients {
    config: SdkConfig,
    partition: RetryPartition,
}

impl Clients {
    /// Clients that use the connections, credentials and clock of `config`, the retry tokens of
    /// `partition`, and keep to `budget`.
    pub fn new(config: &SdkConfig, partition: RetryPartition, budget: Budget) -> Self {
        let retry = RetryConfig::standard()
            .with_max_attempts(budget.attempts)
            .with_initial_backoff(FIRST_PAUSE)
            .with_max_backoff(LONGEST_PAUSE);
        let timeout = TimeoutConfig::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .operation_attempt_timeout(budget.attempt)
            .operation_timeout(budget.operation)
            .build();
        let config = config
            .clone()
            .into_builder()
            .behavior_version(behavior_version())
            .retry_config(retry)
            .timeout_config(timeout)
            .build();
        Self { config, partition }
    }

    /// The clock that all of this runs on.
    pub fn clock(&self) -> Clock {
        Clock::of(&self.config)
    }

    pub(crate) fn config(&self) -> &SdkConfig {
        &self.config
    }

    pub(crate) fn partition(&self) -> RetryPartition {
        self.partition.clone()
    }
}

/// The clock of an `SdkConfig`: the system's in production, the virtual one in a simulation.
#[derive(Debug, Clone)]
pub struct Clock {
    source: SharedTimeSource,
}

impl Clock {
    /// The clock of `config`; the system's, where it names none.
    pub fn of(config: &SdkConfig) -> Self {
        let source = config
            .time_source()
            .unwrap_or_else(|| SharedTimeSource::new(SystemTimeSource::new()));
        Self { source }
    }

    /// What time it is. A clock outside the years 1 to 9999 is read as the epoch.
    pub fn now(&self) -> Timestamp {
        Timestamp::try_from(self.source.now()).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

/// The configuration on a person's machine or in a pipeline: region and credentials from wherever
/// the SDK finds them. A function's is [`in_lambda`].
pub async fn from_environment() -> SdkConfig {
    aws_config::defaults(behavior_version())
        .http_client(http_client())
        .load()
        .await
}

/// The HTTP client is explicit because the SDK crates are built without a default one; ring
/// because aws-lc costs 32 ms of CPU in the first handshake (docs/decisions/0003).
fn http_client() -> SharedHttpClient {
    let ring = tls::rustls_provider::CryptoMode::Ring;
    aws_smithy_http_client::Builder::new()
        .tls_provider(tls::Provider::Rustls(ring))
        .build_https()
}

/// A retry partition of its own for one process or one simulated execution environment.
pub fn own_partition(name: &'static str) -> RetryPartition {
    RetryPartition::custom(name).build()
}

/// Pinned, so that an update of the SDK does not change how it behaves.
fn behavior_version() -> BehaviorVersion {
    BehaviorVersion::v2026_01_12()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hook_function_can_start_and_answer_within_its_ten_seconds() {
        let both = Budget::HOOK.operation * 2;
        assert!(both <= Duration::from_secs(8), "{both:?}");
    }

    #[test]
    fn every_client_is_given_the_budget_and_the_pinned_behaviour() {
        let bare = SdkConfig::builder().build();
        let clients = Clients::new(&bare, own_partition("test"), Budget::STANDARD);
        let timeout = clients.config().timeout_config().expect("was set");
        assert_eq!(
            timeout.operation_attempt_timeout(),
            Some(Duration::from_secs(5))
        );
        assert_eq!(timeout.operation_timeout(), Some(Duration::from_secs(20)));
        assert_eq!(
            clients
                .config()
                .retry_config()
                .map(RetryConfig::max_attempts),
            Some(8)
        );
    }
}
