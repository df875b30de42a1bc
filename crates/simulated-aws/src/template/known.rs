//! The kinds of resources, their names, and what references to them mean.
//!
//! AWS CloudFormation template reference, "Return values" of each resource type; AWS SAM Developer
//! Guide, "Generated CloudFormation resources".

use crate::cloud_watch::alarm_arn;
use crate::event_bridge::rule_arn;
use crate::lambda::function_arn;
use crate::sns::topic_arn;
use crate::world::{ACCOUNT, REGION};

/// A resource that the account will have.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub kind: Kind,
    pub name: String,
    /// The alias that a function is published under.
    pub alias: Option<String>,
}

/// The type of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Function,
    Machine,
    Table,
    Topic,
    Rule,
    Permission,
    Queue,
    Alarm,
    Dashboard,
    QueuePolicy,
    LogGroup,
    /// The model has no behaviour for it, and nothing refers to it.
    Other,
}

/// The version that a function's first deployment publishes.
pub(super) const FIRST_VERSION: &str = "1";

impl Kind {
    /// The kind of a CloudFormation type; nothing if the model does not know how to take it.
    pub(super) fn of(type_name: &str) -> Option<Kind> {
        Some(match type_name {
            "AWS::Serverless::Function" => Kind::Function,
            "AWS::Serverless::StateMachine" => Kind::Machine,
            "AWS::DynamoDB::Table" => Kind::Table,
            "AWS::SNS::Topic" => Kind::Topic,
            "AWS::Events::Rule" => Kind::Rule,
            "AWS::Lambda::Permission" => Kind::Permission,
            "AWS::SQS::Queue" => Kind::Queue,
            "AWS::SQS::QueuePolicy" => Kind::QueuePolicy,
            "AWS::Logs::LogGroup" => Kind::LogGroup,
            "AWS::CloudWatch::Alarm" => Kind::Alarm,
            "AWS::CloudWatch::Dashboard" => Kind::Dashboard,
            "AWS::IAM::Policy"
            | "AWS::IAM::Role"
            | "AWS::Logs::MetricFilter"
            | "AWS::SNS::Subscription" => Kind::Other,
            _ => return None,
        })
    }

    /// The property that names a resource of this kind.
    pub(super) fn name_property(self) -> Option<&'static str> {
        match self {
            Kind::Function => Some("FunctionName"),
            Kind::Machine | Kind::Rule => Some("Name"),
            Kind::Table => Some("TableName"),
            Kind::Topic => Some("TopicName"),
            Kind::Queue => Some("QueueName"),
            Kind::Alarm => Some("AlarmName"),
            Kind::Dashboard => Some("DashboardName"),
            Kind::LogGroup => Some("LogGroupName"),
            Kind::Permission | Kind::QueuePolicy | Kind::Other => None,
        }
    }
}

/// A state machine's ARN.
pub(super) fn machine_arn(name: &str) -> String {
    format!("arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{name}")
}

fn queue_url(name: &str) -> String {
    format!("https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}")
}

/// A queue's ARN.
pub(super) fn queue_arn(name: &str) -> String {
    format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{name}")
}

/// The ARN of the queue that this URL leads to.
pub(super) fn queue_at(url: &str) -> Option<String> {
    let name = url.rsplit('/').next()?;
    (queue_url(name) == url).then(|| queue_arn(name))
}

impl Known {
    /// What `!Ref` gives, of the resource itself or of one that SAM generates for it.
    pub(super) fn reference(&self, generated: Option<&str>) -> Option<String> {
        let name = &self.name;
        match (self.kind, generated) {
            (Kind::Function, Some("Alias")) => {
                let alias = self.alias.as_ref()?;
                Some(format!("{}:{alias}", function_arn(name)))
            }
            (Kind::Function, Some("Version")) if self.alias.is_some() => {
                Some(format!("{}:{FIRST_VERSION}", function_arn(name)))
            }
            (_, Some(_)) | (Kind::Permission | Kind::QueuePolicy | Kind::Other, None) => None,
            (
                Kind::Function
                | Kind::Table
                | Kind::Rule
                | Kind::Alarm
                | Kind::Dashboard
                | Kind::LogGroup,
                None,
            ) => Some(name.clone()),
            (Kind::Machine, None) => Some(machine_arn(name)),
            (Kind::Topic, None) => Some(topic_arn(name)),
            (Kind::Queue, None) => Some(queue_url(name)),
        }
    }

    /// What `!GetAtt` gives.
    pub(super) fn attribute(&self, attribute: &str) -> Option<String> {
        let name = &self.name;
        let here = format!("{REGION}:{ACCOUNT}");
        Some(match (self.kind, attribute) {
            (Kind::Function, "Arn") => function_arn(name),
            (Kind::Machine, "Arn") => machine_arn(name),
            (Kind::Table, "Arn") => format!("arn:aws:dynamodb:{here}:table/{name}"),
            (Kind::Topic, "TopicArn") => topic_arn(name),
            (Kind::Rule, "Arn") => rule_arn(name),
            (Kind::Alarm, "Arn") => alarm_arn(name),
            (Kind::Queue, "Arn") => queue_arn(name),
            (Kind::LogGroup, "Arn") => format!("arn:aws:logs:{here}:log-group:{name}:*"),
            (Kind::Machine, "Name") | (Kind::Topic, "TopicName") | (Kind::Queue, "QueueName") => {
                name.clone()
            }
            (_, _) => return None,
        })
    }
}
