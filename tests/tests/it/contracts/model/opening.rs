//! What a history begins with: nothing, or a place that random steps seldom come to by themselves.

use alloy_primitives::U256;
use proptest::prelude::*;
use yieldset_rules::checkpoints::PER_PAGE;
use yieldset_tests::{
    chain::START,
    market::{LATE, TICK},
    system::YEAR,
};

use super::step::{ADMIN, MARKET, PEOPLE, PolicyTerms, SPARE, Step};

/// Where a history begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opening {
    /// Without shares.
    Empty,
    /// Four holders, who have allowed the market to take their shares, in a pool that takes no money yet.
    Unopened,
    /// The same in a pool that is open, as in all that follow.
    Issued,
    /// The first holder's and the supply's checkpoints nearly fill their records.
    Long,
    /// Shares are on offer, of which an agent froze a part afterwards.
    Offered,
    /// Shares are locked up, of two holders for different times, of one of them for two.
    Locked,
    /// An account was lost while it had shares on offer; its order is void, and its replacement earns on.
    Lost,
}

pub fn openings() -> impl Strategy<Value = Opening> {
    prop_oneof![
        5 => Just(Opening::Issued),
        2 => Just(Opening::Unopened),
        3 => Just(Opening::Empty),
        1 => Just(Opening::Long),
        2 => Just(Opening::Offered),
        2 => Just(Opening::Locked),
        2 => Just(Opening::Lost),
    ]
}

fn mint(to: usize) -> Step {
    let amounts = [10u128.pow(9), 10u128.pow(18), 10u128.pow(18) + 7, 5];
    Step::Mint { by: ADMIN, to, amount: amounts[to] }
}

fn issued() -> Vec<Step> {
    let approve = |owner| Step::Approve { owner, spender: MARKET, amount: U256::MAX };
    (0..PEOPLE).map(approve).chain((0..4).map(mint)).collect()
}

/// The first holder's order for half of its shares.
fn offer() -> Step {
    Step::Ask { maker: 0, shares: 500_000_000, price: TICK * 1_000_000_000, expiry: LATE }
}

fn record(account: usize) -> Step {
    Step::SetRecord { by: ADMIN, account, level: 2, jurisdiction: 276, accredited: true, expiry: START + YEAR }
}

impl Opening {
    /// Its steps, all of which are taken.
    pub fn steps(self) -> Vec<Step> {
        let lockup = |seconds| {
            let terms = PolicyTerms { lockup_seconds: seconds, ..PolicyTerms::default() };
            Step::SetPolicy { by: ADMIN, open: false, terms }
        };
        let deposit = Step::Deposit { from: 5, stream: 0, period: 1, amount: 10u128.pow(21), sent: 10u128.pow(21) };
        let own = match self {
            Self::Empty => return Vec::new(),
            Self::Unopened => return issued(),
            Self::Issued => Vec::new(),
            Self::Long => (0..PER_PAGE - 2).flat_map(|_| [mint(0), Step::NextBlock]).collect(),
            Self::Offered => vec![offer(), Step::Freeze { by: ADMIN, account: 0, amount: 750_000_000 }],
            Self::Locked => vec![lockup(900), mint(0), lockup(300), mint(1), mint(0), lockup(0), record(SPARE)],
            Self::Lost => vec![
                record(SPARE),
                offer(),
                Step::Recover { by: ADMIN, lost: 0, replacement: SPARE },
                Step::Revoke { by: ADMIN, account: 0 },
                deposit,
            ],
        };
        let open = Step::Open { by: ADMIN, cap: 10u128.pow(22) };
        issued().into_iter().chain([open]).chain(own).collect()
    }
}
