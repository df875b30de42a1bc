//! What a hostile spec costs: little time, and few words.
//!
//! No clock is read: what were parsed without the bound would not end in anybody's lifetime.

use super::*;

fn with_path(path: &str) -> Result<Spec, SpecFaults> {
    let check = json!({ "kind": "invoke", "json_path": path });
    let spec = json!({ "application": "a", "deployment_group": "g", "checks": [check] });
    read_json(&spec.to_string())
}

fn nested(open: &str, inner: &str, close: &str, levels: usize) -> String {
    format!("$[?{}{inner}{}]", open.repeat(levels), close.repeat(levels))
}

#[test]
fn a_path_that_would_take_for_ever_to_parse_is_refused_at_once() {
    let paths = [
        nested("@[?", "@", "]", 60),
        nested("@[?", "@", "]", 22),
        nested("count(@[?", "@", "])==1", 30),
        nested("(", "@", ")", 60),
        nested("(", "@", ")", 8),
        nested("(@[')']&&", "@", ")", 40),
        nested("(@[\"\\\")\"]&&", "@", ")", 30),
        "$[?@[?@[?@[?@]]]]".to_owned(),
        format!("${}0{}", "[".repeat(60), "]".repeat(60)),
    ];
    for path in paths {
        assert!(path.len() <= 500, "{path}");
        let faults = with_path(&path).expect_err(&path);
        let said = faults.to_string();
        assert!(said.contains("checks[0].json_path is"), "{said}");
        let form = "at most 3 filters (?) and brackets at most 8 deep";
        assert!(said.contains(form), "{said}");
    }
}

#[test]
fn an_ordinary_path_is_taken_and_the_worst_within_the_bounds_is_read_at_once() {
    let paths = [
        "$".to_owned(),
        "$.orders[0]['a?b?c?d?e']".to_owned(),
        "$[\"((((((((((\"]".to_owned(),
        "$.items[?@.price < 10 && (@.stock > 0 || !@.sold)].id".to_owned(),
        "$.a[?@.b == 'it\\'s (?)'].c[?count(@.d[?@.e]) == 1]".to_owned(),
        nested("(", "@", ")", 7),
        nested("((@[?", "@", "]))", 2),
        nested("(", &["@"; 150].join("||"), ")", 7),
        nested("(@.a&&", &["@.b"; 80].join("||"), ")", 7),
    ];
    for path in paths {
        let read = with_path(&path);
        assert!(read.is_ok(), "{path}: {read:?}");
    }
}

/// They need a regular expression engine, which would be 0.9 MB in every function that reads specs.
#[test]
fn a_path_with_a_regular_expression_is_refused_when_the_spec_is_put() {
    for function in ["match", "search"] {
        let faults = with_path(&format!("$[?{function}(@.name, 'a.*')]")).expect_err(function);
        let form = "without the functions match and search";
        assert!(faults.to_string().contains(form), "{faults}");
    }
    for function in [
        "length(@.name) == 1",
        "count(@.*) == 1",
        "value(@.name) == 1",
    ] {
        let read = with_path(&format!("$[?{function}]"));
        assert!(read.is_ok(), "{function}: {read:?}");
    }
}

#[test]
fn of_more_faults_than_anybody_reads_the_last_line_counts_the_rest() {
    let table = "application = 'a'\ndeployment_group = 'g'\n";
    let unknown = |count: usize| -> String {
        let keys = (0..count).map(|index| format!("k{index} = 1\n"));
        std::iter::once(table.to_owned()).chain(keys).collect()
    };
    let cases = [
        (unknown(100), 100, None),
        (unknown(101), 101, Some("and 1 more faults")),
        (unknown(5000), 101, Some("and 4900 more faults")),
        (")\n".repeat(60_000), 101, Some("more faults")),
        ("=".repeat(128 * 1024), 101, Some("more faults")),
    ];
    for (text, count, last) in cases {
        let faults = read_toml(&text).expect_err("it has faults");
        assert_eq!(faults.0.len(), count, "{faults}");
        let told = faults.0.last().map(ToString::to_string).unwrap_or_default();
        let is_count = told.starts_with("and ") && told.ends_with(" more faults");
        assert_eq!(is_count, last.is_some(), "{told}");
        assert!(told.ends_with(last.unwrap_or_default()), "{told}");
        let all: usize = faults.0.iter().map(|fault| fault.to_string().len()).sum();
        assert!(all < 64 * 1024, "{all} bytes");
        assert!(faults.to_string().len() < 32 * 1024);
    }
}
