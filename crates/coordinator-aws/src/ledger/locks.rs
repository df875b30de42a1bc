//! Takes, proves, takes over, releases and leaves to a person the locks of I7.
//!
//! One item a resource, under the key that `coordinator::locks` gives it. Every change is made on
//! the condition that the lock is as its maker thinks, so whoever comes late changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update};
use coordinator::failure::Failure;
use coordinator::locks::{Expected, Lock, LockLost, Phase, Resource, SORT, request_token};
use jiff::Timestamp;

use super::item::{lock_of, named, number, partition, placeholder, text};
use super::{Ledger, PARTITION_KEY, SORT_KEY};
use crate::errors::{
    AwsError, Meaning, classified, classified_transaction, meaning, unmet_condition,
};

/// What came of taking locks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taking {
    /// All of them are the owner's; the generation of each.
    Taken(BTreeMap<Resource, u64>),
    /// None was taken, because this one is not free. It may be the owner's own that waits for a
    /// person.
    Held {
        /// The first that is not free.
        resource: Resource,
        /// Its lock.
        lock: Lock,
    },
}

/// What came of taking over a lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TakingOver {
    /// It is the new owner's, with this generation.
    TakenOver {
        /// One more than was expected.
        generation: u64,
    },
    /// It is not as it was expected any more: this is what it is.
    Held {
        /// Somebody else's, of another generation, or waiting for a person.
        lock: Lock,
    },
    /// Nobody holds it any more: it can be taken.
    Gone,
}

/// Why a step may not change anything now.
#[derive(Debug, thiserror::Error)]
pub enum Unproved {
    /// A lock is not its own.
    #[error(transparent)]
    Lost(#[from] LockLost),
    /// Whose it is could not be read.
    #[error(transparent)]
    Unknown(#[from] AwsError),
}

impl From<Unproved> for Failure {
    fn from(unproved: Unproved) -> Self {
        match unproved {
            Unproved::Lost(lost) => lost.into(),
            Unproved::Unknown(error) => error.into(),
        }
    }
}

/// Free, or the owner's already.
const MAY_BE_TAKEN: &str = "attribute_not_exists(pk) OR #owner = :owner AND #phase = :held";
/// What is the owner's already stays as it is: a step that runs again takes nothing anew.
const TAKES: &str = "SET #owner = :owner, #phase = if_not_exists(#phase, :held), \
                     #generation = if_not_exists(#generation, :first), \
                     #taken_at = if_not_exists(#taken_at, :now), \
                     #deployment = if_not_exists(#deployment, :deployment), \
                     #schema = if_not_exists(#schema, :schema)";
const IS_AS_EXPECTED: &str =
    "#owner = :expected_owner AND #generation = :expected_generation AND #phase = :held";
const TAKES_OVER: &str = "SET #owner = :owner, #generation = :generation, #taken_at = :now, \
                          #deployment = :deployment";
const IS_MINE: &str = "#owner = :owner AND #phase = :held";

impl Ledger {
    /// Takes the locks on all of these resources, or none: at most 100, the writes of one
    /// transaction. Done twice it is done once.
    pub async fn take(
        &self,
        resources: &[Resource],
        owner: &str,
        deployment: &str,
        now: Timestamp,
    ) -> Result<Taking, AwsError> {
        let resources: BTreeSet<&Resource> = resources.iter().collect();
        if resources.is_empty() {
            return Ok(Taking::Taken(BTreeMap::new()));
        }
        let token = request_token(resources.iter().copied(), owner, deployment, now);
        let mut transaction = self
            .client
            .transact_write_items()
            .client_request_token(token);
        for resource in &resources {
            let update = self.taking(resource, owner, deployment, now);
            let write = TransactWriteItem::builder().update(update).build();
            transaction = transaction.transact_items(write);
        }
        let Err(error) = transaction.send().await else {
            return self.taken(resources, owner).await;
        };
        let unmet = unmet_condition(&error);
        let held = unmet.and_then(|(index, reason)| {
            let resource = resources.iter().nth(index)?;
            Some((*resource, reason.item()?))
        });
        match held {
            Some((resource, item)) => Ok(Taking::Held {
                lock: lock_of("TransactWriteItems", resource, |name| item.get(name))?,
                resource: resource.clone(),
            }),
            None => Err(classified_transaction(named(resources), &error)),
        }
    }

    /// Proves that all of these locks are the owner's, as of now: every step that changes something
    /// does so first. Between proof and change a moment remains in which a lock may be taken over;
    /// that nothing is taken over from an owner that runs keeps it empty but for a redrive.
    pub async fn prove(&self, resources: &[Resource], owner: &str) -> Result<(), Unproved> {
        for resource in resources {
            let holder = self.holder(resource).await?;
            if !holder.as_ref().is_some_and(|lock| lock.is_held_by(owner)) {
                let resource = resource.clone();
                return Err(LockLost { resource, holder }.into());
            }
        }
        Ok(())
    }

    /// The lock on a resource, as of now; `None`: nobody holds it.
    pub async fn holder(&self, resource: &Resource) -> Result<Option<Lock>, AwsError> {
        let read = self
            .client
            .get_item()
            .table_name(&self.table)
            .key(PARTITION_KEY, partition(resource))
            .key(SORT_KEY, text(SORT))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| classified("GetItem", named([resource]), &error))?;
        match read.item() {
            Some(item) => lock_of("GetItem", resource, |name| item.get(name)).map(Some),
            None => Ok(None),
        }
    }

    /// Takes over the lock on a resource, if it is still as it was when that was decided. Done twice
    /// it is done once.
    pub async fn take_over(
        &self,
        resource: &Resource,
        expected: &Expected,
        owner: &str,
        deployment: &str,
        now: Timestamp,
    ) -> Result<TakingOver, AwsError> {
        let generation = expected.generation.saturating_add(1);
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .key(PARTITION_KEY, partition(resource))
            .key(SORT_KEY, text(SORT))
            .update_expression(TAKES_OVER)
            .condition_expression(IS_AS_EXPECTED)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .set_expression_attribute_names(Some(
                ["owner", "generation", "phase", "taken_at", "deployment"]
                    .map(placeholder)
                    .into(),
            ))
            .expression_attribute_values(":expected_owner", text(&expected.owner))
            .expression_attribute_values(":expected_generation", number(expected.generation))
            .expression_attribute_values(":held", text(Phase::Held.as_str()))
            .expression_attribute_values(":owner", text(owner))
            .expression_attribute_values(":generation", number(generation))
            .expression_attribute_values(":now", text(&now.to_string()))
            .expression_attribute_values(":deployment", text(deployment));
        let Err(error) = update.send().await else {
            return Ok(TakingOver::TakenOver { generation });
        };
        if meaning(&error) != Meaning::AlreadyDone {
            return Err(classified("UpdateItem", named([resource]), &error));
        }
        let Some(lock) = held_instead(resource, &error)? else {
            return Ok(TakingOver::Gone);
        };
        if lock.is_held_by(owner) && lock.generation == generation {
            return Ok(TakingOver::TakenOver { generation });
        }
        Ok(TakingOver::Held { lock })
    }

    /// Releases those of these locks that are the owner's. What is gone or somebody else's, and what
    /// waits for a person, stays as it is.
    pub async fn release(&self, resources: &[Resource], owner: &str) -> Result<(), AwsError> {
        for resource in resources {
            let sent = self
                .client
                .delete_item()
                .table_name(&self.table)
                .key(PARTITION_KEY, partition(resource))
                .key(SORT_KEY, text(SORT))
                .condition_expression(IS_MINE)
                .set_expression_attribute_names(Some(["owner", "phase"].map(placeholder).into()))
                .expression_attribute_values(":owner", text(owner))
                .expression_attribute_values(":held", text(Phase::Held.as_str()))
                .send()
                .await;
            match sent {
                Ok(_deleted) => {}
                Err(error) if meaning(&error) == Meaning::AlreadyDone => {}
                Err(error) => return Err(classified("DeleteItem", named([resource]), &error)),
            }
        }
        Ok(())
    }

    /// Leaves the owner's locks to a person: it can neither finish nor go back. Nothing here takes
    /// or releases them any more.
    pub async fn leave_to_person(
        &self,
        resources: &[Resource],
        owner: &str,
    ) -> Result<(), Unproved> {
        for resource in resources {
            let sent = self
                .client
                .update_item()
                .table_name(&self.table)
                .key(PARTITION_KEY, partition(resource))
                .key(SORT_KEY, text(SORT))
                .update_expression("SET #phase = :needs_person")
                .condition_expression("#owner = :owner")
                .return_values_on_condition_check_failure(
                    ReturnValuesOnConditionCheckFailure::AllOld,
                )
                .set_expression_attribute_names(Some(["owner", "phase"].map(placeholder).into()))
                .expression_attribute_values(":owner", text(owner))
                .expression_attribute_values(":needs_person", text(Phase::NeedsPerson.as_str()))
                .send()
                .await;
            let Err(error) = sent else { continue };
            if meaning(&error) != Meaning::AlreadyDone {
                return Err(classified("UpdateItem", named([resource]), &error).into());
            }
            let holder = held_instead(resource, &error)?;
            let resource = resource.clone();
            return Err(LockLost { resource, holder }.into());
        }
        Ok(())
    }

    fn taking(&self, resource: &Resource, owner: &str, deployment: &str, now: Timestamp) -> Update {
        let names = [
            "owner",
            "generation",
            "phase",
            "taken_at",
            "deployment",
            "schema",
        ];
        Update::builder()
            .table_name(&self.table)
            .key(PARTITION_KEY, partition(resource))
            .key(SORT_KEY, text(SORT))
            .update_expression(TAKES)
            .condition_expression(MAY_BE_TAKEN)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .set_expression_attribute_names(Some(names.map(placeholder).into()))
            .expression_attribute_values(":owner", text(owner))
            .expression_attribute_values(":held", text(Phase::Held.as_str()))
            .expression_attribute_values(":first", number(1))
            .expression_attribute_values(":now", text(&now.to_string()))
            .expression_attribute_values(":deployment", text(deployment))
            .expression_attribute_values(":schema", number(1))
            .build()
            .expect("table, key and expression are set above")
    }

    /// What the transaction left: generations are known to the table alone.
    async fn taken(&self, resources: BTreeSet<&Resource>, owner: &str) -> Result<Taking, AwsError> {
        let mut generations = BTreeMap::new();
        for resource in resources {
            let Some(lock) = self.holder(resource).await? else {
                return Err(AwsError::Incomplete {
                    operation: "TransactWriteItems",
                    resource: named([resource]),
                    missing: "the lock that it took",
                });
            };
            let resource = resource.clone();
            if !lock.is_held_by(owner) {
                return Ok(Taking::Held { resource, lock });
            }
            generations.insert(resource, lock.generation);
        }
        Ok(Taking::Taken(generations))
    }
}

/// The lock that stood against taking it over; `None` if there is none.
fn held_instead(
    resource: &Resource,
    error: &SdkError<UpdateItemError>,
) -> Result<Option<Lock>, AwsError> {
    let item = match error.as_service_error() {
        Some(UpdateItemError::ConditionalCheckFailedException(failed)) => failed.item(),
        _ => None,
    };
    item.map(|item| lock_of("UpdateItem", resource, |name| item.get(name)))
        .transpose()
}
