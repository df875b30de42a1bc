//! `pointsman keep` and `pointsman release`: the operator's word that a copied group stays.
//!
//! The word is a tag on the group, which the proofs read; there is no other memory of it. Each
//! command reads the group, changes what is to be changed, reads it again and tells what it found.

use std::collections::BTreeMap;

use aws_config::SdkConfig;
use clap::Args;
use coordinator::leftover::{
    CopiedGroupName, KEEP_TAG, KeepReason, Objection, Quarantined, ScalingGroup, TooLate, earliest,
    read, too_late,
};
use coordinator_aws::auto_scaling::{AutoScaling, Change};
use coordinator_aws::clients::Clock;

use super::printable::{line, lines};
use super::{Ended, Outcome, connection};

#[derive(Debug, Args)]
pub(super) struct Keep {
    /// The Auto Scaling group, `CodeDeploy_<deployment group>_d-…`.
    group: String,
    /// Why it is kept, for whoever finds it: up to 256 letters, digits, blanks and + - = . _ : / @.
    #[arg(long)]
    reason: String,
}

#[derive(Debug, Args)]
pub(super) struct Release {
    /// The Auto Scaling group, `CodeDeploy_<deployment group>_d-…`.
    group: String,
}

pub(super) fn keep(Keep { group, reason }: &Keep) -> Outcome {
    // What is wrong with the words is said before anything is asked of AWS.
    if let Err(trouble) = asked(group).and_then(|()| given(reason)) {
        return trouble;
    }
    let kept = connection::run("look for the group in", async |config| {
        keep_group(config, group, reason).await
    });
    kept.unwrap_or_else(|trouble| trouble)
}

pub(super) fn release(Release { group }: &Release) -> Outcome {
    if let Err(trouble) = asked(group) {
        return trouble;
    }
    let released = connection::run("look for the group in", async |config| {
        release_group(config, group).await
    });
    released.unwrap_or_else(|trouble| trouble)
}

/// Keeps a group as `pointsman keep` does, over the connections of `config`.
pub async fn keep_group(config: &SdkConfig, group: &str, reason: &str) -> Outcome {
    let kept = async {
        asked(group)?;
        let reason = given(reason)?;
        Groups::new(config).keep(group, &reason).await
    };
    printable(kept.await)
}

/// Releases a group as `pointsman release` does, over the connections of `config`.
pub async fn release_group(config: &SdkConfig, group: &str) -> Outcome {
    let released = async {
        asked(group)?;
        Groups::new(config).release(group).await
    };
    printable(released.await)
}

fn printable(outcome: Result<Outcome, Outcome>) -> Outcome {
    let Outcome {
        ended,
        said,
        complaint,
    } = outcome.unwrap_or_else(|trouble| trouble);
    Outcome {
        ended,
        said: lines(&said),
        complaint: lines(&complaint),
    }
}

/// Only a copy is ever deleted, so nothing else has to be kept.
fn asked(group: &str) -> Result<(), Outcome> {
    if CopiedGroupName::parse(group).is_some() {
        return Ok(());
    }
    let fault = Objection::NotACopy {
        group: group.to_owned(),
    };
    let said = format!("{fault}; Pointsman deletes no such group");
    Err(Outcome::not_done(line(&said)))
}

fn given(reason: &str) -> Result<KeepReason, Outcome> {
    KeepReason::parse(reason).map_err(|fault| Outcome::not_done(line(&fault.to_string())))
}

/// The groups of an account, for a command's use.
struct Groups {
    auto_scaling: AutoScaling,
    clock: Clock,
}

impl Groups {
    fn new(config: &SdkConfig) -> Self {
        let clients = connection::clients(config);
        Self {
            auto_scaling: AutoScaling::new(&clients),
            clock: clients.clock(),
        }
    }

    async fn keep(&self, name: &str, reason: &KeepReason) -> Result<Outcome, Outcome> {
        let before = self.changeable(name).await?;
        let old = before.tags.get(KEEP_TAG);
        let wanted = reason.as_str();
        if old.is_some_and(|old| old == wanted) {
            let said = format!("{name} is kept already, with this reason; nothing was changed");
            return Ok(kept(&said, &before));
        }
        let tags = BTreeMap::from([(KEEP_TAG.to_owned(), wanted.to_owned())]);
        let change = self.auto_scaling.tag(name, &tags).await;
        let needs = "whoever keeps groups needs autoscaling:CreateOrUpdateTags on them";
        made(
            name,
            change.map_err(|error| connection::unanswered(&error, needs))?,
        )?;
        let after = self.found(name).await?;
        let found = after.tags.get(KEEP_TAG);
        if found.is_none_or(|found| found != wanted) {
            return Err(disagrees(name, found));
        }
        let was = old.map_or("it carried no such tag before".to_owned(), |old| {
            format!("the tag said {old:?} before")
        });
        let said = format!(
            "{name} is kept: it is not deleted while it carries the tag {KEEP_TAG} = {wanted:?}; \
             {was}"
        );
        Ok(kept(&said, &after))
    }

    async fn release(&self, name: &str) -> Result<Outcome, Outcome> {
        let before = self.changeable(name).await?;
        let Some(old) = before.tags.get(KEEP_TAG) else {
            let said = format!("{name} carries no tag {KEEP_TAG}; nothing was changed");
            return Ok(self.released(&said, &before));
        };
        let change = self.auto_scaling.untag(name, &[KEEP_TAG.to_owned()]).await;
        let needs = "whoever releases groups needs autoscaling:DeleteTags on them";
        made(
            name,
            change.map_err(|error| connection::unanswered(&error, needs))?,
        )?;
        let after = self.found(name).await?;
        if let Some(found) = after.tags.get(KEEP_TAG) {
            return Err(disagrees(name, Some(found)));
        }
        let said = format!("{name} is released: it carried the tag {KEEP_TAG} = {old:?}");
        Ok(self.released(&said, &after))
    }

    fn released(&self, what: &str, group: &ScalingGroup) -> Outcome {
        let earliest = earliest(group, self.clock.now());
        Outcome::well(format!(
            "{what}\nIf nothing else stands against it, {earliest}; `pointsman leftovers` lists \
             what does"
        ))
    }

    /// The group, if its tags can be changed.
    async fn changeable(&self, name: &str) -> Result<ScalingGroup, Outcome> {
        let group = self.found(name).await?;
        match too_late(&group) {
            Some(late @ TooLate::BeingDeleted { .. }) => Err(Outcome::not_done(format!(
                "{name}: {late}; nothing was changed"
            ))),
            Some(TooLate::Shrunk { .. }) | None => Ok(group),
        }
    }

    async fn found(&self, name: &str) -> Result<ScalingGroup, Outcome> {
        let needs = "it takes autoscaling:DescribeAutoScalingGroups, and \
                     autoscaling:DescribeWarmPool where a group has a warm pool";
        let read = self.auto_scaling.group(name).await;
        let group = read.map_err(|error| connection::unanswered(&error, needs))?;
        group.ok_or_else(|| gone(name))
    }
}

/// What is told of a group that carries the tag. That its instances go nevertheless makes the
/// answer no.
fn kept(what: &str, group: &ScalingGroup) -> Outcome {
    let mut said = vec![what.to_owned()];
    if let Ok(Some(Quarantined { at, .. })) = read(group) {
        said.push(format!(
            "It stays in quarantine, as it is since {at:.0}: what is suspended there stays suspended"
        ));
    }
    said.push("`pointsman release` takes that back".to_owned());
    let said = said.join("\n");
    match too_late(group) {
        None => Outcome::well(said),
        Some(late) => Outcome {
            complaint: format!("This comes too late for instances of the group: {late}"),
            ..Outcome::said(Ended::Badly, said)
        },
    }
}

fn made(name: &str, change: Change) -> Result<(), Outcome> {
    match change {
        Change::Made => Ok(()),
        Change::Gone => Err(gone(name)),
        Change::Later => Err(Outcome::not_done(format!(
            "Auto Scaling is busy with {name}, and nothing was changed; try again in a minute"
        ))),
    }
}

fn gone(name: &str) -> Outcome {
    Outcome::not_done(format!(
        "there is no Auto Scaling group {name} in this account and region"
    ))
}

/// Somebody else changed the tag meanwhile, or what is read lags behind.
fn disagrees(name: &str, found: Option<&String>) -> Outcome {
    let found = found.map_or("does not carry the tag".to_owned(), |value| {
        format!("carries the tag with {value:?}")
    });
    Outcome::not_done(format!(
        "Auto Scaling took the change, but {name} {found} when it is read again; see who else \
         changes {KEEP_TAG}, and repeat this"
    ))
}
