//! The KYC registry.

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
}
