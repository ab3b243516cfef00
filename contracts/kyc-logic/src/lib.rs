//! KYC registry, the logic: one packed record per account, set by agents or by attestations that trusted issuers sign
//! off chain, and the answer to "may this transfer happen?".
//!
//! A registry is its front (`yieldset-kyc`), which answers the one question that every transfer asks and runs this code
//! on its own storage for all else. This contract's own storage has no admin and no records: nobody can write to it.
//!
//! A thin shell: the rules live in [`yieldset_rules::compliance`] and [`yieldset_rules::attestation`]. No personal data
//! is on chain.
//!
//! Code is proof on every call. So messages refuse and answer by hand instead
//! of handing values up to ink!'s encoders: the types in the signatures tell the ABI what comes out. A message that
//! answers by hand ends there, and the root cell is not written back: only the two that change it return as ink! has
//! it.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

mod attestations;
mod issuers;
mod records;
mod refusal;

/// The contract.
#[ink::contract]
mod kyc {
    use crate::{
        attestations, issuers, records,
        refusal::{self, AGENT_ROLE, Error, allowed, caller_with, invalid_record, refuse},
    };
    use ink::{
        U256,
        codegen::sol::selector_bytes,
        prelude::{string::String, vec::Vec},
        sol::FixedBytes,
    };
    use yieldset_rules::{
        attestation::Attestation,
        compliance::{Jurisdictions, Record, Requirements, Restriction, Terms, restriction_for},
    };
    use yieldset_shell::{
        access::{self, DEFAULT_ADMIN_ROLE},
        host,
        input::{Array, In},
        words::{self, address_word, number_word},
    };

    type Bytes32 = FixedBytes<32>;

    /// An account's record after a change.
    #[ink(event)]
    pub struct RecordSet {
        /// Whose record.
        #[ink(topic)]
        pub account: Address,
        /// KYC level; zero where only a flag is left.
        pub level: u8,
        /// ISO 3166-1 numeric country code.
        pub jurisdiction: u16,
        /// Accredited investor.
        pub accredited: bool,
        /// Unix seconds from which on the record no longer counts.
        pub expiry: u64,
        /// Frozen: neither sends nor receives.
        pub frozen: bool,
        /// On a sanctions list: neither sends nor receives.
        pub sanctioned: bool,
        /// Who vouches for it.
        pub issuer: Address,
        /// By an attestation: the record counts only as long as the issuer is trusted.
        pub attested: bool,
        /// What the next attestation must carry.
        pub nonce: u64,
    }

    /// An account's record was removed; a freeze and a sanction stay.
    #[ink(event)]
    pub struct RecordRevoked {
        /// Whose record.
        #[ink(topic)]
        pub account: Address,
        /// Who revoked it.
        pub issuer: Address,
        /// Whether the account is still frozen.
        pub frozen: bool,
        /// Whether the account is still on a sanctions list.
        pub sanctioned: bool,
        /// What the next attestation must carry.
        pub nonce: u64,
    }

    /// ERC-3643: an account was frozen or freed.
    #[ink(event)]
    pub struct AddressFrozen {
        /// The account.
        #[ink(topic)]
        pub user_address: Address,
        /// Whether it is frozen now.
        #[ink(topic)]
        pub is_frozen: bool,
        /// The agent.
        #[ink(topic)]
        pub owner: Address,
    }

    /// An account was found on a sanctions list, or taken off.
    #[ink(event)]
    pub struct AddressSanctioned {
        /// The account.
        #[ink(topic)]
        pub account: Address,
        /// Whether it is sanctioned now.
        #[ink(topic)]
        pub sanctioned: bool,
        /// The agent.
        #[ink(topic)]
        pub agent: Address,
    }

    /// A lost account's record moved to another account.
    #[ink(event)]
    pub struct AccountRecovered {
        /// Without a record now, and frozen.
        #[ink(topic)]
        pub lost: Address,
        /// Has the record now.
        #[ink(topic)]
        pub replacement: Address,
        /// The agent.
        #[ink(topic)]
        pub agent: Address,
        /// Digest of the document that says why.
        pub reason: Bytes32,
    }

    /// ERC-3643: an issuer's attestations count from now on.
    #[ink(event)]
    pub struct TrustedIssuerAdded {
        /// The key that signs.
        #[ink(topic)]
        pub trusted_issuer: Address,
        /// What it may attest: 1 KYC, 2 accredited.
        pub claim_topics: Vec<U256>,
    }

    /// ERC-3643: neither what an issuer signs nor what it attested counts any more.
    #[ink(event)]
    pub struct TrustedIssuerRemoved {
        /// The key that signed.
        #[ink(topic)]
        pub trusted_issuer: Address,
    }

    /// The root cell: the seats of trusted issuers, which every transfer needs.
    #[ink(storage)]
    pub struct Kyc {
        terms: [u8; 128],
    }

    impl Kyc {
        /// Code that registries run. Its own storage has no admin, so nobody can ever have a role in it.
        #[ink(constructor)]
        #[allow(clippy::new_without_default, reason = "a contract's constructor")]
        pub fn new() -> Self {
            Self { terms: Terms::NONE.0 }
        }

        /// Sets or renews a record; a freeze and a sanction stay. Attestations signed before are void. `expiry` is in
        /// Unix seconds.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `InvalidRecord`.
        #[ink(message, name = "setRecord")]
        pub fn set_record(
            &mut self,
            account: In<0, Address>,
            level: In<1, u8>,
            jurisdiction: In<2, u16>,
            accredited: In<3, bool>,
            expiry: In<4, u64>,
        ) -> Result<(), Error> {
            let agent = caller_with(&AGENT_ROLE);
            let (account, level, jurisdiction) = (account.get().0, level.get(), jurisdiction.get());
            records::set_directly(&account, level, jurisdiction, accredited.get(), expiry.get(), &agent);
            host::answer(&[])
        }

        /// Sets many records. Each word is account (20 bytes), level (1), jurisdiction (2), accredited (1, zero or one)
        /// and expiry (8), numbers big-endian.
        ///
        /// # Errors
        /// Those of `setRecord`.
        #[ink(message, name = "setRecords")]
        pub fn set_records(&mut self, entries: Array<0, Bytes32>) -> Result<(), Error> {
            let agent = caller_with(&AGENT_ROLE);
            for FixedBytes(entry) in entries.iter() {
                let (mut account, mut expiry) = ([0; 20], [0; 8]);
                account.copy_from_slice(&entry[..20]);
                expiry.copy_from_slice(&entry[24..]);
                let (level, expiry) = (entry[20], u64::from_be_bytes(expiry));
                if entry[23] > 1 {
                    invalid_record(level, expiry);
                }
                let jurisdiction = u16::from_be_bytes([entry[21], entry[22]]);
                records::set_directly(&account, level, jurisdiction, entry[23] == 1, expiry, &agent);
            }
            host::answer(&[])
        }

        /// Takes an attestation that a trusted issuer signed for an account's present nonce (EIP-712,
        /// `DOMAIN_SEPARATOR`); anybody may hand it in until `validUntil` (Unix seconds). A freeze and a sanction stay.
        ///
        /// # Errors
        /// `ECDSAInvalidSignature`, `ECDSAInvalidSignatureS`, `UntrustedIssuer`, `TopicNotTrusted`,
        /// `AttestationTooLate`, `InvalidAccountNonce`, `InvalidRecord`.
        #[ink(message, name = "submitAttestation")]
        #[allow(
            clippy::too_many_arguments,
            reason = "an attestation's fields and its signature's, each a word of the ABI"
        )]
        pub fn submit_attestation(
            &mut self,
            account: In<0, Address>,
            level: In<1, u8>,
            jurisdiction: In<2, u16>,
            accredited: In<3, bool>,
            expiry: In<4, u64>,
            nonce: In<5, u64>,
            valid_until: In<6, u64>,
            v: In<7, u8>,
            r: In<8, Bytes32>,
            s: In<9, Bytes32>,
        ) -> Result<(), Error> {
            let attestation = Attestation {
                account: account.get().0,
                level: level.get(),
                jurisdiction: jurisdiction.get(),
                accredited: accredited.get(),
                expiry: expiry.get(),
                nonce: nonce.get(),
                valid_until: valid_until.get(),
            };
            attestations::submit(&attestation, v.get(), &r.get().0, &s.get().0, &self.terms());
            host::answer(&[])
        }

        /// EIP-712: binds attestations to this chain and contract.
        #[ink(message, name = "DOMAIN_SEPARATOR")]
        pub fn domain_separator(&self) -> Bytes32 {
            host::answer(&attestations::separator())
        }

        /// What the next attestation for an account must carry.
        #[ink(message)]
        pub fn nonces(&self, account: In<0, Address>) -> U256 {
            answer_number(records::load(&account.get().0).nonce)
        }

        /// Removes a record: without one nothing can be sent, received or claimed. A freeze and a sanction stay, and no
        /// attestation signed before counts any more. An issuer may revoke what it attested.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `NoRecord`.
        #[ink(message)]
        pub fn revoke(&mut self, account: In<0, Address>) -> Result<(), Error> {
            self.revoke_one(&account.get().0, &host::caller());
            host::answer(&[])
        }

        /// Removes many records.
        ///
        /// # Errors
        /// Those of `revoke`.
        #[ink(message, name = "revokeRecords")]
        pub fn revoke_records(&mut self, accounts: Array<0, Address>) -> Result<(), Error> {
            let caller = host::caller();
            for account in accounts.iter() {
                self.revoke_one(&account.0, &caller);
            }
            host::answer(&[])
        }

        /// Freezes or frees an account, whether or not it has a record.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`.
        #[ink(message, name = "setFrozen")]
        pub fn set_frozen(&mut self, account: In<0, Address>, frozen: In<1, bool>) -> Result<(), Error> {
            let agent = caller_with(&AGENT_ROLE);
            let (account, frozen) = (account.get().0, frozen.get());
            records::set(&account, &Record { frozen, ..records::load(&account) });
            records::tell_frozen(&account, frozen, &agent);
            host::answer(&[])
        }

        /// Flags an account as being on a sanctions list, or as being on none; whether or not it has a record.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`.
        #[ink(message, name = "setSanctioned")]
        pub fn set_sanctioned(&mut self, account: In<0, Address>, sanctioned: In<1, bool>) -> Result<(), Error> {
            let agent = caller_with(&AGENT_ROLE);
            let (account, sanctioned) = (account.get().0, sanctioned.get());
            records::set(&account, &Record { sanctioned, ..records::load(&account) });
            records::tell_sanctioned(&account, sanctioned, &agent);
            host::answer(&[])
        }

        /// Moves a lost account's record to its replacement, which must have none. A freeze and a sanction go along;
        /// the lost account is frozen, and no attestation signed before counts for either. `reason` is a document's
        /// digest.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `InvalidReplacement`, `NoRecord`, `RecordExists`.
        #[ink(message)]
        pub fn recover(
            &mut self,
            lost: In<0, Address>,
            replacement: In<1, Address>,
            reason: In<2, Bytes32>,
        ) -> Result<(), Error> {
            let agent = caller_with(&AGENT_ROLE);
            records::recover(&lost.get().0, &replacement.get().0, &agent, reason.get().0);
            host::answer(&[])
        }

        /// Who stands in the place of an account that was recovered, the last time it was; zero for nobody.
        #[ink(message, name = "successorOf")]
        pub fn successor_of(&self, account: In<0, Address>) -> Address {
            host::answer(&address_word(&records::successor(&account.get().0)))
        }

        /// ERC-3643: trusts an issuer's signatures on these topics: 1 KYC, 2 accredited. An address is trusted once:
        /// after its removal it cannot come back.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `InvalidIssuer`, `IssuerExists`, `IssuerWasRemoved`, `InvalidTopic`,
        /// `TooManyIssuers`.
        #[ink(message, name = "addTrustedIssuer")]
        pub fn add_trusted_issuer(
            &mut self,
            issuer: In<0, Address>,
            claim_topics: Array<1, U256>,
        ) -> Result<(), Error> {
            issuers::add(&issuer.get().0, claim_topics.iter(), &mut self.terms());
            host::answer(&[])
        }

        /// ERC-3643: from now on neither what the issuer signs nor any record that it attested counts. Its records can
        /// be revoked in batches, set by agents, or attested by others.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `UntrustedIssuer`.
        #[ink(message, name = "removeTrustedIssuer")]
        pub fn remove_trusted_issuer(&mut self, issuer: In<0, Address>) -> Result<(), Error> {
            issuers::remove(&issuer.get().0, &mut self.terms());
            host::answer(&[])
        }

        /// ERC-3643: whether an issuer's signatures count.
        #[ink(message, name = "isTrustedIssuer")]
        pub fn is_trusted_issuer(&self, issuer: In<0, Address>) -> bool {
            answer_number(issuers::trusted_seat_of(&issuer.get().0).is_some().into())
        }

        /// ERC-3643: all trusted issuers.
        #[ink(message, name = "getTrustedIssuers")]
        pub fn get_trusted_issuers(&self) -> Vec<Address> {
            issuers::answer_all(&self.terms())
        }

        /// ERC-3643: what an issuer may attest.
        ///
        /// # Errors
        /// `UntrustedIssuer`.
        #[ink(message, name = "getTrustedIssuerClaimTopics")]
        pub fn get_trusted_issuer_claim_topics(&self, issuer: In<0, Address>) -> Result<Vec<U256>, Error> {
            let issuer = issuer.get().0;
            let Some(seat) = issuers::trusted_seat_of(&issuer) else { refusal::untrusted_issuer(&issuer) };
            let (words, length) = issuers::topics_answer(seat.topics);
            host::answer(words[..length].as_flattened())
        }

        /// `(level, jurisdiction, accredited, expiry, frozen, issuer)`; all zero where there is no record.
        #[ink(message, name = "recordOf")]
        pub fn record_of(&self, account: In<0, Address>) -> (u8, u16, bool, u64, bool, Address) {
            let r = records::load(&account.get().0);
            let [level, jurisdiction, accredited, expiry, frozen] =
                [r.level.into(), r.jurisdiction.into(), r.accredited.into(), r.expiry, r.frozen.into()]
                    .map(|number: u64| number_word(number.into()));
            host::answer([level, jurisdiction, accredited, expiry, frozen, address_word(&r.issuer)].as_flattened())
        }

        /// ERC-3643: whether an account may hold, send, receive and claim now.
        #[ink(message, name = "isVerified")]
        pub fn is_verified(&self, account: In<0, Address>) -> bool {
            let account = account.get();
            let code = self.restriction(&account.0, &[0; 20], &Requirements::OPEN);
            answer_number((code == Restriction::None && !account.is_zero()).into())
        }

        /// ERC-3643: whether an account is frozen.
        #[ink(message, name = "isFrozen")]
        pub fn is_frozen(&self, account: In<0, Address>) -> bool {
            answer_number(records::load(&account.get().0).frozen.into())
        }

        /// Whether an account is flagged as being on a sanctions list.
        #[ink(message, name = "isSanctioned")]
        pub fn is_sanctioned(&self, account: In<0, Address>) -> bool {
            answer_number(records::load(&account.get().0).sanctioned.into())
        }

        /// ERC-3643: an account's country, ISO 3166-1 numeric; zero where there is no record.
        #[ink(message, name = "investorCountry")]
        pub fn investor_country(&self, account: In<0, Address>) -> u16 {
            answer_number(records::load(&account.get().0).jurisdiction.into())
        }

        /// Code of the first reason against a transfer now under a pool's requirements, zero for none. Address zero
        /// stands for no sender (mint) or no recipient (burn, claim). Requirements: byte 31 is the least level, byte 30
        /// has bit 0 for accredited recipients only, bit 1 where the jurisdictions are those admitted (otherwise those
        /// not admitted), and bit 2 where freezes and sanctions alone count. The jurisdictions are a set of ISO 3166-1
        /// numeric codes: code `n` is bit `7 - n % 8` of byte `n / 8` of `j0‖j1‖j2‖j3`.
        ///
        /// # Errors
        /// `UnknownRequirement` where any other bit is set.
        #[ink(message, name = "restrictionFor")]
        #[allow(clippy::too_many_arguments, reason = "the pool's policy in words of the ABI")]
        pub fn restriction_for(
            &self,
            from: In<0, Address>,
            to: In<1, Address>,
            requirements: In<2, Bytes32>,
            j0: In<3, Bytes32>,
            j1: In<4, Bytes32>,
            j2: In<5, Bytes32>,
            j3: In<6, Bytes32>,
        ) -> Result<u8, Error> {
            let jurisdictions = Jurisdictions::from_words(&[j0.get().0, j1.get().0, j2.get().0, j3.get().0]);
            let word = requirements.get().0;
            let Some(requirements) = Requirements::from_word(&word, &jurisdictions) else {
                refuse(const { selector_bytes("UnknownRequirement(bytes32)") }, &[word])
            };
            answer_number(self.restriction(&from.get().0, &to.get().0, &requirements) as u64)
        }

        /// ERC-1404: code of the first reason against a transfer now where nothing but a valid record is required, zero
        /// for none. Address zero stands for no sender (mint) or no recipient (burn).
        #[ink(message, name = "detectTransferRestriction")]
        pub fn detect_transfer_restriction(&self, from: In<0, Address>, to: In<1, Address>, amount: In<2, U256>) -> u8 {
            // No rule of the registry depends on the amount; the parameter is ERC-1404's.
            let _ = amount;
            answer_number(self.restriction(&from.get().0, &to.get().0, &Requirements::OPEN) as u64)
        }

        /// ERC-1404: what a code means and what to do; also of the codes that a pool adds.
        #[ink(message, name = "messageForTransferRestriction")]
        pub fn message_for_transfer_restriction(&self, code: In<0, u8>) -> String {
            let text = Restriction::from_code(code.get()).map_or("unknown code", Restriction::message).as_bytes();
            let mut data = [0; 160];
            data[31] = 32;
            data[63] = text.len() as u8;
            data[64..64 + text.len()].copy_from_slice(text);
            host::answer(&data[..64 + text.len().next_multiple_of(32)])
        }

        /// OpenZeppelin: whether an account has a role.
        #[ink(message, name = "hasRole")]
        pub fn has_role(&self, role: In<0, Bytes32>, account: In<1, Address>) -> bool {
            answer_number(access::has_role(&role.get().0, &account.get().0).into())
        }

        /// OpenZeppelin: the role that grants a role: for all of them the default admin's, zero.
        #[ink(message, name = "getRoleAdmin")]
        pub fn get_role_admin(&self, role: In<0, Bytes32>) -> Bytes32 {
            let _ = role;
            host::answer(&DEFAULT_ADMIN_ROLE)
        }

        /// OpenZeppelin: gives a role.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `AccessControlEnforcedDefaultAdminRules`.
        #[ink(message, name = "grantRole")]
        pub fn grant_role(&mut self, role: In<0, Bytes32>, account: In<1, Address>) -> Result<(), Error> {
            allowed(access::grant(&role.get().0, &account.get().0));
            host::answer(&[])
        }

        /// OpenZeppelin: takes a role away.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `AccessControlEnforcedDefaultAdminRules`.
        #[ink(message, name = "revokeRole")]
        pub fn revoke_role(&mut self, role: In<0, Bytes32>, account: In<1, Address>) -> Result<(), Error> {
            allowed(access::revoke(&role.get().0, &account.get().0));
            host::answer(&[])
        }

        /// OpenZeppelin: the caller gives up a role and repeats its own address.
        ///
        /// # Errors
        /// `AccessControlBadConfirmation`, `AccessControlEnforcedDefaultAdminRules`.
        #[ink(message, name = "renounceRole")]
        pub fn renounce_role(
            &mut self,
            role: In<0, Bytes32>,
            caller_confirmation: In<1, Address>,
        ) -> Result<(), Error> {
            allowed(access::renounce(&role.get().0, &caller_confirmation.get().0));
            host::answer(&[])
        }

        /// OpenZeppelin: the default admin.
        #[ink(message, name = "defaultAdmin")]
        pub fn default_admin(&self) -> Address {
            host::answer(&address_word(&access::default_admin()))
        }

        /// OpenZeppelin: who was named the next default admin; zero where nobody.
        #[ink(message, name = "pendingDefaultAdmin")]
        pub fn pending_default_admin(&self) -> Address {
            host::answer(&address_word(&access::pending_default_admin()))
        }

        /// OpenZeppelin: names the next default admin, or with the zero address nobody any more.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`.
        #[ink(message, name = "beginDefaultAdminTransfer")]
        pub fn begin_default_admin_transfer(&mut self, new_admin: In<0, Address>) -> Result<(), Error> {
            allowed(access::begin_default_admin_transfer(&new_admin.get().0));
            host::answer(&[])
        }

        /// OpenZeppelin: the caller becomes default admin, where it was named.
        ///
        /// # Errors
        /// `AccessControlInvalidDefaultAdmin`.
        #[ink(message, name = "acceptDefaultAdminTransfer")]
        pub fn accept_default_admin_transfer(&mut self) -> Result<(), Error> {
            allowed(access::accept_default_admin_transfer());
            host::answer(&[])
        }

        fn terms(&self) -> Terms {
            Terms(self.terms)
        }

        #[inline(never)]
        fn restriction(
            &self,
            from: &words::Address,
            to: &words::Address,
            requirements: &Requirements<'_>,
        ) -> Restriction {
            let side = |account: &words::Address| (*account != [0; 20]).then(|| records::load(account));
            let sender = side(from);
            // Where both sides are one account, its slot is read once.
            let recipient = if from == to { sender } else { side(to) };
            restriction_for(sender.as_ref(), recipient.as_ref(), requirements, &self.terms(), host::now())
        }

        #[inline(never)]
        fn revoke_one(&self, account: &words::Address, caller: &words::Address) {
            let record = records::load(account);
            let own = record.seat != 0 && record.issuer == *caller && self.terms().lasts(record.seat, record.term);
            if !own {
                allowed(access::check(&AGENT_ROLE, caller));
            }
            let Some(left) = record.revoked(host::now()) else { refusal::no_record(account) };
            records::revoke(account, &left, caller);
        }
    }

    #[inline(never)]
    fn answer_number(number: u64) -> ! {
        host::answer(&number_word(number.into()))
    }
}
