//! Makes the changes that were decided, each recorded before.

use coordinator::failure::{Failure, chain};
use coordinator::originals::{
    AliasDecision, AliasNow, ProcessDecision, Restoration, TargetDecision,
};
use coordinator::records::clean_up_change;
use coordinator_aws::auto_scaling::Change;
use coordinator_aws::errors::AwsError;
use coordinator_aws::lambda::Pointing;

use super::{Context, STEP};
use crate::locks::Holder;

/// The changes of one invocation. One that does not work out stops none of the others.
pub(super) struct Changes<'a> {
    context: &'a Context,
    holder: Holder<'a>,
    /// What was given back.
    pub(super) given: Vec<String>,
    /// What was not, and why.
    pub(super) not_given: Vec<String>,
    /// What was not and may be in a while.
    pub(super) later: Vec<String>,
}

impl<'a> Changes<'a> {
    /// None yet, after what an earlier look gave back.
    pub(super) fn new(context: &'a Context, holder: Holder<'a>, given: &[String]) -> Self {
        Self {
            context,
            holder,
            given: given.to_vec(),
            not_given: Vec::new(),
            later: Vec::new(),
        }
    }

    pub(super) async fn make(&mut self, decided: &Restoration) -> Result<(), Failure> {
        for decision in &decided.processes {
            match decision {
                ProcessDecision::Resume { group, process, .. } => {
                    self.resume(decision, group, process).await?;
                }
                ProcessDecision::Leave { .. } => {}
            }
        }
        for decision in &decided.targets {
            match decision {
                TargetDecision::Register {
                    instance,
                    missing_from,
                    succeeded_since,
                } => {
                    for place in missing_from {
                        let at_place = TargetDecision::Register {
                            instance: instance.clone(),
                            missing_from: vec![place.clone()],
                            succeeded_since: succeeded_since.clone(),
                        };
                        self.register(&at_place, instance, place).await?;
                    }
                }
                TargetDecision::Leave { .. } => {}
            }
        }
        match &decided.alias {
            Some(decision @ AliasDecision::Mend { alias, to }) => {
                self.mend(decision, alias, to).await
            }
            Some(AliasDecision::Leave { .. }) | None => Ok(()),
        }
    }

    async fn resume(
        &mut self,
        decision: &ProcessDecision,
        group: &str,
        process: &str,
    ) -> Result<(), Failure> {
        let key = format!("resume-{group}-{process}");
        self.record(&key, &decision.to_string()).await?;
        let names = [process.to_owned()];
        match self.context.auto_scaling.resume(group, &names).await {
            Ok(Change::Made) => self.given.push(decision.to_string()),
            Ok(Change::Gone) => self.not_given.push(format!("{group} is gone")),
            Ok(Change::Later) => self.later.push(format!(
                "{process} of {group} stays suspended: the group is busy"
            )),
            Err(error) => self.failed(&format!("{process} of {group} stays suspended"), &error),
        }
        Ok(())
    }

    async fn register(
        &mut self,
        decision: &TargetDecision,
        instance: &str,
        place: &str,
    ) -> Result<(), Failure> {
        let name = place.strip_prefix("target group ").unwrap_or(place);
        let key = format!("register-{instance}-{name}");
        self.record(&key, &decision.to_string()).await?;
        let instances = [instance.to_owned()];
        match self.context.load_balancing.register(name, &instances).await {
            Ok(()) => self.given.push(decision.to_string()),
            Err(error) => self.failed(&format!("{instance} stays out of {place}"), &error),
        }
        Ok(())
    }

    async fn mend(
        &mut self,
        decision: &AliasDecision,
        seen: &AliasNow,
        to: &str,
    ) -> Result<(), Failure> {
        self.record("alias", &decision.to_string()).await?;
        let AliasNow {
            function,
            alias,
            revision,
            ..
        } = seen;
        let lambda = &self.context.lambda;
        match lambda.point_alias(function, alias, to, revision).await {
            Ok(Pointing::Done) => self.given.push(decision.to_string()),
            Ok(Pointing::Changed) => self.not_given.push(format!(
                "somebody has changed alias {alias} of {function} meanwhile, and it stays so"
            )),
            Ok(Pointing::Gone) => self
                .not_given
                .push(format!("alias {alias} of {function} is gone")),
            Err(error) => self.failed(&format!("alias {alias} of {function} stays so"), &error),
        }
        Ok(())
    }

    fn failed(&mut self, what: &str, error: &AwsError) {
        let told = format!("{what}: {}", chain(error));
        match error {
            AwsError::Transient { .. } => self.later.push(told),
            AwsError::Refused { .. }
            | AwsError::NotFound { .. }
            | AwsError::AlreadyDone { .. }
            | AwsError::Rejected { .. }
            | AwsError::Incomplete { .. }
            | AwsError::TooMany { .. } => self.not_given.push(told),
        }
    }

    async fn record(&self, change: &str, sentence: &str) -> Result<(), Failure> {
        let (now, Holder { owner, deployment }) = (self.context.clock.now(), self.holder);
        let record = clean_up_change(deployment, owner, STEP, change, sentence, now);
        self.context.ledger.write(&record).await?;
        Ok(())
    }
}
