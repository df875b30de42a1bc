//! The fault sweep: every call of every scenario meets every kind of fault, once and for ever, and
//! so do the calls that are only made because of a fault.
//!
//! Keeps I4 and I9: CodeDeploy is answered, or its deployment stopped, in time wherever any way to
//! an answer is alive; nothing bad is waved through; each answer is recorded. Keeps I3: no group is
//! shrunk that is owned or serves, and every orphan is gone in the end, unless a fault that stays
//! keeps its clean-up from its end. What can be excused is listed in `exceptions`, with the reason.

mod calls;
mod cases;
mod exceptions;

use std::collections::{BTreeMap, BTreeSet};

use crate::report::show;
use functions::catalogue::Function;
use pointsman::scenarios::{Scenario, Stage};
use pointsman::simulate::on_all_cores;
use pointsman::trial::Trial;
use simulated_aws::code_deploy::HookCalls;
use simulated_aws::faults::{Fault, FaultKind};

use calls::{Place, Who};
pub(crate) use cases::RESTORES_ALIAS;
use cases::{Case, Held, Outcome, Setting, Twist};

/// What can befall a call. For one that only reads it is the same whether it was lost on its way there
/// or back, or comes too late: nothing is changed, and nobody hears of it.
fn kinds(action: &str) -> impl Iterator<Item = FaultKind> {
    let only_reads = calls::reads(action);
    let same = [
        FaultKind::LostBefore,
        FaultKind::AnswerLost,
        FaultKind::AppliedLate,
    ];
    let kinds = FaultKind::ALL.into_iter();
    kinds.filter(move |kind| !(only_reads && same.contains(kind)))
}

#[test]
fn every_hook_is_answered_and_only_orphans_go_whichever_calls_fail() {
    let clean = on_all_cores(&settings(), |setting| Clean::of(*setting));
    let first: Vec<Case> = clean.iter().flat_map(Clean::cases).collect();
    let outcomes = on_all_cores(&first, Case::run);
    let second = further(&first, &outcomes, &clean);
    let mut tally = Tally::default();
    tally.add(&first, &outcomes);
    tally.add(&second, &on_all_cores(&second, Case::run));
    tally.print();
    let floor: usize = clean.iter().map(Clean::cases_at_least).sum();
    let cases = tally.cases;
    assert!(cases > floor, "{cases} cases, and {floor} calls and kinds");
    assert!(!second.is_empty(), "no fault led to a call of its own");
    tally.judge();
}

/// Every call of every scenario, struck for ever in one of these ways: the sweep's first pass,
/// thinned out for those who only want to know what is called.
pub(crate) fn each_call_struck(kinds: &[FaultKind]) -> Vec<Trial> {
    let clean = on_all_cores(&settings(), |setting| Clean::of(*setting));
    let cases = clean.iter().flat_map(Clean::cases);
    let struck = cases.filter(|case| {
        let mut faults = case.faults.iter();
        faults.all(|fault| fault.times == u32::MAX && kinds.contains(&fault.kind))
    });
    struck.map(|case| case.setting.trial(case.faults)).collect()
}

/// What every fault is put into.
fn settings() -> Vec<Setting> {
    let mut settings: Vec<Setting> = Scenario::SHOP.into_iter().flat_map(in_shop).collect();
    settings.extend(Scenario::FLEET.into_iter().map(|scenario| Setting {
        scenario,
        twist: Twist::None,
        hook_calls: HookCalls::Asynchronous,
        only: in_fleet(scenario),
    }));
    settings.extend(twisted());
    settings
}

/// The calls that no scenario makes as it is told.
fn twisted() -> [Setting; 2] {
    let setting = |scenario, twist, function| Setting {
        scenario,
        twist,
        hook_calls: HookCalls::Asynchronous,
        only: Who::Only(function),
    };
    [
        setting(
            Scenario::LeftoverGroup,
            Twist::Protected,
            Function::ShrinkGroup,
        ),
        setting(
            Scenario::GoodRelease,
            Twist::AliasAtTwoVersions,
            Function::RestoreOriginals,
        ),
    ]
}

/// Whether CodeDeploy waits for a hook function changes nothing but what Lambda does when that
/// function fails: so it is asked of the hook functions' own calls, and of everything in the scenario
/// that is about a hook function that fails. What comes after a failed deployment is the same in each
/// of them, and asked of once.
fn in_shop(scenario: Scenario) -> Vec<Setting> {
    let each = [HookCalls::Asynchronous, HookCalls::Synchronous];
    let only = |hook_calls| match (hook_calls, scenario) {
        (HookCalls::Asynchronous, Scenario::BadRelease) => Who::Anybody,
        (HookCalls::Asynchronous, _) | (HookCalls::Synchronous, Scenario::HookDies) => {
            Who::Verification
        }
        (HookCalls::Synchronous, _) => Who::HookFunctions,
    };
    let settings = each.map(|hook_calls| Setting {
        scenario,
        twist: Twist::None,
        hook_calls,
        only: only(hook_calls),
    });
    settings.into()
}

/// Every call of the whole clean-up in one scenario, and in the others those of the function that
/// they are about.
fn in_fleet(scenario: Scenario) -> Who {
    match scenario {
        Scenario::LeftoverAdopted => Who::Only(Function::LiftQuarantine),
        Scenario::RollbackInProgress => Who::Only(Function::ProveOrphan),
        Scenario::ProcessesLeftSuspended | Scenario::TargetsLeftOut => {
            Who::Only(Function::RestoreOriginals)
        }
        Scenario::EventLost => Who::Only(Function::SweepLeftovers),
        Scenario::LeftoverSuperseded => Who::Only(Function::ShrinkGroup),
        Scenario::LeftoverGroup
        | Scenario::GoodRelease
        | Scenario::BadRelease
        | Scenario::SlowPoison
        | Scenario::HookDies
        | Scenario::ChecksHang
        | Scenario::OperatorAborts => Who::CleanUp,
    }
}

/// A setting as it goes without a further fault.
struct Clean {
    setting: Setting,
    places: Vec<Place>,
    made: BTreeSet<(String, String)>,
}

impl Clean {
    fn of(setting: Setting) -> Clean {
        let world = setting.run(Vec::new());
        Clean {
            setting,
            places: calls::places(&world, setting.only),
            made: calls::made(&world, setting.only),
        }
    }

    /// A call that the scenario itself strikes each time can be struck by nothing else.
    fn is_struck_already(&self, place: &Place) -> bool {
        let mut own = self.setting.scenario.faults().into_iter();
        own.any(|fault| {
            fault.times == u32::MAX
                && (&fault.caller, &fault.action) == (&place.caller, &place.action)
                && place.nth >= fault.nth
        })
    }

    fn cases(&self) -> impl Iterator<Item = Case> {
        let free = |place: &&Place| !self.is_struck_already(place);
        self.places.iter().filter(free).flat_map(|place| {
            faults(place).map(|fault| Case {
                setting: self.setting,
                faults: vec![fault],
            })
        })
    }

    /// Each call by each caller, whichever of them it is.
    fn cases_at_least(&self) -> usize {
        let free = |place: &&Place| !self.is_struck_already(place);
        let calls: BTreeSet<(&str, &str)> = self
            .places
            .iter()
            .filter(free)
            .map(|place| (place.caller.as_str(), place.action.as_str()))
            .collect();
        // Each once and for ever.
        calls
            .iter()
            .map(|(_, action)| kinds(action).count() * 2)
            .sum()
    }
}

/// Every fault on this call: alone, and on all later ones too.
fn faults(place: &Place) -> impl Iterator<Item = Fault> {
    let Place {
        caller,
        action,
        nth,
    } = place;
    kinds(action).flat_map(|kind| {
        [
            Fault::once(caller, action, *nth, kind),
            Fault::always(caller, action, *nth, kind),
        ]
    })
}

/// A fault that stays, and then one on each call that is only made because of it.
///
/// Thinned out by symmetry: that a call of one function fails for ever makes the others do the same
/// things whichever kind of failure it is, the how-manieth call it begins with, and what the new
/// version is like. So the first such fault stands for all that strike the same call and lead to
/// the same further one. What a clean-up cannot do its machine catches and reports, whichever call of
/// a step it was that failed: there the first of them that leads another step to a further call
/// stands for all.
fn further(cases: &[Case], outcomes: &[Outcome], clean: &[Clean]) -> Vec<Case> {
    let mut seen = BTreeSet::new();
    let mut further = Vec::new();
    for (case, outcome) in cases.iter().zip(outcomes) {
        let before = clean.iter().find(|clean| clean.setting == case.setting);
        let before = before.expect("each case has its setting");
        let [first] = case.faults.as_slice() else {
            continue;
        };
        if first.times != u32::MAX {
            continue;
        }
        for (caller, action) in outcome.made.difference(&before.made) {
            let place = Place {
                caller: caller.clone(),
                action: action.clone(),
                nth: 1,
            };
            let synchronous = case.setting.hook_calls == HookCalls::Synchronous;
            let caught = case.setting.scenario.stage() == Stage::Fleet && caller != &first.caller;
            let struck = (
                first.caller.clone(),
                (!caught).then(|| first.action.clone()),
            );
            if seen.insert((synchronous, struck, (caller, action))) {
                further.extend(faults(&place).map(|second| Case {
                    setting: case.setting,
                    faults: vec![first.clone(), second],
                }));
            }
        }
    }
    further
}

/// The count of everything, and what did not hold.
#[derive(Default)]
struct Tally {
    cases: usize,
    by_depth: BTreeMap<usize, usize>,
    by_scenario: BTreeMap<Scenario, usize>,
    by_kind: BTreeMap<FaultKind, usize>,
    fired: u64,
    excused: BTreeMap<&'static str, usize>,
    broken: Vec<String>,
}

impl Tally {
    fn add(&mut self, cases: &[Case], outcomes: &[Outcome]) {
        for (case, outcome) in cases.iter().zip(outcomes) {
            self.cases += 1;
            *self.by_depth.entry(case.faults.len()).or_default() += 1;
            let scenario = self.by_scenario.entry(case.setting.scenario);
            *scenario.or_default() += 1;
            if let Some(last) = case.faults.last() {
                *self.by_kind.entry(last.kind).or_default() += 1;
            }
            self.fired += outcome.fired;
            match &outcome.held {
                Held::All => {}
                Held::Excused(why) => *self.excused.entry(why).or_default() += 1,
                Held::Not(report) => self.broken.push(report.clone()),
            }
        }
    }

    fn print(&self) {
        show(&format!(
            "fault sweep: {} cases, {} faults struck",
            self.cases, self.fired
        ));
        show(&format!("  by number of faults: {:?}", self.by_depth));
        for (scenario, cases) in &self.by_scenario {
            show(&format!("  {:<24} {cases}", scenario.name()));
        }
        for (kind, cases) in &self.by_kind {
            show(&format!("  {:<16} {cases}", format!("{kind:?}")));
        }
        for (why, cases) in &self.excused {
            show(&format!("  excused: {cases} because {why}"));
        }
    }

    fn judge(&self) {
        /// So many failures are told in full.
        const TOLD: usize = 5;
        let told = self.broken.iter().take(TOLD).cloned();
        let told: Vec<String> = told.collect();
        let heads = self
            .broken
            .iter()
            .filter_map(|report| report.lines().next());
        let heads: Vec<&str> = heads.collect();
        assert!(
            self.broken.is_empty(),
            "{} cases held not:\n{}\n\n{}",
            self.broken.len(),
            heads.join("\n"),
            told.join("\n\n")
        );
    }
}
