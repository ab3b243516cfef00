//! Who is owed what, by what was paid in and said: plain integers, none of them asked of a contract. Money is in
//! multiples of 10,000 units, so that 60 % of it by thousandths of the shares and 40 % by quarters are whole numbers,
//! and nothing is dust.

use std::collections::BTreeMap;

/// Who can end with more or less money than they began with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Person {
    /// Holds 600 thousandths of the shares at first.
    Ann,
    /// Holds the others.
    Ben,
    /// Three quarters of the contributors' weights.
    Cid,
    /// One quarter.
    Dee,
    Platform,
    /// Deposits without a licence, trades, defends reports.
    Patron,
    /// Disputes reports.
    Critic,
}

pub const PEOPLE: [Person; 7] =
    [Person::Ann, Person::Ben, Person::Cid, Person::Dee, Person::Platform, Person::Patron, Person::Critic];

/// A stream: 0 has no licence, others are licences by their number less one.
pub type Stream = usize;

/// A report of a quarter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Report {
    /// Else it says that nothing qualified.
    pub weights: bool,
    pub withdrawn: bool,
    pub revision: u32,
    /// In which quarter it was withdrawn last.
    pub withdrawn_in: u32,
}

/// A dispute that nobody ruled on yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dispute {
    pub defended: bool,
}

/// What a licence's terms charge; in units of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deal {
    pub upfront: u128,
    /// A tenth of gross revenue, or nothing.
    pub residual: bool,
    /// For the thousand tokens that each report with weights has.
    pub usage: u128,
    /// Of its one year; the escrow is as much and the spare.
    pub guarantee: u128,
    /// Escrow beyond the guarantee.
    pub spare: u128,
}

/// A licence of twelve months.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Licence {
    pub deal: Deal,
    pub accepted: bool,
    /// The first quarter, once it is in force.
    pub first: Option<u32>,
    /// In force until it is over; a violation ended it in this quarter.
    pub ended: Option<u32>,
    pub gross: BTreeMap<u32, u128>,
    pub usage: BTreeMap<u32, u128>,
    pub paid: BTreeMap<u32, u128>,
    /// By which evidence the oracle alleges a violation.
    pub alleged: Option<u8>,
}

impl Licence {
    pub fn last(&self) -> Option<u32> {
        self.ended.or(self.first.map(|first| first + 4))
    }

    pub fn due(&self, quarter: u32) -> u128 {
        let residual = self.gross.get(&quarter).map_or(0, |gross| if self.deal.residual { gross / 10 } else { 0 });
        residual + self.usage.get(&quarter).copied().unwrap_or_default()
    }

    pub fn unpaid(&self, quarter: u32) -> u128 {
        self.due(quarter) - self.paid.get(&quarter).copied().unwrap_or_default()
    }

    pub fn quarters(&self) -> std::ops::Range<u32> {
        self.first.map_or(0..0, |first| first..self.last().unwrap() + 1)
    }

    pub fn is_reported(&self) -> bool {
        self.first.is_some() && self.quarters().all(|quarter| self.gross.contains_key(&quarter))
    }

    pub fn escrow(&self) -> u128 {
        if self.first.is_some() { self.deal.guarantee + self.deal.spare } else { 0 }
    }

    /// What the escrow pays in the end, by quarters: what the year earned too little, in its last; then what is due.
    pub fn drawn(&self) -> Vec<(u32, u128)> {
        let earned: u128 = self.quarters().map(|quarter| self.due(quarter)).sum();
        let mut left = self.escrow();
        let mut take = |quarter: u32, wanted: u128| {
            let taken = wanted.min(left);
            left -= taken;
            (quarter, taken)
        };
        let shortfall = self.last().map(|last| take(last, self.deal.guarantee.saturating_sub(earned)));
        let mut drawn: Vec<_> = shortfall.into_iter().collect();
        drawn.extend(self.quarters().map(|quarter| take(quarter, self.unpaid(quarter))));
        if FORFEITED && !self.is_reported() {
            drawn.extend(self.last().map(|last| take(last, u128::MAX)));
        }
        drawn
    }

    /// What is left in escrow then, for the platform.
    pub fn rest(&self) -> u128 {
        self.escrow() - self.drawn().iter().map(|(_, amount)| amount).sum::<u128>()
    }
}

/// All of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Books {
    /// What each gets in the end less what it paid in, but for what [`Books::settled`] adds.
    pub gains: BTreeMap<Person, i128>,
    /// Shares in thousandths.
    pub parts: BTreeMap<Person, u128>,
    /// Contributors' money by stream and quarter.
    pub legs: BTreeMap<(Stream, u32), u128>,
    pub reports: BTreeMap<(Stream, u32), Report>,
    pub disputes: BTreeMap<(Stream, u32), Dispute>,
    pub licences: Vec<Licence>,
    /// Open orders: maker, its escrow, its shares, until when.
    pub orders: BTreeMap<u64, (Person, u128, u128, u64)>,
    /// Money of trades and of closed bids that its owner has not taken.
    pub credits: BTreeMap<Person, u128>,
    /// Whom the registrar holds back, and what each had gained by then: nothing is paid to them meanwhile.
    pub held: Vec<(Person, i128)>,
    /// Whose record of the registry ends when.
    pub expiries: BTreeMap<Person, u64>,
    pub paused: bool,
}

/// Whether what is left of an escrow goes to the pool, by anybody's message, where quarters were not reported for a
/// year, and anybody has it paid to the platform where all were.
pub const FORFEITED: bool = true;

/// The bond of a first dispute.
pub const BOND: u128 = 1_000_000;

impl Books {
    pub fn gain(&mut self, person: Person, amount: u128) {
        *self.gains.entry(person).or_default() += i128::try_from(amount).unwrap();
    }

    pub fn lose(&mut self, person: Person, amount: u128) {
        *self.gains.entry(person).or_default() -= i128::try_from(amount).unwrap();
    }

    pub fn is_held(&self, person: Person) -> bool {
        self.held.iter().any(|(held, _)| *held == person)
    }

    pub fn parts_of(&self, person: Person) -> u128 {
        self.parts.get(&person).copied().unwrap_or_default()
    }

    /// A dividend, by the shares of now.
    pub fn dividend(&mut self, amount: u128) {
        for (person, parts) in self.parts.clone() {
            assert_eq!(amount * parts % 1_000, 0, "{amount} by {parts} is not whole");
            self.gain(person, amount * parts / 1_000);
        }
    }

    /// Money comes into the pool.
    pub fn deposit(&mut self, stream: Stream, quarter: u32, amount: u128) {
        if amount > 0 {
            self.dividend(amount / 10 * 6);
            *self.legs.entry((stream, quarter)).or_default() += amount / 10 * 4;
        }
    }

    pub fn last_report(&self, stream: Stream) -> Option<u32> {
        self.reports.keys().filter(|key| key.0 == stream).map(|key| key.1).max()
    }

    pub fn next_report(&self, (stream, quarter): (Stream, u32)) -> Option<u32> {
        self.reports.keys().filter(|key| key.0 == stream && key.1 > quarter).map(|key| key.1).min()
    }

    /// Whether contributors are paid by a quarter's report, once its window is over.
    pub fn pays(&self, key: (Stream, u32)) -> bool {
        self.reports.get(&key).is_some_and(|report| report.weights && !report.withdrawn)
    }

    /// Somebody ruled on a dispute: the winner has its bond back and half the loser's, of which the rest goes to the
    /// contested quarter.
    pub fn ruled(&mut self, key: (Stream, u32), upheld: bool, quarter: u32) {
        let dispute = self.disputes.remove(&key).unwrap();
        let (winner, loses) = if upheld { (Person::Critic, dispute.defended) } else { (Person::Patron, true) };
        if upheld || dispute.defended {
            self.gain(winner, BOND);
        }
        if loses {
            let half = if dispute.defended { BOND / 2 } else { 0 };
            self.gain(winner, half);
            self.deposit(key.0, key.1, BOND - half);
        }
        if upheld {
            let report = self.reports.get_mut(&key).unwrap();
            (report.withdrawn, report.withdrawn_in) = (true, quarter);
        }
    }

    /// Nobody ruled in time: each has its own back.
    pub fn lapse_disputes(&mut self) {
        for dispute in std::mem::take(&mut self.disputes).into_values() {
            self.gain(Person::Critic, BOND);
            if dispute.defended {
                self.gain(Person::Patron, BOND);
            }
        }
    }

    /// Contributors' money went to a later quarter, or to the holders.
    pub fn sent_on(&mut self, key: (Stream, u32), next: Option<u32>) {
        let amount = self.legs.remove(&key).unwrap();
        match next {
            Some(next) => *self.legs.entry((key.0, next)).or_default() += amount,
            None => self.dividend(amount),
        }
    }

    /// An order is over: a bid's escrow is its maker's credit, an ask's shares are free.
    pub fn close_order(&mut self, order: u64) {
        let (maker, escrow, ..) = self.orders.remove(&order).unwrap();
        *self.credits.entry(maker).or_default() += escrow;
    }

    /// What everybody has gained once all is said and done: contributors' money goes by the report of its quarter, or
    /// the next one of its stream, or to the holders.
    pub fn settled(&self) -> Self {
        let mut books = self.clone();
        books.lapse_disputes();
        for number in 0..books.licences.len() {
            for (quarter, amount) in books.licences[number].drawn() {
                books.deposit(number + 1, quarter, amount);
            }
        }
        while let Some((key, amount)) = books.legs.first_key_value().map(|(key, amount)| (*key, *amount)) {
            if books.pays(key) {
                books.legs.remove(&key);
                books.gain(Person::Cid, amount / 4 * 3);
                books.gain(Person::Dee, amount / 4);
            } else {
                books.sent_on(key, books.next_report(key));
            }
        }
        books
    }
}
