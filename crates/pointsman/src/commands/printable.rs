//! What others wrote, made fit for a terminal.
//!
//! Names, tags and messages of an account may hold anything: what moves the cursor, turns the
//! direction of writing, or is not seen. That is escaped, as Rust writes it in a literal, so that it
//! is seen and does nothing.

use std::fmt::Write as _;

/// So many characters of a text are shown; more than any sentence of ours has.
const SHOWN_AT_MOST: usize = 4_000;

/// A text on one line.
pub(super) fn line(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut letters = text.chars();
    for letter in letters.by_ref().take(SHOWN_AT_MOST) {
        match letter {
            '"' | '\'' | '\\' => shown.push(letter),
            other => shown.extend(other.escape_debug()),
        }
    }
    if letters.next().is_some() {
        shown.push('…');
    }
    shown
}

/// A text of several lines.
pub(super) fn lines(text: &str) -> String {
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// JSON on one line: what a terminal would obey is escaped as JSON writes it, and reads back the
/// same.
pub(super) fn json(document: &serde_json::Value) -> String {
    let text = document.to_string();
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        if "\"'\\".contains(letter) || letter.escape_debug().count() == 1 {
            shown.push(letter);
            continue;
        }
        // Such characters stand only within JSON's texts.
        for unit in letter.encode_utf16(&mut [0; 2]) {
            write!(shown, "\\u{unit:04x}").expect("a String takes all that is written");
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_seen_and_does_nothing() {
        let cases = [
            (
                "web-1_a.b (4 of 4): 'x' \"y\" \\",
                "web-1_a.b (4 of 4): 'x' \"y\" \\",
            ),
            ("Größe 大きさ", "Größe 大きさ"),
            ("a\u{1b}[2Jb", "a\\u{1b}[2Jb"),
            ("a\r\n\tb\u{7}\u{0}", "a\\r\\n\\tb\\u{7}\\0"),
            ("a\u{9b}31mb", "a\\u{9b}31mb"),
            ("gpj.\u{202e}exe", "gpj.\\u{202e}exe"),
            (
                "\u{2066}a\u{200b}\u{feff}\u{2028}",
                "\\u{2066}a\\u{200b}\\u{feff}\\u{2028}",
            ),
            ("\u{e0041}", "\\u{e0041}"),
        ];
        for (text, shown) in cases {
            assert_eq!(line(text), shown, "{text:?}");
        }
    }

    #[test]
    fn a_huge_text_is_cut_and_says_so() {
        let text = "大".repeat(SHOWN_AT_MOST);
        assert_eq!(line(&text), text);
        assert_eq!(line(&format!("{text}x")), format!("{text}…"));
    }

    /// A text of letters that are drawn from everywhere, most of them from where it hurts.
    fn drawn(random: &mut fastrand::Rng) -> String {
        let length = random.usize(0..40);
        let mut letters = std::iter::repeat_with(|| match random.u8(0..4) {
            0 => char::from(random.u8(0..=0x9f)),
            1 => random.char('\u{2000}'..='\u{206f}'),
            2 => random.char('\u{e0000}'..='\u{e01ff}'),
            _ => random.char(..),
        });
        letters.by_ref().take(length).collect()
    }

    #[test]
    fn no_text_at_all_reaches_a_terminal_as_more_than_letters() {
        let mut random = fastrand::Rng::with_seed(4);
        for _ in 0..10_000 {
            let text = drawn(&mut random);
            let shown = line(&text);
            let harmless =
                |letter: char| "\"'\\".contains(letter) || letter.escape_debug().count() == 1;
            assert!(shown.chars().all(harmless), "{text:?} {shown:?}");
            let in_json = json(&json!([text]));
            assert!(in_json.chars().all(harmless), "{text:?} {in_json:?}");
            let read: Value = serde_json::from_str(&in_json).expect("it is JSON");
            assert_eq!(read, json!([text]));
        }
    }

    #[test]
    fn lines_stay_lines() {
        assert_eq!(lines("a\u{1b}\nb\n"), "a\\u{1b}\nb");
    }
}
