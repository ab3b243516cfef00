//! Whose passage another one is like: every passage that is compared, in one pool, the decoys' among them.

use std::{cell::OnceCell, collections::BTreeMap};

use rayon::prelude::*;
use yieldset_metric::likeness::{self, SAME_PLACE, TOPIC};
use yieldset_rules::usage::Passage;

use super::Account;

/// Whose a passage is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Owner {
    /// A creator's.
    Creator(Account),
    /// The decoy's of this number.
    Decoy(usize),
}

/// A passage that outputs are compared with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate<'a> {
    pub(super) owner: Owner,
    /// The dataset's id: its versions are no copies of each other.
    pub(super) work: [u8; 32],
    /// The text's number; decoys' texts have numbers of their own.
    pub(super) text: usize,
    /// The passage's in its text.
    pub(super) number: usize,
    pub(super) passage: &'a Passage,
    /// Whether outputs are compared with it; else it was only there before others.
    pub(super) earns: bool,
}

impl Candidate<'_> {
    /// Whether two are the same place, as far as what is near to it is no topic: they share words of a text, or one is
    /// a rendering of the other.
    fn is_place_of(&self, other: &Self) -> bool {
        let (one, two) = (self.passage, other.passage);
        let shares_words = one.start < two.start + two.words && two.start < one.start + one.words;
        self.text == other.text && shares_words || likeness::cosine(&one.embedding, &two.embedding) >= SAME_PLACE
    }
}

/// All of them: in the order of registration, then the decoys'.
pub(super) struct Pool<'a> {
    all: Vec<Candidate<'a>>,
}

impl<'a> Pool<'a> {
    /// Of passages in that order; without those that are like an earlier one of another creator above the threshold, a
    /// copy in other words.
    pub(super) fn of(all: Vec<Candidate<'a>>, threshold: u32) -> Self {
        let pool = Self { all };
        let first: Vec<bool> =
            (0..pool.all.len()).into_par_iter().map(|number| !pool.is_like_earlier(number, threshold)).collect();
        let all = pool.all.into_iter().zip(first).filter(|(one, first)| *first && one.earns);
        Self { all: all.map(|(one, _)| one).collect() }
    }

    fn is_like_earlier(&self, number: usize, threshold: u32) -> bool {
        let one = self.all[number];
        if matches!(one.owner, Owner::Decoy(_)) || !one.earns {
            return false;
        }
        let near = Near::of(self, one.passage, Some(one));
        let is_others = |earlier: &usize| {
            let earlier = &self.all[*earlier];
            earlier.owner != one.owner && earlier.work != one.work
        };
        (0..number).filter(is_others).any(|earlier| {
            // Whatever the topic, no more than this; the topic is dear to tell.
            likeness::score(near.to(earlier), 0) > threshold && near.score(earlier) > threshold
        })
    }

    /// Each owner's likest passage of the texts that are asked for, the first of several, with its score.
    pub(super) fn likest(
        &self,
        passage: &Passage,
        asked: impl Fn(usize) -> bool,
    ) -> BTreeMap<Owner, (u32, Candidate<'a>)> {
        let near = Near::of(self, passage, None);
        let mut best: BTreeMap<Owner, (i64, usize)> = BTreeMap::new();
        for (number, candidate) in self.all.iter().enumerate().filter(|(_, candidate)| asked(candidate.text)) {
            let found = (near.to(number), number);
            let best = best.entry(candidate.owner).or_insert(found);
            if found.0 > best.0 {
                *best = found;
            }
        }
        best.into_iter().map(|(owner, (_, number))| (owner, (near.score(number), self.all[number]))).collect()
    }
}

/// A passage beside all of a pool.
struct Near<'p, 'a> {
    pool: &'p Pool<'a>,
    passage: &'p Passage,
    /// The passage itself, where it is one of the pool.
    own: Option<Candidate<'a>>,
    cosines: Vec<i64>,
    /// The pool's, the nearest first.
    order: OnceCell<Vec<usize>>,
}

impl<'p, 'a> Near<'p, 'a> {
    fn of(pool: &'p Pool<'a>, passage: &'p Passage, own: Option<Candidate<'a>>) -> Self {
        let cosine = |one: &Candidate<'a>| likeness::cosine(&passage.embedding, &one.passage.embedding);
        Self { pool, passage, own, cosines: pool.all.iter().map(cosine).collect(), order: OnceCell::new() }
    }

    fn to(&self, number: usize) -> i64 {
        let other = self.pool.all[number].passage;
        likeness::near(self.cosines[number], likeness::overlap(&self.passage.keywords, &other.keywords))
    }

    fn score(&self, number: usize) -> u32 {
        likeness::score(self.to(number), self.topic(number))
    }

    /// How near passages of other places are: neither that of `number` nor the passage's own.
    fn topic(&self, number: usize) -> i64 {
        let order = self.order.get_or_init(|| {
            let mut order: Vec<usize> = (0..self.cosines.len()).collect();
            order.sort_unstable_by_key(|&at| (std::cmp::Reverse(self.cosines[at]), at));
            order
        });
        let place = &self.pool.all[number];
        let is_elsewhere = |other: &&usize| {
            let other = &self.pool.all[**other];
            let is_own = |own: &Candidate<'_>| own.text == other.text && own.is_place_of(other);
            other.earns && !other.is_place_of(place) && !self.own.as_ref().is_some_and(is_own)
        };
        order.iter().filter(is_elsewhere).nth(TOPIC - 1).map_or(0, |&fifth| self.cosines[fifth])
    }
}
