//! What a failed deployment left half done at its originals, and what of it is put back.
//!
//! Three things: processes of its own groups that CodeDeploy suspended and never resumed, instances
//! that it took out of their target groups and never put back, and a Lambda alias at two weights.
//! From what was observed to what is restored and what is only reported, with every reason. Knows
//! CodeDeploy's words. Must not know how anything was read or is called. Everything is reported;
//! changed is only what the failed deployment itself did, and nothing while anything is deployed
//! there or could not be read (I10).

mod alias;
mod decision;
mod facts;
mod others;
mod processes;
mod targets;

pub use alias::{AliasDecision, AliasLeft};
pub use decision::{
    Hold, Patience, RESTORE_WITHIN_SECONDS, Restoration, patience, restore, try_again,
};
pub use facts::{
    AliasNow, DeployedTarget, EndedDeployment, GIVEN_BACK_WITHIN_SECONDS, Health, InstanceNow,
    OriginalGroup, Originals, Permissions, SecondVersion, TargetEvent,
};
pub use others::{OtherDeployment, Others};
pub use processes::{ON_PURPOSE_TAG, ProcessDecision, ProcessLeft, SUSPENSION_MARGIN_SECONDS};
pub use targets::{TargetDecision, TargetLeft};

#[cfg(test)]
mod examples;
