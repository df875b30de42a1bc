//! Locks of the ledger and revisions of aliases, taken and changed through the AWS SDK.

mod aliases;
mod fixture;

use std::collections::BTreeMap;
use std::time::Duration;

use coordinator::failure::{Failure, FailureName};
use coordinator::locks::{Expected, Lock, Phase, Resource};
use coordinator_aws::ledger::{Taking, TakingOver};
use simulated_aws::World;
use simulated_aws::faults::{Fault, FaultKind};

use fixture::{Owner, simulated, world};

const ONE: &str = "clean-up-one";
const OTHER: &str = "clean-up-other";
const THIRD: &str = "clean-up-third";

fn group(name: &str) -> Resource {
    Resource::Group {
        name: name.to_owned(),
    }
}

fn taken(resources: &[Resource]) -> Taking {
    let generations = resources.iter().map(|resource| (resource.clone(), 1));
    Taking::Taken(generations.collect())
}

fn first(lock: &Lock) -> Expected {
    assert_eq!(lock.generation, 1);
    lock.expected()
}

#[test]
fn locks_are_taken_together_or_not_at_all() {
    simulated(world(1), async |simulation| {
        let (one, other) = (Owner::new(simulation, ONE), Owner::new(simulation, OTHER));
        let [a, b, c] = ["a", "b", "c"].map(group);
        let its = [b.clone(), a, b.clone()];
        assert_eq!(one.take(&its).await, Ok(taken(&its)));
        let Ok(Taking::Held { resource, lock }) = other.take(&[c.clone(), b.clone()]).await else {
            panic!("it is one's");
        };
        assert_eq!(resource, b);
        assert_eq!((lock.owner, lock.phase), (one.arn.clone(), Phase::Held));
        assert_eq!(other.holder(&c).await, None);
        one.prove(&its).await.expect("they are its own");
        let lost = other.prove(&[b]).await.expect_err("it is not its own");
        assert_eq!(lost.name, FailureName::LockLost);
        assert_eq!(other.take(&[]).await, Ok(Taking::Taken(BTreeMap::new())));
    });
}

#[test]
fn taking_again_changes_nothing_of_what_is_held() {
    simulated(world(1), async |simulation| {
        let one = Owner::new(simulation, ONE);
        let [a, b] = ["a", "b"].map(group);
        one.take(std::slice::from_ref(&a))
            .await
            .expect("it is free");
        let before = one.holder(&a).await;
        tokio::time::sleep(Duration::from_secs(5)).await;
        let both = [a.clone(), b];
        assert_eq!(one.take(&both).await, Ok(taken(&both)));
        assert_eq!(one.holder(&a).await, before);
    });
}

#[test]
fn whatever_happens_to_the_call_locks_are_taken_once() {
    for kind in [
        FaultKind::Throttled,
        FaultKind::Broken,
        FaultKind::LostBefore,
        FaultKind::NeverArrives,
        FaultKind::AnswerLost,
    ] {
        let mut world = world(1);
        world
            .faults
            .plan(Fault::once(ONE, "dynamodb:UpdateItem", 1, kind));
        simulated(world, async |simulation| {
            let one = Owner::new(simulation, ONE);
            let both = ["a", "b"].map(group);
            assert_eq!(one.take(&both).await, Ok(taken(&both)), "{kind:?}");
            one.prove(&both).await.expect("they are its own");
        });
    }
}

#[test]
fn of_two_that_take_at_once_one_has_all_and_the_other_none() {
    let mut winners = BTreeMap::new();
    for seed in 0..30 {
        let winner = simulated(world(seed), async |simulation| {
            let (one, other) = (Owner::new(simulation, ONE), Owner::new(simulation, OTHER));
            let [a, b, c] = ["a", "b", "c"].map(group);
            let (its, others) = ([a, b.clone()], [c, b.clone()]);
            let came = tokio::join!(one.take(&its), other.take(&others));
            let (winner, its, loser, others) = match came {
                (Ok(Taking::Taken(_)), Ok(Taking::Held { .. })) => (&one, &its, &other, &others),
                (Ok(Taking::Held { .. }), Ok(Taking::Taken(_))) => (&other, &others, &one, &its),
                other => panic!("{seed}: {other:?}"),
            };
            winner.prove(its).await.expect("they are its own");
            loser.prove(&[b]).await.expect_err("it is not its own");
            assert_eq!(loser.holder(&others[0]).await, None);
            winner.arn.clone()
        });
        *winners.entry(winner).or_insert(0) += 1;
    }
    assert_eq!(winners.len(), 2, "both orders were seen: {winners:?}");
}

#[test]
fn a_lock_that_was_taken_over_is_lost_to_who_had_it() {
    simulated(world(1), async |simulation| {
        let owners = [ONE, OTHER, THIRD].map(|name| Owner::new(simulation, name));
        let [one, other, third] = &owners;
        let its = [group("a"), group("b")];
        let [a, b] = &its;
        one.take(&its).await.expect("they are free");
        let expected = first(&one.holder(a).await.expect("it is held"));
        let over = Ok(TakingOver::TakenOver { generation: 2 });
        assert_eq!(other.take_over(a, &expected).await, over);
        assert_eq!(other.take_over(a, &expected).await, over, "twice is once");
        let Ok(TakingOver::Held { lock }) = third.take_over(a, &expected).await else {
            panic!("it is other's");
        };
        assert_eq!((&lock.owner, lock.generation), (&other.arn, 2));
        assert_eq!(lock.deployment, "d-other");
        let lost = one.prove(&its).await.expect_err("one is lost");
        assert_eq!(lost.name, FailureName::LockLost);
        let whose = "the lock on group a is clean-up-other's since ";
        assert!(lost.sentence.starts_with(whose), "{lost}");
        one.prove(std::slice::from_ref(b))
            .await
            .expect("it is its own still");
        one.release(&its).await.expect("nothing is wrong with it");
        assert_eq!(one.holder(b).await, None);
        other
            .prove(std::slice::from_ref(a))
            .await
            .expect("it was not released");
        other
            .release(std::slice::from_ref(a))
            .await
            .expect("it is its own");
        other
            .release(std::slice::from_ref(a))
            .await
            .expect("twice is once");
        assert_eq!(third.take_over(a, &expected).await, Ok(TakingOver::Gone));
        let gone = other
            .prove(std::slice::from_ref(a))
            .await
            .expect_err("it is gone");
        assert!(gone.sentence.contains("group a is gone"), "{gone}");
    });
}

#[test]
fn of_two_that_take_over_at_once_one_has_it() {
    for seed in 0..20 {
        simulated(world(seed), async |simulation| {
            let owners = [ONE, OTHER, THIRD].map(|name| Owner::new(simulation, name));
            let [one, other, third] = &owners;
            let a = group("a");
            one.take(std::slice::from_ref(&a))
                .await
                .expect("it is free");
            let expected = first(&one.holder(&a).await.expect("it is held"));
            let came = tokio::join!(
                other.take_over(&a, &expected),
                third.take_over(&a, &expected)
            );
            let holder = one.holder(&a).await.expect("it is held");
            assert_eq!(holder.generation, 2);
            let (winner, loser) = match came {
                (Ok(TakingOver::TakenOver { .. }), Ok(TakingOver::Held { lock })) => (other, lock),
                (Ok(TakingOver::Held { lock }), Ok(TakingOver::TakenOver { .. })) => (third, lock),
                other => panic!("{seed}: {other:?}"),
            };
            assert_eq!(holder.owner, winner.arn);
            assert_eq!(loser, holder);
        });
    }
}

#[test]
fn a_taking_over_whose_answer_was_lost_is_known_as_ones_own() {
    let mut world = world(1);
    let fault = Fault::once(OTHER, "dynamodb:UpdateItem", 1, FaultKind::AnswerLost);
    world.faults.plan(fault);
    simulated(world, async |simulation| {
        let (one, other) = (Owner::new(simulation, ONE), Owner::new(simulation, OTHER));
        let a = group("a");
        one.take(std::slice::from_ref(&a))
            .await
            .expect("it is free");
        let expected = first(&one.holder(&a).await.expect("it is held"));
        let over = Ok(TakingOver::TakenOver { generation: 2 });
        assert_eq!(other.take_over(&a, &expected).await, over);
    });
}

#[test]
fn what_is_left_to_a_person_nobody_else_takes_or_releases() {
    simulated(world(1), async |simulation| {
        let (one, other) = (Owner::new(simulation, ONE), Owner::new(simulation, OTHER));
        let a = [group("a")];
        one.take(&a).await.expect("it is free");
        let expected = first(&one.holder(&a[0]).await.expect("it is held"));
        let lost = other
            .leave_to_person(&a)
            .await
            .expect_err("it is not its own");
        assert_eq!(lost.name, FailureName::LockLost);
        one.leave_to_person(&a).await.expect("it is its own");
        one.leave_to_person(&a).await.expect("twice is once");
        let left = one.holder(&a[0]).await.expect("it is held");
        assert_eq!((left.phase, left.generation), (Phase::NeedsPerson, 1));
        let held = |taking: Result<Taking, Failure>| match taking {
            Ok(Taking::Held { lock, .. }) => assert_eq!(lock, left),
            other => panic!("{other:?}"),
        };
        held(one.take(&a).await);
        held(other.take(&a).await);
        let over = other.take_over(&a[0], &expected).await;
        assert_eq!(over, Ok(TakingOver::Held { lock: left.clone() }));
        one.prove(&a).await.expect_err("it is a person's");
        one.release(&a).await.expect("nothing is wrong with it");
        assert_eq!(one.holder(&a[0]).await, Some(left.clone()));
    });
}

#[test]
fn a_transaction_that_meets_another_is_worth_trying_again() {
    let mut world = world(1);
    world.dynamo_db.busy = Duration::from_secs(30);
    simulated(world, async |simulation| {
        let (one, other) = (Owner::new(simulation, ONE), Owner::new(simulation, OTHER));
        let both = ["a", "b"].map(group);
        one.take(&both[..1]).await.expect("it is free");
        let failure = other.take(&both).await.expect_err("it meets one's write");
        assert_eq!(failure.name, FailureName::Transient);
        let what = "TransactWriteItems on the lock on group a, group b did not get through";
        assert!(failure.sentence.starts_with(what), "{failure}");
        tokio::time::sleep(Duration::from_secs(30)).await;
        let taking = other.take(&both).await;
        assert!(matches!(taking, Ok(Taking::Held { .. })), "{taking:?}");
    });
}

#[test]
fn what_may_not_be_read_is_not_proved() {
    let refused = |world: &mut World, action: &str| {
        let fault = Fault::always(ONE, action, 1, FaultKind::Refused);
        world.faults.plan(fault);
    };
    let mut world = world(1);
    refused(&mut world, "dynamodb:GetItem");
    refused(&mut world, "dynamodb:UpdateItem");
    refused(&mut world, "dynamodb:DeleteItem");
    simulated(world, async |simulation| {
        let one = Owner::new(simulation, ONE);
        let a = [group("a")];
        let failures = [
            one.take(&a).await.map(|_taken| ()),
            one.prove(&a).await,
            one.release(&a).await,
            one.leave_to_person(&a).await,
        ];
        for failure in failures {
            assert_eq!(
                failure.map_err(|failure| failure.name),
                Err(FailureName::Refused)
            );
        }
    });
}
