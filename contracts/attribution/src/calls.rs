//! What the registry asks and tells other contracts.

use yieldset_rules::{
    agreed::Agreed,
    licence::usage_log::checkpoint_id,
    report::{Report, SIGNATURE_ENTRY},
};
use yieldset_shell::{
    host,
    words::{Address, Word, is_zero, number_of},
};

yieldset_shell::interface! {
    /// Pools.
    pub mod pool {
        /// What its shares are paid in; zero for the chain's own money.
        ask currency() -> address;
        /// Total, claimed and claimed weight of the contributors' money of a period.
        ask periodOf(stream: bytes32, period: uint32) -> (uint256, uint256, uint64);
        /// All money so far: deposited, the holders' and the contributors' parts, what each claimed, index, carry.
        ask totals() -> (uint256, uint256, uint256, uint256, uint256, uint256, uint256);
        /// Takes money of a period.
        tell deposit(stream: bytes32, period: uint32, amount: uint256);
    }
    /// The licence contract.
    pub mod licences {
        /// What a report's figures would have the platform pay.
        ask duesFor(stream: bytes32, period: uint32, tokens: uint256, calls: uint64) -> uint256;
        /// Of `'F'` what the terms ask of a report, and the anchor of a checkpoint: six words, as bytes.
        ask recordOf(licence: bytes32, kind: uint8, key: bytes32) -> (
            uint256, uint256, bytes32, uint32, uint16, uint32, uint32, bytes32
        );
    }
    /// Tokens.
    pub mod token {
        ask decimals() -> uint8;
    }
    /// The verifier.
    pub mod verifier {
        /// Makes a key known. The answer is zero for what is no key.
        tell prepare(key: bytes32) -> bytes32;
        /// How many entries are valid before the first that is not.
        ask leadingValid(; message: bytes, entries: bytes) -> uint32;
    }
}

/// The index of the first entry that the verifier does not call valid, if all are their number; `None` where it does
/// not answer, or with what is no such number.
#[inline(never)]
pub fn leading_valid(verifier: &Address, message: &[u8], entries: &[u8]) -> Option<usize> {
    let valid = verifier::leadingValid { message, entries }.ask(verifier)? as usize;
    (valid <= entries.len() / SIGNATURE_ENTRY).then_some(valid)
}

/// What a stream's licence asks of its reports. A stream that is no licence, and a registry without a licence contract,
/// ask nothing. The contract is the registry's own, not one that a pool's issuer names: that one could keep all reports
/// out, and the contributors' money with its holders.
#[inline(never)]
pub fn agreed(contract: &Address, report: &Report) -> Option<Agreed> {
    if is_zero(contract) {
        return None;
    }
    let key = checkpoint_id(report.log.origin.as_bytes(), report.log.size, host::keccak256);
    let asked = licences::recordOf { licence: report.stream, kind: b'F', key };
    let [_, _, metric, threshold, false_discovery, tokens, at, anchored_root] = asked.ask(contract)?;
    let number = |word: &Word| number_of(word).and_then(|number| u32::try_from(number).ok()).unwrap_or(u32::MAX);
    Some(Agreed {
        metric,
        threshold: number(&threshold),
        false_discovery_bps: number(&false_discovery).min(u16::MAX.into()) as u16,
        call_tokens: number(&tokens),
        anchored_at: number(&at),
        anchored_root,
    })
}
