//! Against the same worked out one by one, with all of a pool sorted.

use std::cmp::Reverse;

use proptest::prelude::*;

use super::*;

/// Passages around a few topics, so that many are near, some as near as others, and some are one place.
fn passage() -> impl Strategy<Value = Passage> {
    let keywords = prop::collection::btree_set(0_u16..30, 0..12);
    (0_usize..4, 0_usize..9, 16_i8..33, 0_u32..60, keywords).prop_map(|(topic, own, part, start, keywords)| {
        let mut embedding = vec![0; 384];
        embedding[topic * 16..][..16].fill(part);
        // Together about one: 16 · 32² is 127².
        let rest = f64::from(32 * 32 - i32::from(part) * i32::from(part)).sqrt();
        embedding[64 + own * 16..][..16].fill(rest as i8);
        Passage { start, words: 12, embedding, keywords: keywords.into_iter().collect() }
    })
}

fn owner() -> impl Strategy<Value = Owner> {
    prop_oneof![4 => (0_u8..4).prop_map(|one| Owner::Creator([one; 20])), 1 => (0_usize..2).prop_map(Owner::Decoy)]
}

fn pool() -> impl Strategy<Value = Vec<(Owner, usize, Passage)>> {
    prop::collection::vec((owner(), 0_usize..12, passage()), 0..80)
}

fn candidates(pool: &[(Owner, usize, Passage)]) -> Vec<Candidate<'_>> {
    let one = |(number, row)| {
        let (owner, text, passage): &(Owner, usize, Passage) = row;
        let work = match owner {
            Owner::Creator(account) => [account[0] + 1; 32],
            Owner::Decoy(_) => [0; 32],
        };
        // Some of a second, some of the next; the last are of all times.
        let registered = if number < pool.len() * 2 / 3 { number as u64 / 4 + 1 } else { 0 };
        Candidate { owner: *owner, work, text: *text, number, passage, registered, earns: true }
    };
    pool.iter().enumerate().map(one).collect()
}

fn near(one: &Passage, other: &Passage) -> i64 {
    likeness::near(
        likeness::cosine(&one.embedding, &other.embedding),
        likeness::overlap(&one.keywords, &other.keywords),
    )
}

/// Of those that were there.
fn score(
    all: &[Candidate<'_>],
    passage: &Passage,
    (own, row): (Option<&Candidate<'_>>, usize),
    is_known: impl Fn(&Candidate<'_>) -> bool,
) -> u32 {
    let dot = |one: &Candidate<'_>| -> i32 {
        passage
            .embedding
            .iter()
            .zip(&one.passage.embedding)
            .map(|(&one, &other)| i32::from(one) * i32::from(other))
            .sum()
    };
    let is_own = |other: &Candidate<'_>| own.is_some_and(|own| own.text == other.text && own.is_place_of(other));
    let is_elsewhere = |other: &&Candidate<'_>| is_known(other) && !other.is_place_of(&all[row]) && !is_own(other);
    let mut elsewhere: Vec<_> = all.iter().filter(is_elsewhere).collect();
    elsewhere.sort_by_key(|other| Reverse(dot(other)));
    let mut places: Vec<&Candidate<'_>> = Vec::new();
    for other in elsewhere {
        if !places.iter().any(|place| place.is_place_of(other)) {
            places.push(other);
        }
    }
    let topic = places.get(TOPIC - 1).map(|fifth| likeness::of_dot(dot(fifth))).unwrap_or_default();
    likeness::score(near(passage, all[row].passage), topic)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Proves ATT-6's repeatability: each owner's likest passage and its score, whatever was left out on the way.
    #[test]
    fn likest_is_the_greatest_of_all(
        pool in pool(),
        passages in prop::collection::vec((passage(), 0_u64..16), 1..8),
    ) {
        let all = candidates(&pool);
        let found = Pool::with(all.clone()).likest(&passages.iter().map(|(one, at)| (one, *at)).collect::<Vec<_>>());
        prop_assert_eq!(found.len(), passages.len());
        for ((passage, at), found) in passages.iter().zip(found) {
            let owners: BTreeSet<Owner> = all.iter().map(|one| one.owner).collect();
            let likest = |owner: Owner| {
                let is_known = |one: &Candidate<'_>| one.registered == 0 || one.registered < *at;
                let own = (0..all.len()).filter(|&row| all[row].owner == owner && is_known(&all[row]));
                let row = own.min_by_key(|&row| (Reverse(near(passage, all[row].passage)), row))?;
                Some((owner, (score(&all, passage, (None, row), is_known), row)))
            };
            let expected: Vec<_> = owners.into_iter().filter_map(likest).collect();
            let found: Vec<_> = found.into_iter().map(|(owner, (score, one))| (owner, (score, one.number))).collect();
            prop_assert_eq!(found, expected);
        }
    }

    /// Proves ATT-11: a passage is left out where an earlier one of another creator is too like it, and no other.
    #[test]
    fn copies_in_other_words_are_left_out(pool in pool(), threshold in 300_000_u32..900_000) {
        let all = candidates(&pool);
        let is_copy = |row: usize| {
            let creators = matches!(all[row].owner, Owner::Creator(_));
            let mut earlier = (0..row).filter(|&other| all[other].owner != all[row].owner);
            creators && earlier.any(|other| score(&all, all[row].passage, (Some(&all[row]), other), |_| true) > threshold)
        };
        let expected: Vec<usize> = (0..all.len()).filter(|&row| !is_copy(row)).collect();
        let found: Vec<usize> = Pool::of(all.clone(), threshold).all.iter().map(|one| one.number).collect();
        prop_assert_eq!(found, expected);
    }
}
