//! KYC registry: one packed record per account, kept by agents, and the ERC-1404 answer to "may this transfer happen?".
//!
//! A thin shell: the rules live in [`yieldset_rules::compliance`]. No personal data is on chain.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

/// The contract.
#[ink::contract]
mod kyc {
    use ink::{U256, prelude::string::String, storage::Mapping};
    use yieldset_rules::compliance::{Record, Restriction, detect_transfer_restriction};

    /// An account's record after a change.
    #[ink(event)]
    pub struct RecordSet {
        /// Whose record.
        #[ink(topic)]
        pub account: Address,
        /// KYC level, at least 1.
        pub level: u8,
        /// ISO 3166-1 numeric country code.
        pub jurisdiction: u16,
        /// Accredited investor.
        pub accredited: bool,
        /// Unix seconds from which on the record no longer counts.
        pub expiry: u64,
        /// Neither sends nor receives.
        pub frozen: bool,
        /// The agent that set the record.
        pub issuer: Address,
    }

    /// An account's record was removed.
    #[ink(event)]
    pub struct RecordRevoked {
        /// Whose record.
        #[ink(topic)]
        pub account: Address,
        /// The agent that revoked it.
        pub issuer: Address,
    }

    /// An agent was appointed or dismissed.
    #[ink(event)]
    pub struct AgentSet {
        /// The agent.
        #[ink(topic)]
        pub agent: Address,
        /// Whether it may now set records.
        pub active: bool,
    }

    /// Why a message is refused; each variant is a Solidity custom error.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    #[ink::error]
    pub enum Error {
        /// Only the admin may do this.
        NotAdmin(Address),
        /// Only an active agent may do this.
        NotAgent(Address),
        /// The account has no record: set one first.
        NoRecord(Address),
        /// Level or jurisdiction is zero, the jurisdiction is above 999, or the expiry has passed: (level, expiry).
        InvalidRecord(u8, u64),
    }

    /// Storage: the root cell holds only the admin.
    #[ink(storage)]
    pub struct Kyc {
        admin: Address,
        agents: Mapping<Address, bool>,
        records: Mapping<Address, [u8; Record::LEN]>,
    }

    impl Kyc {
        /// A registry without agents or records.
        #[ink(constructor)]
        pub fn new(admin: Address) -> Self {
            Self { admin, agents: Mapping::new(), records: Mapping::new() }
        }

        /// Who appoints agents.
        #[ink(message)]
        pub fn admin(&self) -> Address {
            self.admin
        }

        /// Appoints or dismisses an agent.
        ///
        /// # Errors
        /// `NotAdmin` for any other caller.
        #[ink(message, name = "setAgent")]
        pub fn set_agent(&mut self, agent: Address, active: bool) -> Result<(), Error> {
            let caller = self.env().caller();
            if caller != self.admin {
                return Err(Error::NotAdmin(caller));
            }
            self.agents.insert(agent, &active);
            self.env().emit_event(AgentSet { agent, active });
            Ok(())
        }

        /// Whether an account may set records.
        #[ink(message, name = "isAgent")]
        pub fn is_agent(&self, agent: Address) -> bool {
            self.agents.get(agent).unwrap_or(false)
        }

        /// Sets or renews a record; a freeze stays as it is. `expiry` is in Unix seconds.
        ///
        /// # Errors
        /// `NotAgent`, `InvalidRecord`.
        #[ink(message, name = "setRecord")]
        pub fn set_record(
            &mut self,
            account: Address,
            level: u8,
            jurisdiction: u16,
            accredited: bool,
            expiry: u64,
        ) -> Result<(), Error> {
            let issuer = self.agent()?.0;
            let frozen = self.record(account).frozen;
            let record = Record { level, jurisdiction, accredited, expiry, frozen, issuer };
            if !record.is_valid_at(self.env().block_timestamp()) {
                return Err(Error::InvalidRecord(level, expiry));
            }
            self.store(account, &record);
            Ok(())
        }

        /// Removes a record with all it says, a freeze included: without a record nothing can be sent, received or claimed.
        ///
        /// # Errors
        /// `NotAgent`, `NoRecord`.
        #[ink(message)]
        pub fn revoke(&mut self, account: Address) -> Result<(), Error> {
            let issuer = self.agent()?;
            if self.record(account).level == 0 {
                return Err(Error::NoRecord(account));
            }
            self.records.remove(account);
            self.env().emit_event(RecordRevoked { account, issuer });
            Ok(())
        }

        /// Freezes or unfreezes an account; the record's issuer stays.
        ///
        /// # Errors
        /// `NotAgent`, `NoRecord`.
        #[ink(message, name = "setFrozen")]
        pub fn set_frozen(&mut self, account: Address, frozen: bool) -> Result<(), Error> {
            self.agent()?;
            let record = self.record(account);
            if record.level == 0 {
                return Err(Error::NoRecord(account));
            }
            self.store(account, &Record { frozen, ..record });
            Ok(())
        }

        /// `(level, jurisdiction, accredited, expiry, frozen, issuer)`; all zero where there is no record.
        #[ink(message, name = "recordOf")]
        pub fn record_of(&self, account: Address) -> (u8, u16, bool, u64, bool, Address) {
            let r = self.record(account);
            (r.level, r.jurisdiction, r.accredited, r.expiry, r.frozen, Address::from(r.issuer))
        }

        /// Whether an account may hold, send, receive and claim now.
        #[ink(message, name = "isVerified")]
        pub fn is_verified(&self, account: Address) -> bool {
            self.restriction(account, Address::zero()) == Restriction::None
        }

        /// ERC-1404: code of the first reason against a transfer now, zero for none. Address zero stands for no sender (mint)
        /// or no recipient (burn).
        #[ink(message, name = "detectTransferRestriction")]
        pub fn detect_transfer_restriction(&self, from: Address, to: Address, amount: U256) -> u8 {
            // No rule depends on the amount yet; the parameter is ERC-1404's.
            let _ = amount;
            self.restriction(from, to) as u8
        }

        /// ERC-1404: what a code means and what to do.
        #[ink(message, name = "messageForTransferRestriction")]
        pub fn message_for_transfer_restriction(&self, code: u8) -> String {
            String::from(Restriction::from_code(code).map_or("unknown code", Restriction::message))
        }

        fn restriction(&self, from: Address, to: Address) -> Restriction {
            let side = |account: Address| (!account.is_zero()).then(|| self.record(account));
            let sender = side(from);
            // A claim asks with one account on both sides: its slot is read once.
            let recipient = if from == to { sender } else { side(to) };
            detect_transfer_restriction(sender.as_ref(), recipient.as_ref(), self.env().block_timestamp())
        }

        fn record(&self, account: Address) -> Record {
            self.records.get(account).map(|packed| Record::from_bytes(&packed)).unwrap_or_default()
        }

        fn agent(&self) -> Result<Address, Error> {
            let caller = self.env().caller();
            if self.is_agent(caller) { Ok(caller) } else { Err(Error::NotAgent(caller)) }
        }

        fn store(&mut self, account: Address, record: &Record) {
            self.records.insert(account, &record.to_bytes());
            let Record { level, jurisdiction, accredited, expiry, frozen, issuer } = *record;
            let issuer = Address::from(issuer);
            self.env().emit_event(RecordSet { account, level, jurisdiction, accredited, expiry, frozen, issuer });
        }
    }
}
