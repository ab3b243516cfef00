//! What happened, as the ABI has it.
#![allow(dead_code, reason = "the declarations are the ABI; what is emitted are words")]

use ink::{Address, U256};

/// A pool was listed, or its lot and tick were set anew.
#[ink::event]
pub struct PoolListed {
    /// The pool.
    #[ink(topic)]
    pub pool: Address,
    /// What its shares are paid in; zero for the native currency.
    #[ink(topic)]
    pub currency: Address,
    /// Fewest share units of an order and of a fill that does not take the rest.
    pub lot: U256,
    /// Prices are multiples of this.
    pub tick: U256,
}

/// A pool's orders can only be cancelled from now on.
#[ink::event]
pub struct PoolDelisted {
    /// The pool.
    #[ink(topic)]
    pub pool: Address,
}

/// An ask or a bid was placed.
#[ink::event]
pub struct OrderPlaced {
    /// Its number.
    #[ink(topic)]
    pub order: u64,
    /// Who placed it.
    #[ink(topic)]
    pub maker: Address,
    /// Whose shares.
    #[ink(topic)]
    pub pool: Address,
    /// 1 ask, 2 bid.
    pub side: u8,
    /// What is paid in.
    pub currency: Address,
    /// Share units.
    pub shares: U256,
    /// For 10^18 share units.
    pub price: U256,
    /// Unix seconds from which on it cannot be filled.
    pub expiry: u64,
    /// Money held for it.
    pub escrow: U256,
}

/// An order was taken off the market.
#[ink::event]
pub struct OrderCancelled {
    /// Its number.
    #[ink(topic)]
    pub order: u64,
    /// Who placed it.
    #[ink(topic)]
    pub maker: Address,
    /// Whose shares.
    #[ink(topic)]
    pub pool: Address,
    /// Cleared by anyone: after its expiry, or void because its shares were seized or freed.
    pub expired: bool,
    /// Share units that were not traded; an ask's are free again.
    pub shares: U256,
    /// A bid's money, credited to the maker.
    pub refund: U256,
}

/// Shares went one way and money the other.
#[ink::event]
pub struct Traded {
    /// Whose shares.
    #[ink(topic)]
    pub pool: Address,
    /// Who sold.
    #[ink(topic)]
    pub seller: Address,
    /// Who bought.
    #[ink(topic)]
    pub buyer: Address,
    /// The seller's order; zero where it took a bid.
    pub ask: u64,
    /// The buyer's order; zero where it took an ask.
    pub bid: u64,
    /// Share units.
    pub shares: U256,
    /// For 10^18 share units: the pool's last price from now on.
    pub price: U256,
    /// What the seller was credited with.
    pub cost: U256,
    /// Share units left of the ask.
    pub ask_left: U256,
    /// Share units left of the bid.
    pub bid_left: U256,
}

/// The market owes an account more.
#[ink::event]
pub struct Credited {
    /// The account.
    #[ink(topic)]
    pub account: Address,
    /// For orders of which pool.
    #[ink(topic)]
    pub pool: Address,
    /// How much more.
    pub amount: U256,
    /// How much in all.
    pub credit: U256,
}

/// An account took all that the market owed it for orders of a pool.
#[ink::event]
pub struct Withdrawn {
    /// The account.
    #[ink(topic)]
    pub account: Address,
    /// For orders of which pool.
    #[ink(topic)]
    pub pool: Address,
    /// Where the money went.
    #[ink(topic)]
    pub to: Address,
    /// The pool's currency.
    pub currency: Address,
    /// How much.
    pub amount: U256,
}

/// What the market owed a lost account it owes its successor.
#[ink::event]
pub struct Inherited {
    /// The account that was recovered.
    #[ink(topic)]
    pub lost: Address,
    /// To whom.
    #[ink(topic)]
    pub heir: Address,
    /// For orders of which pool.
    #[ink(topic)]
    pub pool: Address,
    /// How much.
    pub amount: U256,
}
