//! Where the runs of words of all compared texts stand: in memory, or where they are many in a file that is mapped, so
//! that what is not asked for need not lie in memory.

use std::io;

use yieldset_mapped::Words;
use yieldset_metric::spans::{self, Index, Span};

/// From so many bytes of places on, 16 a word of the texts, the index is in a file.
const MAPPED: usize = 256 << 20;
/// So much memory a file is written in.
const MEMORY: usize = 64 << 20;

/// The index of compared texts.
pub enum Runs {
    /// It lies in memory.
    Here(Index),
    /// It lies in a file.
    Mapped(Index<Words>),
}

impl Runs {
    /// Of texts as their grams, in the order of their registration. What `counts` says no to is as if it stood nowhere.
    pub fn of<'a, T>(texts: T, counts: impl Fn(u64) -> bool) -> Self
    where
        T: IntoIterator<Item = &'a [u64]> + Clone,
    {
        Self::from(texts, counts, MAPPED)
    }

    fn from<'a, T>(texts: T, counts: impl Fn(u64) -> bool, mapped: usize) -> Self
    where
        T: IntoIterator<Item = &'a [u64]> + Clone,
    {
        if spans::index_bytes(texts.clone()) < mapped {
            return Self::Here(Index::new(texts, counts));
        }
        let written = || -> io::Result<Index<Words>> {
            let words = Words::written(|file| Index::write(texts.clone(), &counts, MEMORY, file))?;
            Index::of(words).map_err(io::Error::other)
        };
        written().map(Self::Mapped).unwrap_or_else(|error| {
            let folder = std::env::temp_dir();
            tracing::warn!("{}: no room for an index, which is kept in memory instead: {error}", folder.display());
            Self::Here(Index::new(texts, counts))
        })
    }

    /// The spans of an output, as [`Index::spans`].
    pub fn spans(&self, output: &[u64], asked: impl Fn(u32) -> bool) -> Vec<Span> {
        match self {
            Self::Here(index) => index.spans(output, asked),
            Self::Mapped(index) => index.spans(output, asked),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves ATT-6's repeatability: an index in a file finds what one in memory does.
    #[test]
    fn a_file_changes_nothing() {
        let texts: Vec<Vec<u64>> = (0..40_u64)
            .map(|text| (0..200).map(|at| (text % 7 * 50 + at).wrapping_mul(0x9e37_79b9_7f4a_7c15)).collect())
            .collect();
        let slices = || texts.iter().map(Vec::as_slice);
        let counts = |run: u64| !run.is_multiple_of(11);
        let (here, there) = (Runs::from(slices(), counts, usize::MAX), Runs::from(slices(), counts, 0));
        assert!(matches!((&here, &there), (Runs::Here(_), Runs::Mapped(_))));
        for (output, number) in texts.iter().zip(0..) {
            let found = here.spans(output, |text| text != number);
            assert!(!found.is_empty());
            assert_eq!(found, there.spans(output, |text| text != number));
        }
    }
}
