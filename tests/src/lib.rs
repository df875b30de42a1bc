//! Whole-system tests: scenarios, faults, tidiness.
