//! Figures that a test run shows although its tests pass: counts of cases, distributions.
//!
//! The test harness keeps back what tests print with macros, and shows it only when they fail; a
//! figure is worth most when they pass.

use std::io::Write as _;

/// Writes a line of figures past the test harness.
pub(crate) fn show(line: &str) {
    let mut stdout = std::io::stdout().lock();
    // Nobody reads the figures where there is no output to write them to.
    let _ = writeln!(stdout, "{line}");
}
