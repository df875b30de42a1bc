//! The dashboard and the metrics hold each other: nothing on it that nobody writes, nothing written
//! that is not on it.

use std::collections::{BTreeMap, BTreeSet};

use coordinator::answer::{AnswerStatus, Reason};
use coordinator::failed_deployment::ReportStatus;
use coordinator::failure::FailureName;
use coordinator::hooks::{HookEvent, Sender};
use coordinator::metrics::{Dimension, Metric, NAMESPACE};
use functions::catalogue::Function;
use pointsman::account::{self, Shipped};
use serde_json::Value;
use simulated_aws::template::Stack;

/// A metric of the dashboard: its namespace, name and dimensions, of which a search leaves values
/// open.
#[derive(Debug)]
struct Shown {
    namespace: String,
    name: String,
    dimensions: BTreeMap<String, Option<String>>,
}

fn stack() -> Stack {
    account::stack(&Shipped::default()).expect("the shipped template is sound")
}

fn widgets(stack: &Stack) -> Vec<Value> {
    let [dashboard] = stack.dashboards.as_slice() else {
        panic!("one dashboard, not {}", stack.dashboards.len());
    };
    dashboard.body["widgets"]
        .as_array()
        .expect("a list")
        .clone()
}

fn shown(stack: &Stack) -> Vec<Shown> {
    let widgets = widgets(stack);
    let lists = widgets
        .iter()
        .filter_map(|widget| widget["properties"]["metrics"].as_array());
    lists.flatten().map(read).collect()
}

fn read(metric: &Value) -> Shown {
    let members = metric.as_array().expect("a metric is a list");
    if let Some(expression) = members[0]["expression"].as_str() {
        return read_search(expression);
    }
    let texts: Vec<&str> = members.iter().filter_map(Value::as_str).collect();
    let pairs = texts[2..].chunks(2);
    Shown {
        namespace: texts[0].to_owned(),
        name: texts[1].to_owned(),
        dimensions: pairs
            .map(|pair| (pair[0].to_owned(), Some(pair[1].to_owned())))
            .collect(),
    }
}

/// `SEARCH('{Namespace,Dimension,…} MetricName="…" Stack="…"', 'Sum', 300)` (CloudWatch User Guide,
/// "CloudWatch search expression syntax").
fn read_search(expression: &str) -> Shown {
    let between = |before: &str, after: &str| {
        let (_, rest) = expression.split_once(before)?;
        rest.split_once(after).map(|(found, _)| found.to_owned())
    };
    let schema = between("SEARCH('{", "} ").expect("a schema");
    let (namespace, names) = schema.split_once(',').expect("a namespace and dimensions");
    let stack = between(" Stack=\"", "\"").expect("a search of one stack");
    let mut dimensions: BTreeMap<String, Option<String>> = names
        .split(',')
        .map(|name| (name.to_owned(), None))
        .collect();
    dimensions.insert("Stack".to_owned(), Some(stack));
    Shown {
        namespace: namespace.to_owned(),
        name: between("MetricName=\"", "\"").expect("a metric's name"),
        dimensions,
    }
}

/// Every value that a dimension of ours can take; none where teams choose it.
fn values(dimension: Dimension) -> Option<Vec<&'static str>> {
    let answers = [
        AnswerStatus::Passed,
        AnswerStatus::Refused,
        AnswerStatus::AnsweredOtherwise,
        AnswerStatus::NothingToAnswer,
    ];
    let proxies = [
        Sender::HookFunction,
        Sender::OnFailure,
        Sender::Rule,
        Sender::Sweep,
    ];
    Some(match dimension {
        Dimension::Stack => vec!["pointsman"],
        Dimension::Application | Dimension::DeploymentGroup => return None,
        Dimension::Event => HookEvent::ALL.iter().map(|event| event.as_str()).collect(),
        Dimension::Answer => {
            let words = answers.iter().map(|status| status.as_str());
            words.chain(["let_through"]).collect()
        }
        Dimension::Reason => Reason::ALL.iter().map(|reason| reason.as_str()).collect(),
        Dimension::By => proxies.iter().map(|sender| sender.as_str()).collect(),
        Dimension::Step => Function::ALL
            .iter()
            .map(|function| function.name())
            .collect(),
        Dimension::Failure => FailureName::ALL.iter().map(|name| name.as_str()).collect(),
        Dimension::Outcome => ReportStatus::ALL.map(ReportStatus::word).into(),
    })
}

/// Every combination of values of a set of dimensions, as far as it is closed.
fn combinations(set: &[Dimension]) -> Vec<BTreeMap<String, Option<String>>> {
    let mut all = vec![BTreeMap::new()];
    for dimension in set {
        let values: Vec<Option<String>> = match values(*dimension) {
            Some(values) => values
                .into_iter()
                .map(|value| Some(value.to_owned()))
                .collect(),
            None => vec![None],
        };
        all = all
            .into_iter()
            .flat_map(|known| {
                values.iter().map(move |value| {
                    let mut known = known.clone();
                    known.insert(dimension.name().to_owned(), value.clone());
                    known
                })
            })
            .collect();
    }
    all
}

/// Whether something shown shows this metric: a search shows every value.
fn shows(shown: &Shown, name: &str, wanted: &BTreeMap<String, Option<String>>) -> bool {
    shown.namespace == NAMESPACE
        && shown.name == name
        && shown.dimensions.keys().eq(wanted.keys())
        && shown
            .dimensions
            .iter()
            .all(|(name, value)| value.is_none() || *value == wanted[name])
}

#[test]
fn every_metric_that_is_written_is_on_the_dashboard() {
    let shown = shown(&stack());
    for metric in Metric::ALL {
        for wanted in metric
            .dimension_sets()
            .iter()
            .flat_map(|set| combinations(set))
        {
            let is_shown = shown.iter().any(|one| shows(one, metric.name(), &wanted));
            assert!(is_shown, "{} is not shown for {wanted:?}", metric.name());
        }
    }
}

#[test]
fn the_operators_page_tells_every_metric_with_its_unit_and_dimensions() {
    let page = include_str!("../../../docs/operating.md");
    for metric in Metric::ALL {
        let (name, unit) = (metric.name(), metric.unit().as_str());
        let start = format!("| `{name}` | {unit} | ");
        let row = page.lines().find_map(|line| line.strip_prefix(&start));
        let (by, _) = row.and_then(|row| row.split_once(" | ")).expect(name);
        for set in metric.dimension_sets() {
            let set: Vec<String> = set[1..]
                .iter()
                .map(|one| format!("`{}`", one.name()))
                .collect();
            assert!(by.contains(&set.join(" ")), "{name} by {set:?}");
        }
    }
    let told = [
        Dimension::Answer,
        Dimension::Reason,
        Dimension::By,
        Dimension::Outcome,
    ]
    .map(values);
    // Nothing is refused because it is verified.
    let refusing = |word: &&str| *word != Reason::Verified.as_str();
    for word in told.into_iter().flatten().flatten().filter(refusing) {
        assert!(page.contains(&format!("`{word}`")), "{word} is not told");
    }
}

/// Whether our functions write this metric, with these dimensions and values.
fn is_written(shown: &Shown) -> bool {
    let of_name = Metric::ALL
        .into_iter()
        .filter(|metric| metric.name() == shown.name);
    let mut sets = of_name.flat_map(Metric::dimension_sets);
    sets.any(|set| {
        let names: BTreeSet<&str> = set.iter().map(|one| one.name()).collect();
        let is_value = |dimension: &Dimension| match &shown.dimensions[dimension.name()] {
            Some(value) => values(*dimension).is_none_or(|all| all.contains(&value.as_str())),
            None => true,
        };
        shown.dimensions.keys().map(String::as_str).eq(names) && set.iter().all(is_value)
    })
}

/// Whether the log of the machine's executions is filtered for this metric.
fn is_filtered(shown: &Shown) -> bool {
    let template = Shipped::default().template;
    let suffix = shown.name.trim_start_matches("pointsman");
    let name = format!(
        "- MetricNamespace: Pointsman\n          MetricName: !Sub '${{NamePrefix}}{suffix}'"
    );
    shown.dimensions.is_empty() && template.contains(&name)
}

/// The metrics of AWS services that the dashboard may show, each with its only dimension (Lambda
/// Developer Guide, "Types of metrics for Lambda functions"; Step Functions Developer Guide,
/// "Monitoring with Amazon CloudWatch"; SQS Developer Guide, "Available CloudWatch metrics").
const OF_AWS: [(&str, &str, &[&str]); 3] = [
    (
        "AWS/Lambda",
        "FunctionName",
        &["Errors", "Throttles", "Duration", "Invocations"],
    ),
    (
        "AWS/States",
        "StateMachineArn",
        &[
            "ExecutionsStarted",
            "ExecutionsSucceeded",
            "ExecutionsFailed",
            "ExecutionsTimedOut",
            "ExecutionsAborted",
        ],
    ),
    (
        "AWS/SQS",
        "QueueName",
        &["ApproximateNumberOfMessagesVisible"],
    ),
];

/// Whether it is a metric of AWS about a resource of this template.
fn is_of_aws(shown: &Shown, stack: &Stack) -> bool {
    let Some((_, dimension, names)) = OF_AWS.iter().find(|of| of.0 == shown.namespace) else {
        return false;
    };
    let Some(Some(value)) = shown.dimensions.get(*dimension) else {
        return false;
    };
    let functions = stack
        .functions
        .iter()
        .map(|function| function.function.name.as_str());
    let machines = stack.machines.iter().map(|machine| machine.arn.as_str());
    let queues = stack.queues.keys().filter_map(|arn| arn.rsplit(':').next());
    shown.dimensions.len() == 1
        && names.contains(&shown.name.as_str())
        && functions
            .chain(machines)
            .chain(queues)
            .any(|known| known == value)
}

#[test]
fn every_metric_on_the_dashboard_exists() {
    let stack = stack();
    let shown = shown(&stack);
    assert!(shown.len() > 30, "only {} metrics are shown", shown.len());
    for one in &shown {
        let exists = if one.namespace == NAMESPACE {
            is_written(one) || is_filtered(one)
        } else {
            is_of_aws(one, &stack)
        };
        assert!(exists, "nobody writes {one:?}");
    }
}

#[test]
fn every_alarm_and_every_function_is_on_the_dashboard() {
    let stack = stack();
    let widgets = widgets(&stack);
    let alarms = widgets
        .iter()
        .find_map(|widget| widget["properties"]["alarms"].as_array());
    let alarms: BTreeSet<&str> = alarms
        .expect("a widget of alarms")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    let arns: Vec<String> = stack
        .alarms
        .iter()
        .map(|name| simulated_aws::cloud_watch::alarm_arn(name))
        .collect();
    assert_eq!(alarms, arns.iter().map(String::as_str).collect());
    let shown = shown(&stack);
    for function in &stack.functions {
        let name = Some(function.function.name.clone());
        for metric in ["Errors", "Throttles", "Duration"] {
            let of = |one: &Shown| one.dimensions.get("FunctionName") == Some(&name);
            let is_shown = shown.iter().any(|one| one.name == metric && of(one));
            assert!(is_shown, "{metric} of {name:?}");
        }
    }
}

#[test]
fn a_stranger_can_read_the_dashboard() {
    let units = [
        "(count)",
        "(seconds)",
        "(milliseconds)",
        "(most)",
        "(messages in a queue)",
    ];
    let mut bottom = BTreeMap::new();
    for widget in widgets(&stack()) {
        let properties = &widget["properties"];
        match widget["type"].as_str() {
            Some("text") => {
                let markdown = properties["markdown"].as_str().expect("a text");
                assert!(markdown.contains("docs/operating.md"), "{markdown}");
            }
            Some("metric") => {
                let title = properties["title"].as_str().expect("a title");
                assert!(
                    units.iter().any(|unit| title.ends_with(unit)),
                    "no unit: {title}"
                );
                assert!(properties["yAxis"]["left"]["label"].is_string(), "{title}");
                assert_eq!(properties["region"], simulated_aws::REGION, "{title}");
            }
            Some("alarm") => {}
            other => panic!("a widget of type {other:?}"),
        }
        let number = |field: &str| widget[field].as_u64().expect("a number");
        for x in number("x")..number("x") + number("width") {
            let free_from = bottom
                .insert(x, number("y") + number("height"))
                .unwrap_or(0);
            assert!(free_from <= number("y"), "{widget} lies over another");
        }
    }
}
