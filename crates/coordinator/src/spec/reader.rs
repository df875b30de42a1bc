//! Reads and validates a spec: every fault at once.

use std::collections::BTreeSet;

use toml::de::DeTable;

use super::fields::{Faults, Fields, MISSING};
use super::model::{
    AlarmsCheck, Check, DeclaredCheck, HeaderMatch, HttpCheck, HttpMethod, InvokeCheck, Rounds,
    Spec, StatusRange, TargetHealthCheck,
};
use super::node::{Data, Lines, Node, SpecFault, SpecFaults};
use crate::hooks::{ApplicationName, DeploymentGroupName, HookEvent};

/// A TOML spec longer than this cannot become one of 8 KB; reading it would be waste.
const TEXT_BYTES_AT_MOST: usize = 128 * 1024;

/// Reads the form for people.
pub fn read_toml(text: &str) -> Result<Spec, SpecFaults> {
    within_limit(text)?;
    let (table, errors) = DeTable::parse_recoverable(text);
    let lines = Lines::of(text);
    let broken: Vec<SpecFault> = errors
        .iter()
        .map(|error| SpecFault {
            line: error.span().map(|span| lines.line_of(span.start)),
            path: String::new(),
            received: format!("not TOML: {}", error.message().trim().replace('\n', ", ")),
            accepted: String::new(),
        })
        .collect();
    let read = read_node(&Node::from_toml(text, &table));
    if broken.is_empty() {
        return read;
    }
    // What a broken line was to say is not missing, and its remains are no faults of their own.
    let broken_lines: BTreeSet<Option<usize>> = broken.iter().map(|fault| fault.line).collect();
    let more = read.err().map(|faults| faults.0).unwrap_or_default();
    let more = more
        .into_iter()
        .filter(|fault| fault.received != MISSING && !broken_lines.contains(&fault.line));
    Err(sorted(broken.into_iter().chain(more).collect()))
}

/// Reads the stored form, by the same rules.
pub fn read_json(text: &str) -> Result<Spec, SpecFaults> {
    within_limit(text)?;
    let value = serde_json::from_str(text).map_err(|error| {
        SpecFaults(vec![SpecFault {
            line: None,
            path: String::new(),
            received: format!("not JSON: {error}"),
            accepted: "a spec as `pointsman spec put` stores it".to_owned(),
        }])
    })?;
    read_node(&Node::from_json(&value))
}

fn within_limit(text: &str) -> Result<(), SpecFaults> {
    if text.len() <= TEXT_BYTES_AT_MOST {
        return Ok(());
    }
    Err(SpecFaults(vec![SpecFault {
        line: None,
        path: String::new(),
        received: format!("the spec is {} bytes", text.len()),
        accepted: format!("up to {TEXT_BYTES_AT_MOST}"),
    }]))
}

fn read_node(root: &Node) -> Result<Spec, SpecFaults> {
    let mut faults = Faults::default();
    let spec = read_spec(root, &mut faults);
    match spec {
        Some(spec) if faults.0.is_empty() => Ok(spec),
        Some(_) | None => Err(sorted(faults.0)),
    }
}

fn sorted(mut faults: Vec<SpecFault>) -> SpecFaults {
    faults.sort_by_key(|fault| fault.line);
    SpecFaults(faults)
}

const NAME_FORM: &str = "a text of 1 to 100 characters";
const DEADLINE_FORM: &str = "whole minutes from 5 to 52: the hook's own machine ends at 55";
const TRUTH_FORM: &str = "true or false";

fn read_spec(root: &Node, faults: &mut Faults) -> Option<Spec> {
    let mut fields = Fields::open(root, "", faults)?;
    let application = fields.required("application", NAME_FORM, faults, |node| {
        ApplicationName::parse(node.text()?).ok()
    });
    let deployment_group = fields.required("deployment_group", NAME_FORM, faults, |node| {
        DeploymentGroupName::parse(node.text()?).ok()
    });
    let deadline_minutes = fields
        .optional("deadline_minutes", DEADLINE_FORM, faults, |node| {
            node.whole_number(5, 52)
        })
        .unwrap_or(Spec::DEADLINE_MINUTES);
    let guard_rollbacks = fields
        .optional("guard_rollbacks", TRUTH_FORM, faults, Node::boolean)
        .unwrap_or_default();
    let rounds = match fields.node("rounds") {
        Some(node) => read_rounds(node, faults),
        None => Rounds::default(),
    };
    in_time(
        deadline_minutes,
        &rounds,
        rounds.in_a_row,
        ("rounds.in_a_row", fields.line_of("rounds")),
        faults,
    );
    let context = Context {
        deadline_minutes,
        rounds,
    };
    let checks = fields
        .node("checks")
        .map(|node| read_checks(node, &context, faults));
    fields.close(faults);
    Some(Spec {
        application: application?,
        deployment_group: deployment_group?,
        deadline_minutes,
        guard_rollbacks,
        rounds,
        checks,
    })
}

const IN_A_ROW_FORM: &str = "a whole number from 1 to 100";

fn read_rounds(node: &Node, faults: &mut Faults) -> Rounds {
    let default = Rounds::default();
    let Some(mut fields) = Fields::open(node, "rounds", faults) else {
        return default;
    };
    let interval_seconds = fields
        .optional(
            "interval_seconds",
            "whole seconds from 2 to 300",
            faults,
            |node| node.whole_number(2, 300),
        )
        .unwrap_or(default.interval_seconds);
    let mut in_a_row = |key, default| {
        fields
            .optional(key, IN_A_ROW_FORM, faults, |node| node.whole_number(1, 100))
            .unwrap_or(default)
    };
    let rounds = Rounds {
        interval_seconds,
        in_a_row: in_a_row("in_a_row", default.in_a_row),
        failures_in_a_row: in_a_row("failures_in_a_row", default.failures_in_a_row),
    };
    fields.close(faults);
    rounds
}

/// What a check is read within.
struct Context {
    deadline_minutes: u32,
    rounds: Rounds,
}

/// So many rounds in a row must fit before the deadline, or the hook could only fail.
fn in_time(
    deadline_minutes: u32,
    rounds: &Rounds,
    in_a_row: u32,
    at: (&str, Option<usize>),
    faults: &mut Faults,
) {
    let needed = (in_a_row - 1) * rounds.interval_seconds;
    let deadline = deadline_minutes * 60;
    if needed >= deadline {
        let (path, line) = at;
        let received = format!(
            "is {in_a_row} rounds {} s apart, which take {needed} s",
            rounds.interval_seconds,
        );
        faults.add(
            line,
            path,
            received,
            format!("less than the deadline's {deadline} s"),
        );
    }
}

const CHECKS_AT_MOST: usize = 20;
const CHECKS_FORM: &str = "a list of at most 20 tables, [[checks]]";

fn read_checks(node: &Node, context: &Context, faults: &mut Faults) -> Vec<DeclaredCheck> {
    let Data::List(items) = &node.data else {
        faults.add(
            node.line,
            "checks",
            format!("is {}", node.in_words()),
            CHECKS_FORM,
        );
        return Vec::new();
    };
    if items.len() > CHECKS_AT_MOST {
        faults.add(
            node.line,
            "checks",
            format!("is a list of {} items", items.len()),
            CHECKS_FORM,
        );
    }
    let mut names = BTreeSet::new();
    let mut checks = Vec::new();
    for (index, item) in items.iter().take(CHECKS_AT_MOST).enumerate() {
        let Some(check) = read_check(item, index, context, faults) else {
            continue;
        };
        if !names.insert(check.name.clone()) {
            let path = format!("checks[{index}].name");
            let received = format!("is {:?}, as an earlier check's", check.name);
            faults.add(item.line, path, received, "a name of its own");
        }
        checks.push(check);
    }
    checks
}

const KIND_FORM: &str = r#""http", "invoke", "target-health" or "alarms""#;
const AT_FORM: &str = r#"a list of "BeforeAllowTraffic" and "AfterAllowTraffic", each once"#;

fn read_check(
    node: &Node,
    index: usize,
    context: &Context,
    faults: &mut Faults,
) -> Option<DeclaredCheck> {
    let path = format!("checks[{index}]");
    let mut fields = Fields::open(node, &path, faults)?;
    let kind = fields.required("kind", KIND_FORM, faults, |node| Kind::parse(node.text()?));
    let name = fields.optional("name", "a text of 1 to 60 characters", faults, |node| {
        node.text()
            .filter(|text| is_text(text, 60))
            .map(str::to_owned)
    });
    let at = fields
        .optional("at", AT_FORM, faults, events)
        .unwrap_or(HookEvent::ALL.to_vec());
    let in_a_row = fields.optional("in_a_row", IN_A_ROW_FORM, faults, |node| {
        node.whole_number(1, 100)
    });
    if let Some(times) = in_a_row {
        let place = (fields.path_of("in_a_row"), fields.line_of("in_a_row"));
        in_time(
            context.deadline_minutes,
            &context.rounds,
            times,
            (&place.0, place.1),
            faults,
        );
    }
    let kind = kind?;
    let check = match kind {
        Kind::Http => read_http(&mut fields, faults).map(Check::Http),
        Kind::Invoke => read_invoke(&mut fields, faults).map(Check::Invoke),
        Kind::TargetHealth => read_target_health(&mut fields, faults).map(Check::TargetHealth),
        Kind::Alarms => read_alarms(&mut fields, faults).map(Check::Alarms),
    };
    fields.close(faults);
    let check = check?;
    let name = name.unwrap_or_else(|| format!("{}-{}", check.kind(), index + 1));
    Some(DeclaredCheck {
        name,
        at,
        in_a_row,
        check,
    })
}

enum Kind {
    Http,
    Invoke,
    TargetHealth,
    Alarms,
}

impl Kind {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "http" => Some(Self::Http),
            "invoke" => Some(Self::Invoke),
            "target-health" => Some(Self::TargetHealth),
            "alarms" => Some(Self::Alarms),
            _ => None,
        }
    }
}

fn events(node: &Node) -> Option<Vec<HookEvent>> {
    let Data::List(items) = &node.data else {
        return None;
    };
    let events: Vec<HookEvent> = items
        .iter()
        .map(|item| HookEvent::parse(item.text()?).ok())
        .collect::<Option<_>>()?;
    let distinct: BTreeSet<_> = events.iter().collect();
    (!events.is_empty() && distinct.len() == events.len()).then_some(events)
}

const URL_FORM: &str =
    "an address such as https://example.com/health: http or https, up to 2000 plain characters";
const STATUS_FORM: &str =
    r#"a status code such as 200, a range such as "200-299", or a list of 1 to 20 of these"#;
const SECONDS_FORM: &str = "whole seconds from 1 to 30";
const TEXT_FORM: &str = "a text of 1 to 1000 characters";

fn read_http(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<HttpCheck> {
    let url = fields.required("url", URL_FORM, faults, |node| {
        node.text().filter(|text| is_url(text)).map(str::to_owned)
    });
    let method = fields
        .optional("method", r#""GET", "HEAD" or "POST""#, faults, |node| {
            let word = node.text()?;
            HttpMethod::ALL
                .into_iter()
                .find(|method| method.as_str() == word)
        })
        .unwrap_or_default();
    let status = fields
        .optional("status", STATUS_FORM, faults, statuses)
        .unwrap_or_else(|| vec![StatusRange::ANY_SUCCESS]);
    let header = fields.node("header").and_then(|node| {
        let path = fields.path_of("header");
        read_header(node, &path, faults)
    });
    let body_contains = fields.optional("body_contains", TEXT_FORM, faults, |node| {
        node.text()
            .filter(|text| is_long_text(text))
            .map(str::to_owned)
    });
    if method == HttpMethod::Head && body_contains.is_some() {
        let (line, path) = (
            fields.line_of("body_contains"),
            fields.path_of("body_contains"),
        );
        faults.add(
            line,
            path,
            "is declared for HEAD, whose answer has no body",
            "GET or POST",
        );
    }
    let timeout_seconds = timeout(fields, faults).unwrap_or(HttpCheck::TIMEOUT_SECONDS);
    Some(HttpCheck {
        url: url?,
        method,
        status,
        header,
        body_contains,
        timeout_seconds,
    })
}

fn read_header(node: &Node, path: &str, faults: &mut Faults) -> Option<HeaderMatch> {
    let mut fields = Fields::open(node, path, faults)?;
    let name = fields.required("name", "a header's name", faults, |node| {
        node.text()
            .filter(|text| is_header_name(text))
            .map(str::to_owned)
    });
    let contains = fields.optional("contains", TEXT_FORM, faults, |node| {
        node.text()
            .filter(|text| is_long_text(text))
            .map(str::to_owned)
    });
    fields.close(faults);
    Some(HeaderMatch {
        name: name?,
        contains,
    })
}

fn statuses(node: &Node) -> Option<Vec<StatusRange>> {
    let one = |node: &Node| match &node.data {
        Data::Number(number) => StatusRange::parse(&number.to_string()),
        Data::Text(text) => StatusRange::parse(text),
        Data::Table(_) | Data::List(_) | Data::Boolean(_) | Data::Null | Data::Foreign(_) => None,
    };
    match &node.data {
        Data::List(items) if (1..=20).contains(&items.len()) => items.iter().map(one).collect(),
        Data::List(_) => None,
        Data::Table(_)
        | Data::Number(_)
        | Data::Text(_)
        | Data::Boolean(_)
        | Data::Null
        | Data::Foreign(_) => one(node).map(|range| vec![range]),
    }
}

const PATH_FORM: &str = "a JSONPath (RFC 9535) such as $.status, up to 500 characters";
const JSON_FORM: &str = "anything that JSON can hold: no dates, no infinities";

fn read_invoke(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<InvokeCheck> {
    let payload = fields.optional("payload", JSON_FORM, faults, Node::to_json);
    let json_path = fields.optional("json_path", PATH_FORM, faults, |node| {
        node.text()
            .filter(|text| is_text(text, 500) && serde_json_path::JsonPath::parse(text).is_ok())
            .map(str::to_owned)
    });
    let expected = fields.optional("expected", JSON_FORM, faults, Node::to_json);
    let timeout_seconds = timeout(fields, faults).unwrap_or(InvokeCheck::TIMEOUT_SECONDS);
    Some(InvokeCheck {
        payload: payload.unwrap_or_default(),
        json_path: json_path.unwrap_or_else(|| InvokeCheck::JSON_PATH.to_owned()),
        expected,
        timeout_seconds,
    })
}

fn timeout(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<u32> {
    fields.optional("timeout_seconds", SECONDS_FORM, faults, |node| {
        node.whole_number(1, 30)
    })
}

const TARGET_GROUP_FORM: &str =
    "a target group's ARN: arn:aws:elasticloadbalancing:<region>:<account>:targetgroup/<name>/<id>";

fn read_target_health(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<TargetHealthCheck> {
    let target_group_arn = fields.required("target_group_arn", TARGET_GROUP_FORM, faults, |node| {
        node.text()
            .filter(|text| is_target_group_arn(text))
            .map(str::to_owned)
    });
    let at_least = fields
        .optional(
            "at_least",
            "a whole number from 1 to 1000",
            faults,
            |node| node.whole_number(1, 1000),
        )
        .unwrap_or(1);
    Some(TargetHealthCheck {
        target_group_arn: target_group_arn?,
        at_least,
    })
}

const ALARMS_FORM: &str = "a list of 1 to 50 alarm names, each once and up to 255 characters";

fn read_alarms(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<AlarmsCheck> {
    let names = fields.required("names", ALARMS_FORM, faults, alarm_names);
    let require_data = fields
        .optional("require_data", TRUTH_FORM, faults, Node::boolean)
        .unwrap_or_default();
    Some(AlarmsCheck {
        names: names?,
        require_data,
    })
}

fn alarm_names(node: &Node) -> Option<Vec<String>> {
    let Data::List(items) = &node.data else {
        return None;
    };
    let names: Vec<String> = items
        .iter()
        .map(|item| {
            item.text()
                .filter(|text| is_text(text, 255))
                .map(str::to_owned)
        })
        .collect::<Option<_>>()?;
    let distinct: BTreeSet<_> = names.iter().collect();
    ((1..=50).contains(&names.len()) && distinct.len() == names.len()).then_some(names)
}

fn is_text(text: &str, at_most: usize) -> bool {
    !text.trim().is_empty()
        && text.chars().count() <= at_most
        && !text.chars().any(char::is_control)
}

/// A text to look for; it may hold line ends.
fn is_long_text(text: &str) -> bool {
    (1..=1000).contains(&text.chars().count())
}

fn is_header_name(text: &str) -> bool {
    (1..=100).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

fn is_url(text: &str) -> bool {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    let host = rest
        .and_then(|rest| rest.split(['/', '?', '#']).next())
        .unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    text.len() <= 2000
        && text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte))
        && !name.is_empty()
        && !host.contains('@')
}

fn is_target_group_arn(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    match parts.as_slice() {
        [
            "arn",
            partition,
            "elasticloadbalancing",
            region,
            account,
            resource,
        ] => {
            let resource: Vec<&str> = resource.split('/').collect();
            [partition, region, account]
                .iter()
                .all(|part| !part.is_empty())
                && matches!(resource.as_slice(), ["targetgroup", name, id] if !name.is_empty() && !id.is_empty())
                && text.len() <= 255
                && text.bytes().all(|byte| byte.is_ascii_graphic())
        }
        _ => false,
    }
}
