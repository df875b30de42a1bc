//! `Resource: '*'` stands only where IAM has nothing narrower that is sure to work, and says so.

use std::collections::BTreeSet;

use pointsman::account::Shipped;
use simulated_aws::iam::{Statement, managed};

use super::{grants, runs};

/// The actions that may be granted on `*`, and where it is documented that they need it. "SAR" is
/// the Service Authorization Reference, which lists no resource type for the action there.
const ON_ALL: [(&str, &str); 26] = [
    (
        "autoscaling:DescribeAutoScalingGroups",
        "SAR, Amazon EC2 Auto Scaling",
    ),
    (
        "autoscaling:DescribePolicies",
        "SAR, Amazon EC2 Auto Scaling",
    ),
    (
        "autoscaling:DescribeScalingActivities",
        "SAR, Amazon EC2 Auto Scaling",
    ),
    (
        "autoscaling:DescribeWarmPool",
        "SAR, Amazon EC2 Auto Scaling",
    ),
    (
        "cloudwatch:DescribeAlarms",
        "CloudWatch API Reference, DescribeAlarms: composite alarms are only returned so",
    ),
    (
        "codedeploy:BatchGetDeploymentTargets",
        "SAR, AWS CodeDeploy",
    ),
    (
        "codedeploy:BatchGetDeploymentGroups",
        "every deployment group of the account is asked about",
    ),
    (
        "codedeploy:BatchGetDeployments",
        "any deployment of the account, and one that is gone has no group",
    ),
    (
        "codedeploy:GetDeployment",
        "any deployment of the account, and one that is gone has no group",
    ),
    ("codedeploy:ListApplications", "SAR, AWS CodeDeploy"),
    (
        "codedeploy:ListDeploymentGroups",
        "every application of the account is asked about",
    ),
    (
        "codedeploy:ListDeployments",
        "without a group it is about the whole account",
    ),
    ("codedeploy:ListDeploymentTargets", "SAR, AWS CodeDeploy"),
    ("ec2:DescribeInstances", "SAR, Amazon EC2"),
    ("codedeploy:StopDeployment", "SAR, AWS CodeDeploy"),
    (
        "elasticloadbalancing:DescribeLoadBalancers",
        "SAR, AWS Elastic Load Balancing",
    ),
    (
        "elasticloadbalancing:DescribeTargetGroups",
        "SAR, AWS Elastic Load Balancing V2",
    ),
    (
        "elasticloadbalancing:DescribeTargetHealth",
        "SAR, AWS Elastic Load Balancing V2",
    ),
    ("logs:CreateLogDelivery", "SAR, Amazon CloudWatch Logs"),
    ("logs:DeleteLogDelivery", "SAR, Amazon CloudWatch Logs"),
    (
        "logs:DescribeLogGroups",
        "Step Functions Developer Guide, Logging",
    ),
    (
        "logs:DescribeResourcePolicies",
        "SAR, Amazon CloudWatch Logs",
    ),
    ("logs:GetLogDelivery", "SAR, Amazon CloudWatch Logs"),
    ("logs:ListLogDeliveries", "SAR, Amazon CloudWatch Logs"),
    ("logs:PutResourcePolicy", "SAR, Amazon CloudWatch Logs"),
    ("logs:UpdateLogDelivery", "SAR, Amazon CloudWatch Logs"),
];

/// Our own statements that are about everything.
fn on_all() -> Vec<&'static Statement> {
    let statements = grants::statements(&runs::recorded()[0]);
    let ours = statements.filter(|(_, policy, _)| managed::policy(&policy.name).is_none());
    ours.map(|(_, _, statement)| statement)
        .filter(|statement| statement.resources.iter().any(|one| one == "*"))
        .collect()
}

#[test]
fn only_actions_that_take_nothing_narrower_are_granted_on_everything() {
    let statements = on_all();
    let granted: BTreeSet<&str> = statements
        .iter()
        .flat_map(|statement| &statement.actions)
        .map(String::as_str)
        .collect();
    let listed: BTreeSet<&str> = ON_ALL.iter().map(|(action, _)| *action).collect();
    assert_eq!(granted, listed);
}

#[test]
fn each_grant_on_everything_says_why_right_above_it() {
    let template = Shipped::default().template;
    let lines: Vec<&str> = template.lines().map(str::trim).collect();
    let mut found = 0;
    for (at, line) in lines.iter().enumerate() {
        if !line.starts_with("Resource:") || !line.contains("'*'") {
            continue;
        }
        let mut above = lines[..at].iter();
        let head = above
            .rposition(|line| line.starts_with("- Sid: "))
            .expect("a statement has a name");
        let says_why = lines[head - 1].starts_with("# ");
        assert!(says_why, "line {}: {}", at + 1, lines[head]);
        found += 1;
    }
    // Written in another way, it would not be found above.
    assert_eq!(found, on_all().len());
}
