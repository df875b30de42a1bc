//! Least privilege: each role of the template allows every call that is made with it, and nothing
//! that no run uses.
//!
//! The simulated AWS holds every caller to its role, so that a missing statement fails as a refusal
//! (`denied`, and `invariants::check` in every sweep and every seed). What stands here looks at the
//! other side: from the calls of `runs`, that nothing could be taken away from any statement.

mod denied;
mod fleets;
mod grants;
mod runs;
mod takings;
mod wildcards;

use simulated_aws::iam::Decision;

use crate::report::show;
use grants::Grant;

#[test]
fn every_call_that_was_made_is_allowed() {
    let mut asked = 0;
    for account in runs::recorded() {
        for (question, decision) in &account.asked {
            assert_eq!(*decision, Decision::Allowed, "{question:?}");
            asked += 1;
        }
        let unasked = account.unasked.first();
        assert_eq!(unasked, None, "a call of a role's was not asked about");
        show(&format!(
            "permissions: {} runs asked {} different things of {} roles",
            account.runs,
            account.asked.len(),
            account.roles.len()
        ));
    }
    assert!(asked > 100, "only {asked} things were asked");
}

#[test]
fn every_action_on_every_resource_that_is_granted_was_used() {
    let mut unused = Vec::new();
    let mut caller = String::new();
    for grant in grants::ours() {
        if caller != grant.place.caller {
            caller.clone_from(&grant.place.caller);
            show(&format!(
                "permissions of {caller}, with the resources that were used"
            ));
        }
        let used = grant.used();
        show(&format!("  {used:>5}  {grant}"));
        if used == 0 {
            unused.push(grant.to_string());
        }
    }
    assert!(unused.is_empty(), "used by nothing:\n{}", unused.join("\n"));
}

#[test]
fn what_nothing_of_ours_uses_is_listed_with_its_reason() {
    for (what, why) in grants::NOT_OURS {
        let mut all = grants::all().into_iter();
        assert!(all.any(|grant| grant.is(what)), "{what} is granted nowhere");
        show(&format!("permissions: {what} is granted because {why}"));
    }
    let used: Vec<String> = grants::all()
        .iter()
        .filter(|grant| grant.is_listed() && grant.used() > 0)
        .map(Grant::to_string)
        .collect();
    assert!(used.is_empty(), "used after all:\n{}", used.join("\n"));
}

#[test]
fn taking_anything_from_any_statement_refuses_a_call() {
    let takings = takings::all();
    let unnoticed: Vec<String> = takings
        .iter()
        .filter(|taking| !taking.refuses_a_call())
        .map(ToString::to_string)
        .collect();
    for (kind, count) in takings::counts(&takings) {
        show(&format!("permissions: {count} {kind}"));
    }
    assert!(!takings.is_empty());
    assert!(
        unnoticed.is_empty(),
        "no call misses:\n{}",
        unnoticed.join("\n")
    );
}
