//! Gives back what a failed deployment took from its own groups.

use coordinator_aws::clients::{in_lambda, own_partition};
use functions::environment::of_process;
use functions::logging;
use functions::metrics::standard_output;
use functions::restore_originals::{Context, handle};
use lambda_runtime::{Error, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let environment = of_process();
    logging::begin(&environment);
    let aws = in_lambda(&environment);
    let partition = own_partition("restore-originals");
    let context = Context::new(&aws, partition, &environment, &standard_output())?;
    run(service_fn(|event| handle(&context, event))).await
}
