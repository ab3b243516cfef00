//! What a record may say to be taken in: which ids, when, how many tokens. What was logged is not looked at again by
//! these: a licence's own limits decide then what counts ([`crate::licensed::Limits`]).

use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use yieldset_rules::{
    licence::DAY,
    period::{quarter_at, quarter_start},
    usage::{Evidence, UsageRecord},
};

/// No record is of an earlier time, Unix milliseconds: 2020-01-01. What says 1970 has no clock.
const EARLIEST: u64 = 1_577_836_800_000;

/// Limits of what a log takes in. Each licence has its own, of which these are the widest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounds {
    /// Most output tokens of a call.
    pub call_tokens: u32,
    /// So many days after its quarter's end a call is taken; zero is no limit.
    pub late_record_days: u16,
    /// How far ahead of this machine's clock a record may be dated, in seconds.
    pub clock_skew: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { call_tokens: 1 << 20, late_record_days: 0, clock_skew: 600 }
    }
}

impl Bounds {
    /// Whether a record keeps to them at a time in Unix milliseconds; else what is wrong, for its sender.
    ///
    /// # Errors
    /// In words.
    pub fn check(&self, record: &UsageRecord, now_ms: u64) -> Result<(), String> {
        match record {
            UsageRecord::InferenceCall(call) => {
                if matches!(call.evidence, Evidence::Whole(_)) {
                    let reason =
                        "it is a call of record version 1, which no report counts any more; make it anew with `record`";
                    return Err(reason.into());
                }
                self.check_time("at", call.at_ms, now_ms)?;
                self.check_late(call.at_ms, now_ms)?;
                match call.output_tokens > self.call_tokens {
                    true => Err(format!(
                        "it has {} output tokens, and a call has at most {}; count the tokens of this output alone",
                        call.output_tokens, self.call_tokens
                    )),
                    false => Ok(()),
                }
            }
            UsageRecord::TrainingRun(run) => {
                self.check_time("started", run.started_ms, now_ms)?;
                self.check_time("ended", run.ended_ms, now_ms)
            }
        }
    }

    fn check_time(&self, what: &str, at_ms: u64, now_ms: u64) -> Result<(), String> {
        if at_ms < EARLIEST {
            return Err(format!("its {what}, {}, is before 2020; write Unix milliseconds", date(at_ms)));
        }
        if at_ms > now_ms.saturating_add(self.clock_skew.saturating_mul(1_000)) {
            return Err(format!(
                "its {what}, {}, lies ahead of this log's clock, {}; send it when it has happened",
                date(at_ms),
                date(now_ms)
            ));
        }
        Ok(())
    }

    fn check_late(&self, at_ms: u64, now_ms: u64) -> Result<(), String> {
        let ends = quarter_start(quarter_at(at_ms / 1_000).saturating_add(1));
        let until = ends.saturating_add(u64::from(self.late_record_days).saturating_mul(DAY));
        match self.late_record_days > 0 && now_ms / 1_000 > until {
            true => Err(format!(
                "its at, {}, is of a quarter whose records were taken until {}; it counts no more",
                date(at_ms),
                date(until.saturating_mul(1_000))
            )),
            false => Ok(()),
        }
    }
}

/// A time in words, also one that no calendar has.
fn date(at_ms: u64) -> String {
    let seconds = i64::try_from(at_ms / 1_000).ok();
    let at = seconds.and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok());
    at.and_then(|at| at.format(&Rfc3339).ok()).unwrap_or_else(|| format!("{at_ms} ms after 1970"))
}

/// Whether an id may be one: of visible ASCII, with single spaces inside at most, so that no two look alike, or differ
/// by what nobody sees (width, composed letters, zero-width signs, NUL, a space at the end). Ids are opaque: what holds
/// an address of mail or an account is a person's, and the log is kept for years.
///
/// # Errors
/// What is wrong, for the sender.
pub fn check_id(id: &str) -> Result<(), String> {
    if let Some(letter) = id.chars().find(|letter| !letter.is_ascii_graphic() && *letter != ' ') {
        return Err(format!("its id has {letter:?} in it; use letters, digits and signs of ASCII"));
    }
    if id.contains('@') {
        return Err(
            "its id has @ in it, as an address of mail or an account has; an id must tell nothing of a person: \
                    use a random or a counted one"
                .to_owned(),
        );
    }
    match id.starts_with(' ') || id.ends_with(' ') || id.contains("  ") {
        true => Err(format!("its id {id:?} has a space too many; leave those at its ends out, and one of two")),
        false => Ok(()),
    }
}

/// What ids are compared by: two that differ by case alone are one call.
pub fn same_call(id: &str) -> String {
    id.to_lowercase()
}

#[cfg(test)]
mod tests {
    use yieldset_rules::usage::Whole;

    use super::*;
    use crate::testing::{IN_PERIOD, call_of, call_with, run_at, unit};

    fn told(bounds: &Bounds, tokens: u32, at_ms: u64, now_ms: u64) -> Option<String> {
        bounds.check(&call_with("1", tokens, at_ms, unit(0, 1_000_000), ""), now_ms).err()
    }

    /// Bad input: the year 1970, times that no clock shows, what has not happened yet, a quarter whose records are no
    /// longer taken, more tokens than a call has. At the very limit all is taken.
    #[test]
    fn times_and_tokens_are_bounded() {
        let bounds = Bounds { call_tokens: 50, late_record_days: 30, clock_skew: 60 };
        // 2027-01-31T00:00:00Z: thirty days after 2026Q4.
        let last = 1_801_353_600_000;
        for (tokens, at_ms, now_ms, word) in [
            (50, IN_PERIOD, IN_PERIOD, None),
            (51, IN_PERIOD, IN_PERIOD, Some("51 output tokens")),
            (u32::MAX, IN_PERIOD, IN_PERIOD, Some("at most 50")),
            (1, IN_PERIOD + 60_000, IN_PERIOD, None),
            (1, IN_PERIOD + 60_001, IN_PERIOD, Some("ahead of this log's clock")),
            (1, 0, IN_PERIOD, Some("1970-01-01T00:00:00Z, is before 2020")),
            (1, EARLIEST - 1, EARLIEST, Some("before 2020")),
            (1, EARLIEST, EARLIEST, None),
            (1, u64::MAX, IN_PERIOD, Some("ahead")),
            (1, 253_402_300_800_000, IN_PERIOD, Some("253402300800000 ms after 1970")),
            (1, IN_PERIOD, last, None),
            (1, IN_PERIOD, last + 1_000, Some("until 2027-01-31T00:00:00Z")),
        ] {
            let said = told(&bounds, tokens, at_ms, now_ms);
            match word {
                None => assert_eq!(said, None),
                Some(word) => assert!(said.as_ref().is_some_and(|said| said.contains(word)), "{word}: {said:?}"),
            }
        }
        let late = Bounds { late_record_days: 0, ..bounds };
        assert_eq!(told(&late, 1, IN_PERIOD, last * 2), None, "no limit");
    }

    /// New calls are of record version 2: what was made for version 1 would be logged and never paid. Training runs
    /// have one version.
    #[test]
    fn calls_of_record_version_1_are_refused() {
        let bounds = Bounds::default();
        let whole = Whole { embedding: unit(0, 1_000_000), fingerprints: vec![1, 5] };
        let old = call_of("1", 1, IN_PERIOD, Evidence::Whole(whole), "");
        let said = bounds.check(&old, IN_PERIOD).expect_err("of version 1");
        assert!(said.contains("record version 1") && said.contains("make it anew with `record`"), "{said}");
        let run = UsageRecord::TrainingRun(run_at("run", IN_PERIOD));
        assert_eq!(bounds.check(&run, IN_PERIOD), Ok(()));
    }

    /// Bad input: ids that look alike, differ by what nobody sees, or hold a person's address. Those that differ by
    /// case are one.
    #[test]
    fn ids_cannot_look_alike() {
        for good in ["c-1", "chatcmpl-9aBcD", "A/b:c+d=e~", "{1}", "call 7 of 9"] {
            assert_eq!(check_id(good), Ok(()), "{good}");
        }
        for bad in [
            "c1 ",
            " c1",
            "c  1",
            "c\u{a0}1",
            "c1\n",
            "c1\0",
            "\u{ff43}1",
            "\u{441}1",
            "c\u{200b}1",
            "e\u{301}",
            "\u{e9}",
            "c1\u{7f}",
            "ada@example.com",
            "chat of @ada",
        ] {
            assert!(check_id(bad).is_err(), "{bad:?}");
        }
        assert_eq!(same_call("Chat-A"), same_call("chat-a"));
        assert_ne!(same_call("chat-a"), same_call("chat-b"));
    }
}
