//! Data pool: shares as an ERC-20 with O(1) dividends, and a contributor leg paid by attribution.
//!
//! A thin shell: money lives in [`yieldset_rules::dividends`] and [`yieldset_rules::contribution`], proofs in
//! [`yieldset_rules::merkle`]. What every call needs is packed in the root cell, which ink! reads anyway; a holder is one record.
//!
//! All amounts are `uint256` at the boundary and `u128` inside. A message that returns an error reverts everything it did.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

mod calls;

/// The contract.
#[ink::contract]
mod pool {
    use crate::calls;
    use ink::{
        U256,
        prelude::{string::String, vec::Vec},
        sol::FixedBytes,
        storage::{Lazy, Mapping},
    };
    use yieldset_rules::{
        contribution::{Contribution, ContributionError, Period},
        dividends::{Accumulator, Holder},
        math::{BASIS_POINTS, MathError, split_bps},
        merkle,
    };

    type Bytes32 = FixedBytes<32>;

    /// ERC-20: shares moved, or were minted (from zero).
    #[ink(event)]
    pub struct Transfer {
        /// Sender.
        #[ink(topic)]
        pub from: Address,
        /// Recipient.
        #[ink(topic)]
        pub to: Address,
        /// Shares, in the token's smallest unit.
        pub value: U256,
    }

    /// ERC-20: an allowance was set.
    #[ink(event)]
    pub struct Approval {
        /// Whose shares.
        #[ink(topic)]
        pub owner: Address,
        /// Who may move them.
        #[ink(topic)]
        pub spender: Address,
        /// How many.
        pub value: U256,
    }

    /// Money came in for a stream and period; `index` is the dividend index afterwards (per share, times 2^64).
    #[ink(event)]
    pub struct Deposited {
        /// Licence stream.
        #[ink(topic)]
        pub stream: Bytes32,
        /// Accounting period.
        #[ink(topic)]
        pub period: u32,
        /// Who paid.
        #[ink(topic)]
        pub payer: Address,
        /// Everything paid, in wei; the sum of the two legs.
        pub amount: U256,
        /// Leg of the share holders.
        pub to_holders: U256,
        /// Leg of the contributors.
        pub to_contributors: U256,
        /// Dividend index after the deposit.
        pub index: U256,
    }

    /// A share holder took its dividends.
    #[ink(event)]
    pub struct DividendClaimed {
        /// The holder.
        #[ink(topic)]
        pub account: Address,
        /// Paid out, in wei.
        pub amount: U256,
    }

    /// A contributor took its part of a period.
    #[ink(event)]
    pub struct ContributionClaimed {
        /// Licence stream.
        #[ink(topic)]
        pub stream: Bytes32,
        /// Accounting period.
        #[ink(topic)]
        pub period: u32,
        /// The contributor.
        #[ink(topic)]
        pub account: Address,
        /// Paid out, in wei.
        pub amount: U256,
        /// Its weight in the report; all weights sum to 10^18.
        pub weight: U256,
    }

    /// The pool was created.
    #[ink(event)]
    pub struct PoolCreated {
        /// KYC registry.
        pub kyc: Address,
        /// Attribution registry.
        pub attribution: Address,
        /// Contributors' leg in basis points.
        pub contributors_bps: u16,
        /// Token name.
        pub name: String,
        /// Token symbol.
        pub symbol: String,
    }

    /// Why a message is refused; each variant is a Solidity custom error.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    #[ink::error]
    pub enum Error {
        /// ERC-6093: (sender, balance, needed).
        ERC20InsufficientBalance(Address, U256, U256),
        /// ERC-6093: the zero address cannot send.
        ERC20InvalidSender(Address),
        /// ERC-6093: the zero address cannot receive.
        ERC20InvalidReceiver(Address),
        /// ERC-6093: (spender, allowance, needed).
        ERC20InsufficientAllowance(Address, U256, U256),
        /// ERC-6093: the zero address cannot approve.
        ERC20InvalidApprover(Address),
        /// ERC-6093: the zero address cannot be approved.
        ERC20InvalidSpender(Address),
        /// Only the admin may do this.
        NotAdmin(Address),
        /// Above 2^128 − 1.
        AmountTooLarge(U256),
        /// A deposit without money.
        ZeroAmount(),
        /// KYC refuses: an ERC-1404 code, explained by the registry's `messageForTransferRestriction`.
        TransferRestricted(u8),
        /// Nothing is owed to the account (yet).
        NothingToClaim(Address),
        /// No report was posted for (stream, period).
        NoReport(Bytes32, u32),
        /// The proof does not lead from (caller, weight) to the report's root.
        InvalidProof(Address),
        /// More weight than 10^18 would have claimed: (claimed so far, weight).
        WeightsExceeded(u64, U256),
        /// A figure would not fit in 128 bits.
        Overflow(),
        /// The account does not accept the payment; the money stays claimable.
        PayoutFailed(Address),
        /// The KYC registry did not answer.
        KycCallFailed(),
        /// The attribution registry did not answer.
        AttributionCallFailed(),
        /// Above 10 000.
        InvalidBasisPoints(u16),
        /// Periods count from 1.
        PeriodZero(),
    }

    impl From<MathError> for Error {
        fn from(_: MathError) -> Self {
            Self::Overflow()
        }
    }

    /// The root cell: all plain fields together are one storage slot.
    #[ink(storage)]
    pub struct Pool {
        kyc: Address,
        attribution: Address,
        admin: Address,
        contributors_bps: u16,
        supply: u128,
        dividends: Accumulator,
        to_holders: u128,
        to_contributors: u128,
        claimed_by_holders: u128,
        claimed_by_contributors: u128,
        labels: Lazy<(String, String)>,
        holders: Mapping<Address, Holder>,
        allowances: Mapping<(Address, Address), U256>,
        periods: Mapping<(Bytes32, u32), Period>,
        contributions: Mapping<(Bytes32, u32, Address), Contribution>,
    }

    impl Pool {
        /// A pool without shares. Of every deposit `contributors_bps` basis points (rounded down) go to the contributors.
        ///
        /// # Errors
        /// `InvalidBasisPoints` above 10 000.
        #[ink(constructor)]
        pub fn new(
            name: String,
            symbol: String,
            kyc: Address,
            attribution: Address,
            contributors_bps: u16,
            admin: Address,
        ) -> Result<Self, Error> {
            if contributors_bps > BASIS_POINTS {
                return Err(Error::InvalidBasisPoints(contributors_bps));
            }
            let mut labels = Lazy::new();
            let named = (name, symbol);
            labels.set(&named);
            let (name, symbol) = named;
            Self::env().emit_event(PoolCreated { kyc, attribution, contributors_bps, name, symbol });
            Ok(Self {
                kyc,
                attribution,
                admin,
                contributors_bps,
                supply: 0,
                dividends: Accumulator::default(),
                to_holders: 0,
                to_contributors: 0,
                claimed_by_holders: 0,
                claimed_by_contributors: 0,
                labels,
                holders: Mapping::new(),
                allowances: Mapping::new(),
                periods: Mapping::new(),
                contributions: Mapping::new(),
            })
        }

        /// ERC-20: the token's name.
        #[ink(message)]
        pub fn name(&self) -> String {
            self.labels.get_or_default().0
        }

        /// ERC-20: the token's symbol.
        #[ink(message)]
        pub fn symbol(&self) -> String {
            self.labels.get_or_default().1
        }

        /// ERC-20: decimals of a share.
        #[ink(message)]
        pub fn decimals(&self) -> u8 {
            18
        }

        /// ERC-20: all shares.
        #[ink(message, name = "totalSupply")]
        pub fn total_supply(&self) -> U256 {
            self.supply.into()
        }

        /// ERC-20: shares of an account.
        #[ink(message, name = "balanceOf")]
        pub fn balance_of(&self, account: Address) -> U256 {
            self.holder(account).balance.into()
        }

        /// ERC-20: what `spender` may still move for `owner`.
        #[ink(message)]
        pub fn allowance(&self, owner: Address, spender: Address) -> U256 {
            self.allowances.get((owner, spender)).unwrap_or_default()
        }

        /// ERC-20: moves shares; both sides are settled first, and KYC is asked once.
        ///
        /// # Errors
        /// `ERC20…`, `AmountTooLarge`, `TransferRestricted`, `KycCallFailed`, `Overflow`.
        #[ink(message)]
        pub fn transfer(&mut self, to: Address, value: U256) -> Result<bool, Error> {
            let from = self.env().caller();
            self.shift(from, to, value)
        }

        /// ERC-20: allows `spender` to move `value` shares of the caller; 2^256 − 1 is without limit.
        ///
        /// # Errors
        /// `ERC20InvalidSpender` for the zero address.
        #[ink(message)]
        pub fn approve(&mut self, spender: Address, value: U256) -> Result<bool, Error> {
            let owner = self.env().caller();
            if spender.is_zero() {
                return Err(Error::ERC20InvalidSpender(spender));
            }
            self.allowances.insert((owner, spender), &value);
            self.env().emit_event(Approval { owner, spender, value });
            Ok(true)
        }

        /// ERC-20: moves shares of `from` by an allowance.
        ///
        /// # Errors
        /// Those of `transfer`, and `ERC20InsufficientAllowance`.
        #[ink(message, name = "transferFrom")]
        pub fn transfer_from(&mut self, from: Address, to: Address, value: U256) -> Result<bool, Error> {
            let spender = self.env().caller();
            if from.is_zero() {
                return Err(Error::ERC20InvalidSender(from));
            }
            let allowance = self.allowance(from, spender);
            if allowance != U256::MAX {
                if allowance < value {
                    return Err(Error::ERC20InsufficientAllowance(spender, allowance, value));
                }
                // Cannot underflow: checked just above.
                self.allowances.insert((from, spender), &allowance.overflowing_sub(value).0);
            }
            self.shift(from, to, value)
        }

        /// Creates shares.
        ///
        /// # Errors
        /// `NotAdmin`, `ERC20InvalidReceiver`, `AmountTooLarge`, `TransferRestricted`, `KycCallFailed`, `Overflow`.
        #[ink(message)]
        pub fn mint(&mut self, to: Address, amount: U256) -> Result<(), Error> {
            let caller = self.env().caller();
            if caller != self.admin {
                return Err(Error::NotAdmin(caller));
            }
            let shares = checked(to, amount)?;
            self.ask_kyc(Address::zero(), to, amount)?;
            let supply = self.supply.checked_add(shares).ok_or(Error::Overflow())?;
            self.credit(to, shares)?;
            self.supply = supply;
            self.env().emit_event(Transfer { from: Address::zero(), to, value: amount });
            Ok(())
        }

        /// Who mints.
        #[ink(message)]
        pub fn admin(&self) -> Address {
            self.admin
        }

        /// The KYC registry.
        #[ink(message)]
        pub fn kyc(&self) -> Address {
            self.kyc
        }

        /// The attribution registry.
        #[ink(message)]
        pub fn attribution(&self) -> Address {
            self.attribution
        }

        /// The contributors' leg of a deposit in basis points.
        #[ink(message, name = "contributorsBps")]
        pub fn contributors_bps(&self) -> u16 {
            self.contributors_bps
        }

        /// Pays money in for a stream and period: split between holders (dividends) and contributors. While there are no shares
        /// the holders' leg is kept and joins the next deposit.
        ///
        /// # Errors
        /// `PeriodZero`, `ZeroAmount`, `AmountTooLarge`, `Overflow`.
        #[ink(message, payable)]
        pub fn deposit(&mut self, stream: Bytes32, period: u32) -> Result<(), Error> {
            let amount = self.env().transferred_value();
            let paid = to_u128(amount)?;
            if period == 0 {
                return Err(Error::PeriodZero());
            }
            if paid == 0 {
                return Err(Error::ZeroAmount());
            }
            let (to_contributors, to_holders) = split_bps(paid, self.contributors_bps)?;
            self.dividends.distribute(to_holders, self.supply)?;
            self.to_holders = add(self.to_holders, to_holders)?;
            self.to_contributors = add(self.to_contributors, to_contributors)?;
            let mut record = self.period(stream, period);
            record.total = add(record.total, to_contributors)?;
            self.periods.insert((stream, period), &record);
            self.env().emit_event(Deposited {
                stream,
                period,
                payer: self.env().caller(),
                amount,
                to_holders: to_holders.into(),
                to_contributors: to_contributors.into(),
                index: self.dividends.index.into(),
            });
            Ok(())
        }

        /// Dividends an account could claim now, in wei (whether or not KYC lets it).
        ///
        /// # Errors
        /// `Overflow`.
        #[ink(message)]
        pub fn claimable(&self, account: Address) -> Result<U256, Error> {
            Ok(self.holder(account).claimable(self.dividends.index)?.into())
        }

        /// Pays the caller's dividends out. Without valid KYC they are held, not lost.
        ///
        /// # Errors
        /// `NothingToClaim`, `TransferRestricted`, `KycCallFailed`, `PayoutFailed`, `Overflow`.
        #[ink(message)]
        pub fn claim(&mut self) -> Result<U256, Error> {
            let account = self.env().caller();
            let mut holder = self.holder(account);
            let paid = holder.take(self.dividends.index)?;
            if paid == 0 {
                return Err(Error::NothingToClaim(account));
            }
            let amount = U256::from(paid);
            self.ask_kyc(account, account, amount)?;
            self.holders.insert(account, &holder);
            self.claimed_by_holders = add(self.claimed_by_holders, paid)?;
            self.env().emit_event(DividendClaimed { account, amount });
            self.pay(account, amount)
        }

        /// Pays the caller's part of a period out: `⌊total · weight / 10^18⌋` less what it already took. `proof` leads from
        /// (caller, weight) to the weights root of the report posted for the period (OpenZeppelin's `StandardMerkleTree`).
        ///
        /// # Errors
        /// `NoReport`, `InvalidProof`, `WeightsExceeded`, `NothingToClaim`, `TransferRestricted`, `KycCallFailed`,
        /// `AttributionCallFailed`, `PayoutFailed`, `Overflow`.
        #[ink(message, name = "claimContribution")]
        pub fn claim_contribution(
            &mut self,
            stream: Bytes32,
            period: u32,
            weight: U256,
            proof: Vec<Bytes32>,
        ) -> Result<U256, Error> {
            let account = self.env().caller();
            let mut record = self.period(stream, period);
            let exceeded = Error::WeightsExceeded(record.weight_claimed, weight);
            let proven = u64::try_from(weight).map_err(|_| exceeded)?;
            self.check_weight(account, stream, period, proven, &proof)?;
            let key = (stream, period, account);
            let mut contribution = self.contributions.get(key).unwrap_or_default();
            let paid = record.claim(&mut contribution, proven).map_err(|error| match error {
                ContributionError::WeightsExceeded => exceeded,
                ContributionError::Nothing => Error::NothingToClaim(account),
                ContributionError::Math(_) => Error::Overflow(),
            })?;
            let amount = U256::from(paid);
            self.ask_kyc(account, account, amount)?;
            self.periods.insert((stream, period), &record);
            self.contributions.insert(key, &contribution);
            self.claimed_by_contributors = add(self.claimed_by_contributors, paid)?;
            self.env().emit_event(ContributionClaimed { stream, period, account, amount, weight });
            self.pay(account, amount)
        }

        /// What an account already took of a period, in wei.
        #[ink(message, name = "contributionClaimed")]
        pub fn contribution_claimed(&self, stream: Bytes32, period: u32, account: Address) -> U256 {
            self.contributions.get((stream, period, account)).unwrap_or_default().claimed.into()
        }

        /// `(total, claimed, weightClaimed)` of the contributor leg of a period; amounts in wei.
        #[ink(message, name = "periodOf")]
        pub fn period_of(&self, stream: Bytes32, period: u32) -> (U256, U256, u64) {
            let record = self.period(stream, period);
            (record.total.into(), record.claimed.into(), record.weight_claimed)
        }

        /// `(balance, index, pending, fraction)` as stored: settled up to `index`; `fraction` in 2^-64 wei.
        #[ink(message, name = "holderOf")]
        pub fn holder_of(&self, account: Address) -> (U256, U256, U256, u64) {
            let holder = self.holder(account);
            (holder.balance.into(), holder.index.into(), holder.pending.into(), holder.fraction)
        }

        /// `(deposited, toHolders, toContributors, claimedByHolders, claimedByContributors, index, carry, undistributed)`;
        /// amounts in wei, index and carry in 2^-64.
        #[ink(message)]
        #[allow(clippy::type_complexity)]
        pub fn totals(&self) -> (U256, U256, U256, U256, U256, U256, U256, U256) {
            let to_holders = U256::from(self.to_holders);
            let to_contributors = U256::from(self.to_contributors);
            (
                to_holders.overflowing_add(to_contributors).0,
                to_holders,
                to_contributors,
                self.claimed_by_holders.into(),
                self.claimed_by_contributors.into(),
                self.dividends.index.into(),
                self.dividends.carry.into(),
                self.dividends.undistributed.into(),
            )
        }

        fn holder(&self, account: Address) -> Holder {
            self.holders.get(account).unwrap_or_default()
        }

        fn period(&self, stream: Bytes32, period: u32) -> Period {
            self.periods.get((stream, period)).unwrap_or_default()
        }

        fn shift(&mut self, from: Address, to: Address, value: U256) -> Result<bool, Error> {
            let shares = checked(to, value)?;
            let mut sender = self.holder(from);
            if sender.balance < shares {
                return Err(Error::ERC20InsufficientBalance(from, sender.balance.into(), value));
            }
            self.ask_kyc(from, to, value)?;
            sender.debit(self.dividends.index, shares)?;
            // Written before the recipient is read, so that a transfer to oneself comes out right.
            self.holders.insert(from, &sender);
            self.credit(to, shares)?;
            self.env().emit_event(Transfer { from, to, value });
            Ok(true)
        }

        fn credit(&mut self, to: Address, shares: u128) -> Result<(), Error> {
            let mut recipient = self.holder(to);
            recipient.credit(self.dividends.index, shares)?;
            self.holders.insert(to, &recipient);
            Ok(())
        }

        /// One call for both sides.
        fn ask_kyc(&self, from: Address, to: Address, amount: U256) -> Result<(), Error> {
            match calls::transfer_restriction(self.kyc, from, to, amount) {
                None => Err(Error::KycCallFailed()),
                Some(0) => Ok(()),
                Some(code) => Err(Error::TransferRestricted(code)),
            }
        }

        /// The report decides who is paid: `weight` must be in the tree whose root was posted for this pool, stream and period.
        fn check_weight(
            &self,
            account: Address,
            stream: Bytes32,
            period: u32,
            weight: u64,
            proof: &[Bytes32],
        ) -> Result<(), Error> {
            let root = calls::weights_root(self.attribution, self.env().address(), stream, period)
                .ok_or(Error::AttributionCallFailed())?;
            if root == [0; 32] {
                return Err(Error::NoReport(stream, period));
            }
            let leaf = merkle::leaf(&account.0, weight, calls::keccak256);
            if !merkle::verify(&root, leaf, proof.iter().map(|sibling| &sibling.0), calls::keccak256) {
                return Err(Error::InvalidProof(account));
            }
            Ok(())
        }

        /// Last step of a claim. The recipient's code runs here, but the pallet denies it re-entry into this contract.
        fn pay(&self, account: Address, amount: U256) -> Result<U256, Error> {
            self.env().transfer(account, amount).map_err(|_| Error::PayoutFailed(account))?;
            Ok(amount)
        }
    }

    fn to_u128(amount: U256) -> Result<u128, Error> {
        u128::try_from(amount).map_err(|_| Error::AmountTooLarge(amount))
    }

    /// A recipient and an amount of shares that may be credited to it.
    fn checked(to: Address, amount: U256) -> Result<u128, Error> {
        if to.is_zero() {
            return Err(Error::ERC20InvalidReceiver(to));
        }
        to_u128(amount)
    }

    fn add(a: u128, b: u128) -> Result<u128, Error> {
        a.checked_add(b).ok_or(Error::Overflow())
    }
}
