//! Between HTTP as AWS clients speak it and the documents that the services of the model take.
//!
//! Every request, whatever its protocol, becomes one [`serde_json::Value`]; every answer is made
//! from one. So an operation has one request type and one response type, and knows no protocol.
//! Protocols: the Smithy specifications of awsJson 1.0 and 1.1, awsQuery, ec2Query, restJson1 and
//! rpcv2Cbor.

mod answer;
mod cbor;
mod ec2_query;
mod fields;
mod query;
mod refused;
mod request;

pub use answer::{Answer, ApiError};
pub(crate) use answer::{error_response, response};
pub(crate) use fields::{Paging, list, number, truth};
pub(crate) use refused::{credentials as unknown_credentials, operation as unknown_operation};
pub(crate) use request::understand;

/// An HTTP request as it reaches AWS, or a web site of the simulated world.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// `GET`, `POST`, …
    pub method: String,
    /// The host, without a port.
    pub host: String,
    /// The path with its query.
    pub path: String,
    /// Names in lower case, in the order sent.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// The first header of this name (lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| value.as_str())
    }
}

/// An HTTP response as it leaves AWS, or a web site of the simulated world.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// How a service's operations travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// awsJson 1.0 or 1.1: the operation is in `X-Amz-Target`.
    Json,
    /// awsQuery: a form in, XML out; the operation is the field `Action`.
    Query,
    /// ec2Query: the same, with lists, answers and errors of its own.
    Ec2Query,
    /// restJson1: method and path name the operation.
    Rest,
    /// rpcv2Cbor: the path names the operation.
    Cbor,
}

/// The services that the model knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Service {
    /// Amazon EC2 Auto Scaling.
    AutoScaling,
    /// Elastic Load Balancing, version 1: Classic Load Balancers.
    ClassicLoadBalancing,
    /// Amazon CloudWatch.
    CloudWatch,
    /// AWS CodeDeploy.
    CodeDeploy,
    /// Amazon DynamoDB.
    DynamoDb,
    /// Amazon EC2.
    Ec2,
    /// AWS Lambda.
    Lambda,
    /// Elastic Load Balancing, version 2.
    LoadBalancing,
    /// Amazon SNS.
    Sns,
    /// AWS Systems Manager (its Parameter Store).
    Ssm,
    /// AWS Step Functions.
    StepFunctions,
}

impl Service {
    /// Every service; of two that sign with one name, the one that is meant by default comes last.
    pub const ALL: [Service; 11] = [
        Service::AutoScaling,
        Service::ClassicLoadBalancing,
        Service::CloudWatch,
        Service::CodeDeploy,
        Service::DynamoDb,
        Service::Ec2,
        Service::Lambda,
        Service::LoadBalancing,
        Service::Sns,
        Service::Ssm,
        Service::StepFunctions,
    ];

    /// The name in a signature's scope.
    pub const fn signing_name(self) -> &'static str {
        match self {
            Service::AutoScaling => "autoscaling",
            Service::CloudWatch => "monitoring",
            Service::CodeDeploy => "codedeploy",
            Service::DynamoDb => "dynamodb",
            Service::Ec2 => "ec2",
            Service::Lambda => "lambda",
            Service::ClassicLoadBalancing | Service::LoadBalancing => "elasticloadbalancing",
            Service::Sns => "sns",
            Service::Ssm => "ssm",
            Service::StepFunctions => "states",
        }
    }

    /// What stands before the operation in `X-Amz-Target`, if it speaks JSON (each service's model
    /// in the AWS SDKs, `targetPrefix`).
    pub(crate) const fn target_prefix(self) -> Option<&'static str> {
        match self {
            Service::CloudWatch => Some("GraniteServiceVersion20100801"),
            Service::CodeDeploy => Some("CodeDeploy_20141006"),
            Service::DynamoDb => Some("DynamoDB_20120810"),
            Service::Ssm => Some("AmazonSSM"),
            Service::StepFunctions => Some("AWSStepFunctions"),
            Service::AutoScaling
            | Service::ClassicLoadBalancing
            | Service::Ec2
            | Service::Lambda
            | Service::LoadBalancing
            | Service::Sns => None,
        }
    }

    /// The prefix of its IAM actions (Service Authorization Reference).
    pub const fn iam_prefix(self) -> &'static str {
        match self {
            Service::CloudWatch => "cloudwatch",
            Service::AutoScaling
            | Service::ClassicLoadBalancing
            | Service::CodeDeploy
            | Service::DynamoDb
            | Service::Ec2
            | Service::Lambda
            | Service::LoadBalancing
            | Service::Sns
            | Service::Ssm
            | Service::StepFunctions => self.signing_name(),
        }
    }

    /// The status with which Amazon EC2 throttles is 503; the others' is 400 (each service's API
    /// Reference).
    pub(crate) const fn throttling_status(self) -> u16 {
        match self {
            Service::Ec2 => 503,
            Service::AutoScaling
            | Service::ClassicLoadBalancing
            | Service::CloudWatch
            | Service::CodeDeploy
            | Service::DynamoDb
            | Service::Lambda
            | Service::LoadBalancing
            | Service::Sns
            | Service::Ssm
            | Service::StepFunctions => 400,
        }
    }

    /// The name of its model in the AWS SDKs' generators; two services sign with one name.
    pub(crate) const fn model(self) -> &'static str {
        match self {
            Service::ClassicLoadBalancing => "elasticloadbalancing/2012-06-01",
            Service::AutoScaling
            | Service::CloudWatch
            | Service::CodeDeploy
            | Service::DynamoDb
            | Service::Ec2
            | Service::Lambda
            | Service::LoadBalancing
            | Service::Sns
            | Service::Ssm
            | Service::StepFunctions => self.signing_name(),
        }
    }

    /// The code with which it says that a call was throttled (each service's API Reference).
    pub const fn throttling_code(self) -> &'static str {
        match self {
            Service::AutoScaling
            | Service::ClassicLoadBalancing
            | Service::CloudWatch
            | Service::LoadBalancing
            | Service::Sns => "Throttling",
            Service::Ec2 => "RequestLimitExceeded",
            Service::Lambda => "TooManyRequestsException",
            Service::CodeDeploy | Service::Ssm | Service::StepFunctions | Service::DynamoDb => {
                "ThrottlingException"
            }
        }
    }

    /// The code with which it says that the caller may not do that.
    pub const fn refusal_code(self) -> &'static str {
        match self {
            Service::AutoScaling
            | Service::ClassicLoadBalancing
            | Service::CloudWatch
            | Service::LoadBalancing => "AccessDenied",
            Service::Ec2 => "UnauthorizedOperation",
            Service::Sns => "AuthorizationError",
            Service::Lambda
            | Service::CodeDeploy
            | Service::Ssm
            | Service::StepFunctions
            | Service::DynamoDb => "AccessDeniedException",
        }
    }
}
