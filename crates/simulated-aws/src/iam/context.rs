//! What conditions may ask of a request.

use std::collections::{BTreeMap, BTreeSet};

/// What is known of a request beside its action and resource: values by key, in lower case, as
/// "condition key names are not case-sensitive" (IAM User Guide, "IAM JSON policy elements:
/// Condition"), the keys of tags in them included. Some keys have several values.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Context(BTreeMap<String, BTreeSet<String>>);

/// The keys that the model's requests carry (IAM User Guide, "AWS global condition context keys"):
/// a role's carry what is said of the principal and the Region, a service's what is said of the
/// source, a call of Auto Scaling the tags of its group and those that it brings.
const KEYS: [&str; 6] = [
    "aws:principalaccount",
    "aws:principalarn",
    "aws:requestedregion",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:tagkeys",
];

/// How the keys begin that end with the key of a tag.
const KEYS_OF_TAGS: [&str; 3] = [
    "autoscaling:resourcetag/",
    "aws:requesttag/",
    "aws:resourcetag/",
];

/// The key of this name, if any request of the model carries it.
pub(super) fn key(name: &str) -> Option<String> {
    let key = name.to_ascii_lowercase();
    let is_of_tag = |begin: &&str| key.len() > begin.len() && key.starts_with(*begin);
    let is_known = KEYS.contains(&key.as_str()) || KEYS_OF_TAGS.iter().any(is_of_tag);
    is_known.then_some(key)
}

impl Context {
    /// With these values. Keys that policies cannot ask for are left out.
    pub fn new<const N: usize>(values: [(&str, String); N]) -> Context {
        let mut context = Context::default();
        for (name, value) in values {
            context.add(name, &value);
        }
        context
    }

    /// Adds a value of a key, unless policies cannot ask for that key.
    pub fn add(&mut self, name: &str, value: &str) {
        if let Some(key) = key(name) {
            self.0.entry(key).or_default().insert(value.to_owned());
        }
    }

    /// What both say.
    #[must_use]
    pub fn with(&self, other: &Context) -> Context {
        let mut both = self.clone();
        for (key, values) in &other.0 {
            let known = both.0.entry(key.clone()).or_default();
            known.extend(values.iter().cloned());
        }
        both
    }

    /// Whether it says anything of this key.
    pub fn has(&self, key: &str) -> bool {
        self.0.contains_key(&key.to_ascii_lowercase())
    }

    pub(super) fn get(&self, key: &str) -> Option<&BTreeSet<String>> {
        self.0.get(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_in_any_case_and_only_where_a_request_carries_them() {
        assert_eq!(key("AWS:SourceARN").as_deref(), Some("aws:sourcearn"));
        let tagged = "autoscaling:ResourceTag/Quarantine";
        assert_eq!(key(tagged), Some(tagged.to_ascii_lowercase()));
        for unknown in [
            "dynamodb:LeadingKeys",
            "aws:ResourceTag/",
            "aws:ResourceTag",
        ] {
            assert_eq!(key(unknown), None, "{unknown}");
        }
    }
}
