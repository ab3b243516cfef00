//! Orders of the share market.
//!
//! A price is in the currency's smallest unit for 10^18 share units, which is one whole share. With `value = shares ·
//! price / 10^18` as an exact fraction:
//!
//! - Who takes an ask pays `⌈value⌉`, all of it to the seller: never less than the price says, and less than a unit
//!   more.
//! - A bid holds `⌈value of what is still wanted⌉` in escrow. A fill pays what that sum falls by: within one unit of
//!   `value` either way. The sum of all fills is the escrow to the unit whatever the sizes, so that nothing is ever
//!   short or left over.
//! - Of two matched orders the earlier one's price holds. The seller gets `⌈value⌉` at it, at most what the bid's
//!   escrow falls by; the rest of that is the bidder's again.

//!
//! An order lives [`LONGEST`] at most. An agent of the pool reaches shares on offer, and their owner frees them there:
//! either ends all reservations of the owner, which the pool counts ([`Order::seizures`]), and an ask of before is
//! void: nothing of it can be filled, and anybody may clear it.

use crate::math::{MathError, mul_add_div_rem};

/// An account or a contract; a currency of zeros is the chain's native one.
pub type Address = [u8; 20];

/// Share units of one whole share, for which prices are given.
pub const SHARE: u128 = 1_000_000_000_000_000_000;

/// How long an order may live, in seconds: 90 days. Whoever wants more renews it.
pub const LONGEST: u64 = 90 * 86_400;

/// Offers shares.
pub const ASK: u8 = 1;
/// Wants shares.
pub const BID: u8 = 2;

/// Why the market refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MarketError {
    /// The pool is not listed, or not any more.
    NotListed,
    /// A lot or tick of zero.
    ZeroAmount,
    /// The pool was listed with another currency before.
    CurrencyChanged(Address),
    /// Fewer shares than the pool's lot: (shares, lot).
    BelowLot(u128, u128),
    /// The price is zero or no multiple of the pool's tick: (price, tick).
    OffTick(u128, u128),
    /// The order would be expired already: (expiry, now).
    ExpiryPassed(u64, u64),
    /// The order would live too long: (expiry, latest).
    ExpiryTooLate(u64, u64),
    /// The reservation of its shares was ended in the pool, by an agent who took some or by their owner.
    OrderVoid(u64),
    /// The order is of the other side.
    WrongSide(u64),
    /// The order can no longer be filled: (order, expiry).
    OrderExpired(u64, u64),
    /// The order can still be filled, so that only its maker may cancel it: (order, expiry).
    NotExpired(u64, u64),
    /// Only the order's maker may do this.
    NotMaker(u64, Address),
    /// The order has fewer shares left: (order, left, wanted).
    NotEnoughShares(u64, u128, u128),
    /// Buyer and seller are one account.
    SelfTrade(Address),
    /// The bid is below the ask: (ask's price, bid's price).
    PricesDoNotCross(u128, u128),
    /// The two orders are for different pools or currencies.
    DifferentPools,
    /// More than the taker is willing to pay: (cost, limit).
    CostAboveLimit(u128, u128),
    /// Less than the taker is willing to accept: (proceeds, limit).
    ProceedsBelowLimit(u128, u128),
    /// The account has no credit.
    NothingToWithdraw,
    /// A figure would not fit in 128 bits.
    Overflow,
}

impl From<MathError> for MarketError {
    fn from(_: MathError) -> Self {
        Self::Overflow
    }
}

/// `⌈shares · price / 10^18⌉`.
///
/// # Errors
/// [`MathError::Overflow`] above 128 bits.
pub fn cost(shares: u128, price: u128) -> Result<u128, MathError> {
    mul_add_div_rem(shares, price, SHARE - 1, SHARE).map(|(quotient, _)| quotient)
}

/// A pool's place on the market.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Listing {
    /// Whether orders may be placed and filled. A delisted pool's orders can be cancelled only.
    pub listed: bool,
    /// What its shares are paid in, for ever.
    pub currency: Address,
    /// Fewest shares of an order and of a fill, but for a fill that takes the rest.
    pub lot: u128,
    /// Prices are multiples of this. Zero where the pool was never listed.
    pub tick: u128,
    /// Price of the last trade; zero before the first one.
    pub last_price: u128,
    /// Time of the last trade, Unix seconds.
    pub last_trade: u64,
}

crate::packed!(Listing { listed: bool, currency: Address, lot: u128, tick: u128, last_price: u128, last_trade: u64 });

impl Listing {
    /// Lists the pool, or sets its lot and tick anew. Open orders keep their price and size.
    ///
    /// # Errors
    /// [`MarketError::ZeroAmount`], [`MarketError::CurrencyChanged`] with the former currency.
    pub fn list(&mut self, currency: Address, lot: u128, tick: u128) -> Result<(), MarketError> {
        if lot == 0 || tick == 0 {
            return Err(MarketError::ZeroAmount);
        }
        if self.tick != 0 && self.currency != currency {
            return Err(MarketError::CurrencyChanged(self.currency));
        }
        *self = Self { listed: true, currency, lot, tick, ..*self };
        Ok(())
    }

    /// Stops trading.
    ///
    /// # Errors
    /// [`MarketError::NotListed`].
    pub fn delist(&mut self) -> Result<(), MarketError> {
        self.open()?;
        self.listed = false;
        Ok(())
    }

    /// Stops unless the pool is listed.
    ///
    /// # Errors
    /// [`MarketError::NotListed`].
    pub const fn open(&self) -> Result<(), MarketError> {
        if self.listed { Ok(()) } else { Err(MarketError::NotListed) }
    }

    /// Notes a trade.
    pub const fn traded(&mut self, price: u128, now: u64) {
        self.last_price = price;
        self.last_trade = now;
    }

    /// A new order, at time `now` (Unix seconds).
    ///
    /// # Errors
    /// [`MarketError::NotListed`], [`MarketError::BelowLot`], [`MarketError::OffTick`], [`MarketError::ExpiryPassed`],
    /// [`MarketError::ExpiryTooLate`], [`MarketError::Overflow`] where the order's value does not fit in 128 bits.
    pub fn place(&self, wanted: Wanted, now: u64) -> Result<Order, MarketError> {
        self.open()?;
        let Wanted { id, side, maker, pool, shares, price, expiry, seizures } = wanted;
        if shares < self.lot {
            return Err(MarketError::BelowLot(shares, self.lot));
        }
        if price == 0 || !price.is_multiple_of(self.tick) {
            return Err(MarketError::OffTick(price, self.tick));
        }
        if expiry <= now {
            return Err(MarketError::ExpiryPassed(expiry, now));
        }
        let latest = now.saturating_add(LONGEST);
        if expiry > latest {
            return Err(MarketError::ExpiryTooLate(expiry, latest));
        }
        cost(shares, price)?;
        Ok(Order { id, side, maker, pool, currency: self.currency, shares, price, expiry, seizures })
    }

    /// Stops a fill below the lot that does not take the rest of an order.
    fn check_lot(&self, shares: u128, takes_rest: bool) -> Result<(), MarketError> {
        self.open()?;
        if shares == 0 || shares < self.lot && !takes_rest {
            return Err(MarketError::BelowLot(shares, self.lot));
        }
        Ok(())
    }
}

/// What a maker asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// The order's number.
    pub id: u64,
    /// [`ASK`] or [`BID`].
    pub side: u8,
    /// Who places it.
    pub maker: Address,
    /// Whose shares.
    pub pool: Address,
    /// How many share units.
    pub shares: u128,
    /// For 10^18 share units.
    pub price: u128,
    /// Unix seconds from which on it cannot be filled.
    pub expiry: u64,
    /// How often an agent has taken shares of the maker that were on offer, as the pool counts; zero for a bid.
    pub seizures: u32,
}

/// An open order: one storage record. Filled or cancelled ones are removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Order {
    /// Its number, from 1. The lower of two is the earlier.
    pub id: u64,
    /// [`ASK`] or [`BID`].
    pub side: u8,
    /// Who placed it.
    pub maker: Address,
    /// Whose shares.
    pub pool: Address,
    /// The pool's currency when it was placed.
    pub currency: Address,
    /// Share units still to be traded.
    pub shares: u128,
    /// For 10^18 share units, in the currency's smallest unit.
    pub price: u128,
    /// Unix seconds from which on it cannot be filled.
    pub expiry: u64,
    /// How often an agent has taken shares of the maker that were on offer, as the pool counts; zero for a bid.
    pub seizures: u32,
}

crate::packed!(Order {
    id: u64,
    side: u8,
    maker: Address,
    pool: Address,
    currency: Address,
    shares: u128,
    price: u128,
    expiry: u64,
    seizures: u32,
});

impl Order {
    /// Money held for the order: `⌈shares · price / 10^18⌉` for a bid, none for an ask.
    ///
    /// # Errors
    /// [`MarketError::Overflow`]; not for an order that was placed.
    pub fn escrow(&self) -> Result<u128, MarketError> {
        if self.side == BID { Ok(cost(self.shares, self.price)?) } else { Ok(0) }
    }

    /// Fills an ask at time `now`: what the taker pays. After an error the order is not to be kept.
    ///
    /// # Errors
    /// [`MarketError::WrongSide`], [`MarketError::CostAboveLimit`], and those of any fill: [`MarketError::NotListed`],
    /// [`MarketError::OrderExpired`], [`MarketError::NotEnoughShares`], [`MarketError::BelowLot`],
    /// [`MarketError::SelfTrade`].
    pub fn fill_ask(&mut self, fill: &Taken, listing: &Listing, now: u64) -> Result<u128, MarketError> {
        self.check_side(ASK)?;
        self.check_taker(fill, listing)?;
        self.take(fill.shares, now)?;
        let paid = cost(fill.shares, self.price)?;
        if paid > fill.limit {
            return Err(MarketError::CostAboveLimit(paid, fill.limit));
        }
        Ok(paid)
    }

    /// Fills a bid at time `now`: what the taker gets, out of the order's escrow. After an error the order is not to be
    /// kept.
    ///
    /// # Errors
    /// [`MarketError::WrongSide`], [`MarketError::ProceedsBelowLimit`], and those of any fill.
    pub fn fill_bid(&mut self, fill: &Taken, listing: &Listing, now: u64) -> Result<u128, MarketError> {
        self.check_side(BID)?;
        self.check_taker(fill, listing)?;
        let paid = self.take(fill.shares, now)?;
        if paid < fill.limit {
            return Err(MarketError::ProceedsBelowLimit(paid, fill.limit));
        }
        Ok(paid)
    }

    /// The maker takes its order back.
    ///
    /// # Errors
    /// [`MarketError::NotMaker`].
    pub fn cancel(&self, caller: &Address) -> Result<(), MarketError> {
        if self.maker == *caller { Ok(()) } else { Err(MarketError::NotMaker(self.id, *caller)) }
    }

    /// Anyone clears an order that can no longer be filled: an expired one, or a void one (see [`Self::stands`]).
    ///
    /// # Errors
    /// [`MarketError::NotExpired`].
    pub fn cancel_expired(&self, seizures: u32, now: u64) -> Result<(), MarketError> {
        if self.expiry <= now || self.stands(seizures).is_err() {
            Ok(())
        } else {
            Err(MarketError::NotExpired(self.id, self.expiry))
        }
    }

    /// Whether the shares of an ask are still reserved for it, by the pool's count of seizures from its maker; a bid
    /// always stands. Of a void ask nothing is to be delivered or released.
    ///
    /// # Errors
    /// [`MarketError::OrderVoid`].
    pub const fn stands(&self, seizures: u32) -> Result<(), MarketError> {
        if self.side == ASK && self.seizures != seizures { Err(MarketError::OrderVoid(self.id)) } else { Ok(()) }
    }

    fn check_side(&self, side: u8) -> Result<(), MarketError> {
        if self.side == side { Ok(()) } else { Err(MarketError::WrongSide(self.id)) }
    }

    fn check_taker(&self, fill: &Taken, listing: &Listing) -> Result<(), MarketError> {
        listing.check_lot(fill.shares, fill.shares >= self.shares)?;
        if self.maker == fill.taker { Err(MarketError::SelfTrade(fill.taker)) } else { Ok(()) }
    }

    /// Takes shares off the order and answers by how much its escrow falls.
    fn take(&mut self, shares: u128, now: u64) -> Result<u128, MarketError> {
        if self.expiry <= now {
            return Err(MarketError::OrderExpired(self.id, self.expiry));
        }
        let held = self.escrow()?;
        let Some(left) = self.shares.checked_sub(shares) else {
            return Err(MarketError::NotEnoughShares(self.id, self.shares, shares));
        };
        self.shares = left;
        // `cost` never falls with the number of shares.
        Ok(held.saturating_sub(self.escrow()?))
    }
}

/// What a taker wants of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// Who takes.
    pub taker: Address,
    /// How many share units.
    pub shares: u128,
    /// Most that it pays, or least that it gets.
    pub limit: u128,
}

/// A trade between an ask and a bid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Match {
    /// The earlier order's price.
    pub price: u128,
    /// What the seller gets.
    pub cost: u128,
    /// What the bidder gets back.
    pub surplus: u128,
}

/// Fills an ask and a bid with each other at time `now`. After an error neither is to be kept.
///
/// # Errors
/// [`MarketError::WrongSide`], [`MarketError::DifferentPools`], [`MarketError::PricesDoNotCross`], and those of any
/// fill.
pub fn match_orders(
    ask: &mut Order,
    bid: &mut Order,
    shares: u128,
    listing: &Listing,
    now: u64,
) -> Result<Match, MarketError> {
    ask.check_side(ASK)?;
    bid.check_side(BID)?;
    if ask.pool != bid.pool || ask.currency != bid.currency {
        return Err(MarketError::DifferentPools);
    }
    if ask.maker == bid.maker {
        return Err(MarketError::SelfTrade(ask.maker));
    }
    if ask.price > bid.price {
        return Err(MarketError::PricesDoNotCross(ask.price, bid.price));
    }
    listing.check_lot(shares, shares >= ask.shares || shares >= bid.shares)?;
    let price = if ask.id < bid.id { ask.price } else { bid.price };
    ask.take(shares, now)?;
    let freed = bid.take(shares, now)?;
    let cost = cost(shares, price)?.min(freed);
    Ok(Match { price, cost, surplus: freed.saturating_sub(cost) })
}

/// What the market owes in one currency; its balance is never less than the sum.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Holdings {
    /// Held for open bids.
    pub escrow: u128,
    /// Owed to accounts on demand.
    pub credits: u128,
}

crate::packed!(Holdings { escrow: u128, credits: u128 });

impl Holdings {
    /// Money came in for a bid.
    ///
    /// # Errors
    /// [`MarketError::Overflow`].
    pub fn hold(&mut self, amount: u128) -> Result<(), MarketError> {
        self.escrow = add(self.escrow, amount)?;
        Ok(())
    }

    /// Money came in for an account.
    ///
    /// # Errors
    /// [`MarketError::Overflow`].
    pub fn credit(&mut self, amount: u128) -> Result<(), MarketError> {
        self.credits = add(self.credits, amount)?;
        Ok(())
    }

    /// A bid's money becomes an account's.
    ///
    /// # Errors
    /// [`MarketError::Overflow`] where more is freed than was held.
    pub fn free(&mut self, amount: u128) -> Result<(), MarketError> {
        self.escrow = self.escrow.checked_sub(amount).ok_or(MarketError::Overflow)?;
        self.credit(amount)
    }

    /// An account's money is paid out: all of it.
    ///
    /// # Errors
    /// [`MarketError::NothingToWithdraw`]; [`MarketError::Overflow`] where more is paid than is owed.
    pub fn pay_out(&mut self, amount: u128) -> Result<(), MarketError> {
        if amount == 0 {
            return Err(MarketError::NothingToWithdraw);
        }
        self.credits = self.credits.checked_sub(amount).ok_or(MarketError::Overflow)?;
        Ok(())
    }
}

/// The sum.
///
/// # Errors
/// [`MarketError::Overflow`].
pub fn add(a: u128, b: u128) -> Result<u128, MarketError> {
    a.checked_add(b).ok_or(MarketError::Overflow)
}

#[cfg(test)]
mod tests;
