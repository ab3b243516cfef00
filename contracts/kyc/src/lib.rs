//! KYC registry: one packed record per account, set by agents or by attestations that trusted issuers sign off chain, and the
//! answer to "may this transfer happen?".
//!
//! A thin shell: the rules live in [`yieldset_rules::compliance`] and [`yieldset_rules::attestation`]. No personal data is on
//! chain.
//!
//! Every transfer of shares asks here, and code is proof on every call. So messages refuse and answer by hand instead of handing
//! values up to ink!'s encoders: the types in the signatures tell the ABI what comes out. A message that answers by hand ends
//! there, and the root cell is not written back: only the two that change it return as ink! has it.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

mod issuers;
mod records;
mod refusal;

/// The contract.
#[ink::contract]
mod kyc {
    use crate::{
        issuers, records,
        refusal::{self, Error, allowed, caller_with, invalid_record, refuse},
    };
    use ink::{
        U256,
        codegen::sol::selector_bytes,
        prelude::{string::String, vec::Vec},
        sol::FixedBytes,
    };
    use yieldset_rules::{
        attestation::{Attestation, AttestationError, RecoveryError, Seat, Topics, domain_separator, is_canonical},
        compliance::{Jurisdictions, Record, Requirements, Restriction, SEATS, Terms, restriction_for},
    };
    use yieldset_shell::{
        access::{self, DEFAULT_ADMIN_ROLE, Role, role},
        host,
        words::{self, Word, address_word, narrow, number_word},
    };

    type Bytes32 = FixedBytes<32>;

    /// Sets records, revokes, freezes, sanctions and recovers.
    const AGENT_ROLE: Role = role("AGENT_ROLE");
    /// Adds and removes trusted issuers, as the default admin may too.
    const COMPLIANCE_ROLE: Role = role("COMPLIANCE_ROLE");

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
        /// A registry without records, roles or issuers; `admin` grants the roles.
        #[ink(constructor)]
        pub fn new(admin: Address) -> Self {
            access::initialise(&admin.0);
            Self { terms: Terms::NONE.0 }
        }

        /// Sets or renews a record; a freeze and a sanction stay. Attestations signed before are void. `expiry` is in Unix seconds.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `InvalidRecord`.
        #[ink(message, name = "setRecord")]
        pub fn set_record(
            &mut self,
            account: Address,
            level: u8,
            jurisdiction: u16,
            accredited: bool,
            expiry: u64,
        ) -> Result<(), Error> {
            let agent = caller_with(&AGENT_ROLE);
            set_directly(&account.0, level, jurisdiction, accredited, expiry, &agent);
            host::answer(&[])
        }

        /// Sets many records. Each word is account (20 bytes), level (1), jurisdiction (2), accredited (1, zero or one) and expiry
        /// (8), numbers big-endian.
        ///
        /// # Errors
        /// Those of `setRecord`.
        #[ink(message, name = "setRecords")]
        pub fn set_records(&mut self, entries: Vec<Bytes32>) -> Result<(), Error> {
            let agent = caller_with(&AGENT_ROLE);
            for FixedBytes(entry) in entries {
                let (mut account, mut expiry) = ([0; 20], [0; 8]);
                account.copy_from_slice(&entry[..20]);
                expiry.copy_from_slice(&entry[24..]);
                let (level, expiry) = (entry[20], u64::from_be_bytes(expiry));
                if entry[23] > 1 {
                    invalid_record(level, expiry);
                }
                let jurisdiction = u16::from_be_bytes([entry[21], entry[22]]);
                set_directly(&account, level, jurisdiction, entry[23] == 1, expiry, &agent);
            }
            host::answer(&[])
        }

        /// Takes an attestation that a trusted issuer signed for an account's present nonce (EIP-712, `DOMAIN_SEPARATOR`);
        /// anybody may hand it in until `validUntil` (Unix seconds). A freeze and a sanction stay.
        ///
        /// # Errors
        /// `ECDSAInvalidSignature`, `ECDSAInvalidSignatureS`, `UntrustedIssuer`, `TopicNotTrusted`, `AttestationTooLate`,
        /// `InvalidAccountNonce`, `InvalidRecord`.
        #[ink(message, name = "submitAttestation")]
        #[allow(
            clippy::too_many_arguments,
            reason = "an attestation's fields and its signature's, each a word of the ABI"
        )]
        pub fn submit_attestation(
            &mut self,
            account: Address,
            level: u8,
            jurisdiction: u16,
            accredited: bool,
            expiry: u64,
            nonce: u64,
            valid_until: u64,
            v: u8,
            r: Bytes32,
            s: Bytes32,
        ) -> Result<(), Error> {
            let attestation =
                Attestation { account: account.0, level, jurisdiction, accredited, expiry, nonce, valid_until };
            let issuer = signer_of(&attestation, v, &r.0, &s.0);
            let seat = issuers::trusted_seat_of(&issuer);
            let record = records::load(&account.0);
            let now = host::now();
            let accepted = attestation.accept(&record, &issuer, seat, &self.terms(), now);
            match accepted {
                Ok(record) if !account.is_zero() => records::set(&account.0, &record),
                Ok(_) | Err(AttestationError::InvalidRecord) => invalid_record(level, expiry),
                Err(error) => refuse_attestation(error, &attestation, &issuer, now),
            }
            host::answer(&[])
        }

        /// EIP-712: binds attestations to this chain and contract.
        #[ink(message, name = "DOMAIN_SEPARATOR")]
        pub fn domain_separator(&self) -> Bytes32 {
            host::answer(&separator())
        }

        /// What the next attestation for an account must carry.
        #[ink(message)]
        pub fn nonces(&self, account: Address) -> U256 {
            answer_number(records::load(&account.0).nonce)
        }

        /// Removes a record: without one nothing can be sent, received or claimed. A freeze and a sanction stay, and no
        /// attestation signed before counts any more. An issuer may revoke what it attested.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `NoRecord`.
        #[ink(message)]
        pub fn revoke(&mut self, account: Address) -> Result<(), Error> {
            self.revoke_one(&account.0, &host::caller());
            host::answer(&[])
        }

        /// Removes many records.
        ///
        /// # Errors
        /// Those of `revoke`.
        #[ink(message, name = "revokeRecords")]
        pub fn revoke_records(&mut self, accounts: Vec<Address>) -> Result<(), Error> {
            let caller = host::caller();
            for account in accounts {
                self.revoke_one(&account.0, &caller);
            }
            host::answer(&[])
        }

        /// Freezes or frees an account, whether or not it has a record.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`.
        #[ink(message, name = "setFrozen")]
        pub fn set_frozen(&mut self, account: Address, frozen: bool) -> Result<(), Error> {
            let agent = caller_with(&AGENT_ROLE);
            records::set(&account.0, &Record { frozen, ..records::load(&account.0) });
            records::tell_frozen(&account.0, frozen, &agent);
            host::answer(&[])
        }

        /// Flags an account as being on a sanctions list, or as being on none; whether or not it has a record.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`.
        #[ink(message, name = "setSanctioned")]
        pub fn set_sanctioned(&mut self, account: Address, sanctioned: bool) -> Result<(), Error> {
            let agent = caller_with(&AGENT_ROLE);
            records::set(&account.0, &Record { sanctioned, ..records::load(&account.0) });
            records::tell_sanctioned(&account.0, sanctioned, &agent);
            host::answer(&[])
        }

        /// Moves a lost account's record to its replacement, which must have none. A freeze and a sanction go along; the lost
        /// account is frozen, and no attestation signed before counts for either. `reason` is a document's digest.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `InvalidReplacement`, `NoRecord`, `RecordExists`.
        #[ink(message)]
        pub fn recover(&mut self, lost: Address, replacement: Address, reason: Bytes32) -> Result<(), Error> {
            let agent = caller_with(&AGENT_ROLE);
            if replacement.is_zero() || replacement == lost {
                refusal::invalid_replacement(&replacement.0);
            }
            let recovered = Record::recovered(&records::load(&lost.0), &records::load(&replacement.0), host::now());
            let (left, moved) = recovered.unwrap_or_else(|error| match error {
                RecoveryError::NoRecord => refusal::no_record(&lost.0),
                RecoveryError::RecordExists => refusal::record_exists(&replacement.0),
            });
            records::set(&lost.0, &left);
            records::tell_frozen(&lost.0, true, &agent);
            records::set(&replacement.0, &moved);
            records::tell_recovered(&lost.0, &replacement.0, &agent, reason.0);
            host::answer(&[])
        }

        /// ERC-3643: trusts an issuer's signatures on these topics: 1 KYC, 2 accredited. An address is trusted once: after its
        /// removal it cannot come back.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `InvalidIssuer`, `IssuerExists`, `IssuerWasRemoved`, `InvalidTopic`,
        /// `TooManyIssuers`.
        #[ink(message, name = "addTrustedIssuer")]
        pub fn add_trusted_issuer(&mut self, issuer: Address, claim_topics: Vec<U256>) -> Result<(), Error> {
            only_compliance();
            if issuer.is_zero() {
                refusal::invalid_issuer(&issuer.0);
            }
            match issuers::seat_of(&issuer.0) {
                None => {}
                Some(Seat { number: 0, .. }) => refusal::issuer_was_removed(&issuer.0),
                Some(_) => refusal::issuer_exists(&issuer.0),
            }
            let topics = topics_of(&claim_topics);
            let mut terms = self.terms();
            let Some(number) = terms.empty_seat() else {
                refuse(const { selector_bytes("TooManyIssuers(uint8)") }, &[number_word(SEATS.into())])
            };
            terms.turn(number);
            self.terms = terms.0;
            issuers::add(&issuer.0, Seat { number, topics });
            Ok(())
        }

        /// ERC-3643: from now on neither what the issuer signs nor any record that it attested counts. Its records can be revoked
        /// in batches, set by agents, or attested by others.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `UntrustedIssuer`.
        #[ink(message, name = "removeTrustedIssuer")]
        pub fn remove_trusted_issuer(&mut self, issuer: Address) -> Result<(), Error> {
            only_compliance();
            let Some(seat) = issuers::trusted_seat_of(&issuer.0) else { refusal::untrusted_issuer(&issuer.0) };
            let mut terms = self.terms();
            terms.turn(seat.number);
            self.terms = terms.0;
            issuers::remove(&issuer.0, seat.number);
            Ok(())
        }

        /// ERC-3643: whether an issuer's signatures count.
        #[ink(message, name = "isTrustedIssuer")]
        pub fn is_trusted_issuer(&self, issuer: Address) -> bool {
            answer_number(issuers::trusted_seat_of(&issuer.0).is_some().into())
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
        pub fn get_trusted_issuer_claim_topics(&self, issuer: Address) -> Result<Vec<U256>, Error> {
            let Some(seat) = issuers::trusted_seat_of(&issuer.0) else { refusal::untrusted_issuer(&issuer.0) };
            let (words, length) = issuers::topics_answer(seat.topics);
            host::answer(words[..length].as_flattened())
        }

        /// `(level, jurisdiction, accredited, expiry, frozen, issuer)`; all zero where there is no record.
        #[ink(message, name = "recordOf")]
        pub fn record_of(&self, account: Address) -> (u8, u16, bool, u64, bool, Address) {
            let r = records::load(&account.0);
            let [level, jurisdiction, accredited, expiry, frozen] =
                [r.level.into(), r.jurisdiction.into(), r.accredited.into(), r.expiry, r.frozen.into()]
                    .map(|number: u64| number_word(number.into()));
            host::answer([level, jurisdiction, accredited, expiry, frozen, address_word(&r.issuer)].as_flattened())
        }

        /// ERC-3643: whether an account may hold, send, receive and claim now.
        #[ink(message, name = "isVerified")]
        pub fn is_verified(&self, account: Address) -> bool {
            let code = self.restriction(&account.0, &[0; 20], &Requirements::OPEN);
            answer_number((code == Restriction::None && !account.is_zero()).into())
        }

        /// ERC-3643: whether an account is frozen.
        #[ink(message, name = "isFrozen")]
        pub fn is_frozen(&self, account: Address) -> bool {
            answer_number(records::load(&account.0).frozen.into())
        }

        /// Whether an account is flagged as being on a sanctions list.
        #[ink(message, name = "isSanctioned")]
        pub fn is_sanctioned(&self, account: Address) -> bool {
            answer_number(records::load(&account.0).sanctioned.into())
        }

        /// ERC-3643: an account's country, ISO 3166-1 numeric; zero where there is no record.
        #[ink(message, name = "investorCountry")]
        pub fn investor_country(&self, account: Address) -> u16 {
            answer_number(records::load(&account.0).jurisdiction.into())
        }

        /// Code of the first reason against a transfer now under a pool's requirements, zero for none. Address zero stands for no
        /// sender (mint) or no recipient (burn, claim). Requirements: byte 31 is the least level, byte 30 has bit 0 for
        /// accredited recipients only and bit 1 where the jurisdictions are those admitted (otherwise those not admitted). The
        /// jurisdictions are a set of ISO 3166-1 numeric codes: code `n` is bit `7 - n % 8` of byte `n / 8` of `j0‖j1‖j2‖j3`.
        ///
        /// # Errors
        /// `UnknownRequirement` where any other bit is set.
        #[ink(message, name = "restrictionFor")]
        #[allow(clippy::too_many_arguments, reason = "the pool's policy in words of the ABI")]
        pub fn restriction_for(
            &self,
            from: Address,
            to: Address,
            requirements: Bytes32,
            j0: Bytes32,
            j1: Bytes32,
            j2: Bytes32,
            j3: Bytes32,
        ) -> Result<u8, Error> {
            let jurisdictions = Jurisdictions::from_words(&[j0.0, j1.0, j2.0, j3.0]);
            let Some(requirements) = Requirements::from_word(&requirements.0, &jurisdictions) else {
                refuse(const { selector_bytes("UnknownRequirement(bytes32)") }, &[requirements.0])
            };
            answer_number(self.restriction(&from.0, &to.0, &requirements) as u64)
        }

        /// ERC-1404: code of the first reason against a transfer now where nothing but a valid record is required, zero for none.
        /// Address zero stands for no sender (mint) or no recipient (burn).
        #[ink(message, name = "detectTransferRestriction")]
        pub fn detect_transfer_restriction(&self, from: Address, to: Address, amount: U256) -> u8 {
            // No rule of the registry depends on the amount; the parameter is ERC-1404's.
            let _ = amount;
            answer_number(self.restriction(&from.0, &to.0, &Requirements::OPEN) as u64)
        }

        /// ERC-1404: what a code means and what to do; also of the codes that a pool adds.
        #[ink(message, name = "messageForTransferRestriction")]
        pub fn message_for_transfer_restriction(&self, code: u8) -> String {
            let text = Restriction::from_code(code).map_or("unknown code", Restriction::message).as_bytes();
            let mut data = [0; 160];
            data[31] = 32;
            data[63] = text.len() as u8;
            data[64..64 + text.len()].copy_from_slice(text);
            host::answer(&data[..64 + text.len().next_multiple_of(32)])
        }

        /// OpenZeppelin: whether an account has a role.
        #[ink(message, name = "hasRole")]
        pub fn has_role(&self, role: Bytes32, account: Address) -> bool {
            answer_number(access::has_role(&role.0, &account.0).into())
        }

        /// OpenZeppelin: the role that grants a role: for all of them the default admin's, zero.
        #[ink(message, name = "getRoleAdmin")]
        pub fn get_role_admin(&self, role: Bytes32) -> Bytes32 {
            let _ = role;
            host::answer(&DEFAULT_ADMIN_ROLE)
        }

        /// OpenZeppelin: gives a role.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `AccessControlEnforcedDefaultAdminRules`.
        #[ink(message, name = "grantRole")]
        pub fn grant_role(&mut self, role: Bytes32, account: Address) -> Result<(), Error> {
            allowed(access::grant(&role.0, &account.0));
            host::answer(&[])
        }

        /// OpenZeppelin: takes a role away.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `AccessControlEnforcedDefaultAdminRules`.
        #[ink(message, name = "revokeRole")]
        pub fn revoke_role(&mut self, role: Bytes32, account: Address) -> Result<(), Error> {
            allowed(access::revoke(&role.0, &account.0));
            host::answer(&[])
        }

        /// OpenZeppelin: the caller gives up a role and repeats its own address.
        ///
        /// # Errors
        /// `AccessControlBadConfirmation`, `AccessControlEnforcedDefaultAdminRules`.
        #[ink(message, name = "renounceRole")]
        pub fn renounce_role(&mut self, role: Bytes32, caller_confirmation: Address) -> Result<(), Error> {
            allowed(access::renounce(&role.0, &caller_confirmation.0));
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
        pub fn begin_default_admin_transfer(&mut self, new_admin: Address) -> Result<(), Error> {
            allowed(access::begin_default_admin_transfer(&new_admin.0));
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
    fn set_directly(
        account: &words::Address,
        level: u8,
        jurisdiction: u16,
        accredited: bool,
        expiry: u64,
        agent: &words::Address,
    ) {
        let before = records::load(account);
        match before.set_by(agent, level, jurisdiction, accredited, expiry, host::now()) {
            Some(record) if *account != [0; 20] => records::set(account, &record),
            _ => invalid_record(level, expiry),
        }
    }

    /// Who signed, where the signature has the one form that is taken.
    fn signer_of(attestation: &Attestation, v: u8, r: &Word, s: &Word) -> words::Address {
        if !is_canonical(v, r, s) {
            // The form is checked again without `s`, to say what is wrong with it.
            if is_canonical(v, r, &[1; 32]) && *s != [0; 32] {
                refuse(const { selector_bytes("ECDSAInvalidSignatureS(bytes32)") }, &[*s]);
            }
            refuse(const { selector_bytes("ECDSAInvalidSignature()") }, &[]);
        }
        let digest = attestation.digest(&separator(), host::keccak256);
        host::ecrecover(&digest, v, r, s)
            .unwrap_or_else(|| refuse(const { selector_bytes("ECDSAInvalidSignature()") }, &[]))
    }

    #[cold]
    fn refuse_attestation(error: AttestationError, attestation: &Attestation, issuer: &words::Address, now: u64) -> ! {
        match error {
            AttestationError::TooLate => refuse(
                const { selector_bytes("AttestationTooLate(uint64,uint64)") },
                &[number_word(attestation.valid_until.into()), number_word(now.into())],
            ),
            AttestationError::WrongNonce(nonce) => refuse(
                const { selector_bytes("InvalidAccountNonce(address,uint256)") },
                &[address_word(&attestation.account), number_word(nonce.into())],
            ),
            AttestationError::UntrustedIssuer => refusal::untrusted_issuer(issuer),
            AttestationError::TopicNotTrusted(topic) => refuse(
                const { selector_bytes("TopicNotTrusted(address,uint256)") },
                &[address_word(issuer), number_word(topic.into())],
            ),
            AttestationError::InvalidRecord => invalid_record(attestation.level, attestation.expiry),
        }
    }

    #[inline(never)]
    fn separator() -> Word {
        domain_separator(host::chain_id(), &host::own_address(), host::keccak256)
    }

    fn only_compliance() {
        let caller = host::caller();
        if access::default_admin() != caller {
            allowed(access::check(&COMPLIANCE_ROLE, &caller));
        }
    }

    fn topics_of(numbers: &[U256]) -> Topics {
        let mut topics = Topics::default();
        for number in numbers {
            let Some(more) = narrow(*number).and_then(|topic| topics.with(topic)) else { invalid_topic(*number) };
            topics = more;
        }
        if topics == Topics::default() {
            invalid_topic(U256::zero());
        }
        topics
    }

    #[cold]
    fn invalid_topic(topic: U256) -> ! {
        refuse(const { selector_bytes("InvalidTopic(uint256)") }, &[topic.to_big_endian()])
    }

    #[inline(never)]
    fn answer_number(number: u64) -> ! {
        host::answer(&number_word(number.into()))
    }
}
