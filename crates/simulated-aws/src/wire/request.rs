//! From an HTTP request to the service, the operation, the caller and the input document.

use serde_json::{Map, Value, json};

use super::query::{self, Lists};
use super::{ApiError, Protocol, Request, Service, cbor, ec2_query, refused};
use crate::call::Understood;

/// Reads a request, or says in AWS's own words why it cannot be read.
pub(crate) fn understand(request: &Request) -> Result<Understood, (Protocol, ApiError)> {
    let protocol = protocol(request);
    let fail = |error: ApiError| (protocol, error);
    let credential = credential(request, protocol).map_err(fail)?;
    let mut service = Service::ALL
        .into_iter()
        .rfind(|service| service.signing_name() == credential.service)
        .ok_or_else(|| fail(refused::scope(protocol, credential.service)))?;
    let protocol = if (protocol, service) == (Protocol::Query, Service::Ec2) {
        Protocol::Ec2Query
    } else {
        protocol
    };
    let fail = |error: ApiError| (protocol, error);
    let (action, input) = match protocol {
        Protocol::Json => json(service, request),
        Protocol::Query => form(&mut service, request),
        Protocol::Ec2Query => ec2_query::operation(&request.body),
        Protocol::Rest => rest(request),
        Protocol::Cbor => cbor::operation(request),
    }
    .map_err(fail)?;
    Ok(Understood {
        caller: credential.access_key.to_owned(),
        session: request.header("x-amz-security-token").map(str::to_owned),
        service,
        action,
        input,
        protocol,
    })
}

/// Both versions of Elastic Load Balancing sign with one name; the form says which is meant.
fn form(service: &mut Service, request: &Request) -> Result<(String, Value), ApiError> {
    let form = query::read(&request.body, Lists::Member)?;
    if *service == Service::LoadBalancing && form.version == CLASSIC_LOAD_BALANCING {
        *service = Service::ClassicLoadBalancing;
    }
    Ok((form.action, form.input))
}

/// The version of the API of Classic Load Balancers.
const CLASSIC_LOAD_BALANCING: &str = "2012-06-01";

struct Credential<'a> {
    access_key: &'a str,
    service: &'a str,
}

/// `AWS4-HMAC-SHA256 Credential=KEY/20260115/eu-central-1/codedeploy/aws4_request, …`
/// (AWS Signature Version 4). The signature itself is not verified: callers here are not hostile.
fn credential(request: &Request, protocol: Protocol) -> Result<Credential<'_>, ApiError> {
    let header = request
        .header("authorization")
        .ok_or_else(|| refused::unsigned(protocol))?;
    let scope = header
        .strip_prefix("AWS4-HMAC-SHA256 ")
        .filter(|rest| rest.contains("SignedHeaders=") && rest.contains("Signature="))
        .and_then(|rest| rest.split_once("Credential=")?.1.split(',').next())
        .map(|scope| scope.trim().rsplit('/').collect::<Vec<_>>());
    match scope.as_deref() {
        Some(["aws4_request", service, _region, _date, access_key]) if !access_key.is_empty() => {
            Ok(Credential {
                access_key,
                service,
            })
        }
        Some(_) | None => Err(refused::incomplete(protocol, header)),
    }
}

fn protocol(request: &Request) -> Protocol {
    let content_type = request.header("content-type").unwrap_or_default();
    if request.header("smithy-protocol").is_some() {
        Protocol::Cbor
    } else if request.header("x-amz-target").is_some() {
        Protocol::Json
    } else if content_type.starts_with("application/x-www-form-urlencoded") {
        Protocol::Query
    } else {
        Protocol::Rest
    }
}

fn json(service: Service, request: &Request) -> Result<(String, Value), ApiError> {
    let target = request.header("x-amz-target").unwrap_or_default();
    let action = service
        .target_prefix()
        .and_then(|prefix| target.strip_prefix(prefix)?.strip_prefix('.'))
        .filter(|action| !action.is_empty())
        .ok_or_else(|| refused::operation(Protocol::Json, target))?
        .to_owned();
    let body = if request.body.is_empty() {
        b"{}".as_slice()
    } else {
        &request.body
    };
    let input: Map<String, Value> = serde_json::from_slice(body)
        .map_err(|error| ApiError::new("SerializationException", error.to_string()))?;
    Ok((action, Value::Object(input)))
}

/// Lambda's routes (AWS Lambda API Reference), the only restJson1 service in use.
fn rest(request: &Request) -> Result<(String, Value), ApiError> {
    let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
    let segments: Vec<String> = path.split('/').skip(1).map(query::decode).collect();
    let mut input: Map<String, Value> = query::pairs(query.as_bytes())
        .map(|(name, value)| (name, Value::String(value)))
        .collect();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let action = match (request.method.as_str(), segments.as_slice()) {
        ("POST", ["2015-03-31", "functions", function, "invocations"]) => {
            input.insert("FunctionName".into(), json!(function));
            let kind = request
                .header("x-amz-invocation-type")
                .unwrap_or("RequestResponse");
            input.insert("InvocationType".into(), json!(kind));
            let payload = std::str::from_utf8(&request.body).map_err(|error| {
                let message = format!("Could not parse request body into json: {error}");
                ApiError::new("InvalidRequestContentException", message)
            })?;
            input.insert("Payload".into(), json!(payload));
            "Invoke"
        }
        ("GET", ["2015-03-31", "functions", function, "configuration"]) => {
            input.insert("FunctionName".into(), json!(function));
            "GetFunctionConfiguration"
        }
        ("GET", ["2015-03-31", "functions", function, "aliases", alias]) => {
            input.insert("FunctionName".into(), json!(function));
            input.insert("Name".into(), json!(alias));
            "GetAlias"
        }
        ("PUT", ["2015-03-31", "functions", function, "aliases", alias]) => {
            let body: Map<String, Value> = serde_json::from_slice(&request.body)
                .map_err(|error| ApiError::new("SerializationException", error.to_string()))?;
            input.extend(body);
            input.insert("FunctionName".into(), json!(function));
            input.insert("Name".into(), json!(alias));
            "UpdateAlias"
        }
        _ => {
            let what = format!("{} {path}", request.method);
            return Err(refused::operation(Protocol::Rest, &what));
        }
    };
    Ok((action.to_owned(), Value::Object(input)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed(service: &str, rest: &[(&str, &str)], body: &str) -> Request {
        let credential = format!(
            "AWS4-HMAC-SHA256 Credential=answer-hook/20260115/eu-central-1/{service}/aws4_request, \
             SignedHeaders=host, Signature=00"
        );
        let mut headers = vec![("authorization".to_owned(), credential)];
        headers.extend(
            rest.iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        Request {
            method: "POST".into(),
            path: "/".into(),
            headers,
            body: body.into(),
            ..Request::default()
        }
    }

    #[test]
    fn tells_caller_service_and_operation_of_a_json_request() {
        let target = ("x-amz-target", "CodeDeploy_20141006.GetDeployment");
        let request = signed("codedeploy", &[target], r#"{"deploymentId":"d-1"}"#);
        let understood = understand(&request).expect("is well formed");
        assert_eq!(understood.caller, "answer-hook");
        assert_eq!(understood.service, Service::CodeDeploy);
        assert_eq!(understood.action, "GetDeployment");
        assert_eq!(understood.input, json!({"deploymentId": "d-1"}));
    }

    #[test]
    fn tells_an_invocation_from_its_path() {
        let mut request = signed("lambda", &[], r#"{"a":1}"#);
        request.path = "/2015-03-31/functions/shop%3A7/invocations?Qualifier=7".into();
        let understood = understand(&request).expect("is well formed");
        assert_eq!(understood.action, "Invoke");
        assert_eq!(understood.input["FunctionName"], "shop:7");
        assert_eq!(understood.input["Qualifier"], "7");
        assert_eq!(understood.input["Payload"], r#"{"a":1}"#);
    }

    #[test]
    fn a_form_says_which_load_balancing_is_meant_and_amazon_ec2_reads_its_own_way() {
        let form = ("content-type", "application/x-www-form-urlencoded");
        let cases = [
            (
                "elasticloadbalancing",
                "2012-06-01",
                Service::ClassicLoadBalancing,
            ),
            ("elasticloadbalancing", "2015-12-01", Service::LoadBalancing),
            ("autoscaling", "2011-01-01", Service::AutoScaling),
            ("ec2", "2016-11-15", Service::Ec2),
        ];
        for (name, version, service) in cases {
            let body = format!("Action=Do&Version={version}&InstanceId.1=i-1");
            let understood = understand(&signed(name, &[form], &body)).expect("is well formed");
            assert_eq!(understood.service, service);
            let (protocol, input) = if service == Service::Ec2 {
                (Protocol::Ec2Query, json!({"InstanceIds": ["i-1"]}))
            } else {
                (Protocol::Query, json!({"InstanceId": {"1": "i-1"}}))
            };
            assert_eq!((understood.protocol, understood.input), (protocol, input));
        }
        let (_, error) = understand(&signed("ec2", &[form], "A=1")).expect_err("has no action");
        assert_eq!(error.code, "MissingAction");
    }

    #[test]
    fn tells_a_change_of_an_alias_from_its_path_and_body() {
        let mut request = signed("lambda", &[], r#"{"FunctionVersion":"7","Name":"other"}"#);
        request.method = "PUT".into();
        request.path = "/2015-03-31/functions/shop/aliases/live".into();
        let understood = understand(&request).expect("is well formed");
        assert_eq!(understood.action, "UpdateAlias");
        let expected = json!({"FunctionName": "shop", "Name": "live", "FunctionVersion": "7"});
        assert_eq!(understood.input, expected);
        request.body = b"[]".to_vec();
        let (_, error) = understand(&request).expect_err("is no object");
        assert_eq!(error.code, "SerializationException");
    }

    #[test]
    fn each_protocol_is_refused_in_its_own_words() {
        let form = ("content-type", "application/x-www-form-urlencoded");
        let target = ("x-amz-target", "CodeDeploy_20141006.GetDeployment");
        let cbor = ("smithy-protocol", "rpc-v2-cbor");
        let cases = [
            (vec![form], "MissingAuthenticationToken", 403),
            (vec![target], "MissingAuthenticationTokenException", 400),
            (vec![cbor], "MissingAuthenticationTokenException", 400),
            (vec![], "MissingAuthenticationTokenException", 403),
            (
                vec![form, ("authorization", "Bearer x")],
                "IncompleteSignature",
                400,
            ),
            (
                vec![target, ("authorization", "AWS4-HMAC-SHA256 Credential=a/b")],
                "IncompleteSignatureException",
                400,
            ),
        ];
        for (headers, code, status) in cases {
            let headers = headers
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()));
            let request = Request {
                headers: headers.collect(),
                ..Request::default()
            };
            let (_, error) = understand(&request).expect_err("is not signed");
            assert_eq!((error.code.as_str(), error.status), (code, status));
        }
    }

    #[test]
    fn answers_what_it_cannot_read_as_aws_does() {
        let unsigned = Request::default();
        let target = ("x-amz-target", "CodeDeploy_20141006.GetDeployment");
        let cases = [
            (unsigned, "MissingAuthenticationTokenException"),
            (
                signed("codedeploy", &[target], "{"),
                "SerializationException",
            ),
            (
                signed("codedeploy", &[target], "[]"),
                "SerializationException",
            ),
            (
                signed("quantum", &[target], "{}"),
                "InvalidSignatureException",
            ),
            (
                signed("dynamodb", &[target], "{}"),
                "UnknownOperationException",
            ),
            (
                signed("codedeploy", &[("x-amz-target", "GetDeployment")], "{}"),
                "UnknownOperationException",
            ),
            (signed("lambda", &[], "{}"), "UnknownOperationException"),
        ];
        for (request, code) in cases {
            let (_, error) = understand(&request).expect_err("is not well formed");
            assert_eq!(error.code, code);
        }
    }
}
