//! Who may hold and move shares: one packed record per account, and the reason codes of ERC-1404.

/// What the registry knows of an account. No personal data: documents and names stay with the agents.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Record {
    /// KYC level; zero means revoked or never set.
    pub level: u8,
    /// ISO 3166-1 numeric country code, 1–999.
    pub jurisdiction: u16,
    /// Accredited investor.
    pub accredited: bool,
    /// Unix time in seconds from which on the record no longer counts.
    pub expiry: u64,
    /// Frozen by an agent: neither sends nor receives.
    pub frozen: bool,
    /// The agent that set the record.
    pub issuer: [u8; 20],
}

crate::packed!(Record { level: u8, jurisdiction: u16, accredited: bool, expiry: u64, frozen: bool, issuer: [u8; 20] });

impl Record {
    /// Whether an agent may set this record at time `now` (Unix seconds).
    pub const fn is_valid_at(&self, now: u64) -> bool {
        self.level > 0 && self.jurisdiction > 0 && self.jurisdiction < 1_000 && self.expiry > now
    }

    /// Standing of one side of a transfer at time `now` (Unix seconds).
    pub const fn standing(&self, now: u64) -> Standing {
        if self.frozen {
            Standing::Frozen
        } else if self.level == 0 {
            Standing::NotVerified
        } else if self.expiry <= now {
            Standing::Expired
        } else {
            Standing::Eligible
        }
    }
}

/// Standing of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// May hold, send, receive and claim.
    Eligible,
    /// No record, or revoked.
    NotVerified,
    /// The record ran out.
    Expired,
    /// Frozen by an agent.
    Frozen,
}

/// Why a transfer is refused: the `uint8` of `detectTransferRestriction` (ERC-1404).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Restriction {
    /// Not restricted.
    None = 0,
    /// The sender has no KYC record.
    SenderNotVerified = 1,
    /// The recipient has no KYC record.
    RecipientNotVerified = 2,
    /// The sender's record ran out.
    SenderExpired = 3,
    /// The recipient's record ran out.
    RecipientExpired = 4,
    /// The sender is frozen.
    SenderFrozen = 5,
    /// The recipient is frozen.
    RecipientFrozen = 6,
}

impl Restriction {
    /// All codes, in order.
    pub const ALL: [Self; 7] = [
        Self::None,
        Self::SenderNotVerified,
        Self::RecipientNotVerified,
        Self::SenderExpired,
        Self::RecipientExpired,
        Self::SenderFrozen,
        Self::RecipientFrozen,
    ];

    /// The restriction of a code; `None` for an unknown one.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }

    /// The sentence of `messageForTransferRestriction`: what is wrong and what to do.
    pub const fn message(self) -> &'static str {
        match self {
            Self::None => "no restriction",
            Self::SenderNotVerified => "sender has no KYC record: ask an agent for a review",
            Self::RecipientNotVerified => "recipient has no KYC record: ask an agent for a review",
            Self::SenderExpired => "sender's KYC record has expired: renew it",
            Self::RecipientExpired => "recipient's KYC record has expired: renew it",
            Self::SenderFrozen => "sender is frozen: contact the compliance agent",
            Self::RecipientFrozen => "recipient is frozen: contact the compliance agent",
        }
    }
}

/// The first reason against a transfer at time `now` (Unix seconds), sender before recipient. A side that is `None` does not
/// exist (minting has no sender, burning no recipient).
pub const fn detect_transfer_restriction(from: Option<&Record>, to: Option<&Record>, now: u64) -> Restriction {
    if let Some(from) = from {
        match from.standing(now) {
            Standing::Eligible => {}
            Standing::NotVerified => return Restriction::SenderNotVerified,
            Standing::Expired => return Restriction::SenderExpired,
            Standing::Frozen => return Restriction::SenderFrozen,
        }
    }
    if let Some(to) = to {
        match to.standing(now) {
            Standing::Eligible => {}
            Standing::NotVerified => return Restriction::RecipientNotVerified,
            Standing::Expired => return Restriction::RecipientExpired,
            Standing::Frozen => return Restriction::RecipientFrozen,
        }
    }
    Restriction::None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(level: u8, expiry: u64, frozen: bool) -> Record {
        Record { level, jurisdiction: 276, expiry, frozen, ..Record::default() }
    }

    /// Proves PAY-4's rule on both sides: over all standings, a transfer passes exactly where both sides are eligible.
    #[test]
    fn every_combination_of_sides() {
        let now = 1_000;
        let sides = [
            (record(1, now + 1, false), 0),
            (record(0, now + 1, false), 1),
            (record(1, now, false), 3),
            (record(2, now + 1, true), 5),
        ];
        for (from, from_code) in &sides {
            for (to, to_code) in &sides {
                let expected = match (*from_code, *to_code) {
                    (0, 0) => 0,
                    (0, code) => code + 1,
                    (code, _) => code,
                };
                assert_eq!(detect_transfer_restriction(Some(from), Some(to), now) as u8, expected);
            }
            let one_sided = detect_transfer_restriction(Some(from), None, now) as u8;
            assert_eq!(one_sided, *from_code);
        }
        assert_eq!(detect_transfer_restriction(None, None, now), Restriction::None);
    }

    #[test]
    fn codes_round_trip_and_invalid_records_are_refused() {
        for (code, restriction) in Restriction::ALL.into_iter().enumerate() {
            assert_eq!(restriction as usize, code);
            assert_eq!(Restriction::from_code(code as u8), Some(restriction));
        }
        assert_eq!(Restriction::from_code(7), None);
        assert!(record(1, 11, false).is_valid_at(10));
        assert!(!record(1, 10, false).is_valid_at(10));
        assert!(!record(0, 11, false).is_valid_at(10));
        assert!(!Record { jurisdiction: 1_000, ..record(1, 11, false) }.is_valid_at(10));
        assert!(!Record { jurisdiction: 0, ..record(1, 11, false) }.is_valid_at(10));
    }
}
