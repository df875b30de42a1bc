//! One case: a scenario and the faults put on it, and what came of it.

use std::collections::BTreeSet;
use std::time::Duration;

use pointsman::scenarios::{Deed, Hand, Scenario, Stage};
use pointsman::trial::{self, Trial};
use pointsman::{invariants, story};
use simulated_aws::World;
use simulated_aws::code_deploy::HookCalls;
use simulated_aws::faults::Fault;

use super::calls::{self, Who};
use super::exceptions;

/// A fault that stays keeps a clean-up from its end, and each hour's sweep begins it again: after three
/// more rounds nothing new comes.
const LONGEST_STRUCK: Duration = Duration::from_hours(4);

/// What somebody changes of a scenario, so that calls are made which none makes as it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Twist {
    /// Nobody changes anything.
    None,
    /// The copied group's instances are protected, and it has a warm pool.
    Protected,
    /// A shift is stopped half way, and the team allows its alias to be mended.
    AliasAtTwoVersions,
}

/// What the shop's team allows of its clean-ups.
pub(crate) const RESTORES_ALIAS: &str =
    "application = \"shop\"\ndeployment_group = \"production\"\n[cleanup]\nrestore_alias = true\n";

impl Twist {
    fn of(self, plain: Trial) -> Trial {
        let hand = |minutes, deed| {
            let after = Duration::from_mins(minutes);
            vec![Hand { after, deed }]
        };
        match self {
            Twist::None => plain,
            Twist::Protected => Trial {
                hands: hand(10, Deed::ProtectCopy),
                ..plain
            },
            Twist::AliasAtTwoVersions => Trial {
                hands: hand(3, Deed::StopForGood),
                roll_back: false,
                spec: Some(RESTORES_ALIAS),
                ..plain
            },
        }
    }
}

/// What faults are put into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Setting {
    pub scenario: Scenario,
    pub twist: Twist,
    pub hook_calls: HookCalls,
    /// Whose calls are struck.
    pub only: Who,
}

impl Setting {
    /// Where a version is refused, the roll back runs its hooks too; in one scenario only, because
    /// they make the calls that every hook makes.
    pub(super) fn trial(self, faults: Vec<Fault>) -> Trial {
        let plain = self.twist.of(Trial::plain(self.scenario, 1));
        let stays = faults.iter().any(|fault| fault.times == u32::MAX);
        Trial {
            longest: if stays {
                plain.longest.min(LONGEST_STRUCK)
            } else {
                plain.longest
            },
            hook_calls: Some(self.hook_calls),
            hooks_in_roll_backs: Some(self.scenario == Scenario::BadRelease),
            faults,
            ..plain
        }
    }

    pub(super) fn run(self, faults: Vec<Fault>) -> World {
        trial::run(&self.trial(faults)).expect("what we ship can be deployed")
    }
}

/// A case.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub setting: Setting,
    pub faults: Vec<Fault>,
}

/// What came of it.
#[derive(Debug)]
pub(super) struct Outcome {
    pub held: Held,
    /// How often a fault struck.
    pub fired: u64,
    /// The calls of those whose calls are struck, by caller and action.
    pub made: BTreeSet<(String, String)>,
}

/// Whether everything held.
#[derive(Debug)]
pub(super) enum Held {
    All,
    /// Something did not, for a reason that no design can help.
    Excused(&'static str),
    /// Something did not: one line that names it, and the story.
    Not(String),
}

impl Case {
    pub(super) fn run(&self) -> Outcome {
        let world = self.setting.run(self.faults.clone());
        let made = calls::made(&world, self.setting.only);
        let fired = world.faults.fired().map(|(_, times)| u64::from(times));
        Outcome {
            held: self.judge(&world),
            fired: fired.sum(),
            made,
        }
    }

    fn judge(&self, world: &World) -> Held {
        let scenario = self.setting.scenario;
        let mut violations = invariants::check(world, scenario);
        if scenario.stage() == Stage::Fleet {
            violations.extend(invariants::check_leftovers(world));
        }
        let silent = world.faults.fired().filter(|(_, times)| *times == 0);
        let silent: Vec<String> = silent.map(|(fault, _)| brief(fault)).collect();
        if violations.is_empty() && silent.is_empty() {
            return Held::All;
        }
        if silent.is_empty()
            && let Some(why) = exceptions::excuse(self, &violations)
        {
            return Held::Excused(why);
        }
        let mut said: Vec<String> = violations.iter().map(ToString::to_string).collect();
        said.extend(silent.iter().map(|fault| format!("{fault} never struck")));
        let faults: Vec<String> = self.faults.iter().map(brief).collect();
        let head = format!(
            "{} ({:?}, {:?}), {}: {}",
            self.setting.scenario.name(),
            self.setting.twist,
            self.setting.hook_calls,
            faults.join(" and "),
            said.join("; ")
        );
        let story = story::tell(world);
        let story: Vec<String> = story.iter().map(ToString::to_string).collect();
        Held::Not(format!("{head}\n{}", story.join("\n")))
    }
}

fn brief(fault: &Fault) -> String {
    let Fault {
        caller,
        action,
        nth,
        times,
        kind,
    } = fault;
    let times = if *times == u32::MAX {
        "for ever".to_owned()
    } else {
        format!("{times} times")
    };
    format!("{caller} {action} #{nth} {kind:?} {times}")
}
