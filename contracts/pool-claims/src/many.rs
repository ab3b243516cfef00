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
    books::Book,
    events,
    ledger::Ledger,
    money,
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

use crate::contributions::{MAX_BATCH, at_most, following, found, running, same_length, tell, weight_of};

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
    proof: Words,
    flags: Words,
}

/// Pays all that can be paid and returns the sum.
pub fn claim(stream: &Word, period: u32, accounts: Words, weights: Words, proof: Words, flags: Words) -> u128 {
    let mut ledger = running();
    let count = at_most(MAX_BATCH, accounts.len());
    same_length(count, &[weights]);
    let call = Call { stream, period, accounts, weights, proof, flags };
    let root = call.root();
    // No account alone is to blame for a wrong proof.
    let (mut sum, mut next) = (0, Some(found(&ledger, stream, period, &root, &[0; 20])));
    while let Some(mut book) = next {
        sum = add(sum, call.claim(&mut ledger, &mut book));
        next = following(&ledger, &book, &root, sum);
    }
    sum
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

    /// Where the proof of all weights together leads.
    #[inline(never)]
    fn root(&self) -> Word {
        let mut leaves = [[0; 32]; MAX_BATCH as usize];
        for (n, leaf) in (0..self.accounts.len()).zip(&mut leaves) {
            *leaf = merkle::leaf(
                &self.account(n),
                weight_of(self.stream, self.period, &self.weights.get(n)),
                host::keccak256,
            );
        }
        let leaves = &mut leaves[..self.accounts.len() as usize];
        let flags = self.flags.iter().map(|flag| value::<kind::bool>(&flag));
        // No book is paid by zero.
        merkle::multi_root(leaves, self.proof.iter(), flags, host::keccak256).unwrap_or([0; 32])
    }

    /// Pays all that can be paid of a book and returns the sum.
    #[inline(never)]
    fn claim(&self, ledger: &mut Ledger, book: &mut Book<'_>) -> u128 {
        let (mut money, mut sum) = (book.money(), 0);
        let mut payments = [None; MAX_BATCH as usize];
        for (n, place) in (0..self.accounts.len()).zip(&mut payments) {
            *place = self.take(n, ledger, book, &mut money);
            sum = add(sum, place.map_or(0, |payment: Payment| payment.amount));
        }
        if sum == 0 {
            return 0;
        }
        book.set_money(&money);
        book.save();
        ledger.claimed_by_contributors = add(ledger.claimed_by_contributors, sum);
        ledger.save();
        let returned = self.pay(ledger, book, &payments, &mut money);
        if returned != 0 {
            book.set_money(&money);
            book.save();
            // It was added above.
            ledger.claimed_by_contributors = ledger.claimed_by_contributors.saturating_sub(returned);
            ledger.save();
        }
        sum.saturating_sub(returned)
    }

    /// Records one claim, or tells why it is passed over.
    #[inline(never)]
    fn take(&self, n: u32, ledger: &Ledger, book: &Book<'_>, money: &mut Period) -> Option<Payment> {
        let (account, weight) = (self.account(n), weight_of(self.stream, self.period, &self.weights.get(n)));
        let before = book.taken(&account);
        let (mut contribution, mut after) = (before, *money);
        let why = match after.claim(&mut contribution, weight) {
            Ok(amount) => {
                let payee = ledger.payee(&account);
                match shares::screened(ledger, &payee) {
                    0 if !money::is_paid_with_others(&ledger.currency, &payee) => Skipped::PayoutFailed,
                    0 => {
                        *money = after;
                        book.set_taken(&account, &contribution);
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
    fn pay(&self, ledger: &Ledger, book: &Book<'_>, payments: &[Option<Payment>], money: &mut Period) -> u128 {
        let mut returned = 0;
        for Payment { account, payee, amount, weight, before } in payments.iter().flatten() {
            if money::try_pay(&ledger.currency, payee, *amount) {
                tell(self.stream, self.period, account, *amount, *weight);
                continue;
            }
            money.give_back(before, *weight, *amount);
            book.set_taken(account, before);
            returned = add(returned, *amount);
            self.skip(account, Skipped::PayoutFailed);
        }
        returned
    }
}
