//! The KYC registry.

use alloy_sol_types::sol;

sol! {
    /// What an issuer signs (EIP-712, domain name "Yieldset KYC", version "1"); times in unix seconds.
    #[sol(all_derives)]
    struct Attestation {
        address account;
        uint8 level;
        uint16 jurisdiction;
        bool accredited;
        uint64 expiry;
        uint64 nonce;
        uint64 validUntil;
    }

    #[sol(all_derives, abi)]
    contract Kyc {
        /// `logic` answers what the front does not, for good; `admin` gives the roles.
        constructor(address logic, address admin);

        // agents: AGENT_ROLE. Times are in unix seconds.
        function setRecord(address account, uint8 level, uint16 jurisdiction, bool accredited, uint64 expiry) external;
        /// Each entry: account (20 bytes), level (1), jurisdiction (2), accredited (1), expiry (8), big-endian.
        function setRecords(bytes32[] entries) external;
        /// Also by the issuer that attested the record.
        function revoke(address account) external;
        function revokeRecords(address[] accounts) external;
        function setFrozen(address account, bool frozen) external;
        function setSanctioned(address account, bool sanctioned) external;
        function recover(address lost, address replacement, bytes32 reason) external;

        // attestations: anybody
        function submitAttestation(
            address account, uint8 level, uint16 jurisdiction, bool accredited, uint64 expiry, uint64 nonce, uint64 validUntil,
            uint8 v, bytes32 r, bytes32 s
        ) external;
        function DOMAIN_SEPARATOR() external view returns (bytes32);
        function nonces(address account) external view returns (uint256);

        // trusted issuers (ERC-3643): COMPLIANCE_ROLE or the default admin
        function addTrustedIssuer(address issuer, uint256[] claimTopics) external;
        function removeTrustedIssuer(address issuer) external;
        function isTrustedIssuer(address issuer) external view returns (bool);
        function getTrustedIssuers() external view returns (address[]);
        function getTrustedIssuerClaimTopics(address issuer) external view returns (uint256[]);

        function recordOf(address account) external view
            returns (uint8 level, uint16 jurisdiction, bool accredited, uint64 expiry, bool frozen, address issuer);
        function isVerified(address account) external view returns (bool);
        function isFrozen(address account) external view returns (bool);
        function isSanctioned(address account) external view returns (bool);
        /// Who stands in the place of a recovered account; zero for nobody.
        function successorOf(address account) external view returns (address);
        function investorCountry(address account) external view returns (uint16);
        function restrictionFor(
            address from, address to, bytes32 requirements, bytes32 j0, bytes32 j1, bytes32 j2, bytes32 j3
        ) external view returns (uint8 code);
        function detectTransferRestriction(address from, address to, uint256 amount) external view returns (uint8);
        function messageForTransferRestriction(uint8 code) external view returns (string);

        /// The record after the change.
        event RecordSet(
            address indexed account, uint8 level, uint16 jurisdiction, bool accredited, uint64 expiry, bool frozen, bool sanctioned,
            address issuer, bool attested, uint64 nonce
        );
        /// What is left after the change; the issuer is who revoked.
        event RecordRevoked(address indexed account, address issuer, bool frozen, bool sanctioned, uint64 nonce);
        event AddressFrozen(address indexed userAddress, bool indexed isFrozen, address indexed owner);
        event AddressSanctioned(address indexed account, bool indexed sanctioned, address indexed agent);
        event AccountRecovered(address indexed lost, address indexed replacement, address indexed agent, bytes32 reason);
        event TrustedIssuerAdded(address indexed trustedIssuer, uint256[] claimTopics);
        event TrustedIssuerRemoved(address indexed trustedIssuer);
    }
}
