//! Whether the market would take an order or a fill, by the very rules that it follows: known before an allowance for
//! it is sent.

use alloy_primitives::Address;
use yieldset_rules::market::{ASK, Listing, MarketError, Order, Taken, Wanted};

use crate::{
    abi::{Market, Refusal::RefusalErrors},
    acts::{ActError, Currency, Desk, Fact, arguments::Shares, words::in_words},
    error::{ChainError, ContractError, amount},
    units::Date,
};

/// The pool's place on the market, and what it is paid in.
pub(super) struct Listed {
    listing: Listing,
    currency: Currency,
}

impl Listed {
    /// As the market has it now.
    pub async fn of(desk: &Desk) -> Result<Self, ActError> {
        let found = desk.read(desk.deployment.market, &Market::listingOfCall { pool: desk.deployment.pool }).await?;
        let listing = Listing {
            listed: found.listed,
            currency: found.currency.0.0,
            lot: amount(found.lot)?,
            tick: amount(found.tick)?,
            last_price: amount(found.lastPrice)?,
            last_trade: found.lastTrade,
        };
        Ok(Self { listing, currency: desk.currency_at(found.currency).await? })
    }
}

/// An open order.
pub(super) struct Placed {
    /// As the rules have it; how often its maker was seized of shares is not told, and left at zero.
    pub order: Order,
    /// Money that it holds.
    pub escrow: u128,
}

impl Placed {
    /// By its number.
    pub async fn of(desk: &Desk, number: u64) -> Result<Self, ActError> {
        match Self::find(desk, number).await? {
            Some(found) => Ok(found),
            None => Err(Self::absent(desk, number).await?),
        }
    }

    /// By its number, where it is open.
    pub async fn find(desk: &Desk, number: u64) -> Result<Option<Self>, ActError> {
        let found = match desk.read(desk.deployment.market, &Market::orderOfCall { order: number }).await {
            Ok(found) => found,
            Err(ActError::Chain(ChainError::Refused { error: ContractError::Known(known), .. }))
                if matches!(*known, RefusalErrors::UnknownOrder(_)) =>
            {
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        let order = Order {
            id: number,
            side: found.side,
            maker: found.maker.0.0,
            pool: found.pool.0.0,
            currency: found.currency.0.0,
            shares: amount(found.shares)?,
            price: amount(found.price)?,
            expiry: found.expiry,
            seizures: 0,
        };
        Ok(Some(Self { order, escrow: amount(found.escrow)? }))
    }

    /// Why there is no such order.
    pub async fn absent(desk: &Desk, number: u64) -> Result<ActError, ActError> {
        let count = desk.read(desk.deployment.market, &Market::orderCountCall {}).await?;
        let why = match (1..=count).contains(&number) {
            true => format!("order {number} is over: it was filled, cancelled or cleared"),
            false => format!("there is no order {number}: {count} were placed so far"),
        };
        Ok(ActError::Absent(format!("{why}; yieldset market show lists those that are open")))
    }

    /// Who placed it.
    pub fn maker(&self) -> Address {
        self.order.maker.into()
    }

    /// The fact that it is of the desk's pool: orders of all pools are counted together, and a number is soon mistyped.
    pub fn is_of(&self, desk: &Desk) -> Fact {
        let (pool, number) = (self.pool(), self.order.id);
        Fact::new(
            pool == desk.deployment.pool,
            format!("order {number} is of the pool {}", desk.says(pool)),
            "take an order of this pool (yieldset market show), or name the other pool with --pool",
        )
    }

    /// Whose shares.
    pub fn pool(&self) -> Address {
        self.order.pool.into()
    }

    /// What it is paid in.
    pub async fn currency(&self, desk: &Desk) -> Result<Currency, ActError> {
        desk.currency_at(self.order.currency.into()).await
    }
}

/// The fact that the market takes an order: side, shares, price, end.
pub(super) async fn places(
    listed: &Listed,
    desk: &Desk,
    (side, shares, price, expiry): (u8, Shares, u128, u64),
) -> Result<Fact, ActError> {
    let (maker, pool) = (desk.sender.0.0, desk.deployment.pool.0.0);
    let wanted = Wanted { id: 1, side, maker, pool, shares: shares.0, price, expiry, seizures: 0 };
    let judged = listed.listing.place(wanted, desk.now().await?);
    Ok(fact(judged.map(|_| ()), &listed.listing, &listed.currency))
}

/// The fact that the market fills so many shares of an order for the sender, and for how much.
pub(super) async fn fills(
    listed: &Listed,
    desk: &Desk,
    placed: &Placed,
    shares: Shares,
) -> Result<(Fact, u128), ActError> {
    let (mut order, now) = (placed.order, desk.now().await?);
    let limit = if order.side == ASK { u128::MAX } else { 0 };
    let fill = Taken { taker: desk.sender.0.0, shares: shares.0, limit };
    let judged = match order.side {
        ASK => order.fill_ask(&fill, &listed.listing, now),
        _ => order.fill_bid(&fill, &listed.listing, now),
    };
    let fact = match judged {
        Ok(_) => Fact::known(format!("{} are left in order {}", Shares(placed.order.shares), placed.order.id)),
        Err(MarketError::SelfTrade(_)) => {
            let remedy = format!("take it back: yieldset market cancel {}", placed.order.id);
            Fact::new(false, "it is the sender's own".to_owned(), remedy)
        }
        Err(_) => fact(judged.map(|_| ()), &listed.listing, &listed.currency),
    };
    Ok((fact, judged.unwrap_or_default()))
}

/// A judgement of the rules in words.
fn fact(judged: Result<(), MarketError>, listing: &Listing, currency: &Currency) -> Fact {
    let lot = Shares(listing.lot);
    let Err(error) = judged else {
        return Fact::known(format!(
            "an order is of {lot} at least, prices are multiples of {}",
            currency.says(listing.tick)
        ));
    };
    let (says, remedy) = match error {
        MarketError::NotListed => (
            "the pool is not listed".to_owned(),
            "a lister types: yieldset market list --lot SHARES --tick PRICE".to_owned(),
        ),
        MarketError::BelowLot(shares, lot) => (
            format!("{} is fewer than the lot, which is {}", Shares(shares), Shares(lot)),
            format!("choose {} at least, or all that is left of an order", Shares(lot)),
        ),
        MarketError::OffTick(price, tick) => {
            let below = price.checked_div(tick).unwrap_or_default().saturating_mul(tick);
            let above = currency.says(below.saturating_add(tick));
            let nearest = if below == 0 { above } else { format!("{} or {above}", currency.says(below)) };
            (
                format!("{} is no multiple of the tick, which is {}", currency.says(price), currency.says(tick)),
                format!("the nearest prices are {nearest}"),
            )
        }
        MarketError::ExpiryPassed(expiry, now) => (
            format!("it would end on {}, and the chain's clock shows {}", Date(expiry), Date(now)),
            "choose a later --until, such as +30d".to_owned(),
        ),
        MarketError::ExpiryTooLate(expiry, latest) => (
            format!("it would end on {}, and an order lives 90 days at most, until {}", Date(expiry), Date(latest)),
            "choose an earlier --until, such as +90d".to_owned(),
        ),
        MarketError::OrderExpired(order, expiry) => (
            format!("order {order} ended on {}", Date(expiry)),
            format!("anybody clears it: yieldset market clear {order}"),
        ),
        MarketError::NotEnoughShares(order, left, _) => {
            (format!("{} are left in order {order}", Shares(left)), Shares(left).at_most())
        }
        // Rust's own form of what else the rules refuse is a name, as errors have it.
        other => (in_words("the market does not take it", &other), "yieldset market show".to_owned()),
    };
    Fact::new(false, says, remedy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Coin;

    const SHARE: u128 = 1_000_000_000_000_000_000;

    /// Off the tick or below the lot: refused by the market's own rules, with what can be chosen instead.
    #[test]
    fn what_the_market_would_refuse_is_known_before() {
        let currency = Currency { address: Address::ZERO, coin: Coin { symbol: "USDC".into(), decimals: 6 } };
        let listing = Listing { listed: true, lot: 2 * SHARE, tick: 10_000, ..Listing::default() };
        let judge = |shares: u128, price: u128, expiry: u64| {
            let wanted = Wanted { id: 1, side: ASK, maker: [1; 20], pool: [2; 20], shares, price, expiry, seizures: 0 };
            fact(listing.place(wanted, 1_000).map(|_| ()), &listing, &currency)
        };
        assert!(judge(2 * SHARE, 20_000, 2_000).holds);
        for (fact, says, remedy) in [
            (judge(SHARE, 20_000, 2_000), "fewer than the lot, which is 2 shares", "2 shares at least"),
            (judge(2 * SHARE, 25_000, 2_000), "0.025 USDC is no multiple", "0.02 USDC or 0.03 USDC"),
            (judge(2 * SHARE, 5_000, 2_000), "no multiple", "prices are 0.01 USDC"),
            (judge(2 * SHARE, 20_000, 1_000), "the chain's clock", "later"),
            (judge(2 * SHARE, 20_000, 100_000_000), "90 days", "earlier"),
        ] {
            assert!(!fact.holds && fact.says.contains(says) && fact.remedy.contains(remedy), "{fact:?}");
        }
    }
}
