//! YAML as a tree that keeps each node's tag and line.

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};
use serde_json::Value;

use super::Fault;

/// A value, where it stands, and its tag without the exclamation mark, such as `Sub`.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub line: usize,
    pub tag: Option<String>,
    pub data: Data,
}

#[derive(Clone, Debug)]
pub(super) enum Data {
    /// A text; a plain one, without quotes, may mean a number, a truth value or nothing.
    Scalar {
        text: String,
        plain: bool,
    },
    List(Vec<Node>),
    Map(Vec<Entry>),
}

#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub key: String,
    pub line: usize,
    pub value: Node,
}

impl Node {
    /// The members of a map; none of anything else.
    pub(super) fn entries(&self) -> &[Entry] {
        match &self.data {
            Data::Map(entries) => entries,
            Data::Scalar { .. } | Data::List(_) => &[],
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        let entry = self.entries().iter().find(|entry| entry.key == key)?;
        Some(&entry.value)
    }

    pub(super) fn text(&self) -> Option<&str> {
        match &self.data {
            Data::Scalar { text, .. } => Some(text),
            Data::List(_) | Data::Map(_) => None,
        }
    }

    pub(super) fn list(&self) -> Option<&[Node]> {
        match &self.data {
            Data::List(members) => Some(members),
            Data::Scalar { .. } | Data::Map(_) => None,
        }
    }

    pub(super) fn untagged(&self) -> Node {
        Node {
            tag: None,
            ..self.clone()
        }
    }
}

/// What a scalar means by YAML 1.2's core schema. A number that would not be written the same
/// again, such as an account ID with a leading zero, stays a text.
pub(super) fn scalar(text: &str, plain: bool) -> Value {
    if !plain {
        return Value::String(text.to_owned());
    }
    match text {
        "" | "~" | "null" => Value::Null,
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ => match serde_json::from_str::<serde_json::Number>(text) {
            Ok(number) if number.to_string() == text => Value::Number(number),
            Ok(_) | Err(_) => Value::String(text.to_owned()),
        },
    }
}

/// Deeper than any template nests.
const DEPTH_MAX: usize = 64;

/// Reads one document. Anchors and aliases are refused: CloudFormation does not take them.
pub(super) fn parse(text: &str) -> Result<Node, Fault> {
    let mut reader = Reader {
        parser: Parser::new_from_str(text),
    };
    reader.begin()?;
    let (event, line) = reader.next()?;
    let root = reader.node(event, line, 0)?;
    match reader.next()? {
        (Event::DocumentEnd, _) => {}
        (_, line) => return Err(fault(line, "more than one value")),
    }
    match reader.next()? {
        (Event::StreamEnd, _) => Ok(root),
        (_, line) => Err(fault(line, "more than one document")),
    }
}

fn fault(line: usize, what: impl Into<String>) -> Fault {
    Fault {
        line,
        place: "YAML".into(),
        what: what.into(),
    }
}

struct Reader<'a> {
    parser: Parser<'a, saphyr_parser::StrInput<'a>>,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<(Event<'a>, usize), Fault> {
        match self.parser.next() {
            Some(Ok((event, span))) => Ok((event, span.start.line())),
            Some(Err(error)) => Err(fault(error.marker().line(), error.info())),
            None => Err(fault(0, "ends too early")),
        }
    }

    fn begin(&mut self) -> Result<(), Fault> {
        match (self.next()?.0, self.next()?) {
            (Event::StreamStart, (Event::DocumentStart(_), _)) => Ok(()),
            (_, (_, line)) => Err(fault(line, "there is no document")),
        }
    }

    fn node(&mut self, event: Event<'a>, line: usize, depth: usize) -> Result<Node, Fault> {
        if depth > DEPTH_MAX {
            return Err(fault(line, format!("nests deeper than {DEPTH_MAX} levels")));
        }
        let (data, anchor, tag) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let plain = style == ScalarStyle::Plain;
                let text = text.into_owned();
                (Data::Scalar { text, plain }, anchor, tag)
            }
            Event::SequenceStart(anchor, tag) => (self.list(depth)?, anchor, tag),
            Event::MappingStart(anchor, tag) => (self.map(depth)?, anchor, tag),
            Event::Alias(_) => return Err(fault(line, "aliases are not taken")),
            other => return Err(fault(line, format!("unexpected {other:?}"))),
        };
        if anchor != 0 {
            return Err(fault(line, "anchors are not taken"));
        }
        let tag = tag.map(|tag| short(&tag, line)).transpose()?;
        Ok(Node { line, tag, data })
    }

    fn list(&mut self, depth: usize) -> Result<Data, Fault> {
        let mut members = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(Data::List(members)),
                (event, line) => members.push(self.node(event, line, depth + 1)?),
            }
        }
    }

    fn map(&mut self, depth: usize) -> Result<Data, Fault> {
        let mut entries: Vec<Entry> = Vec::new();
        loop {
            let (key, line) = match self.next()? {
                (Event::MappingEnd, _) => return Ok(Data::Map(entries)),
                (Event::Scalar(key, ..), line) => (key.into_owned(), line),
                (_, line) => return Err(fault(line, "a key that is no text")),
            };
            if entries.iter().any(|entry| entry.key == key) {
                return Err(fault(line, format!("{key} stands there twice")));
            }
            let (event, value_line) = self.next()?;
            let value = self.node(event, value_line, depth + 1)?;
            entries.push(Entry { key, line, value });
        }
    }
}

fn short(tag: &Tag, line: usize) -> Result<String, Fault> {
    if tag.handle == "!" {
        Ok(tag.suffix.clone())
    } else {
        Err(fault(line, format!("the tag {tag} is not taken")))
    }
}
