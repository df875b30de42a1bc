//! What a command says in the end, and how it is printed.

use std::io::{ErrorKind, Write};
use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// All is well: exit code 0.
    Well,
    /// What was asked was done, and the answer is no: exit code 1.
    Badly,
    /// It could not be done: exit code 2, as for arguments that make no sense.
    NotDone,
}

impl From<Ended> for ExitCode {
    fn from(ended: Ended) -> ExitCode {
        match ended {
            Ended::Well => ExitCode::SUCCESS,
            Ended::Badly => ExitCode::from(1),
            Ended::NotDone => ExitCode::from(2),
        }
    }
}

/// What a command says, and how it ended. Texts end without a line end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// How it ended.
    pub ended: Ended,
    /// What it was asked for, for standard output.
    pub said: String,
    /// What is wrong, for standard error.
    pub complaint: String,
}

impl Outcome {
    pub(super) fn well(said: impl Into<String>) -> Outcome {
        Outcome::said(Ended::Well, said)
    }

    /// What was asked for is on standard output, whatever it came to.
    pub(super) fn said(ended: Ended, said: impl Into<String>) -> Outcome {
        Outcome {
            ended,
            said: said.into(),
            complaint: String::new(),
        }
    }

    pub(super) fn badly(complaint: impl Into<String>) -> Outcome {
        Outcome {
            ended: Ended::Badly,
            said: String::new(),
            complaint: complaint.into(),
        }
    }

    pub(super) fn not_done(complaint: impl Into<String>) -> Outcome {
        Outcome {
            ended: Ended::NotDone,
            ..Outcome::badly(complaint)
        }
    }

    /// Prints it; the exit code.
    pub(super) fn print(&self) -> ExitCode {
        let printed = write(std::io::stdout().lock(), &self.said)
            .and_then(|()| write(std::io::stderr().lock(), &self.complaint));
        match printed {
            Ok(()) => self.ended.into(),
            Err(_unwritable) => Ended::NotDone.into(),
        }
    }
}

/// Whoever closes the pipe, as `head` does, has seen enough: that is no fault.
fn write(mut to: impl Write, text: &str) -> std::io::Result<()> {
    if text.is_empty() {
        return Ok(());
    }
    match writeln!(to, "{text}").and_then(|()| to.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes so many bytes and then fails.
    struct Pipe(usize, ErrorKind);

    impl Write for Pipe {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            let taken = bytes.len().min(self.0);
            self.0 -= taken;
            if taken == 0 {
                return Err(self.1.into());
            }
            Ok(taken)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_closed_pipe_is_no_fault_and_a_full_disk_is_one() {
        let cases = [
            (ErrorKind::BrokenPipe, 0, true),
            (ErrorKind::BrokenPipe, 5, true),
            (ErrorKind::StorageFull, 5, false),
            (ErrorKind::StorageFull, 12, true),
        ];
        for (kind, takes, well) in cases {
            let written = write(Pipe(takes, kind), "hello\nworld");
            assert_eq!(written.is_ok(), well, "{kind} after {takes} bytes");
        }
    }

    #[test]
    fn nothing_to_say_prints_nothing() {
        let mut printed = Vec::new();
        write(&mut printed, "").expect("a list takes all");
        assert_eq!(printed, b"");
        write(&mut printed, "a").expect("a list takes all");
        assert_eq!(printed, b"a\n");
    }
}
