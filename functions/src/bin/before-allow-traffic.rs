//! CodeDeploy's BeforeAllowTraffic hook: the new version is there and serves nobody yet.

use coordinator::hooks::HookEvent::BeforeAllowTraffic;
use coordinator_aws::clients::{from_environment, own_partition};
use functions::environment::of_process;
use functions::hook::{Context, handle};
use lambda_runtime::{Error, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::tracing::init_default_subscriber();
    let aws = from_environment().await;
    let context = Context::new(
        BeforeAllowTraffic,
        &aws,
        own_partition("before-allow-traffic"),
        &of_process(),
    );
    run(service_fn(|event| handle(&context, event))).await
}
