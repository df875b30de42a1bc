//! Payload templates: what `Parameters` and `ResultSelector` build.
//!
//! Amazon States Language, "Payload Template": a field whose name ends in `.$` gets, under the
//! name without it, what its path names; every other value stands for itself.

use std::collections::BTreeMap;

use serde_json::Value;

use super::path::{Path, Scope};

/// A document with holes.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Template {
    Literal(Value),
    Path(Path),
    List(Vec<Template>),
    Object(BTreeMap<String, Template>),
}

impl Template {
    /// Reads a template; what is not modelled goes to `faults`.
    pub(super) fn parse(value: &Value, faults: &mut Vec<String>) -> Template {
        match value {
            Value::Array(members) => Template::List(
                members
                    .iter()
                    .map(|member| Template::parse(member, faults))
                    .collect(),
            ),
            Value::Object(fields) => Template::Object(
                fields
                    .iter()
                    .filter_map(|(name, field)| parse_field(name, field, faults))
                    .collect(),
            ),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                Template::Literal(value.clone())
            }
        }
    }

    /// Fills the holes. `Err` is the path that names nothing.
    pub(super) fn fill(&self, scope: Scope<'_>) -> Result<Value, &Path> {
        Ok(match self {
            Template::Literal(value) => value.clone(),
            Template::Path(path) => path.resolve(scope).cloned().ok_or(path)?,
            Template::List(members) => Value::Array(
                members
                    .iter()
                    .map(|member| member.fill(scope))
                    .collect::<Result<_, _>>()?,
            ),
            Template::Object(fields) => Value::Object(
                fields
                    .iter()
                    .map(|(name, field)| Ok((name.clone(), field.fill(scope)?)))
                    .collect::<Result<_, &Path>>()?,
            ),
        })
    }
}

fn parse_field(name: &str, field: &Value, faults: &mut Vec<String>) -> Option<(String, Template)> {
    let Some(plain) = name.strip_suffix(".$") else {
        return Some((name.to_owned(), Template::parse(field, faults)));
    };
    let path = match field.as_str() {
        Some(text) => Path::parse(text),
        None => Err(format!("`{name}` needs a path as text")),
    };
    match path {
        Ok(path) => Some((plain.to_owned(), Template::Path(path))),
        Err(fault) => {
            faults.push(fault);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parse(value: &Value) -> (Template, Vec<String>) {
        let mut faults = Vec::new();
        let template = Template::parse(value, &mut faults);
        (template, faults)
    }

    #[test]
    fn fills_paths_at_any_depth_and_keeps_the_rest() {
        let document = json!({"id": "d-1", "n": [1, 2]});
        let context = json!({"Execution": {"Name": "e"}});
        let scope = Scope {
            document: &document,
            context: &context,
        };
        let (template, faults) = parse(&json!({
            "a.$": "$.id",
            "b": {"c.$": "$$.Execution.Name", "list": [{"d.$": "$.n[1]"}, "$.id"]},
        }));
        assert_eq!(faults, Vec::<String>::new());
        assert_eq!(
            template.fill(scope).expect("every path is there"),
            json!({"a": "d-1", "b": {"c": "e", "list": [{"d": 2}, "$.id"]}})
        );
        let (template, _) = parse(&json!({"a.$": "$.missing"}));
        let missing = template.fill(scope).expect_err("names nothing");
        assert_eq!(missing.to_string(), "$.missing");
    }

    #[test]
    fn refuses_intrinsic_functions_and_holes_without_a_path() {
        let (_, faults) = parse(&json!({"a.$": "States.UUID()", "b": [{"c.$": 7}]}));
        assert_eq!(faults.len(), 2, "{faults:?}");
    }
}
