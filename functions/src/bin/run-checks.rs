//! The state Run Checks of the hook verification.

use coordinator_aws::clients::{from_environment, own_partition};
use functions::run_checks::{Context, handle};
use lambda_runtime::{Error, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::tracing::init_default_subscriber();
    let aws = from_environment().await;
    let context = Context::new(&aws, own_partition("run-checks"));
    run(service_fn(|event| handle(&context, event))).await
}
