//! Whole-system tests: the shipped functions, machine and template in the simulated AWS.

mod bad_input;
mod clean_ups;
mod determinism;
mod fault_sweep;
mod golden;
mod leftovers_command;
mod locks;
mod metrics;
mod overhead;
mod permissions;
mod report;
mod seeds;
mod spec_command;
mod tidiness;
mod twice;
mod ways;
