//! A working model of the AWS that Pointsman uses, on a virtual clock, with faults.
