use super::*;
use crate::compliance::Standing;
use alloc::{format, string::String, vec::Vec};
use proptest::prelude::*;
use sha3::{Digest, Keccak256};

const NOW: u64 = 1_795_478_400;
const ISSUER: [u8; 20] = [0x15; 20];
const AGENT: [u8; 20] = [0xa6; 20];

fn keccak(bytes: &[u8]) -> Hash {
    Keccak256::digest(bytes).into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn attestation(nonce: u64) -> Attestation {
    Attestation {
        account: [0xac; 20],
        level: 2,
        jurisdiction: 276,
        accredited: true,
        expiry: NOW + 1_000,
        nonce,
        valid_until: NOW + 10,
    }
}

fn trusted() -> (Terms, Option<Seat>) {
    let mut terms = Terms::NONE;
    terms.turn(1);
    (terms, Some(Seat { number: 1, topics: Topics(0b11) }))
}

#[test]
fn hashed_constants_are_the_hashes_of_their_texts() {
    let domain_type = b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)";
    assert_eq!(DOMAIN_TYPE_HASH, keccak(domain_type));
    assert_eq!(NAME_HASH, keccak(DOMAIN_NAME.as_bytes()));
    assert_eq!(VERSION_HASH, keccak(DOMAIN_VERSION.as_bytes()));
    assert_eq!(ATTESTATION_TYPE_HASH, keccak(ATTESTATION_TYPE.as_bytes()));
    // n = 0xffffffff ffffffff ffffffff fffffffe baaedce6 af48a03b bfd25e8c d0364141 (SEC 2), halved.
    assert_eq!(hex(&HALF_ORDER), "7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0");
}

/// Every field, the chain and the registry change what is signed.
#[test]
fn the_digest_binds_everything() {
    let domain = domain_separator(420_420_420, &[7; 20], keccak);
    let signed = attestation(5);
    let digest = |attestation: Attestation| attestation.digest(&domain, keccak);
    let others = [
        digest(Attestation { account: [0xad; 20], ..signed }),
        digest(Attestation { level: 3, ..signed }),
        digest(Attestation { jurisdiction: 250, ..signed }),
        digest(Attestation { accredited: false, ..signed }),
        digest(Attestation { expiry: NOW + 1_001, ..signed }),
        digest(Attestation { nonce: 6, ..signed }),
        digest(Attestation { valid_until: NOW + 11, ..signed }),
        signed.digest(&domain_separator(420_420_421, &[7; 20], keccak), keccak),
        signed.digest(&domain_separator(420_420_420, &[8; 20], keccak), keccak),
    ];
    for (at, other) in others.iter().enumerate() {
        assert_ne!(*other, digest(signed));
        assert!(!others[..at].contains(other));
    }
}

#[test]
fn one_form_of_a_signature_is_taken() {
    let low = HALF_ORDER;
    let mut high = HALF_ORDER;
    high[31] += 1;
    let one = word(1);
    assert!(is_canonical(27, &one, &low) && is_canonical(28, &one, &one));
    assert!(!is_canonical(27, &one, &high));
    assert!(!is_canonical(27, &one, &[0xff; 32]));
    assert!(!is_canonical(27, &[0; 32], &one));
    assert!(!is_canonical(27, &one, &[0; 32]));
    for v in (0..=255).filter(|v| !matches!(v, 27 | 28)) {
        assert!(!is_canonical(v, &one, &one));
    }
}

#[test]
fn an_attestation_makes_a_record_once() {
    let (terms, seat) = trusted();
    let before = Record { nonce: 5, frozen: true, sanctioned: true, ..Record::default() };
    let after = attestation(5).accept(&before, &ISSUER, seat, &terms, NOW).unwrap();
    let expected = Record {
        level: 2,
        jurisdiction: 276,
        accredited: true,
        expiry: NOW + 1_000,
        frozen: true,
        issuer: ISSUER,
        sanctioned: true,
        seat: 1,
        term: 1,
        nonce: 6,
    };
    assert_eq!(after, expected);
    let again = attestation(5).accept(&after, &ISSUER, seat, &terms, NOW);
    assert_eq!(again, Err(AttestationError::WrongNonce(6)));
}

#[test]
fn each_reason_against_an_attestation() {
    let (terms, seat) = trusted();
    let blank = Record::default();
    let accept = |attestation: Attestation, seat, now| attestation.accept(&blank, &ISSUER, seat, &terms, now);
    let good = attestation(0);
    assert!(accept(good, seat, NOW + 10).is_ok());
    assert_eq!(accept(good, seat, NOW + 11), Err(AttestationError::TooLate));
    assert_eq!(accept(attestation(1), seat, NOW), Err(AttestationError::WrongNonce(0)));
    for bad in [
        Attestation { level: 0, ..good },
        Attestation { jurisdiction: 0, ..good },
        Attestation { jurisdiction: 1_000, ..good },
        Attestation { expiry: NOW, ..good },
    ] {
        assert_eq!(accept(bad, seat, NOW), Err(AttestationError::InvalidRecord));
    }
    let topics = |topics| Some(Seat { number: 1, topics: Topics(topics) });
    assert_eq!(accept(good, topics(0b01), NOW), Err(AttestationError::TopicNotTrusted(TOPIC_ACCREDITED)));
    assert_eq!(accept(good, topics(0b10), NOW), Err(AttestationError::TopicNotTrusted(TOPIC_KYC)));
    assert!(accept(Attestation { accredited: false, ..good }, topics(0b01), NOW).is_ok());
    for nobody in [None, Some(Seat::default()), Some(Seat { number: 2, topics: Topics(3) })] {
        assert_eq!(accept(good, nobody, NOW), Err(AttestationError::UntrustedIssuer));
    }
}

#[test]
fn topics_are_numbers_that_exist() {
    assert_eq!(Topics::default().with(1).and_then(|topics| topics.with(2)), Some(Topics(3)));
    assert_eq!(Topics(2).with(2), Some(Topics(2)));
    for unknown in [0, 3, 8, 257, u128::MAX] {
        assert_eq!(Topics::default().with(unknown), None);
    }
    assert!(Topics(1).contains(1) && !Topics(1).contains(2));
    for topic in [0, 9, 255] {
        assert!(!Topics(0xff).contains(topic));
    }
    assert_eq!((Seat::LEN, Seat { number: 7, topics: Topics(3) }.to_bytes()), (2, [7, 3]));
    assert_eq!(Seat::from_bytes(&[7, 3]), Seat { number: 7, topics: Topics(3) });
}

/// An agent's nonce lies beyond those that were signed ahead, whatever the clock says.
#[test]
fn interventions_jump_ahead() {
    assert_eq!(after_intervention(7, NOW), NOW << 16);
    assert_eq!(after_intervention(NOW << 16, NOW), (NOW + 1) << 16);
    assert_eq!(after_intervention((NOW << 16) - 1, NOW), ((NOW + 1) << 16) - 1);
    assert_eq!(after_intervention(7, 0), 65_543);
    assert_eq!(after_intervention(7, u64::MAX), u64::MAX);
}

/// An agent's record is the agent's in every field: nothing is left of the attestation before it but a freeze, a
/// sanction and the nonce, and of a revoked one nothing else.
#[test]
fn an_agents_word_replaces_an_attestation() {
    let (terms, seat) = trusted();
    let accepted = attestation(0).accept(&Record::default(), &ISSUER, seat, &terms, NOW).unwrap();
    let attested = Record { frozen: true, sanctioned: true, ..accepted };
    let set = attested.set_by(&AGENT, 3, 250, false, NOW + 7, NOW).unwrap();
    let expected = Record {
        level: 3,
        jurisdiction: 250,
        accredited: false,
        expiry: NOW + 7,
        issuer: AGENT,
        seat: 0,
        term: 0,
        nonce: after_intervention(attested.nonce, NOW),
        frozen: true,
        sanctioned: true,
    };
    assert_eq!(set, expected);
    assert!(attested.seat != 0 && attested.term != 0 && attested.issuer != AGENT && attested.accredited);
    let revoked = Record { frozen: true, sanctioned: true, nonce: expected.nonce, ..Record::default() };
    assert_eq!(attested.revoked(NOW), Some(revoked));
    let free = Record { frozen: false, sanctioned: false, ..attested };
    assert_eq!(free.revoked(NOW), Some(Record { nonce: expected.nonce, ..Record::default() }));
}

#[test]
fn recovery_moves_everything_and_blocks_the_lost_account() {
    let (terms, seat) = trusted();
    let lost = attestation(0).accept(&Record::default(), &ISSUER, seat, &terms, NOW).unwrap();
    let old = Record { nonce: 3, ..Record::default() };
    let (left, moved) = Record::recovered(&lost, &old, NOW).unwrap();
    assert_eq!(moved, Record { nonce: NOW << 16, ..lost });
    assert_eq!(left, Record { frozen: true, nonce: NOW << 16, ..Record::default() });
    for (lost_flags, own_flags) in [((true, false), (false, true)), ((false, true), (true, false))] {
        let lost = Record { frozen: lost_flags.0, sanctioned: lost_flags.1, ..lost };
        let own = Record { frozen: own_flags.0, sanctioned: own_flags.1, ..old };
        let (left, moved) = Record::recovered(&lost, &own, NOW).unwrap();
        assert_eq!((moved.frozen, moved.sanctioned), (true, true));
        assert_eq!((left.frozen, left.sanctioned), (true, lost.sanctioned));
    }
    assert_eq!(Record::recovered(&old, &Record::default(), NOW), Err(RecoveryError::NoRecord));
    assert_eq!(Record::recovered(&lost, &lost, NOW), Err(RecoveryError::RecordExists));
}

#[derive(Debug, Clone, Copy)]
enum Step {
    /// An issuer signs for the nonce of this moment plus some.
    Sign(u8, u64),
    /// Somebody submits one of what was signed.
    Submit(usize),
    Set,
    Revoke,
    /// The account is lost and replaced by a fresh one, which is what is followed from here on when true.
    Recover(bool),
    RemoveIssuer(u8),
    Flags(bool, bool),
    Wait(u64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0u8..2, 0u64..3).prop_map(|(issuer, ahead)| Step::Sign(issuer, ahead)),
        6 => any::<usize>().prop_map(Step::Submit),
        1 => Just(Step::Set),
        1 => Just(Step::Revoke),
        1 => any::<bool>().prop_map(Step::Recover),
        1 => (0u8..2).prop_map(Step::RemoveIssuer),
        1 => any::<(bool, bool)>().prop_map(|(frozen, sanctioned)| Step::Flags(frozen, sanctioned)),
        1 => (0u64..40).prop_map(Step::Wait),
    ];
    proptest::collection::vec(step, 0..60)
}

/// One account and two issuers, with what was signed and in which age of the account: agents' interventions part the
/// ages.
struct World {
    now: u64,
    record: Record,
    terms: Terms,
    seats: [Option<Seat>; 2],
    age: u32,
    signed: Vec<(usize, Attestation, u32, bool)>,
}

impl World {
    fn submit(&mut self, which: usize) {
        if self.signed.is_empty() {
            return;
        }
        let which = which % self.signed.len();
        let (issuer, attestation, age, used) = self.signed[which];
        let address = [issuer as u8 + 1; 20];
        if let Ok(after) = attestation.accept(&self.record, &address, self.seats[issuer], &self.terms, self.now) {
            assert!(!used, "an attestation was used twice");
            assert_eq!(age, self.age, "an attestation signed before an agent's decision overturned it");
            assert!(self.seats[issuer].is_some(), "an attestation of a removed issuer counted");
            assert_eq!((after.frozen, after.sanctioned), (self.record.frozen, self.record.sanctioned));
            assert!(after.nonce > self.record.nonce);
            self.signed[which].3 = true;
            self.record = after;
        }
    }

    fn step(&mut self, step: Step) {
        let before = self.record.nonce;
        match step {
            Step::Sign(issuer, ahead) => {
                let mut attestation = attestation(self.record.nonce + ahead);
                attestation.expiry = self.now + 1_000;
                attestation.valid_until = self.now + 30;
                self.signed.push((issuer.into(), attestation, self.age, false));
            }
            Step::Submit(which) => self.submit(which),
            Step::Set => {
                self.record = self.record.set_by(&AGENT, 1, 250, false, self.now + 10, self.now).unwrap();
                self.age += 1;
            }
            Step::Revoke => {
                if let Some(after) = self.record.revoked(self.now) {
                    self.record = after;
                    self.age += 1;
                    assert_eq!(after.level, 0);
                }
            }
            Step::Recover(lost) => {
                // A second account that also had attestations of its own: its nonce has moved as well.
                let other = Record { nonce: self.record.nonce, ..Record::default() };
                if let Ok((left, moved)) = Record::recovered(&self.record, &other, self.now) {
                    self.record = if lost { left } else { moved };
                    self.age += 1;
                    assert_ne!(left.standing(&self.terms, self.now), Standing::Eligible);
                }
            }
            Step::RemoveIssuer(issuer) => {
                if let Some(seat) = self.seats[usize::from(issuer)].take() {
                    self.terms.turn(seat.number);
                    if self.record.seat == seat.number {
                        assert_ne!(self.record.standing(&self.terms, self.now), Standing::Eligible);
                    }
                }
            }
            Step::Flags(frozen, sanctioned) => self.record = Record { frozen, sanctioned, ..self.record },
            Step::Wait(seconds) => self.now += seconds,
        }
        assert!(self.record.nonce >= before, "a nonce went back");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Whatever is signed (ahead too), submitted, set, revoked, recovered and removed in whatever order: an attestation
    /// counts once, never after an agent's decision that came after it, and never once its issuer was removed.
    #[test]
    fn no_attestation_comes_back(steps in steps()) {
        let mut terms = Terms::NONE;
        terms.turn(1);
        terms.turn(2);
        let seat = |number| Some(Seat { number, topics: Topics(3) });
        let mut world =
            World { now: NOW, record: Record::default(), terms, seats: [seat(1), seat(2)], age: 0, signed: Vec::new() };
        for step in steps {
            world.step(step);
        }
    }
}
