//! Whose passage another one is like: every passage that is compared, in one pool, the decoys' among them.
//!
//! Passages are compared with all of the pool, many at once, and of each only what counts is kept: every owner's
//! likest, and some dozens that are nearest, from which the topic is told.

mod keywords;

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use rayon::prelude::*;
use yieldset_metric::{
    likeness::{self, SAME_PLACE, TOPIC},
    nearest::{self, Nearest, Queries, Table},
};
use yieldset_rules::usage::Passage;

use self::keywords::{Keywords, Shared};
use super::{Account, was_known};

/// Passages that are compared with the pool at once: what a core's cache holds of them and of the pool.
const BATCH: usize = 128;
/// How many of the nearest are kept at first. Seldom more are one place, and then more are asked for.
const NEAREST: usize = 32;

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
    /// When its text was registered, Unix seconds; zero for what is of all times.
    pub(super) registered: u64,
    /// Whether outputs are compared with it; else it was only there before others.
    pub(super) earns: bool,
}

impl Candidate<'_> {
    fn is_a_creators(&self) -> bool {
        matches!(self.owner, Owner::Creator(_))
    }

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
    table: Table,
    keywords: Keywords,
    /// In order.
    owners: Vec<Owner>,
    /// Whose each is, by the owner's place.
    owned: Vec<u32>,
}

impl<'a> Pool<'a> {
    /// Of passages in that order; without those that are like an earlier one of another creator above the threshold, a
    /// copy in other words.
    pub(super) fn of(all: Vec<Candidate<'a>>, threshold: u32) -> Self {
        let pool = Self::with(all);
        let batches: Vec<Range<usize>> =
            (0..pool.all.len()).step_by(BATCH).map(|from| from..pool.all.len().min(from + BATCH)).collect();
        let copies: Vec<bool> =
            batches.into_par_iter().flat_map_iter(|batch| pool.are_like_earlier(batch, threshold)).collect();
        if !copies.contains(&true) && pool.all.iter().all(|one| one.earns) {
            return pool;
        }
        let earning = pool.all.into_iter().zip(copies).filter(|(one, copy)| one.earns && !copy);
        Self::with(earning.map(|(one, _)| one).collect())
    }

    fn with(all: Vec<Candidate<'a>>) -> Self {
        let owners: Vec<Owner> = all.iter().map(|one| one.owner).collect::<BTreeSet<_>>().into_iter().collect();
        // Found, and there are at most as many as passages, which an address space does not have 2^32 of.
        let owned = |one: &Candidate<'_>| owners.binary_search(&one.owner).unwrap_or_default() as u32;
        Self {
            table: Table::new(&all.iter().map(|one| &one.passage.embedding[..]).collect::<Vec<_>>()),
            keywords: Keywords::of(all.iter().map(|one| &one.passage.keywords[..])),
            owned: all.iter().map(owned).collect(),
            owners,
            all,
        }
    }

    fn queries(&self, passages: &[&Passage]) -> Queries {
        Queries::new(&passages.iter().map(|one| &one.embedding[..]).collect::<Vec<_>>(), &self.table)
    }

    /// Whether each of some is like an earlier one.
    fn are_like_earlier(&self, batch: Range<usize>, threshold: u32) -> Vec<bool> {
        let mine: Vec<usize> =
            batch.clone().filter(|&number| self.all[number].earns && self.all[number].is_a_creators()).collect();
        let passages: Vec<&Passage> = mine.iter().map(|&number| self.all[number].passage).collect();
        let mut shared = self.keywords.shared(&passages, batch.end);
        let mut likely: Vec<Vec<usize>> = vec![Vec::new(); mine.len()];
        // Whatever the topic, no more than this; the topic is dear to tell.
        let may_be = |near: i64| likeness::score(near, 0) > threshold;
        self.table.compare(&self.queries(&passages), 0..batch.end, &mut |query, first, dots| {
            let number = mine[query];
            let dots = &dots[..dots.len().min(number.saturating_sub(first))];
            if dots.is_empty() {
                return;
            }
            let other =
                |row: usize| self.owned[row] != self.owned[number] && self.all[row].work != self.all[number].work;
            if may_be(likeness::of_dot(dots.iter().copied().fold(i32::MIN, i32::max))) {
                let rows = (first..).zip(dots).filter(|(row, dot)| may_be(likeness::of_dot(**dot)) && other(*row));
                likely[query].extend(rows.map(|(row, _)| row));
            }
            shared[query].each_below(first + dots.len(), |row, overlap| {
                if may_be(likeness::near(likeness::of_dot(dots[row - first]), overlap)) && other(row) {
                    likely[query].push(row);
                }
            });
        });
        let asked: Vec<(usize, Vec<usize>)> =
            mine.into_iter().zip(likely).filter(|(_, rows)| !rows.is_empty()).collect();
        let passages: Vec<&Passage> = asked.iter().map(|(number, _)| self.all[*number].passage).collect();
        let nearest = self.table.nearest(&self.queries(&passages), NEAREST);
        let copies = asked.into_iter().zip(nearest).filter(|((number, rows), nearest)| {
            let one = self.all[*number];
            let topics = Topics::of(self, one.passage, Some(one), nearest.clone());
            let near = |row: usize| {
                let other = self.all[row].passage;
                let cosine = likeness::cosine(&one.passage.embedding, &other.embedding);
                likeness::near(cosine, likeness::overlap(&one.passage.keywords, &other.keywords))
            };
            rows.iter().any(|&row| likeness::score(near(row), topics.beside(row)) > threshold)
        });
        let copies: BTreeSet<usize> = copies.map(|((number, _), _)| number).collect();
        batch.map(|number| copies.contains(&number)).collect()
    }

    /// For each passage, and when it was written, every owner's likest that was registered before, the first of
    /// several, with its score.
    pub(super) fn likest(&self, passages: &[(&Passage, u64)]) -> Vec<BTreeMap<Owner, (u32, Candidate<'a>)>> {
        passages.chunks(BATCH).flat_map(|batch| self.likest_of(batch)).collect()
    }

    /// The rows that were not known at a second: they are in the order of registration, and what is of all times last.
    fn later(&self, at: u64) -> Range<usize> {
        let dated = |one: &Candidate<'_>| one.registered != 0;
        let known = self.all.partition_point(|one| dated(one) && was_known(one.registered, at));
        known..self.all.partition_point(dated)
    }

    fn likest_of(&self, batch: &[(&Passage, u64)]) -> Vec<BTreeMap<Owner, (u32, Candidate<'a>)>> {
        let passages: Vec<&Passage> = batch.iter().map(|(passage, _)| *passage).collect();
        let shared = self.keywords.shared(&passages, self.all.len()).into_iter();
        let mut beside: Vec<Beside<'_>> =
            shared.zip(batch).map(|(shared, (_, at))| Beside::of(self, shared, self.later(*at))).collect();
        self.table.compare(&self.queries(&passages), 0..self.all.len(), &mut |query, first, dots| {
            beside[query].see(first, dots);
        });
        let likest = |(beside, passage): (Beside<'_>, &&Passage)| {
            let later = beside.later.clone();
            let topics = Topics { later, ..Topics::of(self, passage, None, beside.nearest.found()) };
            let scored = |(&owner, Best { near, row }): (&Owner, Best)| {
                (owner, (likeness::score(near, topics.beside(row)), self.all[row]))
            };
            self.owners.iter().zip(beside.best).filter(|(_, best)| best.row != NONE.row).map(scored).collect()
        };
        beside.into_iter().zip(&passages).map(likest).collect()
    }
}

/// An owner's likest passage.
#[derive(Debug, Clone, Copy)]
struct Best {
    near: i64,
    row: usize,
}

/// Of an owner none of whose passages was there.
const NONE: Best = Best { near: i64::MIN, row: usize::MAX };

/// What is kept of a passage beside the pool.
struct Beside<'p> {
    owned: &'p [u32],
    shared: Shared<'p>,
    /// Rows that were registered when the passage had been written: as if they were not there.
    later: Range<usize>,
    nearest: Nearest,
    /// Of each owner.
    best: Vec<Best>,
}

impl<'p> Beside<'p> {
    fn of(pool: &'p Pool<'_>, shared: Shared<'p>, later: Range<usize>) -> Self {
        let best = vec![NONE; pool.owners.len()];
        Self { owned: &pool.owned, shared, later, nearest: Nearest::new(NEAREST), best }
    }

    fn see(&mut self, first: usize, dots: &[i32]) {
        let (later, end) = (&self.later, first + dots.len());
        let (owned, best) = (&self.owned[first..end], &mut self.best);
        // As if no keyword were shared: where one is, it counts below, and for more.
        for rows in [first..end.min(later.start), first.max(later.end)..end].into_iter().filter(|rows| !rows.is_empty())
        {
            let within = rows.start - first..rows.end - first;
            self.nearest.see(rows.start, &dots[within.clone()]);
            for ((owner, from), same) in stretches(rows.start, &owned[within.clone()], &dots[within]) {
                let best = &mut best[owner as usize];
                let most = same.iter().copied().fold(i32::MIN, i32::max);
                if likeness::of_dot(most) > best.near {
                    let row = from + same.iter().position(|&dot| dot == most).unwrap_or_default();
                    *best = Best { near: likeness::of_dot(most), row };
                }
            }
        }
        self.shared.each_below(end, |row, overlap| {
            if later.contains(&row) {
                return;
            }
            let near = likeness::near(likeness::of_dot(dots[row - first]), overlap);
            let best = &mut best[owned[row - first] as usize];
            if near > best.near || near == best.near && row < best.row {
                *best = Best { near, row };
            }
        });
    }
}

/// Rows of one owner each: the owner and the first row, and the dot products.
fn stretches<'d>(first: usize, owned: &'d [u32], dots: &'d [i32]) -> impl Iterator<Item = ((u32, usize), &'d [i32])> {
    let mut at = 0;
    owned.chunk_by(|one, next| one == next).map(move |same| {
        let from = at;
        at += same.len();
        ((same[0], first + from), &dots[from..at])
    })
}

/// What a passage's topic makes near.
struct Topics<'p, 'a> {
    pool: &'p Pool<'a>,
    passage: &'p Passage,
    /// The passage itself, where it is one of the pool.
    own: Option<Candidate<'a>>,
    /// Rows that were not there when it was written.
    later: Range<usize>,
    /// As many as were needed so far.
    nearest: RefCell<Vec<nearest::Near>>,
}

impl<'p, 'a> Topics<'p, 'a> {
    fn of(pool: &'p Pool<'a>, passage: &'p Passage, own: Option<Candidate<'a>>, nearest: Vec<nearest::Near>) -> Self {
        Self { pool, passage, own, later: 0..0, nearest: RefCell::new(nearest) }
    }

    /// How near other places are: neither that of `number` nor the passage's own. What is one place counts once,
    /// however often it is registered.
    fn beside(&self, number: usize) -> i64 {
        let place = &self.pool.all[number];
        let is_elsewhere = |other: &Candidate<'_>| {
            let is_own = |own: &Candidate<'_>| own.text == other.text && own.is_place_of(other);
            other.earns && !other.is_place_of(place) && !self.own.as_ref().is_some_and(is_own)
        };
        let mut nearest = self.nearest.borrow_mut();
        loop {
            let mut places: Vec<&Candidate<'_>> = Vec::with_capacity(TOPIC);
            for near in nearest.iter() {
                let other = &self.pool.all[near.row];
                let is_there = !self.later.contains(&near.row) && is_elsewhere(other);
                if !is_there || places.iter().any(|place| other.is_place_of(place)) {
                    continue;
                }
                places.push(other);
                if places.len() == TOPIC {
                    return likeness::of_dot(near.dot);
                }
            }
            if nearest.len() == self.pool.all.len() {
                return 0;
            }
            let more = nearest.len().max(NEAREST) * 16;
            *nearest = self.pool.table.nearest(&self.pool.queries(&[self.passage]), more).remove(0);
        }
    }
}

#[cfg(test)]
mod tests;
