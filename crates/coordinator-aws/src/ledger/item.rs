//! A lock as an item of the table.

use aws_sdk_dynamodb::types::AttributeValue;
use coordinator::locks::{Lock, Phase, Resource};

use crate::errors::AwsError;

/// A lock that cannot be read is nobody's to take (I10).
pub(super) fn lock_of<'a>(
    operation: &'static str,
    resource: &Resource,
    item: impl Fn(&str) -> Option<&'a AttributeValue>,
) -> Result<Lock, AwsError> {
    let incomplete = |missing| AwsError::Incomplete {
        operation,
        resource: named([resource]),
        missing,
    };
    let text = |name: &'static str| {
        let value = item(name).and_then(|value| value.as_s().ok());
        value.ok_or_else(|| incomplete(name))
    };
    let generation = item("generation").and_then(|value| value.as_n().ok()?.parse().ok());
    Ok(Lock {
        owner: text("owner")?.clone(),
        generation: generation.ok_or_else(|| incomplete("generation"))?,
        phase: Phase::parse(text("phase")?).ok_or_else(|| incomplete("a known phase"))?,
        taken_at: text("taken_at")?
            .parse()
            .map_err(|_not_a_time| incomplete("taken_at"))?,
        deployment: text("deployment")?.clone(),
    })
}

/// Locks as a sentence names them.
pub(super) fn named<'a>(resources: impl IntoIterator<Item = &'a Resource>) -> String {
    let resources: Vec<String> = resources.into_iter().map(Resource::to_string).collect();
    format!("the lock on {}", resources.join(", "))
}

/// The partition key of a lock.
pub(super) fn partition(resource: &Resource) -> AttributeValue {
    AttributeValue::S(resource.partition())
}

pub(super) fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

pub(super) fn number(number: u64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// `owner` is a reserved word, as are others (DynamoDB Developer Guide, "Reserved words").
pub(super) fn placeholder(name: &str) -> (String, String) {
    (format!("#{name}"), name.to_owned())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn item(change: Option<(&str, AttributeValue)>) -> BTreeMap<String, AttributeValue> {
        let whole = [
            ("owner", text("arn:execution:one")),
            ("generation", number(2)),
            ("phase", text("held")),
            ("taken_at", text("2026-08-01T10:00:00Z")),
            ("deployment", text("d-1")),
        ];
        whole
            .into_iter()
            .chain(change)
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }

    fn read(item: &BTreeMap<String, AttributeValue>) -> Result<Lock, AwsError> {
        let resource = Resource::Group {
            name: "blue".to_owned(),
        };
        lock_of("GetItem", &resource, |name| item.get(name))
    }

    #[test]
    fn a_lock_is_read_as_it_was_written() {
        let lock = read(&item(None)).expect("a lock");
        assert_eq!(lock.owner, "arn:execution:one");
        assert_eq!(lock.generation, 2);
        assert_eq!(lock.phase, Phase::Held);
        assert_eq!(lock.taken_at.to_string(), "2026-08-01T10:00:00Z");
        assert_eq!(lock.deployment, "d-1");
    }

    #[test]
    fn a_lock_that_lacks_something_or_has_what_is_not_known_is_no_lock_to_decide_on() {
        for (name, value, missing) in [
            ("owner", number(1), "owner"),
            ("generation", text("2"), "generation"),
            (
                "generation",
                AttributeValue::N("-1".to_owned()),
                "generation",
            ),
            ("phase", text("thawing"), "a known phase"),
            ("taken_at", text("yesterday"), "taken_at"),
            ("deployment", AttributeValue::Null(true), "deployment"),
        ] {
            let error = read(&item(Some((name, value)))).expect_err("is unreadable");
            let expected = format!("GetItem on the lock on group blue answered without {missing}");
            assert_eq!(error.to_string(), expected);
        }
        let mut without = item(None);
        without.remove("owner");
        read(&without).expect_err("is unreadable");
    }
}
