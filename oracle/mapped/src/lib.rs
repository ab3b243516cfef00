//! Numbers that are written once to a file and then read as memory: the system keeps in memory what is asked for, and
//! no more than it has room for.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
};

use memmap2::Mmap;

/// Numbers of 64 bits in a file without a name, in this machine's order of bytes. It is gone when they are.
#[derive(Debug)]
pub struct Words(Mmap);

impl Words {
    /// What `write` writes. What is not a whole number at the end is left out.
    ///
    /// # Errors
    /// Those of the folder for temporary files, a full disk's among them; and `write`'s.
    pub fn written(write: impl FnOnce(&mut BufWriter<&File>) -> io::Result<()>) -> io::Result<Self> {
        let file = tempfile::tempfile()?;
        let mut writer = BufWriter::new(&file);
        write(&mut writer)?;
        writer.flush()?;
        drop(writer);
        #[allow(
            unsafe_code,
            reason = "a file that changes under a mapping is undefined: this one has no name and is closed below"
        )]
        // SAFETY: the file was made here without a name, nobody else was given it but `write`, which has given it back,
        // and it is closed with this function's end: nothing changes its bytes or cuts it off.
        let map = unsafe { Mmap::map(&file) }?;
        Ok(Self(map))
    }
}

impl AsRef<[u64]> for Words {
    fn as_ref(&self) -> &[u64] {
        let whole = self.0.len() / size_of::<u64>() * size_of::<u64>();
        // A mapping begins at a page.
        bytemuck::cast_slice(&self.0[..whole])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_what_was_written() {
        let some: Vec<u64> = (0..100_000).map(|one: u64| one.wrapping_mul(0x9e37_79b9_7f4a_7c15)).collect();
        let write = |file: &mut BufWriter<&File>| {
            some.iter().try_for_each(|one| file.write_all(&one.to_ne_bytes()))?;
            file.write_all(b"rest")
        };
        assert_eq!(Words::written(write).expect("a file").as_ref(), some);
        assert_eq!(Words::written(|_| Ok(())).expect("a file").as_ref(), [0; 0]);
        let full = Words::written(|_| Err(io::Error::from(io::ErrorKind::StorageFull)));
        assert_eq!(full.map(|_| ()).map_err(|error| error.kind()), Err(io::ErrorKind::StorageFull));
    }
}
