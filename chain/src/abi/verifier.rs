//! The verifier of ed25519 signatures.

use alloy_sol_types::sol;

sol! {
    #[sol(all_derives, abi)]
    contract Verifier {
        constructor();

        /// How many of the leading 96-byte entries (public key, signature) are valid over the message.
        function leadingValid(bytes message, bytes signatures) external view returns (uint32 valid);
    }
}
