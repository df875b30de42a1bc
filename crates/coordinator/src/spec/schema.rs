//! The spec's JSON Schema, for editors.

use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::Spec;

/// The JSON Schema (draft 2020-12) of the form for people.
pub fn schema() -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    generator.into_root_schema_for::<Spec>().into()
}
