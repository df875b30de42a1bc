//! Whole-system tests: the shipped functions, machine and template in the simulated AWS.

mod bad_input;
mod determinism;
mod fault_sweep;
mod golden;
mod metrics;
mod overhead;
mod permissions;
mod report;
mod seeds;
mod spec_command;
mod tidiness;
mod twice;
mod ways;
