//! What calls look like: an example of each form of request and answer that a run had.
//!
//! For holding them against AWS's own service models, which other programs carry. Two calls have
//! the same form if they differ in ids, numbers and times only; one of them is kept.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::call::Call;
use crate::wire::{Answer, ApiError};

/// Examples of calls, by their form.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recording {
    examples: BTreeMap<String, Value>,
}

impl Recording {
    /// Keeps this call, if none of its form is kept yet.
    pub(crate) fn keep(&mut self, call: &Call, answer: &Result<Answer, ApiError>) {
        let outcome = match answer {
            Ok(Answer::Document(document)) => json!({"output": document}),
            Ok(Answer::Whole(_) | Answer::Later) => json!({}),
            Err(error) => json!({"error": error.code}),
        };
        let service = call.service.model();
        let form = format!(
            "{service} {} {} {}",
            call.action,
            form_of(&call.input),
            form_of(&outcome)
        );
        self.examples.entry(form).or_insert_with(|| {
            let mut example = json!({
                "service": service,
                "operation": call.action,
                "caller": call.caller,
                "input": call.input,
            });
            if let (Value::Object(example), Value::Object(outcome)) = (&mut example, outcome) {
                example.extend(outcome);
            }
            example
        });
    }

    /// Adds the forms that another run had.
    pub fn merge(&mut self, other: Recording) {
        for (form, example) in other.examples {
            self.examples.entry(form).or_insert(example);
        }
    }

    /// The examples: service, operation, caller, input, and output or error. Times in outputs are
    /// `{"@time": milliseconds}`.
    pub fn examples(&self) -> impl Iterator<Item = &Value> {
        self.examples.values()
    }
}

/// Words and truth values as they are; the shape of everything else.
fn form_of(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(truth) => truth.to_string(),
        Value::Number(_) => "0".to_owned(),
        Value::String(text) => format!("{:?}", form_of_text(text)),
        Value::Array(members) => {
            let forms: BTreeSet<String> = members.iter().map(form_of).collect();
            format!("[{}]", forms.into_iter().collect::<Vec<_>>().join(","))
        }
        Value::Object(fields) => {
            let forms: Vec<String> = fields
                .iter()
                .map(|(name, field)| format!("{name}:{}", form_of(field)))
                .collect();
            format!("{{{}}}", forms.join(","))
        }
    }
}

/// A text of at most so many letters may be a value of an enumeration.
const WORD_MAX: usize = 40;
/// So much of a longer text tells its kind.
const FORM_MAX: usize = 60;

fn form_of_text(text: &str) -> String {
    let is_word = |c: char| c.is_ascii_alphabetic() || c == '_' || c == '-';
    // The ID of a deployment may happen to be all letters.
    let is_deployment = text.starts_with("d-") && text.len() == 11;
    if text.len() <= WORD_MAX && text.chars().all(is_word) && !is_deployment {
        return text.to_owned();
    }
    let mut form = String::new();
    for character in text.chars() {
        let kind = match character {
            c if c.is_alphanumeric() => 'a',
            other => other,
        };
        if form.len() >= FORM_MAX {
            break;
        }
        if !(kind == 'a' && form.ends_with('a')) {
            form.push(kind);
        }
    }
    // Lengths have limits too.
    format!("{form} {}", text.len().next_power_of_two())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_calls_have_one_form_if_only_ids_numbers_and_times_differ() {
        let cases = [
            (
                json!({"id": "d-4QHXWE3AB", "n": 1}),
                json!({"id": "d-9Z1BBW3AC", "n": 7}),
                true,
            ),
            (json!("d-GLGWQGTPZ"), json!("d-4QHXWE3AB"), true),
            (json!({"s": "Succeeded"}), json!({"s": "Failed"}), false),
            (json!({"a": 1}), json!({"a": 1, "b": 1}), false),
            (json!(["x-1", "x-2"]), json!(["x-3"]), true),
            (json!({"t": true}), json!({"t": false}), false),
            (json!("x1".repeat(3)), json!("x1".repeat(300)), false),
        ];
        for (one, other, same) in cases {
            assert_eq!(form_of(&one) == form_of(&other), same, "{one} {other}");
        }
    }
}
