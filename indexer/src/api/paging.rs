//! Lists, page by page. A cursor names the block at which the first page was read and the last row seen: all pages are
//! read from the state after that block, so nothing that happens in between repeats or hides a row.

use std::{convert::Infallible, str::FromStr};

use axum::{extract::FromRequestParts, http::request::Parts};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::error::ApiError;
use crate::{
    column::{Addr, Amount, Hash},
    snapshot::{HASH_DIGITS, Snapshot},
};

/// Rows per page unless asked otherwise.
pub const DEFAULT_LIMIT: i64 = 50;
/// Most rows per page.
pub const MAX_LIMIT: i64 = 200;

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Pass this as `after` for the next page; null on the last one.
    pub next: Option<String>,
    /// The block that the rows describe; null before the first one.
    pub indexed_block: Option<i64>,
}

impl<T> Page<T> {
    /// From rows of which one more than `limit` was asked for: its presence says that there is a next page.
    pub fn from_rows(mut items: Vec<T>, limit: i64, snapshot: &Snapshot, cursor: impl Fn(&T) -> String) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = items.len() > limit;
        items.truncate(limit);
        let row = items.last().filter(|_| more).map(cursor);
        let next = row.zip(snapshot.mark()).map(|(row, (number, hash))| format!("{number}.{hash}.{row}"));
        Self { items, next, indexed_block: snapshot.block() }
    }
}

/// For the description: what lists take.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "read by the derive alone")]
pub struct PageParams {
    /// Rows per page, 1 to 200; 50 if not given.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `next` of the page before.
    after: Option<String>,
}

/// `limit` and `after` as they came. Other parameters are not looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Paging {
    limit: Option<String>,
    after: Option<String>,
}

impl<S: Sync> FromRequestParts<S> for Paging {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let mut paging = Self::default();
        for (key, value) in url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()) {
            match &*key {
                "limit" => paging.limit = Some(value.into_owned()),
                "after" => paging.after = Some(value.into_owned()),
                _ => {}
            }
        }
        Ok(paging)
    }
}

impl Paging {
    /// A first page of `limit` rows, for pages that show the beginning of a list.
    pub fn first(limit: i64) -> Self {
        Self { limit: Some(limit.to_string()), after: None }
    }

    /// Rows per page.
    ///
    /// # Errors
    /// `bad-limit`, `limit-too-large`.
    pub fn limit(&self) -> Result<i64, ApiError> {
        let Some(text) = &self.limit else { return Ok(DEFAULT_LIMIT) };
        let advice = format!("give a number from 1 to {MAX_LIMIT}, and read on with `after`");
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        match text.parse::<i64>() {
            Ok(limit) if digits && (1..=MAX_LIMIT).contains(&limit) => Ok(limit),
            Ok(0) => Err(ApiError::bad("bad-limit", "a page needs at least one row", advice)),
            _ if digits => Err(ApiError::bad("limit-too-large", format!("{} rows are too many", short(text)), advice)),
            _ => Err(ApiError::bad("bad-limit", format!("limit {:?} is not a number", short(text)), advice)),
        }
    }

    /// The cursor.
    ///
    /// # Errors
    /// `bad-cursor`.
    pub fn after<C: FromStr>(&self) -> Result<Option<C>, ApiError> {
        let Some(text) = &self.after else { return Ok(None) };
        let advice = "pass `next` of the page before unchanged, or leave `after` out for the first page";
        let wrong = |_| ApiError::bad("bad-cursor", format!("{:?} is no cursor of this list", short(text)), advice);
        let row = split(text).map(|(_, _, row)| row).ok_or(());
        row.and_then(|row| row.parse().map_err(|_| ())).map(Some).map_err(wrong)
    }
}

/// The block whose state a cursor reads on from: its height, and the first digits of its hash.
pub(crate) fn mark(cursor: &str) -> Option<(i64, String)> {
    split(cursor).map(|(number, hash, _)| (number, hash.to_owned()))
}

/// Height, first digits of the hash, and the row.
fn split(cursor: &str) -> Option<(i64, &str, &str)> {
    let (number, rest) = cursor.split_once('.')?;
    let (hash, row) = rest.split_once('.')?;
    let digits = hash.len() == HASH_DIGITS && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    natural(number).ok().filter(|_| digits).map(|number| (number, hash, row))
}

/// Enough of a foreign text to recognise it.
pub(crate) fn short(text: &str) -> String {
    text.chars().take(80).collect()
}

/// Place in a list of events, newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventCursor {
    /// Block.
    pub block: i64,
    /// Event within it.
    pub event_index: i64,
}

impl EventCursor {
    /// As text.
    pub fn text(block: i64, event_index: i64) -> String {
        format!("{block}-{event_index}")
    }
}

impl FromStr for EventCursor {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (block, event_index) = text.split_once('-').ok_or(())?;
        Ok(Self { block: natural(block)?, event_index: natural(event_index)? })
    }
}

fn natural(text: &str) -> Result<i64, ()> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if digits { text.parse().map_err(|_| ()) } else { Err(()) }
}

/// Place in the list of holders, largest balance first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HolderCursor {
    /// Balance.
    pub balance: Amount,
    /// Account.
    pub account: Addr,
}

impl FromStr for HolderCursor {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (balance, account) = text.split_once('-').ok_or(())?;
        Ok(Self { balance: balance.parse().map_err(|_| ())?, account: account.parse().map_err(|_| ())? })
    }
}

/// Place in a list of contributions: account by account within each period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContributionCursor {
    /// Stream.
    pub stream: Hash,
    /// Period.
    pub period: i64,
    /// Account.
    pub account: Addr,
}

impl FromStr for ContributionCursor {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut parts = text.splitn(3, '-');
        let mut next = || parts.next().ok_or(());
        let (period, stream, account) = (next()?, next()?, next()?);
        let (stream, account) = (stream.parse().map_err(|_| ())?, account.parse().map_err(|_| ())?);
        Ok(Self { stream, period: natural(period)?, account })
    }
}

/// An address in a path.
///
/// # Errors
/// `bad-address`.
pub fn address(text: &str) -> Result<Addr, ApiError> {
    let advice = "an address is 0x and 40 hexadecimal digits";
    text.parse().map_err(|_| ApiError::bad("bad-address", format!("{:?} is not an address", short(text)), advice))
}

/// A hash or id in a path.
///
/// # Errors
/// `bad-hash`.
pub fn hash(text: &str) -> Result<Hash, ApiError> {
    let advice = "an id or hash is 0x and 64 hexadecimal digits";
    text.parse().map_err(|_| ApiError::bad("bad-hash", format!("{:?} is not an id or hash", short(text)), advice))
}

/// A period's number in a path.
///
/// # Errors
/// `bad-period`.
pub fn period(text: &str) -> Result<i64, ApiError> {
    let advice = "a period is a number: 4 × year + quarter − 1, so 8107 is the last quarter of 2026";
    let number = natural(text).ok().filter(|number| (1..=i64::from(u32::MAX)).contains(number));
    number.ok_or_else(|| ApiError::bad("bad-period", format!("{:?} is not a period", short(text)), advice))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// No text makes a parser of requests panic, and a cursor that parses is the one that was made.
        #[test]
        fn foreign_text_never_panics(text in ".{0,90}") {
            let paging = Paging { limit: Some(text.clone()), after: Some(text.clone()) };
            let _ = (paging.limit(), paging.after::<HolderCursor>(), paging.after::<ContributionCursor>());
            let _ = (address(&text), hash(&text), period(&text), paging.after::<EventCursor>());
        }

        #[test]
        fn cursors_round_trip(at in 0..i64::MAX, hash in "[0-9a-f]{8}", block in 0..i64::MAX, event_index in 0..i64::MAX) {
            let text = format!("{at}.{hash}.{}", EventCursor::text(block, event_index));
            let paging = Paging { limit: None, after: Some(text.clone()) };
            prop_assert_eq!(paging.after().ok(), Some(Some(EventCursor { block, event_index })));
            prop_assert_eq!(mark(&text), Some((at, hash)));
        }
    }

    /// What names no block reads on from none: such a cursor is refused, and not taken for one of the last block.
    #[test]
    fn a_cursor_without_its_block_is_none() {
        for text in ["", "1-2", "1.1-2", "1.0123456.1-2", "1.0123456g.1-2", "x.01234567.1-2", "-1.01234567.1-2"] {
            let paging = Paging { limit: None, after: Some(text.to_owned()) };
            let code = paging.after::<EventCursor>().map_err(|error| error.0.code().to_owned());
            assert_eq!((code, mark(text)), (Err("bad-cursor".to_owned()), None), "{text}");
        }
    }

    #[test]
    fn limits_have_limits() {
        let limit = |text: &str| {
            Paging { limit: Some(text.to_owned()), after: None }.limit().map_err(|e| e.0.code().to_owned())
        };
        assert_eq!((limit("1"), limit("200"), Paging::default().limit().ok()), (Ok(1), Ok(200), Some(DEFAULT_LIMIT)));
        for (text, code) in [
            ("0", "bad-limit"),
            ("201", "limit-too-large"),
            ("99999999999999999999", "limit-too-large"),
            ("-1", "bad-limit"),
            ("+5", "bad-limit"),
            ("1e3", "bad-limit"),
            ("", "bad-limit"),
        ] {
            assert_eq!(limit(text), Err(code.to_owned()), "{text}");
        }
    }
}
