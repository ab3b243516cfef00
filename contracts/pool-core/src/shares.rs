//! Shares: ERC-20 transfers with dividends settled and every rule of the pool asked.

pub use yieldset_rules::compliance::Lock;
use yieldset_rules::compliance::{HolderView, Limits, Movement, Restriction, pool_restriction};
use yieldset_shell::{
    abi::{Told, kind},
    host,
    refusals::Explain,
    words::{Address, Word, address_word, is_zero, number_of, same},
};

use crate::{
    account::Account,
    books::Book,
    delegation, events, keys,
    ledger::Ledger,
    money,
    outside::kyc,
    refusals::{self, add},
};

const ZERO: Address = [0; 20];
const UNLIMITED: Word = [0xff; 32];

/// What may move in a transfer besides free shares, and what is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// By the holder or by an allowance: free shares, all rules.
    Ordinary,
    /// By a market: reserved shares, all rules.
    Delivery,
    /// By an agent, who answers for the reason: frozen, locked and reserved shares too, but the recipient must be
    /// eligible.
    Forced,
}

/// What the front has no code for: what few accounts have, and why a call is refused that was wrong from the start. It
/// hands such a call on to the logic before it changes anything. What can come about while a call is on its way it
/// refuses itself: the call was given the weight of one that succeeds, which is not enough for the logic.
pub trait Rare {
    /// Ends a call that is refused before it changed anything; `why` says why, which the front leaves to the logic.
    fn refuse(ledger: &Ledger, why: impl Explain<()>) -> !;
    /// The sender's lock, before an ordinary transfer between these two.
    fn lock(ledger: &Ledger, from: &Address, sender: &Account, recipient: &Account) -> Lock;
    /// The shares of an account whose votes are delegated became others.
    fn moved(account: &Address, before: u128, after: u128);
    /// Sends the chain's own money to who is paid dividends.
    fn send(payee: &Address, amount: u128) -> bool;
    /// Ends a call whose payment the currency did not make, and says why.
    fn unpaid(ledger: &Ledger, payee: &Address, amount: u128) -> !;
    /// The book of a (stream, period) that takes money now, before anything was changed.
    fn book<'a>(ledger: &Ledger, stream: &'a Word, period: u32) -> Book<'a>;
    /// Stores it.
    fn save_book(book: &Book<'_>);
}

/// The logic's side of it.
pub struct Logic;

impl Rare for Logic {
    fn refuse(_: &Ledger, why: impl Explain<()>) -> ! {
        why.explain(())
    }

    fn lock(_: &Ledger, from: &Address, sender: &Account, _: &Account) -> Lock {
        sender.locks(from).whole(host::now())
    }

    fn moved(account: &Address, before: u128, after: u128) {
        delegation::moved(account, before, after);
    }

    fn send(payee: &Address, amount: u128) -> bool {
        host::send(payee, amount)
    }

    fn unpaid(ledger: &Ledger, payee: &Address, amount: u128) -> ! {
        money::unpaid(&ledger.currency, payee, amount)
    }

    fn book<'a>(ledger: &Ledger, stream: &'a Word, period: u32) -> Book<'a> {
        Book::current(ledger, stream, period)
    }

    fn save_book(book: &Book<'_>) {
        book.save();
    }
}

/// ERC-20's `transfer`.
pub fn transfer<R: Rare>(from: &Address, to: &Address, value: &Word) {
    let mut ledger = Ledger::load();
    shift::<R>(&mut ledger, from, to, value, Kind::Ordinary, None);
}

/// ERC-20's `transferFrom`.
pub fn transfer_from<R: Rare>(spender: &Address, from: &Address, to: &Address, value: &Word) {
    let mut ledger = Ledger::load();
    if is_zero(from) {
        R::refuse(&ledger, refusals::ERC20InvalidSender { sender: &ZERO });
    }
    shift::<R>(&mut ledger, from, to, value, Kind::Ordinary, Some(spender));
}

/// ERC-20's `approve`.
pub fn approve<R: Rare>(owner: &Address, spender: &Address, value: &Word) {
    if is_zero(spender) {
        R::refuse(&Ledger::load(), refusals::ERC20InvalidSpender { spender: &ZERO });
    }
    host::write(&keys::allowance(owner, spender), value);
    events::Approval { owner, spender, value }.emit();
}

/// ERC-20's `allowance`.
pub fn allowance(owner: &Address, spender: &Address) -> Word {
    host::read(&keys::allowance(owner, spender)).unwrap_or_default()
}

/// Lowers an allowance by what is used of it.
pub fn spend(owner: &Address, spender: &Address, value: &Word) {
    let allowed = allowance(owner, spender);
    if allowed < *value {
        refusals::ERC20InsufficientAllowance { spender, allowance: &allowed, needed: value }.refuse();
    }
    use_up(owner, spender, &allowed, value);
}

/// Lowers an allowance that is enough; 2^256 − 1 is without limit and stays.
fn use_up(owner: &Address, spender: &Address, allowed: &Word, value: &Word) {
    if *allowed != UNLIMITED {
        host::write(&keys::allowance(owner, spender), &difference(allowed, value));
    }
}

/// Moves shares, by the allowance of a spender where there is one, and settles both sides.
pub fn shift<R: Rare>(
    ledger: &mut Ledger,
    from: &Address,
    to: &Address,
    value: &Word,
    kind: Kind,
    spender: Option<&Address>,
) {
    let mut sender = Account::load(from);
    let own = same(from, to);
    let mut recipient = if own { sender } else { Account::load(to) };
    // Only of an ordinary transfer the locks count. Until here a call may be handed on: nothing is changed.
    let lock = if kind == Kind::Ordinary { R::lock(ledger, from, &sender, &recipient) } else { Lock::default() };
    let allowance = spender.map(|spender| allowance(from, spender));
    if let (Some(spender), Some(left)) = (spender, &allowance)
        && left < value
    {
        R::refuse(ledger, refusals::ERC20InsufficientAllowance { spender, allowance: left, needed: value });
    }
    if is_zero(to) {
        R::refuse(ledger, refusals::ERC20InvalidReceiver { receiver: &ZERO });
    }
    let Some(shares) = number_of(value) else { R::refuse(ledger, refusals::AmountTooLarge { amount: value }) };
    if sender.holder.balance < shares {
        refusals::ERC20InsufficientBalance { sender: from, balance: sender.holder.balance, needed: value }.refuse();
    }
    allowed(restriction(ledger, Some((from, &sender, lock)), (to, &recipient), shares, kind));
    if let (Some(spender), Some(left)) = (spender, &allowance) {
        use_up(from, spender, left, value);
    }
    if kind == Kind::Delivery {
        // At least this much is reserved: asked above.
        sender.restraints.reserved = sender.restraints.reserved.saturating_sub(shares);
    }
    let holders = ledger.holders;
    sender.debit::<R>(from, ledger.index, shares);
    if own {
        recipient = sender;
    } else {
        if shares != 0 && sender.holder.balance == 0 {
            ledger.holders = ledger.holders.saturating_sub(1);
        }
        sender.save(from);
        if shares != 0 && recipient.holder.balance == 0 {
            ledger.holders = ledger.holders.saturating_add(1);
        }
    }
    recipient.credit::<R>(to, ledger.index, shares);
    recipient.save(to);
    // The ledger's slot is written only where the number of holders changes.
    if ledger.holders != holders {
        ledger.save();
    }
    events::Transfer { from, to, value: shares }.emit();
}

/// Creates shares for an account, locked up as the policy says. The caller stores ledger and supply.
pub fn issue(ledger: &mut Ledger, to: &Address, shares: u128) {
    if is_zero(to) {
        refusals::ERC20InvalidReceiver { receiver: &ZERO }.refuse();
    }
    let mut recipient = Account::load(to);
    allowed(restriction(ledger, None, (to, &recipient), shares, Kind::Ordinary));
    if shares != 0 && recipient.holder.balance == 0 {
        ledger.holders = ledger.holders.saturating_add(1);
    }
    ledger.supply = add(ledger.supply, shares);
    recipient.credit::<Logic>(to, ledger.index, shares);
    if ledger.lockup_seconds != 0 {
        let mut locks = recipient.locks(to);
        locks.issue(shares, ledger.lockup_seconds, host::now());
        recipient.set_locks(to, &locks);
    }
    recipient.save(to);
    events::Transfer { from: &ZERO, to, value: shares }.emit();
}

/// The first reason against moving shares, as an ERC-1404 code: first the pool's own, then those of the KYC registry,
/// which is asked once for both sides. Zero for none. The zero address, which never holds shares, is no side.
pub fn restriction(
    ledger: &Ledger,
    from: Option<(&Address, &Account, Lock)>,
    to: (&Address, &Account),
    shares: u128,
    kind: Kind,
) -> u8 {
    // Nobody new comes to hold shares: a transfer to oneself, or a question about the sender alone.
    let nobody = from.is_some_and(|(address, ..)| same(address, to.0)) || is_zero(to.0);
    // Whoever has the key of a lost account must not move what comes back to it.
    if kind != Kind::Forced && from.is_some_and(|(_, account, _)| account.restraints.recovered) {
        return Restriction::SenderFrozen as u8;
    }
    if to.1.restraints.recovered {
        return Restriction::RecipientFrozen as u8;
    }
    let movement = Movement {
        from: from.map(|(_, account, lock)| view(account, lock, kind)),
        // Of the recipient only its balance counts.
        to: (!nobody).then(|| HolderView { balance: to.1.holder.balance, ..HolderView::default() }),
        amount: shares,
        holders: ledger.holders,
        // A paused pool still lets an agent do what a court orders.
        paused: ledger.paused() && kind != Kind::Forced,
        now: host::now(),
    };
    // An agent's transfer may pass the limits of holders and holdings, as in ERC-3643; the recipient must be eligible.
    let limits = if kind == Kind::Forced { Limits::default() } else { ledger.limits() };
    let own = pool_restriction(limits, &movement);
    if own != Restriction::None || ledger.unscreened() {
        return own as u8;
    }
    // A forced transfer takes from whoever has lost eligibility; a mint has no sender.
    let sender = match (kind, from) {
        (Kind::Forced, _) | (_, None) => &ZERO,
        (_, Some((address, ..))) => address,
    };
    kyc_code(ledger, sender, to.0)
}

/// What of an account counts for the pool's own rules.
fn view(account: &Account, lock: Lock, kind: Kind) -> HolderView {
    let (balance, restraints) = (account.holder.balance, account.restraints);
    let (frozen, reserved, lock) = match kind {
        Kind::Ordinary => (restraints.frozen, restraints.reserved, lock),
        // Only what is reserved leaves, and of that nothing that was frozen afterwards. Locked shares were never
        // reserved.
        Kind::Delivery => (restraints.frozen, balance.saturating_sub(restraints.reserved), Lock::default()),
        Kind::Forced => (0, 0, Lock::default()),
    };
    let reserved = if kind == Kind::Delivery { reserved.saturating_sub(frozen) } else { reserved };
    HolderView { balance, frozen, reserved, lock }
}

/// Stops where KYC refuses to pay an account. It is asked as a sender: whoever may sell may be paid.
pub fn ask_kyc(ledger: &Ledger, account: &Address) {
    allowed(screened(ledger, account));
}

/// Stops where KYC lets an account receive no shares.
pub fn ask_recipient(ledger: &Ledger, account: &Address) {
    if !ledger.unscreened() {
        allowed(kyc_code(ledger, &ZERO, account));
    }
}

/// Why an account may not act in this pool now: sell, be paid, or vote. Zero where it may.
pub fn screened(ledger: &Ledger, account: &Address) -> u8 {
    if ledger.unscreened() { 0 } else { kyc_code(ledger, account, &ZERO) }
}

/// Stops for any code but zero.
fn allowed(code: u8) {
    if code != 0 {
        refusals::TransferRestricted { code }.refuse();
    }
}

/// As [`screened`], of a registry that may use up all it is given: it gets a bounded weight. So it stops nobody from
/// voting for another.
pub fn screened_at_most(ledger: &Ledger, account: &Address) -> u8 {
    if ledger.unscreened() { 0 } else { code_of(host::ask_bounded(&ledger.kyc, &question(ledger, account, &ZERO))) }
}

/// The registry's code.
#[inline(never)]
fn kyc_code(ledger: &Ledger, from: &Address, to: &Address) -> u8 {
    code_of(host::ask_perhaps_broken(&ledger.kyc, &question(ledger, from, to)))
}

/// `restrictionFor`, put together in place: of seven words the declaration's own way is 275 bytes more in the front.
#[inline(always)]
fn question(ledger: &Ledger, from: &Address, to: &Address) -> [u8; 4 + 7 * 32] {
    let mut input = [0; 4 + 7 * 32];
    let (requirements, jurisdictions) = ledger.requirements();
    input[..4].copy_from_slice(&kyc::restrictionFor::SELECTOR);
    input[4..36].copy_from_slice(&address_word(from));
    input[36..68].copy_from_slice(&address_word(to));
    input[68..100].copy_from_slice(&requirements);
    input[100..].copy_from_slice(jurisdictions.as_flattened());
    input
}

/// What the registry answered; a code of its own where it did not.
#[inline(always)]
fn code_of(answer: Option<[Word; 1]>) -> u8 {
    answer.and_then(|[word]| kind::uint8::told(&word)).unwrap_or(Restriction::RegistryUnavailable as u8)
}

/// `a − b` of two words; the caller has compared them.
fn difference(a: &Word, b: &Word) -> Word {
    let ([a1, a0], [b1, b0]) = (halves(a), halves(b));
    let (low, borrow) = a0.overflowing_sub(b0);
    let mut result = [0; 32];
    result[..16].copy_from_slice(&a1.wrapping_sub(b1).wrapping_sub(u128::from(borrow)).to_be_bytes());
    result[16..].copy_from_slice(&low.to_be_bytes());
    result
}

/// Both halves of a word, the upper one first.
fn halves(word: &Word) -> [u128; 2] {
    let (halves, _) = word.as_chunks();
    [u128::from_be_bytes(halves[0]), u128::from_be_bytes(halves[1])]
}
