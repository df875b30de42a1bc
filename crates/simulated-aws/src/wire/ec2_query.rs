//! ec2Query: a form in, XML out, with names of its own.
//!
//! The Smithy specification of ec2Query: lists are `Name.1`, without `member`; answers have no
//! `Result` around them and `item`s in their lists; errors stand in `Response`/`Errors`. What a
//! member is called on the wire is Amazon EC2's model (`locationName`); those that the model uses
//! and that are not simply their API name with a small first letter are in [`WRITTEN`] and [`READ`].

use serde_json::{Map, Value};

use super::ApiError;
use super::query::{self, Lists};

/// API names of answers that are written otherwise.
const WRITTEN: [(&str, &str); 7] = [
    ("Instances", "instancesSet"),
    ("Ipv6Addresses", "ipv6AddressesSet"),
    ("NetworkInterfaces", "networkInterfaceSet"),
    ("PrivateIpAddresses", "privateIpAddressesSet"),
    ("Reservations", "reservationSet"),
    ("State", "instanceState"),
    ("Tags", "tagSet"),
];

/// Names in forms that the API calls otherwise.
const READ: [(&str, &str); 3] = [
    ("Filter", "Filters"),
    ("InstanceId", "InstanceIds"),
    ("Value", "Values"),
];

/// The operation and its input document, by the names of the API.
pub(super) fn operation(body: &[u8]) -> Result<(String, Value), ApiError> {
    let form = query::read(body, Lists::Bare)?;
    Ok((form.action, renamed(form.input)))
}

fn renamed(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields = fields.into_iter().map(|(name, field)| {
                let known = READ.iter().find(|(read, _)| *read == name);
                let name = known.map_or(name, |(_, api)| (*api).to_owned());
                (name, renamed(field))
            });
            Value::Object(fields.collect::<Map<_, _>>())
        }
        Value::Array(members) => Value::Array(members.into_iter().map(renamed).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}

/// `<ActionResponse><requestId>…</requestId>…</ActionResponse>`.
pub(super) fn answer(action: &str, result: &Value, request_id: &str) -> String {
    let mut xml = format!(
        "<{action}Response xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">\
         <requestId>{request_id}</requestId>"
    );
    query::write(&mut xml, result, &|name| location(name), "item");
    xml + &format!("</{action}Response>")
}

fn location(name: &str) -> String {
    if let Some((_, written)) = WRITTEN.iter().find(|(api, _)| *api == name) {
        return (*written).to_owned();
    }
    let mut letters = name.chars();
    let first = letters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}

/// ec2Query's error document.
pub(super) fn error(error: &ApiError, request_id: &str) -> String {
    let mut xml = "<Response><Errors><Error><Code>".to_owned();
    query::escape(&mut xml, &error.code);
    xml.push_str("</Code><Message>");
    query::escape(&mut xml, &error.message);
    xml + &format!("</Message></Error></Errors><RequestID>{request_id}</RequestID></Response>")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Time;
    use serde_json::json;

    #[test]
    fn reads_lists_without_member_by_the_names_of_the_api() {
        let form = b"Action=DescribeInstances&Version=2016-11-15&InstanceId.2=i-2&InstanceId.1=i-1\
                     &Filter.1.Name=tag:a&Filter.1.Value.1=x&MaxResults=5";
        let (action, input) = operation(form).expect("is well formed");
        assert_eq!(action, "DescribeInstances");
        assert_eq!(
            input,
            json!({
                "InstanceIds": ["i-1", "i-2"],
                "Filters": [{"Name": "tag:a", "Values": ["x"]}],
                "MaxResults": "5",
            })
        );
    }

    #[test]
    fn writes_items_times_and_errors_as_amazon_ec2_does() {
        let result = json!({
            "Reservations": [{"Instances": [{"InstanceId": "i-1", "LaunchTime": Time::START}]}],
            "NextToken": null,
        });
        assert_eq!(
            answer("DescribeInstances", &result, "r"),
            "<DescribeInstancesResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">\
             <requestId>r</requestId><reservationSet><item><instancesSet><item>\
             <instanceId>i-1</instanceId><launchTime>2026-01-15T09:00:00.000Z</launchTime>\
             </item></instancesSet></item></reservationSet></DescribeInstancesResponse>"
        );
        let refused = ApiError::new("InvalidInstanceID.NotFound", "there is no <i-1>");
        assert_eq!(
            error(&refused, "r"),
            "<Response><Errors><Error><Code>InvalidInstanceID.NotFound</Code>\
             <Message>there is no &lt;i-1&gt;</Message></Error></Errors>\
             <RequestID>r</RequestID></Response>"
        );
    }
}
