//! rpcv2Cbor: the path names the operation, the body is one CBOR map.

use ciborium::Value as Cbor;
use serde_json::{Map, Number, Value};

use super::{ApiError, Protocol, Request, refused};
use crate::time::TIME_KEY;

/// CBOR's tag for seconds since the epoch (RFC 8949, section 3.4.2).
const EPOCH_TAG: u64 = 1;

/// The operation and its input document, from `/service/NAME/operation/OPERATION`.
pub(super) fn operation(request: &Request) -> Result<(String, Value), ApiError> {
    let action = if let ["", "service", _, "operation", action] =
        request.path.split('/').collect::<Vec<_>>().as_slice()
    {
        (*action).to_owned()
    } else {
        return Err(refused::operation(Protocol::Cbor, &request.path));
    };
    if request.body.is_empty() {
        return Ok((action, Value::Object(Map::new())));
    }
    let body: Cbor = ciborium::from_reader(request.body.as_slice())
        .map_err(|error| ApiError::new("SerializationException", error.to_string()))?;
    Ok((action, from_cbor(body)?))
}

/// The document as CBOR.
pub(super) fn body(document: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(&to_cbor(document), &mut bytes).expect("a Vec takes every byte");
    bytes
}

fn from_cbor(value: Cbor) -> Result<Value, ApiError> {
    let malformed =
        |what: &str| ApiError::new("SerializationException", format!("{what} in the body"));
    Ok(match value {
        Cbor::Null => Value::Null,
        Cbor::Bool(value) => Value::Bool(value),
        Cbor::Text(text) => Value::String(text),
        Cbor::Integer(number) => i64::try_from(number)
            .map(|number| Value::Number(number.into()))
            .map_err(|_| malformed("a number out of range"))?,
        Cbor::Float(number) => Number::from_f64(number)
            .map(Value::Number)
            .ok_or_else(|| malformed("not a number"))?,
        Cbor::Tag(EPOCH_TAG, seconds) => from_cbor(*seconds)?,
        Cbor::Array(members) => Value::Array(
            members
                .into_iter()
                .map(from_cbor)
                .collect::<Result<_, _>>()?,
        ),
        Cbor::Map(fields) => {
            let mut document = Map::new();
            for (name, field) in fields {
                let Cbor::Text(name) = name else {
                    return Err(malformed("a key that is no text"));
                };
                document.insert(name, from_cbor(field)?);
            }
            Value::Object(document)
        }
        _ => return Err(malformed("a value of a kind that no operation takes")),
    })
}

fn to_cbor(value: &Value) -> Cbor {
    match value {
        Value::Null => Cbor::Null,
        Value::Bool(value) => Cbor::Bool(*value),
        Value::String(text) => Cbor::Text(text.clone()),
        Value::Number(number) => match number.as_i64() {
            Some(integer) => Cbor::Integer(integer.into()),
            None => Cbor::Float(number.as_f64().unwrap_or(f64::NAN)),
        },
        Value::Array(members) => Cbor::Array(members.iter().map(to_cbor).collect()),
        Value::Object(fields) => match fields.get(TIME_KEY).and_then(Value::as_u64) {
            Some(milliseconds) => Cbor::Tag(
                EPOCH_TAG,
                Box::new(Cbor::Float(super::answer::seconds(milliseconds))),
            ),
            None => Cbor::Map(
                fields
                    .iter()
                    .filter(|(_, field)| !field.is_null())
                    .map(|(name, field)| (Cbor::Text(name.clone()), to_cbor(field)))
                    .collect(),
            ),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Time;
    use serde_json::json;

    #[test]
    fn a_document_survives_the_way_there_and_back_and_times_become_seconds() {
        let document = json!({"Names": ["a"], "Count": 3, "Share": 0.5, "At": Time::START});
        let request = Request {
            path: "/service/GraniteServiceVersion20100801/operation/DescribeAlarms".into(),
            body: body(&document),
            ..Request::default()
        };
        let (action, input) = operation(&request).expect("is well formed");
        assert_eq!(action, "DescribeAlarms");
        assert_eq!(
            input,
            json!({"Names": ["a"], "Count": 3, "Share": 0.5, "At": 1_768_467_600.0})
        );
    }

    #[test]
    fn refuses_noise() {
        let path = "/service/S/operation/O".to_owned();
        let request = Request {
            path,
            body: vec![0xff; 9],
            ..Request::default()
        };
        assert_eq!(
            operation(&request).expect_err("is noise").code,
            "SerializationException"
        );
    }
}
