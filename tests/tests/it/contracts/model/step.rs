//! What can happen: every message that moves shares or money, or decides who may, and time that passes.

use alloy_primitives::U256;
use yieldset_rules::compliance::{Jurisdictions, Policy};

/// Who takes part, by number: people, then the parties named below.
pub type Party = usize;
/// People who can sign. The first four begin with a KYC record.
pub const PEOPLE: usize = 6;
/// Begins without a KYC record: where lost accounts are recovered to.
pub const SPARE: Party = 4;
/// Begins without a KYC record and is never given one.
pub const STRANGER: Party = 5;
/// Has every role.
pub const ADMIN: Party = 6;
/// Votes for the holders: raises the cap of shares.
pub const GOVERNOR: Party = 1;
/// The share market's contract.
pub const MARKET: Party = 7;
/// Gets the proceeds of the primary sale; never signs.
pub const TREASURY: Party = 8;
/// Everybody who could hold shares or money.
pub const PARTIES: usize = 9;
/// The zero address.
pub const ZERO: Party = 9;

/// Licence streams.
pub const STREAMS: usize = 2;
/// Last period of a stream.
pub const PERIODS: u32 = 4;
/// In the place of a tree: a report that says that nothing qualified.
pub const NOTHING: usize = 3;
/// Who has a weight in reports.
pub const CONTRIBUTORS: [Party; 4] = [0, 2, SPARE, STRANGER];

/// A contributor's claim of one period, or several contributors': by its weight in which tree, and whether it is the
/// true one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item {
    pub stream: usize,
    pub period: u32,
    pub tree: usize,
    /// One more than the tree has.
    pub inflated: bool,
}

/// Who may hold shares.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PolicyTerms {
    pub min_level: u8,
    pub accredited_only: bool,
    pub allow_list: bool,
    pub countries: Vec<u16>,
    pub max_holders: u32,
    pub max_holding: u128,
    pub lockup_seconds: u32,
}

impl PolicyTerms {
    pub fn policy(&self) -> Policy {
        Policy {
            min_level: self.min_level,
            accredited_only: self.accredited_only,
            allow_list: self.allow_list,
            jurisdictions: Jurisdictions::of(self.countries.iter().copied()).0,
            max_holders: self.max_holders,
            max_holding: self.max_holding,
            lockup_seconds: self.lockup_seconds,
        }
    }
}

/// One message, with everything it says; `by` is who sends it where that is not clear from another field, `sent` the
/// money with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    Mint { by: Party, to: Party, amount: u128 },
    Transfer { from: Party, to: Party, amount: u128 },
    Approve { owner: Party, spender: Party, amount: U256 },
    TransferFrom { spender: Party, from: Party, to: Party, amount: u128 },
    Open { by: Party, cap: u128 },
    RaiseCap { by: Party, cap: u128 },
    SetSale { by: Party, price: u128, cap: u128, starts: u64, ends: u64 },
    Buy { buyer: Party, amount: u128, limit: u128, sent: u128 },
    Deposit { from: Party, stream: usize, period: u32, amount: u128, sent: u128 },
    Claim { account: Party },
    ClaimFor { by: Party, account: Party },
    ClaimContribution { account: Party, item: Item },
    ClaimContributionFor { by: Party, account: Party, item: Item },
    ClaimContributions { by: Party, account: Party, items: Vec<Item> },
    ClaimForMany { by: Party, accounts: Vec<Party>, item: Item },
    Carry { by: Party, stream: usize, from: u32, to: u32 },
    ReleaseWaiting { by: Party, stream: usize, period: u32 },

    Post { stream: usize, period: u32, revision: u32, tree: usize, signers: usize },
    Dispute { by: Party, stream: usize, period: u32, sent: u128 },
    Defend { by: Party, stream: usize, period: u32, sent: u128 },
    Uphold { by: Party, stream: usize, period: u32 },
    Reject { by: Party, stream: usize, period: u32 },
    Expire { by: Party, stream: usize, period: u32 },
    WithdrawBond { by: Party, account: Party, to: Party },
    DeliverBond { by: Party, stream: usize, period: u32, sent: u128 },

    Freeze { by: Party, account: Party, amount: u128 },
    Unfreeze { by: Party, account: Party, amount: u128 },
    Force { by: Party, from: Party, to: Party, amount: u128 },
    Recover { by: Party, lost: Party, replacement: Party },
    Pause { by: Party },
    Unpause { by: Party },
    SetPolicy { by: Party, open: bool, terms: PolicyTerms },

    SetRecord { by: Party, account: Party, level: u8, jurisdiction: u16, accredited: bool, expiry: u64 },
    Revoke { by: Party, account: Party },
    SetFrozen { by: Party, account: Party, frozen: bool },
    SetSanctioned { by: Party, account: Party, sanctioned: bool },
    RecoverRecord { by: Party, lost: Party, replacement: Party },

    List { by: Party, lot: u128, tick: u128 },
    Delist { by: Party },
    Ask { maker: Party, shares: u128, price: u128, expiry: u64 },
    Bid { maker: Party, shares: u128, price: u128, expiry: u64, sent: u128 },
    FillAsk { taker: Party, order: u64, shares: u128, limit: u128, sent: u128 },
    FillBid { taker: Party, order: u64, shares: u128, limit: u128 },
    Match { by: Party, ask: u64, bid: u64, shares: u128 },
    Cancel { by: Party, order: u64 },
    CancelExpired { by: Party, order: u64 },
    Withdraw { by: Party, to: Party },
    EndReservations { by: Party },
    Inherit { by: Party, lost: Party },

    Wait { seconds: u64 },
    NextBlock,
}

impl Step {
    /// The kind of step.
    pub fn name(&self) -> String {
        format!("{self:?}").chars().take_while(|c| c.is_alphanumeric()).collect()
    }
}
