//! How long a roll back may be looked at before traffic goes back.

use crate::checks::Observation;
use crate::examples::{at, facts, learned, plan, text_fixture};
use crate::facts::{Creator, DeploymentFacts};
use crate::hooks::HookEvent;
use crate::spec::{Spec, read_toml};
use crate::verification::{Learned, RoundStatus, SpecOutcome, judge};

#[test]
fn an_unguarded_roll_back_has_one_round_before_its_traffic_and_all_others_have_theirs() {
    let declared = read_toml(&text_fixture("spec/lambda.toml")).expect("it has no faults");
    for creator in [
        Creator::User,
        Creator::RollBack,
        Creator::CloudFormationRollBack,
    ] {
        for guard_rollbacks in [false, true] {
            for event in HookEvent::ALL {
                let urgent = creator.is_roll_back()
                    && !guard_rollbacks
                    && event == HookEvent::BeforeAllowTraffic;
                let hook = plan(
                    event,
                    Learned {
                        deployment: DeploymentFacts {
                            creator: creator.clone(),
                            ..facts()
                        },
                        spec: SpecOutcome::Declared(Spec {
                            guard_rollbacks,
                            ..declared.clone()
                        }),
                        ..learned()
                    },
                );
                let unseen = Observation::NotEvaluated("unreachable".to_owned());
                let seen = vec![unseen; hook.checks.len()];
                let round = judge(&hook, None, &seen, at(30));
                let expected = if urgent {
                    RoundStatus::Failed
                } else {
                    RoundStatus::Waiting
                };
                assert_eq!(
                    round.status, expected,
                    "{creator:?} {guard_rollbacks} {event:?}"
                );
                let once = hook.checks.iter().all(|check| check.in_a_row == 1);
                assert!(once || !urgent, "{hook:?}");
                assert_eq!(hook.deadline <= at(30), urgent, "{}", hook.deadline);
            }
        }
    }
}
