//! What a market has and owes: money for open bids, and credits.

use yieldset_chain::abi::Market::{Credited, Inherited, Withdrawn};

use super::{Credit, Listing, Order};
use crate::{
    column::{Addr, Amount},
    error::IndexerError,
    project::{
        Applying,
        ledger::{self, BookedOn, Entry},
        licences::figure,
    },
};

/// Account of the money for open bids.
const ESCROW: &str = "escrow";
/// Account of what accounts can withdraw.
const CREDITS: &str = "credits";
/// Account of credits of which it was not told yet what for.
const ON_ITS_WAY: &str = "in_transit";

/// What the market has of a currency.
fn coins(currency: &Addr) -> BookedOn<'_> {
    BookedOn::Owed { name: "coins", subject: currency.0.as_slice() }
}

/// What it owes in a pool's currency, to an account or as a whole.
fn owed<'a>(name: &'static str, subject: &'a [u8]) -> BookedOn<'a> {
    BookedOn::Owed { name, subject }
}

/// Names an account among a pool's.
fn of(pool: Addr, account: Addr) -> Vec<u8> {
    [pool.0.as_slice(), account.0.as_slice()].concat()
}

/// A bid's money came in.
pub(super) fn hold(applying: &mut Applying<'_>, bid: &Order, escrow: u128) -> Result<(), IndexerError> {
    let maker = of(bid.pool, bid.maker);
    let entries = [Entry::debit(coins(&bid.currency), escrow), Entry::credit(owed(ESCROW, &maker), escrow)];
    ledger::post(applying, bid.market, bid.maker, &entries)
}

/// A bid was taken back: its maker's credit was told of, or will be.
pub(super) fn release(applying: &mut Applying<'_>, bid: &Order, refund: u128) -> Result<(), IndexerError> {
    let maker = of(bid.pool, bid.maker);
    let on_its_way = bid.pool.0.as_slice();
    let entries = [Entry::debit(owed(ESCROW, &maker), refund), Entry::credit(owed(ON_ITS_WAY, on_its_way), refund)];
    ledger::post(applying, bid.market, bid.maker, &entries)
}

/// What a trade moved.
pub(super) struct Paid {
    pub pool: Addr,
    pub currency: Addr,
    pub buyer: Addr,
    /// What the seller was credited with.
    pub cost: u128,
    /// Whose bid was filled, and by how much its money fell: what the cost leaves of that its maker was credited with.
    /// None where the buyer brought the cost.
    pub freed: Option<(Addr, u128)>,
}

/// Shares were paid: of the bid, or by who took the ask.
pub(super) fn pay(applying: &mut Applying<'_>, paid: &Paid) -> Result<(), IndexerError> {
    let place = applying.place;
    let market = place.contract.into();
    let on_its_way = owed(ON_ITS_WAY, paid.pool.0.as_slice());
    match paid.freed {
        Some((maker, freed)) => {
            if paid.cost > freed {
                return Err(place.diverged("a trade's cost", paid.cost, format!("at most the bid's {freed}")));
            }
            let maker = of(paid.pool, maker);
            let entries = [Entry::debit(owed(ESCROW, &maker), freed), Entry::credit(on_its_way, freed)];
            ledger::post(applying, market, paid.buyer, &entries)
        }
        None => {
            let entries = [Entry::debit(coins(&paid.currency), paid.cost), Entry::credit(on_its_way, paid.cost)];
            ledger::post(applying, market, paid.buyer, &entries)
        }
    }
}

/// An account is owed more.
pub(super) async fn credit(applying: &mut Applying<'_>, event: &Credited) -> Result<(), IndexerError> {
    let place = applying.place;
    let (amount, now) = (place.amount("amount", event.amount)?, place.amount("credit", event.credit)?);
    let mut row = find(applying, event.pool.into(), event.account.into()).await?;
    let before = figure(place, "a credit", row.credit)?;
    place.same("a credit", now, place.add("a credit", before, amount)?)?;
    let (pool, account) = (row.pool, row.account);
    let subject = of(pool, account);
    let entries =
        [Entry::debit(owed(ON_ITS_WAY, pool.0.as_slice()), amount), Entry::credit(owed(CREDITS, &subject), amount)];
    ledger::post(applying, row.market, account, &entries)?;
    row.credit = now.into();
    applying.put(row).await
}

/// All that a lost account was owed its heir is: what the heir has now is told beside it.
pub(super) async fn inherit(applying: &mut Applying<'_>, event: &Inherited) -> Result<(), IndexerError> {
    let amount = applying.place.amount("amount", event.amount)?;
    let row = empty(applying, event.pool.into(), event.lost.into(), amount).await?;
    let subject = of(row.pool, row.account);
    let on_its_way = owed(ON_ITS_WAY, row.pool.0.as_slice());
    let entries = [Entry::debit(owed(CREDITS, &subject), amount), Entry::credit(on_its_way, amount)];
    ledger::post(applying, row.market, event.heir.into(), &entries)
}

/// An account took all that it was owed.
pub(super) async fn withdraw(applying: &mut Applying<'_>, event: &Withdrawn) -> Result<(), IndexerError> {
    let amount = applying.place.amount("amount", event.amount)?;
    let row = empty(applying, event.pool.into(), event.account.into(), amount).await?;
    let currency: Addr = event.currency.into();
    if let Some(listing) = applying.find::<Listing>((row.market, row.pool)).await? {
        applying.place.same("a withdrawal's currency", currency, listing.currency)?;
    }
    let subject = of(row.pool, row.account);
    let entries = [Entry::debit(owed(CREDITS, &subject), amount), Entry::credit(coins(&currency), amount)];
    ledger::post(applying, row.market, event.to.into(), &entries)
}

/// Takes all of a credit.
async fn empty(applying: &mut Applying<'_>, pool: Addr, account: Addr, amount: u128) -> Result<Credit, IndexerError> {
    let row = find(applying, pool, account).await?;
    applying.place.same("a credit", Amount::from(amount), row.credit)?;
    applying.put(Credit { credit: Amount::ZERO, ..row.clone() }).await?;
    Ok(row)
}

async fn find(applying: &mut Applying<'_>, pool: Addr, account: Addr) -> Result<Credit, IndexerError> {
    let market = applying.place.contract.into();
    let found = applying.find::<Credit>((market, pool, account)).await?;
    Ok(found.unwrap_or(Credit { market, pool, account, credit: Amount::ZERO }))
}
