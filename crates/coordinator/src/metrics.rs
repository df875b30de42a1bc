//! What is counted and timed, and how CloudWatch is told.
//!
//! Knows every metric with its unit and dimensions, what a decision or an outcome adds to which, and
//! CloudWatch's embedded metric format. Must not know where the line is written. Dimensions never
//! hold ids: each combination of values is a metric of its own that is paid for. docs/operating.md
//! lists the metrics for whoever reads them.

mod line;
mod measurement;
mod metric;

pub use line::NAMESPACE;
pub use measurement::{Answered, Measurement};
pub use metric::{Dimension, Metric, Unit};

#[cfg(test)]
mod tests;
