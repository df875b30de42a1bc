//! The stored form: JSON that Parameter Store takes.

use super::Spec;

/// Parameter Store's tiers (Systems Manager User Guide, "Managing parameter tiers").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// Up to 4 KB, without charge.
    Standard,
    /// Up to 8 KB, charged.
    Advanced,
}

/// A spec as it is put.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSpec {
    /// The parameter's value.
    pub value: String,
    /// The lowest tier that holds it.
    pub tier: Tier,
}

/// A spec that no tier holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the spec is {bytes} bytes when stored; Parameter Store takes {ADVANCED_BYTES} at most")]
pub struct TooLarge {
    /// Its size.
    pub bytes: usize,
}

const STANDARD_BYTES: usize = 4096;
const ADVANCED_BYTES: usize = 8192;

/// The stored form of a spec.
pub fn store(spec: &Spec) -> Result<StoredSpec, TooLarge> {
    let json = serde_json::to_string(spec).expect("a spec has text keys only");
    let value = without_double_braces(&json);
    let bytes = value.len();
    if bytes <= STANDARD_BYTES {
        Ok(StoredSpec {
            value,
            tier: Tier::Standard,
        })
    } else if bytes <= ADVANCED_BYTES {
        Ok(StoredSpec {
            value,
            tier: Tier::Advanced,
        })
    } else {
        Err(TooLarge { bytes })
    }
}

/// The same JSON without two braces in a row, which Parameter Store takes for a reference to
/// another parameter and refuses (Systems Manager API Reference, `PutParameter`): inside a text the
/// second brace is escaped, between values they are set apart.
fn without_double_braces(json: &str) -> String {
    let mut stored = String::with_capacity(json.len());
    let mut in_text = false;
    let mut escaped = false;
    let mut last = ' ';
    for character in json.chars() {
        let doubled = matches!(character, '{' | '}') && character == last;
        match (doubled, in_text, character) {
            (true, true, '{') => stored.push_str("\\u007b"),
            (true, true, _) => stored.push_str("\\u007d"),
            (true, false, _) => {
                stored.push(' ');
                stored.push(character);
            }
            (false, _, _) => stored.push(character),
        }
        last = character;
        if in_text && escaped {
            escaped = false;
        } else if in_text && character == '\\' {
            escaped = true;
        } else if character == '"' {
            in_text = !in_text;
        }
    }
    stored
}
