//! Takes out of a line what looks like a secret, before the line is told.
//!
//! Log tails are written by people's scripts. Only the obvious is found: names that speak of a
//! secret with a value behind them, AWS access keys, credentials in addresses, bearer words and
//! tokens, and long words without any meaning. What is hidden by mistake can be read on the
//! instance.

/// What stands in a secret's place.
pub(super) const HIDDEN: &str = "***";

/// Parts of a name that say that its value is a secret, in lower case.
const SPEAKING: [&str; 16] = [
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "apikey",
    "api_key",
    "api-key",
    "accesskey",
    "access_key",
    "private_key",
    "credential",
    "authorization",
    "cookie",
    "signature",
];

/// Words before a credential in an Authorization header.
const SCHEMES: [&str; 3] = ["bearer", "basic", "token"];

/// An AWS access key id: four known letters and sixteen more (IAM User Guide, "Unique
/// identifiers").
const ACCESS_KEY_STARTS: [&str; 2] = ["AKIA", "ASIA"];
const ACCESS_KEY_CHARACTERS: usize = 20;

/// A secret access key has so many (the same).
const SECRET_KEY_CHARACTERS: usize = 40;

/// A word this long with capitals, small letters and digits is no word that people write.
const MEANINGLESS_CHARACTERS: usize = 32;

/// The line without what looks like a secret.
pub(super) fn hide(line: &str) -> String {
    let mut told = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        let before = line[..line.len() - rest.len()].chars().next_back();
        let run = end_of(rest, is_of_key);
        if run == SECRET_KEY_CHARACTERS && !before.is_some_and(is_of_key) && is_mixed(&rest[..run])
        {
            told.push_str(HIDDEN);
            rest = &rest[run..];
        } else if let Some(after) = rest.strip_prefix("://") {
            told.push_str("://");
            rest = without_credentials(after, &mut told);
        } else if is_of_word(first) {
            let (word, after) = rest.split_at(end_of(rest, is_of_word));
            rest = told_word(word, after, &mut told);
        } else {
            told.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    told
}

/// What AWS makes secret access keys of.
fn is_of_key(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '/' | '+')
}

/// Capitals, small letters and digits.
fn is_mixed(text: &str) -> bool {
    text.chars().any(char::is_uppercase)
        && text.chars().any(char::is_lowercase)
        && text.chars().any(|character| character.is_ascii_digit())
}

fn is_of_word(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '-' | '.' | '+' | '~')
}

/// Where the leading characters of this kind end.
fn end_of(text: &str, is_part: impl Fn(char) -> bool) -> usize {
    text.find(|character| !is_part(character))
        .unwrap_or(text.len())
}

/// `user:secret@host`: what is before the host is hidden.
fn without_credentials<'a>(after: &'a str, told: &mut String) -> &'a str {
    let authority = end_of(after, |character| {
        !character.is_whitespace() && !matches!(character, '/' | '"' | '\'' | '?' | '#')
    });
    match after[..authority].rfind('@') {
        Some(at) => {
            told.push_str(HIDDEN);
            &after[at..]
        }
        None => after,
    }
}

/// Tells one word and, where it speaks of a secret, hides what follows. Returns what is left.
fn told_word<'a>(word: &str, after: &'a str, told: &mut String) -> &'a str {
    let small = word.to_lowercase();
    if SPEAKING.iter().any(|name| small.contains(name)) {
        told.push_str(word);
        return hidden_value(word, after, told);
    }
    if SCHEMES.contains(&small.as_str()) && small != "token" {
        let value = after.trim_start_matches([' ', '\t']);
        let end = end_of(value, is_of_value);
        if value.len() < after.len() && end >= ACCESS_KEY_CHARACTERS {
            told.push_str(word);
            told.push(' ');
            told.push_str(HIDDEN);
            return &value[end..];
        }
    }
    told.push_str(if is_access_key(word) || is_meaningless(word) {
        HIDDEN
    } else {
        word
    });
    after
}

/// Hides the value of a name: `=v`, `: v`, `": "v"`, `=> v`, or, for an option `--name`, ` v`.
fn hidden_value<'a>(name: &str, after: &'a str, told: &mut String) -> &'a str {
    let separator = end_of(after, |character| {
        matches!(character, ' ' | '\t' | '"' | '\'' | '=' | ':' | '>' | '\\')
    });
    let (between, value) = after.split_at(separator);
    let is_option = name.starts_with('-') && between.contains(' ');
    if !(between.contains(['=', ':']) || is_option) || value.is_empty() {
        return after;
    }
    told.push_str(between);
    told.push_str(HIDDEN);
    if let Some(quote) = between
        .chars()
        .last()
        .filter(|last| matches!(last, '"' | '\''))
    {
        return &value[end_of(value, |character| character != quote)..];
    }
    let end = end_of(value, is_of_value);
    let is_scheme = SCHEMES.contains(&value[..end].to_lowercase().as_str());
    let rest = &value[end..];
    match rest.strip_prefix(' ').filter(|_| is_scheme) {
        Some(credential) => &credential[end_of(credential, is_of_value)..],
        None => rest,
    }
}

fn is_of_value(character: char) -> bool {
    !character.is_whitespace() && !matches!(character, '"' | '\'' | ',' | ';' | '&' | ')' | '}')
}

fn is_access_key(word: &str) -> bool {
    word.len() == ACCESS_KEY_CHARACTERS
        && ACCESS_KEY_STARTS
            .iter()
            .any(|start| word.starts_with(start))
        && word
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// Digests and ids are written in small letters alone, paths and host names in short parts; a
/// JSON Web Token begins with `eyJ`, which is `{"` in base64.
fn is_meaningless(word: &str) -> bool {
    let is_token = word.starts_with("eyJ") && word.len() >= MEANINGLESS_CHARACTERS;
    is_token
        || word
            .split(['-', '.', '_'])
            .any(|part| part.chars().count() >= MEANINGLESS_CHARACTERS && is_mixed(part))
}
