//! Who may hold and move shares: one packed record per account, and the reason codes of ERC-1404.
//!
//! [`Policy`] is what a pool asks of its holders; what of it the registry decides is [`restriction_for`], what the pool
//! decides from its own books is [`pool_restriction`].
//!
//! One rule screens, wherever shares, votes or money move: [`restriction_for`] with the pool's [`Requirements`]. A pool
//! admits accounts with a record, or is open to all but the blocked ([`Requirements::blocked_only`]); only one that was
//! made without a registry asks nobody. What is held back stays owed, and is paid once the account passes again.

pub mod keys;
mod locks;
mod policy;
mod restriction;

pub use locks::{ENDS, Locks};
pub use policy::{HolderView, Jurisdictions, Limits, Lock, Movement, Policy, Requirements, pool_restriction};
pub use restriction::Restriction;

/// What the registry knows of an account. No personal data: documents and names stay with the agents and issuers.
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
    /// Frozen by an agent: neither sends nor receives. Outlives the rest of the record.
    pub frozen: bool,
    /// Who vouches for the record: the agent that set it, or the trusted issuer that signed the attestation.
    pub issuer: [u8; 20],
    /// On a sanctions list: neither sends nor receives. Outlives the rest of the record.
    pub sanctioned: bool,
    /// The issuer's seat, 1–32; zero where an agent set the record.
    pub seat: u8,
    /// The seat's term in which the attestation was accepted: the record counts while that term lasts.
    pub term: u32,
    /// The nonce the next attestation must carry. It only rises, and is kept when all else is removed.
    pub nonce: u64,
}

crate::packed!(Record {
    level: u8,
    jurisdiction: u16,
    accredited: bool,
    expiry: u64,
    frozen: bool,
    issuer: [u8; 20],
    sanctioned: bool,
    seat: u8,
    term: u32,
    nonce: u64,
});

impl Record {
    /// Whether such a record may be set at time `now` (Unix seconds).
    pub const fn is_valid_at(&self, now: u64) -> bool {
        self.level > 0 && self.jurisdiction > 0 && self.jurisdiction < 1_000 && self.expiry > now
    }

    /// Standing of one side of a transfer at time `now` (Unix seconds).
    pub fn standing(&self, terms: &Terms, now: u64) -> Standing {
        if self.sanctioned {
            Standing::Sanctioned
        } else if self.frozen {
            Standing::Frozen
        } else if self.level == 0 {
            Standing::NotVerified
        } else if self.seat != 0 && !terms.lasts(self.seat, self.term) {
            Standing::IssuerRemoved
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
    /// On a sanctions list.
    Sanctioned,
    /// The issuer that attested the record is no longer trusted.
    IssuerRemoved,
}

impl Standing {
    /// Whether somebody decided against the account, rather than nobody for it: an account without a record is not
    /// blocked.
    pub const fn is_blocked(self) -> bool {
        matches!(self, Self::Frozen | Self::Sanctioned)
    }
}

/// Most issuers that can be trusted at a time.
pub const SEATS: u8 = 32;

/// The terms of the seats of trusted issuers, read on every transfer. Each seat counts: odd while an issuer sits there,
/// even while it is empty. Removing an issuer ends its term, and with it everything attested in that term; no term
/// comes back, so an issuer trusted again starts with nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms(pub [u8; 4 * SEATS as usize]);

impl Terms {
    /// All seats empty.
    pub const NONE: Self = Self([0; 4 * SEATS as usize]);

    /// The current term of a seat (1–32); zero for any other.
    #[expect(clippy::arithmetic_side_effects, reason = "four bytes after four times a byte")]
    pub fn of(&self, seat: u8) -> u32 {
        let mut term = [0; 4];
        if let Some(stored) = Self::place(seat).and_then(|at| self.0.get(at..at + 4)) {
            term.copy_from_slice(stored);
        }
        u32::from_le_bytes(term)
    }

    /// Whether a record attested in `term` of `seat` still counts.
    pub fn lasts(&self, seat: u8, term: u32) -> bool {
        term % 2 == 1 && self.of(seat) == term
    }

    /// Whether an issuer sits there.
    pub fn is_taken(&self, seat: u8) -> bool {
        self.of(seat) % 2 == 1
    }

    /// An empty seat; `None` where all are taken or used up.
    pub fn empty_seat(&self) -> Option<u8> {
        (1..=SEATS).find(|seat| !self.is_taken(*seat) && self.of(*seat) < u32::MAX - 1)
    }

    /// An issuer takes an empty seat or leaves a taken one.
    #[expect(clippy::arithmetic_side_effects, reason = "four bytes after four times a byte")]
    pub fn turn(&mut self, seat: u8) {
        let next = self.of(seat).wrapping_add(1).to_le_bytes();
        if let Some(stored) = Self::place(seat).and_then(|at| self.0.get_mut(at..at + 4)) {
            stored.copy_from_slice(&next);
        }
    }

    fn place(seat: u8) -> Option<usize> {
        usize::from(seat).checked_sub(1).map(|seat| seat.saturating_mul(4))
    }
}

/// The first reason of the registry against a transfer at time `now` (Unix seconds), sender before recipient. A side
/// that is `None` does not exist (minting has no sender, burning no recipient).
///
/// Level and jurisdiction bind both sides. Accreditation is asked of the recipient alone: it decides who may buy, and
/// whoever lost it can still sell.
pub fn restriction_for(
    from: Option<&Record>,
    to: Option<&Record>,
    requirements: &Requirements<'_>,
    terms: &Terms,
    now: u64,
) -> Restriction {
    let side = |record: Option<&Record>, recipient: bool| {
        record.map_or(Restriction::None, |record| restriction_of(record, recipient, requirements, terms, now))
    };
    match side(from, false) {
        Restriction::None => side(to, true),
        reason => reason,
    }
}

fn restriction_of(
    record: &Record,
    recipient: bool,
    requirements: &Requirements<'_>,
    terms: &Terms,
    now: u64,
) -> Restriction {
    let code = match record.standing(terms, now) {
        standing if requirements.blocked_only && !standing.is_blocked() => return Restriction::None,
        Standing::NotVerified => Restriction::SenderNotVerified,
        Standing::Expired => Restriction::SenderExpired,
        Standing::Frozen => Restriction::SenderFrozen,
        Standing::Sanctioned => Restriction::SenderSanctioned,
        Standing::IssuerRemoved => Restriction::SenderIssuerRemoved,
        Standing::Eligible if record.level < requirements.min_level => Restriction::SenderLevelTooLow,
        Standing::Eligible if !requirements.allows(record.jurisdiction) => Restriction::SenderJurisdictionNotAllowed,
        Standing::Eligible if recipient && requirements.accredited_only && !record.accredited => {
            return Restriction::RecipientNotAccredited;
        }
        Standing::Eligible => return Restriction::None,
    };
    if recipient { code.of_recipient() } else { code }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: u64 = 1_000;

    fn record(level: u8, expiry: u64, frozen: bool) -> Record {
        Record { level, jurisdiction: 276, expiry, frozen, ..Record::default() }
    }

    fn open(from: Option<&Record>, to: Option<&Record>) -> u8 {
        restriction_for(from, to, &Requirements::OPEN, &Terms::NONE, NOW) as u8
    }

    /// Proves SAFE-7: a pool open to all asks no record, and keeps out who is frozen or on a sanctions list, whatever
    /// else is asked. Before, such a pool asked nobody.
    #[test]
    fn open_to_all_is_not_open_to_the_blocked() {
        let needs = Requirements {
            blocked_only: true,
            min_level: 9,
            accredited_only: true,
            allow_list: true,
            ..Requirements::OPEN
        };
        let code = |from: &Record, to: &Record| restriction_for(Some(from), Some(to), &needs, &Terms::NONE, NOW) as u8;
        let (nobody, frozen) = (Record::default(), record(1, NOW + 1, true));
        let sanctioned = Record { sanctioned: true, ..nobody };
        assert_eq!((code(&nobody, &nobody), code(&record(1, NOW, false), &nobody)), (0, 0));
        assert_eq!((code(&frozen, &nobody), code(&nobody, &frozen)), (5, 6));
        assert_eq!((code(&sanctioned, &nobody), code(&nobody, &sanctioned)), (7, 8));
        let flagged = Record { frozen: true, ..nobody };
        assert_eq!((code(&flagged, &sanctioned), code(&nobody, &flagged)), (5, 6));
    }

    /// Proves PAY-4's rule on both sides: over all standings, a transfer passes exactly where both sides are eligible,
    /// and the sender's reason comes first.
    #[test]
    fn every_combination_of_sides() {
        let sides = [
            (record(1, NOW + 1, false), 0),
            (record(0, NOW + 1, false), 1),
            (record(1, NOW, false), 3),
            (record(2, NOW + 1, true), 5),
            (Record { sanctioned: true, ..record(2, NOW + 1, false) }, 7),
            (Record { seat: 1, term: 1, ..record(2, NOW + 1, false) }, 9),
        ];
        for (from, from_code) in &sides {
            for (to, to_code) in &sides {
                let expected = match (*from_code, *to_code) {
                    (0, 0) => 0,
                    (0, code) => code + 1,
                    (code, _) => code,
                };
                assert_eq!(open(Some(from), Some(to)), expected);
            }
            assert_eq!(open(Some(from), None), *from_code);
            assert_eq!(open(None, Some(from)), if *from_code == 0 { 0 } else { from_code + 1 });
        }
        assert_eq!(open(None, None), 0);
    }

    /// Proves REP-3's flags: a sanction outweighs a freeze, a freeze a missing record, a removed issuer an expiry.
    #[test]
    fn the_gravest_reason_is_named() {
        let everything =
            Record { sanctioned: true, frozen: true, seat: 1, term: 1, expiry: NOW, level: 0, ..Record::default() };
        let steps = [
            (everything, Standing::Sanctioned),
            (Record { sanctioned: false, ..everything }, Standing::Frozen),
            (Record { sanctioned: false, frozen: false, ..everything }, Standing::NotVerified),
            (Record { sanctioned: false, frozen: false, level: 1, ..everything }, Standing::IssuerRemoved),
            (Record { sanctioned: false, frozen: false, level: 1, seat: 0, ..everything }, Standing::Expired),
        ];
        for (record, standing) in steps {
            assert_eq!(record.standing(&Terms::NONE, NOW), standing);
        }
    }

    #[test]
    fn invalid_records_are_refused() {
        assert!(record(1, 11, false).is_valid_at(10));
        assert!(!record(1, 10, false).is_valid_at(10));
        assert!(!record(0, 11, false).is_valid_at(10));
        assert!(Record { jurisdiction: 999, ..record(1, 11, false) }.is_valid_at(10));
        assert!(!Record { jurisdiction: 1_000, ..record(1, 11, false) }.is_valid_at(10));
        assert!(!Record { jurisdiction: 0, ..record(1, 11, false) }.is_valid_at(10));
    }

    /// Proves PAY-4's policy: level and jurisdiction bind both sides, accreditation the recipient.
    #[test]
    fn requirements_bind_the_sides_they_should() {
        let good = Record { level: 3, accredited: true, ..record(3, NOW + 1, false) };
        let low = Record { level: 2, ..good };
        let retail = Record { accredited: false, ..good };
        let abroad = Record { jurisdiction: 840, ..good };
        let germany = Jurisdictions::of([276]);
        let requirements = Requirements {
            blocked_only: false,
            min_level: 3,
            accredited_only: true,
            allow_list: true,
            jurisdictions: &germany,
        };
        let code = |from, to| restriction_for(Some(from), Some(to), &requirements, &Terms::NONE, NOW);
        assert_eq!(code(&good, &good), Restriction::None);
        assert_eq!(code(&low, &good), Restriction::SenderLevelTooLow);
        assert_eq!(code(&good, &low), Restriction::RecipientLevelTooLow);
        assert_eq!(code(&abroad, &good), Restriction::SenderJurisdictionNotAllowed);
        assert_eq!(code(&good, &abroad), Restriction::RecipientJurisdictionNotAllowed);
        assert_eq!(code(&retail, &good), Restriction::None);
        assert_eq!(code(&good, &retail), Restriction::RecipientNotAccredited);
        let block = Requirements { allow_list: false, ..requirements };
        assert_eq!(
            restriction_for(None, Some(&good), &block, &Terms::NONE, NOW),
            Restriction::RecipientJurisdictionNotAllowed
        );
        assert_eq!(restriction_for(None, Some(&abroad), &block, &Terms::NONE, NOW), Restriction::None);
    }

    #[test]
    fn seats_outside_the_table_are_never_taken() {
        let mut terms = Terms::NONE;
        for seat in [0, SEATS + 1, u8::MAX] {
            terms.turn(seat);
            assert_eq!((terms.of(seat), terms.is_taken(seat), terms.lasts(seat, 0)), (0, false, false));
        }
        assert_eq!(terms, Terms::NONE);
        for expected in 1..=SEATS {
            assert_eq!(terms.empty_seat(), Some(expected));
            terms.turn(expected);
        }
        assert_eq!(terms.empty_seat(), None);
        terms.turn(7);
        assert_eq!(terms.empty_seat(), Some(7));
    }

    /// A seat whose counter is used up is never given again: no term comes back by overflow.
    #[test]
    fn a_used_up_seat_stays_empty() {
        let mut terms = Terms::NONE;
        terms.0[..4].copy_from_slice(&(u32::MAX - 3).to_le_bytes());
        assert_eq!(terms.empty_seat(), Some(1));
        terms.turn(1);
        assert!(terms.is_taken(1));
        terms.turn(1);
        assert_eq!(terms.of(1), u32::MAX - 1);
        assert_eq!(terms.empty_seat(), Some(2));
    }

    proptest! {
        /// Whatever issuers come and go, a term counts from its beginning to its end and never again, and no seat
        /// touches another's.
        #[test]
        fn no_term_comes_back(turns in proptest::collection::vec(1..=SEATS, 0..200)) {
            let mut terms = Terms::NONE;
            let mut ended: alloc::vec::Vec<(u8, u32)> = alloc::vec::Vec::new();
            let mut counts = [0u32; SEATS as usize + 1];
            for seat in turns {
                if terms.is_taken(seat) {
                    ended.push((seat, terms.of(seat)));
                }
                terms.turn(seat);
                counts[usize::from(seat)] += 1;
                prop_assert!(!terms.is_taken(seat) || terms.lasts(seat, terms.of(seat)));
                for (seat, term) in &ended {
                    prop_assert!(!terms.lasts(*seat, *term));
                }
                for seat in 1..=SEATS {
                    prop_assert_eq!(terms.of(seat), counts[usize::from(seat)]);
                }
            }
        }
    }
}
