//! One period's claims of many accounts in one call.
//!
//! All weights are proven together; a wrong proof refuses the call. Then each account stands for itself: one that may
//! not be paid, has nothing left or does not take its money is passed over and told, and the others are paid.
//!
//! No payee's code runs, for it would do so at the cost of who pays and of the others: one that has code is passed over
//! where the money is the chain's own, and is paid by a claim of its own.
//!
//! Everything is recorded before any money leaves; what was not taken is given back afterwards. Nobody can look at the
//! pool or call it meanwhile: the pallet denies re-entry to the currency.

use yieldset_pool_core::{
    events,
    ledger::Ledger,
    money::{self, PeriodRecord},
    refusals::{self, add},
    shares,
};
use yieldset_rules::{
    contribution::{Contribution, ContributionError, Period, Skipped},
    merkle,
};
use yieldset_shell::{
    abi::kind,
    calldata::{Words, value},
    host,
    words::{Address, Word},
};

use crate::contributions::{MAX_BATCH, at_most, final_record, load, running, same_length, store, tell, weight_of};

/// What an account is to be paid now.
#[derive(Debug, Clone, Copy)]
struct Payment {
    account: Address,
    payee: Address,
    amount: u128,
    weight: u64,
    before: Contribution,
}

/// The call's (stream, period) and its lists of accounts and weights.
struct Call<'a> {
    stream: &'a Word,
    period: u32,
    accounts: Words,
    weights: Words,
}

/// Pays all that can be paid and returns the sum.
pub fn claim(stream: &Word, period: u32, accounts: Words, weights: Words, proof: Words, flags: Words) -> u128 {
    let mut ledger = running();
    let count = at_most(MAX_BATCH, accounts.len());
    same_length(count, &[weights]);
    let call = Call { stream, period, accounts, weights };
    let mut record = final_record(&ledger, stream, period);
    call.prove(&record, proof, flags);
    let (mut money, mut sum) = (record.period(), 0);
    let mut payments = [None; MAX_BATCH as usize];
    for (n, place) in (0..count).zip(&mut payments) {
        *place = call.take(n, &ledger, &record, &mut money);
        sum = add(sum, place.map_or(0, |payment: Payment| payment.amount));
    }
    if sum == 0 {
        return 0;
    }
    record.set_period(&money);
    record.save(stream, period);
    ledger.claimed_by_contributors = add(ledger.claimed_by_contributors, sum);
    ledger.save();
    let returned = call.pay(&ledger, &payments, &mut money);
    if returned != 0 {
        record.set_period(&money);
        record.save(stream, period);
        // It was added above.
        ledger.claimed_by_contributors = ledger.claimed_by_contributors.saturating_sub(returned);
        ledger.save();
    }
    sum.saturating_sub(returned)
}

impl Call<'_> {
    /// Tells that an account was passed over.
    #[inline(never)]
    fn skip(&self, account: &Address, why: Skipped) {
        events::ClaimSkipped { stream: self.stream, period: self.period, account, reason: why.code() }.emit();
    }

    fn account(&self, n: u32) -> Address {
        value::<kind::address>(&self.accounts.get(n))
    }

    /// Stops unless all weights together lead to the period's root.
    #[inline(never)]
    fn prove(&self, record: &PeriodRecord, proof: Words, flags: Words) {
        let mut leaves = [[0; 32]; MAX_BATCH as usize];
        for (n, leaf) in (0..self.accounts.len()).zip(&mut leaves) {
            let weight = weight_of(record, &self.weights.get(n));
            *leaf = merkle::leaf(&self.account(n), weight, host::keccak256);
        }
        let leaves = &mut leaves[..self.accounts.len() as usize];
        let flags = flags.iter().map(|flag| value::<kind::bool>(&flag));
        if merkle::multi_root(leaves, proof.iter(), flags, host::keccak256) != Some(record.root) {
            // No account alone is to blame.
            refusals::InvalidProof { account: &[0; 20] }.refuse();
        }
    }

    /// Records one claim, or tells why it is passed over.
    #[inline(never)]
    fn take(&self, n: u32, ledger: &Ledger, record: &PeriodRecord, money: &mut Period) -> Option<Payment> {
        let (account, weight) = (self.account(n), weight_of(record, &self.weights.get(n)));
        let before = load(&account, self.stream, self.period);
        let (mut contribution, mut after) = (before, *money);
        let why = match after.claim(&mut contribution, weight) {
            Ok(amount) => {
                let payee = ledger.payee(&account);
                match shares::screened(ledger, &payee) {
                    0 if !money::is_paid_with_others(&ledger.currency, &payee) => Skipped::PayoutFailed,
                    0 => {
                        *money = after;
                        store(&account, self.stream, self.period, &contribution);
                        return Some(Payment { account, payee, amount, weight, before });
                    }
                    code => Skipped::Screened(code),
                }
            }
            Err(ContributionError::Nothing) => Skipped::Nothing,
            Err(ContributionError::WeightsExceeded) => Skipped::WeightsExceeded,
            Err(ContributionError::Math(_)) => refusals::Overflow {}.refuse(),
        };
        self.skip(&account, why);
        None
    }

    /// Pays, and takes back what was recorded of who did not take it; their sum.
    #[inline(never)]
    fn pay(&self, ledger: &Ledger, payments: &[Option<Payment>], money: &mut Period) -> u128 {
        let mut returned = 0;
        for Payment { account, payee, amount, weight, before } in payments.iter().flatten() {
            if money::try_to_pay(&ledger.currency, payee, *amount) {
                tell(self.stream, self.period, account, *amount, *weight);
                continue;
            }
            money.give_back(before, *weight, *amount);
            store(account, self.stream, self.period, before);
            returned = add(returned, *amount);
            self.skip(account, Skipped::PayoutFailed);
        }
        returned
    }
}
