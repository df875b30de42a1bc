//! How long things take in a scenario: as it is told, or short enough for a clock that runs.
//!
//! A pace changes durations and nothing else: the same checks, the same decisions, the same ends.

use std::time::Duration;

use clap::ValueEnum;

/// How long things take in a scenario.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Pace {
    /// As a team would have it: a canary of 5 minutes, a round of checks each 10 s; of the store, a
    /// quarantine of an hour.
    #[default]
    Told,
    /// For real time: traffic shifts at once, a round of checks each 2 s; of the store, no
    /// quarantine. Its deployment still fails only after 16 minutes, and its clean-up takes 10 to 16
    /// more, or 50 where it waits for a sweep.
    Short,
}

impl Pace {
    /// What the team declares, as TOML.
    pub const fn spec(self) -> &'static str {
        match self {
            Pace::Told => include_str!("../scenarios/shop.toml"),
            Pace::Short => include_str!("../scenarios/shop-short.toml"),
        }
    }

    /// What the fleet's team declares, as TOML.
    pub const fn fleet_spec(self) -> &'static str {
        match self {
            Pace::Told => include_str!("../scenarios/store.toml"),
            Pace::Short => include_str!("../scenarios/store-short.toml"),
        }
    }

    /// How the deployment group shifts traffic.
    pub const fn configuration(self) -> &'static str {
        match self {
            Pace::Told => "CodeDeployDefault.LambdaCanary10Percent5Minutes",
            Pace::Short => "CodeDeployDefault.LambdaAllAtOnce",
        }
    }

    /// When the team deploys.
    pub const fn deployed_after(self) -> Duration {
        match self {
            // Customers have been served for a minute, so that there is a before.
            Pace::Told => Duration::from_secs(70),
            Pace::Short => Duration::from_secs(3),
        }
    }

    /// How many requests a version takes that turns bad under traffic: all checks before traffic,
    /// and then some seconds of customers.
    pub const fn poisoned_after(self) -> u64 {
        match self {
            // The canary's 600 requests are served well, and then those of a minute or so.
            Pace::Told => 1_950,
            // 13 seconds of customers.
            Pace::Short => 260,
        }
    }

    /// More failed requests in a minute than this, and the shop's alarm goes off.
    pub const fn errors_per_minute(self) -> f64 {
        match self {
            Pace::Told => 60.0,
            // An alarm sees whole minutes. In a scenario of seconds, which of them it falls into
            // would be chance, so that it stays quiet there.
            Pace::Short => 1_000_000.0,
        }
    }

    /// When, after the deployment began, somebody stops the verification: between two rounds.
    pub const fn aborted_after(self) -> Duration {
        match self {
            Pace::Told => Duration::from_secs(15),
            Pace::Short => Duration::from_secs(9),
        }
    }

    /// When the fleet's team deploys: its first release is over by then.
    pub const fn fleet_deployed_after(self) -> Duration {
        match self {
            Pace::Told | Pace::Short => Duration::from_mins(15),
        }
    }

    /// When, after the fleet's deployment began, somebody adopts what it left behind: in the middle of
    /// its quarantine.
    pub const fn adopted_after(self) -> Duration {
        match self {
            Pace::Told => Duration::from_mins(40),
            // It began after some 11 minutes, and ends after 16.
            Pace::Short => Duration::from_secs(13 * 60 + 30),
        }
    }

    /// When, after the fleet's deployment began, the team deploys a fixed revision.
    pub const fn fixed_after(self) -> Duration {
        match self {
            Pace::Told => Duration::from_mins(25),
            // It takes some 8 minutes, and is over before anything is proven.
            Pace::Short => Duration::from_mins(3),
        }
    }

    /// When, after the fleet's deployment began, somebody stops it: its first instances drain, and no
    /// script has run on them yet.
    pub const fn stopped_after(self) -> Duration {
        match self {
            Pace::Told | Pace::Short => Duration::from_secs(20),
        }
    }
}
