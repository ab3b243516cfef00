//! A pool as the contract is, over the same rules: what it emits is what a mirror must find to fit.

use std::collections::BTreeMap;

use yieldset_chain::{
    Address, B256, SolEvent, U256,
    abi::Pool::{ContributionClaimed, Deposited, DividendClaimed, Transfer},
};
use yieldset_rules::{
    contribution::{Contribution, Period, WEIGHT_ONE},
    dividends::{Accumulator, Holder},
    math::split_bps,
};

use super::Emitted;
use crate::error::ReplayError;

/// Contributors' part of deposits, in basis points.
pub const CONTRIBUTORS_BPS: u16 = 4_000;
/// So many contributors share a period, alike.
const SHARING: u64 = 1_000;

/// The event as a contract emits it.
pub(super) fn emitted(contract: Address, event: &impl SolEvent) -> Emitted {
    let log = event.encode_log_data();
    let topics = log.topics().iter().map(|topic| topic.0).collect();
    Emitted { contract: contract.0.0, data: log.data.to_vec(), topics }
}

/// A pool's books. Where the contract would refuse, a method gives nothing and changes nothing.
pub(super) struct Books {
    pool: Address,
    stream: B256,
    supply: u128,
    dividends: Accumulator,
    /// By their number; an account has the same one in each pool.
    holders: Vec<Holder>,
    periods: BTreeMap<u32, (Period, u64)>,
}

/// The account of this number.
pub(super) type Named<'a> = &'a dyn Fn(u64) -> Address;

impl Books {
    pub fn new(pool: Address, stream: B256) -> Self {
        let (dividends, holders, periods) = (Accumulator::default(), Vec::new(), BTreeMap::new());
        Self { pool, stream, supply: 0, dividends, holders, periods }
    }

    pub fn supply(&self) -> u128 {
        self.supply
    }

    pub fn holders(&self) -> u64 {
        u64::try_from(self.holders.len()).unwrap_or(u64::MAX)
    }

    /// Shares for the next account.
    pub fn issue(&mut self, name: Named<'_>, shares: u128) -> Result<Emitted, ReplayError> {
        let supply = self.supply.checked_add(shares).ok_or(ReplayError::Rules("the supply"))?;
        let mut holder = Holder::default();
        holder.credit(self.dividends.index, shares).map_err(|_| ReplayError::Rules("a balance"))?;
        let to = name(self.holders());
        self.holders.push(holder);
        self.supply = supply;
        Ok(self.emitted(&Transfer { from: Address::ZERO, to, value: U256::from(shares) }))
    }

    /// Some of an account's shares for another one.
    pub fn transfer(&mut self, name: Named<'_>, (from, to): (u64, u64), halvings: u32) -> Option<Emitted> {
        let (mut sender, mut recipient) = (self.holder(from)?, self.holder(to)?);
        let shares = sender.balance.checked_shr(halvings).unwrap_or(0);
        if shares == 0 || from == to {
            return None;
        }
        let index = self.dividends.index;
        sender.debit(index, shares).ok()?;
        recipient.credit(index, shares).ok()?;
        self.put(from, sender)?;
        self.put(to, recipient)?;
        Some(self.emitted(&Transfer { from: name(from), to: name(to), value: U256::from(shares) }))
    }

    pub fn deposit(&mut self, payer: Address, period: u32, amount: u128) -> Result<Emitted, ReplayError> {
        let wrong = |_| ReplayError::Rules("a deposit");
        let (contributors, holders) = split_bps(amount, CONTRIBUTORS_BPS).map_err(wrong)?;
        self.dividends.distribute(holders, self.supply).map_err(wrong)?;
        let (books, _) = self.periods.entry(period).or_default();
        books.total = books.total.checked_add(contributors).ok_or(ReplayError::Rules("a period's total"))?;
        let deposited = Deposited {
            stream: self.stream,
            period,
            payer,
            amount: U256::from(amount),
            toHolders: U256::from(holders),
            index: U256::from(self.dividends.index),
        };
        Ok(self.emitted(&deposited))
    }

    pub fn claim(&mut self, name: Named<'_>, of: u64) -> Option<Emitted> {
        let mut holder = self.holder(of)?;
        let paid = holder.take(self.dividends.index).ok().filter(|paid| *paid > 0)?;
        self.put(of, holder)?;
        Some(self.emitted(&DividendClaimed { account: name(of), amount: U256::from(paid) }))
    }

    /// The next contributor of a period claims.
    pub fn contribution(&mut self, name: Named<'_>, period: u32) -> Option<Emitted> {
        let (books, claimed) = self.periods.get_mut(&period)?;
        let number = Some(*claimed).filter(|claimed| *claimed < SHARING)?;
        let (mut changed, weight) = (*books, WEIGHT_ONE / SHARING);
        let paid = changed.claim(&mut Contribution::default(), weight).ok().filter(|paid| *paid > 0)?;
        (*books, *claimed) = (changed, number.saturating_add(1));
        let claimed = ContributionClaimed {
            stream: self.stream,
            period,
            account: name(number),
            amount: U256::from(paid),
            weight: U256::from(weight),
        };
        Some(self.emitted(&claimed))
    }

    fn emitted(&self, event: &impl SolEvent) -> Emitted {
        emitted(self.pool, event)
    }

    fn holder(&self, number: u64) -> Option<Holder> {
        self.holders.get(usize::try_from(number).ok()?).copied()
    }

    fn put(&mut self, number: u64, holder: Holder) -> Option<()> {
        *self.holders.get_mut(usize::try_from(number).ok()?)? = holder;
        Some(())
    }
}
