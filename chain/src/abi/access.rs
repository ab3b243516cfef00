//! Roles, as every contract that has them offers them.

use alloy_sol_types::sol;

sol! {
    /// OpenZeppelin's `AccessControl`, with a default admin that hands itself over in two steps.
    #[sol(all_derives, abi)]
    contract Access {
        function hasRole(bytes32 role, address account) external view returns (bool);
        function getRoleAdmin(bytes32 role) external view returns (bytes32);
        function grantRole(bytes32 role, address account) external;
        function revokeRole(bytes32 role, address account) external;
        function renounceRole(bytes32 role, address callerConfirmation) external;
        function defaultAdmin() external view returns (address);
        function pendingDefaultAdmin() external view returns (address);
        function beginDefaultAdminTransfer(address newAdmin) external;
        function acceptDefaultAdminTransfer() external;

        event RoleGranted(bytes32 indexed role, address indexed account, address indexed sender);
        event RoleRevoked(bytes32 indexed role, address indexed account, address indexed sender);
        event DefaultAdminTransferStarted(address indexed previousAdmin, address indexed newAdmin);
    }
}
