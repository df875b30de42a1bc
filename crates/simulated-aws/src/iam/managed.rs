//! AWS's own policies that SAM attaches to the roles that it makes.
//!
//! AWS Managed Policy Reference, `AWSLambdaBasicExecutionRole`, `AWSLambdaVPCAccessExecutionRole`
//! (v3) and `AWSXrayWriteOnlyAccess`. They are for the runtimes of Lambda and Step Functions: no
//! function of ours makes these calls.

use super::policy::{Effect, Policy, Statement};

/// A function's own logs.
pub const BASIC: &str = "AWSLambdaBasicExecutionRole";
/// A function's own traces, or a machine's.
pub const TRACES: &str = "AWSXrayWriteOnlyAccess";
/// A function's network interfaces.
pub const NETWORK: &str = "AWSLambdaVPCAccessExecutionRole";

const LOGS: [&str; 3] = [
    "logs:CreateLogGroup",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
];

/// The policy of this name, if it is one of those.
pub fn policy(name: &str) -> Option<Policy> {
    let actions: &[&[&str]] = match name {
        BASIC => &[&LOGS],
        TRACES => &[&[
            "xray:PutTraceSegments",
            "xray:PutTelemetryRecords",
            "xray:GetSamplingRules",
            "xray:GetSamplingTargets",
            "xray:GetSamplingStatisticSummaries",
        ]],
        NETWORK => &[
            &LOGS,
            &[
                "ec2:CreateNetworkInterface",
                "ec2:DescribeNetworkInterfaces",
                "ec2:DescribeSubnets",
                "ec2:DeleteNetworkInterface",
                "ec2:AssignPrivateIpAddresses",
                "ec2:UnassignPrivateIpAddresses",
            ],
        ],
        _ => return None,
    };
    let actions = actions.concat().into_iter().map(str::to_owned);
    let statement = Statement {
        sid: None,
        effect: Effect::Allow,
        services: Vec::new(),
        actions: actions.collect(),
        resources: vec!["*".to_owned()],
        conditions: Vec::new(),
    };
    Some(Policy {
        name: name.to_owned(),
        statements: vec![statement],
    })
}
