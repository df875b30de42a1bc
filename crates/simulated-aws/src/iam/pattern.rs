//! Wildcards in policies: in actions, in texts and in ARNs.

/// Whether `text` is what `pattern` says: `*` stands for any characters, none too, and `?` for one.
pub(super) fn is_like(pattern: &str, text: &str) -> bool {
    matches(pattern, text, |one, other| one == other)
}

/// "The prefix and the action name are case insensitive" (IAM User Guide, "IAM JSON policy
/// elements: Action").
pub(super) fn is_action(pattern: &str, action: &str) -> bool {
    matches(pattern, action, |one, other| {
        one.eq_ignore_ascii_case(&other)
    })
}

/// Whether a `Resource` element covers an ARN, or the `*` that an action without resource types
/// asks for.
///
/// Wildcards stand for characters within a segment, a slash too; "If the `*` wildcard is the last
/// character of a resource ARN segment, it can expand to match beyond the colon boundaries" (IAM
/// User Guide, "IAM JSON policy elements: Resource").
pub(super) fn is_resource(pattern: &str, resource: &str) -> bool {
    pattern == "*" || segments(Some(pattern), Some(resource))
}

/// What is left of a pattern against what is left of an ARN; nothing, when no segment is left.
fn segments(pattern: Option<&str>, arn: Option<&str>) -> bool {
    let (Some(pattern), Some(arn)) = (pattern, arn) else {
        return pattern == arn;
    };
    let (first, patterns) = split(pattern);
    let (segment, mut rest) = split(arn);
    if !is_like(first, segment) {
        return false;
    }
    if !first.ends_with('*') {
        return segments(patterns, rest);
    }
    while let Some(more) = rest {
        if segments(patterns, rest) {
            return true;
        }
        rest = split(more).1;
    }
    patterns.is_none()
}

fn split(text: &str) -> (&str, Option<&str>) {
    match text.split_once(':') {
        Some((segment, rest)) => (segment, Some(rest)),
        None => (text, None),
    }
}

/// `ArnEquals` and `ArnLike`: "Each of the six colon-delimited components of the ARN is checked
/// separately"; the two "behave identically" (IAM User Guide, "IAM JSON policy elements: Condition
/// operators"). The last one has the colons that come after it.
pub(super) fn is_arn_like(pattern: &str, arn: &str) -> bool {
    let (patterns, components) = (pattern.splitn(6, ':'), arn.splitn(6, ':'));
    let six = |text: &str| text.splitn(6, ':').count() == 6;
    six(pattern)
        && six(arn)
        && patterns
            .zip(components)
            .all(|(pattern, component)| is_like(pattern, component))
}

fn matches(pattern: &str, text: &str, same: impl Fn(char, char) -> bool) -> bool {
    let (mut pattern, mut text) = (pattern.chars(), text.chars());
    // Behind the last `*`, and the first character that it has not swallowed yet.
    let mut again = None;
    loop {
        let from = text.clone();
        match (pattern.next(), text.next()) {
            (None, None) => return true,
            (Some('*'), _) => {
                text = from;
                again = Some((pattern.clone(), text.clone()));
            }
            (Some('?'), Some(_)) => {}
            (Some(wanted), Some(found)) if same(wanted, found) => {}
            (_, _) => {
                let Some((behind, swallowed)) = &mut again else {
                    return false;
                };
                if swallowed.next().is_none() {
                    return false;
                }
                (pattern, text) = (behind.clone(), swallowed.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_stand_for_characters_that_may_differ() {
        let cases = [
            ("", "", true),
            ("", "a", false),
            ("a", "", false),
            ("*", "", true),
            ("*", "anything", true),
            ("?", "", false),
            ("?", "ä", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("a*c", "ac", true),
            ("a*c", "abcbc", true),
            ("a*c", "abcb", false),
            ("*b*", "abc", true),
            ("a**b", "ab", true),
            ("a*b?d", "axbybzd", true),
            ("A", "a", false),
        ];
        for (pattern, text, expected) in cases {
            assert_eq!(is_like(pattern, text), expected, "{pattern} on {text}");
        }
    }

    #[test]
    fn actions_have_no_case() {
        let cases = [
            ("sns:Publish", "sns:Publish", true),
            ("SNS:publish", "sns:Publish", true),
            ("sns:publishBatch", "sns:Publish", false),
            ("codedeploy:get*", "codedeploy:GetDeployment", true),
            ("codedeploy:Get*", "codedeploy:BatchGetDeployments", false),
            ("codedeploy:*", "codedeploy:StopDeployment", true),
            ("codedeploy:*", "states:StopExecution", false),
            ("*", "states:StopExecution", true),
        ];
        for (pattern, action, expected) in cases {
            assert_eq!(
                is_action(pattern, action),
                expected,
                "{pattern} on {action}"
            );
        }
    }

    #[test]
    fn a_resource_matches_by_segments_and_beyond_them_where_a_star_ends_one() {
        let queue = "arn:aws:sqs:eu-central-1:123456789012:orders";
        let version = "arn:aws:lambda:eu-central-1:123456789012:function:shop:7";
        let parameter = "arn:aws:ssm:eu-central-1:123456789012:parameter/a/b";
        let cases = [
            ("*", queue, true),
            ("*", "*", true),
            (queue, queue, true),
            (queue, "*", false),
            (queue, version, false),
            (
                "arn:aws:sqs:eu-central-1:123456789012:orders2",
                queue,
                false,
            ),
            ("arn:aws:sqs:eu-central-1:123456789012:Orders", queue, false),
            ("arn:aws:sqs:eu-central-1:123456789012:ord*", queue, true),
            ("arn:aws:sqs:eu-central-1:123456789012:order?", queue, true),
            ("arn:aws:sqs:eu-*-1:123456789012:orders", queue, true),
            ("arn:aws:sqs:*:*:orders", queue, true),
            // A star that ends a segment goes on beyond it; one within a segment does not.
            ("arn:aws:sqs:*:orders", queue, true),
            ("arn:aws:sqs:e*1:orders", queue, false),
            ("arn:aws:sqs:*", queue, true),
            ("arn:aws:sqs:e*", queue, true),
            (
                "arn:aws:lambda:eu-central-1:123456789012:function:shop",
                version,
                false,
            ),
            (
                "arn:aws:lambda:eu-central-1:123456789012:function:shop:*",
                version,
                true,
            ),
            (
                "arn:aws:lambda:eu-central-1:123456789012:function:sh*",
                version,
                true,
            ),
            (
                "arn:aws:lambda:eu-central-1:123456789012:function:s*p",
                version,
                false,
            ),
            (
                "arn:aws:lambda:eu-central-1:123456789012:function:shop?7",
                version,
                false,
            ),
            (
                "arn:aws:lambda:eu-central-1:123456789012:function:mill:*",
                version,
                false,
            ),
            (
                "arn:aws:ssm:eu-central-1:123456789012:parameter/*",
                parameter,
                true,
            ),
            (
                "arn:aws:ssm:eu-central-1:123456789012:parameter/*/b",
                parameter,
                true,
            ),
            (
                "arn:aws:ssm:eu-central-1:123456789012:parameter/b/*",
                parameter,
                false,
            ),
        ];
        for (pattern, resource, expected) in cases {
            let covered = is_resource(pattern, resource);
            assert_eq!(covered, expected, "{pattern} on {resource}");
        }
    }

    #[test]
    fn a_condition_on_an_arn_checks_its_six_components_one_by_one() {
        let rule = "arn:aws:events:eu-central-1:123456789012:rule/ended";
        let version = "arn:aws:lambda:eu-central-1:123456789012:function:shop:7";
        let cases = [
            (rule, rule, true),
            ("arn:aws:events:*:*:rule/*", rule, true),
            ("arn:aws:events:*:rule/ended", rule, false),
            ("arn:aws:events:*", rule, false),
            ("*", rule, false),
            (rule, "ended", false),
            ("arn:aws:lambda:*:*:function:*", version, true),
            ("arn:aws:lambda:*:*:*:7", version, true),
        ];
        for (pattern, arn, expected) in cases {
            assert_eq!(is_arn_like(pattern, arn), expected, "{pattern} on {arn}");
        }
    }
}
