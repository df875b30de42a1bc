//! The command line, its demo scenarios and the many-seeds simulation.
