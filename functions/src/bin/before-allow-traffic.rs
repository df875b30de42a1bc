//! CodeDeploy's BeforeAllowTraffic hook: the new version is there and serves nobody yet.

use coordinator::hooks::HookEvent::BeforeAllowTraffic;
use coordinator_aws::clients::{in_lambda, own_partition};
use functions::environment::of_process;
use functions::hook::{Context, handle};
use functions::logging;
use functions::metrics::standard_output;
use lambda_runtime::{Error, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let environment = of_process();
    logging::begin(&environment);
    let aws = in_lambda(&environment);
    let context = Context::new(
        BeforeAllowTraffic,
        &aws,
        own_partition("before-allow-traffic"),
        &environment,
        &standard_output(),
    );
    run(service_fn(|event| handle(&context, event))).await
}
