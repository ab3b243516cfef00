//! Which figures of a report can stand beside each other, whoever signed them.
//!
//! - Each call is a record of the log, and each has a line: no line, no call.
//! - A qualifying call is one of the calls. Somebody has at least one of its tokens, of which a record has at most
//!   2^32 - 1.
//! - What came late came after a report, so there is one before.
//! - Of a qualifying call at least one hit is no decoy's, and at most one for each dataset; of a call at most one for
//!   each decoy. A hit that is no decoy's makes its call qualify.
//! - Calls of a spot check are some of these, drawn by a block; opened are some of the drawn, matched some of the
//!   opened.

use super::{MeasuredError, Report, SpotCheck, Totals};

/// Most output tokens of a call.
const MOST_TOKENS: u64 = u32::MAX as u64;

impl Report {
    /// Whether its figures contradict each other nowhere.
    pub(super) fn figures_agree(&self) -> bool {
        let totals = &self.totals;
        let silent = totals.calls == 0;
        totals.agree()
            && totals.calls <= self.log.size
            && silent == (self.lines_root == [0; 32])
            && (totals.late_records.unwrap_or_default() == 0 || self.previous != [0; 32])
            && self.error.agrees(totals)
            && self.spot_check.is_none_or(|spot| spot.agrees(totals))
    }
}

impl Totals {
    fn agree(&self) -> bool {
        self.qualifying_calls <= self.calls
            && self.attributed_tokens <= self.tokens
            && self.tokens <= self.calls.saturating_mul(MOST_TOKENS)
            && self.qualifying_calls <= self.attributed_tokens
            && self.attributed_tokens <= self.qualifying_calls.saturating_mul(MOST_TOKENS)
            && self.late_records.unwrap_or_default() <= self.calls
    }
}

impl MeasuredError {
    fn agrees(&self, totals: &Totals) -> bool {
        let Self::Decoys { hits, decoy_hits, datasets, decoys } = *self else { return true };
        let Some(real) = hits.checked_sub(decoy_hits) else { return false };
        let most = |calls: u64, compared: u32| calls.saturating_mul(compared.into());
        let qualifying = totals.qualifying_calls;
        datasets > 0
            && decoys > 0
            && (qualifying..=most(qualifying, datasets)).contains(&real)
            && decoy_hits <= most(totals.calls, decoys)
    }
}

impl SpotCheck {
    fn agrees(&self, totals: &Totals) -> bool {
        let drawn = u64::from(self.drawn);
        self.block > 0
            && self.block_hash != [0; 32]
            && (1..=totals.calls).contains(&drawn)
            && self.opened <= self.drawn
            && self.matched <= self.opened
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{
        Malformed, Outcome,
        tests::{keccak, report},
    };

    /// Ten of 24 calls qualify; three datasets and two decoys were compared; six calls were drawn.
    fn measured() -> Report {
        let totals =
            Totals { calls: 24, qualifying_calls: 10, tokens: 900, attributed_tokens: 500, late_records: Some(5) };
        let spot = SpotCheck { block: 7, block_hash: [9; 32], drawn: 6, opened: 5, matched: 4 };
        Report { totals, error: decoys(20, 8, 3, 2), spot_check: Some(spot), previous: [9; 32], ..report() }
    }

    fn decoys(hits: u64, decoy_hits: u64, datasets: u32, decoys: u32) -> MeasuredError {
        MeasuredError::Decoys { hits, decoy_hits, datasets, decoys }
    }

    fn read(report: &Report) -> Result<(), Malformed> {
        Report::from_bytes(&report.to_bytes()).map(|read| assert_eq!(read, *report))
    }

    fn accepted(change: impl Fn(&mut Report)) {
        let mut changed = measured();
        change(&mut changed);
        assert_eq!(read(&changed), Ok(()), "{changed:?}");
    }

    fn refused(change: impl Fn(&mut Report)) {
        let mut changed = measured();
        change(&mut changed);
        assert_eq!(read(&changed), Err(Malformed::Values), "{changed:?}");
    }

    /// Proves SAFE-14: calls are records of the log with a line each, qualifying ones are some of them, and tokens are
    /// no more than they can have and no fewer than they must have; each bound on both sides.
    #[test]
    fn calls_and_tokens_agree() {
        accepted(|_| {});
        accepted(|r| r.log.size = 24);
        refused(|r| r.log.size = 23);
        refused(|r| r.lines_root = [0; 32]);
        refused(|r| r.totals.qualifying_calls = 25);
        refused(|r| r.totals.attributed_tokens = 901);
        accepted(|r| (r.totals.tokens, r.totals.attributed_tokens) = (10, 10));
        refused(|r| (r.totals.tokens, r.totals.attributed_tokens) = (10, 9));
        // 24 and 10 calls of 2^32 - 1 tokens each.
        accepted(|r| (r.totals.tokens, r.totals.attributed_tokens) = (103_079_215_080, 42_949_672_950));
        refused(|r| (r.totals.tokens, r.totals.attributed_tokens) = (103_079_215_081, 42_949_672_950));
        refused(|r| (r.totals.tokens, r.totals.attributed_tokens) = (103_079_215_080, 42_949_672_951));
        // The largest figures there are.
        accepted(|r| {
            r.log.size = u64::MAX;
            r.totals.calls = u64::MAX;
            r.totals.tokens = u64::MAX;
        });
        // Without a call there is no line, no token, nothing late and nothing drawn.
        let silent = Report {
            outcome: Outcome::NothingQualified,
            totals: Totals::default(),
            error: decoys(0, 0, 3, 2),
            lines_root: [0; 32],
            spot_check: None,
            ..measured()
        };
        assert_eq!(read(&silent), Ok(()));
        let wrong = |report: Report| assert_eq!(read(&report), Err(Malformed::Values), "{report:?}");
        wrong(Report { lines_root: [8; 32], ..silent.clone() });
        wrong(Report { totals: Totals { tokens: 1, ..silent.totals }, ..silent.clone() });
        wrong(Report { totals: Totals { late_records: Some(1), ..silent.totals }, ..silent.clone() });
        wrong(Report { spot_check: measured().spot_check, ..silent.clone() });
        wrong(Report { error: decoys(1, 1, 3, 2), ..silent });
    }

    /// Proves SAFE-14: late is at most what was counted, and nothing in a stream's first report.
    #[test]
    fn what_is_late_came_after_a_report() {
        accepted(|r| r.totals.late_records = Some(24));
        refused(|r| r.totals.late_records = Some(25));
        refused(|r| r.previous = [0; 32]);
        for late in [None, Some(0)] {
            accepted(|r| (r.previous, r.totals.late_records) = ([0; 32], late));
        }
    }

    /// Proves SAFE-14: hits are those of the report's own calls, whether or not a licence limits them. The old check
    /// let each of the refused ones pass but the first.
    #[test]
    fn hits_are_those_of_the_calls() {
        let with = |hits, decoy_hits| move |r: &mut Report| r.error = decoys(hits, decoy_hits, 3, 2);
        refused(with(8, 9));
        // Ten calls qualify, each by one to three datasets.
        refused(with(17, 8));
        accepted(with(18, 8));
        accepted(with(38, 8));
        refused(with(39, 8));
        refused(with(0, 0));
        // 24 calls, two decoys.
        accepted(with(58, 48));
        refused(with(59, 49));
        refused(|r| r.error = decoys(20, 8, 0, 2));
        refused(|r| r.error = decoys(12, 0, 3, 0));
        accepted(|r| r.error = MeasuredError::NotMeasured);
        // Nothing qualified: no dataset was hit, decoys may have been.
        let nothing = |r: &mut Report| {
            r.outcome = Outcome::NothingQualified;
            (r.totals.qualifying_calls, r.totals.attributed_tokens) = (0, 0);
        };
        accepted(|r| {
            nothing(r);
            r.error = decoys(8, 8, 3, 2);
        });
        refused(|r| {
            nothing(r);
            r.error = decoys(9, 8, 3, 2);
        });
    }

    /// Proves SAFE-14: a spot check drew some of the calls, by a block.
    #[test]
    fn drawn_calls_are_some_of_the_calls() {
        let with = |change: fn(&mut SpotCheck)| {
            move |r: &mut Report| {
                if let Some(spot) = &mut r.spot_check {
                    change(spot);
                }
            }
        };
        accepted(with(|spot| (spot.drawn, spot.opened, spot.matched) = (24, 24, 24)));
        refused(with(|spot| spot.drawn = 25));
        refused(with(|spot| spot.opened = 7));
        refused(with(|spot| spot.matched = 6));
        accepted(with(|spot| (spot.opened, spot.matched) = (0, 0)));
        refused(with(|spot| (spot.drawn, spot.opened, spot.matched) = (0, 0, 0)));
        refused(with(|spot| spot.block = 0));
        refused(with(|spot| spot.block_hash = [0; 32]));
    }

    /// Proves SAFE-14: nobody has a weight where no dataset was compared.
    #[test]
    fn weights_are_of_compared_datasets() {
        let none = Report { compared: keccak(&[]), ..measured() };
        assert_eq!(read(&none), Err(Malformed::Outcome));
        let totals = Totals { qualifying_calls: 0, attributed_tokens: 0, ..none.totals };
        let nothing = Report { outcome: Outcome::NothingQualified, totals, error: decoys(0, 0, 3, 2), ..none };
        assert_eq!(read(&nothing), Ok(()));
    }
}
