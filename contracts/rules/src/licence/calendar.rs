//! A licence's quarters and years by the calendar: terms are whole months, years end on anniversaries, and a quarter
//! counts in the licence year in which it ends (PAY-5).

use super::{DAY, Licence, Refusal, Stage, Terms, USAGE_DAYS, days_after};
use crate::period::{months_after, quarter_at, quarter_start};

impl Licence {
    /// The last second in force.
    const fn last_moment(&self) -> u64 {
        let end = if self.ends_at > self.activated_at { self.ends_at } else { self.activated_at.saturating_add(1) };
        end.saturating_sub(1)
    }

    /// First and last calendar quarter in force.
    #[inline(never)]
    pub const fn quarters(&self) -> (u32, u32) {
        (quarter_at(self.activated_at), quarter_at(self.last_moment()))
    }

    /// Stops at a quarter in which the licence was not in force.
    pub fn check_quarter(&self, quarter: u32) -> Result<(), Refusal> {
        let (first, last) = self.quarters();
        let within = (first..=last).contains(&quarter);
        if within { Ok(()) } else { Err(Refusal::QuarterOutsideTerm(quarter, first, last)) }
    }

    /// When a quarter is over for this licence.
    pub const fn quarter_end(&self, quarter: u32) -> u64 {
        let end = quarter_start(quarter.saturating_add(1));
        if end < self.ends_at { end } else { self.ends_at }
    }

    /// Until when a quarter must be paid where the due was known in time.
    pub const fn payment_deadline(&self, terms: &Terms, quarter: u32) -> u64 {
        days_after(quarter_start(quarter.saturating_add(1)), terms.payment_days)
    }

    /// Where a licence year ends, if the licence does not end before: the anniversary by the calendar.
    #[inline(never)]
    pub const fn anniversary(&self, year: u32) -> u64 {
        months_after(self.activated_at, year.saturating_mul(12))
    }

    /// The licence year a time belongs to, from 1; after the end the last one.
    #[inline(never)]
    pub const fn year_of(&self, time: u64) -> u32 {
        let last = self.last_moment();
        let time = if time < last { time } else { last };
        let mut year = 1;
        while self.anniversary(year) <= time {
            year = year.saturating_add(1);
        }
        year
    }

    /// The last licence year.
    pub const fn last_year(&self) -> u32 {
        self.year_of(u64::MAX)
    }

    /// First and last quarter that count in a licence year: those that end in it, one that ends with it included; the
    /// last part-quarter counts in the last year.
    #[inline(never)]
    pub const fn year_quarters(&self, year: u32) -> (u32, u32) {
        let (first, last) = self.quarters();
        let from = if year == 1 { first } else { quarter_at(self.anniversary(year.saturating_sub(1))) };
        (from, if year >= self.last_year() { last } else { quarter_at(self.anniversary(year)).saturating_sub(1) })
    }

    /// The licence year in which a quarter counts.
    #[inline(never)]
    pub const fn year_of_quarter(&self, quarter: u32) -> u32 {
        let last = self.last_year();
        let mut year = 1;
        while year < last && quarter >= quarter_at(self.anniversary(year)) {
            year = year.saturating_add(1);
        }
        year
    }

    /// Begin and end of a licence year; the last one ends with the licence.
    pub const fn year_span(&self, year: u32) -> (u64, u64) {
        let end = self.anniversary(year);
        (self.anniversary(year.saturating_sub(1)), if end < self.ends_at { end } else { self.ends_at })
    }

    /// Until when models may be trained on the data (LIC-6).
    pub const fn training_until(&self, terms: &Terms) -> u64 {
        let until = months_after(self.activated_at, terms.training_months as u32);
        if terms.training_months > 0 && until < self.ends_at { until } else { self.ends_at }
    }

    /// From when on a quarter's usage counts as none where no report of it is final.
    pub const fn usage_deadline(quarter: u32) -> u64 {
        quarter_start(quarter.saturating_add(1)).saturating_add(USAGE_DAYS * DAY)
    }

    /// When the licence's stream in the pool ends: nothing of it can be reported after that. `u64::MAX` while that is
    /// not known, because the licence may still come into force or be in force.
    pub fn stream_end(&self, terms: &Terms, now: u64) -> u64 {
        match self.stage_at(now) {
            Stage::None => 0,
            Stage::Withdrawn | Stage::Declined | Stage::Expired => self.expires_at,
            Stage::Lapsed => self.fund_by,
            Stage::Terminated | Stage::Ended => {
                let (_, last) = self.quarters();
                let reported = days_after(quarter_start(last.saturating_add(1)), terms.report_days);
                let paid = self.payment_deadline(terms, last).saturating_add(u64::from(terms.grace_days) * DAY);
                reported.max(paid).max(Self::usage_deadline(last))
            }
            Stage::Offered | Stage::Accepted | Stage::Active | Stage::UnderNotice => u64::MAX,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves SAFE-12: numbers of quarters and years that no licence has wrap nowhere. On the old rule the first two
    /// began the calendar anew, at the quarter zero.
    #[test]
    fn numbers_that_no_licence_has_do_not_wrap() {
        // 1 October 2026, and a year.
        let licence = Licence { activated_at: 1_790_812_800, ends_at: 1_822_348_800, ..Licence::default() };
        let terms = Terms { payment_days: 1, ..Terms::default() };
        assert_eq!(licence.quarter_end(u32::MAX), licence.ends_at);
        assert!(licence.payment_deadline(&terms, u32::MAX) > licence.ends_at);
        assert!(Licence::usage_deadline(u32::MAX) > licence.ends_at);
        assert!(licence.anniversary(u32::MAX) > licence.ends_at);
        assert_eq!(licence.year_span(0), (licence.activated_at, licence.activated_at));
        assert_eq!(licence.year_span(u32::MAX).1, licence.ends_at);
        // One that never came into force.
        assert_eq!(Licence::default().quarters(), (7_880, 7_880));
        let (first, last) = Licence::default().year_quarters(0);
        assert!(first > last, "the year zero has no quarter");
    }
}
