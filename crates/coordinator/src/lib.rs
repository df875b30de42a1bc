//! Decides: pure functions from what was observed to what is done next.
