//! A listing as one JSON document.

use coordinator::leftover::{Candidate, Objection, Proof, tenths_of_hours};
use serde_json::{Map, Value, json};

use super::listing::{Cost, Listing, Row, Totals, Verdict};

/// The version of the document.
const SCHEMA: u64 = 1;

/// Amounts and hours are texts, as they are rounded for people; they are estimates, and their keys
/// say so.
pub(super) fn document(listing: &Listing) -> Value {
    json!({
        "schema": SCHEMA,
        "region": listing.region,
        "at": listing.at,
        "complete": listing.unread.is_empty(),
        "unread": listing.unread,
        "groups": listing.rows.iter().map(group).collect::<Vec<_>>(),
        "totals": totals(&listing.totals()),
    })
}

fn group(row: &Row) -> Value {
    let Row { candidate, cost } = row;
    let (until, why) = match &candidate.proof {
        Proof::Wait { until, why } => (Some(until.to_string()), Some(why.clone())),
        Proof::Orphan { evidence } => (None, Some(evidence.to_string())),
        Proof::Gone(_) => (None, Some(candidate.proof.to_string())),
        Proof::Kept { .. } => (None, None),
    };
    json!({
        "group": candidate.group,
        "deployment": candidate.deployment,
        "application": candidate.application,
        "deployment_group": candidate.deployment_group,
        "age_minutes": candidate.age_minutes,
        "instances": candidate.instances,
        "estimated_instance_hours": tenths_of_hours(candidate.instance_minutes()),
        "estimated_cost": cost.as_ref().map(amount),
        "quarantine": candidate.quarantine,
        "verdict": Verdict::of(candidate).word(),
        "until": until,
        "why": why,
        "objections": objections(candidate),
        "sweep_acts": candidate.start,
    })
}

fn amount(cost: &Cost) -> Value {
    json!({"amount": cost.amount.to_string(), "currency": cost.currency})
}

/// Each with its fields, as the functions report them, and as a sentence.
fn objections(candidate: &Candidate) -> Vec<Value> {
    let Proof::Kept { objections } = &candidate.proof else {
        return Vec::new();
    };
    objections.iter().map(objection).collect()
}

fn objection(objection: &Objection) -> Value {
    let mut fields = match serde_json::to_value(objection) {
        Ok(Value::Object(fields)) => fields,
        Ok(_) | Err(_) => Map::new(),
    };
    fields.insert("sentence".to_owned(), json!(objection.to_string()));
    Value::Object(fields)
}

fn totals(totals: &Totals) -> Value {
    let count = |verdict| totals.verdicts.get(&verdict).copied().unwrap_or_default();
    let costs = totals
        .costs
        .iter()
        .map(|(currency, amount)| json!({"amount": amount.to_string(), "currency": currency}));
    json!({
        "orphan": count(Verdict::Orphan),
        "waiting": count(Verdict::Waiting),
        "kept": count(Verdict::Kept),
        "serves": count(Verdict::Serves),
        "gone": count(Verdict::Gone),
        "instances": totals.instances,
        "estimated_instance_hours": tenths_of_hours(totals.instance_minutes),
        "estimated_costs": costs.collect::<Vec<_>>(),
        "without_price": totals.without_price,
    })
}
