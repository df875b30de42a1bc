//! Scripts that fail on instances.

use super::super::*;
use super::Situation;

fn four(of: impl Fn(&str) -> TargetFacts) -> Vec<TargetFacts> {
    ["i-1", "i-2", "i-3", "i-4"].map(of).into()
}

fn said(outcome: &str, message: &str) -> Diagnostics {
    diagnostics(outcome, "scripts/status.sh", message, "")
}

/// The event that ran one script on the only instance.
fn alone(name: &str, seconds: i64, diagnostics: impl Into<Option<Diagnostics>>) -> FailureFacts {
    too_many_failed(vec![broken("i-1", event(name, seconds, diagnostics))])
}

pub(super) fn situations() -> Vec<Situation> {
    let mut all = exits();
    all.extend(exits_elsewhere());
    all.extend(others());
    all.extend(without_words());
    all.extend(counts());
    all.extend(counts_that_are_not_whole());
    all
}

fn exits() -> Vec<Situation> {
    vec![
        Situation {
            name: "the same script on every instance",
            facts: too_many_failed(four(refused)),
            kind: CauseKind::ScriptFailed,
            sentence: "4 of 4 instances failed ValidateService: status.sh exited 1 after 3 s; last \
                       line: connection refused",
            step: "run status.sh by hand on i-1",
        },
        Situation {
            name: "no log",
            facts: alone("AfterInstall", 5, exited("2", "")),
            kind: CauseKind::ScriptFailed,
            sentence: "the only instance i-1 failed AfterInstall: status.sh exited 2 after 5 s",
            step: "run status.sh by hand on i-1",
        },
        Situation {
            name: "a command that is not there",
            facts: alone(
                "ApplicationStart",
                0,
                exited("127", "[stderr]node: not found"),
            ),
            kind: CauseKind::ScriptFailed,
            sentence: "the only instance i-1 failed ApplicationStart: status.sh exited 127 after \
                       0 s; last line: node: not found",
            step: "127 means that a command was not found",
        },
        Situation {
            name: "killed",
            facts: alone("ApplicationStart", 90, exited("", "")),
            kind: CauseKind::ScriptFailed,
            sentence: "the only instance i-1 failed ApplicationStart: status.sh was killed by a \
                       signal after 90 s",
            step: "by hand",
        },
    ]
}

fn exits_elsewhere() -> Vec<Situation> {
    vec![
        Situation {
            name: "a secret in the log",
            facts: alone(
                "AfterInstall",
                1,
                exited("1", "[stderr]cannot log in: DB_PASSWORD=hunter2"),
            ),
            kind: CauseKind::ScriptFailed,
            sentence: "the only instance i-1 failed AfterInstall: status.sh exited 1 after 1 s; \
                       last line: cannot log in: DB_PASSWORD=***",
            step: "by hand",
        },
        Situation {
            name: "the last revision's script",
            facts: alone("ApplicationStop", 1, exited("1", "")),
            kind: CauseKind::ScriptFailed,
            sentence: "the only instance i-1 failed ApplicationStop: status.sh exited 1 after 1 s",
            step: "--ignore-application-stop-failures",
        },
        Situation {
            name: "a message that no agent is known to write",
            facts: alone("BeforeInstall", 1, said("ScriptFailed", "it was a bad day")),
            kind: CauseKind::ScriptFailed,
            sentence: "the only instance i-1 failed BeforeInstall: status.sh failed after 1 s: it \
                       was a bad day",
            step: "by hand",
        },
    ]
}

fn others() -> Vec<Situation> {
    let timed_out = "Script at specified location: scripts/status.sh failed to complete in 300 \
                     seconds";
    let missing = "Script does not exist at specified location: /opt/codedeploy-agent/\
                   deployment-root/x/d-A1B2C3D4E/deployment-archive/scripts/stop.sh";
    let not_executable = "Unable to set script at specified location: scripts/status.sh as \
                          executable";
    vec![
        Situation {
            name: "a script that does not end",
            facts: alone("ApplicationStart", 301, said("ScriptTimedOut", timed_out)),
            kind: CauseKind::ScriptTimedOut,
            sentence: "the only instance i-1 failed ApplicationStart: status.sh did not end within \
                       300 s",
            step: "raise its timeout in the appspec",
        },
        Situation {
            name: "a script that is not there, named by the message alone",
            facts: alone(
                "AfterInstall",
                0,
                diagnostics("ScriptMissing", "", missing, ""),
            ),
            kind: CauseKind::ScriptMissing,
            sentence: "the only instance i-1 failed AfterInstall: stop.sh is not in the revision",
            step: "put stop.sh into the revision",
        },
        Situation {
            name: "a script that the last revision does not have",
            facts: alone("ApplicationStop", 0, said("ScriptMissing", "")),
            kind: CauseKind::ScriptMissing,
            sentence: "the only instance i-1 failed ApplicationStop: status.sh is not in the last \
                       successful revision",
            step: "--ignore-application-stop-failures",
        },
        Situation {
            name: "a script that cannot be executed",
            facts: alone(
                "AfterInstall",
                0,
                said("ScriptNotExecutable", not_executable),
            ),
            kind: CauseKind::ScriptNotExecutable,
            sentence: "the only instance i-1 failed AfterInstall: status.sh cannot be executed",
            step: "names its interpreter",
        },
    ]
}

fn without_words() -> Vec<Situation> {
    vec![
        Situation {
            name: "an event that failed though its script ran",
            facts: alone("AfterInstall", 2, said("Success", "Succeeded")),
            kind: CauseKind::EventFailed,
            sentence: "the only instance i-1 failed AfterInstall after 2 s: Succeeded",
            step: "read the deployment's log",
        },
        Situation {
            name: "an outcome that is new",
            facts: alone("AfterInstall", 2, said("ScriptBored", "it yawned")),
            kind: CauseKind::EventFailed,
            sentence: "the only instance i-1 failed AfterInstall after 2 s: it yawned",
            step: "read the deployment's log",
        },
        Situation {
            name: "no diagnostics",
            facts: alone("AfterInstall", 2, None),
            kind: CauseKind::EventFailed,
            sentence: "the only instance i-1 failed AfterInstall after 2 s, and nothing says why",
            step: "read the deployment's log",
        },
    ]
}

fn started(id: &str) -> TargetFacts {
    broken(id, event("ApplicationStart", 7, exited("3", "")))
}

fn waiting(id: &str) -> TargetFacts {
    target(id, TargetStatus::Pending, Vec::new())
}

fn counts() -> Vec<Situation> {
    vec![
        Situation {
            name: "one of several, the others not begun",
            facts: too_many_failed(vec![
                target("i-1", TargetStatus::Succeeded, Vec::new()),
                refused("i-2"),
                waiting("i-3"),
                waiting("i-4"),
            ]),
            kind: CauseKind::ScriptFailed,
            sentence: "1 of 4 instances, i-2, failed ValidateService: status.sh exited 1 after 3 \
                       s; last line: connection refused",
            step: "run status.sh by hand on i-2",
        },
        Situation {
            name: "two failures, the more frequent first",
            facts: too_many_failed(vec![started("i-1"), refused("i-2"), refused("i-3")]),
            kind: CauseKind::ScriptFailed,
            sentence: "2 of 3 instances failed ValidateService: status.sh exited 1 after 3 s; last \
                       line: connection refused",
            step: "by hand on i-2",
        },
        Situation {
            name: "replacements are counted among replacements",
            facts: too_many_failed(vec![
                on(TargetLabel::Blue, waiting("i-1")),
                on(TargetLabel::Blue, waiting("i-2")),
                on(TargetLabel::Green, refused("i-3")),
                on(TargetLabel::Green, refused("i-4")),
            ]),
            kind: CauseKind::ScriptFailed,
            sentence: "2 of 2 instances failed ValidateService: status.sh exited 1 after 3 s; last \
                       line: connection refused",
            step: "by hand on i-3",
        },
    ]
}

fn counts_that_are_not_whole() -> Vec<Situation> {
    vec![
        Situation {
            name: "more targets than were read",
            facts: FailureFacts {
                targets_cut_off: true,
                ..too_many_failed(four(refused))
            },
            kind: CauseKind::ScriptFailed,
            sentence: "at least 4 instances failed ValidateService: status.sh exited 1 after 3 s; \
                       last line: connection refused",
            step: "by hand",
        },
        Situation {
            name: "an ignored failure before the one that counts",
            facts: too_many_failed(vec![target(
                "i-1",
                TargetStatus::Failed,
                vec![
                    LifecycleEvent {
                        started: Some(at(300)),
                        ended: Some(at(301)),
                        ..event("ApplicationStop", 0, exited("9", ""))
                    },
                    event("ValidateService", 3, exited("1", REFUSED)),
                ],
            )]),
            kind: CauseKind::ScriptFailed,
            sentence: "the only instance i-1 failed ValidateService: status.sh exited 1 after 3 s; \
                       last line: connection refused",
            step: "by hand",
        },
    ]
}
