//! Why a launch failed, from Auto Scaling's words, and what to do about it.
//!
//! The words are those of the Auto Scaling User Guide ("Troubleshoot EC2 instance launch failures",
//! "Troubleshoot AMI issues") and EC2's error codes, which Auto Scaling repeats.

/// Words, in lower case, and the step that they lead to. The first that fits counts.
const STEPS: [(&[&str], &str); 7] = [
    (
        &["lifecycle action"],
        "see whose lifecycle hook gave the instance up: CodeDeploy's own one does when what it \
         deploys to the instance fails",
    ),
    (
        &[
            "not have sufficient",
            "insufficientinstancecapacity",
            "insufficient capacity",
            "no spot capacity",
            "sufficient compatible and available capacity",
        ],
        "let the group use more instance types or zones, or deploy again when EC2 has capacity",
    ),
    (
        &[
            "vcpu",
            "limitexceeded",
            "quota",
            "count exceeded",
            "are already running",
        ],
        "ask for a higher quota in Service Quotas, or end instances that are not needed",
    ),
    (
        &["image id", "ami id", "invalidamiid", "the ami "],
        "name an AMI in the launch template that exists, and that this account may use",
    ),
    (
        &[
            "not authorized",
            "unauthorizedoperation",
            "accessdenied",
            "access denied",
            "authentication failure",
        ],
        "allow what the message names to the deployment group's service role: with a launch \
         template it needs ec2:RunInstances, ec2:CreateTags and iam:PassRole",
    ),
    (
        &["client.internalerror", "client error on launch"],
        "let Auto Scaling's service-linked role use the KMS key of the instances' volumes",
    ),
    (
        &[
            "does not exist",
            "not supported",
            "is not valid",
            "is invalid",
            "invalid ",
        ],
        "mend what the message names in the group's launch template, or in its zones",
    ),
];

const ANY_STEP: &str =
    "read the Auto Scaling group's activity history, and mend what its message names";

pub(super) fn next_step(status_message: &str) -> &'static str {
    let message = status_message.to_lowercase();
    STEPS
        .iter()
        .find(|(words, _)| words.iter().any(|word| message.contains(word)))
        .map_or(ANY_STEP, |(_, step)| step)
}
