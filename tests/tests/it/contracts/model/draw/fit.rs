//! A kind of step that makes sense in a state, in place of one that would be refused for want of anything to act on.

use yieldset_rules::{
    dispute::{Phase, State},
    issuance::MIN_SUPPLY,
    market::{ASK, BID},
    waiting::Way,
};
use yieldset_tests::market::LOT;

use super::{
    super::{
        books::Books,
        step::{ADMIN, CONTRIBUTORS, MARKET, PARTIES, PERIODS, STREAMS},
    },
    Draw, Kind,
    market::{inherits, offers},
};

impl Draw {
    /// Mostly a kind that there is something for.
    pub fn fitting(&self, books: &Books) -> Kind {
        if self.dice[3] >= 225 {
            return self.kind;
        }
        if !books.listing.listed && self.dice[3].is_multiple_of(3) {
            return Kind::List;
        }
        (0..4).fold(self.kind, |kind, _| self.instead(kind, books).unwrap_or(kind))
    }

    /// What must be done first; none where nothing stands in the way.
    fn instead(&self, kind: Kind, books: &Books) -> Option<Kind> {
        let any_order = |side: u8| books.orders.values().any(|order| order.side == side && order.expiry > books.now);
        let signs = |holds: &dyn Fn(usize) -> bool| (0..=ADMIN).any(holds);
        let has_report = |state: State| books.standings.values().any(|standing| standing.state(books.now) == state);
        let (there, first) = match kind {
            Kind::Deposit => {
                let first = if books.supply < MIN_SUPPLY { Kind::Mint } else { Kind::Open };
                (books.opened || self.dice[1] >= 200, if self.dice[1] < 60 { first } else { Kind::Buy })
            }
            Kind::Open => ((books.supply >= MIN_SUPPLY && !books.opened) || self.dice[1] < 60, Kind::Deposit),
            Kind::RaiseCap => (books.opened || self.dice[1] < 60, Kind::Open),
            Kind::SetSale => (!books.opened || self.dice[1] < 60, Kind::Mint),
            Kind::Claim | Kind::ClaimFor => (signs(&|party| books.claimable(party) > 0), Kind::Deposit),
            Kind::ClaimContribution | Kind::ClaimContributionFor | Kind::ClaimContributions | Kind::ClaimForMany => (
                CONTRIBUTORS.iter().any(|party| !books.promised_contributions(*party).is_empty()),
                self.towards_a_claim(books),
            ),
            Kind::Carry | Kind::ReleaseWaiting => {
                let waits = |way: fn(Way) -> bool| {
                    books.legs.keys().any(|key| way(books.way(*key)) && books.unclaimed(*key) > 0)
                };
                match kind {
                    Kind::Carry => (waits(|way| matches!(way, Way::Carry(_))) || self.fault, Kind::Post),
                    _ => (waits(|way| way == Way::Release) || self.fault, Kind::Deposit),
                }
            }
            Kind::Expire => (books.standings.values().any(|s| s.phase() == Phase::Disputed), Kind::Dispute),
            Kind::Rule | Kind::Defend => (has_report(State::Disputed) || self.fault, Kind::Dispute),
            Kind::Dispute => (has_report(State::Pending), Kind::Post),
            Kind::Post => {
                let wanted = books.standings.values().any(|standing| standing.next_revision().is_some());
                let next = (0..STREAMS).any(|stream| books.ends[stream].is_none_or(|last| last.period < PERIODS));
                (wanted || next, Kind::Deposit)
            }
            Kind::WithdrawBond => (books.bonds.released > 0, Kind::Rule),
            Kind::DeliverBond => {
                let first = if books.bonds_kept.is_empty() { Kind::Rule } else { Kind::Open };
                (!books.bonds_kept.is_empty() && books.opened || self.fault, first)
            }
            Kind::Unfreeze => (books.accounts.iter().any(|account| account.frozen > 0), Kind::Freeze),
            Kind::Freeze | Kind::Transfer | Kind::Force => {
                (signs(&|party| books.accounts[party].free(books.now) > 0), Kind::Mint)
            }
            Kind::TransferFrom => (books.allowances.keys().any(|(_, spender)| *spender != MARKET), Kind::Approve),
            Kind::Buy if books.opened => (self.dice[1] < 60, Kind::Transfer),
            Kind::Buy => {
                let sale = &books.sale;
                (sale.left > 0 && sale.starts <= books.now && books.now < sale.ends, Kind::SetSale)
            }
            Kind::Ask => (
                signs(&|party| offers(books, party) >= LOT),
                if books.supply == 0 { Kind::Mint } else { Kind::Approve },
            ),
            Kind::FillAsk => (any_order(ASK), Kind::Ask),
            Kind::FillBid => (any_order(BID), Kind::Bid),
            Kind::Match => (self.crossing(books).is_some(), if any_order(ASK) { Kind::Bid } else { Kind::Ask }),
            Kind::Cancel => (!books.orders.is_empty(), Kind::Bid),
            Kind::CancelExpired => {
                let late = books.orders.values().any(|order| order.expiry <= books.now || books.stands(order).is_err());
                (late, if books.orders.is_empty() { Kind::Bid } else { Kind::Wait })
            }
            Kind::Inherit => {
                let first = if self.dice[1] < 128 { Kind::FillAsk } else { Kind::Recover };
                ((0..PARTIES).any(|party| inherits(books, party)) || self.dice[1] < 30, first)
            }
            Kind::Withdraw => ((0..PARTIES).any(|party| books.credits[party] > 0), Kind::FillAsk),
            _ => (true, kind),
        };
        (!there).then_some(first)
    }

    /// Money, then a report, then the end of its window.
    fn towards_a_claim(&self, books: &Books) -> Kind {
        let waits = |key| !matches!(books.standing(key).state(books.now), State::None | State::Final);
        if books.legs.is_empty() {
            Kind::Deposit
        } else if books.legs.keys().any(|key| waits(*key)) {
            if self.dice[0] < 60 { Kind::Rule } else { Kind::Wait }
        } else {
            Kind::Post
        }
    }
}
