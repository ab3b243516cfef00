//! Random steps in the registries: KYC records, reports and their disputes.

use super::{
    super::{
        books::Books,
        step::{CONTRIBUTORS, NOTHING, PERIODS, Party, STRANGER, Step},
    },
    Draw, Kind, pick,
};
use yieldset_rules::dispute::{Phase, State};

impl Draw {
    pub fn kyc(&self, books: &Books) -> Step {
        let by = self.by();
        let account = usize::from(self.who[0]) % STRANGER;
        match self.kind {
            Kind::SetRecord => {
                // Mostly somebody who needs one.
                let out = (0..STRANGER).filter(|party| books.may_be_paid(*party).is_err());
                let account = pick(out, self.who[0]).filter(|_| self.who[1] < 200).unwrap_or(account);
                let lasts = [30, 300, 40_000_000, 40_000_000][usize::from(self.dice[2]) % 4] + u64::from(self.dice[2]);
                Step::SetRecord {
                    by,
                    account,
                    level: if self.fault { 0 } else { 1 + self.dice[0] % 3 },
                    jurisdiction: [276, 276, 840, 756][usize::from(self.dice[1]) % 4],
                    accredited: self.dice[3] < 128,
                    expiry: books.now + lasts,
                }
            }
            Kind::Revoke => Step::Revoke { by, account },
            Kind::SetFrozen => {
                let found = pick((0..STRANGER).filter(|party| books.records[*party].frozen), self.who[1]);
                let found = found.filter(|_| self.dice[0] < 200);
                Step::SetFrozen { by, account: found.unwrap_or(account), frozen: found.is_none() }
            }
            Kind::SetSanctioned => {
                let found = pick((0..STRANGER).filter(|party| books.records[*party].sanctioned), self.who[1]);
                let found = found.filter(|_| self.dice[0] < 200);
                Step::SetSanctioned { by, account: found.unwrap_or(account), sanctioned: found.is_none() }
            }
            _ => {
                let empty = pick((0..STRANGER).filter(|party| books.records[*party].level == 0), self.who[1]);
                // Sooner somebody whom the market owes something.
                let owed = |party: &usize| books.credits[*party] > 0 && books.records[*party].level > 0;
                let lost = pick((0..STRANGER).filter(owed), self.who[0]).filter(|_| self.dice[0] < 160);
                let replacement = empty.unwrap_or(self.anybody(1));
                Step::RecoverRecord { by, lost: lost.unwrap_or(account), replacement }
            }
        }
    }

    pub fn reports(&self, books: &Books) -> Step {
        let (stream, period) = (usize::from(self.dice[0]) % 2, u32::from(self.dice[1]) % PERIODS + 1);
        let of = |state: State| {
            let found = books.standings.iter().filter(move |(_, standing)| standing.state(books.now) == state);
            pick(found.map(|(key, _)| *key), self.dice[0]).filter(|_| !self.fault).unwrap_or((stream, period))
        };
        match self.kind {
            Kind::Post => self.post(books, stream, period),
            Kind::Dispute => {
                let (stream, period) = of(State::Pending);
                let bond = books.bond((stream, period));
                let sent = match self.dice[3] {
                    _ if self.fault => bond - 1,
                    0..60 => bond + 1_000_000,
                    _ => bond,
                };
                Step::Dispute { by: self.anybody(0), stream, period, sent }
            }
            Kind::Defend => {
                let (stream, period) = of(State::Disputed);
                let bond = books.standing((stream, period)).bond;
                let sent = match self.dice[3] {
                    _ if self.fault => bond.saturating_sub(1),
                    0..60 => bond + 1_000_000,
                    _ => bond,
                };
                Step::Defend { by: self.anybody(0), stream, period, sent }
            }
            Kind::Rule => {
                // Where it is to be wrong, also one that is over for want of a ruling.
                let disputed = books.standings.iter().filter(|(_, standing)| standing.phase() == Phase::Disputed);
                let any = pick(disputed.map(|(key, _)| *key), self.dice[0]).filter(|_| self.fault);
                let (stream, period) = any.unwrap_or(of(State::Disputed));
                let by = self.by();
                if self.dice[2] < 150 {
                    Step::Uphold { by, stream, period }
                } else {
                    Step::Reject { by, stream, period }
                }
            }
            Kind::Expire => {
                let late = books.standings.iter().filter(|(_, s)| s.phase == 2 && books.now >= s.until);
                let (stream, period) = pick(late.map(|(key, _)| *key), self.dice[0]).unwrap_or(of(State::Disputed));
                Step::Expire { by: self.anybody(0), stream, period }
            }
            Kind::DeliverBond => {
                let kept = pick(books.bonds_kept.keys().copied(), self.dice[0]).filter(|_| self.dice[3] < 240);
                let (stream, period) = kept.unwrap_or((stream, period));
                let sent = if self.dice[2] < 60 { 1_000_000 } else { 0 };
                Step::DeliverBond { by: self.anybody(0), stream, period, sent }
            }
            _ => {
                let account = self.somebody(0, |party| books.bonds_owed[party] > 0);
                let by = if self.dice[2] < 128 { account } else { self.anybody(1) };
                let to = if self.dice[3] < 160 { account } else { self.anybody(2) };
                Step::WithdrawBond { by, account, to }
            }
        }
    }

    fn post(&self, books: &Books, stream: usize, period: u32) -> Step {
        let tree = [0, 0, 1, 1, 2, NOTHING, NOTHING][usize::from(self.dice[2]) % 7];
        let signers = 2 - usize::from(self.fault && self.dice[3] < 128);
        let withdrawn = books.standings.iter().find_map(|(key, s)| s.next_revision().map(|next| (*key, next)));
        if let Some(((stream, period), revision)) = withdrawn.filter(|_| self.dice[3] < 200) {
            let revision = revision + u32::from(self.fault);
            return Step::Post { stream, period, revision, tree, signers };
        }
        // Now and then past a period that nobody reports.
        let next = books.ends[stream].map_or(1, |last| last.period + 1) + u32::from(self.dice[1] < 60);
        let period = match self.fault {
            // 2036 Q4.
            true if self.dice[1] < 40 => 8_147,
            false if next <= PERIODS => next,
            _ => period,
        };
        Step::Post { stream, period, revision: 0, tree, signers }
    }

    /// Mostly a contributor to whom something is owed.
    pub fn contributor(&self, books: &Books) -> Party {
        let owed = CONTRIBUTORS.into_iter().filter(|party| !books.promised_contributions(*party).is_empty());
        match self.who[0] {
            0..200 => pick(owed, self.who[0]).unwrap_or(CONTRIBUTORS[usize::from(self.who[0]) % CONTRIBUTORS.len()]),
            200..230 => CONTRIBUTORS[usize::from(self.who[0]) % CONTRIBUTORS.len()],
            _ => self.anybody(0),
        }
    }
}
