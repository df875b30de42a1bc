//! From what was learned to `$.hook`.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::baseline::{AlarmsAtStart, alarm_findings, baselines};
use super::findings::{standing, undeclared};
use super::{
    AlarmsProbe, Hook, HookFailure, HookStatus, InvokeProbe, PlannedCheck, Probe, VersionProbe,
};
use crate::facts::{DeploymentFacts, EventStatus, Platform};
use crate::failure::{Failure, FailureName};
use crate::hooks::{HookCall, HookEvent};
use crate::spec::{Check, DeclaredCheck, Rounds, Spec};

/// What came of looking for a spec.
#[derive(Clone, Debug, PartialEq)]
pub enum SpecOutcome {
    /// There is one.
    Declared(Spec),
    /// There is none: the defaults hold.
    NotDeclared,
    /// There is one that cannot be used: its faults, one sentence.
    Unreadable(String),
}

/// What was learned of a hook.
#[derive(Clone, Debug, PartialEq)]
pub struct Learned {
    /// The deployment.
    pub deployment: DeploymentFacts,
    /// What its team declares.
    pub spec: SpecOutcome,
    /// Its alarms, as they are now.
    pub alarms: AlarmsAtStart,
}

/// What came of looking for the deployment.
#[derive(Clone, Debug, PartialEq)]
pub enum Lookup {
    /// It is there.
    Found(Box<Learned>),
    /// CodeDeploy knows none under this id for this account.
    NotFound {
        /// What CodeDeploy said.
        why: String,
    },
}

/// The alarms whose state at the start matters, each once, in order.
pub fn alarms_to_read(
    event: HookEvent,
    deployment: &DeploymentFacts,
    spec: &SpecOutcome,
) -> Vec<String> {
    let names: BTreeSet<&String> = match spec {
        SpecOutcome::Declared(Spec {
            checks: Some(checks),
            ..
        }) => checks
            .iter()
            .filter(|declared| declared.at.contains(&event))
            .flat_map(|declared| match &declared.check {
                Check::Alarms(alarms) => alarms.names.as_slice(),
                Check::Http(_) | Check::Invoke(_) | Check::TargetHealth(_) => &[],
            })
            .collect(),
        SpecOutcome::Declared(Spec { checks: None, .. }) | SpecOutcome::NotDeclared => {
            deployment.group_alarms.iter().collect()
        }
        SpecOutcome::Unreadable(_) => BTreeSet::new(),
    };
    names.into_iter().cloned().collect()
}

/// Why a hook cannot be the one that CodeDeploy waits in: its event has not begun, and another one
/// waits. Either what was read is older than the call, and is worth reading again, or the appspec
/// names the function of one event at another, and what would be verified is not what was asked.
pub fn misplaced(call: &HookCall, deployment: &DeploymentFacts) -> Option<Failure> {
    let other = deployment.stands_in?;
    match deployment.event.as_ref().map(|event| &event.status) {
        Some(EventStatus::Pending) | None => {}
        Some(
            EventStatus::InProgress
            | EventStatus::Succeeded
            | EventStatus::Failed
            | EventStatus::Skipped
            | EventStatus::Unknown
            | EventStatus::Unrecognized(_),
        ) => return None,
    }
    let sentence = format!(
        "the function for {} was called while {} stands in {other}: if this lasts, the appspec \
         names the function of one event at the other",
        call.event, call.deployment,
    );
    Some(Failure::new(FailureName::Transient, sentence))
}

/// Plans the verification, or says why there is none.
pub fn plan_hook(call: &HookCall, lookup: &Lookup, now: Timestamp) -> Hook {
    match lookup {
        Lookup::NotFound { why } => Hook {
            schema: 1,
            status: HookStatus::Failed,
            sentence: format!("CodeDeploy knows no deployment {}: {why}", call.deployment),
            failure: Some(HookFailure::UnknownDeployment),
            deadline: whole_seconds(now),
            is_roll_back: false,
            guard_rollbacks: false,
            deployment: None,
            rounds: Rounds::default(),
            checks: Vec::new(),
            findings: Vec::new(),
        },
        Lookup::Found(learned) => plan_found(call, learned, now),
    }
}

fn plan_found(call: &HookCall, learned: &Learned, now: Timestamp) -> Hook {
    let deployment = &learned.deployment;
    let (rounds, deadline_minutes, guard_rollbacks) = match &learned.spec {
        SpecOutcome::Declared(spec) => (spec.rounds, spec.deadline_minutes, spec.guard_rollbacks),
        SpecOutcome::NotDeclared | SpecOutcome::Unreadable(_) => {
            (Rounds::default(), Spec::DEADLINE_MINUTES, false)
        }
    };
    let (started, start_finding) = start(deployment, now);
    let minutes = SignedDuration::from_mins(i64::from(deadline_minutes));
    let mut findings: Vec<String> = start_finding
        .into_iter()
        .chain(standing(deployment))
        .collect();
    let planned = verifiable(call, deployment)
        .and_then(|()| plan_checks(call, learned, &rounds))
        .map(|(checks, more)| {
            findings.extend(more);
            checks
        });
    let is_roll_back = deployment.creator.is_roll_back();
    // Customers wait for this one: until it is answered, the bad version serves.
    let is_urgent = is_roll_back && !guard_rollbacks && call.event == HookEvent::BeforeAllowTraffic;
    let (status, failure, sentence, checks) = match planned {
        Ok(mut checks) => {
            if is_urgent {
                checks.iter_mut().for_each(once);
            }
            let sentence = format!(
                "{} of {} in {}/{} has {} checks to pass",
                call.event,
                call.deployment,
                deployment.application,
                deployment.deployment_group,
                checks.len(),
            );
            (HookStatus::Ready, None, sentence, checks)
        }
        Err((failure, sentence)) => (HookStatus::Failed, Some(failure), sentence, Vec::new()),
    };
    Hook {
        schema: 1,
        status,
        sentence,
        failure,
        deadline: if is_urgent {
            whole_seconds(now)
        } else {
            whole_seconds(started.checked_add(minutes).unwrap_or(started))
        },
        is_roll_back,
        guard_rollbacks,
        deployment: Some(deployment.clone()),
        rounds,
        checks,
        findings,
    }
}

/// Has a check run in one round alone, whatever it says.
fn once(check: &mut PlannedCheck) {
    check.in_a_row = 1;
    check.failures_in_a_row = 1;
}

/// From when the deadline counts: the lifecycle event's own start, never later than now.
fn start(deployment: &DeploymentFacts, now: Timestamp) -> (Timestamp, Option<String>) {
    match deployment.event.as_ref().and_then(|event| event.started) {
        Some(started) => (started.min(now), None),
        None => (
            now,
            Some("the lifecycle event's start is not known: the deadline counts from now".into()),
        ),
    }
}

type Refusal = (HookFailure, String);

/// Whether a hook of this deployment can wait for an answer at all.
fn verifiable(call: &HookCall, deployment: &DeploymentFacts) -> Result<(), Refusal> {
    match &deployment.platform {
        Platform::Lambda | Platform::Ecs => {}
        Platform::Server => {
            return Err((
                HookFailure::UnsupportedPlatform,
                format!(
                    "deployment {} runs on EC2 or on-premises servers, where hooks are scripts \
                     that the agent runs; expected the Lambda or ECS platform",
                    call.deployment,
                ),
            ));
        }
        Platform::Unrecognized(word) => {
            return Err((
                HookFailure::UnsupportedPlatform,
                format!(
                    "deployment {} runs on the platform {word:?}; expected Lambda or ECS",
                    call.deployment,
                ),
            ));
        }
    }
    if deployment.status.is_over() {
        return Err((
            HookFailure::DeploymentOver,
            format!(
                "deployment {} is over ({}); expected one under way",
                call.deployment, deployment.status,
            ),
        ));
    }
    let not_waiting = |what: String| {
        let sentence = format!(
            "{} of {} {what}; expected InProgress, which waits for an answer",
            call.event, call.deployment,
        );
        Err((HookFailure::EventNotInProgress, sentence))
    };
    match deployment.event.as_ref().map(|event| &event.status) {
        // Pending: what CodeDeploy lists may lag behind the call it has just made.
        Some(EventStatus::InProgress | EventStatus::Pending) => Ok(()),
        Some(
            status @ (EventStatus::Succeeded
            | EventStatus::Failed
            | EventStatus::Skipped
            | EventStatus::Unknown
            | EventStatus::Unrecognized(_)),
        ) => not_waiting(format!("is {status}")),
        None => not_waiting("is not among the target's lifecycle events".to_owned()),
    }
}

/// The checks, the version's state first, and what is to be said of them.
fn plan_checks(
    call: &HookCall,
    learned: &Learned,
    rounds: &Rounds,
) -> Result<(Vec<PlannedCheck>, Vec<String>), Refusal> {
    let deployment = &learned.deployment;
    let version = deployment.function.as_ref().map(|function| PlannedCheck {
        name: "version-active".to_owned(),
        in_a_row: 1,
        failures_in_a_row: rounds.failures_in_a_row,
        probe: Probe::Version(VersionProbe {
            function: function.name.clone(),
            version: function.target_version.clone(),
        }),
    });
    if let SpecOutcome::Declared(spec) = &learned.spec {
        is_meant(spec, deployment)?;
    }
    let declared = match &learned.spec {
        SpecOutcome::Unreadable(faults) => {
            return Err((
                HookFailure::SpecInvalid,
                format!("the spec cannot be used: {faults}"),
            ));
        }
        SpecOutcome::Declared(Spec {
            checks: Some(checks),
            ..
        }) => declared_checks(call, learned, rounds, checks)?,
        SpecOutcome::Declared(Spec { checks: None, .. }) | SpecOutcome::NotDeclared => {
            default_checks(call, learned, rounds)
        }
    };
    let findings = undeclared(learned)
        .into_iter()
        .chain(alarm_findings(&declared))
        .collect();
    let checks: Vec<PlannedCheck> = version.into_iter().chain(declared).collect();
    if checks.is_empty() {
        return Err(nothing_to_check(call, deployment));
    }
    Ok((checks, findings))
}

/// A spec put under another's name is nobody's.
fn is_meant(spec: &Spec, deployment: &DeploymentFacts) -> Result<(), Refusal> {
    let of_spec = (&spec.application, &spec.deployment_group);
    let of_deployment = (&deployment.application, &deployment.deployment_group);
    if of_spec == of_deployment {
        return Ok(());
    }
    let sentence = format!(
        "the spec stored for {}/{} says that it is {}/{}'s; put it again with `pointsman spec put`",
        of_deployment.0, of_deployment.1, of_spec.0, of_spec.1,
    );
    Err((HookFailure::SpecInvalid, sentence))
}

fn default_checks(call: &HookCall, learned: &Learned, rounds: &Rounds) -> Vec<PlannedCheck> {
    if learned.deployment.group_alarms.is_empty() {
        return Vec::new();
    }
    vec![PlannedCheck {
        name: "group-alarms".to_owned(),
        in_a_row: rounds.in_a_row,
        failures_in_a_row: rounds.failures_in_a_row,
        probe: Probe::Alarms(AlarmsProbe {
            alarms: baselines(call.event, learned, &learned.deployment.group_alarms),
            require_data: false,
        }),
    }]
}

fn declared_checks(
    call: &HookCall,
    learned: &Learned,
    rounds: &Rounds,
    checks: &[DeclaredCheck],
) -> Result<Vec<PlannedCheck>, Refusal> {
    let planned = checks
        .iter()
        .filter(|declared| declared.at.contains(&call.event))
        .map(|declared| {
            Ok(PlannedCheck {
                name: declared.name.clone(),
                in_a_row: declared.in_a_row.unwrap_or(rounds.in_a_row),
                failures_in_a_row: rounds.failures_in_a_row,
                probe: probe(call, learned, declared)?,
            })
        })
        .collect::<Result<Vec<_>, Refusal>>()?;
    if planned.is_empty() {
        return Err(nothing_to_check(call, &learned.deployment));
    }
    Ok(planned)
}

fn probe(call: &HookCall, learned: &Learned, declared: &DeclaredCheck) -> Result<Probe, Refusal> {
    match &declared.check {
        Check::Http(http) => Ok(Probe::Http(http.clone())),
        Check::TargetHealth(health) => Ok(Probe::TargetHealth(health.clone())),
        Check::Alarms(alarms) => Ok(Probe::Alarms(AlarmsProbe {
            alarms: baselines(call.event, learned, &alarms.names),
            require_data: alarms.require_data,
        })),
        Check::Invoke(invoke) => match &learned.deployment.function {
            Some(function) => Ok(Probe::Invoke(InvokeProbe {
                function: function.name.clone(),
                version: function.target_version.clone(),
                call: invoke.clone(),
            })),
            None => Err((
                HookFailure::SpecInvalid,
                format!(
                    "check {} invokes the new Lambda version, but deployment {} on {} has none; \
                     declare an http, target-health or alarms check instead",
                    declared.name, call.deployment, learned.deployment.platform,
                ),
            )),
        },
    }
}

fn nothing_to_check(call: &HookCall, deployment: &DeploymentFacts) -> Refusal {
    let sentence = format!(
        "nothing is declared to be checked at {} for {}/{}: declare at least one [[checks]] entry \
         (kind http, invoke, target-health or alarms) in a spec and store it with \
         `pointsman spec put FILE`, or leave `checks` out to check the group's own alarms",
        call.event, deployment.application, deployment.deployment_group,
    );
    (HookFailure::NothingToCheck, sentence)
}

/// Step Functions compares timestamps at any precision; whole seconds are easier to read.
fn whole_seconds(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}
