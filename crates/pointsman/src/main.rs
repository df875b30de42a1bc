//! The `pointsman` command. What it does is in the library beside it.

use std::process::ExitCode;

fn main() -> ExitCode {
    pointsman::commands::run(std::env::args_os())
}
