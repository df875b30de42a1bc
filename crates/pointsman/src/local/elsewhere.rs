//! Functions that run in another engine: their events are handed to its Lambda.
//!
//! An asynchronous invocation is handed over as one, so that the other engine's queue, retries and
//! destinations are at work, and not ours.

use std::sync::Arc;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use coordinator::failure::chain;
use coordinator_aws::clients;
use serde_json::Value;
use simulated_aws::driver::Handler;
use simulated_aws::lambda::{FunctionError, Run};

/// Hands every event to the Lambda at `url`, with the credentials of the environment.
pub(super) async fn handler(url: &str) -> Handler {
    let config = clients::from_environment().await;
    let config = config.into_builder().endpoint_url(url).build();
    let client = Client::new(&config);
    Arc::new(move |invocation| {
        let client = client.clone();
        Box::pin(async move { hand_over(&client, &invocation.run).await })
    })
}

async fn hand_over(client: &Client, run: &Run) -> Result<Value, FunctionError> {
    let kind = if run.asynchronous {
        InvocationType::Event
    } else {
        InvocationType::RequestResponse
    };
    let sent = client
        .invoke()
        .function_name(&run.function_arn)
        .invocation_type(kind)
        .payload(Blob::new(run.payload.to_string()))
        .send()
        .await;
    let answer = sent.map_err(|error| FunctionError {
        error_type: "Lambda.SdkClientException".to_owned(),
        message: chain(&error),
    })?;
    let payload = answer.payload.map(Blob::into_inner).unwrap_or_default();
    let said: Value = serde_json::from_slice(&payload).unwrap_or_default();
    if answer.function_error.is_none() {
        return Ok(said);
    }
    let field = |name: &str| {
        let text = said.get(name).and_then(Value::as_str);
        text.unwrap_or("Lambda.Unknown").to_owned()
    };
    Err(FunctionError {
        error_type: field("errorType"),
        message: field("errorMessage"),
    })
}
