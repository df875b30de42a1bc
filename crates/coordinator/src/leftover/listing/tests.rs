//! What is listed of candidates, and which of them a clean-up is started for.

use super::*;
use crate::examples::at;
use crate::leftover::examples::{
    ENDED, OVER, SETTLED, around, by_id, leftover, owner, quarantined, tag,
};

#[test]
fn a_clean_up_is_started_for_orphans_and_to_lift_and_for_nothing_else() {
    type Change = fn(&mut Survey);
    let adopted: Change = |s| {
        let name = s.groups[0].name.clone();
        s.owners.push(owner("blog", "web", &name));
    };
    let shrunk: Change = |s| (s.groups[0].min, s.groups[0].desired) = (0, 0);
    let empty: Change = |s| {
        (s.groups[0].min, s.groups[0].desired) = (0, 0);
        s.groups[0].instances.clear();
    };
    let given_up = OVER + (195 + 15) * 60;
    let cases: [(&str, bool, Change, i64, bool); 13] = [
        ("an orphan", false, |_| {}, SETTLED, true),
        ("its roll back may still begin", false, |_| {}, ENDED, false),
        ("adopted", false, adopted, SETTLED, false),
        (
            "kept by an operator",
            false,
            |s| tag(&mut s.groups[0], "pointsman:keep", "x"),
            SETTLED,
            false,
        ),
        (
            "in quarantine, which is not over",
            true,
            |_| {},
            OVER - 1,
            false,
        ),
        ("in quarantine, which is over", true, |_| {}, OVER, true),
        ("adopted in quarantine", true, adopted, OVER - 1, true),
        ("shrunk, with instances", true, shrunk, given_up - 1, false),
        ("shrunk long ago", true, shrunk, given_up, true),
        ("shrunk and empty", true, empty, OVER, true),
        (
            "kept by an operator in quarantine",
            true,
            |s| tag(&mut s.groups[0], "pointsman:keep", "x"),
            OVER,
            false,
        ),
        (
            "being deleted",
            true,
            |s| s.groups[0].status = Some("Delete in progress".to_owned()),
            OVER,
            false,
        ),
        (
            "in a quarantine that cannot be read",
            true,
            |s| tag(&mut s.groups[0], "pointsman:quarantine", "x"),
            OVER,
            false,
        ),
    ];
    for (name, in_quarantine, change, seconds, expected) in cases {
        let group = if in_quarantine {
            quarantined()
        } else {
            leftover()
        };
        let mut survey = around(group);
        change(&mut survey);
        let listed = sweep(&survey, at(seconds));
        assert_eq!(listed.len(), 1, "{name}");
        assert_eq!(listed[0].start, expected, "{name}: {}", listed[0]);
    }
}

#[test]
fn candidates_are_listed_by_name_with_what_stands_against_each() {
    let mut survey = around(leftover());
    let mut other = leftover();
    "CodeDeploy_basket_d-UNKNOWN01".clone_into(&mut other.name);
    survey.groups.push(other);
    survey
        .registrations
        .push(by_id("target group checkout", "i-0a"));
    let lines: Vec<String> = sweep(&survey, at(30 + 95 * 60))
        .iter()
        .map(ToString::to_string)
        .collect();
    let held = "target group checkout holds 1 instance: i-0a";
    assert_eq!(
        lines,
        [
            format!(
                "CodeDeploy_basket_d-UNKNOWN01: 1.5 h old, 2 instances, about 3.1 instance-hours \
                 so far; kept: CodeDeploy knows no deployment d-UNKNOWN01, so nothing proves how \
                 it ended; delete the group by hand if nobody needs it; {held}"
            ),
            format!(
                "CodeDeploy_checkout_d-A1B2C3D4E: 1.5 h old, 2 instances, about 3.1 instance-hours \
                 so far; kept: {held}"
            ),
        ]
    );
}

#[test]
fn a_candidate_names_its_deployment_as_far_as_it_is_known() {
    let mut survey = around(leftover());
    let mut other = leftover();
    "checkout-2".clone_into(&mut other.name);
    survey.groups.push(other);
    let listed = sweep(&survey, at(SETTLED));
    let known = &listed[0];
    assert_eq!(
        known.deployment.as_ref().map(DeploymentId::as_str),
        Some("d-A1B2C3D4E")
    );
    assert_eq!(
        known.application.as_ref().map(ApplicationName::as_str),
        Some("shop")
    );
    assert_eq!(
        known
            .deployment_group
            .as_ref()
            .map(DeploymentGroupName::as_str),
        Some("checkout")
    );
    let unknown = &listed[1];
    assert_eq!((&unknown.deployment, &unknown.application), (&None, &None));
    assert!(!unknown.start);
}

#[test]
fn cost_is_instances_now_times_age_times_price() {
    let cases = [
        // 2 instances for 1 h at 0.0416: 0.0832
        (2, 60, "0.0416", 120, "0.08"),
        // 4 instances for 1 day at 0.10: 9.60
        (4, 1440, "0.10", 5760, "9.60"),
        // 1 instance for 90 minutes at 0.01: 0.015, to the nearest hundredth
        (1, 90, "0.01", 90, "0.02"),
        (0, 1440, "5", 0, "0.00"),
        (3, 0, "5", 0, "0.00"),
    ];
    for (instances, age_minutes, price, minutes, cost) in cases {
        let mut survey = around(leftover());
        survey.groups[0].created = at(0);
        survey.groups[0].instances = (0..instances)
            .map(|n| crate::leftover::examples::instance(&n.to_string(), "InService"))
            .collect();
        let listed = sweep(&survey, at(age_minutes * 60));
        let price = Money::parse(price).expect("a price");
        assert_eq!(listed[0].instance_minutes(), minutes);
        assert_eq!(listed[0].cost(price).to_string(), cost);
    }
}

#[test]
fn a_group_from_the_future_has_no_age() {
    let listed = sweep(&around(leftover()), at(0));
    assert_eq!(
        (listed[0].age_minutes, listed[0].instance_minutes()),
        (0, 0)
    );
}

#[test]
fn only_a_price_is_read_as_one() {
    let prices = [
        ("0", "0.00"),
        ("12", "12.00"),
        ("0.0416", "0.04"),
        ("0.005", "0.01"),
        ("18446744073709.551615", "18446744073709.55"),
    ];
    for (text, shown) in prices {
        assert_eq!(Money::parse(text).expect(text).to_string(), shown);
    }
    let none = [
        "",
        ".",
        "1.",
        ".5",
        "-1",
        "+1",
        "1e3",
        "1,5",
        "0.1234567",
        "NaN",
        " 1",
        "１",
        "18446744073709.551616",
        "99999999999999999999",
    ];
    for text in none {
        assert_eq!(Money::parse(text), None, "{text}");
    }
}

#[test]
fn a_spec_s_price_is_read_to_the_nearest_millionth() {
    for (price, text) in [
        (0.0416, "0.0416"),
        (10_000.0, "10000"),
        (0.000_000_6, "0.000001"),
        (0.000_000_4, "0"),
        (1.0 / 3.0, "0.333333"),
    ] {
        assert_eq!(Money::of_price(price), Money::parse(text), "{price}");
    }
    for price in [-0.1, f64::NAN, f64::INFINITY, f64::MAX] {
        assert_eq!(Money::of_price(price), None, "{price}");
    }
}

#[test]
fn amounts_are_added_before_they_are_rounded() {
    let half_a_cent = Money::parse("0.005").expect("a price");
    assert_eq!(half_a_cent.plus(half_a_cent).to_string(), "0.01");
    let most = Money::parse("18446744073709.551615").expect("a price");
    assert_eq!(most.plus(half_a_cent), most);
}
