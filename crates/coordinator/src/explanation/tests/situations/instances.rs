//! Instances, their agents and their load balancer.

use super::super::*;
use super::Situation;

const SILENT: &str = "CodeDeploy agent was not able to receive the lifecycle event. Check the \
     CodeDeploy agent logs on your host and make sure the agent is running and can connect to the \
     CodeDeploy server.";

fn both(of: impl Fn(&str) -> TargetFacts) -> Vec<TargetFacts> {
    ["i-1", "i-2"].map(of).into()
}

fn silent(id: &str) -> TargetFacts {
    broken(id, event("ApplicationStop", 3600, unknown_error(SILENT)))
}

fn in_traffic(name: &'static str, seconds: i64) -> impl Fn(&str) -> TargetFacts {
    move |id| broken(id, event(name, seconds, None))
}

pub(super) fn situations() -> Vec<Situation> {
    let mut all = agents();
    all.extend(gone());
    all.extend(files());
    all.extend(checks());
    all.extend(unexplained());
    all.extend(draining());
    all
}

fn agents() -> Vec<Situation> {
    let timed_out = |targets| FailureFacts {
        targets,
        ..failed(ErrorCode::Timeout, "The deployment timed out.")
    };
    vec![
        Situation {
            name: "agents that do not run",
            facts: too_many_failed(both(silent)),
            kind: CauseKind::AgentSilent,
            sentence: "the CodeDeploy agent of 2 of 2 instances did not take up its work",
            step: "port 443",
        },
        Situation {
            name: "targets that failed without any event",
            facts: too_many_failed(both(|id| target(id, TargetStatus::Unknown, Vec::new()))),
            kind: CauseKind::AgentSilent,
            sentence: "the CodeDeploy agent of 2 of 2 instances did not take up its work",
            step: "the agent runs",
        },
        Situation {
            name: "nothing but waiting targets",
            facts: timed_out(both(|id| target(id, TargetStatus::Pending, Vec::new()))),
            kind: CauseKind::NothingBegan,
            sentence: "not one of 2 targets began: no agent asked for its work",
            step: "the agent runs",
        },
        Situation {
            name: "an event that never came to an end",
            facts: timed_out(both(|id| {
                target(id, TargetStatus::InProgress, vec![open("ApplicationStart")])
            })),
            kind: CauseKind::EventUnfinished,
            sentence: "2 of 2 instances had not ended ApplicationStart when the deployment did",
            step: "what the event's script waits for",
        },
        Situation {
            name: "a minority whose agents are silent does not hide the script",
            facts: too_many_failed(vec![silent("i-1"), refused("i-2"), refused("i-3")]),
            kind: CauseKind::ScriptFailed,
            sentence: "2 of 3 instances failed ValidateService: status.sh exited 1 after 3 s; last \
                       line: connection refused",
            step: "by hand",
        },
        Situation {
            name: "a majority whose agents are silent is the cause",
            facts: too_many_failed(vec![silent("i-1"), silent("i-2"), refused("i-3")]),
            kind: CauseKind::AgentSilent,
            sentence: "the CodeDeploy agent of 2 of 3 instances did not take up its work",
            step: "port 443",
        },
    ]
}

fn gone() -> Vec<Situation> {
    vec![
        Situation {
            name: "an instance that was terminated meanwhile",
            facts: FailureFacts {
                instances: vec![
                    instance("i-1", InstanceState::Terminated),
                    instance("i-2", InstanceState::Running),
                ],
                ..too_many_failed(vec![
                    silent("i-1"),
                    target("i-2", TargetStatus::Succeeded, Vec::new()),
                ])
            },
            kind: CauseKind::InstanceGone,
            sentence: "1 of 2 instances, i-1, did not last: i-1 is terminated",
            step: "activity history",
        },
        Situation {
            name: "instances terminated after their script had failed",
            facts: FailureFacts {
                instances: vec![
                    instance("i-1", InstanceState::Terminated),
                    instance("i-2", InstanceState::Terminated),
                    instance("i-3", InstanceState::Terminated),
                ],
                ..too_many_failed(vec![
                    refused("i-1"),
                    target("i-2", TargetStatus::Skipped, Vec::new()),
                    target("i-3", TargetStatus::Skipped, Vec::new()),
                ])
            },
            kind: CauseKind::ScriptFailed,
            sentence: "1 of 3 instances, i-1, failed ValidateService: status.sh exited 1 after 3 \
                       s; last line: connection refused",
            step: "by hand",
        },
    ]
}

fn files() -> Vec<Situation> {
    let of = |name: &'static str, message: &'static str| {
        too_many_failed(both(|id| {
            broken(id, event(name, 4, unknown_error(message)))
        }))
    };
    vec![
        Situation {
            name: "a revision that may not be read",
            facts: of("DownloadBundle", "Access Denied"),
            kind: CauseKind::DownloadFailed,
            sentence: "2 of 2 instances failed DownloadBundle after 4 s: Access Denied",
            step: "s3:GetObject",
        },
        Situation {
            name: "a file that is there already",
            facts: of(
                "Install",
                "The deployment failed because a specified file already exists at this location: \
                 /srv/index.html",
            ),
            kind: CauseKind::InstallFailed,
            sentence: "2 of 2 instances failed Install after 4 s: The deployment failed because a \
                       specified file already exists at this location: /srv/index.html",
            step: "fileExistsBehavior",
        },
        Situation {
            name: "a disk that is full",
            facts: of("Install", "No space left on device @ dir_initialize"),
            kind: CauseKind::InstallFailed,
            sentence: "2 of 2 instances failed Install after 4 s: No space left on device @ \
                       dir_initialize",
            step: "max_revisions",
        },
        Situation {
            name: "no appspec",
            facts: of("BeforeInstall", "The agent did not find an AppSpec file"),
            kind: CauseKind::EventFailed,
            sentence: "2 of 2 instances failed BeforeInstall after 4 s: The agent did not find an \
                       AppSpec file",
            step: "appspec.yml",
        },
    ]
}

/// Both instances as their target group sees them.
fn seen(state: &TargetState, reason: &str, words: &str) -> Vec<HealthFacts> {
    ["i-1", "i-2"]
        .map(|id| health(id, state.clone(), reason, words))
        .into()
}

fn with(targets: Vec<TargetFacts>, health: Vec<HealthFacts>) -> FailureFacts {
    FailureFacts {
        health,
        ..too_many_failed(targets)
    }
}

fn checks() -> Vec<Situation> {
    vec![
        Situation {
            name: "a health check without answer, for an hour",
            facts: with(
                both(in_traffic("AllowTraffic", 3600)),
                seen(
                    &TargetState::Unhealthy,
                    "Target.Timeout",
                    "Request timed out",
                ),
            ),
            kind: CauseKind::NotHealthy,
            sentence: "2 of 2 instances failed AllowTraffic after the hour that CodeDeploy waits: \
                       2 of 2 targets of checkout-blue are unhealthy (Target.Timeout: Request \
                       timed out)",
            step: "security group",
        },
        Situation {
            name: "a health check with another status code",
            facts: with(
                both(in_traffic("AllowTraffic", 900)),
                seen(
                    &TargetState::Unhealthy,
                    "Target.ResponseCodeMismatch",
                    "codes: [503]",
                ),
            ),
            kind: CauseKind::NotHealthy,
            sentence: "2 of 2 instances failed AllowTraffic after 15 min: 2 of 2 targets of \
                       checkout-blue are unhealthy (Target.ResponseCodeMismatch: codes: [503])",
            step: "success codes",
        },
        Situation {
            name: "a target group that no listener uses",
            facts: with(
                both(in_traffic("AllowTraffic", 3600)),
                seen(&TargetState::Unused, "Target.NotInUse", "not in use"),
            ),
            kind: CauseKind::NotHealthy,
            sentence: "2 of 2 instances failed AllowTraffic after the hour that CodeDeploy waits: \
                       2 of 2 targets of checkout-blue are unused (Target.NotInUse: not in use)",
            step: "listener",
        },
    ]
}

fn unexplained() -> Vec<Situation> {
    vec![
        Situation {
            name: "not healthy, and nothing says why",
            facts: too_many_failed(both(in_traffic("AllowTraffic", 3600))),
            kind: CauseKind::NotHealthy,
            sentence: "2 of 2 instances failed AllowTraffic after the hour that CodeDeploy waits, \
                       and the targets' health does not say why",
            step: "review the load balancer's health check",
        },
        Situation {
            name: "still waiting for health when it was over",
            facts: too_many_failed(both(|id| {
                target(id, TargetStatus::InProgress, vec![open("AllowTraffic")])
            })),
            kind: CauseKind::NotHealthy,
            sentence: "2 of 2 instances had not ended AllowTraffic when the deployment did, and the \
                       targets' health does not say why",
            step: "review the load balancer's health check",
        },
    ]
}

fn draining() -> Vec<Situation> {
    vec![
        Situation {
            name: "targets that do not drain",
            facts: with(
                both(in_traffic("BlockTraffic", 3601)),
                seen(
                    &TargetState::Draining,
                    "Target.DeregistrationInProgress",
                    "being deregistered",
                ),
            ),
            kind: CauseKind::NotDrained,
            sentence: "2 of 2 instances failed BlockTraffic after the hour that CodeDeploy waits: \
                       2 of 2 targets of checkout-blue are draining \
                       (Target.DeregistrationInProgress: being deregistered)",
            step: "deregistration delay",
        },
        Situation {
            name: "an original that is not deregistered",
            facts: too_many_failed(vec![
                on(TargetLabel::Blue, in_traffic("BlockTraffic", 20)("i-1")),
                on(
                    TargetLabel::Green,
                    target("i-2", TargetStatus::Succeeded, Vec::new()),
                ),
            ]),
            kind: CauseKind::NotDrained,
            sentence: "the only instance i-1 failed BlockTraffic after 20 s, and the targets' \
                       health does not say why",
            step: "own port",
        },
    ]
}
