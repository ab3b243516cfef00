//! Who has read what of the log's restricted part: a file of lines, each with the hash of the one before, so that none
//! can be changed, left out or put in later without all that follow (ATT-13).
//!
//! A line has the grant and the reader's own signature over the request: neither the log's operator nor the reader can
//! say afterwards that it was otherwise. It is on the disk before the answer is sent. A last line that a crash cut off
//! was answered to nobody, and goes.

use std::{
    collections::VecDeque,
    fs::{File, OpenOptions},
    io::{self, BufRead, BufReader, Seek, SeekFrom, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};
use yieldset_rules::grant::{Grant, READING_SKEW, reading_bytes};

use crate::{
    files::{FileError, hex_bytes},
    grant::{Admitted, SignedGrant},
    sha256,
    usage_log::signature_is_valid,
};

/// Its name in the log's folder.
pub const FILE: &str = "readings.jsonl";
/// Longest line, in bytes.
const MAX_LINE: usize = 8 * 1024;

/// Why a reading was not logged, and so not made; or what is wrong with the log of readings.
#[derive(Debug, thiserror::Error)]
pub enum ReadingError {
    /// The file.
    #[error(transparent)]
    File(#[from] FileError),
    /// Made before.
    #[error("this reading was made before; sign the request again")]
    Replayed,
    /// More than a line of the log of readings holds.
    #[error("what is asked for makes a line of {0} bytes, and one has at most {MAX_LINE}; ask in fewer words")]
    TooLong(usize),
    /// It could not be written, nor taken back.
    #[error("the log of readings cannot be written ({0}); nothing is read until the service is started again")]
    Stopped(String),
    /// A line is not what follows from the one before.
    #[error("line {line} of {path}: {reason}; it was changed, restore it from a copy", path = path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// From 1 on.
        line: u64,
        /// What is wrong.
        reason: String,
    },
}

/// A line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    /// From 0 on.
    pub number: u64,
    /// SHA-256 of the line before, without its end; zero for the first.
    #[serde(with = "hex_bytes")]
    pub previous: [u8; 32],
    /// When it was answered, by the log's clock, in Unix seconds.
    pub at: u64,
    /// By which grant.
    pub grant: SignedGrant,
    /// Path and query.
    pub asked: String,
    /// When it was asked, by the reader's clock.
    pub asked_at: u64,
    /// The reader's signature over that.
    #[serde(with = "hex_bytes")]
    pub signature: [u8; 64],
    /// How many records or lines were given.
    pub given: u64,
}

impl Reading {
    /// Whether its grant's issuer and its reader signed what it says.
    fn is_signed(&self) -> bool {
        let Ok(bytes) = hex::decode(&self.grant.grant) else { return false };
        let Ok(grant) = Grant::from_bytes(&bytes) else { return false };
        signature_is_valid(&grant.issuer, &bytes, &self.grant.signature)
            && signature_is_valid(
                &grant.reader,
                &reading_bytes(&sha256(&bytes), &self.asked, self.asked_at),
                &self.signature,
            )
    }
}

/// How far the log of readings is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Head {
    /// Lines.
    pub readings: u64,
    /// SHA-256 of the last one; zero where there is none. Who keeps it notices if what was read is changed later.
    #[serde(with = "hex_bytes")]
    #[schema(value_type = String)]
    pub head: [u8; 32],
}

#[derive(Debug)]
struct State {
    file: File,
    length: u64,
    head: Head,
    /// Signatures of readings that could be sent again: the newest last.
    recent: VecDeque<(u64, [u8; 64])>,
    stopped: Option<String>,
}

/// The log of readings, open for writing.
#[derive(Debug)]
pub struct ReadingLog {
    path: PathBuf,
    state: Mutex<State>,
    /// In tests: how the next write fails, and whether it cannot be taken back either.
    #[cfg(test)]
    pub(crate) fault: Mutex<Option<bool>>,
}

impl ReadingLog {
    /// Opens the log of readings in a log's folder, made where there is none, and checks all of it. The caller is the
    /// log's one writer.
    ///
    /// # Errors
    /// [`ReadingError::File`], [`ReadingError::Damaged`].
    pub fn open(log_dir: &Path) -> Result<Self, ReadingError> {
        let path = log_dir.join(FILE);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let mut file = options.open(&path).map_err(FileError::io(&path))?;
        let mut recent = VecDeque::new();
        let (head, length) = walk(&path, BufReader::new(&mut file), |reading| {
            recent.push_back((reading.asked_at, reading.signature));
            // More than anybody reads in the time in which one could be sent again.
            if recent.len() > 10_000 {
                recent.pop_front();
            }
        })?;
        file.set_len(length).and_then(|()| file.sync_all()).map_err(FileError::io(&path))?;
        let state = Mutex::new(State { file, length, head, recent, stopped: None });
        Ok(Self {
            path,
            state,
            #[cfg(test)]
            fault: Mutex::default(),
        })
    }

    /// How far it is.
    pub fn head(&self) -> Head {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).head
    }

    /// Logs a reading, durably, at a time in Unix seconds: only then may it be answered.
    ///
    /// # Errors
    /// [`ReadingError`]: it must not be.
    pub fn append(&self, admitted: &Admitted, given: u64, now: u64) -> Result<(), ReadingError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(reason) = &state.stopped {
            return Err(ReadingError::Stopped(reason.clone()));
        }
        // Those that are older are refused by their time.
        while state.recent.front().is_some_and(|(at, _)| at.saturating_add(2 * READING_SKEW) < now) {
            state.recent.pop_front();
        }
        if state.recent.iter().any(|(_, signature)| *signature == admitted.signature) {
            return Err(ReadingError::Replayed);
        }
        let reading = Reading {
            number: state.head.readings,
            previous: state.head.head,
            at: now,
            grant: admitted.signed.clone(),
            asked: admitted.asked.clone(),
            asked_at: admitted.at,
            signature: admitted.signature,
            given,
        };
        let mut line = serde_json::to_vec(&reading)
            .map_err(|error| FileError::content(&self.path, error.to_string()))
            .map_err(ReadingError::File)?;
        let head = Head { readings: reading.number + 1, head: sha256(&line) };
        line.push(b'\n');
        // One that nobody could read back would be the last: the log of readings is read whole before it is gone on
        // with.
        if line.len() > MAX_LINE {
            return Err(ReadingError::TooLong(line.len()));
        }
        if let Err(error) = self.write(&mut state, &line) {
            if let Err(kept) = self.take_back(&state) {
                state.stopped = Some(kept.to_string());
            }
            return Err(FileError::Io { path: self.path.clone(), source: error }.into());
        }
        state.length += line.len() as u64;
        state.head = head;
        state.recent.push_back((admitted.at, admitted.signature));
        Ok(())
    }

    fn write(&self, state: &mut State, line: &[u8]) -> io::Result<()> {
        state.file.seek(SeekFrom::Start(state.length))?;
        #[cfg(test)]
        if self.fault.lock().expect("lock").is_some() {
            state.file.write_all(&line[..line.len() / 2])?;
            return Err(io::Error::from_raw_os_error(28));
        }
        state.file.write_all(line)?;
        state.file.sync_data()
    }

    /// Half a line must not stay.
    fn take_back(&self, state: &State) -> io::Result<()> {
        #[cfg(test)]
        if self.fault.lock().expect("lock").take() == Some(true) {
            return Err(io::Error::from_raw_os_error(5));
        }
        state.file.set_len(state.length)?;
        state.file.sync_all()
    }

    /// Lines from a number on, at most so many, as they are.
    ///
    /// # Errors
    /// [`ReadingError::File`].
    pub fn lines(&self, from: u64, most: usize) -> Result<Vec<String>, ReadingError> {
        let end = self.head().readings;
        let file = File::open(&self.path).map_err(FileError::io(&self.path))?;
        let lines = BufReader::new(file).lines().take(usize::try_from(end).unwrap_or(usize::MAX));
        let lines = lines.skip(usize::try_from(from).unwrap_or(usize::MAX)).take(most);
        Ok(lines.collect::<io::Result<_>>().map_err(FileError::io(&self.path))?)
    }
}

/// Checks a log of readings, or a copy of one: each line follows the one before, and is signed by its grant's issuer
/// and its reader.
///
/// # Errors
/// [`ReadingError::File`], [`ReadingError::Damaged`].
pub fn check(path: &Path) -> Result<Head, ReadingError> {
    let file = File::open(path).map_err(FileError::io(path))?;
    let mut unsigned = None;
    let (head, length) = walk(path, BufReader::new(file), |reading| {
        if unsigned.is_none() && !reading.is_signed() {
            unsigned = Some(reading.number);
        }
    })?;
    let damaged =
        |line: u64, reason: &str| Err(ReadingError::Damaged { path: path.to_owned(), line, reason: reason.to_owned() });
    if let Some(number) = unsigned {
        return damaged(number + 1, "it is not signed by its grant's issuer and its reader");
    }
    match std::fs::metadata(path).map_err(FileError::io(path))?.len() == length {
        true => Ok(head),
        false => damaged(head.readings + 1, "it is cut off"),
    }
}

/// Goes through the whole lines; how far they are, and their length in bytes.
fn walk(path: &Path, mut reader: impl BufRead, mut each: impl FnMut(Reading)) -> Result<(Head, u64), ReadingError> {
    let (mut head, mut length, mut line) = (Head { readings: 0, head: [0; 32] }, 0, Vec::new());
    loop {
        line.clear();
        let read = io::Read::take(&mut reader, MAX_LINE as u64).read_until(b'\n', &mut line);
        let read = read.map_err(FileError::io(path))?;
        if line.pop_if(|last| *last == b'\n').is_none() {
            let damaged = read == MAX_LINE;
            let reason = || "it is longer than a line is".to_owned();
            return match damaged {
                true => Err(ReadingError::Damaged { path: path.to_owned(), line: head.readings + 1, reason: reason() }),
                false => Ok((head, length)),
            };
        }
        let damaged = |reason: String| ReadingError::Damaged { path: path.to_owned(), line: head.readings + 1, reason };
        let reading: Reading = serde_json::from_slice(&line).map_err(|error| damaged(error.to_string()))?;
        if (reading.number, reading.previous) != (head.readings, head.head) {
            return Err(damaged("it does not follow the line before".into()));
        }
        head = Head { readings: head.readings + 1, head: sha256(&line) };
        length += read as u64;
        each(reading);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        grant::{Grant, tests::grant},
        testing::key,
    };
    use ed25519_dalek::Signer;

    const NOW: u64 = 1_800_000_000;

    fn admitted(n: u64) -> Admitted {
        let grant: Grant = grant(1, NOW);
        let signed = SignedGrant::sign(&grant, &key(1)).expect("signed");
        let asked = format!("/v1/records?from={n}&to=9");
        let signature = key(40).sign(&reading_bytes(&sha256(&grant.to_bytes()), &asked, NOW)).to_bytes();
        Admitted { grant, signed, asked, at: NOW, signature }
    }

    fn of(lines: u64) -> (tempfile::TempDir, ReadingLog) {
        let folder = tempfile::tempdir().expect("temporary folder");
        let log = ReadingLog::open(folder.path()).expect("opened");
        (0..lines).for_each(|n| log.append(&admitted(n), 3, NOW + n).expect("logged"));
        (folder, log)
    }

    /// Proves ATT-13: each reading is a line with grant and signatures; a byte that is another one, a line that is left
    /// out, put in, or in another place is noticed. A line that a crash cut off goes, and nothing with it.
    #[test]
    fn readings_are_chained() {
        let (folder, log) = of(4);
        let head = log.head();
        assert_eq!((head.readings, log.lines(1, 2).expect("read").len()), (4, 2));
        drop(log);
        let path = folder.path().join(FILE);
        let good = std::fs::read(&path).expect("read");
        assert_eq!(check(&path).expect("whole"), head);
        let lines: Vec<&[u8]> = good.split_inclusive(|byte| *byte == b'\n').collect();
        for at in (0..good.len() - lines[3].len()).step_by(7) {
            let mut bad = good.clone();
            bad[at] ^= 1;
            std::fs::write(&path, bad).expect("changed");
            assert!(check(&path).map_or(true, |other| other != head), "{at}");
        }
        for bad in [
            [lines[0], lines[2], lines[3]].concat(),
            [lines[0], lines[0], lines[1], lines[2], lines[3]].concat(),
            [lines[1], lines[0], lines[2], lines[3]].concat(),
            lines[1..].concat(),
        ] {
            std::fs::write(&path, bad).expect("changed");
            assert!(matches!(check(&path), Err(ReadingError::Damaged { .. })));
            assert!(ReadingLog::open(folder.path()).is_err());
        }
        std::fs::write(&path, &good[..good.len() - 5]).expect("cut");
        assert!(check(&path).is_err());
        let log = ReadingLog::open(folder.path()).expect("opened");
        assert_eq!(log.head().readings, 3);
        log.append(&admitted(9), 1, NOW).expect("goes on");
        assert_eq!(check(&path).expect("whole").readings, 4);
    }

    /// A reading is made once, also after a restart; another request's or second's is another one.
    #[test]
    fn a_reading_is_not_made_again() {
        let (folder, log) = of(2);
        assert!(matches!(log.append(&admitted(1), 3, NOW), Err(ReadingError::Replayed)));
        drop(log);
        let log = ReadingLog::open(folder.path()).expect("opened");
        assert!(matches!(log.append(&admitted(0), 3, NOW + 1), Err(ReadingError::Replayed)));
        log.append(&admitted(2), 3, NOW + 1).expect("another");
        assert_eq!(log.head().readings, 3);
    }

    /// Proves ATT-13 on a full disk (ENOSPC) and one that fails (EIO): what cannot be logged is not read, half a line
    /// does not stay, and where it cannot be taken back nothing is read until the next start.
    #[test]
    fn what_is_not_logged_is_not_read() {
        let (folder, log) = of(1);
        *log.fault.lock().expect("lock") = Some(false);
        assert!(matches!(log.append(&admitted(1), 3, NOW), Err(ReadingError::File(_))));
        log.append(&admitted(1), 3, NOW).expect("there is room again");
        assert_eq!(check(&folder.path().join(FILE)).expect("whole").readings, 2);
        *log.fault.lock().expect("lock") = Some(true);
        assert!(matches!(log.append(&admitted(2), 3, NOW), Err(ReadingError::File(_))));
        assert!(matches!(log.append(&admitted(2), 3, NOW), Err(ReadingError::Stopped(_))));
        drop(log);
        let log = ReadingLog::open(folder.path()).expect("opened");
        log.append(&admitted(2), 3, NOW).expect("logged");
        assert_eq!(check(&folder.path().join(FILE)).expect("whole").readings, 3);
    }

    /// A reader who asks in more words than a line holds does not stop the service for ever.
    #[test]
    fn what_is_too_long_for_a_line_is_not_read() {
        let (folder, log) = of(1);
        let asked = format!("/v1/records?from={}0&to=9", "0".repeat(MAX_LINE));
        let grant: Grant = grant(1, NOW);
        let signed = SignedGrant::sign(&grant, &key(1)).expect("signed");
        let signature = key(40).sign(&reading_bytes(&sha256(&grant.to_bytes()), &asked, NOW)).to_bytes();
        let long = log.append(&Admitted { grant, signed, asked, at: NOW, signature }, 3, NOW);
        drop(log);
        let log = ReadingLog::open(folder.path()).expect("the service starts again");
        assert!(long.is_err() && log.head().readings == 1);
        log.append(&admitted(1), 3, NOW).expect("goes on");
    }
}
