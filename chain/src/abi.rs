//! The contracts' Solidity ABI. A test compares it with the `*.abi` files that the contract build leaves in `contracts/artifacts`.
#![allow(missing_docs, reason = "the contracts document their own messages; these lines are their signatures")]

use alloy_sol_types::sol;

sol! {
    #[sol(all_derives, abi)]
    contract Kyc {
        constructor(address admin);

        function setAgent(address agent, bool active) external;
        function isAgent(address account) external view returns (bool);
        function admin() external view returns (address);
        /// `expiry` is in unix seconds.
        function setRecord(address account, uint8 level, uint16 jurisdiction, bool accredited, uint64 expiry) external;
        function revoke(address account) external;
        function setFrozen(address account, bool frozen) external;
        function recordOf(address account) external view
            returns (uint8 level, uint16 jurisdiction, bool accredited, uint64 expiry, bool frozen, address issuer);
        function isVerified(address account) external view returns (bool);
        function detectTransferRestriction(address from, address to, uint256 amount) external view returns (uint8);
        function messageForTransferRestriction(uint8 code) external view returns (string);

        /// The record after the change.
        event RecordSet(address indexed account, uint8 level, uint16 jurisdiction, bool accredited, uint64 expiry, bool frozen, address issuer);
        event RecordRevoked(address indexed account, address issuer);
        event AgentSet(address indexed agent, bool active);
    }

    #[sol(all_derives, abi)]
    contract Pool {
        constructor(bytes32 name, bytes32 symbol, address kyc, address attribution, uint16 contributorsBps, address admin);

        function name() external view returns (string);
        function symbol() external view returns (string);
        function decimals() external view returns (uint8);
        function totalSupply() external view returns (uint256);
        function balanceOf(address account) external view returns (uint256);
        function transfer(address to, uint256 amount) external returns (bool);
        function approve(address spender, uint256 amount) external returns (bool);
        function allowance(address owner, address spender) external view returns (uint256);
        function transferFrom(address from, address to, uint256 amount) external returns (bool);

        function mint(address to, uint256 amount) external;
        function admin() external view returns (address);
        function kyc() external view returns (address);
        function attribution() external view returns (address);
        function contributorsBps() external view returns (uint16);
        function deposit(bytes32 stream, uint32 period) external payable;
        function claimable(address account) external view returns (uint256);
        function claim() external returns (uint256);
        /// The caller is the contributor; `weight` is in parts of 10^18.
        function claimContribution(bytes32 stream, uint32 period, uint256 weight, bytes32[] proof) external returns (uint256);
        function contributionClaimed(bytes32 stream, uint32 period, address account) external view returns (uint256);
        function periodOf(bytes32 stream, uint32 period) external view returns (uint256 total, uint256 claimed, uint64 weightClaimed);
        function holderOf(address account) external view returns (uint256 balance, uint256 index, uint256 pending, uint64 fraction);
        function totals() external view returns (uint256 deposited, uint256 toHolders, uint256 toContributors, uint256 claimedByHolders,
            uint256 claimedByContributors, uint256 index, uint256 carry, uint256 undistributed);

        event Transfer(address indexed from, address indexed to, uint256 value);
        event Approval(address indexed owner, address indexed spender, uint256 value);
        event Deposited(bytes32 indexed stream, uint32 indexed period, address indexed payer, uint256 amount, uint256 toHolders,
            uint256 toContributors, uint256 index);
        event DividendClaimed(address indexed account, uint256 amount);
        event ContributionClaimed(bytes32 indexed stream, uint32 indexed period, address indexed account, uint256 amount, uint256 weight);
        event PoolCreated(address kyc, address attribution, uint16 contributorsBps, bytes32 name, bytes32 symbol);
    }

    #[sol(all_derives, abi)]
    contract Manifests {
        constructor();

        function register(bytes32 dataset, bytes32 manifestHash, bytes32 licenceHash) external returns (uint32 version);
        function datasetOf(bytes32 dataset) external view returns (address creator, uint32 latestVersion);
        function versionOf(bytes32 dataset, uint32 version) external view
            returns (bytes32 manifestHash, bytes32 licenceHash, uint64 registeredAt);
        function manifestOf(bytes32 manifestHash) external view
            returns (bytes32 dataset, uint32 version, bytes32 licenceHash, address creator, uint64 registeredAt);

        event DatasetRegistered(bytes32 indexed dataset, uint32 indexed version, bytes32 indexed manifestHash, bytes32 licenceHash,
            address creator, uint64 registeredAt);
    }

    #[sol(all_derives, abi)]
    contract Attribution {
        constructor(address admin, bytes32[] keys, uint8 threshold);

        /// `signatures` is a run of 96-byte entries: ed25519 public key (32), then its signature over the report's bytes (64).
        function post(bytes report, bytes signatures) external returns (bytes32 reportHash);
        function setCommittee(bytes32[] keys, uint8 threshold) external;
        function admin() external view returns (address);
        function committee() external view returns (uint32 epoch, uint8 threshold, bytes32[] keys);
        function latest(address pool, bytes32 stream) external view returns (uint32 period, bytes32 reportHash, uint64 logSize);
        function reportOf(address pool, bytes32 stream, uint32 period) external view
            returns (bytes32 reportHash, bytes32 weightsRoot, uint64 postedAt);
        function weightsRoot(address pool, bytes32 stream, uint32 period) external view returns (bytes32);

        event ReportPosted(address indexed pool, bytes32 indexed stream, uint32 indexed period, bytes32 reportHash, bytes32 weightsRoot,
            bytes report);
        event CommitteeSet(uint32 epoch, uint8 threshold, bytes32[] keys);
    }

    /// Every error of the four contracts, once: several share `NotAdmin`, and an error's selector does not name its contract.
    #[sol(all_derives, abi)]
    contract Refusal {
        error NotAdmin(address caller);
        // kyc
        error NotAgent(address caller);
        error NoRecord(address account);
        error InvalidRecord(uint8 level, uint64 expiry);
        // pool, ERC-6093
        error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed);
        error ERC20InvalidSender(address sender);
        error ERC20InvalidReceiver(address receiver);
        error ERC20InvalidApprover(address approver);
        error ERC20InvalidSpender(address spender);
        error ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed);
        // pool
        error AmountTooLarge(uint256 amount);
        error ZeroAmount();
        error TransferRestricted(uint8 code);
        error NothingToClaim(address account);
        error NoReport(bytes32 stream, uint32 period);
        error InvalidProof(address account);
        error WeightsExceeded(uint64 claimed, uint256 weight);
        error Overflow();
        error PayoutFailed(address account);
        error KycCallFailed();
        error AttributionCallFailed();
        error InvalidBasisPoints(uint16 basisPoints);
        error EmptyLabel();
        error PeriodZero();
        // manifests
        error ZeroHash();
        error AlreadyRegistered(bytes32 manifestHash);
        error NotDatasetCreator(address caller, address creator);
        // attribution
        error MalformedReport(uint8 code);
        error WrongChain(uint64 got, uint64 expected);
        error WrongContract(address got);
        error WrongEpoch(uint32 got, uint32 expected);
        error PeriodOutOfOrder(uint32 got, uint32 expected);
        error PreviousMismatch(bytes32 got, bytes32 expected);
        error LogShrank(uint64 got, uint64 last);
        error MalformedSignatures(uint256 length);
        error UnknownKey(bytes32 key);
        error DuplicateSigner(bytes32 key);
        error BadSignature(bytes32 key);
        error NotEnoughSignatures(uint8 got, uint8 need);
        error InvalidCommittee();
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, path::Path};

    use alloy_json_abi::{JsonAbi, Param};

    /// A list of parameters as types alone: the names may differ between the two sides.
    fn types<'a>(parameters: impl IntoIterator<Item = &'a Param>) -> String {
        parameters.into_iter().map(|parameter| parameter.selector_type()).collect::<Vec<_>>().join(",")
    }

    /// Every message with its answer, and every event with what of it is indexed.
    fn lines(abi: &JsonAbi) -> BTreeSet<String> {
        let functions = abi.functions().map(|f| format!("function {} returns ({})", f.signature(), types(&f.outputs)));
        let events = abi.events().map(|e| {
            format!("event {} indexed {:?}", e.signature(), e.inputs.iter().map(|i| i.indexed).collect::<Vec<_>>())
        });
        functions.chain(events).collect()
    }

    fn compare(name: &str, ours: JsonAbi, known_errors: &BTreeSet<String>) {
        let file =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../contracts/artifacts").join(name).with_extension("abi");
        let text = std::fs::read_to_string(&file)
            .unwrap_or_else(|error| panic!("{}: {error}; build the contracts", file.display()));
        let built: JsonAbi = serde_json::from_str(&text).expect("a Solidity ABI");
        let (ours_lines, built_lines) = (lines(&ours), lines(&built));
        let missing: Vec<_> = ours_lines.difference(&built_lines).collect();
        let unknown: Vec<_> = built_lines.difference(&ours_lines).collect();
        assert!(
            missing.is_empty() && unknown.is_empty(),
            "{name}: only in abi.rs {missing:#?}, only in the built contract {unknown:#?}"
        );
        let constructor = |abi: &JsonAbi| abi.constructor.as_ref().map(|c| types(&c.inputs)).unwrap_or_default();
        assert_eq!(constructor(&ours), constructor(&built), "{name}'s constructor");
        let new_errors: Vec<_> = built.errors().map(|e| e.signature()).filter(|e| !known_errors.contains(e)).collect();
        assert!(new_errors.is_empty(), "{name} has errors that abi.rs does not know: {new_errors:?}");
    }

    #[test]
    fn the_bindings_match_the_built_contracts() {
        let known_errors = super::Refusal::abi::contract().errors().map(|e| e.signature()).collect();
        compare("kyc", super::Kyc::abi::contract(), &known_errors);
        compare("pool", super::Pool::abi::contract(), &known_errors);
        compare("manifests", super::Manifests::abi::contract(), &known_errors);
        compare("attribution", super::Attribution::abi::contract(), &known_errors);
    }

    /// An error's four bytes decide its name, and an event's topic its contract: no two may be alike.
    #[test]
    fn events_and_errors_can_be_told_apart() {
        let contracts = [
            super::Kyc::abi::contract(),
            super::Pool::abi::contract(),
            super::Manifests::abi::contract(),
            super::Attribution::abi::contract(),
        ];
        let topics: Vec<_> = contracts.iter().flat_map(|abi| abi.events().map(|e| e.selector())).collect();
        assert_eq!(topics.iter().collect::<BTreeSet<_>>().len(), topics.len());
        let refusal = super::Refusal::abi::contract();
        let selectors: Vec<_> = refusal.errors().map(|e| e.selector()).collect();
        assert_eq!(selectors.iter().collect::<BTreeSet<_>>().len(), selectors.len());
    }
}
