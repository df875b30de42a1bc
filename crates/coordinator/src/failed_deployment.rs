//! The machine that comes after a failed deployment: who asks for it, and what its steps tell each
//! other.

mod document;
mod explained;
mod report;
mod request;

pub use document::{Allowed, Document, Explained, Left, Step, StepStatus};
pub use explained::Copy;
pub use report::{Notice, Report, ReportStatus};
pub use request::{FailedDeployment, NotFailed};
