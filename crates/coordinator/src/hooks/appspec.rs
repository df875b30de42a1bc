//! Which functions an appspec names as hooks.
//!
//! CodeDeploy takes appspecs as JSON or YAML. Only the two lines that name our events matter here,
//! so YAML is not parsed: a line `- BeforeAllowTraffic: name` is looked for. What is written in
//! another way is not recognised, which leaves the deployment alone (I10).

use serde_json::Value;

use super::HookEvent;

/// Deeper than any appspec: hostile nesting ends here.
const DEPTH_AT_MOST: usize = 8;

/// The hook functions that an appspec names for the events we answer, in the order written.
pub fn hook_functions(appspec: &str) -> Vec<(HookEvent, String)> {
    let mut found = Vec::new();
    match serde_json::from_str::<Value>(appspec) {
        Ok(document) => in_json(&document, DEPTH_AT_MOST, &mut found),
        Err(_) => found.extend(appspec.lines().filter_map(in_line)),
    }
    found
}

/// Whether two names mean one function: each may be a name, an ARN, or either with a qualifier.
pub fn is_same_function(one: &str, other: &str) -> bool {
    !function_name(one).is_empty() && function_name(one) == function_name(other)
}

/// A function's bare name. An ARN is `arn:<partition>:lambda:<region>:<account>:function:<name>`,
/// perhaps with `:<qualifier>`.
pub(super) fn function_name(name_or_arn: &str) -> &str {
    let mut parts = name_or_arn.split(':');
    if name_or_arn.starts_with("arn:") {
        parts.nth(6).unwrap_or_default()
    } else {
        parts.next().unwrap_or_default()
    }
}

fn in_json(value: &Value, depth: usize, found: &mut Vec<(HookEvent, String)>) {
    if depth == 0 {
        return;
    }
    match value {
        Value::Object(fields) => {
            for (key, inner) in fields {
                match (HookEvent::parse(key), inner.as_str()) {
                    (Ok(event), Some(function)) => found.push((event, function.to_owned())),
                    (Ok(_) | Err(_), _) => in_json(inner, depth - 1, found),
                }
            }
        }
        Value::Array(items) => items
            .iter()
            .for_each(|item| in_json(item, depth - 1, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn in_line(line: &str) -> Option<(HookEvent, String)> {
    let (key, value) = line.split_once(':')?;
    let key = key
        .trim_start_matches(|c: char| c.is_whitespace() || c == '-')
        .trim();
    let event = HookEvent::parse(key.trim_matches(['"', '\''])).ok()?;
    let value = value.split(" #").next().unwrap_or_default().trim();
    let function = value.trim_matches(['"', '\'']).trim();
    (!function.is_empty() && !function.starts_with('#')).then(|| (event, function.to_owned()))
}
