//! KYC registry, the logic: one packed record per account, set by agents or by attestations that trusted issuers sign
//! off chain, and the answer to "may this transfer happen?".
//!
//! A registry is its front (`yieldset-kyc`), which answers the one question that every transfer asks and runs this code
//! on its own storage for all else. This contract's own storage has no admin and no records: nobody can write to it.
//!
//! A thin shell: the rules live in [`yieldset_rules::compliance`] and [`yieldset_rules::attestation`]. No personal data
//! is on chain.
//!
//! Code is proof on every call. So messages end with their answer instead of handing it up to ink!'s encoders, and the
//! root cell is not written back: the two that change it write it themselves.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

mod attestations;
mod events;
mod issuers;
mod records;
mod refusals;

/// The contract.
#[yieldset_roles::roles(Kyc)]
#[ink::contract]
mod kyc {
    use crate::{
        attestations, events, issuers, records,
        refusals::{self, AGENT_ROLE},
    };
    use ink::{
        U256,
        prelude::{string::String, vec::Vec},
        sol::FixedBytes,
    };
    use yieldset_rules::{
        attestation::Attestation,
        compliance::{Jurisdictions, Record, Requirements, Restriction, Terms, keys, restriction_for},
    };
    use yieldset_shell::{
        answer::{answer, answer_number, done, text},
        host,
        input::{Array, In},
        refusals::OrRefuse,
        roles,
        words::{self, address_word, is_zero, same, word},
    };

    type Bytes32 = FixedBytes<32>;

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
            // Written here, since only here ink! would do it.
            host::write(keys::TERMS, &Terms::NONE.0);
            done()
        }

        /// Sets or renews a record; a freeze and a sanction stay. Attestations signed before are void. `jurisdiction`
        /// is an ISO 3166-1 numeric country code; `expiry` is in Unix seconds.
        ///
        /// # Who
        /// AGENT_ROLE.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `InvalidRecord`.
        ///
        /// # Events
        /// `RecordSet`.
        #[ink(message, name = "setRecord")]
        pub fn set_record(
            &mut self,
            account: In<0, Address>,
            level: In<1, u8>,
            jurisdiction: In<2, u16>,
            accredited: In<3, bool>,
            expiry: In<4, u64>,
        ) {
            let agent = roles::only(&AGENT_ROLE);
            let (account, level, jurisdiction) = (account.get().0, level.get(), jurisdiction.get());
            records::set_directly(&account, level, jurisdiction, accredited.get(), expiry.get(), &agent);
            done()
        }

        /// Sets many records, all or none. Each word is account (20 bytes), level (1), jurisdiction (2), accredited (1,
        /// zero or one) and expiry (8), numbers big-endian.
        ///
        /// # Who
        /// AGENT_ROLE.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `InvalidRecord`.
        ///
        /// # Events
        /// `RecordSet` of each.
        #[ink(message, name = "setRecords")]
        pub fn set_records(&mut self, entries: Array<0, Bytes32>) {
            let agent = roles::only(&AGENT_ROLE);
            for FixedBytes(entry) in entries.iter() {
                let (mut account, mut expiry) = ([0; 20], [0; 8]);
                account.copy_from_slice(&entry[..20]);
                expiry.copy_from_slice(&entry[24..]);
                let (level, expiry) = (entry[20], u64::from_be_bytes(expiry));
                if entry[23] > 1 {
                    refusals::InvalidRecord { level, expiry }.refuse();
                }
                let jurisdiction = u16::from_be_bytes([entry[21], entry[22]]);
                records::set_directly(&account, level, jurisdiction, entry[23] == 1, expiry, &agent);
            }
            done()
        }

        /// Takes an attestation that a trusted issuer signed for an account's present nonce (EIP-712,
        /// `DOMAIN_SEPARATOR`), until `valid_until` (Unix seconds). A freeze and a sanction stay.
        ///
        /// # Who
        /// Anyone.
        ///
        /// # Errors
        /// `ECDSAInvalidSignature`, `ECDSAInvalidSignatureS`, `UntrustedIssuer`, `AttestationTooLate`,
        /// `InvalidAccountNonce`, `InvalidRecord`, `TopicNotTrusted`.
        ///
        /// # Events
        /// `RecordSet`.
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
        ) {
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
            done()
        }

        /// EIP-712: binds attestations to this chain and contract.
        #[ink(message, name = "DOMAIN_SEPARATOR")]
        pub fn domain_separator(&self) -> Bytes32 {
            answer(&[attestations::separator()])
        }

        /// What the next attestation for an account must carry.
        #[ink(message)]
        pub fn nonces(&self, account: In<0, Address>) -> U256 {
            answer_number(records::load(&account.get().0).nonce)
        }

        /// Removes a record: without one nothing can be sent, received or claimed. A freeze and a sanction stay, and no
        /// attestation signed before counts any more.
        ///
        /// # Who
        /// AGENT_ROLE; of an attested record also its issuer, while it is trusted.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `NoRecord`.
        ///
        /// # Events
        /// `RecordRevoked`.
        #[ink(message)]
        pub fn revoke(&mut self, account: In<0, Address>) {
            self.revoke_one(&account.get().0, &host::caller());
            done()
        }

        /// Removes many records as in `revoke`, all or none.
        ///
        /// # Who
        /// AGENT_ROLE; of attested records also their issuer, while it is trusted.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `NoRecord`.
        ///
        /// # Events
        /// `RecordRevoked` of each.
        #[ink(message, name = "revokeRecords")]
        pub fn revoke_records(&mut self, accounts: Array<0, Address>) {
            let caller = host::caller();
            for account in accounts.iter() {
                self.revoke_one(&account.0, &caller);
            }
            done()
        }

        /// Freezes or frees an account, whether or not it has a record.
        ///
        /// # Who
        /// AGENT_ROLE.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`.
        ///
        /// # Events
        /// `RecordSet`, `AddressFrozen`.
        #[ink(message, name = "setFrozen")]
        pub fn set_frozen(&mut self, account: In<0, Address>, frozen: In<1, bool>) {
            let agent = roles::only(&AGENT_ROLE);
            let (account, frozen) = (account.get().0, frozen.get());
            records::set(&account, &Record { frozen, ..records::load(&account) });
            records::tell_frozen(&account, frozen, &agent);
            done()
        }

        /// Flags an account as being on a sanctions list, or as being on none; whether or not it has a record.
        ///
        /// # Who
        /// AGENT_ROLE.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`.
        ///
        /// # Events
        /// `RecordSet`, `AddressSanctioned`.
        #[ink(message, name = "setSanctioned")]
        pub fn set_sanctioned(&mut self, account: In<0, Address>, sanctioned: In<1, bool>) {
            let agent = roles::only(&AGENT_ROLE);
            let (account, sanctioned) = (account.get().0, sanctioned.get());
            records::set(&account, &Record { sanctioned, ..records::load(&account) });
            events::AddressSanctioned { account, sanctioned, agent }.emit();
            done()
        }

        /// Moves a lost account's record to its replacement, which must have none. A freeze and a sanction go along;
        /// the lost account is frozen, and no attestation signed before counts for either. `reason` is a document's
        /// digest.
        ///
        /// # Who
        /// AGENT_ROLE.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `InvalidReplacement`, `NoRecord`, `RecordExists`.
        ///
        /// # Events
        /// `RecordSet` of both, `AddressFrozen`, `AccountRecovered`.
        #[ink(message)]
        pub fn recover(&mut self, lost: In<0, Address>, replacement: In<1, Address>, reason: In<2, Bytes32>) {
            let agent = roles::only(&AGENT_ROLE);
            records::recover(&lost.get().0, &replacement.get().0, &agent, reason.get().0);
            done()
        }

        /// Who stands in the place of an account that was recovered, the last time it was; zero for nobody.
        #[ink(message, name = "successorOf")]
        pub fn successor_of(&self, account: In<0, Address>) -> Address {
            answer(&[address_word(&records::successor(&account.get().0))])
        }

        /// ERC-3643: trusts an issuer's signatures on these topics: 1 KYC, 2 accredited. An address is trusted once:
        /// after its removal it cannot come back.
        ///
        /// # Who
        /// COMPLIANCE_ROLE or the default admin.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `InvalidIssuer`, `IssuerWasRemoved`, `IssuerExists`, `InvalidTopic`,
        /// `TooManyIssuers` (32).
        ///
        /// # Events
        /// `TrustedIssuerAdded`.
        #[ink(message, name = "addTrustedIssuer")]
        pub fn add_trusted_issuer(&mut self, issuer: In<0, Address>, claim_topics: Array<1, U256>) {
            issuers::add(&issuer.get().0, claim_topics.iter(), &mut self.terms());
            done()
        }

        /// ERC-3643: from now on neither what the issuer signs nor any record that it attested counts. Its records can
        /// be revoked in batches, set by agents, or attested by others.
        ///
        /// # Who
        /// COMPLIANCE_ROLE or the default admin.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `UntrustedIssuer`.
        ///
        /// # Events
        /// `TrustedIssuerRemoved`.
        #[ink(message, name = "removeTrustedIssuer")]
        pub fn remove_trusted_issuer(&mut self, issuer: In<0, Address>) {
            issuers::remove(&issuer.get().0, &mut self.terms());
            done()
        }

        /// ERC-3643: whether an issuer's signatures count.
        #[ink(message, name = "isTrustedIssuer")]
        pub fn is_trusted_issuer(&self, issuer: In<0, Address>) -> bool {
            answer_number(issuers::trusted_seat_of(&issuer.get().0).is_some())
        }

        /// ERC-3643: all trusted issuers.
        #[ink(message, name = "getTrustedIssuers")]
        pub fn get_trusted_issuers(&self) -> Vec<Address> {
            issuers::answer_all(&self.terms())
        }

        /// ERC-3643: what an issuer may attest: 1 KYC, 2 accredited.
        ///
        /// # Errors
        /// `UntrustedIssuer`.
        #[ink(message, name = "getTrustedIssuerClaimTopics")]
        pub fn get_trusted_issuer_claim_topics(&self, issuer: In<0, Address>) -> Vec<U256> {
            let issuer = &issuer.get().0;
            let seat = issuers::trusted_seat_of(issuer).or_refuse(refusals::UntrustedIssuer { issuer });
            answer(issuers::topics(seat.topics).as_ref())
        }

        /// An account's record; `expiry` in Unix seconds. Of an account without one all but the freeze is zero.
        ///
        /// # Answers
        /// `level`, `jurisdiction`, `accredited`, `expiry`, `frozen`, `issuer`.
        #[ink(message, name = "recordOf")]
        pub fn record_of(&self, account: In<0, Address>) -> (u8, u16, bool, u64, bool, Address) {
            let r = records::load(&account.get().0);
            let figures: [u64; 5] =
                [r.level.into(), r.jurisdiction.into(), r.accredited.into(), r.expiry, r.frozen.into()];
            let [level, jurisdiction, accredited, expiry, frozen] = figures.map(word);
            answer(&[level, jurisdiction, accredited, expiry, frozen, address_word(&r.issuer)])
        }

        /// ERC-3643: whether an account may hold, send, receive and claim now.
        #[ink(message, name = "isVerified")]
        pub fn is_verified(&self, account: In<0, Address>) -> bool {
            let account = account.get();
            let code = self.restriction(&account.0, &[0; 20], &Requirements::OPEN);
            answer_number(code == Restriction::None && !is_zero(&account.0))
        }

        /// ERC-3643: whether an account is frozen.
        #[ink(message, name = "isFrozen")]
        pub fn is_frozen(&self, account: In<0, Address>) -> bool {
            answer_number(records::load(&account.get().0).frozen)
        }

        /// Whether an account is flagged as being on a sanctions list.
        #[ink(message, name = "isSanctioned")]
        pub fn is_sanctioned(&self, account: In<0, Address>) -> bool {
            answer_number(records::load(&account.get().0).sanctioned)
        }

        /// ERC-3643: an account's country, ISO 3166-1 numeric; zero where there is no record.
        #[ink(message, name = "investorCountry")]
        pub fn investor_country(&self, account: In<0, Address>) -> u16 {
            answer_number(records::load(&account.get().0).jurisdiction)
        }

        /// Code of the first reason against a transfer now under a pool's requirements, zero for none. Address zero
        /// stands for no sender (mint) or no recipient (burn, claim). Requirements: byte 31 is the least level, byte 30
        /// has bit 0 for accredited recipients only, bit 1 where the jurisdictions are those admitted (otherwise those
        /// not admitted), and bit 2 where freezes and sanctions alone count. The jurisdictions are a set of ISO 3166-1
        /// numeric codes: code `n` is bit `7 - n % 8` of byte `n / 8` of `j0‖j1‖j2‖j3`.
        ///
        /// # Answers
        /// `code`.
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
        ) -> u8 {
            let jurisdictions = Jurisdictions::from_words(&[j0.get().0, j1.get().0, j2.get().0, j3.get().0]);
            let asked = requirements.get();
            let requirements = Requirements::from_word(&asked.0, &jurisdictions)
                .or_refuse(refusals::UnknownRequirement { requirements: asked });
            answer_number(self.restriction(&from.get().0, &to.get().0, &requirements) as u8)
        }

        /// ERC-1404: code of the first reason against a transfer now where nothing but a valid record is required, zero
        /// for none. Address zero stands for no sender (mint) or no recipient (burn).
        #[ink(message, name = "detectTransferRestriction")]
        pub fn detect_transfer_restriction(&self, from: In<0, Address>, to: In<1, Address>, amount: In<2, U256>) -> u8 {
            // No rule of the registry depends on the amount; the parameter is ERC-1404's.
            let _ = amount;
            answer_number(self.restriction(&from.get().0, &to.get().0, &Requirements::OPEN) as u8)
        }

        /// ERC-1404: what a code means and what to do; also of the codes that a pool adds.
        #[ink(message, name = "messageForTransferRestriction")]
        pub fn message_for_transfer_restriction(&self, code: In<0, u8>) -> String {
            text(Restriction::from_code(code.get()).map_or("unknown code", Restriction::message).as_bytes())
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
            let side = |account: &words::Address| (!is_zero(account)).then(|| records::load(account));
            let sender = side(from);
            // Where both sides are one account, its slot is read once.
            let recipient = if same(from, to) { sender } else { side(to) };
            restriction_for(sender.as_ref(), recipient.as_ref(), requirements, &self.terms(), host::now())
        }

        #[inline(never)]
        fn revoke_one(&self, account: &words::Address, caller: &words::Address) {
            let record = records::load(account);
            let own = record.seat != 0 && record.issuer == *caller && self.terms().lasts(record.seat, record.term);
            if !own {
                roles::only(&AGENT_ROLE);
            }
            let left = record.revoked(host::now()).or_refuse(refusals::NoRecord { account });
            records::revoke(account, &left, caller);
        }
    }
}
