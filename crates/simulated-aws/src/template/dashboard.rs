//! `AWS::CloudWatch::Dashboard`.
//!
//! CloudWatch API Reference, "Dashboard body structure and syntax". What CloudWatch would not draw is
//! refused; of metrics, only their form is looked at.

use std::ops::RangeInclusive;

use serde::Deserialize;
use serde_json::Value;

use super::Dashboard;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Properties {
    dashboard_body: String,
    #[serde(rename = "DashboardName")]
    _dashboard_name: String,
}

const WIDGETS_AT_MOST: usize = 500;
const GRID_WIDTH: u64 = 24;
const SIZES: RangeInclusive<u64> = 1..=1000;
/// The types that are modelled, each with what its properties have to have.
const TYPES: [(&str, &[&str]); 3] = [
    ("alarm", &["alarms", "title"]),
    ("metric", &["metrics", "region", "title"]),
    ("text", &["markdown"]),
];

pub(super) fn read(name: String, properties: &Value) -> Result<Dashboard, String> {
    let Properties { dashboard_body, .. } =
        Properties::deserialize(properties).map_err(|error| error.to_string())?;
    let body: Value = serde_json::from_str(&dashboard_body)
        .map_err(|error| format!("DashboardBody is no JSON: {error}"))?;
    let widgets = body["widgets"]
        .as_array()
        .ok_or("DashboardBody has no widgets")?;
    if widgets.len() > WIDGETS_AT_MOST {
        return Err(format!(
            "{} widgets, at most {WIDGETS_AT_MOST}",
            widgets.len()
        ));
    }
    for (number, widget) in widgets.iter().enumerate() {
        check(widget).map_err(|what| format!("widget {number}: {what}"))?;
    }
    Ok(Dashboard { name, body })
}

fn check(widget: &Value) -> Result<(), String> {
    let number = |field: &str| {
        widget[field]
            .as_u64()
            .ok_or(format!("{field} is no number"))
    };
    let (x, width) = (number("x")?, number("width")?);
    number("y")?;
    if x + width > GRID_WIDTH || width == 0 || !SIZES.contains(&number("height")?) {
        return Err("does not fit into the grid".into());
    }
    let kind = widget["type"].as_str().unwrap_or_default();
    let known = TYPES.iter().find(|(name, _)| *name == kind);
    let (_, wanted) = known.ok_or_else(|| format!("the type {kind:?} is not modelled"))?;
    for field in *wanted {
        if widget["properties"].get(field).is_none() {
            return Err(format!("has no {field}"));
        }
    }
    let metrics = widget["properties"]["metrics"].as_array();
    for metric in metrics.into_iter().flatten() {
        check_metric(metric)?;
    }
    Ok(())
}

/// Namespace, name, and names and values of dimensions in turn, perhaps with options at the end; or
/// options alone, with an expression.
fn check_metric(metric: &Value) -> Result<(), String> {
    let unreadable = || format!("{metric} is no metric");
    let members = metric.as_array().ok_or_else(unreadable)?;
    let (texts, options) = match members.split_last() {
        Some((options @ Value::Object(_), texts)) => (texts, Some(options)),
        Some(_) | None => (members.as_slice(), None),
    };
    let is_expression = options.is_some_and(|options| options["expression"].is_string());
    let is_named = texts.len() >= 2 && texts.len() % 2 == 0;
    if texts.iter().all(Value::is_string) && (is_named || (texts.is_empty() && is_expression)) {
        Ok(())
    } else {
        Err(unreadable())
    }
}
