//! The `pointsman` command. What it does is in the library beside it.

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    pointsman::commands::run(&pointsman::commands::Arguments::parse())
}
