//! The locks that a changing step holds while it works (I7).
//!
//! A step takes its locks first and gives them back when it is done. One that fails keeps them: what
//! it called may still take effect, and the execution, to which they belong, runs it again. Whoever
//! finds the lock of an execution that is over takes it over, once nothing of that can happen any
//! more.

use std::future::Future;

use coordinator::failed_deployment::{Step, StepStatus};
use coordinator::failure::{Failure, FailureName};
use coordinator::hooks::DeploymentId;
use coordinator::locks::{HeldDecision, Lock, Resource, on_held};
use coordinator_aws::clients::{Clients, Clock};
use coordinator_aws::ledger::{Ledger, Taking};
use coordinator_aws::step_functions::StepFunctions;

/// Takes locks for steps.
#[derive(Debug, Clone)]
pub(crate) struct Locks {
    ledger: Ledger,
    step_functions: StepFunctions,
    clock: Clock,
}

/// For whom locks are taken.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Holder<'a> {
    /// The execution, by its ARN.
    pub owner: &'a str,
    /// The deployment that it is about.
    pub deployment: &'a DeploymentId,
}

/// A lock that is taken over is taken again with the others; more than so many are not taken over in
/// one go, because another one may take one over as well.
const ROUNDS_MAX: usize = 4;
/// Another clean-up's step is done within minutes, a deployment within hours. In the 55 hours that the
/// machine has, it can look so often without running out of its 25,000 events (I8).
const HELD_SECONDS: i64 = 180;

/// What was faster is done by then.
const LOST_SECONDS: i64 = 30;

impl Locks {
    pub(crate) fn new(clients: &Clients, ledger: &Ledger) -> Self {
        Self {
            ledger: ledger.clone(),
            step_functions: StepFunctions::new(clients),
            clock: clients.clock(),
        }
    }

    /// Does the work with these locks held; or waits, where another execution holds one of them.
    pub(crate) async fn holding(
        &self,
        resources: &[Resource],
        holder: Holder<'_>,
        work: impl Future<Output = Result<Step, Failure>>,
    ) -> Result<Step, Failure> {
        if let Some(step) = self.take(resources, holder).await? {
            return Ok(step);
        }
        match work.await {
            Ok(step) => {
                self.ledger.release(resources, holder.owner).await?;
                Ok(step)
            }
            // Another invocation of the same step was faster, and gave the locks back.
            Err(failure) if failure.name == FailureName::LockLost => {
                Ok(Step::waiting(LOST_SECONDS, &failure.sentence))
            }
            Err(failure) => Err(failure),
        }
    }

    /// That these locks are still the holder's, asked right before what cannot be taken back: the
    /// observation before it may have taken minutes.
    pub(crate) async fn prove(
        &self,
        resources: &[Resource],
        holder: Holder<'_>,
    ) -> Result<(), Failure> {
        Ok(self.ledger.prove(resources, holder.owner).await?)
    }

    /// Takes the locks; or says who holds one of them.
    async fn take(
        &self,
        resources: &[Resource],
        holder: Holder<'_>,
    ) -> Result<Option<Step>, Failure> {
        let Holder { owner, deployment } = holder;
        for _ in 0..ROUNDS_MAX {
            let now = self.clock.now();
            let taking = self.ledger.take(resources, owner, deployment.as_str(), now);
            let (resource, lock) = match taking.await? {
                Taking::Taken(_) => return Ok(None),
                Taking::Held { resource, lock } => (resource, lock),
            };
            match self.decide(&lock).await? {
                HeldDecision::Wait { why } => {
                    let why = format!("{resource}: {why}");
                    return Ok(Some(Step::waiting(HELD_SECONDS, &why)));
                }
                HeldDecision::NeedsPerson { why } => {
                    let why = format!("{resource}: {why}");
                    return Ok(Some(Step::done(StepStatus::Busy, &why, Vec::new())));
                }
                HeldDecision::TakeOver(expected) => {
                    let id = deployment.as_str();
                    self.ledger
                        .take_over(&resource, &expected, owner, id, now)
                        .await?;
                }
            }
        }
        let why = "its locks change hands too often";
        Ok(Some(Step::waiting(HELD_SECONDS, why)))
    }

    /// The owner of a lock is looked at: whether it can still change anything.
    async fn decide(&self, lock: &Lock) -> Result<HeldDecision, Failure> {
        let execution = self.step_functions.describe(&lock.owner).await?;
        let (state, stopped) = match execution {
            Some(execution) => (Some(execution.state), execution.stopped),
            None => (None, None),
        };
        Ok(on_held(lock, state.as_ref(), stopped, self.clock.now()))
    }
}
