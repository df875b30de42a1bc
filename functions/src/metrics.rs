//! Writes what was measured: the only place that prints.
//!
//! CloudWatch reads metrics out of the lines that a function writes to its standard output, so that
//! counting needs no call to AWS and no permission. What cannot be written is lost, and never keeps
//! a function from its work.

use std::fmt::Debug;
use std::io::Write;
use std::sync::Arc;

use coordinator::failure::Failure;
use coordinator::metrics::Measurement;
use coordinator_aws::clients::Clock;

use crate::environment::Reader;

/// Takes the lines that a function prints.
pub trait Output: Debug + Send + Sync {
    /// One line, without its end.
    fn print(&self, line: &str);
}

/// Where a function's lines go.
pub type Lines = Arc<dyn Output>;

/// The process's standard output, which Lambda sends to CloudWatch Logs line by line.
#[derive(Debug)]
struct StandardOutput;

impl Output for StandardOutput {
    fn print(&self, line: &str) {
        // In one piece, so that it stays one line; and whether it was written changes nothing.
        let _ = std::io::stdout().write_all(format!("{line}\n").as_bytes());
    }
}

/// The process's standard output.
pub fn standard_output() -> Lines {
    Arc::new(StandardOutput)
}

/// Where a stack's metrics go that does not say its name; only a function that is run by hand.
const NO_STACK: &str = "unnamed";

/// Writes the metrics of one function.
#[derive(Debug, Clone)]
pub(crate) struct Metrics {
    step: &'static str,
    stack: String,
    clock: Clock,
    lines: Lines,
}

impl Metrics {
    /// For the function of this name. That the stack has no name is no fault: a metric must not
    /// keep a function from starting.
    pub(crate) fn new(
        step: &'static str,
        reader: &mut Reader<'_>,
        clock: Clock,
        lines: &Lines,
    ) -> Self {
        Self {
            step,
            stack: reader.text_or("POINTSMAN_NAME_PREFIX", NO_STACK),
            clock,
            lines: Arc::clone(lines),
        }
    }

    /// Writes a measurement.
    pub(crate) fn write(&self, measurement: &Measurement) {
        if let Some(line) = measurement.line(&self.stack, self.clock.now()) {
            self.lines.print(&line);
        }
    }

    /// Counts what this function could not do.
    pub(crate) fn failed(&self, failure: &Failure) {
        self.write(&Measurement::failed(self.step, failure.name));
    }
}
