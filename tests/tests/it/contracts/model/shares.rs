//! The model's shares: who may hold and move them, issuing them, and what agents do.

use alloy_primitives::U256;
use yieldset_rules::{
    compliance::{
        HolderView, Jurisdictions, Limits, Lock, Locks, Movement, Record, Requirements, Restriction, Terms as Seats,
        pool_restriction, restriction_for,
    },
    issuance::{Opening, sale_cost},
};

use super::{
    books::{Books, HolderRecord, Outcome, Refusal, Sale, refusal, refuse},
    step::{GOVERNOR, Party, PolicyTerms, ZERO},
};

/// What may move besides free shares, and what is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Ordinary,
    /// Of reserved shares, by the market.
    Delivery,
    /// By an agent: frozen and locked shares too, whoever holds them.
    Forced,
}

pub fn passes(restriction: Restriction) -> Result<(), Refusal> {
    match restriction {
        Restriction::None => Ok(()),
        code => Err(Refusal { name: "TransferRestricted".into(), code: Some(code as u8) }),
    }
}

impl HolderRecord {
    fn view(&self, kind: Kind, now: u64) -> HolderView {
        let balance = self.holder.balance;
        let (frozen, reserved, lock) = match kind {
            Kind::Ordinary => (self.frozen, self.reserved, self.locks.whole(now)),
            // Everything stays but what is reserved, and of that what was frozen afterwards.
            Kind::Delivery => (self.frozen, (balance - self.reserved).saturating_sub(self.frozen), Lock::default()),
            Kind::Forced => (0, 0, Lock::default()),
        };
        HolderView { balance, frozen, reserved, lock }
    }

    /// Shares that its holder can move at a time.
    pub fn free(&self, now: u64) -> u128 {
        self.view(Kind::Ordinary, now).free(now)
    }

    /// Its locks, where any is left.
    fn locks(&self, now: u64) -> Locks {
        if self.locks.at(now) == 0 { Locks::default() } else { self.locks }
    }

    /// An agent takes shares on offer, or leaves fewer than there are on offer; or their holder frees them.
    pub fn seize(&mut self) {
        self.reserved = 0;
        self.seizures += 1;
    }
}

impl Books {
    /// What the registry says of two sides; none where there is no such side.
    pub fn kyc(&self, from: Option<Party>, to: Option<Party>) -> Restriction {
        let jurisdictions = Jurisdictions(self.policy.jurisdictions);
        let requirements = Requirements {
            blocked_only: self.open,
            min_level: self.policy.min_level,
            accredited_only: self.policy.accredited_only,
            allow_list: self.policy.allow_list,
            jurisdictions: &jurisdictions,
        };
        let [from, to] = [from, to].map(|side| side.map(|party| &self.records[party]));
        restriction_for(from, to, &requirements, &Seats::NONE, self.now)
    }

    /// Whoever may sell may be paid.
    pub fn may_be_paid(&self, account: Party) -> Result<(), Refusal> {
        passes(self.kyc(Some(account), None))
    }

    /// Neither is frozen nor on a sanctions list: what the market asks before it pays.
    pub fn not_blocked(&self, from: Party, to: Party) -> Result<(), Refusal> {
        let requirements = Requirements { blocked_only: true, ..Requirements::OPEN };
        let (from, to) = (&self.records[from], &self.records[to]);
        passes(restriction_for(Some(from), Some(to), &requirements, &Seats::NONE, self.now))
    }

    /// The first reason against a movement.
    fn restriction(&self, from: Option<Party>, to: Party, amount: u128, kind: Kind) -> Restriction {
        let at = |party: Party| if party == ZERO { HolderRecord::default() } else { self.accounts[party] };
        if kind != Kind::Forced && from.is_some_and(|from| at(from).recovered) {
            return Restriction::SenderFrozen;
        }
        if at(to).recovered {
            return Restriction::RecipientFrozen;
        }
        let movement = Movement {
            from: from.map(|from| at(from).view(kind, self.now)),
            to: (from != Some(to) && to != ZERO).then(|| at(to).view(Kind::Ordinary, self.now)),
            amount,
            holders: self.holders,
            paused: self.paused && kind != Kind::Forced,
            now: self.now,
        };
        let limits = if self.open || kind == Kind::Forced { Limits::default() } else { self.policy.limits() };
        match pool_restriction(limits, &movement) {
            Restriction::None => self.kyc(from.filter(|_| kind != Kind::Forced), Some(to).filter(|to| *to != ZERO)),
            code => code,
        }
    }

    /// ERC-1404's preview, by which the market asks.
    pub fn detect(&self, from: Option<Party>, to: Party, amount: u128) -> Result<(), Refusal> {
        passes(self.restriction(from, to, amount, Kind::Ordinary))
    }

    /// Moves shares.
    pub fn shift(&mut self, from: Party, to: Party, amount: u128, kind: Kind) -> Result<(), Refusal> {
        if to == ZERO {
            return refuse("ERC20InvalidReceiver");
        }
        if self.balance(from) < amount {
            return refuse("ERC20InsufficientBalance");
        }
        passes(self.restriction(Some(from), to, amount, kind))?;
        if kind == Kind::Delivery {
            self.accounts[from].reserved -= amount;
        }
        self.accounts[from].holder.debit(self.dividends.index, amount)?;
        self.accounts[to].holder.credit(self.dividends.index, amount)?;
        self.count_holders();
        Ok(())
    }

    fn count_holders(&mut self) {
        self.holders = self.accounts.iter().filter(|account| account.holder.balance != 0).count() as u32;
    }

    pub fn transfer(&mut self, from: Party, to: Party, amount: u128) -> Result<(), Refusal> {
        self.shift(from, to, amount, Kind::Ordinary)
    }

    pub fn transfer_from(&mut self, spender: Party, from: Party, to: Party, amount: u128) -> Result<(), Refusal> {
        if from == ZERO {
            return refuse("ERC20InvalidSender");
        }
        self.spend(from, spender, amount)?;
        self.transfer(from, to, amount)
    }

    pub fn approve(&mut self, owner: Party, spender: Party, amount: U256) -> Result<(), Refusal> {
        if spender == ZERO {
            return refuse("ERC20InvalidSpender");
        }
        self.allow(owner, spender, amount);
        Ok(())
    }

    fn allow(&mut self, owner: Party, spender: Party, amount: U256) {
        self.allowances.insert((owner, spender), amount);
        self.allowances.retain(|_, left| !left.is_zero());
    }

    pub fn allowance(&self, owner: Party, spender: Party) -> U256 {
        self.allowances.get(&(owner, spender)).copied().unwrap_or_default()
    }

    pub fn spend(&mut self, owner: Party, spender: Party, amount: u128) -> Result<(), Refusal> {
        let allowed = self.allowance(owner, spender);
        if allowed == U256::MAX {
            return Ok(());
        }
        let left = allowed.checked_sub(U256::from(amount)).ok_or_else(|| refusal("ERC20InsufficientAllowance"))?;
        self.allow(owner, spender, left);
        Ok(())
    }

    pub fn mint(&mut self, by: Party, to: Party, amount: u128) -> Result<(), Refusal> {
        self.role(by)?;
        if self.opened {
            self.opening.issue(self.supply, amount)?;
        }
        self.issue(to, amount)
    }

    pub fn open(&mut self, by: Party, cap: u128) -> Result<(), Refusal> {
        self.role(by)?;
        if self.opened {
            return refuse("AlreadyOpened");
        }
        self.opening = Opening::new(self.supply, cap, [0; 20], self.address(GOVERNOR))?;
        self.opened = true;
        self.sale.left = 0;
        Ok(())
    }

    pub fn raise_cap(&mut self, by: Party, cap: u128) -> Result<(), Refusal> {
        let caller = self.address(by);
        Ok(self.opening.raise(&caller, cap)?)
    }

    fn issue(&mut self, to: Party, amount: u128) -> Result<(), Refusal> {
        if to == ZERO {
            return refuse("ERC20InvalidReceiver");
        }
        passes(self.restriction(None, to, amount, Kind::Ordinary))?;
        self.supply = self.supply.checked_add(amount).ok_or_else(|| refusal("Overflow"))?;
        let (index, now) = (self.dividends.index, self.now);
        let account = &mut self.accounts[to];
        account.holder.credit(index, amount)?;
        if self.policy.lockup_seconds != 0 {
            account.locks = account.locks(now);
            account.locks.issue(amount, self.policy.lockup_seconds, now);
        }
        self.count_holders();
        Ok(())
    }

    pub fn set_sale(&mut self, by: Party, price: u128, cap: u128, starts: u64, ends: u64) -> Result<(), Refusal> {
        self.role(by)?;
        if self.opened {
            return refuse("AlreadyOpened");
        }
        if cap != 0 && (price == 0 || ends <= starts) {
            return refuse("InvalidSale");
        }
        self.sale = Sale { price, left: cap, starts, ends, ..self.sale };
        Ok(())
    }

    pub fn buy(&mut self, buyer: Party, amount: u128, limit: u128, sent: u128) -> Outcome {
        if amount == 0 {
            return refuse("ZeroAmount");
        }
        if self.sale.left == 0 || self.now < self.sale.starts || self.now >= self.sale.ends {
            return refuse("SaleClosed");
        }
        self.sale.left = self.sale.left.checked_sub(amount).ok_or_else(|| refusal("SaleExhausted"))?;
        let cost = sale_cost(self.sale.price, amount, limit)?;
        self.sale.sold += amount;
        self.sale.raised += cost;
        self.issue(buyer, amount)?;
        if sent != cost {
            return refuse("WrongPayment");
        }
        Ok(cost)
    }

    pub fn freeze(&mut self, by: Party, account: Party, amount: u128) -> Result<(), Refusal> {
        self.role(by)?;
        let account = &mut self.accounts[account];
        account.frozen = account.frozen.checked_add(amount).ok_or_else(|| refusal("Overflow"))?;
        if account.frozen > account.holder.balance {
            return refuse("ERC20InsufficientBalance");
        }
        Ok(())
    }

    pub fn unfreeze(&mut self, by: Party, account: Party, amount: u128) -> Result<(), Refusal> {
        self.role(by)?;
        let frozen = &mut self.accounts[account].frozen;
        *frozen = frozen.checked_sub(amount).ok_or_else(|| refusal("InsufficientRestraint"))?;
        Ok(())
    }

    pub fn force(&mut self, by: Party, from: Party, to: Party, amount: u128) -> Result<(), Refusal> {
        self.role(by)?;
        self.shift(from, to, amount, Kind::Forced)?;
        // What no longer is there is frozen and on offer no longer, and locked where it went.
        let (now, account) = (self.now, &mut self.accounts[from]);
        let left = account.holder.balance;
        account.frozen = account.frozen.min(left);
        if account.reserved > left {
            account.seize();
        }
        let mut stay = account.locks(now);
        let go = stay.leave(left - account.reserved, now);
        if go != Locks::default() {
            account.locks = stay;
            let mut there = self.accounts[to].locks(now);
            there.join(&go, now);
            self.accounts[to].locks = there;
        }
        Ok(())
    }

    pub fn recover(&mut self, by: Party, lost: Party, replacement: Party) -> Result<(), Refusal> {
        self.role(by)?;
        if replacement == ZERO || lost == replacement {
            return refuse("ERC20InvalidReceiver");
        }
        let elsewhere = self.successors[lost].is_some_and(|known| known != replacement);
        if elsewhere || self.successors[replacement].is_some() {
            return refuse("AlreadyRecovered");
        }
        passes(self.kyc(None, Some(replacement)))?;
        let (index, now) = (self.dividends.index, self.now);
        let (mut old, mut new) = (self.accounts[lost], self.accounts[replacement]);
        let moved = old.holder.balance;
        if old.reserved != 0 {
            old.seize();
        }
        old.holder.debit(index, moved)?;
        new.holder.credit(index, moved)?;
        new.holder.absorb(&mut old.holder, index)?;
        new.frozen += std::mem::take(&mut old.frozen);
        let locks = old.locks(now);
        if locks != Locks::default() {
            old.locks = Locks::default();
            new.locks = new.locks(now);
            new.locks.join(&locks, now);
        }
        old.recovered = true;
        (self.accounts[lost], self.accounts[replacement]) = (old, new);
        self.successors[lost] = Some(replacement);
        self.count_holders();
        Ok(())
    }

    pub fn pause(&mut self, by: Party, paused: bool) -> Result<(), Refusal> {
        self.role(by)?;
        if self.paused == paused {
            return refuse(if paused { "EnforcedPause" } else { "ExpectedPause" });
        }
        self.paused = paused;
        Ok(())
    }

    pub fn set_policy(&mut self, by: Party, open: bool, terms: &PolicyTerms) -> Result<(), Refusal> {
        self.role(by)?;
        (self.open, self.policy) = (open, terms.policy());
        Ok(())
    }

    pub fn set_record(
        &mut self,
        by: Party,
        account: Party,
        (level, jurisdiction, accredited, expiry): (u8, u16, bool, u64),
    ) -> Result<(), Refusal> {
        self.role(by)?;
        let agent = self.address(by);
        let set = self.records[account].set_by(&agent, level, jurisdiction, accredited, expiry, self.now);
        self.records[account] = set.ok_or_else(|| refusal("InvalidRecord"))?;
        Ok(())
    }

    pub fn revoke(&mut self, by: Party, account: Party) -> Result<(), Refusal> {
        self.role(by)?;
        self.records[account] = self.records[account].revoked(self.now).ok_or_else(|| refusal("NoRecord"))?;
        Ok(())
    }

    pub fn flag(&mut self, by: Party, account: Party, set: impl Fn(Record) -> Record) -> Result<(), Refusal> {
        self.role(by)?;
        self.records[account] = set(self.records[account]);
        Ok(())
    }

    pub fn recover_record(&mut self, by: Party, lost: Party, replacement: Party) -> Result<(), Refusal> {
        self.role(by)?;
        if replacement == ZERO || lost == replacement {
            return refuse("InvalidReplacement");
        }
        let moved = Record::recovered(&self.records[lost], &self.records[replacement], self.now);
        let (left, moved) = moved.map_err(|error| refusal(&format!("{error:?}")))?;
        (self.records[lost], self.records[replacement]) = (left, moved);
        self.heirs[lost] = Some(replacement);
        Ok(())
    }
}
