//! Does an address answer as it must?

use super::{HttpObservation, Judgement, Verdict};
use crate::spec::{HeaderMatch, HttpCheck, StatusRange};
use crate::wire::shorten;

pub(super) fn judge(check: &HttpCheck, seen: &HttpObservation) -> Judgement {
    // Evidence is read in reports and records by many; a query may hold a token.
    let address = check.url.split('?').next().unwrap_or_default();
    let request = format!("{} {}", check.method.as_str(), shorten(address, 200));
    match seen {
        HttpObservation::Unreachable(why) => Judgement::new(
            Verdict::CannotEvaluate,
            format!("{request} could not be reached from where the check runs: {why}"),
        ),
        HttpObservation::Answered {
            status,
            headers,
            body,
        } => {
            let faults: Vec<String> = [
                wrong_status(&check.status, *status),
                check
                    .header
                    .as_ref()
                    .and_then(|wanted| wrong_header(wanted, headers)),
                check
                    .body_contains
                    .as_ref()
                    .and_then(|wanted| wrong_body(wanted, body)),
            ]
            .into_iter()
            .flatten()
            .collect();
            if faults.is_empty() {
                Judgement::new(
                    Verdict::Passed,
                    format!("{request} answered {status}, as it must"),
                )
            } else {
                Judgement::new(
                    Verdict::Failed,
                    format!("{request} answered {status}: {}", faults.join(", ")),
                )
            }
        }
    }
}

fn wrong_status(accepted: &[StatusRange], status: u16) -> Option<String> {
    let held = accepted.iter().any(|range| range.holds(status));
    let words: Vec<String> = accepted.iter().copied().map(String::from).collect();
    (!held).then(|| format!("expected status {}", words.join(" or ")))
}

fn wrong_header(wanted: &HeaderMatch, headers: &[(String, String)]) -> Option<String> {
    let mut values = headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case(&wanted.name))
        .map(|(_, value)| value.as_str())
        .peekable();
    let first = values.peek().copied();
    match (&wanted.contains, first) {
        (None, Some(_)) => None,
        (None, None) => Some(format!("header {} is missing", wanted.name)),
        (Some(text), None) => Some(format!(
            "header {} is missing, expected {text:?} in it",
            wanted.name
        )),
        (Some(text), Some(first)) => (!values.any(|value| value.contains(text))).then(|| {
            format!(
                "header {} is {:?}, expected {text:?} in it",
                wanted.name,
                shorten(first, 100)
            )
        }),
    }
}

fn wrong_body(wanted: &str, body: &str) -> Option<String> {
    (!body.contains(wanted)).then(|| match body {
        "" => format!("the body is empty, expected {wanted:?} in it"),
        _ => format!(
            "the body does not contain {wanted:?}; it is {} bytes and begins {:?}",
            body.len(),
            shorten(body, 100),
        ),
    })
}
