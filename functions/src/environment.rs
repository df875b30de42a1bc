//! What a function is told by its environment variables: parsed once, all faults at once.

use std::collections::BTreeMap;

use coordinator::failure::{Failure, FailureName};
use coordinator_aws::step_functions::execution_arn;

/// A function's environment variables.
pub type Environment = BTreeMap<String, String>;

/// The variable with the ARN of the machine that verifies hooks.
pub(crate) const HOOK_VERIFICATION: &str = "POINTSMAN_MACHINE_ARN";
/// The variable with the ARN of the machine that comes after failed deployments.
pub(crate) const FAILED_DEPLOYMENT: &str = "POINTSMAN_FAILED_DEPLOYMENT_MACHINE_ARN";

/// The environment of this process. What is no text is left out: none of our settings is such.
pub fn of_process() -> Environment {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

/// Reads settings one by one and remembers what is wrong with them.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    environment: &'a Environment,
    faults: Vec<String>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(environment: &'a Environment) -> Self {
        Self {
            environment,
            faults: Vec::new(),
        }
    }

    /// A machine, by its ARN.
    pub(crate) fn machine(&mut self, name: &str) -> String {
        let machine = self.text(name);
        if !machine.is_empty() && execution_arn(&machine, "any").is_none() {
            self.faults.push(format!(
                "{name} is {machine:?}, expected the ARN of a state machine"
            ));
        }
        machine
    }

    /// A text that must be there.
    pub(crate) fn text(&mut self, name: &str) -> String {
        let text = self
            .environment
            .get(name)
            .map(|text| text.trim())
            .unwrap_or_default();
        if text.is_empty() {
            self.faults.push(format!("{name} is not set"));
        }
        text.to_owned()
    }

    /// A text, or what stands for it.
    pub(crate) fn text_or(&mut self, name: &str, otherwise: &str) -> String {
        match self.environment.get(name).map(|text| text.trim()) {
            Some(text) if !text.is_empty() => text.to_owned(),
            Some(_) | None => otherwise.to_owned(),
        }
    }

    /// A list with commas between its items, of one item at least.
    pub(crate) fn list(&mut self, name: &str) -> Vec<String> {
        let text = self.text(name);
        text.split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty())
            .map(str::to_owned)
            .collect()
    }

    /// A list of items of which each is read on its own.
    pub(crate) fn list_of<T>(
        &mut self,
        name: &str,
        form: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Vec<T> {
        let mut items = Vec::new();
        for text in self.list(name) {
            match read(&text) {
                Some(item) => items.push(item),
                None => self
                    .faults
                    .push(format!("{name} has {text:?}, expected {form}")),
            }
        }
        items
    }

    /// The settings, unless something was wrong.
    pub(crate) fn finish<T>(self, settings: T) -> Result<T, Failure> {
        if self.faults.is_empty() {
            Ok(settings)
        } else {
            let sentence = format!(
                "this function's settings are wrong: {}",
                self.faults.join("; ")
            );
            Err(Failure::new(FailureName::Misconfigured, sentence))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(variables: &[(&str, &str)]) -> Environment {
        variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn names_every_fault_at_once() {
        let environment = environment(&[
            ("POINTSMAN_MACHINE_ARN", "machine"),
            ("POINTSMAN_LEDGER_TABLE", "  "),
            ("GROUPS", "a/b, c"),
        ]);
        let mut reader = Reader::new(&environment);
        let _machine = reader.machine(HOOK_VERIFICATION);
        let _table = reader.text("POINTSMAN_LEDGER_TABLE");
        let _groups = reader.list_of("GROUPS", "x/y", |text| text.split_once('/').map(|_| ()));
        let failure = reader.finish(()).expect_err("three settings are wrong");
        assert_eq!(
            failure.to_string(),
            "Misconfigured: this function's settings are wrong: POINTSMAN_MACHINE_ARN is \
             \"machine\", expected the ARN of a state machine; POINTSMAN_LEDGER_TABLE is not set; \
             GROUPS has \"c\", expected x/y"
        );
    }

    #[test]
    fn reads_lists_and_defaults() {
        let environment = environment(&[("LIST", " a, b,,"), ("BLANK", " ")]);
        let mut reader = Reader::new(&environment);
        assert_eq!(reader.list("LIST"), ["a", "b"]);
        assert_eq!(reader.text_or("BLANK", "/pointsman"), "/pointsman");
        assert_eq!(reader.text_or("ABSENT", "/pointsman"), "/pointsman");
        assert_eq!(reader.finish(()), Ok(()));
    }
}
