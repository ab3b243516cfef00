//! Data pool: shares as an ERC-20 with O(1) dividends, and a contributor leg paid by attribution.
//!
//! A thin shell: money lives in [`yieldset_rules::dividends`] and [`yieldset_rules::contribution`], proofs in
//! [`yieldset_rules::merkle`]. What every call needs is packed in the root cell, which ink! reads anyway; a holder is one record.
//!
//! All amounts are `uint256` at the boundary and `u128` inside. A refused message reverts everything it did.
//!
//! Refusing ends the call at once instead of handing an error up: the `Result`s in the signatures tell the ABI which errors there
//! are. An [`errors::Error`] is 84 bytes, and passing it through every caller made a quarter of the code.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

mod answers;
mod calls;
mod errors;
mod ledger;

/// The contract.
#[ink::contract]
mod pool {
    use crate::{
        answers::{Amount, HolderView, PeriodView, Text, Totals},
        calls::{self, Word, address_word, number_word, topic},
        errors::{Error, add, exact, narrow, refuse},
        ledger::Ledger,
    };
    use ink::{U256, env::ReturnFlags, prelude::vec::Vec, sol::FixedBytes, storage::Mapping};
    use yieldset_rules::{
        contribution::{Contribution, ContributionError, Period},
        dividends::Holder,
        math::{BASIS_POINTS, split_bps},
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
        /// Token name, UTF-8 filled up with zeros.
        pub name: Bytes32,
        /// Token symbol, UTF-8 filled up with zeros.
        pub symbol: Bytes32,
    }

    /// The root cell: the packed [`Ledger`] is one storage slot.
    #[ink(storage)]
    pub struct Pool {
        ledger: [u8; Ledger::LEN],
        holders: Mapping<Address, [u8; Holder::LEN]>,
        allowances: Mapping<(Address, Address), Word>,
        periods: Mapping<(Bytes32, u32), [u8; Period::LEN]>,
        contributions: Mapping<(Bytes32, u32, Address), [u8; Contribution::LEN]>,
    }

    impl Pool {
        /// A pool without shares. Of every deposit `contributors_bps` basis points (rounded down) go to the contributors. Name and
        /// symbol are UTF-8, at most 32 bytes, filled up with zeros.
        ///
        /// # Errors
        /// `InvalidBasisPoints` above 10 000, `EmptyLabel`.
        #[ink(constructor)]
        pub fn new(
            name: Bytes32,
            symbol: Bytes32,
            kyc: Address,
            attribution: Address,
            contributors_bps: u16,
            admin: Address,
        ) -> Result<Self, Error> {
            if contributors_bps > BASIS_POINTS {
                refuse(Error::InvalidBasisPoints(contributors_bps));
            }
            if name.0[0] == 0 || symbol.0[0] == 0 {
                refuse(Error::EmptyLabel());
            }
            let ledger = Ledger {
                kyc: kyc.0,
                attribution: attribution.0,
                admin: admin.0,
                name: name.0,
                symbol: symbol.0,
                contributors_bps,
                supply: 0,
                index: 0,
                carry: 0,
                undistributed: 0,
                to_holders: 0,
                to_contributors: 0,
                claimed_by_holders: 0,
                claimed_by_contributors: 0,
            };
            let bps = number_word(contributors_bps.into());
            let data = [address_word(&kyc.0), address_word(&attribution.0), bps, name.0, symbol.0];
            calls::emit(&[topic::POOL_CREATED], &data);
            Ok(Self {
                ledger: ledger.to_bytes(),
                holders: Mapping::new(),
                allowances: Mapping::new(),
                periods: Mapping::new(),
                contributions: Mapping::new(),
            })
        }

        /// ERC-20: the token's name.
        #[ink(message)]
        pub fn name(&self) -> Text {
            Text(self.ledger().name)
        }

        /// ERC-20: the token's symbol.
        #[ink(message)]
        pub fn symbol(&self) -> Text {
            Text(self.ledger().symbol)
        }

        /// ERC-20: decimals of a share.
        #[ink(message)]
        pub fn decimals(&self) -> u8 {
            18
        }

        /// ERC-20: all shares.
        #[ink(message, name = "totalSupply")]
        pub fn total_supply(&self) -> Amount {
            Amount([self.ledger().supply])
        }

        /// ERC-20: shares of an account.
        #[ink(message, name = "balanceOf")]
        pub fn balance_of(&self, account: Address) -> Amount {
            Amount([self.holder(account).balance])
        }

        /// ERC-20: what `spender` may still move for `owner`.
        #[ink(message)]
        pub fn allowance(&self, owner: Address, spender: Address) -> U256 {
            U256::from_big_endian(&self.allowances.get((owner, spender)).unwrap_or_default())
        }

        /// ERC-20: moves shares; both sides are settled first, and KYC is asked once.
        ///
        /// # Errors
        /// `ERC20…`, `AmountTooLarge`, `TransferRestricted`, `KycCallFailed`, `Overflow`.
        #[ink(message)]
        pub fn transfer(&mut self, to: Address, value: U256) -> Result<bool, Error> {
            self.shift(self.env().caller(), to, value);
            Ok(true)
        }

        /// ERC-20: allows `spender` to move `value` shares of the caller; 2^256 − 1 is without limit.
        ///
        /// # Errors
        /// `ERC20InvalidSpender` for the zero address.
        #[ink(message)]
        pub fn approve(&mut self, spender: Address, value: U256) -> Result<bool, Error> {
            let owner = self.env().caller();
            if spender.is_zero() {
                refuse(Error::ERC20InvalidSpender(spender));
            }
            self.allow(owner, spender, value);
            calls::emit(&[topic::APPROVAL, address_word(&owner.0), address_word(&spender.0)], &[value.to_big_endian()]);
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
                refuse(Error::ERC20InvalidSender(from));
            }
            let allowance = self.allowance(from, spender);
            if allowance != U256::MAX {
                let (rest, short) = allowance.overflowing_sub(value);
                if short {
                    refuse(Error::ERC20InsufficientAllowance(spender, allowance, value));
                }
                self.allow(from, spender, rest);
            }
            self.shift(from, to, value);
            Ok(true)
        }

        /// Creates shares.
        ///
        /// # Errors
        /// `NotAdmin`, `ERC20InvalidReceiver`, `AmountTooLarge`, `TransferRestricted`, `KycCallFailed`, `Overflow`.
        #[ink(message)]
        pub fn mint(&mut self, to: Address, amount: U256) -> Result<(), Error> {
            let caller = self.env().caller();
            let mut ledger = self.ledger();
            if caller.0 != ledger.admin {
                refuse(Error::NotAdmin(caller));
            }
            let shares = shares_for(to, amount);
            ask_kyc(&ledger, Address::zero(), to, shares);
            ledger.supply = add(ledger.supply, shares);
            self.credit(to, ledger.index, shares);
            self.save(&ledger);
            emit_transfer(Address::zero(), to, shares);
            Ok(())
        }

        /// Who mints.
        #[ink(message)]
        pub fn admin(&self) -> Address {
            self.ledger().admin.into()
        }

        /// The KYC registry.
        #[ink(message)]
        pub fn kyc(&self) -> Address {
            self.ledger().kyc.into()
        }

        /// The attribution registry.
        #[ink(message)]
        pub fn attribution(&self) -> Address {
            self.ledger().attribution.into()
        }

        /// The contributors' leg of a deposit in basis points.
        #[ink(message, name = "contributorsBps")]
        pub fn contributors_bps(&self) -> u16 {
            self.ledger().contributors_bps
        }

        /// Pays money in for a stream and period: split between holders (dividends) and contributors. While there are no shares
        /// the holders' leg is kept and joins the next deposit.
        ///
        /// # Errors
        /// `PeriodZero`, `ZeroAmount`, `AmountTooLarge`, `Overflow`.
        #[ink(message, payable)]
        pub fn deposit(&mut self, stream: Bytes32, period: u32) -> Result<(), Error> {
            let paid = narrow(self.env().transferred_value());
            if period == 0 {
                refuse(Error::PeriodZero());
            }
            if paid == 0 {
                refuse(Error::ZeroAmount());
            }
            let mut ledger = self.ledger();
            let (to_contributors, to_holders) = exact(split_bps(paid, ledger.contributors_bps));
            let mut dividends = ledger.dividends();
            exact(dividends.distribute(to_holders, ledger.supply));
            ledger.set_dividends(&dividends);
            ledger.to_holders = add(ledger.to_holders, to_holders);
            ledger.to_contributors = add(ledger.to_contributors, to_contributors);
            self.save(&ledger);
            let mut record = self.period(stream, period);
            record.total = add(record.total, to_contributors);
            self.periods.insert((stream, period), &record.to_bytes());
            let payer = self.env().caller();
            calls::emit(
                &[topic::DEPOSITED, stream.0, number_word(period.into()), address_word(&payer.0)],
                &[paid, to_holders, to_contributors, ledger.index].map(number_word),
            );
            Ok(())
        }

        /// Dividends an account could claim now, in wei (whether or not KYC lets it).
        ///
        /// # Errors
        /// `Overflow`.
        #[ink(message)]
        pub fn claimable(&self, account: Address) -> Result<U256, Error> {
            Ok(exact(self.holder(account).claimable(self.ledger().index)).into())
        }

        /// Pays the caller's dividends out. Without valid KYC they are held, not lost.
        ///
        /// # Errors
        /// `NothingToClaim`, `TransferRestricted`, `KycCallFailed`, `PayoutFailed`, `Overflow`.
        #[ink(message)]
        pub fn claim(&mut self) -> Result<U256, Error> {
            let account = self.env().caller();
            let mut ledger = self.ledger();
            let mut holder = self.holder(account);
            let paid = exact(holder.take(ledger.index));
            if paid == 0 {
                refuse(Error::NothingToClaim(account));
            }
            ask_kyc(&ledger, account, account, paid);
            self.holders.insert(account, &holder.to_bytes());
            ledger.claimed_by_holders = add(ledger.claimed_by_holders, paid);
            self.save(&ledger);
            calls::emit(&[topic::DIVIDEND_CLAIMED, address_word(&account.0)], &[number_word(paid)]);
            pay(account, paid);
            Ok(paid.into())
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
            let mut ledger = self.ledger();
            let mut record = self.period(stream, period);
            let exceeded = Error::WeightsExceeded(record.weight_claimed, weight);
            let Some(proven) = calls::narrow(weight).and_then(|weight| u64::try_from(weight).ok()) else {
                refuse(exceeded)
            };
            self.check_weight(&ledger, account, stream, period, proven, &proof);
            let key = (stream, period, account);
            let taken = self.contributions.get(key).map(|packed| Contribution::from_bytes(&packed));
            let mut contribution = taken.unwrap_or_default();
            let paid = record.claim(&mut contribution, proven).unwrap_or_else(|error| match error {
                ContributionError::WeightsExceeded => refuse(exceeded),
                ContributionError::Nothing => refuse(Error::NothingToClaim(account)),
                ContributionError::Math(_) => refuse(Error::Overflow()),
            });
            ask_kyc(&ledger, account, account, paid);
            self.periods.insert((stream, period), &record.to_bytes());
            self.contributions.insert(key, &contribution.to_bytes());
            ledger.claimed_by_contributors = add(ledger.claimed_by_contributors, paid);
            self.save(&ledger);
            calls::emit(
                &[topic::CONTRIBUTION_CLAIMED, stream.0, number_word(period.into()), address_word(&account.0)],
                &[paid, proven.into()].map(number_word),
            );
            pay(account, paid);
            Ok(paid.into())
        }

        /// What an account already took of a period, in wei.
        #[ink(message, name = "contributionClaimed")]
        pub fn contribution_claimed(&self, stream: Bytes32, period: u32, account: Address) -> Amount {
            let taken = self.contributions.get((stream, period, account));
            Amount([taken.map(|packed| Contribution::from_bytes(&packed).claimed).unwrap_or_default()])
        }

        /// `(total, claimed, weightClaimed)` of the contributor leg of a period; amounts in wei.
        #[ink(message, name = "periodOf")]
        pub fn period_of(&self, stream: Bytes32, period: u32) -> PeriodView {
            let record = self.period(stream, period);
            PeriodView([record.total, record.claimed, record.weight_claimed.into()])
        }

        /// `(balance, index, pending, fraction)` as stored: settled up to `index`; `fraction` in 2^-64 wei.
        #[ink(message, name = "holderOf")]
        pub fn holder_of(&self, account: Address) -> HolderView {
            let holder = self.holder(account);
            HolderView([holder.balance, holder.index, holder.pending, holder.fraction.into()])
        }

        /// `(deposited, toHolders, toContributors, claimedByHolders, claimedByContributors, index, carry, undistributed)`;
        /// amounts in wei, index and carry in 2^-64.
        #[ink(message)]
        pub fn totals(&self) -> Totals {
            let ledger = self.ledger();
            Totals([
                // Each deposit was below 2^128 and both legs were added without overflow; their sum may only wrap after 2^128 wei.
                ledger.to_holders.wrapping_add(ledger.to_contributors),
                ledger.to_holders,
                ledger.to_contributors,
                ledger.claimed_by_holders,
                ledger.claimed_by_contributors,
                ledger.index,
                ledger.carry,
                ledger.undistributed,
            ])
        }

        #[inline(never)]
        fn allow(&mut self, owner: Address, spender: Address, value: U256) {
            self.allowances.insert((owner, spender), &value.to_big_endian());
        }

        #[inline(never)]
        fn save(&mut self, ledger: &Ledger) {
            self.ledger = ledger.to_bytes();
        }

        #[inline(never)]
        fn ledger(&self) -> Ledger {
            Ledger::from_bytes(&self.ledger)
        }

        #[inline(never)]
        fn holder(&self, account: Address) -> Holder {
            self.holders.get(account).map(|packed| Holder::from_bytes(&packed)).unwrap_or_default()
        }

        #[inline(never)]
        fn period(&self, stream: Bytes32, period: u32) -> Period {
            self.periods.get((stream, period)).map(|packed| Period::from_bytes(&packed)).unwrap_or_default()
        }

        fn shift(&mut self, from: Address, to: Address, value: U256) {
            let ledger = self.ledger();
            let shares = shares_for(to, value);
            let mut sender = self.holder(from);
            if sender.balance < shares {
                refuse(Error::ERC20InsufficientBalance(from, sender.balance.into(), value));
            }
            ask_kyc(&ledger, from, to, shares);
            exact(sender.debit(ledger.index, shares));
            // Written before the recipient is read, so that a transfer to oneself comes out right.
            self.holders.insert(from, &sender.to_bytes());
            self.credit(to, ledger.index, shares);
            emit_transfer(from, to, shares);
        }

        fn credit(&mut self, to: Address, index: u128, shares: u128) {
            let mut recipient = self.holder(to);
            exact(recipient.credit(index, shares));
            self.holders.insert(to, &recipient.to_bytes());
        }

        /// The report decides who is paid: `weight` must be in the tree whose root was posted for this pool, stream and period.
        fn check_weight(
            &self,
            ledger: &Ledger,
            account: Address,
            stream: Bytes32,
            period: u32,
            weight: u64,
            proof: &[Bytes32],
        ) {
            let own = self.env().address();
            let Some(root) = calls::weights_root(&ledger.attribution, &own.0, &stream.0, period) else {
                refuse(Error::AttributionCallFailed())
            };
            if root == [0; 32] {
                refuse(Error::NoReport(stream, period));
            }
            let leaf = merkle::leaf(&account.0, weight, calls::keccak256);
            if !merkle::verify(&root, leaf, proof.iter().map(|sibling| &sibling.0), calls::keccak256) {
                refuse(Error::InvalidProof(account));
            }
        }
    }

    /// One call for both sides.
    fn ask_kyc(ledger: &Ledger, from: Address, to: Address, amount: u128) {
        match calls::transfer_restriction(&ledger.kyc, &from.0, &to.0, amount) {
            None => refuse(Error::KycCallFailed()),
            Some(0) => {}
            Some(code) => refuse(Error::TransferRestricted(code)),
        }
    }

    fn emit_transfer(from: Address, to: Address, shares: u128) {
        calls::emit(&[topic::TRANSFER, address_word(&from.0), address_word(&to.0)], &[number_word(shares)]);
    }

    /// Last step of a claim.
    fn pay(account: Address, amount: u128) {
        if !calls::send(&account, amount) {
            refuse(Error::PayoutFailed(account));
        }
    }

    /// An amount of shares that may be credited to `to`.
    fn shares_for(to: Address, amount: U256) -> u128 {
        if to.is_zero() {
            refuse(Error::ERC20InvalidReceiver(to));
        }
        narrow(amount)
    }
}
