//! The Lambda functions: one handler and one binary each.
