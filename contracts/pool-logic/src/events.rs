//! Events of the messages that only the logic answers; the others are in `yieldset_pool_core::events`.

use ink::{Address, U256, sol::FixedBytes};

type Bytes32 = FixedBytes<32>;

/// The pool was created.
#[ink::event]
pub struct PoolCreated {
    /// KYC registry.
    pub kyc: Address,
    /// Attribution registry.
    pub attribution: Address,
    /// ERC-20 that all money is in; zero for the chain's own.
    pub currency: Address,
    /// Contributors' leg in basis points.
    pub contributors_bps: u16,
    /// Token name, UTF-8 filled up with zeros.
    pub name: Bytes32,
    /// Token symbol, UTF-8 filled up with zeros.
    pub symbol: Bytes32,
}

/// OpenZeppelin's `Pausable`.
#[ink::event]
pub struct Paused {
    /// Who paused.
    pub account: Address,
}

/// OpenZeppelin's `Pausable`.
#[ink::event]
pub struct Unpaused {
    /// Who unpaused.
    pub account: Address,
}

/// Who may hold shares from now on.
#[ink::event]
pub struct PolicySet {
    /// Everybody but the blocked: freezes and sanctions alone are asked.
    pub open: bool,
    /// Lowest KYC level.
    pub min_level: u8,
    /// Accredited investors only.
    pub accredited_only: bool,
    /// The jurisdictions are those allowed; otherwise those blocked.
    pub allow_list: bool,
    /// Set of ISO 3166-1 numeric codes, 1024 bits in four words.
    pub jurisdictions: [Bytes32; 4],
    /// Most accounts with shares; zero without limit.
    pub max_holders: u32,
    /// Most shares of one account; zero without limit.
    pub max_holding: U256,
    /// New shares cannot move for so long, in seconds.
    pub lockup_seconds: u32,
}

/// ERC-3643: part of an account's shares was frozen.
#[ink::event]
pub struct TokensFrozen {
    /// Whose.
    #[ink(topic)]
    pub user_address: Address,
    /// How many more.
    pub amount: U256,
}

/// ERC-3643: part of an account's shares was unfrozen.
#[ink::event]
pub struct TokensUnfrozen {
    /// Whose.
    #[ink(topic)]
    pub user_address: Address,
    /// How many fewer.
    pub amount: U256,
}

/// An agent moved shares; the ERC-20 event says the same.
#[ink::event]
pub struct ForcedTransferred {
    /// From whom.
    #[ink(topic)]
    pub from: Address,
    /// To whom.
    #[ink(topic)]
    pub to: Address,
    /// Shares.
    pub value: U256,
    /// Hash of the reason's document.
    pub reason: Bytes32,
    /// The agent.
    pub agent: Address,
}

/// A lost account was replaced: shares and everything it is owed, now and later, belong to the replacement.
#[ink::event]
pub struct AccountRecovered {
    /// No longer used.
    #[ink(topic)]
    pub lost: Address,
    /// Its successor.
    #[ink(topic)]
    pub replacement: Address,
    /// Shares moved: all there were.
    pub shares: U256,
    /// Unclaimed dividends moved, in the currency's smallest unit.
    pub pending: U256,
    /// Hash of the reason's document.
    pub reason: Bytes32,
    /// The agent.
    pub agent: Address,
}

/// Shares were reserved for an order.
#[ink::event]
pub struct Reserved {
    /// Whose.
    #[ink(topic)]
    pub owner: Address,
    /// For orders on this market.
    #[ink(topic)]
    pub market: Address,
    /// How many.
    pub value: U256,
    /// All of the owner's reserved shares afterwards.
    pub reserved: U256,
}

/// Reserved shares were released, or left with a delivery.
#[ink::event]
pub struct Released {
    /// Whose.
    #[ink(topic)]
    pub owner: Address,
    /// By this market.
    #[ink(topic)]
    pub market: Address,
    /// How many.
    pub value: U256,
    /// All of the owner's reserved shares afterwards.
    pub reserved: U256,
}

/// An agent took shares on offer: all reservations of their owner ended, and orders of before are void.
#[ink::event]
pub struct ReservationsEnded {
    /// Whose.
    #[ink(topic)]
    pub owner: Address,
    /// How many shares were reserved.
    pub value: U256,
    /// How often that has happened to the owner.
    pub seizures: u32,
}

/// The pool was opened: it takes deposits from now on, and its sale ended.
#[ink::event]
pub struct Opened {
    /// Shares there are.
    pub supply: U256,
    /// Most shares that there will be.
    pub cap: U256,
    /// The licence contract whose licences are streams of the pool; zero for none.
    pub licences: Address,
    /// Who may raise the cap; zero: nobody.
    pub governor: Address,
}

/// The governor raised the cap.
#[ink::event]
pub struct CapRaised {
    /// Most shares that there will be.
    pub cap: U256,
}

/// The issuer declared the currency's least balance, which the pool keeps beside what it owes.
#[ink::event]
pub struct MinimumDeclared {
    /// In the currency's smallest unit.
    pub minimum: U256,
}

/// The primary sale was opened, changed or closed (no shares).
#[ink::event]
pub struct SaleSet {
    /// For 10^18 units of shares, in the currency's smallest unit.
    pub price: U256,
    /// Shares to sell.
    pub cap: U256,
    /// Unix seconds.
    pub starts: u64,
    /// Unix seconds.
    pub ends: u64,
    /// Who gets the proceeds.
    pub proceeds_to: Address,
}

/// Shares were sold in the primary sale.
#[ink::event]
pub struct SharesSold {
    /// Buyer.
    #[ink(topic)]
    pub buyer: Address,
    /// Shares.
    pub value: U256,
    /// Paid, in the currency's smallest unit.
    pub cost: U256,
    /// Shares left in the sale.
    pub left: U256,
}

/// Contributors' money of a period without weights went to the stream's next report.
#[ink::event]
pub struct WaitingCarried {
    /// Licence stream.
    #[ink(topic)]
    pub stream: Bytes32,
    /// Out of this period, all that it had.
    #[ink(topic)]
    pub from: u32,
    /// Into this one.
    #[ink(topic)]
    pub to: u32,
    /// In the currency's smallest unit.
    pub amount: U256,
}

/// Contributors' money that no report will pay went to the holders.
#[ink::event]
pub struct WaitingReleased {
    /// Licence stream.
    #[ink(topic)]
    pub stream: Bytes32,
    /// Out of this period, all that it had.
    #[ink(topic)]
    pub period: u32,
    /// In the currency's smallest unit.
    pub amount: U256,
    /// The dividend index afterwards.
    pub index: U256,
}

/// ERC-5805: an account's shares vote for another account from now on.
#[ink::event]
pub struct DelegateChanged {
    /// Whose shares.
    #[ink(topic)]
    pub delegator: Address,
    /// For whom they voted; the delegator where it had not delegated.
    #[ink(topic)]
    pub from_delegate: Address,
    /// For whom they vote; the delegator where it took them back.
    #[ink(topic)]
    pub to_delegate: Address,
}

/// The governor named a successor of one of the pool's parts, or with zero took it back.
#[ink::event]
pub struct SuccessorProposed {
    /// 0 KYC registry, 1 attribution registry, 2 logic, 3 licences.
    #[ink(topic)]
    pub part: u8,
    /// The successor; zero where it was taken back.
    #[ink(topic)]
    pub successor: Address,
    /// The first second in which anybody can adopt it; 0 where it was taken back.
    pub eta: u64,
    /// The first second in which nobody can any more.
    pub expires: u64,
}

/// One of the pool's parts was replaced.
#[ink::event]
pub struct SuccessorAdopted {
    /// 0 KYC registry, 1 attribution registry, 2 logic, 3 licences.
    #[ink(topic)]
    pub part: u8,
    /// The part from now on.
    #[ink(topic)]
    pub successor: Address,
    /// The part before.
    pub previous: Address,
}
