//! What a stream's licence asks of its reports, where it has one that answers.

use ink::codegen::sol::selector_bytes;
use yieldset_rules::{agreed::Agreed, licence::usage_log::checkpoint_id, report::Report};
use yieldset_shell::{
    host,
    words::{Word, address_of, number_of, number_word},
};

use crate::purse::{LICENCES, ask};

const RECORD_OF: [u8; 4] = selector_bytes("recordOf(bytes32,uint8,bytes32)");

/// Asks the pool's licence contract, for whom a stream is a licence. A pool without one, a stream that is no licence,
/// and a contract that does not answer ask nothing.
#[inline(never)]
pub fn of(report: &Report) -> Option<Agreed> {
    let [word] = ask(&report.pool, LICENCES, &[])?;
    let checkpoint = checkpoint_id(report.log.origin.as_bytes(), report.log.size, host::keccak256);
    let arguments = [report.stream, number_word(u128::from(b'F')), checkpoint];
    let answer = ask::<8>(&address_of(&word)?, RECORD_OF, &arguments)?;
    let [_, _, metric, threshold, false_discovery, tokens, at, anchored_root] = answer;
    let number = |word: &Word| number_of(word).unwrap_or(u128::MAX);
    Some(Agreed {
        metric,
        threshold: number(&threshold) as u32,
        false_discovery_bps: number(&false_discovery) as u16,
        call_tokens: number(&tokens) as u32,
        anchored_at: number(&at) as u32,
        anchored_root,
    })
}
