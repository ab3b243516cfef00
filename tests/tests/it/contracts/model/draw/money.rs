//! Random deposits, claims and policies.

use yieldset_rules::{dispute::State, waiting::Way};

use super::{
    super::{
        books::Books,
        step::{ADMIN, CONTRIBUTORS, Item, MARKET, PARTIES, PERIODS, Party, PolicyTerms, STREAMS, Step},
    },
    Draw, Kind, pick,
};

impl Draw {
    pub fn money(&self, books: &Books) -> Step {
        let by = self.somebody(1, |_| true);
        match self.kind {
            Kind::Deposit => {
                let (stream, mut period) = (usize::from(self.dice[1]) % STREAMS, u32::from(self.dice[2]) % PERIODS + 1);
                let (mut amount, mut short) = (self.sum(), 0);
                if self.fault {
                    match self.dice[3] % 3 {
                        0 => period = 0,
                        1 => amount = 0,
                        _ => short = 1,
                    }
                }
                Step::Deposit { from: by, stream, period, amount, sent: amount.saturating_sub(short) }
            }
            Kind::Claim => Step::Claim { account: self.somebody(0, |party| books.claimable(party) > 0) },
            Kind::ClaimFor => {
                let owed = |lost: bool| {
                    let fits =
                        |party: &Party| books.claimable(*party) > 0 && (!lost || books.accounts[*party].recovered);
                    pick((0..PARTIES).filter(fits), self.who[0])
                };
                let owed = owed(true).filter(|_| self.who[2] < 100).or(owed(false));
                // The market takes no money that it did not ask for.
                let market =
                    Some(MARKET).filter(|market| books.open && books.claimable(*market) > 0 && self.who[1] < 150);
                let owed = market.or(owed.filter(|_| self.who[2] < 220));
                let account = owed.unwrap_or(usize::from(self.who[2]) % PARTIES);
                Step::ClaimFor { by, account }
            }
            Kind::ClaimContribution => {
                let account = self.contributor(books);
                Step::ClaimContribution { account, item: self.item(books, account, 0) }
            }
            Kind::ClaimContributionFor => {
                let account = self.contributor(books);
                Step::ClaimContributionFor { by, account, item: self.item(books, account, 0) }
            }
            Kind::Carry => {
                let carried = books.legs.keys().filter_map(|key| match books.way(*key) {
                    Way::Carry(to) if books.unclaimed(*key) > 0 => Some((*key, to)),
                    _ => None,
                });
                let ((stream, from), to) = pick(carried, self.dice[0])
                    .filter(|_| !self.fault)
                    .unwrap_or_else(|| (self.leg(books), u32::from(self.dice[2]) % PERIODS + 1));
                Step::Carry { by: self.anybody(1), stream, from, to }
            }
            Kind::ReleaseWaiting => {
                let free =
                    books.legs.keys().filter(|key| books.way(**key) == Way::Release && books.unclaimed(**key) > 0);
                let found = pick(free.copied(), self.dice[0]).filter(|_| !self.fault);
                let (stream, period) = found.unwrap_or_else(|| self.leg(books));
                Step::ReleaseWaiting { by: self.anybody(1), stream, period }
            }
            Kind::ClaimForMany => {
                let item = self.item(books, self.contributor(books), 0);
                let drawn = |place: &usize| self.dice[2] >> place & 1 == 1;
                let mut accounts: Vec<_> = (0..CONTRIBUTORS.len()).filter(drawn).map(|at| CONTRIBUTORS[at]).collect();
                if self.dice[2] >= 128 {
                    accounts.reverse();
                }
                if self.fault && self.dice[3].is_multiple_of(4) {
                    accounts.push(ADMIN);
                }
                Step::ClaimForMany { by, accounts, item }
            }
            _ => {
                let account = self.contributor(books);
                let items = (0..usize::from(self.dice[2]) % 4).map(|n| self.item(books, account, n)).collect();
                Step::ClaimContributions { by, account, items }
            }
        }
    }

    /// Mostly one with money.
    fn leg(&self, books: &Books) -> (usize, u32) {
        let random = (usize::from(self.dice[1]) % STREAMS, u32::from(self.dice[2]) % PERIODS + 1);
        pick(books.legs.keys().copied(), self.dice[1]).filter(|_| self.dice[2] < 190).unwrap_or(random)
    }

    /// Mostly one that pays something, or at least of a period whose report is final; by the tree that the report has.
    fn item(&self, books: &Books, account: Party, n: usize) -> Item {
        let dice = self.dice[0].wrapping_add(n as u8 * 7);
        let owed = pick(books.promised_contributions(account), dice).map(|item| (item.stream, item.period));
        let ready = books.standings.iter().filter(|(_, standing)| standing.state(books.now) == State::Final);
        let ready = pick(ready.map(|(key, _)| *key), dice);
        let random = (usize::from(self.dice[0]) % STREAMS, u32::from(self.dice[1]) % PERIODS + 1);
        let (stream, period) = match self.dice[1] {
            0..190 => owed.or(ready),
            190..225 => ready,
            _ => None,
        }
        .unwrap_or(random);
        let tree = books.tree_of((stream, period)).unwrap_or(0);
        let other = self.fault && self.dice[3] < 128;
        Item { stream, period, tree: (tree + usize::from(other)) % 3, inflated: self.fault && !other }
    }

    /// Mostly mild.
    pub fn terms(&self, books: &Books) -> PolicyTerms {
        let [a, b, c, _] = self.dice;
        let largest = books.accounts.iter().map(|account| account.holder.balance).max().unwrap_or_default();
        if a < 150 {
            let mild = PolicyTerms::default();
            return match b {
                0..100 => PolicyTerms { lockup_seconds: u32::from(b) * 2 + 20, ..mild },
                100..140 => PolicyTerms { max_holders: books.holders.max(1), ..mild },
                140..180 => PolicyTerms { max_holding: self.part.of(largest).max(largest / 2), ..mild },
                _ => mild,
            };
        }
        let (allow_list, countries) = match b % 6 {
            0 => (true, vec![276, 840]),
            1 => (false, vec![756]),
            2 => (true, vec![840, 756]),
            3 => (false, vec![276]),
            _ => (false, vec![]),
        };
        PolicyTerms {
            min_level: [0, 1, 1, 2][usize::from(b / 6) % 4],
            accredited_only: c % 5 == 0,
            allow_list,
            countries,
            max_holders: if c % 3 == 0 { (books.holders + u32::from(b % 3)).max(1) } else { 0 },
            max_holding: if c % 4 == 0 { largest + self.part.of(largest) } else { 0 },
            lockup_seconds: if c % 2 == 0 { u32::from(b) / 3 } else { 0 },
        }
    }
}
