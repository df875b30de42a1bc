//! Colour and progress on a terminal, plain lines anywhere else.

use std::io::{IsTerminal as _, Write as _};

use anstyle::{AnsiColor, Style};
use clap::builder::StyledStr;

/// Where a command prints to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terminal {
    colour: bool,
}

impl Terminal {
    /// Standard output. Colour only on a terminal, and not if `NO_COLOR` is set (no-color.org).
    pub(super) fn stdout() -> Terminal {
        Terminal::of(&std::io::stdout())
    }

    /// Standard error, by the same rule.
    pub(super) fn stderr() -> Terminal {
        Terminal::of(&std::io::stderr())
    }

    fn of(stream: &impl std::io::IsTerminal) -> Terminal {
        let asked_not_to = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Terminal {
            colour: stream.is_terminal() && !asked_not_to,
        }
    }

    /// No colour: a file, a pipe, a test.
    pub(super) fn plain() -> Terminal {
        Terminal { colour: false }
    }

    /// Text in the colour of good news.
    pub(super) fn good(self, text: &str) -> String {
        self.paint(text, AnsiColor::Green.on_default())
    }

    /// Text in the colour of bad news.
    pub(super) fn bad(self, text: &str) -> String {
        self.paint(text, AnsiColor::Red.on_default())
    }

    /// Text that stands back.
    pub(super) fn faint(self, text: &str) -> String {
        self.paint(text, Style::new().dimmed())
    }

    /// Text that stands out.
    pub(super) fn strong(self, text: &str) -> String {
        self.paint(text, Style::new().bold())
    }

    /// What clap says.
    pub(super) fn styled(self, text: &StyledStr) -> String {
        if self.colour {
            text.ansi().to_string()
        } else {
            text.to_string()
        }
    }

    fn paint(self, text: &str, style: Style) -> String {
        if self.colour {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }
}

/// Progress on standard error while a long command runs; nothing unless that is a terminal.
#[derive(Debug)]
pub(super) struct Progress {
    shown: bool,
}

impl Progress {
    pub(super) fn new() -> Progress {
        Progress {
            shown: std::io::stderr().is_terminal(),
        }
    }

    pub(super) fn say(&self, what: &str) {
        if self.shown {
            let mut stderr = std::io::stderr();
            // A terminal that cannot be written to has nobody who reads it.
            let _ = write!(stderr, "\r{what}").and_then(|()| stderr.flush());
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown {
            let _ = write!(std::io::stderr(), "\r\u{1b}[K");
        }
    }
}
