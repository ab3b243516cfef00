//! The reasons against a transfer.

macro_rules! restrictions {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $message:literal;)+) => {
        /// Why a transfer is refused: the `uint8` of `detectTransferRestriction` (ERC-1404). A code never changes its
        /// meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[repr(u8)]
        pub enum Restriction {
            $($(#[$doc])* $name = $code,)+
        }

        impl Restriction {
            /// All of them, in the order of their codes.
            pub const ALL: [Self; [$($code),+].len()] = [$(Self::$name),+];

            /// The sentence of `messageForTransferRestriction`: what is wrong and what to do.
            pub const fn message(self) -> &'static str {
                match self {
                    $(Self::$name => $message,)+
                }
            }
        }
    };
}

restrictions! {
    /// Not restricted.
    None = 0, "no restriction";
    /// The sender has no KYC record.
    SenderNotVerified = 1, "sender has no KYC record: ask an agent for a review";
    /// The recipient has no KYC record.
    RecipientNotVerified = 2, "recipient has no KYC record: ask an agent for a review";
    /// The sender's record ran out.
    SenderExpired = 3, "sender's KYC record has expired: renew it";
    /// The recipient's record ran out.
    RecipientExpired = 4, "recipient's KYC record has expired: renew it";
    /// The sender is frozen.
    SenderFrozen = 5, "sender is frozen: contact the compliance agent";
    /// The recipient is frozen.
    RecipientFrozen = 6, "recipient is frozen: contact the compliance agent";
    /// The sender is on a sanctions list.
    SenderSanctioned = 7, "sender is on a sanctions list: contact the compliance agent";
    /// The recipient is on a sanctions list.
    RecipientSanctioned = 8, "recipient is on a sanctions list: contact the compliance agent";
    /// The sender's record was attested by an issuer that is no longer trusted.
    SenderIssuerRemoved = 9, "sender's KYC issuer is no longer trusted: get a new attestation";
    /// The recipient's record was attested by an issuer that is no longer trusted.
    RecipientIssuerRemoved = 10, "recipient's KYC issuer is no longer trusted: get a new attestation";
    /// The sender's level is below the pool's minimum.
    SenderLevelTooLow = 11, "sender's KYC level is too low for this pool: ask for a higher level";
    /// The recipient's level is below the pool's minimum.
    RecipientLevelTooLow = 12, "recipient's KYC level is too low for this pool: ask for a higher level";
    /// The pool does not admit the sender's country.
    SenderJurisdictionNotAllowed = 13, "sender's country is not admitted to this pool";
    /// The pool does not admit the recipient's country.
    RecipientJurisdictionNotAllowed = 14, "recipient's country is not admitted to this pool";
    /// The pool is for accredited investors only.
    RecipientNotAccredited = 15, "recipient is not an accredited investor: this pool admits no others";
    /// Fewer shares than asked for.
    InsufficientBalance = 16, "sender has fewer shares than that";
    /// What is left beside the frozen part is not enough.
    PartFrozen = 17, "part of the sender's shares is frozen: send less or contact the pool's agent";
    /// What is left beside the shares on sale is not enough.
    SharesReserved = 18, "part of the sender's shares is reserved for a sale: cancel the order or send less";
    /// What is left beside the locked-up part is not enough.
    LockedUp = 19, "part of the sender's shares is locked up: wait until the lock-up ends or send less";
    /// The pool has as many holders as it may have.
    TooManyHolders = 20, "the pool has as many holders as it may have: no new one can join";
    /// The recipient would hold more than one account may.
    HoldingTooLarge = 21, "recipient would hold more shares than one account may: send less";
    /// The pool is paused.
    Paused = 22, "the pool is paused: wait until it is resumed";
    /// The registry did not answer the pool.
    RegistryUnavailable = 23, "the KYC registry did not answer: try again, then contact the pool's admin";
}

impl Restriction {
    /// The restriction of a code; `None` for an unknown one.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }

    /// Whether a code says that the account is frozen or on a sanctions list. That alone blocks votes: a record that is
    /// missing or ran out, or a registry that does not answer, must not stop the vote that names another registry.
    pub const fn blocks_votes(code: u8) -> bool {
        code == Self::SenderFrozen as u8 || code == Self::SenderSanctioned as u8
    }

    /// What is said of a sender, said of the recipient; anything else stays.
    pub(super) const fn of_recipient(self) -> Self {
        match self {
            Self::SenderNotVerified => Self::RecipientNotVerified,
            Self::SenderExpired => Self::RecipientExpired,
            Self::SenderFrozen => Self::RecipientFrozen,
            Self::SenderSanctioned => Self::RecipientSanctioned,
            Self::SenderIssuerRemoved => Self::RecipientIssuerRemoved,
            Self::SenderLevelTooLow => Self::RecipientLevelTooLow,
            Self::SenderJurisdictionNotAllowed => Self::RecipientJurisdictionNotAllowed,
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{collections::BTreeSet, format, string::ToString};

    /// Wallets, the indexer and printed statements know codes by number: they are fixed.
    #[test]
    fn codes_and_messages_round_trip() {
        for (code, restriction) in Restriction::ALL.into_iter().enumerate() {
            assert_eq!(restriction as usize, code);
            assert_eq!(Restriction::from_code(code as u8), Some(restriction));
        }
        assert_eq!(Restriction::ALL.len(), 24);
        assert_eq!((Restriction::from_code(24), Restriction::from_code(255)), (None, None));
        let messages: BTreeSet<_> = Restriction::ALL.iter().map(|restriction| restriction.message()).collect();
        assert_eq!(messages.len(), Restriction::ALL.len());
        let first = ["None", "SenderNotVerified", "RecipientNotVerified", "SenderExpired", "RecipientExpired"];
        for (code, name) in first.iter().enumerate() {
            assert_eq!(format!("{:?}", Restriction::ALL[code]), name.to_string());
        }
    }

    /// Both sides' codes stand side by side, and their sentences differ in the side alone.
    #[test]
    fn a_recipients_code_says_the_same_of_the_other_side() {
        for restriction in Restriction::ALL {
            let (name, other) = (format!("{restriction:?}"), restriction.of_recipient());
            if let Some(reason) = name.strip_prefix("Sender") {
                assert_eq!(format!("{other:?}"), format!("Recipient{reason}"));
                assert_eq!(other as u8, restriction as u8 + 1);
                assert_eq!(other.message(), restriction.message().replace("sender", "recipient"));
            } else {
                assert_eq!(other, restriction);
            }
        }
    }
}
