//! CodeDeploy's error codes: what each means, and what an operator does about it.
//!
//! The list is `ErrorCode` of CodeDeploy's service model. Meanings come from the CodeDeploy API
//! Reference (`ErrorInformation`) and the User Guide ("Error codes for AWS CodeDeploy",
//! "Troubleshooting CodeDeploy"). Where a code is documented nowhere, its sentence claims no more
//! than its name does and its step leads to CodeDeploy's own message.

use crate::wire::wire_words;

/// Declares the codes once: word, meaning, step.
macro_rules! error_codes {
    ($( $code:ident = $word:literal, $meaning:literal, $next_step:literal; )+) => {
        wire_words! {
            /// Why a deployment ended (CodeDeploy API Reference, `ErrorInformation.code`).
            pub enum ErrorCode {
                $( #[doc = $meaning] $code = $word, )+
            }
        }

        impl ErrorCode {
            /// Every code that is known, by its name.
            pub const ALL: &[Self] = &[ $( Self::$code, )+ ];

            /// What it means, lower case, without a full stop.
            pub const fn meaning(&self) -> &'static str {
                match self {
                    $( Self::$code => $meaning, )+
                    Self::Unrecognized(_) => "the error code is one that is not known",
                }
            }

            /// What an operator does about it, lower case, without a full stop.
            pub const fn next_step(&self) -> &'static str {
                match self {
                    $( Self::$code => $next_step, )+
                    Self::Unrecognized(_) => {
                        "read CodeDeploy's message and look the code up in its User Guide, \
                         \"Error codes for AWS CodeDeploy\""
                    }
                }
            }
        }
    };
}

error_codes! {
    AgentIssue = "AGENT_ISSUE",
        "the CodeDeploy agent on the instances has a problem",
        "see that the agent is installed and runs on every instance of the group, and read its log \
         (Linux: /var/log/aws/codedeploy-agent/codedeploy-agent.log)";
    AlarmActive = "ALARM_ACTIVE",
        "an alarm of the deployment group was in ALARM, so CodeDeploy stopped the deployment",
        "find out why the alarm was red, and deploy again when it is OK";
    ApplicationMissing = "APPLICATION_MISSING",
        "the application is missing, most likely deleted before the deployment began",
        "create the application again, or deploy from the one that replaced it";
    AutoScalingConfiguration = "AUTO_SCALING_CONFIGURATION",
        "the deployment group and its Auto Scaling group are not configured to work together",
        "take the Auto Scaling group out of the deployment group and add it again, which makes \
         CodeDeploy's lifecycle hook anew";
    AutoScalingIamRolePermissions = "AUTO_SCALING_IAM_ROLE_PERMISSIONS",
        "the deployment group's service role may not do in Auto Scaling what the deployment needs",
        "attach AWSCodeDeployRole to the service role; where the group uses a launch template, \
         also allow it ec2:RunInstances, ec2:CreateTags and iam:PassRole";
    AutoScalingValidationError = "AUTOSCALING_VALIDATION_ERROR",
        "the deployment group's Auto Scaling group did not pass CodeDeploy's validation",
        "read CodeDeploy's message, and see that the Auto Scaling groups that the deployment group \
         names exist and are not being deleted";
    CloudFormationStackFailure = "CLOUDFORMATION_STACK_FAILURE",
        "the CloudFormation stack that the deployment belongs to failed",
        "read the stack's events and start with the first resource that failed";
    CodeDeployResourceCannotBeFound = "CODEDEPLOY_RESOURCE_CANNOT_BE_FOUND",
        "something of CodeDeploy's that the deployment names cannot be found",
        "see that application, deployment group, deployment configuration and revision still exist \
         under the names that the deployment carries";
    CustomerApplicationUnhealthy = "CUSTOMER_APPLICATION_UNHEALTHY",
        "the application was found unhealthy",
        "look at the targets' health and at the application's log from the time of the deployment";
    DeploymentGroupMissing = "DEPLOYMENT_GROUP_MISSING",
        "the deployment group is missing, most likely deleted before the deployment began",
        "create the deployment group again, or deploy to the one that replaced it";
    EcsUpdateError = "ECS_UPDATE_ERROR",
        "the update of the ECS service or of its task sets failed",
        "read the service's events and its stopped tasks' reasons in ECS, and see that task \
         definition and target groups fit together";
    ElasticLoadBalancingInvalid = "ELASTIC_LOAD_BALANCING_INVALID",
        "the load balancer or target group of the deployment group cannot be used",
        "see that the target groups and listeners that the deployment group names exist and belong \
         to one load balancer";
    ElbInvalidInstance = "ELB_INVALID_INSTANCE",
        "the load balancer does not take one of the deployment's instances",
        "see that the instance runs, in the load balancer's VPC and in a zone enabled for it";
    HealthConstraints = "HEALTH_CONSTRAINTS",
        "too many instances failed, or too few are healthy, for the deployment configuration",
        "look at the lifecycle events of the instances that failed, the earliest first";
    HealthConstraintsInvalid = "HEALTH_CONSTRAINTS_INVALID",
        "the deployment cannot start: fewer instances are healthy than its configuration demands",
        "lower the minimum of healthy instances in the deployment configuration, or add instances \
         to the deployment group";
    HookExecutionFailure = "HOOK_EXECUTION_FAILURE",
        "a lifecycle event's hook failed, or was not answered in time",
        "read the log of the hook's function from the time of the event";
    IamRoleMissing = "IAM_ROLE_MISSING",
        "the deployment group's service role does not exist",
        "correct the service role's name in the deployment group, or create the role again";
    IamRolePermissions = "IAM_ROLE_PERMISSIONS",
        "the service role cannot be assumed by CodeDeploy, or lacks a permission",
        "let codedeploy.amazonaws.com assume the service role, and attach the managed policy of \
         its platform: AWSCodeDeployRole, AWSCodeDeployRoleForLambda or AWSCodeDeployRoleForECS";
    InternalError = "INTERNAL_ERROR",
        "something broke within CodeDeploy itself",
        "deploy again; if it breaks again, give the deployment's id to AWS Support";
    InvalidEcsService = "INVALID_ECS_SERVICE",
        "the ECS service is not one that CodeDeploy can deploy to",
        "see that the service exists, is ACTIVE and has the deployment controller CODE_DEPLOY";
    InvalidLambdaConfiguration = "INVALID_LAMBDA_CONFIGURATION",
        "the appspec's Lambda configuration is missing, or does not fit what the alias is",
        "see that the alias leads to one version, that this is the appspec's CurrentVersion, and \
         that TargetVersion is another one that exists";
    InvalidLambdaFunction = "INVALID_LAMBDA_FUNCTION",
        "the Lambda function, version or alias that the appspec names cannot be used",
        "see that function, alias and both versions exist in this account and Region, under the \
         names that the appspec gives";
    InvalidRevision = "INVALID_REVISION",
        "the revision, or the appspec in it, cannot be used",
        "hold the appspec against the User Guide's \"AppSpec file reference\" and see that it lies \
         in the revision's root folder";
    ManualStop = "MANUAL_STOP",
        "the deployment was stopped by request",
        "ask who stopped it: CloudTrail has the StopDeployment call; deploy again when the reason \
         is gone";
    MissingBlueGreenDeploymentConfiguration = "MISSING_BLUE_GREEN_DEPLOYMENT_CONFIGURATION",
        "the deployment group is blue/green and says nothing of how",
        "give the deployment group a blueGreenDeploymentConfiguration";
    MissingElbInformation = "MISSING_ELB_INFORMATION",
        "the deployment group controls traffic and names no load balancer",
        "give the deployment group a loadBalancerInfo, or deploy without traffic control";
    MissingGithubToken = "MISSING_GITHUB_TOKEN",
        "no connection to the GitHub account that holds the revision is left",
        "connect the application to GitHub again in the CodeDeploy console";
    NoEc2Subscription = "NO_EC2_SUBSCRIPTION",
        "this account is not subscribed to Amazon EC2",
        "complete the account's registration for Amazon EC2";
    NoInstances = "NO_INSTANCES",
        "no instance belongs to the deployment group, or none can be found",
        "see that the deployment group's tags and Auto Scaling groups match running instances; a \
         tag that was just set can take five minutes to count";
    OverMaxInstances = "OVER_MAX_INSTANCES",
        "more instances are targeted than the account may deploy to at once",
        "narrow the deployment group's tags, or ask for a higher quota";
    ResourceLimitExceeded = "RESOURCE_LIMIT_EXCEEDED",
        "a limit of the account stood in the deployment's way",
        "read in CodeDeploy's message which limit it was, and ask for more in Service Quotas";
    RevisionMissing = "REVISION_MISSING",
        "the revision is missing, most likely deleted before the deployment began",
        "upload the revision again, or deploy one that still exists";
    Throttled = "THROTTLED",
        "the account made more calls than an AWS service takes",
        "deploy again when less goes on at once in this account";
    Timeout = "TIMEOUT",
        "the deployment took longer than CodeDeploy waits",
        "look for the lifecycle event that each target last stood in";
}
