//! awsQuery: a form in, XML out.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::ApiError;
use crate::time::{TIME_KEY, Time};

/// How deep a field's name may nest: the deepest one that AWS's models use has six parts.
const DEPTH_MAX: usize = 12;
/// More fields than any list of a modelled operation may fill.
const FIELDS_MAX: usize = 10_000;
/// How much of a field's name is repeated in an error.
const NAME_SHOWN: usize = 100;

/// What a form says.
pub(super) struct Form {
    pub action: String,
    /// The version of the API that it speaks.
    pub version: String,
    pub input: Value,
}

/// How lists are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lists {
    /// `X.member.1`.
    Member,
    /// `X.1`.
    Bare,
}

/// The operation and its input document.
pub(super) fn read(body: &[u8], lists: Lists) -> Result<Form, ApiError> {
    let malformed = |what: String| ApiError::new("MalformedQueryString", what);
    if pairs(body).nth(FIELDS_MAX).is_some() {
        return Err(malformed(format!("more than {FIELDS_MAX} fields")));
    }
    let mut fields: BTreeMap<String, String> = pairs(body).collect();
    let action = fields
        .remove("Action")
        .ok_or_else(|| ApiError::new("MissingAction", "the request has no parameter Action"))?;
    let version = fields.remove("Version").unwrap_or_default();
    let mut root = Node::default();
    for (name, value) in fields {
        let path: Vec<&str> = name.splitn(DEPTH_MAX + 1, '.').collect();
        if path.len() > DEPTH_MAX {
            let name: String = name.chars().take(NAME_SHOWN).collect();
            return Err(malformed(format!("{name} nests too deep")));
        }
        root.insert(&path, value);
    }
    let input = root.into_value(lists);
    Ok(Form {
        action,
        version,
        input,
    })
}

#[derive(Default)]
struct Node {
    text: Option<String>,
    children: BTreeMap<String, Node>,
}

impl Node {
    fn insert(&mut self, path: &[&str], value: String) {
        match path {
            [] => self.text = Some(value),
            [first, rest @ ..] => {
                self.children
                    .entry((*first).to_owned())
                    .or_default()
                    .insert(rest, value);
            }
        }
    }

    /// `X.member.1`, or `X.1`, is a list, `X.Y` a structure; a bare `X=` is an empty list or text.
    fn into_value(self, lists: Lists) -> Value {
        if let Some(text) = self.text {
            return Value::String(text);
        }
        let mut children = self.children;
        let is_index = |name: &String| name.parse::<u32>().is_ok();
        let list = match lists {
            Lists::Member if children.len() == 1 => children.remove("member"),
            Lists::Bare if !children.is_empty() && children.keys().all(is_index) => Some(Node {
                text: None,
                children: std::mem::take(&mut children),
            }),
            Lists::Member | Lists::Bare => None,
        };
        if let Some(list) = list {
            let members = list.children.into_iter();
            let mut members: Vec<(u32, Value)> = members
                .map(|(index, node)| (index.parse().unwrap_or(u32::MAX), node.into_value(lists)))
                .collect();
            members.sort_by_key(|(index, _)| *index);
            return Value::Array(members.into_iter().map(|(_, value)| value).collect());
        }
        let fields = children
            .into_iter()
            .map(|(name, node)| (name, node.into_value(lists)));
        Value::Object(fields.collect::<Map<_, _>>())
    }
}

/// The pairs of a form or a query, decoded.
pub(super) fn pairs(text: &[u8]) -> impl Iterator<Item = (String, String)> {
    text.split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let pair = String::from_utf8_lossy(pair);
            let (name, value) = pair.split_once('=').unwrap_or((&pair, ""));
            (decode(name), decode(value))
        })
}

/// Percent decoding, with `+` for a space.
pub(super) fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = bytes
            .get(at + 1..at + 3)
            .and_then(|hex| std::str::from_utf8(hex).ok());
        match (
            bytes[at],
            hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()),
        ) {
            (b'%', Some(byte)) => {
                decoded.push(byte);
                at += 3;
            }
            (b'+', _) => {
                decoded.push(b' ');
                at += 1;
            }
            (byte, _) => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

/// `<ActionResponse><ActionResult>…</ActionResult>…</ActionResponse>`.
pub(super) fn answer(action: &str, result: &Value, request_id: &str) -> String {
    let mut xml = format!("<{action}Response><{action}Result>");
    write(&mut xml, result, &str::to_owned, "member");
    let end = format!(
        "</{action}Result><ResponseMetadata><RequestId>{request_id}</RequestId>\
         </ResponseMetadata></{action}Response>"
    );
    xml + &end
}

/// awsQuery's error document.
pub(super) fn error(error: &ApiError, request_id: &str) -> String {
    let fault = if error.status < 500 {
        "Sender"
    } else {
        "Receiver"
    };
    let mut xml = format!("<ErrorResponse><Error><Type>{fault}</Type><Code>");
    escape(&mut xml, &error.code);
    xml.push_str("</Code><Message>");
    escape(&mut xml, &error.message);
    xml + &format!("</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>")
}

/// Writes a value; each field under what `name` makes of its name, each member of a list as
/// `member`.
pub(super) fn write(xml: &mut String, value: &Value, name: &impl Fn(&str) -> String, member: &str) {
    match value {
        Value::Null => {}
        Value::Bool(value) => xml.push_str(if *value { "true" } else { "false" }),
        Value::Number(number) => xml.push_str(&number.to_string()),
        Value::String(text) => escape(xml, text),
        Value::Array(members) => {
            for value in members {
                xml.extend(["<", member, ">"]);
                write(xml, value, name, member);
                xml.extend(["</", member, ">"]);
            }
        }
        Value::Object(fields) => {
            if let Some(time) = fields.get(TIME_KEY).and_then(Value::as_u64) {
                xml.push_str(&Time::from_milliseconds(time).to_string());
                return;
            }
            for (field, value) in fields.iter().filter(|(_, value)| !value.is_null()) {
                let written = name(field);
                xml.extend(["<", &written, ">"]);
                write(xml, value, name, member);
                xml.extend(["</", &written, ">"]);
            }
        }
    }
}

pub(super) fn escape(xml: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '"' => xml.push_str("&quot;"),
            // XML 1.0 has no way to write the other control characters.
            c if c.is_control() && !matches!(c, '\t' | '\n' | '\r') => xml.push('\u{fffd}'),
            other => xml.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// The code with which a form is refused.
    fn code(form: &[u8]) -> String {
        let read = read(form, Lists::Member);
        read.map(|form| form.action).expect_err("is refused").code
    }

    #[test]
    fn reads_lists_structures_and_escapes() {
        let form = b"Action=Do&Version=2015-12-01&A=x%26+y&L.member.2=b&L.member.1=a&\
                     S.T.member.1.Id=i-1&S.U=1";
        let form = read(form, Lists::Member).expect("is well formed");
        assert_eq!(
            (form.action.as_str(), form.version.as_str()),
            ("Do", "2015-12-01")
        );
        assert_eq!(
            form.input,
            json!({"A": "x& y", "L": ["a", "b"], "S": {"T": [{"Id": "i-1"}], "U": "1"}})
        );
    }

    #[test]
    fn refuses_a_form_without_an_action_or_with_endless_nesting() {
        assert_eq!(code(b"A=1"), "MissingAction");
        let deep = format!("Action=Do&{}=1", ["x"; 13].join("."));
        assert_eq!(code(deep.as_bytes()), "MalformedQueryString");
    }

    #[test]
    fn refuses_more_fields_than_any_list_may_fill_and_writes_no_control_character() {
        let fields = "&a=b".repeat(FIELDS_MAX);
        let many = code(format!("Action=Do{fields}").as_bytes());
        assert_eq!(many, "MalformedQueryString");
        let written = answer("Do", &json!({"T": "a\u{1}b\n"}), "r");
        assert!(written.contains("a\u{fffd}b\n"), "{written}");
    }

    #[test]
    fn writes_lists_times_and_escapes() {
        let result = json!({"T": Time::START, "L": [{"Id": "<1>"}], "None": null});
        assert_eq!(
            answer("Do", &result, "r"),
            "<DoResponse><DoResult><L><member><Id>&lt;1&gt;</Id></member></L>\
             <T>2026-01-15T09:00:00.000Z</T></DoResult><ResponseMetadata>\
             <RequestId>r</RequestId></ResponseMetadata></DoResponse>"
        );
    }
}
