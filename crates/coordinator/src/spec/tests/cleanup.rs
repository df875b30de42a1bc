//! What a spec says of cleaning up, and what it is told where it does not.

use super::*;

fn with(cleanup: &str) -> Result<Spec, SpecFaults> {
    read_toml(&format!("{}\n{cleanup}\n", toml_of("smallest")))
}

#[test]
fn what_is_declared_of_cleaning_up_is_read() {
    let spec = read_toml(&toml_of("cleanup")).expect("it has no faults");
    let expected = Cleanup {
        quarantine_minutes: 120,
        force_delete: true,
        register_targets: true,
        restore_alias: true,
        instance_hour_price: Some(0.0416),
        currency: "EUR".to_owned(),
    };
    assert_eq!(spec.cleanup, expected);
}

#[test]
fn where_nothing_is_declared_nothing_is_forced_or_put_back() {
    let expected = Cleanup {
        quarantine_minutes: 60,
        force_delete: false,
        register_targets: false,
        restore_alias: false,
        instance_hour_price: None,
        currency: "USD".to_owned(),
    };
    for cleanup in ["", "[cleanup]"] {
        assert_eq!(with(cleanup).expect("it has no faults").cleanup, expected);
    }
}

#[test]
fn the_bounds_themselves_are_taken() {
    let cases = [
        ("quarantine_minutes = 0", 0, None),
        ("quarantine_minutes = 2880", 2880, None),
        ("instance_hour_price = 1", 60, Some(1.0)),
        ("instance_hour_price = 10000", 60, Some(10_000.0)),
        ("instance_hour_price = 1e-3", 60, Some(0.001)),
    ];
    for (field, minutes, price) in cases {
        let cleanup = with(&format!("[cleanup]\n{field}")).expect(field).cleanup;
        assert_eq!(cleanup.quarantine_minutes, minutes, "{field}");
        assert_eq!(cleanup.instance_hour_price, price, "{field}");
    }
}

#[test]
fn one_fault_of_cleaning_up_is_found_where_it_is() {
    let cases = [
        ("cleanup = true", "cleanup"),
        (
            "[cleanup]\nquarantine_minutes = -1",
            "cleanup.quarantine_minutes",
        ),
        (
            "[cleanup]\nquarantine_minutes = 2881",
            "cleanup.quarantine_minutes",
        ),
        (
            "[cleanup]\nquarantine_minutes = 1.5",
            "cleanup.quarantine_minutes",
        ),
        (
            "[cleanup]\nquarantine_minutes = '60'",
            "cleanup.quarantine_minutes",
        ),
        ("[cleanup]\nforce_delete = 1", "cleanup.force_delete"),
        (
            "[cleanup]\nregister_targets = 'yes'",
            "cleanup.register_targets",
        ),
        ("[cleanup]\nrestore_alias = []", "cleanup.restore_alias"),
        (
            "[cleanup]\ninstance_hour_price = 0",
            "cleanup.instance_hour_price",
        ),
        (
            "[cleanup]\ninstance_hour_price = -0.1",
            "cleanup.instance_hour_price",
        ),
        (
            "[cleanup]\ninstance_hour_price = 10000.01",
            "cleanup.instance_hour_price",
        ),
        (
            "[cleanup]\ninstance_hour_price = nan",
            "cleanup.instance_hour_price",
        ),
        (
            "[cleanup]\ninstance_hour_price = inf",
            "cleanup.instance_hour_price",
        ),
        (
            "[cleanup]\ninstance_hour_price = '1'",
            "cleanup.instance_hour_price",
        ),
        ("[cleanup]\ncurrency = 'usd'", "cleanup.currency"),
        ("[cleanup]\ncurrency = 'EURO'", "cleanup.currency"),
        ("[cleanup]\ncurrency = '€'", "cleanup.currency"),
        ("[cleanup]\nforce = true", "cleanup.force"),
    ];
    for (more, path) in cases {
        let faults = with(more).expect_err(more).0;
        let paths: Vec<&str> = faults.iter().map(|fault| fault.path.as_str()).collect();
        assert_eq!(paths, [path], "{more}");
    }
}

#[test]
fn every_fault_of_cleaning_up_is_named_at_once_with_its_line() {
    let cleanup = "[cleanup]\nquarantine_minutes = 9999\nforce_delete = 'no'\n\
                   instance_hour_price = -1\ncurrency = 'euro'";
    let faults = with(cleanup).expect_err("it has faults").0;
    let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
    let first = toml_of("smallest").lines().count() + 3;
    let line = |number: usize| format!("line {}", first + number);
    assert_eq!(
        told,
        [
            format!(
                "{}: cleanup.quarantine_minutes is 9999; accepted: whole minutes from 0 to 2880",
                line(0)
            ),
            format!(
                "{}: cleanup.force_delete is \"no\"; accepted: true or false",
                line(1)
            ),
            format!(
                "{}: cleanup.instance_hour_price is -1; accepted: a number above 0 and up to \
                 10000, the price of one instance for an hour",
                line(2)
            ),
            format!(
                "{}: cleanup.currency is \"euro\"; accepted: three capital letters, such as USD",
                line(3)
            ),
        ]
    );
}

/// Functions that were deployed before know no such table and would refuse the spec.
#[test]
fn a_spec_that_declares_nothing_of_it_is_stored_as_before() {
    let spec = with("[cleanup]\nquarantine_minutes = 60").expect("it has no faults");
    assert!(!store(&spec).expect("it fits").value.contains("cleanup"));
    let declared = with("[cleanup]\nquarantine_minutes = 61").expect("it has no faults");
    let stored = store(&declared).expect("it fits").value;
    assert_eq!(read_json(&stored), Ok(declared));
}

#[test]
fn the_schema_has_the_readers_bounds() {
    let schema = schema();
    let fields = &schema["$defs"]["Cleanup"]["properties"];
    assert_eq!(fields["quarantine_minutes"]["maximum"], 2880);
    assert_eq!(fields["quarantine_minutes"]["default"], 60);
    assert_eq!(fields["instance_hour_price"]["exclusiveMinimum"], 0);
    assert_eq!(fields["instance_hour_price"]["maximum"], 10000);
    assert_eq!(fields["currency"]["default"], "USD");
    assert_eq!(fields["currency"]["pattern"], "^[A-Z]{3}$");
}
