//! Prints lines without ever waiting for whoever reads them.
//!
//! The account is served by the thread that hears what there is to print: a terminal or a pipe that
//! nobody reads would stop it for all its clients. A thread of its own writes; lines that it cannot
//! get rid of in time are left out and counted.

use std::io::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

/// So many lines wait for a slow reader.
const WAITING_MAX: usize = 10_000;
/// How long the last lines are waited for.
const ENDS_WITHIN: Duration = Duration::from_secs(2);

/// A writer that never waits.
#[derive(Debug)]
pub struct Printer {
    lines: SyncSender<String>,
    written: Mutex<Receiver<()>>,
    left_out: AtomicU64,
}

impl Printer {
    /// Writes to `to` from a thread of its own.
    pub fn new(mut to: impl Write + Send + 'static) -> Printer {
        let (lines, waiting) = sync_channel::<String>(WAITING_MAX);
        let (tell, written) = sync_channel(1);
        std::thread::spawn(move || {
            for line in waiting {
                // Whoever closed the pipe has seen enough.
                let _ = writeln!(to, "{line}").and_then(|()| to.flush());
            }
            let _ = tell.send(());
        });
        Printer {
            lines,
            written: Mutex::new(written),
            left_out: AtomicU64::new(0),
        }
    }

    /// Prints a line, or leaves it out if too many wait already.
    pub fn print(&self, line: impl Into<String>) {
        if self.lines.try_send(line.into()).is_err() {
            self.left_out.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How many lines were left out.
    pub fn left_out(&self) -> u64 {
        self.left_out.load(Ordering::Relaxed)
    }

    /// Waits for a moment until everything is written.
    pub fn finish(self) {
        drop(self.lines);
        if let Ok(written) = self.written.into_inner() {
            let _ = written.recv_timeout(ENDS_WITHIN);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    /// Takes what is written once it is allowed to.
    #[derive(Clone, Default)]
    struct Slow(Arc<(Mutex<Vec<u8>>, Mutex<()>)>);

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            let _allowed = self.0.1.lock();
            let mut taken = self.0.0.lock().expect("no test panics while it holds this");
            taken.extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn lines_for_nobody_are_left_out_and_the_others_come_in_order() {
        let slow = Slow::default();
        let printer = Printer::new(slow.clone());
        let stopped = slow.0.1.lock().expect("nobody panicked");
        for number in 0..WAITING_MAX + 100 {
            printer.print(number.to_string());
        }
        assert!(printer.left_out() >= 90, "{}", printer.left_out());
        drop(stopped);
        printer.finish();
        let taken = slow.0.0.lock().expect("nobody panicked").clone();
        let text = String::from_utf8(taken).expect("numbers are text");
        assert!(text.starts_with("0\n1\n2\n"), "{}", &text[..20]);
    }
}
