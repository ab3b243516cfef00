//! The file: eight bytes that name it, what a node says of itself (JSON, compressed), then the blocks from the first
//! one on, SCALE encoded, each after its length. It is written in one pass, and read at any block.

use std::{
    collections::{BTreeMap, HashMap},
    fs::File,
    io::{BufReader, BufWriter, Read, Write},
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

use codec::{Compact, Decode, Encode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sp_crypto_hashing::{blake2_256, twox_128};

use crate::error::ReplayError;

/// What the file begins with; the last byte is the version of its form.
const MAGIC: &[u8; 8] = b"YSCHAIN\x01";
/// Most bytes of one part of the file: a length beyond is none of ours.
const MOST: u32 = 64 << 20;
/// How small the beginning is made.
const LEVEL: i32 = 9;

/// A hash of 256 bits.
pub type Hash = [u8; 32];

/// What a node says that is the same at every block.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preamble {
    /// Answers by question ([`question`]).
    pub answers: BTreeMap<String, Value>,
    /// What lies in the state of every block, by key, both in hexadecimal.
    pub storage: BTreeMap<String, String>,
}

/// How a question is called among the answers: its method, and its parameters without a block.
pub fn question(method: &str, parameters: &[Value]) -> String {
    format!("{method}{}", Value::from(parameters.to_vec()))
}

/// A block's header.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Header {
    /// Hash of the block before.
    pub parent: Hash,
    /// Height.
    pub number: u32,
    /// Root of the state after it.
    pub state_root: Hash,
    /// Root of its transactions.
    pub extrinsics_root: Hash,
    /// What consensus adds; each item as SCALE.
    pub logs: Vec<Vec<u8>>,
}

impl Header {
    /// The block's hash: Blake2b-256 of the header as Substrate encodes it.
    pub fn hash(&self) -> Hash {
        let count = u32::try_from(self.logs.len()).unwrap_or(u32::MAX);
        let mut bytes = (self.parent, Compact(self.number), self.state_root, self.extrinsics_root).encode();
        Compact(count).encode_to(&mut bytes);
        self.logs.iter().for_each(|item| bytes.extend_from_slice(item));
        blake2_256(&bytes)
    }

    /// As nodes write it.
    pub fn json(&self) -> Value {
        let logs: Vec<_> = self.logs.iter().map(|item| hexadecimal(item)).collect();
        json!({
            "parentHash": hexadecimal(&self.parent),
            "number": format!("{:#x}", self.number),
            "stateRoot": hexadecimal(&self.state_root),
            "extrinsicsRoot": hexadecimal(&self.extrinsics_root),
            "digest": {"logs": logs},
        })
    }
}

/// A block, and what of its state is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Block {
    /// Its header.
    pub header: Header,
    /// Its transactions, each with its length before it.
    pub extrinsics: Vec<Vec<u8>>,
    /// Keys and values of the state after it.
    pub values: Vec<(Vec<u8>, Vec<u8>)>,
}

/// Where a chain keeps something that is one value.
pub fn key(pallet: &str, entry: &str) -> Vec<u8> {
    [twox_128(pallet.as_bytes()), twox_128(entry.as_bytes())].concat()
}

/// With 0x before it.
pub fn hexadecimal(bytes: &[u8]) -> String {
    format!("0x{}", hex::encode(bytes))
}

/// The bytes of a text that [`hexadecimal`] wrote.
pub fn bytes_of(text: &str) -> Option<Vec<u8>> {
    hex::decode(text.strip_prefix("0x")?).ok()
}

/// Writes a recording.
#[derive(Debug)]
pub struct Writer {
    path: PathBuf,
    file: BufWriter<File>,
}

impl Writer {
    /// Begins a file; what was there is gone.
    ///
    /// # Errors
    /// [`ReplayError::File`].
    pub fn create(path: &Path, preamble: &Preamble) -> Result<Self, ReplayError> {
        let failed = ReplayError::file(path);
        let file = BufWriter::new(File::create(path).map_err(&failed)?);
        let mut writer = Self { path: path.to_owned(), file };
        let text = json!(preamble).to_string();
        let packed = zstd::encode_all(text.as_bytes(), LEVEL).map_err(&failed)?;
        writer.file.write_all(MAGIC).map_err(&failed)?;
        writer.part(&packed)?;
        Ok(writer)
    }

    /// Appends the next block.
    ///
    /// # Errors
    /// [`ReplayError::File`].
    pub fn write(&mut self, block: &Block) -> Result<(), ReplayError> {
        self.part(&block.encode())
    }

    /// Ends the file.
    ///
    /// # Errors
    /// [`ReplayError::File`].
    pub fn finish(mut self) -> Result<(), ReplayError> {
        self.file.flush().map_err(ReplayError::file(&self.path))
    }

    fn part(&mut self, bytes: &[u8]) -> Result<(), ReplayError> {
        let too_long = || std::io::Error::other(format!("a part of {} bytes", bytes.len()));
        let length = u32::try_from(bytes.len()).ok().filter(|length| *length <= MOST);
        let written = length.ok_or_else(too_long).and_then(|length| {
            self.file.write_all(&length.to_le_bytes())?;
            self.file.write_all(bytes)
        });
        written.map_err(ReplayError::file(&self.path))
    }
}

/// Where a block is in the file.
#[derive(Debug, Clone, Copy)]
struct Place {
    at: u64,
    length: usize,
    hash: Hash,
}

/// A file that is open, and where each block is in it.
#[derive(Debug)]
pub struct Recording {
    path: PathBuf,
    file: File,
    preamble: Preamble,
    places: Vec<Place>,
    by_hash: HashMap<Hash, u32>,
}

impl Recording {
    /// Opens a file, and reads through it once: each block must name the one before it.
    ///
    /// # Errors
    /// [`ReplayError::File`], [`ReplayError::Recording`].
    pub fn open(path: &Path) -> Result<Self, ReplayError> {
        let file = File::open(path).map_err(ReplayError::file(path))?;
        let mut reader = BufReader::with_capacity(1 << 20, file.try_clone().map_err(ReplayError::file(path))?);
        let wrong = |reason: String| ReplayError::Recording { path: path.to_owned(), reason };
        let mut magic = [0; MAGIC.len()];
        reader.read_exact(&mut magic).map_err(|error| wrong(error.to_string()))?;
        if magic != *MAGIC {
            return Err(wrong("it does not begin as one of this version does".into()));
        }
        let mut part = Vec::new();
        let mut at = 8u64;
        if !next(&mut reader, &mut part).map_err(|error| wrong(error.to_string()))? {
            return Err(wrong("it ends after its first bytes".into()));
        }
        at = at.saturating_add(4).saturating_add(u64::try_from(part.len()).unwrap_or(u64::MAX));
        let preamble = preamble(&part).map_err(&wrong)?;
        let (mut places, mut by_hash) = (Vec::<Place>::new(), HashMap::new());
        while next(&mut reader, &mut part).map_err(|error| wrong(error.to_string()))? {
            let number = u32::try_from(places.len()).map_err(|error| wrong(error.to_string()))?;
            // The header comes first in a block, and is all that is looked at here.
            let header = Header::decode(&mut &part[..]).map_err(|error| wrong(format!("block {number}: {error}")))?;
            let parent = places.last().map_or([0; 32], |before| before.hash);
            if header.number != number || header.parent != parent {
                return Err(wrong(format!("block {number} does not follow the one before it")));
            }
            let hash = header.hash();
            at = at.saturating_add(4);
            places.push(Place { at, length: part.len(), hash });
            at = at.saturating_add(u64::try_from(part.len()).unwrap_or(u64::MAX));
            by_hash.insert(hash, number);
        }
        Ok(Self { path: path.to_owned(), file, preamble, places, by_hash })
    }

    /// What the node said of itself.
    pub fn preamble(&self) -> &Preamble {
        &self.preamble
    }

    /// How many blocks there are, the first one included.
    pub fn len(&self) -> u32 {
        u32::try_from(self.places.len()).unwrap_or(u32::MAX)
    }

    /// Whether there is no block.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The hash of the block at this height.
    pub fn hash(&self, number: u32) -> Option<Hash> {
        self.place(number).map(|place| place.hash)
    }

    /// The height of the block with this hash.
    pub fn number(&self, hash: &Hash) -> Option<u32> {
        self.by_hash.get(hash).copied()
    }

    /// The block at this height.
    ///
    /// # Errors
    /// [`ReplayError::Recording`] where there is none, or the file was changed meanwhile.
    pub fn block(&self, number: u32) -> Result<Block, ReplayError> {
        let wrong = |reason: String| ReplayError::Recording { path: self.path.clone(), reason };
        let place = self.place(number).ok_or_else(|| wrong(format!("it has no block {number}")))?;
        let mut bytes = vec![0; place.length];
        self.file.read_exact_at(&mut bytes, place.at).map_err(ReplayError::file(&self.path))?;
        Block::decode(&mut &bytes[..]).map_err(|error| wrong(format!("block {number}: {error}")))
    }

    fn place(&self, number: u32) -> Option<Place> {
        self.places.get(usize::try_from(number).ok()?).copied()
    }
}

/// Reads the next part; whether there is one.
fn next(reader: &mut impl Read, part: &mut Vec<u8>) -> std::io::Result<bool> {
    let mut length = [0; 4];
    match reader.read(&mut length)? {
        0 => return Ok(false),
        read => reader.read_exact(length.get_mut(read..).unwrap_or_default())?,
    }
    let length = u32::from_le_bytes(length);
    if length > MOST {
        return Err(std::io::Error::other(format!("a part of {length} bytes")));
    }
    part.clear();
    part.resize(usize::try_from(length).unwrap_or(usize::MAX), 0);
    reader.read_exact(part)?;
    Ok(true)
}

fn preamble(packed: &[u8]) -> Result<Preamble, String> {
    let unpacker = zstd::Decoder::new(packed).map_err(|error| error.to_string())?;
    // Bounded, whatever the file claims of itself.
    serde_json::from_reader(unpacker.take(u64::from(MOST))).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(parent: Hash, number: u32) -> Block {
        let header =
            Header { parent, number, state_root: [1; 32], extrinsics_root: [2; 32], logs: vec![vec![0, 4, 9]] };
        Block { header, extrinsics: vec![vec![4, 5]], values: vec![(key("System", "Events"), vec![0])] }
    }

    /// The devnet's block 1, as it gave it.
    #[test]
    fn a_headers_hash_is_the_chains() {
        let hash = |text: &str| Hash::try_from(bytes_of(text).expect("hexadecimal")).expect("32 bytes");
        let header = Header {
            parent: hash("0xcfe94a0284a1287a3dc09ab5dc04b79ca6fa37f700cb31bd78e1bf092c96e400"),
            number: 1,
            state_root: hash("0x77b44c89f29610fd399ddbac86170f8fe269f6ddae20c0d7bb54fa9767ccb8ce"),
            extrinsics_root: hash("0xb9a89b1e91f56b44d802b1d607c96a6ab7f2f82341545b83ef565908031dc340"),
            logs: Vec::new(),
        };
        let expected = "0x9f26ba3e72a95250492866628d8eb2852756029c7a72ca314f2177102a512359";
        assert_eq!(hexadecimal(&header.hash()), expected);
    }

    #[test]
    fn a_recording_is_read_as_it_was_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("chain");
        let answers = BTreeMap::from([(question("system_chain", &[]), json!("Here"))]);
        let preamble = Preamble { answers, storage: BTreeMap::new() };
        let first = block([0; 32], 0);
        let second = block(first.header.hash(), 1);
        let mut writer = Writer::create(&path, &preamble).expect("created");
        for block in [&first, &second] {
            writer.write(block).expect("written");
        }
        writer.finish().expect("finished");
        let recording = Recording::open(&path).expect("opened");
        assert_eq!((recording.preamble(), recording.len()), (&preamble, 2));
        assert_eq!(
            (recording.block(0).expect("a block"), recording.block(1).expect("a block")),
            (first, second.clone())
        );
        assert_eq!(recording.number(&second.header.hash()), Some(1));
        assert!(matches!(recording.block(2), Err(ReplayError::Recording { .. })));
    }

    /// A file that ends in a block, one of something else, and a block that does not follow are all said.
    #[test]
    fn what_is_no_recording_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("chain");
        let mut writer = Writer::create(&path, &Preamble::default()).expect("created");
        writer.write(&block([0; 32], 0)).expect("written");
        writer.finish().expect("finished");
        let whole = std::fs::read(&path).expect("read");
        Recording::open(&path).expect("a recording");
        let refused = |bytes: &[u8]| {
            std::fs::write(&path, bytes).expect("written");
            matches!(Recording::open(&path), Err(ReplayError::Recording { .. }))
        };
        assert!(refused(&whole[..whole.len() - 1]));
        assert!(refused(&whole[1..]));
        let mut twice = whole.clone();
        twice.extend_from_slice(&whole[whole.len() - block([0; 32], 0).encode().len() - 4..]);
        assert!(refused(&twice));
        let mut huge = whole;
        huge.extend_from_slice(&u32::MAX.to_le_bytes());
        assert!(refused(&huge));
    }
}
