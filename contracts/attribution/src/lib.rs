//! Registry of attribution reports: a committee's m-of-n ed25519 signatures are verified once per report, never per claim.
//!
//! A thin shell: encoding and binding live in [`yieldset_rules::report`]. Anyone may send a report; its signatures decide.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

mod committee;

// ed25519's tables of curve points do not fit the 8 KB of stack that contracts get by default.
#[cfg(target_arch = "riscv64")]
polkavm_derive::min_stack_size!(65_536);

/// The contract.
#[ink::contract]
mod attribution {
    use crate::committee::{Committee, CommitteeView, SignatureError};
    use ink::{
        env::hash::Keccak256,
        prelude::vec::Vec,
        sol::{DynBytes, FixedBytes},
        storage::{Lazy, Mapping},
    };
    use yieldset_rules::report::{Binding, BindingError, Last, Report};

    type Bytes32 = FixedBytes<32>;

    /// A report was accepted.
    #[ink(event)]
    pub struct ReportPosted {
        /// Pool whose contributors the weights belong to.
        #[ink(topic)]
        pub pool: Address,
        /// Licence stream.
        #[ink(topic)]
        pub stream: Bytes32,
        /// Accounting period.
        #[ink(topic)]
        pub period: u32,
        /// keccak-256 of the report's bytes.
        pub report_hash: Bytes32,
        /// Root over (contributor, weight).
        pub weights_root: Bytes32,
        /// The report's canonical bytes.
        pub report: DynBytes,
    }

    /// The committee changed; older epochs' keys sign nothing new.
    #[ink(event)]
    pub struct CommitteeSet {
        /// Counts from 1.
        pub epoch: u32,
        /// Signatures a report needs.
        pub threshold: u8,
        /// ed25519 public keys.
        pub keys: Vec<Bytes32>,
    }

    /// Why a message is refused; each variant is a Solidity custom error.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    #[ink::error]
    pub enum Error {
        /// The bytes are no report; codes are those of `yieldset_rules::report::Malformed`.
        MalformedReport(u8),
        /// Signed for another chain: (got, expected).
        WrongChain(u64, u64),
        /// Signed for another registry.
        WrongContract(Address),
        /// Signed under another committee epoch: (got, expected).
        WrongEpoch(u32, u32),
        /// Not the period after the last one: (got, expected).
        PeriodOutOfOrder(u32, u32),
        /// Does not follow the last report: (got, expected) hash of it.
        PreviousMismatch(Bytes32, Bytes32),
        /// Computed from a shorter log than the last report: (got, last) size.
        LogShrank(u64, u64),
        /// Not a sequence of 96-byte entries, key ‖ signature: the length.
        MalformedSignatures(U256),
        /// Not a key of the current committee.
        UnknownKey(Bytes32),
        /// The same key twice.
        DuplicateSigner(Bytes32),
        /// This key's signature is not one over these bytes.
        BadSignature(Bytes32),
        /// Fewer signatures than the threshold: (got, need).
        NotEnoughSignatures(u8, u8),
        /// Keys must be distinct, at most 12, and the threshold between 1 and their number.
        InvalidCommittee(),
        /// Only the admin may do this.
        NotAdmin(Address),
    }

    use ink::U256;

    impl From<BindingError> for Error {
        fn from(error: BindingError) -> Self {
            match error {
                BindingError::WrongChain { got, expected } => Self::WrongChain(got, expected),
                BindingError::WrongRegistry { got } => Self::WrongContract(got.into()),
                BindingError::WrongEpoch { got, expected } => Self::WrongEpoch(got, expected),
                BindingError::PeriodOutOfOrder { got, expected } => Self::PeriodOutOfOrder(got, expected),
                BindingError::PreviousMismatch { got, expected } => Self::PreviousMismatch(got.into(), expected.into()),
                BindingError::LogShrank { got, last } => Self::LogShrank(got, last),
            }
        }
    }

    impl From<SignatureError> for Error {
        fn from(error: SignatureError) -> Self {
            match error {
                SignatureError::Malformed { length } => Self::MalformedSignatures(length.into()),
                SignatureError::UnknownKey(key) => Self::UnknownKey(key.into()),
                SignatureError::DuplicateSigner(key) => Self::DuplicateSigner(key.into()),
                SignatureError::BadSignature(key) => Self::BadSignature(key.into()),
                SignatureError::NotEnough { got, need } => Self::NotEnoughSignatures(got, need),
            }
        }
    }

    /// Root, hash and time of an accepted report.
    #[derive(Debug, Default)]
    #[ink::storage_item(packed)]
    pub struct Posted {
        hash: [u8; 32],
        weights_root: [u8; 32],
        posted_at: u64,
    }

    /// Storage: the root cell holds only the admin, so that reading a root does not pay for the committee.
    #[ink(storage)]
    pub struct Attribution {
        admin: Address,
        committee: Lazy<Committee>,
        last: Mapping<(Address, Bytes32), [u8; Last::LEN]>,
        reports: Mapping<(Address, Bytes32, u32), Posted>,
    }

    impl Attribution {
        /// A registry without reports; the committee's epoch is 1.
        ///
        /// # Errors
        /// `InvalidCommittee`.
        #[ink(constructor)]
        pub fn new(admin: Address, keys: Vec<Bytes32>, threshold: u8) -> Result<Self, Error> {
            let mut registry = Self { admin, committee: Lazy::new(), last: Mapping::new(), reports: Mapping::new() };
            registry.install(1, keys, threshold)?;
            Ok(registry)
        }

        /// Accepts a report that is bound to this chain, registry, epoch and place in its stream and that `threshold` distinct
        /// committee keys signed. `signatures` are 96-byte entries, public key ‖ signature over the report's bytes. Returns the
        /// report's keccak-256 hash.
        ///
        /// # Errors
        /// All but `InvalidCommittee` and `NotAdmin`. The cheap checks come first, the signatures last.
        #[ink(message)]
        pub fn post(&mut self, report: DynBytes, signatures: DynBytes) -> Result<Bytes32, Error> {
            let parsed = Report::from_bytes(&report).map_err(|code| Error::MalformedReport(code as u8))?;
            let (pool, stream) = (Address::from(parsed.pool), FixedBytes(parsed.stream));
            let committee = self.committee.get_or_default();
            let binding = Binding {
                chain_id: chain_id(),
                registry: self.env().address().0,
                epoch: committee.epoch,
                last: self.last(pool, stream),
            };
            binding.check(&parsed)?;
            committee.check_signatures(&report, &signatures)?;

            let mut hash = [0; 32];
            ink::env::hash_bytes::<Keccak256>(&report, &mut hash);
            let (period, weights_root) = (parsed.period, parsed.weights_root);
            let posted_at = self.env().block_timestamp();
            let last = Last { period, log_size: parsed.log.size, hash };
            self.last.insert((pool, stream), &last.to_bytes());
            self.reports.insert((pool, stream, period), &Posted { hash, weights_root, posted_at });
            self.env().emit_event(ReportPosted {
                pool,
                stream,
                period,
                report_hash: hash.into(),
                weights_root: weights_root.into(),
                report,
            });
            Ok(hash.into())
        }

        /// Replaces the committee and starts the next epoch.
        ///
        /// # Errors
        /// `NotAdmin`, `InvalidCommittee`.
        #[ink(message, name = "setCommittee")]
        pub fn set_committee(&mut self, keys: Vec<Bytes32>, threshold: u8) -> Result<(), Error> {
            let caller = self.env().caller();
            if caller != self.admin {
                return Err(Error::NotAdmin(caller));
            }
            // 2^32 changes cannot be paid for.
            let epoch = self.committee.get_or_default().epoch.saturating_add(1);
            self.install(epoch, keys, threshold)
        }

        /// `(epoch, threshold, keys)`.
        #[ink(message)]
        pub fn committee(&self) -> CommitteeView {
            CommitteeView::from(self.committee.get_or_default())
        }

        /// Who changes the committee.
        #[ink(message)]
        pub fn admin(&self) -> Address {
            self.admin
        }

        /// `(period, reportHash, logSize)` of a stream's last report; zero where there is none.
        #[ink(message)]
        pub fn latest(&self, pool: Address, stream: Bytes32) -> (u32, Bytes32, u64) {
            let last = self.last(pool, stream).unwrap_or_default();
            (last.period, last.hash.into(), last.log_size)
        }

        /// `(reportHash, weightsRoot, postedAt)` of a period, the time in Unix seconds; zero where there is no report.
        #[ink(message, name = "reportOf")]
        pub fn report_of(&self, pool: Address, stream: Bytes32, period: u32) -> (Bytes32, Bytes32, u64) {
            let posted = self.posted(pool, stream, period);
            (posted.hash.into(), posted.weights_root.into(), posted.posted_at)
        }

        /// Root over (contributor, weight) of a period's report; zero where there is none.
        #[ink(message, name = "weightsRoot")]
        pub fn weights_root(&self, pool: Address, stream: Bytes32, period: u32) -> Bytes32 {
            self.posted(pool, stream, period).weights_root.into()
        }

        fn last(&self, pool: Address, stream: Bytes32) -> Option<Last> {
            self.last.get((pool, stream)).map(|packed| Last::from_bytes(&packed))
        }

        fn posted(&self, pool: Address, stream: Bytes32, period: u32) -> Posted {
            self.reports.get((pool, stream, period)).unwrap_or_default()
        }

        fn install(&mut self, epoch: u32, keys: Vec<Bytes32>, threshold: u8) -> Result<(), Error> {
            let committee = Committee { epoch, threshold, keys: keys.iter().map(|key| key.0).collect() };
            if !committee.is_valid() {
                return Err(Error::InvalidCommittee());
            }
            self.committee.set(&committee);
            Self::env().emit_event(CommitteeSet { epoch, threshold, keys });
            Ok(())
        }
    }

    /// EIP-155 chain id of this chain.
    #[cfg(target_arch = "riscv64")]
    fn chain_id() -> u64 {
        use pallet_revive_uapi::{HostFn, HostFnImpl};
        let mut id = [0; 32];
        HostFnImpl::chain_id(&mut id);
        u64::from_le_bytes([id[0], id[1], id[2], id[3], id[4], id[5], id[6], id[7]])
    }

    /// There is no chain off chain: this build only generates the ABI.
    #[cfg(not(target_arch = "riscv64"))]
    fn chain_id() -> u64 {
        0
    }
}
