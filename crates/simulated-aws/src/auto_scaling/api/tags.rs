//! Operations on the tags of groups.

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::{Group, changeable};
use crate::World;
use crate::call::Call;
use crate::wire::{self, Answer, ApiError, Paging};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct TagsRequest {
    #[serde(deserialize_with = "wire::list")]
    tags: Vec<Tag>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Tag {
    resource_id: String,
    resource_type: String,
    key: String,
    value: Option<String>,
    #[serde(default, deserialize_with = "wire::truth")]
    propagate_at_launch: Option<bool>,
}

/// The most tags that a group has (User Guide, "Tag Auto Scaling groups and instances").
const TAGS_MAX: usize = 50;
/// The longest key, and the longest value, in letters (API Reference, `Tag`).
const KEY_MAX: usize = 128;
const VALUE_MAX: usize = 256;

/// All tags of a request are of one group here; AWS takes several, and asks IAM about each.
fn asked(call: &Call) -> Result<(String, Vec<Tag>), ApiError> {
    let invalid = |message: String| Err(ApiError::new("ValidationError", message));
    let request: TagsRequest = call.request()?;
    let Some(first) = request.tags.first() else {
        return invalid("at least one tag must be specified".to_owned());
    };
    let group = first.resource_id.clone();
    for tag in &request.tags {
        if tag.resource_type != "auto-scaling-group" {
            return invalid(format!(
                "ResourceType {} is not modelled",
                tag.resource_type
            ));
        }
        if tag.resource_id != group {
            return invalid("tags of several groups at once are not modelled".to_owned());
        }
        let length = tag.key.chars().count();
        let value = tag.value.as_deref().unwrap_or_default();
        if length == 0 || length > KEY_MAX || value.chars().count() > VALUE_MAX {
            return invalid(format!(
                "a tag's key has 1 to {KEY_MAX} letters, its value at most {VALUE_MAX}"
            ));
        }
        if tag.key.starts_with("aws:") {
            return invalid("The tag key prefix aws: is reserved".to_owned());
        }
    }
    Ok((group, request.tags))
}

pub(super) fn create_or_update(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let (name, tags) = asked(call)?;
    let group = changeable(world, &name)?;
    let known = &group.settings.tags;
    let new = tags.iter().filter(|tag| !known.contains_key(&tag.key));
    if known.len() + new.count() > TAGS_MAX {
        let message = format!("a group has at most {TAGS_MAX} tags");
        return Err(ApiError::new("LimitExceeded", message));
    }
    for tag in tags {
        if tag.propagate_at_launch.unwrap_or_default() {
            group.not_for_instances.remove(&tag.key);
        } else {
            group.not_for_instances.insert(tag.key.clone());
        }
        let value = tag.value.unwrap_or_default();
        group.settings.tags.insert(tag.key, value);
    }
    Ok(Answer::empty())
}

/// Tags are deleted by their keys; whether a value that is given has to be the tag's is documented
/// nowhere. One that is not there is no error.
pub(super) fn delete(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let (name, tags) = asked(call)?;
    let group = changeable(world, &name)?;
    for tag in tags {
        group.settings.tags.remove(&tag.key);
        group.not_for_instances.remove(&tag.key);
    }
    Ok(Answer::empty())
}

/// The tags of a group (API Reference, `TagDescription`).
pub(super) fn of(group: &Group) -> Vec<Value> {
    let tags = group.settings.tags.iter();
    tags.map(|(key, value)| {
        json!({
            "ResourceId": group.settings.name,
            "ResourceType": "auto-scaling-group",
            "Key": key,
            "Value": value,
            "PropagateAtLaunch": !group.not_for_instances.contains(key),
        })
    })
    .collect()
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct DescribeTagsRequest {
    #[serde(default, deserialize_with = "wire::list")]
    filters: Vec<Filter>,
    #[serde(default, deserialize_with = "wire::number")]
    max_records: Option<usize>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Filter {
    name: String,
    #[serde(default, deserialize_with = "wire::list")]
    values: Vec<String>,
}

const PAGING: Paging = Paging {
    default: 50,
    max: 100,
    size_code: "ValidationError",
    token_code: "InvalidNextToken",
};

/// API Reference, `DescribeTags` and `Filter`.
pub(super) fn describe(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let request: DescribeTagsRequest = call.request()?;
    let fields: Vec<(&str, Vec<String>)> = request
        .filters
        .into_iter()
        .map(|filter| {
            let field = match filter.name.as_str() {
                "auto-scaling-group" => "ResourceId",
                "key" => "Key",
                "value" => "Value",
                other => {
                    let message = format!("the filter {other} does not exist or is not modelled");
                    return Err(ApiError::new("ValidationError", message));
                }
            };
            Ok((field, filter.values))
        })
        .collect::<Result<_, _>>()?;
    let tags = world.auto_scaling.groups().flat_map(of);
    let is_asked = |tag: &Value| {
        fields.iter().all(|(field, values)| {
            let found = tag[*field].as_str().unwrap_or_default();
            values.iter().any(|value| value == found)
        })
    };
    // Neither part of a token may be told from where the other begins: it is nobody's to read.
    let keyed = tags.filter(is_asked).map(|tag| {
        let token = format!("{}\u{1f}{}", tag["ResourceId"], tag["Key"]);
        (token, tag)
    });
    let (page, next) = PAGING.page(
        keyed.collect(),
        |(token, _)| token,
        request.max_records,
        request.next_token.as_deref(),
    )?;
    let page: Vec<Value> = page.into_iter().map(|(_, tag)| tag).collect();
    Ok(Answer::Document(json!({"Tags": page, "NextToken": next})))
}
