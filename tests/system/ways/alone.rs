//! Each way to an answer alone, and none at all.

use pointsman::scenarios::Scenario;
use pointsman::trial::Trial;
use simulated_aws::World;
use simulated_aws::code_deploy::{HookCalls, Status};
use simulated_aws::faults::{Fault, FaultKind};

use super::remove::Way;
use super::{assert_holds, assert_silence_is_found, run};

/// What breaks, and which way is enough for it.
struct Trouble {
    name: &'static str,
    scenario: Scenario,
    hook_calls: HookCalls,
    fault: Option<Fault>,
    enough: Way,
    ends: Ends,
}

/// How the hook ends.
enum Ends {
    /// It is answered by this function.
    AnsweredBy(&'static str),
    /// Its deployment is stopped.
    Stopped,
}

use Ends::{AnsweredBy, Stopped};
use HookCalls::{Asynchronous, Synchronous};

fn troubles() -> Vec<Trouble> {
    let killed = |caller, action| Some(Fault::always(caller, action, 1, FaultKind::KilledBefore));
    let refused = |caller, action| Some(Fault::always(caller, action, 1, FaultKind::Refused));
    let start = "states:StartExecution";
    let (before, after) = ("before-allow-traffic", "after-allow-traffic");
    let trouble = |name, scenario, hook_calls, fault, enough, ends| Trouble {
        name,
        scenario,
        hook_calls,
        fault,
        enough,
        ends,
    };
    let good = Scenario::GoodRelease;
    let dies = Scenario::HookDies;
    let aborts = Scenario::OperatorAborts;
    let by_answer_hook = || AnsweredBy("answer-hook");
    let read = killed("read-hook", "codedeploy:GetDeployment");
    let check = killed("run-checks", "lambda:GetFunctionConfiguration");
    let after_dies = || killed(after, start);
    vec![
        trouble(
            "reading dies",
            good,
            Asynchronous,
            read,
            Way::Catch,
            by_answer_hook(),
        ),
        trouble(
            "checking dies",
            good,
            Synchronous,
            check,
            Way::Catch,
            by_answer_hook(),
        ),
        trouble(
            "no start",
            good,
            Synchronous,
            refused(before, start),
            Way::HookFunction,
            AnsweredBy(before),
        ),
        trouble(
            "no start after traffic",
            good,
            Synchronous,
            refused(after, start),
            Way::HookFunction,
            AnsweredBy(after),
        ),
        trouble(
            "stopped by hand",
            aborts,
            Asynchronous,
            None,
            Way::Rule,
            by_answer_hook(),
        ),
        trouble(
            "stopped by hand",
            aborts,
            Synchronous,
            None,
            Way::Sweep,
            by_answer_hook(),
        ),
        trouble(
            "the hook dies",
            dies,
            Asynchronous,
            None,
            Way::OnFailure,
            by_answer_hook(),
        ),
        trouble(
            "the hook dies",
            dies,
            Synchronous,
            None,
            Way::Sweep,
            Stopped,
        ),
        trouble(
            "the hook dies",
            dies,
            Asynchronous,
            None,
            Way::Sweep,
            Stopped,
        ),
        trouble(
            "the hook dies after traffic",
            good,
            Asynchronous,
            after_dies(),
            Way::OnFailure,
            by_answer_hook(),
        ),
        trouble(
            "the hook dies after traffic",
            good,
            Synchronous,
            after_dies(),
            Way::Sweep,
            Stopped,
        ),
        trouble(
            "no start, no answer",
            good,
            Asynchronous,
            refused(before, start),
            Way::OnFailure,
            by_answer_hook(),
        ),
    ]
}

impl Trouble {
    fn run(&self, left: &[Way]) -> World {
        let mut trial = Trial {
            hook_calls: Some(self.hook_calls),
            hooks_in_roll_backs: Some(false),
            faults: self.fault.clone().into_iter().collect(),
            ..Trial::plain(self.scenario, 5)
        };
        for way in Way::ALL {
            if !left.contains(&way) {
                way.remove(&mut trial);
            }
        }
        run(&trial)
    }

    fn what(&self) -> String {
        format!(
            "{} ({:?}), {:?} alone",
            self.name, self.hook_calls, self.enough
        )
    }
}

#[test]
fn each_way_alone_is_enough() {
    for trouble in troubles() {
        let (world, what) = (trouble.run(&[trouble.enough]), trouble.what());
        assert_holds(&world, trouble.scenario, &what);
        let hook = world.code_deploy.hooks().last().expect("a hook was called");
        match trouble.ends {
            AnsweredBy(function) => {
                let answer = hook.answer.as_ref().map(|answer| answer.by.as_str());
                assert_eq!(answer, Some(function), "{what}");
            }
            Stopped => {
                let deployment = world.code_deploy.deployment(&hook.deployment);
                let status = deployment.map(|deployment| deployment.status);
                assert_eq!(status, Some(Status::Stopped), "{what}");
            }
        }
    }
}

#[test]
fn without_the_last_way_the_silence_is_found() {
    for trouble in troubles() {
        let world = trouble.run(&[]);
        assert_silence_is_found(&world, trouble.scenario, &trouble.what());
    }
}
