//! The model's money: deposits, dividends, the contributors' leg, and the reports that it is paid by.

use yieldset_rules::{
    contribution::ContributionError,
    dispute::{Stake, Standing, State, Terms, Verdict},
    math::split_bps,
    report::{Binding, LogCheckpoint, MeasuredError, Report},
};
use yieldset_tests::{
    attribution::{BOND, RULING, WINDOW},
    chain::CHAIN_ID,
    system::{CONTRIBUTORS_BPS, keccak, metric, outcome},
};

use super::{
    books::{Books, Leg, Outcome, Refusal, refusal, refuse},
    step::{Item, MARKET, Party},
};

/// Signatures that a report needs.
pub const THRESHOLD: usize = 2;
const TERMS: Terms = Terms { window: WINDOW, ruling: RULING };

/// A stream's name on the chain.
pub fn stream_id(stream: usize) -> [u8; 32] {
    [stream as u8 + 3; 32]
}

impl Books {
    pub fn deposit(&mut self, stream: usize, period: u32, amount: u128, sent: u128) -> Result<(), Refusal> {
        if period == 0 {
            return refuse("PeriodZero");
        }
        if amount == 0 {
            return refuse("ZeroAmount");
        }
        if !self.opened {
            return refuse("NotOpened");
        }
        if sent != amount {
            return refuse("WrongPayment");
        }
        let (contributors, holders) = split_bps(amount, CONTRIBUTORS_BPS)?;
        self.dividends.distribute(holders, self.supply)?;
        self.to_holders += holders;
        self.to_contributors += contributors;
        if contributors != 0 {
            self.legs.entry((stream, period)).or_default().period.total += contributors;
        }
        Ok(())
    }

    pub fn claim(&mut self, account: Party) -> Outcome {
        if self.paused {
            return refuse("EnforcedPause");
        }
        let paid = self.accounts[account].holder.take(self.dividends.index)?;
        if paid == 0 {
            return refuse("NothingToClaim");
        }
        self.pay(self.payee(account))?;
        self.accounts[account].paid = true;
        self.claimed_by_holders += paid;
        Ok(paid)
    }

    pub fn claim_contributions(&mut self, account: Party, items: &[Item]) -> Outcome {
        if self.paused {
            return refuse("EnforcedPause");
        }
        let mut paid = 0;
        for item in items {
            paid += self.take(account, item)?;
        }
        if paid == 0 {
            return refuse("NothingToClaim");
        }
        self.pay(self.payee(account))?;
        self.claimed_by_contributors += paid;
        Ok(paid)
    }

    /// Many accounts' claims of one period: each as if it came alone, one after the other, but for money that a payee
    /// does not take. That is found out when all are recorded, and then the account's again.
    pub fn claim_for_many(&mut self, accounts: &[Party], item: &Item) -> Outcome {
        if self.paused {
            return refuse("EnforcedPause");
        }
        let key = (item.stream, item.period);
        self.final_root(key)?;
        let proven = |account: &Party| self.givens.trees[item.tree].entry(*account).is_some();
        if accounts.is_empty() || item.inflated || self.tree_of(key) != Some(item.tree) || !accounts.iter().all(proven)
        {
            return refuse("InvalidProof");
        }
        let mut sum = 0;
        for account in accounts {
            let mut with = self.clone();
            let paid = match with.take(*account, item) {
                Ok(paid) => paid,
                Err(refusal) if refusal.name == "WeightsExceeded" => continue,
                Err(refusal) => return Err(refusal),
            };
            let payee = self.payee(*account);
            // The market is a contract, and no code of a payee runs.
            if paid == 0 || payee == MARKET || with.may_be_paid(payee).is_err() {
                continue;
            }
            *self = with;
            sum += paid;
        }
        self.claimed_by_contributors += sum;
        Ok(sum)
    }

    /// The root that a period's claims are proven against.
    fn final_root(&self, key: (usize, u32)) -> Result<[u8; 32], Refusal> {
        let standing = self.standing(key);
        if standing.state(self.now) != State::Final || standing.weights_root == [0; 32] {
            return refuse("NoFinalReport");
        }
        Ok(standing.weights_root)
    }

    /// KYC lets the payee be paid, and it takes the money: the market's contract takes none that it did not ask for.
    fn pay(&self, payee: Party) -> Result<(), Refusal> {
        self.may_be_paid(payee)?;
        if payee == MARKET { refuse("PayoutFailed") } else { Ok(()) }
    }

    /// What one claim pays; of nothing owed nothing is kept.
    fn take(&mut self, account: Party, item: &Item) -> Outcome {
        let key = (item.stream, item.period);
        let root = self.final_root(key)?;
        let weight = self.givens.trees[item.tree].entry(account).map(|(weight, _)| weight);
        let Some(weight) = weight.filter(|_| !item.inflated && self.tree_of(key) == Some(item.tree)) else {
            return refuse("InvalidProof");
        };
        let mut leg = self.legs.get(&key).copied().unwrap_or_default();
        match leg.period.claim(&mut leg.taken[account], weight) {
            Err(ContributionError::Nothing) => Ok(0),
            Err(error) => Err(error.into()),
            Ok(paid) => {
                leg.root = root;
                self.legs.insert(key, leg);
                Ok(paid)
            }
        }
    }

    /// The claims that would pay an account something, were it let in.
    pub fn owed_contributions(&self, account: Party) -> Vec<Item> {
        self.claims(account).into_iter().filter(|(_, pays)| pays.is_ok()).map(|(item, _)| item).collect()
    }

    /// Those, and what a report with too many weights promises.
    pub fn promised_contributions(&self, account: Party) -> Vec<Item> {
        let promised = |pays: &Result<_, _>| *pays != Err(ContributionError::Nothing);
        self.claims(account).into_iter().filter(|(_, pays)| promised(pays)).map(|(item, _)| item).collect()
    }

    /// What an account has a weight in, and what it would be paid for it.
    pub fn claims(&self, account: Party) -> Vec<(Item, Result<u128, ContributionError>)> {
        let claim = |(key, leg): (&(usize, u32), &Leg)| {
            let standing = self.standing(*key);
            let tree = self.tree_of(*key).filter(|_| standing.state(self.now) == State::Final)?;
            let (weight, _) = self.givens.trees[tree].entry(account)?;
            let mut leg = *leg;
            let pays = leg.period.claim(&mut leg.taken[account], weight);
            Some((Item { stream: key.0, period: key.1, tree, inflated: false }, pays))
        };
        self.legs.iter().filter_map(claim).collect()
    }

    /// Which weights a period's report has.
    pub fn tree_of(&self, key: (usize, u32)) -> Option<usize> {
        let root = self.standing(key).weights_root;
        self.givens.roots.iter().position(|known| *known == root)
    }

    /// A period's report, or none.
    pub fn standing(&self, key: (usize, u32)) -> Standing {
        self.standings.get(&key).copied().unwrap_or_default()
    }

    /// The report that a committee would sign now; of no tree, that nothing qualified.
    pub fn report(&self, stream: usize, period: u32, revision: u32, tree: usize) -> Report {
        let root = self.givens.roots.get(tree).copied().unwrap_or_default();
        Report {
            chain_id: CHAIN_ID,
            registry: self.givens.registry,
            pool: self.givens.pool,
            stream: stream_id(stream),
            models: vec!["lumen/lumen-1".into()],
            period,
            revision,
            epoch: 1,
            log: LogCheckpoint { origin: "test/log".into(), size: 24, root: [7; 32] },
            compared: [6; 32],
            metric: metric(),
            outcome: outcome(root).0,
            totals: outcome(root).1,
            error: MeasuredError::NotMeasured,
            lines_root: [8; 32],
            package: None,
            spot_check: None,
            previous: self.ends[stream].unwrap_or_default().hash,
        }
    }

    pub fn post(
        &mut self,
        stream: usize,
        period: u32,
        revision: u32,
        tree: usize,
        signers: usize,
    ) -> Result<(), Refusal> {
        let report = self.report(stream, period, revision, tree);
        let binding = Binding {
            chain_id: CHAIN_ID,
            registry: self.givens.registry,
            epoch: 1,
            last: self.ends[stream],
            next_revision: self.standing((stream, period)).next_revision(),
            now: self.now,
        };
        binding.check(&report)?;
        if signers < THRESHOLD {
            return refuse("NotEnoughSignatures");
        }
        let (hash, end) = (keccak(&report.to_bytes()), self.ends[stream].unwrap_or_default());
        self.ends[stream] = Some(end.after(&report, hash));
        let posted = Standing::posted(hash, report.weights_root(), revision, self.now, &TERMS);
        self.standings.insert((stream, period), Standing { log_before: end.log_size, ..posted });
        Ok(())
    }

    /// What the next dispute of a period's report costs: in the model's registry the least bond, doubled each time.
    pub fn bond(&self, key: (usize, u32)) -> u128 {
        BOND << self.standing(key).disputes
    }

    pub fn dispute(&mut self, by: Party, stream: usize, period: u32, sent: u128) -> Result<(), Refusal> {
        let (key, bond) = ((stream, period), self.bond((stream, period)));
        let mut standing = self.standing(key);
        let stake = Stake { challenger: self.address(by), reason: [0xaa; 32], bond, currency: [0; 20] };
        let lapsed = standing.dispute(&stake, self.now, &TERMS)?;
        self.standings.insert(key, standing);
        if let Some((old, verdict)) = lapsed {
            self.pay_bonds(key, &old, &verdict)?;
        }
        self.collect(by, bond, sent)
    }

    pub fn defend(&mut self, by: Party, stream: usize, period: u32, sent: u128) -> Result<(), Refusal> {
        let mut standing = self.standing((stream, period));
        standing.defend(self.address(by), standing.hash, self.now)?;
        self.standings.insert((stream, period), standing);
        self.collect(by, standing.bond, sent)
    }

    /// What is not needed is owed back.
    fn collect(&mut self, by: Party, bond: u128, sent: u128) -> Result<(), Refusal> {
        let Some(more) = sent.checked_sub(bond) else { return refuse("BondAboveLimit") };
        self.bonds_owed[by] += more;
        self.bonds.lock(sent).and_then(|()| self.bonds.release(more)).ok_or_else(|| refusal("Overflow"))
    }

    pub fn uphold(&mut self, by: Party, stream: usize, period: u32) -> Result<(), Refusal> {
        self.role(by)?;
        let mut standing = self.standing((stream, period));
        let verdict = standing.uphold(self.address(by), self.now)?;
        self.standings.insert((stream, period), standing);
        self.ends[stream] = self.ends[stream].map(|end| end.withdraw(standing.log_before));
        self.pay_bonds((stream, period), &standing, &verdict)
    }

    pub fn reject(&mut self, by: Party, stream: usize, period: u32) -> Result<(), Refusal> {
        self.role(by)?;
        let mut standing = self.standing((stream, period));
        let verdict = standing.reject(self.address(by), self.now, &TERMS)?;
        self.standings.insert((stream, period), standing);
        self.pay_bonds((stream, period), &standing, &verdict)
    }

    pub fn expire(&mut self, stream: usize, period: u32) -> Result<(), Refusal> {
        let mut standing = self.standing((stream, period));
        let verdict = standing.expire(self.now)?;
        self.standings.insert((stream, period), standing);
        self.pay_bonds((stream, period), &standing, &verdict)
    }

    /// Each is owed its own; the period's part is kept for it.
    fn pay_bonds(&mut self, key: (usize, u32), standing: &Standing, verdict: &Verdict) -> Result<(), Refusal> {
        let Verdict { challenger, defender, period } = *verdict;
        self.bonds.release(challenger + defender + period).ok_or_else(|| refusal("Overflow"))?;
        self.bonds_owed[self.givens.party(&standing.challenger)] += challenger;
        if standing.is_defended() {
            self.bonds_owed[self.givens.party(&standing.defender)] += defender;
        }
        if period > 0 {
            *self.bonds_kept.entry(key).or_default() += period;
        }
        Ok(())
    }

    pub fn deliver_bond(&mut self, by: Party, key: (usize, u32), sent: u128) -> Outcome {
        let Some(kept) = self.bonds_kept.remove(&key) else { return refuse("NothingKept") };
        self.collect(by, 0, sent)?;
        if self.deposit(key.0, key.1, kept, kept).is_err() {
            return refuse("PoolRefused");
        }
        self.bonds.take(kept).ok_or_else(|| refusal("Overflow"))?;
        Ok(kept)
    }

    pub fn withdraw_bond(&mut self, by: Party, account: Party, to: Party) -> Outcome {
        if by != account && to != account {
            return refuse("NotBondOwner");
        }
        let amount = std::mem::take(&mut self.bonds_owed[account]);
        if amount == 0 {
            return refuse("NothingOwed");
        }
        self.bonds.take(amount).ok_or_else(|| refusal("Overflow"))?;
        Ok(amount)
    }
}
