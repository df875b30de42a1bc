//! Holds what policies say, how they are read, and who is refused what, in which words.

mod deciding;
mod enforcing;
mod reading;
mod refusing;
