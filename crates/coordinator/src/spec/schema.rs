//! The spec's JSON Schema, for editors.

use schemars::Schema;
use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform};
use serde_json::{Value, json};

use super::Spec;

/// The JSON Schema (draft 2020-12) of the form for people.
pub fn schema() -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<Spec>();
    RecursiveTransform(without_null).transform(&mut schema);
    RecursiveTransform(without_empty_default).transform(&mut schema);
    schema.into()
}

/// What may be left out is left out: the reader takes no null for it, and TOML has none.
fn without_null(schema: &mut Schema) {
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|kind| kind != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            schema.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(forms)) = schema.get_mut("anyOf") {
        forms.retain(|form| *form != json!({ "type": "null" }));
    }
}

/// A check's own name has no fixed default: it is made from its kind and place.
fn without_empty_default(schema: &mut Schema) {
    if schema.get("default") == Some(&json!("")) {
        schema.remove("default");
    }
}
