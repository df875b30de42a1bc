//! Reads what a spec says of cleaning up after a failed deployment.

use super::fields::{Faults, Fields};
use super::model::Cleanup;
use super::node::Node;
use super::reader::TRUTH_FORM;

/// CodeDeploy itself keeps the originals of a blue/green deployment for two days at most
/// (`terminationWaitTimeInMinutes`); leftovers are kept no longer.
const QUARANTINE_MINUTES_AT_MOST: u32 = 2880;
const QUARANTINE_FORM: &str = "whole minutes from 0 to 2880";

/// No instance costs so much; what does is a price by the month, or a slip.
const PRICE_AT_MOST: f64 = 10_000.0;
const PRICE_FORM: &str = "a number above 0 and up to 10000, the price of one instance for an hour";

const CURRENCY_FORM: &str = "three capital letters, such as USD";

pub(super) fn read_cleanup(node: &Node, faults: &mut Faults) -> Cleanup {
    let default = Cleanup::default();
    let Some(mut fields) = Fields::open(node, "cleanup", faults) else {
        return default;
    };
    let quarantine_minutes = fields
        .optional("quarantine_minutes", QUARANTINE_FORM, faults, |node| {
            node.whole_number(0, QUARANTINE_MINUTES_AT_MOST)
        })
        .unwrap_or(default.quarantine_minutes);
    let mut allows = |key, default| {
        fields
            .optional(key, TRUTH_FORM, faults, Node::boolean)
            .unwrap_or(default)
    };
    let force_delete = allows("force_delete", default.force_delete);
    let register_targets = allows("register_targets", default.register_targets);
    let restore_alias = allows("restore_alias", default.restore_alias);
    let instance_hour_price = fields.optional("instance_hour_price", PRICE_FORM, faults, |node| {
        node.positive_number(PRICE_AT_MOST)
    });
    let currency = fields
        .optional("currency", CURRENCY_FORM, faults, currency)
        .unwrap_or(default.currency);
    fields.close(faults);
    Cleanup {
        quarantine_minutes,
        force_delete,
        register_targets,
        restore_alias,
        instance_hour_price,
        currency,
    }
}

fn currency(node: &Node) -> Option<String> {
    let code = node.text()?;
    let well_formed = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase());
    well_formed.then(|| code.to_owned())
}
