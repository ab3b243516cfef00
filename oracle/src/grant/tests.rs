use super::*;
use crate::testing::{Fixture, MODEL, ORIGIN, key};

const NOW: u64 = 1_800_000_000;
const LICENCE: [u8; 32] = [9; 32];
const ASKED: &str = "/v1/records?from=0&to=9";
const WANTED: Wanted = Wanted::Records(0, 9);

fn issuers() -> Issuers {
    let fixture = Fixture::without_log();
    let party = key(30).verifying_key().to_bytes();
    let licence = Stream { stream: LICENCE, models: vec![MODEL.into()], issuers: vec![party] };
    Issuers::new(&fixture.info(), &fixture.platforms, vec![licence])
}

/// A grant by a key of this seed; the reader's is 40.
pub(crate) fn grant(issuer: u8, now: u64) -> Grant {
    Grant {
        origin: ORIGIN.into(),
        log_key: key(1).verifying_key().to_bytes(),
        issuer: key(issuer).verifying_key().to_bytes(),
        reader: key(40).verifying_key().to_bytes(),
        role: Role::Auditor,
        stream: Some(LICENCE),
        scope: Scope::Leaves { from: 0, to: 9 },
        purpose: "audit of 2026Q4".into(),
        since: now,
        until: now + 3_600,
    }
}

fn header(grant: &Grant, issuer: u8, reader: u8, asked: &str, at: u64) -> String {
    let bytes = grant.to_bytes();
    let signed = SignedGrant { grant: hex::encode(&bytes), signature: key(issuer).sign(&bytes).to_bytes() };
    signed.header(asked, at, &key(reader)).expect("a header")
}

/// Proves ATT-13: the log's key, the platform's and one that the licence's parties named give grants, each for its own;
/// nobody else does, and nobody signs for another.
#[test]
fn only_who_may_gives_grants() {
    let issuers = issuers();
    let admit = |grant: &Grant, by: u8| issuers.admit(Some(&header(grant, by, 40, ASKED, NOW)), ASKED, WANTED, NOW);
    for by in [1, 3, 30] {
        admit(&grant(by, NOW), by).expect("may");
    }
    // Another platform, a stranger, the reader.
    for by in [4, 66, 40] {
        assert!(matches!(admit(&grant(by, NOW), by), Err(GrantError::NotTheirs(_))), "{by}");
    }
    assert_eq!(admit(&grant(1, NOW), 3), Err(GrantError::Forged));
    let of = |stream: [u8; 32], by: u8| Grant { stream: Some(stream), ..grant(by, NOW) };
    admit(&of(slug_id(MODEL), 3), 3).expect("its own model");
    assert!(matches!(admit(&of(slug_id(MODEL), 30), 30), Err(GrantError::NotTheirs(_))));
    assert!(matches!(admit(&of(slug_id("other/1"), 3), 3), Err(GrantError::NotTheirs(_))));
    assert!(matches!(admit(&of([8; 32], 3), 3), Err(GrantError::NotTheirs(_))));
    // The whole log is the log's to give.
    let whole = |by: u8| Grant { stream: None, ..grant(by, NOW) };
    admit(&whole(1), 1).expect("the log's own");
    assert_eq!(admit(&whole(3), 3), Err(GrantError::No(NoGrant::Values)));
}

/// Proves ATT-13: a grant is of one log, one time and one reader, and a reading of one request and minute; a wider
/// range, another log, a later time, another key and a reading that was made for another request are refused.
#[test]
fn a_request_is_answered_by_its_own_grant_and_reading() {
    let issuers = issuers();
    let admit = |header: &str, now| issuers.admit(Some(header), ASKED, WANTED, now);
    let good = header(&grant(1, NOW), 1, 40, ASKED, NOW);
    assert_eq!(admit(&good, NOW).expect("good").grant, grant(1, NOW));
    assert_eq!(issuers.admit(None, ASKED, WANTED, NOW), Err(GrantError::None));
    let other_request = issuers.admit(Some(&good), "/v1/records?from=0&to=8", Wanted::Records(0, 8), NOW);
    assert_eq!(other_request, Err(GrantError::NotTheReader));
    let wider = header(&grant(1, NOW), 1, 40, "/v1/records?from=0&to=10", NOW);
    let wider = issuers.admit(Some(&wider), "/v1/records?from=0&to=10", Wanted::Records(0, 10), NOW);
    assert_eq!(wider, Err(GrantError::No(NoGrant::Beyond)));
    // Whoever has the grant without the reader's key.
    assert_eq!(admit(&header(&grant(1, NOW), 1, 41, ASKED, NOW), NOW), Err(GrantError::NotTheReader));
    for at in [NOW - 121, NOW + 121] {
        let late = header(&grant(1, NOW - 10), 1, 40, ASKED, at);
        assert_eq!(admit(&late, NOW), Err(GrantError::NotNow { at, now: NOW }));
    }
    let over = header(&grant(1, NOW), 1, 40, ASKED, NOW + 3_600);
    assert_eq!(admit(&over, NOW + 3_600), Err(GrantError::No(NoGrant::NotNow)));
    assert_eq!(admit(&good, NOW - 1), Err(GrantError::No(NoGrant::NotNow)));
    for other in [
        Grant { origin: "log.example/other".into(), ..grant(1, NOW) },
        Grant {
            log_key: key(2).verifying_key().to_bytes(),
            issuer: key(3).verifying_key().to_bytes(),
            ..grant(1, NOW)
        },
    ] {
        let by = if other.issuer == key(3).verifying_key().to_bytes() { 3 } else { 1 };
        assert_eq!(admit(&header(&other, by, 40, ASKED, NOW), NOW), Err(GrantError::No(NoGrant::OtherLog)));
    }
    for odd in ["", "Bearer x", "Yieldset ", "Yieldset a.b.c.d", "Yieldset ..1.", "Yieldset 00.00.0.00.00"] {
        assert_eq!(admit(odd, NOW).expect_err(odd).code(), "bad-grant", "{odd}");
    }
}

/// Sebastiano Vigna's splitmix64.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % most as u64) as usize
    }
}

/// Proves ATT-13: ten thousand headers of which a letter is another, left out, put in or doubled, whose parts are those
/// of other good headers, or that are cut: none is taken.
#[test]
fn no_mutated_header_is_taken() {
    let issuers = issuers();
    let good: Vec<String> = [1, 3, 30]
        .iter()
        .zip(["/v1/records?from=0&to=9", "/v1/records?from=1&to=9", "/v1/records?from=2&to=9"])
        .map(|(by, asked)| header(&grant(*by, NOW), *by, 40, asked, NOW))
        .collect();
    let admit = |header: &str| issuers.admit(Some(header), ASKED, WANTED, NOW).is_ok();
    assert!(admit(&good[0]) && !admit(&good[1]) && !admit(&good[2]));
    let (mut chance, mut tried) = (Chance(13), 0);
    while tried < 10_000 {
        let mut text = good[chance.below(3)].clone().into_bytes();
        let at = chance.below(text.len());
        match chance.below(5) {
            0 => text[at] = b"0123456789abcdef. \x01Z"[chance.below(20)],
            1 => drop(text.remove(at)),
            2 => text.insert(at, b"0123456789abcdef."[chance.below(17)]),
            3 => text.truncate(at),
            _ => {
                let parts: Vec<&str> = (0..4)
                    .map(|part| good[chance.below(3)].strip_prefix(SCHEME).and_then(|rest| rest.split('.').nth(part)))
                    .map(Option::unwrap_or_default)
                    .collect();
                text = format!("{SCHEME}{}", parts.join(".")).into_bytes();
            }
        }
        let Ok(text) = String::from_utf8(text) else { continue };
        // Hex in capitals is the same bytes, and a number with a plus sign or zeros before it the same number.
        if text == good[0] {
            continue;
        }
        tried += 1;
        if let Ok(admitted) = issuers.admit(Some(&text), ASKED, WANTED, NOW) {
            let again = SignedGrant::header(&admitted.signed, ASKED, admitted.at, &key(40)).expect("a header");
            assert_eq!(again, good[0], "{text}");
        }
    }
}
