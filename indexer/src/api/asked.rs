//! What a question is asked of: the state after a block, and in it a pool.
//!
//! A handler takes its snapshot as an argument, so there is one place that says which block is meant: that of the
//! cursor where a list is read on, else the one that `at` names, else the last one applied.

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::request::Parts,
};
use time::{Date, OffsetDateTime, format_description::well_known::Rfc3339, macros::format_description};
use utoipa::IntoParams;

use super::{
    error::ApiError,
    paging::{self, address, short},
    pools::{self, Pool},
};
use crate::{
    answers::Described,
    app::App,
    snapshot::{At, OpenError, Snapshot},
};

const DAY_MS: i64 = 86_400_000;

/// For the description: what every question of data takes.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "read by the derive alone")]
pub struct AtParam {
    /// Of which block: its height, a time as RFC 3339 writes it, or a date such as `2026-11-30`, which is its end in
    /// UTC; of a time the last block not later. The last block applied if not given.
    at: Option<String>,
}

/// The state that is asked about.
#[derive(Debug)]
pub struct Asked(pub Snapshot);

impl FromRequestParts<App> for Asked {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let snapshot = match wanted(parts)? {
            None => Snapshot::open(&app.pool).await?,
            Some(at) => Snapshot::open_at(&app.pool, &at).await.map_err(refusal)?,
        };
        if let Some(described) = parts.extensions.get::<Described>() {
            described.note(&snapshot);
        }
        Ok(Self(snapshot))
    }
}

/// The state that is asked about, and the pool of the path in it.
#[derive(Debug)]
pub struct AskedPool {
    /// The state.
    pub snapshot: Snapshot,
    /// The pool.
    pub pool: Pool,
}

impl FromRequestParts<App> for AskedPool {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let params = RawPathParams::from_request_parts(parts, app).await.map_err(|_| {
            ApiError::bad("bad-address", "the address is no text", "an address is 0x and 40 hexadecimal digits")
        })?;
        let text = params.iter().find(|(name, _)| *name == "pool").map(|(_, text)| text.to_owned()).unwrap_or_default();
        let pool = address(text.strip_suffix(".json").unwrap_or(&text))?;
        let Asked(mut snapshot) = Asked::from_request_parts(parts, app).await?;
        let pool = pools::find(&mut snapshot, pool).await?;
        Ok(Self { snapshot, pool })
    }
}

/// Which block is meant; nothing for the last one. A cursor that is none the list refuses itself.
fn wanted(parts: &Parts) -> Result<Option<At>, ApiError> {
    let query = parts.uri.query().unwrap_or_default().as_bytes();
    let given = |name: &str| url::form_urlencoded::parse(query).find(|(key, _)| key == name).map(|(_, value)| value);
    match given("after").and_then(|cursor| paging::mark(&cursor)) {
        Some((number, hash)) => Ok(Some(At::Same(number, hash))),
        None => given("at").map(|text| parsed(&text)).transpose(),
    }
}

/// A block's height, a time, or a day.
fn parsed(text: &str) -> Result<At, ApiError> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let wrong = || bad(format!("{:?} is neither a block's height nor a time", short(text)));
    if digits {
        return text.parse().map(At::Block).map_err(|_| wrong());
    }
    moment(text).map(|(_, last)| At::Time(last))
}

/// The first and the last millisecond of a day in UTC, or a time twice.
///
/// # Errors
/// `bad-at`.
pub(crate) fn moment(text: &str) -> Result<(i64, i64), ApiError> {
    let wrong = || bad(format!("{:?} is neither a block's height nor a time", short(text)));
    let millis =
        |time: OffsetDateTime| i64::try_from(time.unix_timestamp_nanos().div_euclid(1_000_000)).map_err(|_| wrong());
    if let Some(day) = day(text) {
        let first = millis(day.midnight().assume_utc())?;
        return Ok((first, first.saturating_add(DAY_MS - 1)));
    }
    let time = millis(OffsetDateTime::parse(text, &Rfc3339).map_err(|_| wrong())?)?;
    Ok((time, time))
}

/// A day as `2026-11-30`.
pub(crate) fn day(text: &str) -> Option<Date> {
    Date::parse(text, format_description!("[year]-[month]-[day]")).ok()
}

fn bad(detail: String) -> ApiError {
    let advice = "give a block's height, a time such as 2026-11-30T12:00:00Z, or a date such as 2026-11-30 for its end in \
                  UTC, not later than the last block: /v1/status says which that is";
    ApiError::bad("bad-at", detail, advice)
}

fn refusal(error: OpenError) -> ApiError {
    match error {
        OpenError::Database(error) => error.into(),
        OpenError::Gone(_) => {
            let advice = "begin anew: leave `after` out";
            ApiError::bad("bad-cursor", error.to_string(), advice)
        }
        OpenError::Later { .. } | OpenError::Earlier => bad(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// No text makes the parser panic.
        #[test]
        fn foreign_text_never_panics(text in ".{0,60}") {
            let _ = parsed(&text);
        }
    }

    /// Proves MIR-2: a height is itself, a time its milliseconds, a date the last millisecond of its day in UTC.
    #[test]
    fn heights_times_and_days_are_told_apart() {
        let read = |text: &str| parsed(text).map_err(|error| error.0.code().to_owned());
        assert_eq!(read("17"), Ok(At::Block(17)));
        // 30 November 2026 begins at 1,795,996,800 s of Unix time: 20,787 days.
        assert_eq!(read("2026-11-30T00:00:00Z"), Ok(At::Time(1_795_996_800_000)));
        assert_eq!(read("2026-11-30T01:00:00.25+01:00"), Ok(At::Time(1_795_996_800_250)));
        assert_eq!(read("2026-11-30"), Ok(At::Time(1_796_083_199_999)));
        for text in ["", "-1", "+1", "2026-13-01", "2026-11-30T25:00:00Z", "yesterday", "99999999999999999999"] {
            assert_eq!(read(text), Err("bad-at".to_owned()), "{text}");
        }
    }
}
