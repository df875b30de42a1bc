//! Paths into a state's document and into the context object.
//!
//! Only names and array indices, which is all that our machines use (Amazon States Language,
//! "Reference Paths"): `$.hook.status`, `$['odd name'][0]`, `$$.State.EnteredTime`. Filters,
//! wildcards and intrinsic functions are refused by the parser.

use serde_json::{Map, Value};

/// Where a path begins and the steps that it takes from there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Path {
    root: Root,
    steps: Vec<Step>,
    text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Root {
    Document,
    Context,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Name(String),
    Index(usize),
}

/// What paths are resolved against.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope<'a> {
    /// The state's document, `$`.
    pub document: &'a Value,
    /// The context object, `$$`.
    pub context: &'a Value,
}

/// The parts of the context object that the model has (Step Functions Developer Guide, "Accessing
/// execution data from the Context object").
const CONTEXT: [&str; 7] = [
    "$$.Execution.Id",
    "$$.Execution.Input",
    "$$.Execution.Name",
    "$$.Execution.StartTime",
    "$$.State.EnteredTime",
    "$$.State.Name",
    "$$.StateMachine.Id",
];

impl Path {
    /// Reads a path, or says what about it is not modelled.
    pub(super) fn parse(text: &str) -> Result<Path, String> {
        let (root, rest) = match text.strip_prefix("$$") {
            Some(rest) => (Root::Context, rest),
            None => match text.strip_prefix('$') {
                Some(rest) => (Root::Document, rest),
                None => return Err(format!("`{text}` is no path: it has to begin with `$`")),
            },
        };
        let steps = steps(rest).ok_or_else(|| {
            format!("`{text}` is not modelled: a path takes names and indices only")
        })?;
        let path = Path {
            root,
            steps,
            text: text.to_owned(),
        };
        let known = CONTEXT
            .iter()
            .any(|known| text == *known || text.starts_with(&format!("{known}.")));
        if root == Root::Context && !known {
            return Err(format!("the context object's `{text}` is not modelled"));
        }
        Ok(path)
    }

    /// A path that may name a place to write to: no context object, no index.
    pub(super) fn parse_place(text: &str) -> Result<Path, String> {
        let path = Path::parse(text)?;
        let names = path.steps.iter().all(|step| matches!(step, Step::Name(_)));
        if path.root == Root::Document && names {
            Ok(path)
        } else {
            Err(format!("`{text}` is no place in the document"))
        }
    }

    /// What stands there, if anything does.
    pub(super) fn resolve<'a>(&self, scope: Scope<'a>) -> Option<&'a Value> {
        let root = match self.root {
            Root::Document => scope.document,
            Root::Context => scope.context,
        };
        self.steps.iter().try_fold(root, |value, step| match step {
            Step::Name(name) => value.get(name),
            Step::Index(index) => value.get(index),
        })
    }

    /// Puts `value` there, making the objects on the way. `Err` if something that is no object
    /// stands in the way.
    pub(super) fn place(&self, mut document: Value, value: Value) -> Result<Value, ()> {
        let mut place = &mut document;
        for step in &self.steps {
            let Step::Name(name) = step else {
                return Err(());
            };
            let Value::Object(fields) = place else {
                return Err(());
            };
            place = fields
                .entry(name.clone())
                .or_insert_with(|| Value::Object(Map::new()));
        }
        *place = value;
        Ok(document)
    }
}

impl std::fmt::Display for Path {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

fn steps(mut rest: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    while !rest.is_empty() {
        let (step, after) = if let Some(rest) = rest.strip_prefix("['") {
            let (name, after) = rest.split_once("']")?;
            (Step::Name(name.to_owned()), after)
        } else if let Some(rest) = rest.strip_prefix('[') {
            let (index, after) = rest.split_once(']')?;
            (Step::Index(index.parse().ok()?), after)
        } else {
            let rest = rest.strip_prefix('.')?;
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            let (name, after) = rest.split_at(end);
            (Step::Name(plain_name(name)?), after)
        };
        steps.push(step);
        rest = after;
    }
    Some(steps)
}

fn plain_name(name: &str) -> Option<String> {
    let plain = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    (!name.is_empty() && name.chars().all(plain)).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_path_finds_what_it_names_and_nothing_else() {
        let document = json!({"a": {"b": [1, {"c": 2}]}, "odd name": null});
        let context = json!({"State": {"Name": "Here"}, "Execution": {"Input": {"id": 7}}});
        let cases = [
            ("$", Some(document.clone())),
            ("$.a.b[1].c", Some(json!(2))),
            ("$.a['b'][0]", Some(json!(1))),
            ("$['odd name']", Some(Value::Null)),
            ("$.a.x", None),
            ("$.a.b.c", None),
            ("$.a.b[2]", None),
            ("$$.State.Name", Some(json!("Here"))),
            ("$$.Execution.Input.id", Some(json!(7))),
            ("$$.Execution.Name", None),
        ];
        for (text, expected) in cases {
            let path = Path::parse(text).expect(text);
            let scope = Scope {
                document: &document,
                context: &context,
            };
            assert_eq!(path.resolve(scope), expected.as_ref(), "{text}");
        }
    }

    #[test]
    fn a_path_that_is_not_modelled_is_refused() {
        let cases = [
            "",
            "a.b",
            "$a",
            "$.",
            "$..a",
            "$.a[*]",
            "$.a[?(@.b)]",
            "$.a[-1]",
            "$['a",
            "$.a b",
            "States.Format('{}', $.a)",
            "$$.Task.Token",
            "$$",
        ];
        for text in cases {
            assert!(Path::parse(text).is_err(), "{text}");
        }
        for text in ["$.a[0]", "$$.State.Name"] {
            assert!(Path::parse_place(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_value_is_placed_beside_what_is_there_already() {
        let cases = [
            ("$", json!({"a": 1}), Ok(json!(9))),
            ("$.b", json!({"a": 1}), Ok(json!({"a": 1, "b": 9}))),
            ("$.a", json!({"a": 1}), Ok(json!({"a": 9}))),
            ("$.b.c", json!({"a": 1}), Ok(json!({"a": 1, "b": {"c": 9}}))),
            ("$.a.c", json!({"a": 1}), Err(())),
            ("$.a", json!([1]), Err(())),
        ];
        for (text, document, expected) in cases {
            let path = Path::parse_place(text).expect(text);
            assert_eq!(path.place(document, json!(9)), expected, "{text}");
        }
    }
}
