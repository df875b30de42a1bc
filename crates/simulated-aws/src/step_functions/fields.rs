//! Reading the fields of one object of a definition, every fault noted with its place.

use serde_json::{Map, Value};

/// What is wrong with a definition, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefinitionFault {
    /// The place, such as `States.Run Checks.Retry[0]`; empty for the machine itself.
    pub at: String,
    /// What is wrong there.
    pub what: String,
}

impl std::fmt::Display for DefinitionFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.at.is_empty() {
            f.write_str(&self.what)
        } else {
            write!(f, "{}: {}", self.at, self.what)
        }
    }
}

pub(super) type Faults = Vec<DefinitionFault>;

/// The fields of one object. Those that nobody asked for are faults in the end.
pub(super) struct Fields<'a> {
    pub at: String,
    members: &'a Map<String, Value>,
    known: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    /// The fields of `value`, which has to be an object.
    pub(super) fn of(at: String, value: &'a Value, faults: &mut Faults) -> Option<Fields<'a>> {
        let Some(members) = value.as_object() else {
            let what = "has to be an object".to_owned();
            faults.push(DefinitionFault { at, what });
            return None;
        };
        Some(Fields {
            at,
            members,
            known: vec!["Comment"],
        })
    }

    pub(super) fn fault(&self, faults: &mut Faults, what: impl Into<String>) {
        faults.push(DefinitionFault {
            at: self.at.clone(),
            what: what.into(),
        });
    }

    /// The field as it stands.
    pub(super) fn get(&mut self, name: &'static str) -> Option<&'a Value> {
        self.known.push(name);
        self.members.get(name)
    }

    /// The field, read by `read`, which says what is wrong with it.
    pub(super) fn read<T>(
        &mut self,
        name: &'static str,
        faults: &mut Faults,
        read: impl FnOnce(&'a Value) -> Result<T, String>,
    ) -> Option<T> {
        let value = self.get(name)?;
        match read(value) {
            Ok(read) => Some(read),
            Err(what) => {
                self.fault(faults, format!("{name}: {what}"));
                None
            }
        }
    }

    pub(super) fn text(&mut self, name: &'static str, faults: &mut Faults) -> Option<&'a str> {
        self.read(name, faults, text)
    }

    /// A whole number within `range`.
    pub(super) fn number(
        &mut self,
        name: &'static str,
        range: std::ops::RangeInclusive<u64>,
        faults: &mut Faults,
    ) -> Option<u64> {
        self.read(name, faults, |value| {
            value
                .as_u64()
                .filter(|number| range.contains(number))
                .ok_or_else(|| {
                    let (least, most) = range.into_inner();
                    format!("{value} is no whole number from {least} to {most}")
                })
        })
    }

    pub(super) fn list(&mut self, name: &'static str, faults: &mut Faults) -> &'a [Value] {
        let list = self.read(name, faults, |value| {
            let list = value.as_array().filter(|list| !list.is_empty());
            list.ok_or_else(|| "has to be a list with members".to_owned())
        });
        list.map_or(&[], Vec::as_slice)
    }

    /// The field has to be there.
    pub(super) fn require<T>(
        &self,
        name: &'static str,
        value: Option<T>,
        faults: &mut Faults,
    ) -> Option<T> {
        if !self.members.contains_key(name) {
            self.fault(faults, format!("{name} is missing"));
        }
        value
    }

    /// One of the two fields has to be there, and only one.
    pub(super) fn require_one(&self, names: [&'static str; 2], faults: &mut Faults) {
        self.exclude(names, faults);
        if !names.iter().any(|name| self.members.contains_key(*name)) {
            self.fault(faults, format!("{} or {} is missing", names[0], names[1]));
        }
    }

    /// At most one of the two fields may be there.
    pub(super) fn exclude(&self, names: [&'static str; 2], faults: &mut Faults) {
        if names.iter().all(|name| self.members.contains_key(*name)) {
            self.fault(faults, format!("has both {} and {}", names[0], names[1]));
        }
    }

    /// Ends the reading: any other field is not modelled.
    pub(super) fn close(self, faults: &mut Faults) {
        let known = |name: &String| self.known.contains(&name.as_str());
        for name in self.members.keys().filter(|name| !known(name)) {
            self.fault(faults, format!("the field {name} is not modelled here"));
        }
    }
}

pub(super) fn text(value: &Value) -> Result<&str, String> {
    let text = value.as_str().filter(|text| !text.is_empty());
    text.ok_or_else(|| format!("{value} is no text"))
}
