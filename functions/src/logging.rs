//! Logs as Lambda collects them: one JSON object a line, on standard output.
//!
//! In place of `lambda_runtime`'s own subscriber, whose filters need a regex engine in every
//! function (docs/decisions/0013).

use std::str::FromStr;

use tracing_subscriber::filter::LevelFilter;

use crate::environment::Environment;

/// Begins to log, for the rest of the process.
pub fn begin(environment: &Environment) {
    tracing_subscriber::fmt()
        .json()
        // `CloudWatch` Logs has its own time for every line; a step names itself in a field.
        .without_time()
        .with_target(false)
        .with_max_level(level(environment))
        .init();
}

/// The level that the function is set to (Lambda Developer Guide, "Log-level filtering"); else the
/// one that a developer asks for; else INFO, below which a release build has nothing to say.
fn level(environment: &Environment) -> LevelFilter {
    ["AWS_LAMBDA_LOG_LEVEL", "RUST_LOG"]
        .iter()
        .find_map(|name| environment.get(*name))
        .and_then(|word| LevelFilter::from_str(word).ok())
        .unwrap_or(LevelFilter::INFO)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lambdas_level_counts_before_a_developers_and_info_stands_for_none() {
        let told = |variables: &[(&str, &str)]| {
            let environment = variables
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect();
            level(&environment)
        };
        let lambdas = ("AWS_LAMBDA_LOG_LEVEL", "WARN");
        assert_eq!(told(&[lambdas, ("RUST_LOG", "debug")]), LevelFilter::WARN);
        assert_eq!(told(&[("RUST_LOG", "debug")]), LevelFilter::DEBUG);
        assert_eq!(told(&[]), LevelFilter::INFO);
        assert_eq!(
            told(&[("AWS_LAMBDA_LOG_LEVEL", "FATAL")]),
            LevelFilter::INFO
        );
    }
}
