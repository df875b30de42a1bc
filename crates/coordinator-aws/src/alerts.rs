//! Tells people, through the alerts topic.

use crate::clients::Clients;
use crate::errors::{AwsError, classified};

/// Publishes to one SNS topic.
#[derive(Debug, Clone)]
pub struct Alerts {
    client: aws_sdk_sns::Client,
    topic_arn: String,
}

/// SNS takes fewer than 100 characters of ASCII without line breaks as a subject (SNS API
/// Reference, `Publish`); what is no such character is replaced.
const SUBJECT_CHARACTERS_MAX: usize = 99;

impl Alerts {
    /// To the topic, with a client of `clients`.
    pub fn new(clients: &Clients, topic_arn: &str) -> Self {
        let config = aws_sdk_sns::config::Builder::from(clients.config())
            .retry_partition(clients.partition())
            .build();
        Self {
            client: aws_sdk_sns::Client::from_conf(config),
            topic_arn: topic_arn.to_owned(),
        }
    }

    /// Publishes one alert. A repeated step publishes it again: twice told is better than never.
    pub async fn publish(&self, subject: &str, message: &str) -> Result<(), AwsError> {
        self.client
            .publish()
            .topic_arn(&self.topic_arn)
            .subject(subject_of(subject))
            .message(message)
            .send()
            .await
            .map(|_published| ())
            .map_err(|error| classified("Publish", "the alerts topic", &error))
    }
}

fn subject_of(text: &str) -> String {
    let shown = |c: char| {
        if c.is_ascii_graphic() || c == ' ' {
            c
        } else {
            '?'
        }
    };
    text.chars()
        .map(shown)
        .take(SUBJECT_CHARACTERS_MAX)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_what_sns_accepts() {
        assert_eq!(subject_of("bad version\nserves é"), "bad version?serves ?");
        assert_eq!(subject_of(&"x".repeat(300)).len(), SUBJECT_CHARACTERS_MAX);
    }
}
