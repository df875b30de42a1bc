//! Tags a copied group and suspends its processes.

use coordinator_aws::clients::{in_lambda, own_partition};
use functions::environment::of_process;
use functions::logging;
use functions::metrics::standard_output;
use functions::quarantine_group::{Context, handle};
use lambda_runtime::{Error, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let environment = of_process();
    logging::begin(&environment);
    let aws = in_lambda(&environment);
    let partition = own_partition("quarantine-group");
    let context = Context::new(&aws, partition, &environment, &standard_output())?;
    run(service_fn(|event| handle(&context, event))).await
}
