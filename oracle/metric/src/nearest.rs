//! Which of many embeddings are nearest to some: all are compared, with exact integers.
//!
//! A table holds embeddings as the processor takes them: rows in groups of [`ROWS`], of each row four components beside
//! those of the others. So a group stays in the innermost cache while all that is asked goes over it, and a comparison
//! costs no addition across a register. Where there is AVX2, 32 products are made by one instruction and added up in 16
//! bits; that is exact for what fits, which is every embedding of a passage but those with a single component above a
//! half. The others, and other processors, take plain code. Whatever is taken, the numbers are the same.

mod kernel;

use std::{cmp::Reverse, ops::Range};

use self::kernel::{Few, Lanes, QUAD, Wide};

/// Rows of a group.
pub const ROWS: usize = kernel::LANES * kernel::VECTORS;
/// The greatest sum of squares whose products with its like fit 16 bits.
const MOST_SQUARES: i64 = i16::MAX as i64;

/// Embeddings that others are compared with.
#[derive(Debug)]
pub struct Table {
    rows: usize,
    /// Quadruples of components of each row.
    quads: usize,
    /// By group, then by quadruple, then by register.
    packed: Vec<Lanes>,
    /// Whether a group's rows fit 16 bits.
    fits: Vec<bool>,
}

/// Embeddings that are compared with a table's.
#[derive(Debug)]
pub struct Queries {
    count: usize,
    quads: usize,
    /// By fours of them, then by quadruple.
    packed: Vec<Few>,
    /// Of each: the sum of its components.
    sums: Vec<i32>,
    /// Whether all of four fit 16 bits.
    fits: Vec<bool>,
}

impl Table {
    /// Of embeddings of any length: what a shorter one lacks is 0.
    pub fn new(embeddings: &[&[i8]]) -> Self {
        let quads = embeddings.iter().map(|one| one.len()).max().unwrap_or_default().div_ceil(QUAD);
        let groups = embeddings.len().div_ceil(ROWS);
        let mut packed = vec![kernel::NOTHING; groups * quads * kernel::VECTORS];
        for (row, embedding) in embeddings.iter().enumerate() {
            let (register, lane) = (row % ROWS / kernel::LANES, row % kernel::LANES);
            let group = &mut packed[row / ROWS * quads * kernel::VECTORS..][register..];
            for (lanes, quad) in group.iter_mut().step_by(kernel::VECTORS).zip(embedding.chunks(QUAD)) {
                for (kept, &component) in lanes.0[lane * QUAD..].iter_mut().zip(quad) {
                    *kept = kernel::biased(component);
                }
            }
        }
        let small = |one: &&[i8]| one.iter().all(|x| kernel::FITTING.contains(x)) && squares(one) <= MOST_SQUARES;
        let fits = embeddings.chunks(ROWS).map(|group| group.iter().all(small)).collect();
        Self { rows: embeddings.len(), quads, packed, fits }
    }

    /// How many.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Compares all queries with some of the rows. `each` is given a query's number, the first of some rows, at most
    /// [`ROWS`], and the dot products with them: of each query the rows in their order, the queries in turns.
    pub fn compare(&self, queries: &Queries, rows: Range<usize>, each: &mut dyn FnMut(usize, usize, &[i32])) {
        self.compared(queries, rows, each);
    }

    /// As [`Self::compare`], compiled with what is done.
    fn compared(&self, queries: &Queries, rows: Range<usize>, each: impl FnMut(usize, usize, &[i32])) {
        let rows = rows.start..rows.end.min(self.rows);
        if !rows.is_empty() {
            kernel::run(Comparison { table: self, queries, rows, each });
        }
    }

    /// Of each query the `most` nearest rows, the nearest first, and of several that are as near the first.
    pub fn nearest(&self, queries: &Queries, most: usize) -> Vec<Vec<Near>> {
        let mut nearest: Vec<Nearest> = (0..queries.count).map(|_| Nearest::new(most)).collect();
        self.compared(queries, 0..self.rows, |query, first, dots| nearest[query].see(first, dots));
        nearest.into_iter().map(Nearest::found).collect()
    }

    fn group(&self, number: usize) -> &[Lanes] {
        let size = self.quads * kernel::VECTORS;
        &self.packed[number * size..(number + 1) * size]
    }
}

impl Queries {
    /// Of embeddings of any length, for a table; what the table's lack is not compared.
    pub fn new(embeddings: &[&[i8]], table: &Table) -> Self {
        let quads = table.quads;
        let mut packed = vec![Few::default(); embeddings.len().div_ceil(kernel::QUERIES) * quads];
        for (number, embedding) in embeddings.iter().enumerate() {
            let few = &mut packed[number / kernel::QUERIES * quads..];
            for (few, quad) in few.iter_mut().take(quads).zip(embedding.chunks(QUAD)) {
                few.0[number % kernel::QUERIES][..quad.len()].copy_from_slice(quad);
            }
        }
        let compared = |one: &&[i8]| one[..one.len().min(quads * QUAD)].iter().map(|&x| i32::from(x)).sum();
        let small = |one: &&[i8]| squares(one) <= MOST_SQUARES;
        Self {
            count: embeddings.len(),
            quads,
            packed,
            sums: embeddings.iter().map(compared).collect(),
            fits: embeddings.chunks(kernel::QUERIES).map(|few| few.iter().all(small)).collect(),
        }
    }

    fn few(&self, number: usize) -> &[Few] {
        &self.packed[number * self.quads..(number + 1) * self.quads]
    }

    /// The sums of components of some four.
    fn sums(&self, number: usize) -> [i32; kernel::QUERIES] {
        let first = number * kernel::QUERIES;
        std::array::from_fn(|at| self.sums.get(first + at).copied().unwrap_or_default())
    }
}

fn squares(embedding: &[i8]) -> i64 {
    embedding.iter().map(|&x| i64::from(x) * i64::from(x)).sum()
}

/// All of some queries with some rows of a table.
struct Comparison<'a, Each> {
    table: &'a Table,
    queries: &'a Queries,
    /// Not none, and within the table.
    rows: Range<usize>,
    each: Each,
}

impl<Each: FnMut(usize, usize, &[i32])> Comparison<'_, Each> {
    /// Groups outside, so that one stays near while all queries go over it.
    #[inline(always)]
    fn with(self, kernel: impl kernel::Kernel) {
        let Self { table, queries, rows, mut each } = self;
        for group in rows.start / ROWS..rows.end.div_ceil(ROWS) {
            let first = group * ROWS;
            let asked = rows.start.max(first)..rows.end.min(first + ROWS);
            let within = asked.start - first..asked.end - first;
            for (number, &fits) in queries.fits.iter().enumerate() {
                let (lanes, few) = (table.group(group), queries.few(number));
                let dots = match fits && table.fits[group] {
                    true => kernel.dots(lanes, few, queries.sums(number)),
                    false => kernel::Kernel::dots(Wide, lanes, few, queries.sums(number)),
                };
                let query = number * kernel::QUERIES;
                for (at, dots) in dots.iter().enumerate().take(queries.count - query) {
                    each(query + at, asked.start, &dots.as_flattened()[within.clone()]);
                }
            }
        }
    }
}

/// A row that is near.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Near {
    /// Its number.
    pub row: usize,
    /// Its dot product.
    pub dot: i32,
}

/// The nearest of the rows that were seen.
#[derive(Debug)]
pub struct Nearest {
    most: usize,
    /// Twice as many at most: the farther half is dropped when it is full.
    found: Vec<Near>,
    /// What a row must be above to be among them.
    above: Option<i32>,
}

impl Nearest {
    /// So many of them.
    pub fn new(most: usize) -> Self {
        Self { most, found: Vec::new(), above: (most == 0).then_some(i32::MAX) }
    }

    /// Sees the next rows, which are after all that were seen.
    #[inline]
    pub fn see(&mut self, first: usize, dots: &[i32]) {
        let Some(above) = self.above else { return self.take(first, dots) };
        // Where none is, which is nearly everywhere, this is all.
        if dots.iter().fold(i32::MIN, |most, &dot| most.max(dot)) > above {
            self.take(first, dots);
        }
    }

    #[cold]
    #[inline(never)]
    fn take(&mut self, first: usize, dots: &[i32]) {
        for (row, &dot) in (first..).zip(dots) {
            // One that is as near and later is not nearer.
            if self.above.is_none_or(|above| dot > above) {
                self.found.push(Near { row, dot });
                if self.found.len() == self.most || self.found.len() >= self.most.saturating_mul(2) {
                    self.drop_rest();
                }
            }
        }
    }

    fn drop_rest(&mut self) {
        let order = |near: &Near| (Reverse(near.dot), near.row);
        if self.found.len() > self.most {
            self.found.select_nth_unstable_by_key(self.most - 1, order);
            self.found.truncate(self.most);
        }
        self.above = self.found.iter().map(|near| near.dot).min();
    }

    /// The nearest first, and of several that are as near the first of them.
    pub fn found(mut self) -> Vec<Near> {
        self.found.sort_unstable_by_key(|near| (Reverse(near.dot), near.row));
        self.found.truncate(self.most);
        self.found
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn plain(table: &[Vec<i8>], query: &[i8]) -> Vec<i32> {
        let dot = |row: &Vec<i8>| row.iter().zip(query).map(|(&x, &y)| i32::from(x) * i32::from(y)).sum();
        table.iter().map(dot).collect()
    }

    fn slices(of: &[Vec<i8>]) -> Vec<&[i8]> {
        of.iter().map(Vec::as_slice).collect()
    }

    fn compared(table: &[Vec<i8>], queries: &[Vec<i8>], rows: Range<usize>) -> Vec<Vec<i32>> {
        let (table, count) = (Table::new(&slices(table)), queries.len());
        let queries = Queries::new(&slices(queries), &table);
        let mut found = vec![Vec::new(); count];
        let mut each = |query: usize, first: usize, dots: &[i32]| {
            assert_eq!(first, rows.start + found[query].len());
            found[query].extend_from_slice(dots);
        };
        table.compare(&queries, rows.clone(), &mut each);
        // What the oldest processor takes.
        let mut plain: Vec<Vec<i32>> = vec![Vec::new(); count];
        if !rows.is_empty() {
            let each = |query: usize, _: usize, dots: &[i32]| plain[query].extend_from_slice(dots);
            Comparison { table: &table, queries: &queries, rows, each }.with(kernel::Plain);
        }
        assert_eq!(found, plain);
        found
    }

    /// Embeddings of length one, and any at all.
    fn embeddings(most: usize) -> impl Strategy<Value = Vec<Vec<i8>>> {
        let small = prop::collection::vec(-9_i8..10, 300..385);
        let any = prop::collection::vec(any::<i8>(), 0..385);
        prop::collection::vec(prop_oneof![8 => small, 1 => any], 0..most)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Whatever the kernel: the dot products are those that one works out one by one.
        #[test]
        fn dots_are_exact(
            table in embeddings(80), queries in embeddings(11), skip in 0_usize..30, most in 0_usize..90
        ) {
            let rows = skip.min(table.len())..most.clamp(skip.min(table.len()), table.len());
            let found = compared(&table, &queries, rows.clone());
            for (query, found) in queries.iter().zip(found) {
                prop_assert_eq!(&plain(&table, query)[rows.clone()], found);
            }
        }

        /// The nearest are the first of all in order.
        #[test]
        fn nearest_is_the_head_of_a_sort(dots in prop::collection::vec(-4_i32..5, 0..300), most in 0_usize..40) {
            let mut nearest = Nearest::new(most);
            for (at, part) in dots.chunks(7).enumerate() {
                nearest.see(at * 7, part);
            }
            let mut all: Vec<Near> = dots.iter().enumerate().map(|(row, &dot)| Near { row, dot }).collect();
            all.sort_by_key(|near| Reverse(near.dot));
            all.truncate(most);
            prop_assert_eq!(nearest.found(), all);
        }
    }

    /// The ends of what fits and what does not: nothing saturates, nothing wraps around.
    #[test]
    fn the_greatest_are_exact() {
        let ends = [i8::MIN, -127, -65, -64, -63, 0, 62, 63, 64, 126, 127];
        let few = |one: i8, count: usize| [vec![one; count], vec![0; 384 - count]].concat();
        let all: Vec<Vec<i8>> = ends.iter().flat_map(|&one| [1, 2, 4, 8, 384].map(|count| few(one, count))).collect();
        let found = compared(&all, &all, 0..all.len());
        for (query, found) in all.iter().zip(found) {
            assert_eq!(plain(&all, query), found);
        }
    }
}
