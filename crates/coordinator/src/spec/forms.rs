//! The forms that texts in a spec must have.

pub(super) fn is_text(text: &str, at_most: usize) -> bool {
    !text.trim().is_empty()
        && text.chars().count() <= at_most
        && !text.chars().any(char::is_control)
}

/// A text to look for; it may hold line ends.
pub(super) fn is_long_text(text: &str) -> bool {
    (1..=1000).contains(&text.chars().count())
}

pub(super) fn is_header_name(text: &str) -> bool {
    (1..=100).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

pub(super) fn is_url(text: &str) -> bool {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    let host = rest
        .and_then(|rest| rest.split(['/', '?', '#']).next())
        .unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    text.len() <= 2000
        && text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte))
        && !name.is_empty()
        && !host.contains('@')
}

pub(super) fn is_target_group_arn(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    match parts.as_slice() {
        [
            "arn",
            partition,
            "elasticloadbalancing",
            region,
            account,
            resource,
        ] => {
            let resource: Vec<&str> = resource.split('/').collect();
            [partition, region, account]
                .iter()
                .all(|part| !part.is_empty())
                && resource.len() == 3
                && resource.iter().all(|part| !part.is_empty())
                && resource[0] == "targetgroup"
                && text.len() <= 255
                && text.bytes().all(|byte| byte.is_ascii_graphic())
        }
        _ => false,
    }
}

/// The parser's time grows exponentially with nested filters and parentheses: so many take it
/// milliseconds.
const FILTERS_AT_MOST: usize = 3;
const DEPTH_AT_MOST: usize = 8;

pub(super) fn is_json_path(text: &str) -> bool {
    is_shallow(text) && serde_json_path::JsonPath::parse(text).is_ok()
}

/// Whether a `JSONPath` has few filters and little nesting, not counting what is quoted.
fn is_shallow(text: &str) -> bool {
    let (mut filters, mut depth, mut quote) = (0_usize, 0_usize, None);
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (Some(_), '\\') => {
                characters.next();
            }
            (Some(open), _) if open == character => quote = None,
            (None, '\'' | '"') => quote = Some(character),
            (None, '?') => filters += 1,
            (None, '[' | '(') => depth += 1,
            (None, ']' | ')') => depth = depth.saturating_sub(1),
            (Some(_) | None, _) => {}
        }
        if filters > FILTERS_AT_MOST || depth > DEPTH_AT_MOST {
            return false;
        }
    }
    true
}
