//! Random steps. What is drawn are numbers; what they mean is decided by the state that the history has come to, so
//! that most steps can be taken in deep states, and with a fault thrown in some of them cannot.

mod fit;
mod market;
mod money;
mod registries;

use alloy_primitives::U256;
use proptest::prelude::*;
use yieldset_rules::dispute::State;
use yieldset_tests::attribution::WINDOW;

use super::{
    books::{Books, HolderRecord},
    step::{ADMIN, GOVERNOR, MARKET, PARTIES, PEOPLE, Party, Step, ZERO},
};

/// What a step is about; which step it becomes depends on the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Mint,
    Open,
    RaiseCap,
    Transfer,
    Approve,
    TransferFrom,
    SetSale,
    Buy,
    Deposit,
    Claim,
    ClaimFor,
    ClaimContribution,
    ClaimContributionFor,
    ClaimContributions,
    ClaimForMany,
    Carry,
    ReleaseWaiting,
    Post,
    Dispute,
    Defend,
    Rule,
    Expire,
    WithdrawBond,
    DeliverBond,
    Freeze,
    Unfreeze,
    Force,
    Recover,
    Pause,
    SetPolicy,
    SetRecord,
    Revoke,
    SetFrozen,
    SetSanctioned,
    RecoverRecord,
    List,
    Ask,
    Bid,
    FillAsk,
    FillBid,
    Match,
    Cancel,
    CancelExpired,
    Withdraw,
    Inherit,
    Wait,
}

/// How often each is drawn.
const WEIGHTS: [(u32, Kind); 46] = [
    (4, Kind::Mint),
    (2, Kind::Open),
    (2, Kind::RaiseCap),
    (6, Kind::Transfer),
    (4, Kind::Approve),
    (4, Kind::TransferFrom),
    (3, Kind::SetSale),
    (4, Kind::Buy),
    (9, Kind::Deposit),
    (5, Kind::Claim),
    (4, Kind::ClaimFor),
    (4, Kind::ClaimContribution),
    (4, Kind::ClaimContributionFor),
    (4, Kind::ClaimContributions),
    (5, Kind::ClaimForMany),
    (3, Kind::Carry),
    (3, Kind::ReleaseWaiting),
    (4, Kind::Post),
    (2, Kind::Dispute),
    (4, Kind::Defend),
    (3, Kind::Rule),
    (2, Kind::Expire),
    (2, Kind::WithdrawBond),
    (4, Kind::DeliverBond),
    (3, Kind::Freeze),
    (2, Kind::Unfreeze),
    (3, Kind::Force),
    (2, Kind::Recover),
    (3, Kind::Pause),
    (3, Kind::SetPolicy),
    (5, Kind::SetRecord),
    (1, Kind::Revoke),
    (2, Kind::SetFrozen),
    (2, Kind::SetSanctioned),
    (1, Kind::RecoverRecord),
    (2, Kind::List),
    (7, Kind::Ask),
    (7, Kind::Bid),
    (5, Kind::FillAsk),
    (5, Kind::FillBid),
    (5, Kind::Match),
    (2, Kind::Cancel),
    (2, Kind::CancelExpired),
    (3, Kind::Withdraw),
    (3, Kind::Inherit),
    (6, Kind::Wait),
];

/// How much of what there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    All,
    /// In 256ths.
    Of(u8),
    Units(u8),
    /// A unit more than there is.
    Over,
}

impl Part {
    pub fn of(self, available: u128) -> u128 {
        match self {
            Self::All => available,
            Self::Of(n) => available / 256 * u128::from(n) + available % 256 * u128::from(n) / 256,
            Self::Units(n) => n.into(),
            Self::Over => available + 1,
        }
    }
}

/// Numbers for one step.
#[derive(Debug, Clone, Copy)]
pub struct Draw {
    pub kind: Kind,
    pub who: [u8; 3],
    pub dice: [u8; 4],
    pub part: Part,
    /// Something is to be wrong with it.
    pub fault: bool,
    /// It is the first of a new block.
    pub next_block: bool,
}

pub fn draw() -> impl Strategy<Value = Draw> {
    let kinds = WEIGHTS.map(|(weight, kind)| (weight, Just(kind)));
    let part = prop_oneof![
        2 => Just(Part::All),
        6 => any::<u8>().prop_map(Part::Of),
        2 => (0u8..30).prop_map(Part::Units),
        1 => Just(Part::Over),
    ];
    let kind = prop::strategy::Union::new_weighted(kinds.to_vec());
    (kind, any::<[u8; 3]>(), any::<[u8; 4]>(), part, prop::bool::weighted(0.1), any::<bool>())
        .prop_map(|(kind, who, dice, part, fault, next_block)| Draw { kind, who, dice, part, fault, next_block })
}

/// One of these.
pub fn pick<T: Copy>(from: impl IntoIterator<Item = T>, dice: u8) -> Option<T> {
    let all: Vec<T> = from.into_iter().collect();
    (!all.is_empty()).then(|| all[usize::from(dice) % all.len()])
}

impl Draw {
    /// The step in this state.
    pub fn step(&self, books: &Books) -> Step {
        if books.paused && self.dice[3].is_multiple_of(6) {
            return Step::Unpause { by: ADMIN };
        }
        let fitting = Self { kind: self.fitting(books), ..*self };
        fitting.of_its_kind(books)
    }

    fn of_its_kind(&self, books: &Books) -> Step {
        match self.kind {
            Kind::Deposit
            | Kind::Claim
            | Kind::ClaimFor
            | Kind::ClaimContribution
            | Kind::ClaimContributionFor
            | Kind::ClaimContributions
            | Kind::ClaimForMany
            | Kind::Carry
            | Kind::ReleaseWaiting => self.money(books),
            Kind::Post
            | Kind::Dispute
            | Kind::Defend
            | Kind::Rule
            | Kind::Expire
            | Kind::WithdrawBond
            | Kind::DeliverBond => self.reports(books),
            Kind::Freeze | Kind::Unfreeze | Kind::Force | Kind::Recover | Kind::Pause | Kind::SetPolicy => {
                self.agents(books)
            }
            Kind::SetRecord | Kind::Revoke | Kind::SetFrozen | Kind::SetSanctioned | Kind::RecoverRecord => {
                self.kyc(books)
            }
            Kind::List | Kind::Ask | Kind::Bid | Kind::FillAsk | Kind::FillBid | Kind::Match => self.trade(books),
            Kind::Cancel | Kind::CancelExpired | Kind::Withdraw | Kind::Inherit => self.settle(books),
            // Often past the end of a challenge window that somebody waits for.
            Kind::Wait => {
                let pending = books.standings.values().any(|standing| standing.state(books.now) == State::Pending);
                let long = if self.dice[1] < if pending { 150 } else { 40 } { WINDOW } else { 0 };
                Step::Wait { seconds: u64::from(self.dice[0]) / 4 + 1 + long }
            }
            _ => self.shares(books),
        }
    }

    /// The admin has all roles; somebody else where something is to be wrong and nothing else can be.
    pub fn by(&self) -> Party {
        let by_role_alone = matches!(
            self.kind,
            Kind::SetFrozen | Kind::SetSanctioned | Kind::SetPolicy | Kind::Revoke | Kind::Pause | Kind::Unfreeze
        );
        if self.fault && (by_role_alone || self.dice[3].is_multiple_of(2)) { self.anybody(2) } else { ADMIN }
    }

    pub fn anybody(&self, n: usize) -> Party {
        usize::from(self.who[n]) % PEOPLE
    }

    /// Mostly somebody of whom this holds, else anybody who can sign.
    pub fn somebody(&self, n: usize, holds: impl Fn(Party) -> bool) -> Party {
        let found = pick((0..=ADMIN).filter(|party| holds(*party)), self.who[n]);
        found.filter(|_| self.who[n] < 232).unwrap_or_else(|| self.anybody(n))
    }

    /// Mostly somebody who can receive, else anybody.
    pub fn recipient(&self, n: usize, books: &Books) -> Party {
        if books.open && self.who[n].is_multiple_of(3) {
            return MARKET;
        }
        let fit = pick((0..PARTIES).filter(|party| books.detect(None, *party, 0).is_ok()), self.who[n]);
        fit.filter(|_| self.who[n] < 208).unwrap_or(usize::from(self.who[n]) % (PARTIES + 1))
    }

    /// Small, middling and large sums.
    pub fn sum(&self) -> u128 {
        self.part.of([20, 1_000_000_007, 10u128.pow(18), 10u128.pow(21)][usize::from(self.dice[0]) % 4])
    }

    fn shares(&self, books: &Books) -> Step {
        let holder = |n| self.somebody(n, |party| books.accounts[party].free(books.now) > 0);
        match self.kind {
            Kind::Mint => {
                let to = if self.fault { ZERO } else { self.recipient(0, books) };
                let fits = if books.opened { books.opening.cap - books.supply } else { u128::MAX };
                let amount = self.sum();
                Step::Mint { by: self.by(), to, amount: if self.dice[2] < 220 { amount.min(fits) } else { amount } }
            }
            Kind::Open => {
                let more = if self.fault && self.dice[3] % 2 == 1 { None } else { Some(self.sum()) };
                let cap = more.map_or(books.supply.saturating_sub(1), |more| books.supply + more);
                Step::Open { by: self.by(), cap }
            }
            Kind::RaiseCap => {
                let by = if self.fault { self.anybody(0) } else { GOVERNOR };
                Step::RaiseCap { by, cap: books.opening.cap + self.sum() }
            }
            Kind::Transfer => {
                let (from, to) = (holder(0), self.recipient(1, books));
                let (free, all) = (books.accounts[from].free(books.now), books.balance(from));
                let locked = books.accounts[from].locks.at(books.now) > 0;
                let bold = self.dice[0] < if locked { 128 } else { 48 };
                Step::Transfer { from, to, amount: self.part.of(if bold { all } else { free }) }
            }
            Kind::Approve => {
                let owner = holder(0);
                let spender = match self.dice[1] {
                    _ if self.fault => ZERO,
                    0..150 => MARKET,
                    _ => self.anybody(1),
                };
                let amount =
                    if self.dice[2] < 150 { U256::MAX } else { U256::from(self.part.of(books.balance(owner))) };
                Step::Approve { owner, spender, amount }
            }
            Kind::TransferFrom => {
                let allowed = books.allowances.keys().copied().filter(|(_, spender)| *spender != MARKET);
                let random = (holder(0), self.anybody(2));
                let (from, spender) = pick(allowed, self.who[0]).filter(|_| !self.fault).unwrap_or(random);
                let from = if self.fault && self.dice[0] < 40 { ZERO } else { from };
                let free = if from == ZERO { 0 } else { books.accounts[from].free(books.now) };
                let amount = self.part.of(books.allowance(from, spender).saturating_to::<u128>().min(free));
                Step::TransferFrom { spender, from, to: self.recipient(1, books), amount }
            }
            Kind::SetSale => {
                let price = [1, 7, 1_000_000_007, 10u128.pow(18)][usize::from(self.dice[1]) % 4];
                let starts = books.now + u64::from(self.dice[2] % 32).saturating_sub(20);
                let ends = if self.fault { starts } else { starts + 30 + u64::from(self.dice[3]) };
                Step::SetSale { by: self.by(), price, cap: self.sum(), starts, ends }
            }
            _ => {
                let amount = self.part.of(books.sale.left);
                let sent = yieldset_rules::market::cost(amount, books.sale.price).unwrap_or(0);
                let dear = self.fault && self.dice[3] % 2 == 1;
                Step::Buy {
                    buyer: self.somebody(0, |p| books.detect(None, p, 0).is_ok()),
                    amount,
                    limit: if dear { sent.saturating_sub(1) } else { sent },
                    sent: sent + u128::from(self.fault && !dear),
                }
            }
        }
    }

    fn agents(&self, books: &Books) -> Step {
        let by = self.by();
        let whose = |holds: &dyn Fn(Party) -> bool| {
            pick((0..PARTIES).filter(|party| holds(*party)), self.who[0]).unwrap_or(self.anybody(0))
        };
        match self.kind {
            Kind::Freeze => {
                // Sooner shares that are on offer: what is frozen then is not delivered.
                let left = |party: Party| books.balance(party) > books.accounts[party].frozen;
                let offered = (0..PARTIES).filter(|party| left(*party) && books.accounts[*party].reserved > 0);
                let account = pick(offered, self.who[0]).unwrap_or_else(|| whose(&left));
                let left = books.balance(account) - books.accounts[account].frozen;
                Step::Freeze { by, account, amount: self.part.of(left) }
            }
            Kind::Unfreeze => {
                let account = whose(&|party| books.accounts[party].frozen > 0);
                Step::Unfreeze { by, account, amount: self.part.of(books.accounts[account].frozen) }
            }
            Kind::Force => {
                let from = whose(&|party| books.balance(party) > 0);
                // Now and then shares on offer too.
                let offered = if self.dice[0] < 128 { books.accounts[from].reserved } else { 0 };
                let amount = self.part.of(books.balance(from) - offered);
                Step::Force { by, from, to: self.recipient(1, books), amount }
            }
            Kind::Recover => {
                // Sooner somebody whose shares are held by something.
                let held = |account: &HolderRecord| account.reserved + account.frozen + account.locks.at(books.now) > 0;
                let holder = pick((0..PARTIES).filter(|party| held(&books.accounts[*party])), self.who[0])
                    .or_else(|| pick((0..PARTIES).filter(|party| books.balance(*party) > 0), self.who[0]));
                let before = pick((0..PARTIES).filter(|party| books.successors[*party].is_some()), self.who[0]);
                let before = before.filter(|_| self.dice[1] < 60);
                let lost = before.or(holder.filter(|_| self.dice[1] < 200)).unwrap_or(self.anybody(0));
                let again = books.successors[lost].filter(|_| self.dice[0] < 200);
                Step::Recover { by, lost, replacement: again.unwrap_or_else(|| self.recipient(1, books)) }
            }
            Kind::Pause if books.paused != (self.dice[2] < 24) => Step::Unpause { by },
            Kind::Pause => Step::Pause { by },
            _ => Step::SetPolicy { by, open: self.dice[3] < 64, terms: self.terms(books) },
        }
    }
}
