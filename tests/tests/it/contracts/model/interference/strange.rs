//! What a stranger does, drawn.

use alloy_primitives::U256;
use yieldset_rules::{
    dispute::{Phase, State},
    waiting::Way,
};
use yieldset_tests::market::{LOT, TICK};

use super::{
    super::{
        books::Books,
        draw::{Draw, pick},
        step::{CONTRIBUTORS, MARKET, PARTIES, Party, STRANGER, Step, ZERO},
    },
    BEFORE, RICH,
};

/// A stranger's step. Most fit the state, many are attempts at what is nobody's to do.
pub fn strange(draw: &Draw, books: &Books) -> Step {
    let by = [RICH, STRANGER][usize::from(draw.who[0]) % 2];
    let anybody = usize::from(draw.who[1]) % PARTIES;
    let leg = pick(books.legs.keys().copied(), draw.dice[1]);
    let random = (usize::from(draw.dice[1]) % 2, BEFORE + u32::from(draw.dice[2]) % 6);
    let (stream, period) = leg.filter(|_| draw.dice[2] < 190).unwrap_or(random);
    match draw.dice[0] % 16 {
        0 => Step::Deposit { from: by, stream, period, amount: 1, sent: 1 },
        1 => Step::Transfer { from: RICH, to: anybody, amount: u128::from(draw.dice[1]) },
        2 => Step::Approve { owner: by, spender: anybody, amount: U256::MAX },
        3 => Step::TransferFrom { spender: by, from: anybody, to: by, amount: books.balance(anybody).min(1) },
        4 => Step::ClaimFor {
            by,
            account: pick((0..PARTIES).filter(|p| books.claimable(*p) > 0), draw.who[1]).unwrap_or(anybody),
        },
        5 => {
            let account = CONTRIBUTORS[anybody % CONTRIBUTORS.len()];
            if draw.dice[3] < 64
                && let Some(item) = pick(books.promised_contributions(account), draw.dice[1])
            {
                return Step::ClaimForMany { by, accounts: CONTRIBUTORS.to_vec(), item };
            }
            Step::ClaimContributions { by, account, items: books.promised_contributions(account) }
        }
        6 => match books.way((stream, period)) {
            Way::Carry(to) => Step::Carry { by, stream, from: period, to },
            _ => Step::ReleaseWaiting { by, stream, period },
        },
        7 => {
            let pending = books.standings.iter().filter(|(_, standing)| standing.state(books.now) == State::Pending);
            let (stream, period) = pick(pending.map(|(key, _)| *key), draw.dice[1]).unwrap_or((stream, period));
            Step::Dispute { by, stream, period, sent: books.bond((stream, period)) }
        }
        8 => {
            let late = books.standings.iter().filter(|(_, standing)| standing.phase() == Phase::Disputed);
            let (stream, period) = pick(late.map(|(key, _)| *key), draw.dice[1]).unwrap_or((stream, period));
            Step::Expire { by, stream, period }
        }
        9 => {
            let account = pick((0..PARTIES).filter(|p| books.bonds_owed[*p] > 0), draw.who[1]).unwrap_or(anybody);
            Step::WithdrawBond { by, account, to: if draw.dice[1] < 180 { account } else { by } }
        }
        _ => strange_trade(draw, books, by, anybody),
    }
}

fn strange_trade(draw: &Draw, books: &Books, by: Party, anybody: Party) -> Step {
    let price = TICK * (1 + u128::from(draw.dice[1]) % 6) * 1_000_000_000;
    let expiry = books.now + u64::from(draw.dice[2]);
    let order = pick(books.orders.keys().copied(), draw.dice[1]).unwrap_or(1);
    match draw.dice[0] % 16 {
        10 => Step::Ask { maker: RICH, shares: LOT * (1 + u128::from(draw.dice[3]) % 9), price, expiry },
        11 => {
            let sent = yieldset_rules::market::cost(LOT, price).unwrap();
            Step::Bid { maker: RICH, shares: LOT, price, expiry, sent }
        }
        12 => Step::Cancel { by, order },
        13 => {
            let over =
                |order: &&yieldset_rules::market::Order| order.expiry <= books.now || books.stands(order).is_err();
            let found = pick(books.orders.values().filter(over).map(|order| order.id), draw.dice[1]);
            Step::CancelExpired { by, order: found.unwrap_or(order) }
        }
        14 if draw.dice[1] < 128 => Step::Withdraw { by, to: if anybody == MARKET { ZERO } else { anybody } },
        14 => {
            let lost = pick((0..PARTIES).filter(|p| books.successors[*p].is_some()), draw.who[1]).unwrap_or(anybody);
            Step::Inherit { by, lost }
        }
        _ => match draw.dice[1] % 10 {
            8 | 9 => {
                let amount = 1 + u128::from(draw.dice[2] / 64);
                let sent = yieldset_rules::market::cost(amount, books.sale.price).unwrap();
                Step::Buy { buyer: RICH, amount, limit: sent, sent }
            }
            0 => Step::Pause { by },
            1 => Step::Unpause { by },
            2 => Step::Force { by, from: anybody, to: by, amount: 1 },
            3 => Step::Freeze { by, account: anybody, amount: 1 },
            4 => Step::Mint { by, to: by, amount: 1 },
            5 => Step::RaiseCap { by, cap: u128::MAX },
            6 => Step::Recover { by, lost: anybody, replacement: RICH },
            _ => Step::SetFrozen { by, account: anybody, frozen: true },
        },
    }
}
