//! What of a dashboard is looked at.

use super::*;

#[test]
fn a_dashboard_is_drawn_or_refused() {
    let widget = |kind: &str, properties: &str| {
        format!(
            r#"{{"widgets": [{{"type": "{kind}", "x": 0, "y": 0, "width": 24, "height": 4,
            "properties": {properties}}}]}}"#
        )
    };
    let metric = |metric: &str| {
        widget(
            "metric",
            &format!(r#"{{"title": "t", "region": "r", "metrics": [{metric}]}}"#),
        )
    };
    let cases = [
        (widget("text", r#"{"markdown": "hello"}"#), None),
        (
            metric(r#"["Shop", "Calls", "Side", "green", {"label": "x"}]"#),
            None,
        ),
        (
            metric(r#"[{"expression": "SEARCH('{Shop,Side}', 'Sum', 60)"}]"#),
            None,
        ),
        (metric(r#"["Shop", "Calls", "Side"]"#), Some("is no metric")),
        (metric(r#"[{"label": "x"}]"#), Some("is no metric")),
        (widget("metric", "{}"), Some("widget 0: has no metrics")),
        (
            widget("chart", "{}"),
            Some("the type \"chart\" is not modelled"),
        ),
        ("{".to_owned(), Some("DashboardBody is no JSON")),
        ("{}".to_owned(), Some("DashboardBody has no widgets")),
        (
            widget("text", r#"{"markdown": "x"}"#).replace(r#""x": 0"#, r#""x": 1"#),
            Some("does not fit into the grid"),
        ),
    ];
    for (body, sentence) in cases {
        let board = format!(
            "  Board:\n    Type: AWS::CloudWatch::Dashboard\n    Properties:\n      \
             DashboardName: board\n      DashboardBody: '{}'\n",
            body.replace('\'', "''").replace('\n', " ")
        );
        let text = SMALL.replace("\nOutputs:", &format!("\n{board}Outputs:"));
        match (Stack::parse(&text, &BTreeMap::new()), sentence) {
            (Ok(stack), None) => {
                let board = &stack.dashboards[0];
                assert_eq!(board.name, "board");
                assert_eq!(board.body["widgets"].as_array().map(Vec::len), Some(1));
            }
            (Err(faults), Some(sentence)) => {
                assert!(faults[0].what.contains(sentence), "{body}: {faults:?}");
            }
            (stack, _) => panic!("{body}: {stack:?}"),
        }
    }
}
