//! What happened, with the state after it. Amounts are in the licence's currency, times in Unix seconds.

#[cfg(not(target_arch = "riscv64"))]
use ink::U256;
use ink::{Address, codegen::sol::keccak_256, sol::FixedBytes};
use yieldset_shell::{host, words::Word};

use crate::word::{ToWord, signature};

type Bytes32 = FixedBytes<32>;

/// An event.
pub trait Emit {
    /// Tells it.
    fn emit(self);
}

/// Tells an event.
pub fn emit(event: impl Emit) {
    event.emit();
}

/// A field on chain: an amount is a word only in the event, which is less code.
#[cfg(target_arch = "riscv64")]
macro_rules! field {
    (U256) => {
        u128
    };
    ($kind:ident) => {
        $kind
    };
}

/// Declares events whose first field is the licence for the ABI, and emits them by hand on chain: what ink! generates
/// for each of them takes the compiler minutes for so many, and is several times the code. Indexed fields are in
/// brackets.
macro_rules! events {
    ($($(#[$doc:meta])* $name:ident {
        $([$(#[$topic_doc:meta])+ $topic:ident: $topic_kind:ident],)*
        $($(#[$field_doc:meta])+ $field:ident: $kind:ident,)*
    })+) => {$(
        $(#[$doc])*
        #[cfg(not(target_arch = "riscv64"))]
        #[ink::event]
        pub struct $name {
            /// The licence.
            #[ink(topic)]
            pub licence: Bytes32,
            $($(#[$topic_doc])+ #[ink(topic)] pub $topic: $topic_kind,)*
            $($(#[$field_doc])+ pub $field: $kind,)*
        }

        $(#[$doc])*
        #[cfg(target_arch = "riscv64")]
        pub struct $name {
            /// The licence.
            pub licence: Bytes32,
            $($(#[$topic_doc])+ pub $topic: $topic_kind,)*
            $($(#[$field_doc])+ pub $field: field!($kind),)*
        }

        impl Emit for $name {
            fn emit(self) {
                const TOPIC: Word = keccak_256(signature!($name(Bytes32 $(, $topic_kind)* $(, $kind)*)).as_bytes());
                host::emit(
                    &[TOPIC, self.licence.to_word() $(, self.$topic.to_word())*],
                    &[$(self.$field.to_word()),*],
                );
            }
        }
    )+};
}

events! {
    /// A platform offered a menu.
    LicenceOffered {
        [
            /// To which pool.
            pool: Address
        ],
        [
            /// By whom.
            platform: Address
        ],
        /// The pool's currency; zero is the native one.
        currency: Address,
        /// How many options.
        options: u8,
        /// How many datasets.
        datasets: u8,
        /// The highest upfront, which came with the offer.
        upfront: U256,
        /// End of the offer.
        expires_at: u64,
    }
    /// An option of the menu.
    OptionOffered {
        /// Which one.
        option: u8,
        /// Hash of its terms document.
        document: Bytes32,
    }
    /// A licensor published a menu of its own.
    MenuPublished {
        [
            /// For which pool's data.
            pool: Address
        ],
        [
            /// By whom.
            licensor: Address
        ],
        /// The pool's currency; zero is the native one.
        currency: Address,
        /// How many options.
        options: u8,
        /// End of the menu.
        expires_at: u64,
    }
    /// A menu was taken back.
    MenuWithdrawn {}
    /// A platform took an option of a menu.
    OptionTaken {
        [
            /// Of which.
            menu: Bytes32
        ],
        /// Which one.
        option: u8,
    }
    /// The platform took its offer back.
    OfferWithdrawn {}
    /// The pool declined.
    OfferDeclined {
        /// Who did for the pool.
        licensor: Address,
    }
    /// The pool accepted one option; it is binding.
    LicenceAccepted {
        /// Who did for the pool.
        licensor: Address,
        /// Which one.
        option: u8,
        /// Hash of its terms document.
        document: Bytes32,
        /// Paid to the pool.
        upfront: U256,
        /// In this period.
        period: u32,
        /// End of the exclusivity window; zero for none.
        exclusive_until: u64,
        /// Until when the escrow must be funded.
        fund_by: u64,
    }
    /// The platform added to the escrow.
    EscrowFunded {
        /// How much.
        amount: U256,
        /// In escrow now.
        escrow: U256,
    }
    /// The licence is in force.
    LicenceActivated {
        /// Its end.
        ends_at: u64,
        /// Until when models may be trained on the data.
        training_until: u64,
    }
    /// The escrow was not funded in time.
    LicenceLapsed {}
    /// A platform reported a quarter.
    RevenueReported {
        [
            /// Which one.
            quarter: u32
        ],
        /// Gross model revenue.
        gross: U256,
        /// Infrastructure costs.
        infrastructure: U256,
        /// Taxes.
        taxes: U256,
        /// What the residual is a share of: net or gross, as the terms have it.
        net: U256,
        /// Hash of the evidence.
        evidence: Bytes32,
        /// It came too late.
        late: bool,
    }
    /// A quarter's usage was taken over from the stream's final report, or corrected by an audit.
    UsageReported {
        [
            /// Which one.
            quarter: u32
        ],
        /// Attributed tokens above the threshold.
        tokens: U256,
        /// Calls above the threshold.
        calls: u64,
        /// Hash of the attribution report, or of the auditor's.
        report: Bytes32,
    }
    /// A quarter's due is known, or changed.
    DueAssessed {
        [
            /// Which quarter.
            quarter: u32
        ],
        /// The royalty.
        due: U256,
        /// The first deadline of what is unpaid; the record has both.
        pay_by: u64,
        /// Of the royalty, what is paid, also by what the pool had before.
        paid: U256,
    }
    /// A quarter was paid, all or part.
    RoyaltyPaid {
        [
            /// Which quarter.
            quarter: u32
        ],
        /// Of the royalty.
        principal: U256,
        /// Of the interest.
        interest: U256,
        /// What is left.
        outstanding: U256,
    }
    /// A quarter was not paid in time, a year's escrow lacked money, or the escrow was not filled up again.
    DefaultRecorded {
        [
            /// The quarter, or the licence year; zero for the escrow.
            number: u32
        ],
        /// It is a licence year, or the escrow.
        year: bool,
        /// What is outstanding; zero where it is not known.
        outstanding: U256,
        /// Open defaults now.
        open_defaults: u32,
    }
    /// A default was cured.
    DefaultCured {
        [
            /// The quarter, or the licence year; zero for the escrow.
            number: u32
        ],
        /// It is a licence year, or the escrow.
        year: bool,
        /// Open defaults now.
        open_defaults: u32,
    }
    /// A licence year was trued up.
    YearTruedUp {
        [
            /// Which one, from 1.
            year: u32
        ],
        /// What was guaranteed for it.
        guaranteed: U256,
        /// What its quarters earned.
        earned: U256,
        /// Of the shortfall, what the escrow paid.
        from_escrow: U256,
        /// Of the shortfall, what the escrow lacked.
        owed: U256,
        /// In escrow now.
        escrow: U256,
        /// What it must be filled up to; zero where it need not be.
        refill_to: U256,
        /// Until when.
        refill_by: u64,
    }
    /// Somebody paid what the escrow lacked.
    ShortfallPaid {
        [
            /// Which licence year.
            year: u32
        ],
        /// How much.
        amount: U256,
        /// What is left.
        owed: U256,
    }
    /// A milestone of Schedule B was certified.
    MilestoneCertified {
        /// Which one, from 0.
        index: u8,
        /// By whom.
        certifier: Address,
        /// Released.
        amount: U256,
        /// To the pool; otherwise to the platform.
        to_pool: bool,
        /// In escrow now.
        escrow: U256,
        /// Hash of the evidence.
        evidence: Bytes32,
    }
    /// The pool took money that is its own.
    Delivered {
        [
            /// For this period.
            period: u32
        ],
        /// How much.
        amount: U256,
        /// What is still held for the period.
        held: U256,
    }
    /// The platform took money that is its own.
    Refunded {
        /// Where it went.
        to: Address,
        /// How much.
        amount: U256,
    }
    /// The rest of a silent platform's escrow went to the pool.
    EscrowForfeited {
        /// How much.
        amount: U256,
    }
    /// An auditor approved a contributor, or took it back.
    ContributorApproved {
        [
            /// Whom.
            contributor: Address
        ],
        /// Whether approved now.
        approved: bool,
    }
    /// A contributor asked for an audit.
    AuditRequested {
        [
            /// Its number.
            number: u32
        ],
        [
            /// Who asked.
            contributor: Address
        ],
        /// For which quarter.
        quarter: u32,
        /// Hash of what was asked for.
        scope: Bytes32,
        /// Until when the platform must answer.
        answer_by: u64,
    }
    /// A contributor joined an open audit.
    AuditJoined {
        [
            /// The audit.
            number: u32
        ],
        [
            /// Who joined.
            contributor: Address
        ],
        /// For which quarter.
        quarter: u32,
        /// Hash of what was asked for.
        scope: Bytes32,
    }
    /// The platform answered.
    AuditAnswered {
        [
            /// The audit.
            number: u32
        ],
        /// Root of the usage logs.
        logs: Bytes32,
        /// Digest of the manifests.
        manifests: Bytes32,
        /// Digest of the training-run ids.
        runs: Bytes32,
        /// It came too late.
        late: bool,
    }
    /// An auditor reported.
    AuditReported {
        [
            /// The audit.
            number: u32
        ],
        [
            /// Who audited.
            auditor: Address
        ],
        /// Discrepancy in basis points.
        discrepancy_bps: u16,
        /// Attributed tokens above the threshold that the auditor counted.
        tokens: U256,
        /// Calls above the threshold that the auditor counted.
        calls: u64,
        /// What the platform owes the auditor.
        fee: U256,
        /// What the platform owes the contributor.
        expenses: U256,
        /// Hash of the report.
        report: Bytes32,
    }
    /// The arbiter dismissed a violation (1) or an audit's correction (2).
    Dismissed {
        [
            /// Which of the two.
            kind: u8
        ],
        /// Hash of the violation's evidence, or the audit's number.
        which: Bytes32,
        /// Violations now.
        violations: u32,
    }
    /// The auditor, or the contributor's expenses, were paid.
    AuditPaid {
        [
            /// The audit.
            number: u32
        ],
        [
            /// Whom it is credited to.
            to: Address
        ],
        /// How much.
        amount: U256,
        /// The expenses; otherwise the fee.
        expenses: bool,
    }
    /// What was paid for an audit was withdrawn.
    AuditWithdrawn {
        [
            /// The audit.
            number: u32
        ],
        [
            /// Whom it was credited to.
            creditor: Address
        ],
        /// Where it went.
        to: Address,
        /// How much.
        amount: U256,
        /// The expenses; otherwise the fee.
        expenses: bool,
    }
    /// The platform granted a sublicence.
    SublicenceRecorded {
        [
            /// Its number.
            number: u32
        ],
        [
            /// To whom.
            licensee: Address
        ],
        /// For which uses.
        uses: u32,
        /// Hash of its document.
        document: Bytes32,
    }
    /// An oracle alleges a violation.
    ViolationRecorded {
        [
            /// Its kind.
            kind: u8
        ],
        /// The uses it was.
        uses: u32,
        /// When it happened.
        at: u64,
        /// Hash of the evidence.
        evidence: Bytes32,
        /// Violations now.
        violations: u32,
    }
    /// Something was not done in time.
    BreachRecorded {
        [
            /// Its kind.
            kind: u8
        ],
        /// Of what: a quarter, an audit or a redaction.
        number: u32,
        /// Breaches now.
        breaches: u32,
    }
    /// Personal data must be redacted.
    RedactionRequested {
        [
            /// Its number.
            number: u32
        ],
        [
            /// In which dataset.
            dataset: Bytes32
        ],
        /// Who asked.
        requester: Address,
        /// Hash of the request.
        request: Bytes32,
        /// The version without the data.
        manifest: Bytes32,
        /// Until when.
        due: u64,
    }
    /// Somebody else asked for a redaction that is asked for already.
    RedactionJoined {
        [
            /// Its number.
            number: u32
        ],
        [
            /// Who asked.
            requester: Address
        ],
        /// Hash of the request.
        request: Bytes32,
    }
    /// The platform redacted.
    RedactionCertified {
        [
            /// Its number.
            number: u32
        ],
        /// Hash of the certificate.
        certificate: Bytes32,
        /// The version without the data.
        manifest: Bytes32,
        /// It came too late.
        late: bool,
    }
    /// The licence was terminated.
    LicenceTerminated {
        [
            /// Why.
            reason: u8
        ],
        /// By whom.
        by: Address,
        /// In force until then.
        ends_at: u64,
        /// Until when the data must be deleted.
        deletion_due: u64,
        /// Hash of the evidence or notice.
        evidence: Bytes32,
    }
    /// The platform put a checkpoint of its usage log on chain.
    CheckpointAnchored {
        [
            /// Of which epoch's log.
            epoch: u32
        ],
        /// Number of leaves.
        size: u64,
        /// RFC 6962 root.
        root: Bytes32,
        /// Number of this block.
        block: u32,
        /// Its time.
        at: u64,
    }
    /// The platform named its successor; zero for nobody.
    PlatformProposed {
        /// Whom.
        next: Address,
    }
    /// The successor took the platform's place.
    PlatformChanged {
        /// The platform now.
        platform: Address,
    }
    /// Money moved; what each part is now.
    FundsChanged {
        /// Bound.
        escrow: U256,
        /// The platform's.
        refundable: U256,
        /// The pool's, which it has not taken.
        held: U256,
    }
    /// The datasets' registry was told of the end.
    LicenceClosed {}
    /// The platform deleted the data.
    DeletionCertified {
        /// Hash of the certificate.
        certificate: Bytes32,
        /// It came too late.
        late: bool,
    }
}
