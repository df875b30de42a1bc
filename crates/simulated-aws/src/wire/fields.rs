//! Fields of forms, where every value is text, and pages of lists.

use serde::{Deserialize, Deserializer};

use super::ApiError;

/// A number, also where a form carried it as text.
pub(crate) fn number<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<usize>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Number {
        Number(usize),
        Text(String),
    }
    match Option::deserialize(deserializer)? {
        Some(Number::Number(number)) => Ok(Some(number)),
        Some(Number::Text(text)) => text.parse().map(Some).map_err(serde::de::Error::custom),
        None => Ok(None),
    }
}

/// A truth value, also where a form carried it as text.
pub(crate) fn truth<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Truth {
        Truth(bool),
        Text(String),
    }
    match Option::deserialize(deserializer)? {
        Some(Truth::Truth(truth)) => Ok(Some(truth)),
        Some(Truth::Text(text)) => text.parse().map(Some).map_err(serde::de::Error::custom),
        None => Ok(None),
    }
}

/// A list; a form has no other way to write an empty one than an empty text.
pub(crate) fn list<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum List<T> {
        List(Vec<T>),
        Empty(String),
    }
    match List::deserialize(deserializer)? {
        List::List(members) => Ok(members),
        List::Empty(text) if text.is_empty() => Ok(Vec::new()),
        List::Empty(text) => Err(serde::de::Error::custom(format!("{text:?} is no list"))),
    }
}

/// What one page of a list may hold, and what its size and token are called.
pub(crate) struct Paging {
    /// Members of a page, if nobody asks for fewer or more.
    pub default: usize,
    /// Members of a page at most.
    pub max: usize,
    /// The code for a size that is not allowed.
    pub size_code: &'static str,
    /// The code for a token that nobody gave out.
    pub token_code: &'static str,
}

/// How the tokens of lists begin that are in the order of their keys.
const AFTER: &str = "after:";

impl Paging {
    /// The page behind `token`, and the token of the next page. Members are in the order of their
    /// keys, which are all different; one that vanished between two pages spoils nothing.
    pub(crate) fn page<T>(
        &self,
        mut members: Vec<T>,
        key: impl Fn(&T) -> &str,
        size: Option<usize>,
        token: Option<&str>,
    ) -> Result<(Vec<T>, Option<String>), ApiError> {
        if let Some(token) = token {
            let last = token.strip_prefix(AFTER);
            let last = last.ok_or_else(|| self.invalid_token(token))?;
            members.retain(|member| key(member) > last);
        }
        let (members, last) = self.cut(members, key, size)?;
        Ok((members, last.map(|last| format!("{AFTER}{last}"))))
    }

    /// The same of members in another order, of which none ever vanishes.
    pub(crate) fn page_in_place<T>(
        &self,
        mut members: Vec<T>,
        key: impl Fn(&T) -> &str,
        size: Option<usize>,
        token: Option<&str>,
    ) -> Result<(Vec<T>, Option<String>), ApiError> {
        if let Some(token) = token {
            let at = members.iter().position(|member| key(member) == token);
            members.drain(..=at.ok_or_else(|| self.invalid_token(token))?);
        }
        self.cut(members, key, size)
    }

    /// The first members, and the key of the last one if more are left.
    fn cut<T>(
        &self,
        mut members: Vec<T>,
        key: impl Fn(&T) -> &str,
        size: Option<usize>,
    ) -> Result<(Vec<T>, Option<String>), ApiError> {
        let size = size.unwrap_or(self.default);
        if !(1..=self.max).contains(&size) {
            let message = format!("the size of a page must lie between 1 and {}", self.max);
            return Err(ApiError::new(self.size_code, message));
        }
        let more = members.len() > size;
        members.truncate(size);
        let last = members.last().map(|member| key(member).to_owned());
        Ok((members, last.filter(|_| more)))
    }

    fn invalid_token(&self, token: &str) -> ApiError {
        ApiError::new(self.token_code, format!("The token '{token}' is invalid"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGING: Paging = Paging {
        default: 2,
        max: 3,
        size_code: "Size",
        token_code: "Token",
    };

    #[test]
    fn pages_hold_each_member_once_and_the_last_has_no_token() {
        let page = |members: &[&'static str], size, token: Option<&str>| {
            PAGING.page(members.to_vec(), |one| one, size, token)
        };
        let all = ["a", "b", "c"];
        let (first, token) = page(&all, None, None).expect("is a page");
        assert_eq!(first, ["a", "b"]);
        assert_eq!(page(&all, None, token.as_deref()), Ok((vec!["c"], None)));
        let without_b = page(&["a", "c"], None, token.as_deref());
        assert_eq!(without_b, Ok((vec!["c"], None)), "b vanished");
        assert_eq!(page(&all, Some(3), None), Ok((all.to_vec(), None)));
        for (size, token, code) in [
            (Some(0), None, "Size"),
            (Some(4), None, "Size"),
            (None, Some("b"), "Token"),
        ] {
            assert_eq!(page(&all, size, token).expect_err("is refused").code, code);
        }
    }

    #[test]
    fn pages_of_another_order_go_on_behind_their_last_member() {
        let page = |token| PAGING.page_in_place(vec!["c", "b", "a"], |one| one, None, token);
        assert_eq!(page(None), Ok((vec!["c", "b"], Some("b".to_owned()))));
        assert_eq!(page(Some("b")), Ok((vec!["a"], None)));
        assert_eq!(page(Some("x")).expect_err("is refused").code, "Token");
    }
}
