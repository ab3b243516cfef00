//! The verifier of ed25519 signatures.

use alloy_sol_types::sol;

sol! {
    #[sol(all_derives, abi)]
    contract Verifier {
        constructor();

        /// Works out a key's multiples and keeps their hash; zero for what is no key.
        function prepare(bytes32 key) external returns (bytes32 hash);
        /// The hash of a prepared key's multiples, zero for any other.
        function preparedHash(bytes32 key) external view returns (bytes32 hash);
        /// The multiples themselves, 1,024 bytes.
        function multiplesOf(bytes32 key) external view returns (bytes multiples);
        /// How many of the leading 1,152-byte entries (public key, signature, x of R, the key's multiples) are valid
        /// over the message.
        function leadingValid(bytes message, bytes signatures) external view returns (uint32 valid);
    }
}
