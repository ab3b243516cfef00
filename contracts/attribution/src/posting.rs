//! Accepting reports.

use yieldset_rules::{
    committee::entry_key,
    dispute::Standing,
    report::{Binding, Report, SIGNATURE_ENTRY},
};
use yieldset_shell::{
    host,
    refusals::OrRefuse,
    words::{Word, with_bytes, word},
};

use crate::{
    calls, events,
    refusals::{BadSignature, Rules, VerifierFailed},
    store::{self, Config, Reported},
};

/// Accepts a signed report, and answers with its hash. The cheap checks come first, the signatures last.
#[inline(never)]
pub fn post(config: &Config, report: &[u8], signatures: &[u8]) -> Word {
    let parsed = Report::from_bytes(report).or_refuse(Rules);
    let stream_key = store::stream_key(&parsed.pool, &parsed.stream);
    let period_key = store::period_key(&parsed.pool, &parsed.stream, parsed.period);
    let (committee, last) = (store::committee(), store::last(&stream_key));
    let (mut reported, now) = (store::reported(&period_key), host::now());
    let binding = Binding {
        chain_id: host::chain_id(),
        registry: host::own_address(),
        epoch: committee.epoch,
        last,
        next_revision: reported.standing.next_revision(),
        now,
    };
    binding.check(&parsed).or_refuse(Rules);
    let figures = parsed.figures(host::keccak256);
    if let Some(agreed) = calls::agreed(&config.licences, &parsed) {
        agreed.check(&parsed, &figures.metric, host::block_number()).or_refuse(Rules);
    }
    let quorum = committee.quorum(signatures).or_refuse(Rules);
    let valid = calls::leading_valid(&config.verifier, report, quorum).or_refuse(VerifierFailed {});
    if let Some(entry) = quorum.chunks_exact(SIGNATURE_ENTRY).nth(valid) {
        BadSignature { key: entry_key(entry) }.refuse();
    }
    let hash = host::keccak256(report);
    let end = last.unwrap_or_default();
    if parsed.revision == 0 && end.period != 0 {
        reported.previous = end.period;
        let before = store::period_key(&parsed.pool, &parsed.stream, end.period);
        store::set_reported(&before, &Reported { next: parsed.period, ..store::reported(&before) });
    }
    let posted = Standing::posted(hash, parsed.weights_root(), parsed.revision, now, &config.terms());
    reported.standing = Standing { log_before: end.log_size, ..posted };
    reported.figures = figures;
    host::write(&stream_key, &end.after(&parsed, hash).to_bytes());
    store::set_reported(&period_key, &reported);
    let Standing { revision, weights_root, until, .. } = reported.standing;
    let encoded = with_bytes(&[word(revision), hash, weights_root, word(until)], report);
    let Report { pool, stream, period, .. } = parsed;
    events::ReportPosted { pool, stream, period, encoded }.emit();
    hash
}
