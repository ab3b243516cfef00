//! Whether keys are all distinct, however many they are: sorted in stretches, which are kept in files, and compared
//! when all are there.

use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    fs::File,
    io::{self, BufReader, BufWriter, Read, Seek, Write},
};

/// Keys in memory: 24 bytes each.
const STRETCH: usize = 1 << 20;

type Entry = ([u8; 16], u64);

/// Keys with their places.
#[derive(Debug)]
pub(super) struct Distinct {
    most: usize,
    held: Vec<Entry>,
    files: Vec<File>,
}

impl Distinct {
    pub(super) fn new() -> Self {
        Self::with(STRETCH)
    }

    fn with(most: usize) -> Self {
        Self { most, held: Vec::new(), files: Vec::new() }
    }

    /// One more.
    ///
    /// # Errors
    /// Where no temporary file can be written.
    pub(super) fn push(&mut self, key: [u8; 16], place: u64) -> io::Result<()> {
        self.held.push((key, place));
        if self.held.len() >= self.most {
            self.held.sort_unstable();
            let mut file = BufWriter::new(tempfile::tempfile()?);
            for (key, place) in self.held.drain(..) {
                file.write_all(&key)?;
                file.write_all(&place.to_be_bytes())?;
            }
            let mut file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
            file.rewind()?;
            self.files.push(file);
        }
        Ok(())
    }

    /// The later place of a key that is there twice, if one is.
    ///
    /// # Errors
    /// Where a temporary file cannot be read.
    pub(super) fn twice(mut self) -> io::Result<Option<u64>> {
        self.held.sort_unstable();
        let mut runs: Vec<Box<dyn Iterator<Item = io::Result<Entry>>>> = vec![Box::new(self.held.into_iter().map(Ok))];
        runs.extend(self.files.into_iter().map(|file| Box::new(Run(BufReader::new(file))) as Box<_>));
        let mut heads = BinaryHeap::new();
        for (number, run) in runs.iter_mut().enumerate() {
            heads.extend(run.next().transpose()?.map(|entry| Reverse((entry, number))));
        }
        let mut last: Option<Entry> = None;
        while let Some(Reverse((entry, number))) = heads.pop() {
            if last.is_some_and(|last| last.0 == entry.0) {
                return Ok(Some(entry.1));
            }
            last = Some(entry);
            heads.extend(runs[number].next().transpose()?.map(|entry| Reverse((entry, number))));
        }
        Ok(None)
    }
}

struct Run(BufReader<File>);

impl Iterator for Run {
    type Item = io::Result<Entry>;

    fn next(&mut self) -> Option<Self::Item> {
        let (mut key, mut place) = ([0; 16], [0; 8]);
        match self.0.read_exact(&mut key) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return None,
            Err(error) => return Some(Err(error)),
            Ok(()) => {}
        }
        Some(self.0.read_exact(&mut place).map(|()| (key, u64::from_be_bytes(place))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(n: u64) -> [u8; 16] {
        let mut key = [0; 16];
        // In no order.
        key[..8].copy_from_slice(&n.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes());
        key
    }

    /// One key twice among a thousand is found, within a stretch as across stretches, and its later place is told.
    #[test]
    fn a_key_that_is_there_twice_is_found() {
        for most in [1, 7, 100, 5_000] {
            for (first, second) in [(0, 1), (3, 999), (500, 501), (998, 999)] {
                let mut distinct = Distinct::with(most);
                for n in 0..1_000 {
                    distinct.push(key(if n == second { first } else { n }), n).expect("kept");
                }
                assert_eq!(distinct.twice().expect("read"), Some(second), "{most}: {first}, {second}");
            }
            let mut distinct = Distinct::with(most);
            (0..1_000).for_each(|n| distinct.push(key(n), n).expect("kept"));
            assert_eq!(distinct.twice().expect("read"), None);
        }
    }
}
