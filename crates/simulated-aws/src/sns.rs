//! Amazon SNS: topics, and what was published to them.
//!
//! Amazon SNS API Reference, `Publish`. Nobody is subscribed in the model: scenarios read what a
//! person would have been told.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::json;

use crate::World;
use crate::call::Call;
use crate::time::Time;
use crate::wire::{Answer, ApiError};
use crate::world::{ACCOUNT, REGION, text};

/// The topics of the account, and their messages.
#[derive(Debug, Default)]
pub struct Sns {
    topics: BTreeSet<String>,
    published: Vec<Message>,
}

/// A message that was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// When.
    pub at: Time,
    /// The topic's ARN.
    pub topic_arn: String,
    /// The subject, which becomes that of an e-mail.
    pub subject: Option<String>,
    /// The text.
    pub message: String,
}

/// A topic's ARN.
pub fn topic_arn(name: &str) -> String {
    format!("arn:aws:sns:{REGION}:{ACCOUNT}:{name}")
}

impl Sns {
    /// Creates a topic.
    pub fn create_topic(&mut self, name: &str) {
        self.topics.insert(topic_arn(name));
    }

    /// The ARNs of the topics.
    pub fn topics(&self) -> impl Iterator<Item = &str> {
        self.topics.iter().map(String::as_str)
    }

    /// Everything published so far, in order.
    pub fn published(&self) -> &[Message] {
        &self.published
    }
}

pub(crate) fn handle(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    match call.action.as_str() {
        "Publish" => publish(world, call),
        _ => Err(call.unknown_operation()),
    }
}

pub(crate) fn resource(_world: &World, call: &Call) -> String {
    text(&call.input, "TopicArn").to_owned()
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct PublishRequest {
    topic_arn: String,
    subject: Option<String>,
    message: String,
}

fn publish(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let request: PublishRequest = call.request()?;
    let subject = request.subject.as_deref();
    if subject.is_some_and(|subject| !is_subject(subject)) {
        return Err(invalid("Subject"));
    }
    if request.message.is_empty() {
        return Err(invalid("Empty message"));
    }
    if request.message.len() > MESSAGE_MAX {
        return Err(invalid("Message too long"));
    }
    let name = request.topic_arn.strip_prefix(&topic_arn(""));
    let Some(name) = name.filter(|_| world.sns.topics.contains(&request.topic_arn)) else {
        return Err(ApiError::new("NotFound", "Topic does not exist").status(404));
    };
    let what = format!(
        "topic {name} tells its subscribers: {}",
        subject
            .or(request.message.lines().next())
            .unwrap_or_default()
    );
    world.tell("SNS", what);
    let message = Message {
        at: world.now(),
        topic_arn: request.topic_arn,
        subject: request.subject,
        message: request.message,
    };
    world.sns.published.push(message);
    let id = world.draw_uuid();
    Ok(Answer::Document(json!({"MessageId": id})))
}

/// 256 KiB, in bytes of UTF-8.
const MESSAGE_MAX: usize = 262_144;
/// "Less than 100 characters long", says the API Reference.
const SUBJECT_LENGTHS: std::ops::Range<usize> = 1..100;

/// No line breaks or control characters; ASCII that begins with a letter, a number or a
/// punctuation mark, as the API Reference long said: the less kind reading.
fn is_subject(subject: &str) -> bool {
    SUBJECT_LENGTHS.contains(&subject.chars().count())
        && subject
            .chars()
            .all(|c| c.is_ascii() && !c.is_ascii_control())
        && !subject.starts_with(' ')
}

fn invalid(what: &str) -> ApiError {
    ApiError::new("InvalidParameter", format!("Invalid parameter: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::CallId;
    use crate::wire::{Protocol, Service};
    use serde_json::Value;
    use std::time::Duration;

    fn made(world: &mut World, input: Value) -> Result<Answer, ApiError> {
        let call = Call {
            id: CallId(1),
            caller: "tester".into(),
            invocation: None,
            service: Service::Sns,
            action: "Publish".into(),
            input,
            protocol: Protocol::Query,
        };
        handle(world, &call)
    }

    fn world() -> World {
        let mut world = World::new(1);
        world.sns.create_topic("pointsman-alerts");
        world
    }

    #[test]
    fn keeps_messages_in_order_with_their_times() {
        let mut world = world();
        let arn = topic_arn("pointsman-alerts");
        let first = json!({"TopicArn": arn, "Subject": "Look", "Message": "one"});
        made(&mut world, first).expect("is published");
        let later = world.now() + Duration::from_secs(5);
        world.advance(later);
        made(&mut world, json!({"TopicArn": arn, "Message": "two"})).expect("is published");
        let published: Vec<_> = world
            .sns
            .published()
            .iter()
            .map(|message| {
                (
                    message.at,
                    message.subject.as_deref(),
                    message.message.as_str(),
                )
            })
            .collect();
        let expected = [(Time::START, Some("Look"), "one"), (later, None, "two")];
        assert_eq!(published, expected);
    }

    #[test]
    fn refuses_what_sns_refuses() {
        let arn = topic_arn("pointsman-alerts");
        let long = |length| "x".repeat(length);
        let cases = [
            (
                json!({"TopicArn": topic_arn("other"), "Message": "m"}),
                "NotFound",
            ),
            (json!({"TopicArn": arn, "Message": ""}), "InvalidParameter"),
            (
                json!({"TopicArn": arn, "Message": long(262_145)}),
                "InvalidParameter",
            ),
            (
                json!({"TopicArn": arn, "Message": "m", "Subject": long(100)}),
                "InvalidParameter",
            ),
            (
                json!({"TopicArn": arn, "Message": "m", "Subject": "a\nb"}),
                "InvalidParameter",
            ),
            (
                json!({"TopicArn": arn, "Message": "m", "Subject": "é"}),
                "InvalidParameter",
            ),
            (
                json!({"TopicArn": arn, "Message": "m", "PhoneNumber": "1"}),
                "ValidationException",
            ),
        ];
        let mut world = world();
        for (input, code) in cases {
            let refused = made(&mut world, input).expect_err("is refused");
            assert_eq!(refused.code, code, "{refused}");
        }
        assert_eq!(world.sns.published(), []);
    }

    #[test]
    fn takes_the_largest_message_and_subject() {
        let mut world = world();
        let arn = topic_arn("pointsman-alerts");
        let input =
            json!({"TopicArn": arn, "Message": "x".repeat(262_144), "Subject": "x".repeat(99)});
        assert!(made(&mut world, input).is_ok());
    }
}
