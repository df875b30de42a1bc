//! Reads a spec's checks.

use std::collections::BTreeSet;

use super::fields::{Faults, Fields};
use super::forms::{
    is_header_name, is_json_path, is_long_text, is_target_group_arn, is_text, is_url,
};
use super::model::{
    AlarmsCheck, Check, DeclaredCheck, HeaderMatch, HttpCheck, HttpMethod, InvokeCheck,
    StatusRange, TargetHealthCheck,
};
use super::node::{Data, Node};
use super::reader::{Context, IN_A_ROW_FORM, TRUTH_FORM, in_time};
use crate::hooks::HookEvent;

const CHECKS_AT_MOST: usize = 20;
const CHECKS_FORM: &str = "a list of at most 20 tables, [[checks]]";

pub(super) fn read_checks(
    node: &Node,
    context: &Context,
    faults: &mut Faults,
) -> Vec<DeclaredCheck> {
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
        let (path, line) = (fields.path_of("in_a_row"), fields.line_of("in_a_row"));
        in_time(context, times, &path, line, faults);
    }
    let kind = kind?;
    let check = match kind {
        Kind::Http => read_http(&mut fields, faults).map(Check::Http),
        Kind::Invoke => Some(Check::Invoke(read_invoke(&mut fields, faults))),
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

const PATH_FORM: &str = "a JSONPath (RFC 9535) such as $.status, up to 500 characters, with at most \
     3 filters (?) and brackets at most 8 deep, without the functions match and search";
const JSON_FORM: &str = "anything that JSON can hold: no dates, no infinities";

fn read_invoke(fields: &mut Fields<'_>, faults: &mut Faults) -> InvokeCheck {
    let payload = fields.optional("payload", JSON_FORM, faults, Node::to_json);
    let json_path = fields.optional("json_path", PATH_FORM, faults, |node| {
        node.text()
            .filter(|text| is_text(text, 500) && is_json_path(text))
            .map(str::to_owned)
    });
    let expected = fields.optional("expected", JSON_FORM, faults, Node::to_json);
    let timeout_seconds = timeout(fields, faults).unwrap_or(InvokeCheck::TIMEOUT_SECONDS);
    InvokeCheck {
        payload: payload.unwrap_or_default(),
        json_path: json_path.unwrap_or_else(|| InvokeCheck::JSON_PATH.to_owned()),
        expected,
        timeout_seconds,
    }
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
