//! What of a spec is stored, and where.

use super::*;

#[test]
fn a_spec_survives_being_stored() {
    for name in GOOD {
        let spec = read_toml(&toml_of(name)).expect(name);
        let stored = store(&spec).expect(name);
        assert_eq!(stored.tier, Tier::Standard, "{name}");
        assert_eq!(read_json(&stored.value), Ok(spec), "{name}");
    }
}

#[test]
fn null_is_a_value_to_expect() {
    let stored = r#"{"application":"shop","deployment_group":"checkout",
        "checks":[{"kind":"invoke","payload":null,"json_path":"$.error","expected":null}]}"#;
    let spec = read_json(stored).expect("it has no faults");
    let again = read_json(&store(&spec).expect("it fits").value).expect("it has no faults");
    assert_eq!(again, spec);
    let Some(
        [
            DeclaredCheck {
                check: Check::Invoke(invoke),
                ..
            },
        ],
    ) = again.checks.as_deref()
    else {
        panic!("{again:?}");
    };
    assert_eq!(invoke.expected, Some(Value::Null));
    let through_the_machine: InvokeCheck =
        serde_json::from_value(json!(invoke)).expect("it is its own form");
    assert_eq!(through_the_machine.expected, Some(Value::Null));
}

#[test]
fn a_spec_is_stored_in_the_lowest_tier_that_holds_it() {
    let mut spec = read_toml(&toml_of("ecs")).expect("it has no faults");
    let bare = store(&spec).expect("it fits").value.len();
    let url_of = |length: usize| format!("https://x/{}", "y".repeat(length));
    let checks = |length| {
        read_toml(&format!(
            "application = 'shop'\ndeployment_group = 'web'\n[[checks]]\nkind = 'http'\nurl = '{}'",
            url_of(length),
        ))
        .expect("it has no faults")
        .checks
        .expect("it has checks")
    };
    assert!(bare < 4096);
    let cases = [
        (1, Some(Tier::Standard)),
        (3, Some(Tier::Advanced)),
        (5, None),
    ];
    for (count, tier) in cases {
        spec.checks = Some((0..count).flat_map(|_| checks(1900)).collect());
        match (store(&spec), tier) {
            (Ok(stored), Some(tier)) => assert_eq!(stored.tier, tier, "{count}"),
            (Err(fault), None) => assert!(fault.bytes > 8192, "{count}"),
            (other, _) => panic!("{count}: {other:?}"),
        }
    }
}

fn name_of(prefix: &str, application: &str, group: &str) -> Result<String, InvalidParameterName> {
    let application = ApplicationName::parse(application).expect("a name");
    let group = DeploymentGroupName::parse(group).expect("a name");
    parameter_name(prefix, &application, &group)
}

#[test]
fn parameter_names_are_escaped_as_parameter_store_asks() {
    let cases = [
        ("shop", "checkout", "/pointsman/specs/shop/checkout"),
        (
            "my_shop",
            "a+b=c,d@e",
            "/pointsman/specs/my_5fshop/a_2bb_3dc_2cd_40e",
        ),
        ("a/b", "c d", "/pointsman/specs/a_2fb/c_20d"),
        ("Café", ".", "/pointsman/specs/Caf_c3_a9/."),
    ];
    for (application, group, expected) in cases {
        assert_eq!(
            name_of(DEFAULT_PREFIX, application, group).as_deref(),
            Ok(expected)
        );
    }
}

#[test]
fn names_that_parameter_store_refuses_are_refused_first() {
    let deep = "/a".repeat(13);
    let prefixes = [
        "",
        "/",
        "pointsman",
        "/aws/x",
        "/SSM-x",
        "/a//b",
        "/a/",
        "/a b",
        deep.as_str(),
    ];
    for prefix in prefixes {
        let fault = name_of(prefix, "shop", "checkout").expect_err(prefix);
        assert!(
            matches!(fault, InvalidParameterName::Prefix { .. }),
            "{prefix}"
        );
    }
    assert!(name_of(&"/a".repeat(12), "shop", "checkout").is_ok());
    let long = "ä".repeat(100);
    let fault = name_of(DEFAULT_PREFIX, &long, &long).expect_err("it is too long");
    assert_eq!(
        fault,
        InvalidParameterName::TooLong {
            length: 16 + 2 + 2 * 600
        }
    );
    assert!(name_of(DEFAULT_PREFIX, &"@".repeat(100), &"_".repeat(100)).is_ok());
}

proptest! {
    #[test]
    fn what_is_stored_never_holds_double_braces(text in "[{}a\"\\\\]{1,40}", depth in 1..6_usize) {
        let mut spec = read_toml(&toml_of("lambda")).expect("it has no faults");
        let payload = (0..depth).fold(json!(text), |inner, _| json!({ text.as_str(): inner }));
        if let Some([DeclaredCheck { check: Check::Invoke(invoke), .. }, ..]) =
            spec.checks.as_deref_mut()
        {
            invoke.payload = payload;
        }
        let value = store(&spec).expect("it fits").value;
        prop_assert!(!value.contains("{{") && !value.contains("}}"), "{}", value);
        prop_assert_eq!(read_json(&value), Ok(spec));
    }

    #[test]
    fn no_two_groups_share_a_parameter(
        one in ("[a-z_/+@ .%-]{1,6}", "[a-z_/+@ .%-]{1,6}"),
        other in ("[a-z_/+@ .%-]{1,6}", "[a-z_/+@ .%-]{1,6}"),
    ) {
        prop_assume!(!one.0.trim().is_empty() && !one.1.trim().is_empty());
        prop_assume!(!other.0.trim().is_empty() && !other.1.trim().is_empty());
        let names = [&one, &other].map(|pair| {
            name_of(DEFAULT_PREFIX, &pair.0, &pair.1).expect("it is short")
        });
        prop_assert_eq!(names[0] == names[1], one == other);
        for name in &names {
            let plain = |b: u8| b.is_ascii_alphanumeric() || b"_.-/".contains(&b);
            prop_assert!(name.bytes().all(plain), "{}", name);
            prop_assert_eq!(name.matches('/').count(), 4);
        }
    }
}
