//! Datasets: their versions, what models were trained on them, withdrawal and redaction, and which licences are open on
//! them.
//!
//! Nothing here is ever deleted: a version is withdrawn or replaced, a run and a certificate are written once.
//!
//! Nothing can be taken in advance either. Every id is bound to who registers under it: a dataset's is made of its
//! registrant ([`dataset_id`]), runs and model cards lie under their platform. What is in a dataset is compared with
//! that dataset alone: who else registered the same bytes never makes a message fail, and who did so first is told by
//! the registry's `firstOf`. The manifest itself names the account that it belongs to, so a copied hash proves nothing
//! for the copier.

pub mod earning;

use crate::packed;

/// A hash or an id made of one.
pub type Hash = [u8; 32];
/// An account.
pub type Account = [u8; 20];

/// Most dataset versions in one training run's record; a larger run is recorded in parts, each under its own id.
pub const MAX_ENTRIES: usize = 32;

/// A dataset's id: `keccak256(abi.encodePacked(registrant, label))`, of 20 and 32 bytes. It is known before the dataset
/// is registered, and nobody else can register it. It stays the same where the dataset is handed over. The label is the
/// registrant's own, by convention the SHA-256 of a slug.
pub fn dataset_id(registrant: &Account, label: &Hash, keccak256: impl Fn(&[u8]) -> Hash) -> Hash {
    let mut packed = [0; 52];
    packed[..20].copy_from_slice(registrant);
    packed[20..].copy_from_slice(label);
    keccak256(&packed)
}

/// What became of a dataset version. The numbers are those of the ABI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum VersionState {
    /// There is no such version.
    Unknown = 0,
    /// May be ingested.
    Registered = 1,
    /// Its creator took it back: no new ingestion counts, earlier ones stay recorded.
    Withdrawn = 2,
    /// Replaced by a version without some personal data: every platform that ingested it owes a certificate.
    Redacted = 3,
}

/// A platform's duty after the redaction of a version. The numbers are those of the ABI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum CertificateState {
    /// The platform never ingested the version.
    NotIngested = 0,
    /// Ingested, and nothing to certify.
    NotDue = 1,
    /// The version is redacted and the certificate is missing.
    Pending = 2,
    /// The certificate is filed.
    Certified = 3,
}

/// Whether a licence is open on a dataset. A licence id serves once: what was closed never opens again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(u8)]
pub enum LicenceState {
    /// Never opened.
    #[default]
    Unknown = 0,
    /// Opened and not closed.
    Open = 1,
    /// Closed for good.
    Closed = 2,
    /// Agreed on, and not in force until it is opened.
    Held = 3,
}

impl LicenceState {
    /// From its stored byte.
    pub fn from_byte(byte: u8) -> Self {
        match byte {
            1 => Self::Open,
            2 => Self::Closed,
            3 => Self::Held,
            _ => Self::Unknown,
        }
    }
}

/// Why something is refused; nothing was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProvenanceError {
    /// Nobody registered this dataset.
    UnknownDataset,
    /// The account registered a dataset with this label before.
    DatasetExists,
    /// A version cannot be replaced by its own manifest.
    SameManifest,
    /// The version that has the manifest cannot stand in: it is older than the one to replace, or withdrawn or redacted
    /// itself.
    UnfitReplacement {
        /// That version.
        version: u32,
        /// Its state.
        state: VersionState,
    },
    /// The dataset belongs to somebody else.
    NotCreator {
        /// Who does own it.
        creator: Account,
    },
    /// The dataset is not being handed over to the caller.
    NotPendingCreator {
        /// To whom it is; zero where to nobody.
        pending: Account,
    },
    /// Licences are active on the dataset.
    LicencesActive {
        /// How many.
        active: u32,
    },
    /// The licence was opened before, whether or not it is closed.
    LicenceUsed,
    /// The licence is not open.
    LicenceNotOpen,
    /// Another licence's exclusivity window is open.
    ExclusivityOpen {
        /// That licence.
        licence: Hash,
        /// Until then, Unix seconds.
        until: u64,
    },
    /// An exclusivity window must end in the future.
    InvalidExclusivity {
        /// Its end.
        until: u64,
    },
    /// Only a registered version can be ingested or withdrawn, only one not redacted yet can be redacted.
    VersionState(VersionState),
    /// The platform never ingested this version.
    NotIngested,
    /// The platform filed its certificate already.
    AlreadyCertified,
    /// No entries, or more than [`MAX_ENTRIES`].
    EntryCount {
        /// How many.
        count: usize,
    },
    /// Entries must rise by dataset, then version, without repetition.
    EntriesOutOfOrder {
        /// The first that does not.
        index: usize,
    },
}

/// A dataset: one record, so that one slot answers every question about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Dataset {
    /// Who owns it; zero where it was never registered.
    pub creator: Account,
    /// Who may accept it; zero where nobody.
    pub pending: Account,
    /// The pool that may license it; zero where none.
    pub pool: Account,
    /// Its last version, counting from 1.
    pub latest: u32,
    /// Licences open on it.
    pub active: u32,
    /// The licence that has or had the last exclusivity window; zero where none, or where it was closed.
    pub exclusive: Hash,
    /// Until then, Unix seconds.
    pub exclusive_until: u64,
    /// Training runs recorded with any of its versions.
    pub runs: u32,
    /// Hash of its current card; zero where none.
    pub card: Hash,
}
packed!(Dataset {
    creator: Account,
    pending: Account,
    pool: Account,
    latest: u32,
    active: u32,
    exclusive: Hash,
    exclusive_until: u64,
    runs: u32,
    card: Hash,
});

impl Dataset {
    /// A new dataset's first version; its id is [`dataset_id`] of the caller, so that only the caller can name it.
    ///
    /// # Errors
    /// [`ProvenanceError::DatasetExists`].
    pub fn found(&mut self, caller: &Account) -> Result<u32, ProvenanceError> {
        if self.latest != 0 {
            return Err(ProvenanceError::DatasetExists);
        }
        self.creator = *caller;
        Ok(self.next_version())
    }

    /// The next version of a dataset, for its owner. Returns the version's number.
    ///
    /// # Errors
    /// Those of [`Dataset::owned_by`].
    pub fn register(&mut self, caller: &Account) -> Result<u32, ProvenanceError> {
        self.owned_by(caller)?;
        Ok(self.next_version())
    }

    /// Which version stands in for `version` once that is redacted: none (0) where no `manifest` is named; the version
    /// that has it already (`known`), which must be newer and registered, so that no two stand in for each other and
    /// nothing redacted comes back; else the next one. And whether that is new. A creator who registers a privacy
    /// officer's manifest first does not stop the redaction, nor does one who then takes it back: an officer need name
    /// none.
    ///
    /// # Errors
    /// [`ProvenanceError::SameManifest`], [`ProvenanceError::UnfitReplacement`].
    pub fn replacement(
        &mut self,
        version: u32,
        manifest: &Hash,
        known: Option<(u32, VersionState)>,
    ) -> Result<(u32, bool), ProvenanceError> {
        match known {
            _ if *manifest == [0; 32] => Ok((0, false)),
            Some((known, _)) if known == version => Err(ProvenanceError::SameManifest),
            Some((known, VersionState::Registered)) if known > version => Ok((known, false)),
            Some((version, state)) => Err(ProvenanceError::UnfitReplacement { version, state }),
            None => Ok((self.next_version(), true)),
        }
    }

    /// The number of a version that replaces another, by whoever may redact.
    pub fn next_version(&mut self) -> u32 {
        // 2^32 versions of one dataset cannot be paid for.
        self.latest = self.latest.saturating_add(1);
        self.latest
    }

    /// Stops where there is no such dataset.
    ///
    /// # Errors
    /// [`ProvenanceError::UnknownDataset`].
    pub fn known(&self) -> Result<(), ProvenanceError> {
        if self.latest == 0 { Err(ProvenanceError::UnknownDataset) } else { Ok(()) }
    }

    /// Stops everybody but the creator.
    ///
    /// # Errors
    /// [`ProvenanceError::UnknownDataset`], [`ProvenanceError::NotCreator`].
    pub fn owned_by(&self, caller: &Account) -> Result<(), ProvenanceError> {
        self.known()?;
        if self.creator == *caller { Ok(()) } else { Err(ProvenanceError::NotCreator { creator: self.creator }) }
    }

    /// First step of a hand-over; address zero takes it back. Licences go with the dataset, they bind its next owner
    /// too.
    ///
    /// # Errors
    /// Those of [`Dataset::owned_by`].
    pub fn begin_transfer(&mut self, caller: &Account, to: &Account) -> Result<(), ProvenanceError> {
        self.owned_by(caller)?;
        self.pending = *to;
        Ok(())
    }

    /// Second step of a hand-over, by the account it was begun for. Returns who owned it before.
    ///
    /// # Errors
    /// [`ProvenanceError::UnknownDataset`], [`ProvenanceError::NotPendingCreator`].
    pub fn accept_transfer(&mut self, caller: &Account) -> Result<Account, ProvenanceError> {
        self.known()?;
        if self.pending != *caller {
            return Err(ProvenanceError::NotPendingCreator { pending: self.pending });
        }
        let previous = self.creator;
        (self.creator, self.pending) = (*caller, [0; 20]);
        Ok(previous)
    }

    /// Puts the dataset into a pool, or with address zero takes it out, while no licence is active. Returns the pool
    /// before.
    ///
    /// # Errors
    /// Those of [`Dataset::owned_by`]; [`ProvenanceError::LicencesActive`].
    pub fn assign(&mut self, caller: &Account, pool: &Account) -> Result<Account, ProvenanceError> {
        self.owned_by(caller)?;
        if self.active > 0 {
            return Err(ProvenanceError::LicencesActive { active: self.active });
        }
        Ok(core::mem::replace(&mut self.pool, *pool))
    }

    /// The open exclusivity window as (licence, its end); zeros where none is open at `now`.
    pub fn exclusivity(&self, now: u64) -> (Hash, u64) {
        if self.exclusive_until > now { (self.exclusive, self.exclusive_until) } else { ([0; 32], 0) }
    }

    /// A licence is agreed on that is not in force yet: no other may take its place, `until` the end of the time to
    /// bring it into force where it is exclusive, 0 where it is not. Who never does so excludes nobody afterwards.
    ///
    /// # Errors
    /// As [`Dataset::open`].
    pub fn hold(
        &mut self,
        licence: &Hash,
        state: LicenceState,
        until: u64,
        now: u64,
    ) -> Result<LicenceState, ProvenanceError> {
        self.admit(licence, state, until, now)?;
        Ok(LicenceState::Held)
    }

    /// A licence starts, one that was held or another; `until` is the end of its exclusivity window, 0 where it is not
    /// exclusive.
    ///
    /// # Errors
    /// [`ProvenanceError::UnknownDataset`], [`ProvenanceError::LicenceUsed`], [`ProvenanceError::ExclusivityOpen`],
    /// [`ProvenanceError::InvalidExclusivity`], [`ProvenanceError::LicencesActive`] where an exclusive one finds
    /// others.
    pub fn open(
        &mut self,
        licence: &Hash,
        state: LicenceState,
        until: u64,
        now: u64,
    ) -> Result<LicenceState, ProvenanceError> {
        if state != LicenceState::Held {
            self.admit(licence, state, until, now)?;
        } else if until > 0 {
            if until <= now {
                return Err(ProvenanceError::InvalidExclusivity { until });
            }
            // Once the time for it was over, others may have come.
            if self.exclusivity(now).0 != *licence && self.active > 1 {
                return Err(ProvenanceError::LicencesActive { active: self.active.saturating_sub(1) });
            }
            (self.exclusive, self.exclusive_until) = (*licence, until);
        }
        Ok(LicenceState::Open)
    }

    /// Counts a licence, unless another excludes it.
    fn admit(&mut self, licence: &Hash, state: LicenceState, until: u64, now: u64) -> Result<(), ProvenanceError> {
        self.known()?;
        if state != LicenceState::Unknown {
            return Err(ProvenanceError::LicenceUsed);
        }
        let (other, other_until) = self.exclusivity(now);
        if other_until > 0 {
            return Err(ProvenanceError::ExclusivityOpen { licence: other, until: other_until });
        }
        if until > 0 {
            if until <= now {
                return Err(ProvenanceError::InvalidExclusivity { until });
            }
            if self.active > 0 {
                return Err(ProvenanceError::LicencesActive { active: self.active });
            }
            (self.exclusive, self.exclusive_until) = (*licence, until);
        }
        // 2^32 open licences cannot be paid for.
        self.active = self.active.saturating_add(1);
        Ok(())
    }

    /// A licence ended, or was held for nothing; if the exclusivity window was its own, that ends too.
    ///
    /// # Errors
    /// [`ProvenanceError::LicenceNotOpen`].
    pub fn close(&mut self, licence: &Hash, state: LicenceState) -> Result<LicenceState, ProvenanceError> {
        if !matches!(state, LicenceState::Open | LicenceState::Held) {
            return Err(ProvenanceError::LicenceNotOpen);
        }
        self.active = self.active.saturating_sub(1);
        if self.exclusive == *licence {
            (self.exclusive, self.exclusive_until) = ([0; 32], 0);
        }
        Ok(LicenceState::Closed)
    }
}

/// A dataset version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Version {
    /// SHA-256 of its manifest.
    pub manifest: Hash,
    /// SHA-256 of its licence text.
    pub licence: Hash,
    /// Unix seconds.
    pub registered_at: u64,
    /// A [`VersionState`].
    pub state: u8,
    /// The version that stands in for it; 0 where none.
    pub replaced_by: u32,
    /// Unix seconds of its withdrawal or redaction, the later one.
    pub closed_at: u64,
    /// Hash of the reason for it.
    pub reason: Hash,
    /// Training runs recorded with it.
    pub runs: u32,
    /// Distinct platforms that recorded one.
    pub platforms: u32,
    /// Of these, how many certified its redaction.
    pub certified: u32,
}
packed!(Version {
    manifest: Hash,
    licence: Hash,
    registered_at: u64,
    state: u8,
    replaced_by: u32,
    closed_at: u64,
    reason: Hash,
    runs: u32,
    platforms: u32,
    certified: u32,
});

impl Version {
    /// A version as it is registered.
    pub fn new(manifest: Hash, licence: Hash, now: u64) -> Self {
        let state = VersionState::Registered as u8;
        Self { manifest, licence, registered_at: now, state, ..Self::default() }
    }

    /// Where it stands.
    pub fn state(&self) -> VersionState {
        match self.state {
            1 => VersionState::Registered,
            2 => VersionState::Withdrawn,
            3 => VersionState::Redacted,
            _ => VersionState::Unknown,
        }
    }

    /// Stops where the version is in another state than `Registered`.
    fn registered(&self) -> Result<(), ProvenanceError> {
        match self.state() {
            VersionState::Registered => Ok(()),
            other => Err(ProvenanceError::VersionState(other)),
        }
    }

    /// Takes it back.
    ///
    /// # Errors
    /// [`ProvenanceError::VersionState`] unless it is registered.
    pub fn withdraw(&mut self, reason: Hash, now: u64) -> Result<(), ProvenanceError> {
        self.registered()?;
        (self.state, self.reason, self.closed_at) = (VersionState::Withdrawn as u8, reason, now);
        Ok(())
    }

    /// Replaces it; also a withdrawn one, because what was ingested before must be cleaned all the same.
    ///
    /// # Errors
    /// [`ProvenanceError::VersionState`] where it is unknown or redacted.
    pub fn redact(&mut self, replacement: u32, reason: Hash, now: u64) -> Result<(), ProvenanceError> {
        match self.state() {
            VersionState::Registered | VersionState::Withdrawn => {
                self.state = VersionState::Redacted as u8;
                (self.replaced_by, self.reason, self.closed_at) = (replacement, reason, now);
                Ok(())
            }
            other => Err(ProvenanceError::VersionState(other)),
        }
    }

    /// A training run of a platform read it; `by` is that platform's record of this version.
    ///
    /// # Errors
    /// [`ProvenanceError::VersionState`] unless it is registered.
    pub fn ingest(&mut self, by: &mut Ingested) -> Result<(), ProvenanceError> {
        self.registered()?;
        if by.runs == 0 {
            self.platforms = self.platforms.saturating_add(1);
        }
        // 2^32 runs cannot be paid for.
        by.runs = by.runs.saturating_add(1);
        self.runs = self.runs.saturating_add(1);
        Ok(())
    }

    /// A platform certifies that it acted on the redaction; `by` is that platform's record of this version.
    ///
    /// # Errors
    /// [`ProvenanceError::VersionState`] unless it is redacted; [`ProvenanceError::NotIngested`];
    /// [`ProvenanceError::AlreadyCertified`].
    pub fn certify(&mut self, by: &mut Ingested, certificate: Hash, now: u64) -> Result<(), ProvenanceError> {
        match by.certificate_state(self.state()) {
            CertificateState::Pending => {
                (by.certificate, by.certified_at) = (certificate, now);
                self.certified = self.certified.saturating_add(1);
                Ok(())
            }
            CertificateState::NotIngested => Err(ProvenanceError::NotIngested),
            CertificateState::NotDue => Err(ProvenanceError::VersionState(self.state())),
            CertificateState::Certified => Err(ProvenanceError::AlreadyCertified),
        }
    }
}

/// What a platform did with a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ingested {
    /// Its training runs that read it.
    pub runs: u32,
    /// Hash of its certificate of redaction; zero where none.
    pub certificate: Hash,
    /// Unix seconds.
    pub certified_at: u64,
}
packed!(Ingested { runs: u32, certificate: Hash, certified_at: u64 });

impl Ingested {
    /// What the platform owes, given the version's state.
    pub fn certificate_state(&self, version: VersionState) -> CertificateState {
        if self.runs == 0 {
            CertificateState::NotIngested
        } else if version != VersionState::Redacted {
            CertificateState::NotDue
        } else if self.certificate == [0; 32] {
            CertificateState::Pending
        } else {
            CertificateState::Certified
        }
    }
}

/// A training run as its platform recorded it; the versions it read lie beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Run {
    /// Hash of the model version.
    pub model: Hash,
    /// Hash of the digest that the platform signed.
    pub digest: Hash,
    /// Passes over the data, at least 1.
    pub epochs: u32,
    /// Unix seconds; zero where there is no such run.
    pub recorded_at: u64,
    /// Dataset versions it read.
    pub entries: u8,
}
packed!(Run { model: Hash, digest: Hash, epochs: u32, recorded_at: u64, entries: u8 });

/// A dataset version that a run read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// The dataset.
    pub dataset: Hash,
    /// Its version.
    pub version: u32,
}
packed!(Entry { dataset: Hash, version: u32 });

/// Whether a run's entries are one list only: within bounds, rising, none twice. So the same run has the same list, and
/// a dataset is counted once by comparing neighbours.
///
/// # Errors
/// [`ProvenanceError::EntryCount`], [`ProvenanceError::EntriesOutOfOrder`].
pub fn check_entries(entries: &[Entry]) -> Result<(), ProvenanceError> {
    if entries.is_empty() || entries.len() > MAX_ENTRIES {
        return Err(ProvenanceError::EntryCount { count: entries.len() });
    }
    match entries.windows(2).position(|pair| pair[0] >= pair[1]) {
        Some(index) => Err(ProvenanceError::EntriesOutOfOrder { index: index.saturating_add(1) }),
        None => Ok(()),
    }
}

#[cfg(test)]
#[path = "provenance/tests.rs"]
mod tests;
