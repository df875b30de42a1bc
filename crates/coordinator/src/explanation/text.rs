//! Texts of others as they can be told: plain, short, and without what looks like a secret.

use super::secrets;

/// What is behind so many characters of a line is never told, so it is not looked at either.
const LOOKED_AT_CHARACTERS: usize = 2000;

/// What the agent writes before each line that a script printed (aws-codedeploy-agent,
/// `hook_executor.rb`).
const STREAMS: [&str; 2] = ["[stdout]", "[stderr]"];

/// What the agent writes between scripts' lines (the same).
const HEADINGS: [&str; 2] = ["LifecycleEvent - ", "Script - "];

/// A text as it can be told within so many bytes of JSON.
pub(super) fn told(text: &str, bytes_at_most: usize) -> String {
    let seen: String = text.chars().take(LOOKED_AT_CHARACTERS).collect();
    fit(&secrets::hide(&plain(&seen)), bytes_at_most)
}

/// The same of a sentence that becomes a part of ours: without its full stop.
pub(super) fn clause(text: &str, bytes_at_most: usize) -> String {
    told(text.trim_end().trim_end_matches('.'), bytes_at_most)
}

/// The last line that a script printed, as it can be told.
pub(super) fn last_line(log_tail: &str, bytes_at_most: usize) -> Option<String> {
    log_tail
        .rsplit(['\n', '\r'])
        .filter_map(printed)
        .map(|line| told(line, bytes_at_most))
        .find(|line| !line.is_empty())
}

/// What the script printed of a line; nothing of the agent's own.
fn printed(line: &str) -> Option<&str> {
    let line = line.trim();
    if HEADINGS
        .iter()
        .any(|heading| without_time(line).starts_with(heading))
    {
        return None;
    }
    let stripped = STREAMS
        .iter()
        .find_map(|stream| without_time(line).strip_prefix(stream));
    Some(stripped.unwrap_or(line))
}

/// The agent's own log file has `2026-08-01 10:00:00 ` before each line.
fn without_time(line: &str) -> &str {
    const FORM: &[u8] = b"0000-00-00 00:00:00 ";
    let fits = line.len() > FORM.len()
        && FORM
            .iter()
            .zip(line.bytes())
            .all(|(form, byte)| match form {
                b'0' => byte.is_ascii_digit(),
                other => *other == byte,
            });
    // The bytes that fit are all ASCII, so the cut is between characters.
    if fits { &line[FORM.len()..] } else { line }
}

/// Without terminal sequences, control characters and marks that turn the writing around; blanks
/// single.
pub(super) fn plain(text: &str) -> String {
    let mut told = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if character == '\u{1b}' {
            skip_sequence(&mut characters);
        } else if character.is_whitespace() {
            if !told.is_empty() && !told.ends_with(' ') {
                told.push(' ');
            }
        } else if !character.is_control() && !turns_writing(character) {
            told.push(character);
        }
    }
    told.truncate(told.trim_end().len());
    told
}

/// ECMA-48: `ESC [ … final`, `ESC ] … BEL`, and `ESC` with one character.
fn skip_sequence(characters: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    match characters.next() {
        Some('[') => {
            characters
                .by_ref()
                .find(|character| ('\u{40}'..='\u{7e}').contains(character));
        }
        Some(']') => {
            characters
                .by_ref()
                .find(|character| matches!(character, '\u{7}' | '\u{1b}'));
            characters.next_if_eq(&'\\');
        }
        Some(_) | None => {}
    }
}

fn turns_writing(character: char) -> bool {
    matches!(
        character,
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
    )
}

/// Cuts a text so that it takes at most so many bytes in JSON, saying that it was cut.
pub(super) fn fit(text: &str, bytes_at_most: usize) -> String {
    const CUT: char = '…';
    let mut bytes = 0;
    let mut kept = 0;
    for (at, character) in text.char_indices() {
        bytes += in_json(character);
        if bytes <= bytes_at_most.saturating_sub(CUT.len_utf8()) {
            kept = at + character.len_utf8();
        }
    }
    if bytes <= bytes_at_most {
        return text.to_owned();
    }
    let mut cut = text[..kept].trim_end().to_owned();
    cut.push(CUT);
    cut
}

/// How many bytes a character takes in a JSON text as we write it.
fn in_json(character: char) -> usize {
    match character {
        '"' | '\\' => 2,
        control if control < '\u{20}' => 6,
        other => other.len_utf8(),
    }
}
