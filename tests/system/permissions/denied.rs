//! A statement taken out of the shipped template: the call that needs it is refused, and what comes
//! of the hook then.

use pointsman::account;
use pointsman::invariants;
use pointsman::scenarios::Scenario;
use pointsman::trial::{self, Trial};
use simulated_aws::World;
use simulated_aws::code_deploy::{HookCalls, HookStatus, Status};
use simulated_aws::faults::{Fault, FaultKind};
use simulated_aws::journal::CallOutcome;

use crate::ways::remove::Way;

/// A statement, the run that needs it, and what comes of that run.
struct Case {
    /// The function or machine in the template, and its statement.
    statement: (&'static str, &'static str),
    trial: Trial,
    /// Who is refused what.
    refused: (&'static str, &'static str),
    /// How the release's last hook ends.
    ends: Ends,
}

/// How a hook ends.
#[derive(Debug, PartialEq)]
enum Ends {
    /// With this function's answer.
    Answered(String, HookStatus),
    /// With its deployment stopped by the sweep.
    Stopped,
    /// With CodeDeploy's patience.
    Silent,
}

fn failed(by: &str) -> Ends {
    Ends::Answered(by.to_owned(), HookStatus::Failed)
}

fn succeeded(by: &str) -> Ends {
    Ends::Answered(by.to_owned(), HookStatus::Succeeded)
}

fn plain(scenario: Scenario) -> Trial {
    Trial {
        hooks_in_roll_backs: Some(false),
        ..Trial::plain(scenario, 5)
    }
}

/// A good release in which this call always fails so.
fn struck(caller: &str, action: &str, kind: FaultKind) -> Trial {
    Trial {
        faults: vec![Fault::always(caller, action, 1, kind)],
        ..plain(Scenario::GoodRelease)
    }
}

/// Somebody stops the verification, and the rule is off: the sweep finds it.
fn unheard() -> Trial {
    let mut trial = plain(Scenario::OperatorAborts);
    Way::Rule.remove(&mut trial);
    trial
}

fn case(
    statement: (&'static str, &'static str),
    refused: (&'static str, &'static str),
    ends: Ends,
) -> Case {
    Case {
        statement,
        trial: plain(Scenario::GoodRelease),
        refused,
        ends,
    }
}

const GET: &str = "codedeploy:GetDeployment";
const LIST: &str = "codedeploy:ListDeploymentTargets";
const PUT: &str = "codedeploy:PutLifecycleEventHookExecutionStatus";
const START: &str = "states:StartExecution";
const STOP: &str = "codedeploy:StopDeployment";
const ALARMS: &str = "cloudwatch:DescribeAlarms";
const INVOKE: &str = "lambda:InvokeFunction";
const ANSWER: &str = "answer-hook";
const BEFORE: &str = "before-allow-traffic";

fn what_a_verification_needs() -> Vec<Case> {
    let read = |sid, action| {
        case(
            ("ReadHookFunction", sid),
            ("read-hook", action),
            failed(ANSWER),
        )
    };
    let check = |sid, action| {
        case(
            ("RunChecksFunction", sid),
            ("run-checks", action),
            failed(ANSWER),
        )
    };
    vec![
        case(
            ("BeforeAllowTrafficFunction", "StartVerification"),
            (BEFORE, START),
            failed(BEFORE),
        ),
        case(
            ("AfterAllowTrafficFunction", "StartVerification"),
            ("after-allow-traffic", START),
            failed("after-allow-traffic"),
        ),
        read("ReadDeployment", GET),
        read("ReadTargets", LIST),
        read("ReadSpec", "ssm:GetParameter"),
        // What was red before is not known then; nothing is red now.
        case(
            ("ReadHookFunction", "ReadAlarms"),
            ("read-hook", ALARMS),
            succeeded(ANSWER),
        ),
        check("CheckFunctions", "lambda:GetFunctionConfiguration"),
        check("ReadAlarms", ALARMS),
        case(
            ("HookVerificationMachine", "RunSteps"),
            ("pointsman-hook-verification", INVOKE),
            failed(ANSWER),
        ),
    ]
}

fn what_an_answer_needs() -> Vec<Case> {
    let aborted = Trial {
        hook_calls: Some(HookCalls::Synchronous),
        ..plain(Scenario::OperatorAborts)
    };
    vec![
        case(
            ("AnswerHookFunction", "AnswerCodeDeploy"),
            (ANSWER, PUT),
            Ends::Stopped,
        ),
        case(
            ("AnswerHookFunction", "KeepRecord"),
            (ANSWER, "dynamodb:PutItem"),
            succeeded(ANSWER),
        ),
        Case {
            trial: struck(BEFORE, START, FaultKind::KilledBefore),
            ..case(
                ("AnswerHookFunction", "AnswerCodeDeploy"),
                (ANSWER, PUT),
                Ends::Stopped,
            )
        },
        // It cannot start a verification either; Lambda tells answer-hook.
        Case {
            trial: struck(BEFORE, START, FaultKind::Refused),
            ..case(
                ("BeforeAllowTrafficFunction", "AnswerCodeDeploy"),
                (BEFORE, PUT),
                failed(ANSWER),
            )
        },
        Case {
            trial: aborted,
            ..case(
                ("AnswerHookFunction", "ReadExecutions"),
                (ANSWER, "states:DescribeExecution"),
                Ends::Stopped,
            )
        },
        Case {
            trial: Trial {
                roll_back: false,
                ..plain(Scenario::SlowPoison)
            },
            ..case(
                ("AnswerHookFunction", "CallPerson"),
                (ANSWER, "sns:Publish"),
                failed(ANSWER),
            )
        },
    ]
}

/// The hook function dies and Lambda tells nobody: what is left is the sweep.
fn what_the_sweep_needs() -> Vec<Case> {
    let needs = |sid, action, ends| Case {
        trial: Trial {
            hook_calls: Some(HookCalls::Synchronous),
            ..plain(Scenario::HookDies)
        },
        ..case(("SweepHooksFunction", sid), ("sweep-hooks", action), ends)
    };
    vec![
        needs(
            "ReadDeployments",
            "codedeploy:ListDeployments",
            Ends::Silent,
        ),
        needs("ReadTargets", LIST, Ends::Silent),
        needs(
            "ReadRevision",
            "codedeploy:GetApplicationRevision",
            Ends::Silent,
        ),
        needs("ListVerifications", "states:ListExecutions", Ends::Silent),
        needs("StopDeployment", STOP, Ends::Silent),
        Case {
            trial: unheard(),
            ..needs("ReadExecutions", "states:DescribeExecution", Ends::Stopped)
        },
        Case {
            trial: unheard(),
            ..needs("AskForAnswer", INVOKE, Ends::Stopped)
        },
        needs("KeepRecord", "dynamodb:PutItem", Ends::Stopped),
        needs("CallPerson", "sns:Publish", Ends::Stopped),
    ]
}

#[test]
fn without_a_statement_a_verification_is_refused_and_answered_failed() {
    hold(what_a_verification_needs());
}

#[test]
fn without_a_statement_an_answer_is_refused_and_another_way_is_found_or_a_person() {
    hold(what_an_answer_needs());
}

#[test]
fn without_a_statement_the_sweep_is_refused() {
    hold(what_the_sweep_needs());
}

fn hold(cases: Vec<Case>) {
    for mut case in cases {
        let (resource, sid) = case.statement;
        let what = format!("{resource} without {sid}");
        remove(&mut case.trial.shipped.template, resource, sid);
        let world = trial::run(&case.trial).expect("the rest of the template deploys");
        let (caller, action) = case.refused;
        let is_refused = world.journal.calls().any(|(_, call)| {
            let refused = matches!(&call.outcome, CallOutcome::Error(code) if is_refusal(code));
            refused
                && call.fault.is_none()
                && (call.caller.as_str(), call.action.as_str()) == case.refused
        });
        assert!(is_refused, "{what}: {caller} may {action}");
        let violations = invariants::check(&world, case.trial.scenario);
        let told = format!("{caller} may not {action} on ");
        let found = violations
            .iter()
            .any(|one| one.invariant == "permissions" && one.sentence.starts_with(&told));
        assert!(found, "{what}: {violations:?}");
        assert_eq!(ends(&world), case.ends, "{what}");
    }
}

fn is_refusal(code: &str) -> bool {
    [
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",
    ]
    .contains(&code)
}

/// How the last hook of the release ended.
fn ends(world: &World) -> Ends {
    let release = world.code_deploy.deployments().first();
    let release = release.expect("the team deploys");
    let mut hooks = world.code_deploy.hooks().iter();
    let hook = hooks.rfind(|hook| hook.deployment == release.id);
    let hook = hook.expect("a hook was called");
    match &hook.answer {
        Some(answer) => Ends::Answered(answer.by.clone(), answer.status),
        None if release.status == Status::Stopped => Ends::Stopped,
        None => Ends::Silent,
    }
}

const DENIAL: &str = "            - Sid: Frozen
              Effect: Deny
              Action: states:Start*
              Resource: '*'
";

#[test]
fn a_denial_added_beside_what_is_allowed_refuses_it() {
    let mut trial = plain(Scenario::GoodRelease);
    let allowed = "            - Sid: StartVerification\n";
    let frozen = format!("{DENIAL}{allowed}");
    let template = &mut trial.shipped.template;
    assert!(template.contains(allowed), "nothing to deny");
    *template = template.replace(allowed, &frozen);
    let world = trial::run(&trial).expect("the template deploys");
    let denied: Vec<(&str, &str)> = world
        .iam
        .denied()
        .map(|asked| (asked.caller.as_str(), asked.action.as_str()))
        .collect();
    assert_eq!(denied, [(BEFORE, START)]);
    assert_eq!(ends(&world), failed(BEFORE));
}

/// Cuts a statement out of what a resource of the template may do.
fn remove(template: &mut String, resource: &str, sid: &str) {
    let head = format!("\n  {resource}:\n");
    let from = template.find(&head).expect("the template has the resource") + 1;
    let first = format!("            - Sid: {sid}\n");
    let begin = template[from..].find(&first).expect("it has the statement") + from;
    let behind = begin + first.len();
    let lines = template[behind..].split_inclusive('\n');
    let of_statement = lines.take_while(|line| line.starts_with("             "));
    let length: usize = of_statement.map(str::len).sum();
    template.replace_range(begin..behind + length, "");
}

#[test]
fn a_group_that_is_not_listed_is_refused_and_no_version_of_it_is_passed() {
    let mut trial = plain(Scenario::GoodRelease);
    trial.shipped.deployment_groups = vec![("mill".to_owned(), account::GROUP.to_owned())];
    let world = trial::run(&trial).expect("what we ship deploys");
    let executions = world.step_functions.executions();
    let error = executions.first().and_then(|one| one.error.as_deref());
    assert_eq!(error, Some("HookNotAnswered"));
    assert_eq!(ends(&world), Ends::Silent);
}
