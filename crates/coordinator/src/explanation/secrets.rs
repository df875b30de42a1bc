//! Takes out of a line what looks like a secret, before the line is told.
//!
//! Log tails are written by people's scripts. Only the obvious is found: names that speak of a
//! secret with a value behind them, AWS access keys, credentials in addresses and in the options of
//! a few programs, bearer words and tokens, and long words without any meaning. What is hidden by
//! mistake can be read on the instance.

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

/// The same, where a name is nothing else or ends so behind `_`, `-` or `.`: `bypass` is none.
const SPEAKING_AT_THE_END: [&str; 2] = ["pass", "pw"];

/// How the tokens of GitHub, GitLab, Slack, Stripe, Docker, Shopify and Vault begin, which their
/// documentations and scanners of secrets name. Those of others are long, mixed words.
const TOKEN_STARTS: [&str; 25] = [
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "gldt-",
    "glrt-",
    "xoxa-",
    "xoxb-",
    "xoxe-",
    "xoxe.",
    "xoxp-",
    "xoxr-",
    "xoxs-",
    "xapp-1-",
    "sk_live_",
    "sk_test_",
    "rk_live_",
    "rk_test_",
    "whsec_",
    "dckr_pat_",
    "shpat_",
    "hvs.",
];
const TOKEN_CHARACTERS: usize = 8;

/// Whoever knows what stands behind it may write into the channel (Slack API, "Sending messages
/// using incoming webhooks").
const WEBHOOK: &str = "hooks.slack.com/services/";

/// Words before a credential in an Authorization header.
const SCHEMES: [&str; 3] = ["bearer", "basic", "token"];

/// An AWS access key id: four known letters and sixteen more (IAM User Guide, "Unique
/// identifiers").
const ACCESS_KEY_STARTS: [&str; 2] = ["AKIA", "ASIA"];
const ACCESS_KEY_CHARACTERS: usize = 20;

/// A word this long with capitals, small letters and digits is no word that people write.
const MEANINGLESS_CHARACTERS: usize = 32;

/// The line without what looks like a secret.
pub(super) fn hide(line: &str) -> String {
    let mut told = String::with_capacity(line.len());
    let mut program = Program::Other;
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        let before = line[..line.len() - rest.len()].chars().next_back();
        let run = end_of(rest, is_of_key);
        if !before.is_some_and(is_of_key) && is_encoded(&rest[..run]) {
            told.push_str(HIDDEN);
            rest = &rest[end_of(rest, |part| is_of_key(part) || is_of_word(part))..];
        } else if let Some(after) = rest.strip_prefix("://") {
            told.push_str("://");
            rest = without_credentials(after, &mut told);
        } else if let Some(after) = rest.strip_prefix(WEBHOOK) {
            told.push_str(WEBHOOK);
            told.push_str(HIDDEN);
            rest = &after[end_of(after, is_of_value)..];
        } else if is_of_word(first) {
            let (word, after) = rest.split_at(end_of(rest, is_of_word));
            program = program.or_named(word);
            rest = match program.credential(word, rest) {
                Some((before, credential)) => {
                    told.push_str(before);
                    told.push_str(HIDDEN);
                    &rest[before.len() + credential.len()..]
                }
                None => told_word(word, after, &mut told),
            };
        } else {
            told.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    told
}

/// The program whose options are read.
#[derive(Clone, Copy)]
enum Program {
    /// `-u user:password`, `--user user:password` (curl's manual).
    Curl,
    /// `-ppassword`, without a blank (`MySQL` Reference Manual, "Command Options for Connecting to the
    /// Server").
    Mysql,
    Other,
}

impl Program {
    /// The program that this word names, or the one before it.
    fn or_named(self, word: &str) -> Self {
        match word {
            "curl" => Self::Curl,
            "mysql" | "mysqldump" | "mysqladmin" | "mariadb" | "mariadb-dump" => Self::Mysql,
            _ => self,
        }
    }

    /// What an option of it that begins here gives away, and what stands before that.
    fn credential<'a>(self, word: &str, rest: &'a str) -> Option<(&'a str, &'a str)> {
        let name = word.strip_prefix('-')?;
        let from = match self {
            Self::Curl if matches!(name, "-user" | "-proxy-user") => word.len(),
            Self::Curl if name.starts_with('-') => return None,
            Self::Curl => word.find(['u', 'U'])? + 1,
            Self::Mysql if name.starts_with('p') => "-p".len(),
            Self::Mysql | Self::Other => return None,
        };
        let is_attached = !rest[from..].starts_with(char::is_whitespace);
        let between = end_of(&rest[from..], |part| matches!(part, ' ' | '=' | '"' | '\''));
        let (before, value) = rest.split_at(from + between);
        let end = if before.ends_with(['"', '\'']) {
            end_of_value(before, value)
        } else {
            end_of(value, |part| {
                !part.is_whitespace() && !matches!(part, '"' | '\'')
            })
        };
        let credential = &value[..end];
        let gives_away = match self {
            Self::Curl => credential.contains(':'),
            Self::Mysql => is_attached && !credential.is_empty(),
            Self::Other => false,
        };
        gives_away.then_some((before, credential))
    }
}

/// What base64 is made of, and what AWS makes secret access keys of.
fn is_of_key(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '/' | '+')
}

/// Base64 with a `/` or `+` in it: its letters and digits change their kind at every other
/// character or so. In a path, whose words people write, they seldom do.
fn is_encoded(run: &str) -> bool {
    let kind = |byte: u8| (byte.is_ascii_uppercase(), byte.is_ascii_digit());
    let is_change =
        |pair: &&[u8]| pair.iter().all(u8::is_ascii_alphanumeric) && kind(pair[0]) != kind(pair[1]);
    let changes = run.as_bytes().windows(2).filter(is_change).count();
    run.len() >= MEANINGLESS_CHARACTERS
        && run.contains(['/', '+'])
        && is_mixed(run)
        && changes * 10 >= run.len() * 3
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

/// `user:secret@host`: what is before the host is hidden, up to the last `@`, because not everybody
/// writes the `/` of a password as `%2F`. Where nothing like `user:` begins it, an `@` is the path's.
fn without_credentials<'a>(after: &'a str, told: &mut String) -> &'a str {
    let address = &after[..end_of(after, |part| {
        !part.is_whitespace() && !matches!(part, '"' | '\'')
    })];
    let authority = end_of(address, |part| !matches!(part, '/' | '?' | '#'));
    match address.rfind('@') {
        Some(at) if address[..authority].contains(['@', ':']) => {
            told.push_str(HIDDEN);
            &after[at..]
        }
        Some(_) | None => after,
    }
}

/// Tells one word and, where it speaks of a secret, hides what follows. Returns what is left.
fn told_word<'a>(word: &str, after: &'a str, told: &mut String) -> &'a str {
    let small = word.to_lowercase();
    let end = small.rsplit(['_', '-', '.']).next().unwrap_or(&small);
    if SPEAKING.iter().any(|name| small.contains(name)) || SPEAKING_AT_THE_END.contains(&end) {
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
    told.push_str(
        if is_access_key(word) || is_token(word) || is_meaningless(word) {
            HIDDEN
        } else {
            word
        },
    );
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
    let end = end_of_value(between, value);
    let is_scheme = SCHEMES.contains(&value[..end].to_lowercase().as_str());
    let rest = &value[end..];
    match rest.strip_prefix(' ').filter(|_| is_scheme) {
        Some(credential) => &credential[end_of(credential, is_of_value)..],
        None => rest,
    }
}

/// Where a value ends: at the quote that closes the one before it, or with its last character.
///
/// In a document within a document quotes are escaped, and those within their values once more: one
/// backslash or three, three or seven.
fn end_of_value(before: &str, value: &str) -> usize {
    let backslashes = |text: &str| text.len() - text.trim_end_matches('\\').len();
    let last = before.chars().next_back();
    let Some(quote) = last.filter(|last| matches!(last, '"' | '\'')) else {
        return end_of(value, is_of_value);
    };
    let depth = backslashes(&before[..before.len() - 1]);
    let mut quotes = value.match_indices(quote).map(|(at, _)| at);
    let closing = quotes.find(|at| backslashes(&value[..*at]) % (2 * depth + 2) == depth);
    closing.map_or(value.len(), |at| at - depth)
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

fn is_token(word: &str) -> bool {
    let mut starts = TOKEN_STARTS.iter();
    starts.any(|start| {
        word.strip_prefix(start)
            .is_some_and(|end| end.len() >= TOKEN_CHARACTERS)
    })
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
