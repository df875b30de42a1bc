//! What must hold whatever went wrong, looked at from outside: in the account as AWS has it.
//!
//! Nothing here asks Pointsman what it thinks. The oracle is the scenario, which knows how well the
//! new version is, and CodeDeploy, which knows what it was answered and when.

use std::fmt;

use coordinator::hooks::HookEvent;
use simulated_aws::World;
use simulated_aws::code_deploy::{
    Creator, Deployment, Hook, HookStatus, LifecycleEventName, Status as DeploymentStatus,
};
use simulated_aws::iam::Asked;
use simulated_aws::journal::Happening;
use simulated_aws::step_functions::Status;

use crate::scenarios::{Scenario, Stage};
use crate::{account, accountability, ownership};

/// More events than this and Step Functions ends an execution (Developer Guide, "Quotas").
const EVENTS_MAX: u64 = 25_000;

/// Something that does not hold.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// The invariant, as ARCHITECTURE.md names it.
    pub invariant: &'static str,
    /// What was seen.
    pub sentence: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.invariant, self.sentence)
    }
}

/// Everything that does not hold in a world whose run is over. Empty is good.
pub fn check(world: &World, scenario: Scenario) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut broken = |invariant, sentence| {
        violations.push(Violation {
            invariant,
            sentence,
        });
    };
    for hook in world.code_deploy.hooks() {
        if let Some(sentence) = unanswered(world, hook) {
            broken("I4", sentence);
        }
        if let Some(sentence) = wrongly_succeeded(world, hook, scenario) {
            broken("I4", sentence);
        }
        if let Some(sentence) = unrecorded(world, hook) {
            broken("I9", sentence);
        }
    }
    for sentence in accountability::unrecorded(world) {
        broken("I9", sentence);
    }
    for (at, said) in world.witness.said() {
        broken("I3", format!("{said} (at {at})"));
    }
    for execution in world.step_functions.executions() {
        let name = &execution.name;
        if execution.status == Status::Running {
            broken(
                "I8",
                format!("{name} still runs when everything else is over"),
            );
        }
        if execution.events >= EVENTS_MAX {
            broken(
                "I8",
                format!("{name} has {} history events", execution.events),
            );
        }
    }
    for asked in world.iam.denied().filter(|asked| !is_guarded(asked)) {
        let (caller, action, resource) = (&asked.caller, &asked.action, &asked.resource);
        broken(
            "permissions",
            format!("{caller} may not {action} on {resource}"),
        );
    }
    for entry in world.journal.entries() {
        if let Happening::Panicked { function } = &entry.what {
            broken("no panic", format!("{function} panicked at {}", entry.at));
        }
    }
    for fault in world.logs.faults() {
        broken(
            "metrics",
            format!("a line that CloudWatch cannot read: {fault}"),
        );
    }
    violations
}

/// A change of a group that does not carry the quarantine's tag, any more or at all, or that an operator
/// keeps: that it is refused is what the tags are for. Where the one is there and the other is not, a
/// refusal is a missing permission like any other.
fn is_guarded(asked: &Asked) -> bool {
    let guarded = [
        "autoscaling:CreateOrUpdateTags",
        "autoscaling:ResumeProcesses",
        "autoscaling:SuspendProcesses",
        "autoscaling:SetInstanceProtection",
        "autoscaling:DeleteWarmPool",
        "autoscaling:UpdateAutoScalingGroup",
        "autoscaling:DeleteAutoScalingGroup",
        "autoscaling:DeleteTags",
    ];
    let is_tagged = asked.context.has("aws:ResourceTag/pointsman:quarantine");
    let is_kept = asked.context.has("aws:ResourceTag/pointsman:keep");
    let is_free = !is_tagged && asked.action != "autoscaling:CreateOrUpdateTags";
    guarded.contains(&asked.action.as_str()) && (is_kept || is_free)
}

/// A hook is answered in time, or its deployment was ended by somebody in time.
fn unanswered(world: &World, hook: &Hook) -> Option<String> {
    let (event, id) = (hook.event.as_str(), &hook.deployment);
    if hook.timed_out.is_some() {
        return Some(format!(
            "{event} of {id} was never answered: CodeDeploy lost patience"
        ));
    }
    if hook.answer.is_some() {
        return None;
    }
    let deployment = world.code_deploy.deployment(id)?;
    let ended = deployment.status == DeploymentStatus::Stopped;
    (!ended).then(|| {
        format!(
            "{event} of {id} is unanswered; it is {}",
            deployment.status.as_str()
        )
    })
}

/// A release is never waved through while its version is bad. Roll backs are not held up, which is
/// the rule for them.
fn wrongly_succeeded(world: &World, hook: &Hook, scenario: Scenario) -> Option<String> {
    let answer = hook
        .answer
        .as_ref()
        .filter(|answer| answer.status == HookStatus::Succeeded)?;
    let deployment = world.code_deploy.deployment(&hook.deployment)?;
    let wrong = is_release(deployment) && !scenario.may_succeed(hook_event(hook.event)?);
    wrong.then(|| {
        let event = hook.event.as_str();
        format!(
            "{event} of {} was answered Succeeded by {}, wrongly",
            hook.deployment, answer.by
        )
    })
}

/// Whatever answer-hook answered stands in the ledger, unless the ledger itself was struck.
fn unrecorded(world: &World, hook: &Hook) -> Option<String> {
    let answer = hook
        .answer
        .as_ref()
        .filter(|answer| answer.by == "answer-hook")?;
    let struck = world.faults.fired().any(|(fault, times)| {
        times > 0 && fault.action.starts_with("dynamodb:") && fault.caller == "answer-hook"
    });
    let key = format!("deployment#{}", hook.deployment);
    let prefix = format!("hook#{}#", hook.event.as_str());
    let recorded = world
        .dynamo_db
        .items(account::LEDGER)
        .any(|((pk, sk), _)| *pk == key && sk.starts_with(&prefix));
    (!recorded && !struck).then(|| {
        let event = hook.event.as_str();
        format!(
            "{event} of {} was answered at {} and is not recorded",
            hook.deployment, answer.at
        )
    })
}

/// What must be true in the end of a run in which nothing interferes but what its scenario is about.
pub fn check_end(world: &World, scenario: Scenario) -> Vec<Violation> {
    match scenario.stage() {
        Stage::Shop => check_customers(world, scenario),
        Stage::Fleet => check_leftovers(world),
    }
}

/// What must be true of a fleet in the end: no orphan is left, and nothing that is used is held in
/// quarantine.
///
/// It is not part of [`check`], because a fault that stays can keep every clean-up from its end.
pub fn check_leftovers(world: &World) -> Vec<Violation> {
    let left = ownership::unsettled(world).into_iter();
    left.map(|sentence| Violation {
        invariant: "leftovers",
        sentence,
    })
    .collect()
}

/// Where the customers are in the end: wholly on one version, and not on one that was refused.
///
/// It is not part of [`check`], because CodeDeploy rolls back on its own, and a person or a fault
/// may keep it from doing so.
pub fn check_customers(world: &World, scenario: Scenario) -> Vec<Violation> {
    let invariant = "customers";
    let Some(alias) = account::serving(world) else {
        return vec![Violation {
            invariant,
            sentence: "the alias is gone".into(),
        }];
    };
    let mut violations = Vec::new();
    if let Some((version, share)) = &alias.shifted {
        let sentence = format!("version {version} is left with a share of {share}");
        violations.push(Violation {
            invariant,
            sentence,
        });
    }
    if alias.version != account::OLD_VERSION && !scenario.may_succeed(HookEvent::AfterAllowTraffic)
    {
        let sentence = format!("version {} serves, which is bad", alias.version);
        violations.push(Violation {
            invariant,
            sentence,
        });
    }
    violations
}

/// Whether a deployment brings a version rather than taking one back.
pub fn is_release(deployment: &Deployment) -> bool {
    match deployment.creator {
        Creator::User | Creator::CloudFormation => true,
        Creator::Autoscaling | Creator::CodeDeployRollback | Creator::CloudFormationRollback => {
            false
        }
    }
}

fn hook_event(event: LifecycleEventName) -> Option<HookEvent> {
    match event {
        LifecycleEventName::BeforeAllowTraffic => Some(HookEvent::BeforeAllowTraffic),
        LifecycleEventName::AfterAllowTraffic => Some(HookEvent::AfterAllowTraffic),
        LifecycleEventName::AllowTraffic => None,
    }
}
