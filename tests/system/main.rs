//! Whole-system tests: the shipped functions, machine and template in the simulated AWS.

mod tidiness;
