//! What a settlement takes from the chain beside the datasets' registrations ([`registry`](crate::registry)): asked in
//! one place, so that who counts by it, who signs it and who checks it ask the same.

use yieldset_chain::{
    Address, B256, ChainClient, ChainError, Deployment, Event,
    abi::Attribution::{self as Reports, AttributionEvents},
    client::BlockRef,
};
use yieldset_rules::{dispute::Phase, report::Report};

use crate::{
    compared::After,
    keccak256,
    licensed::{self, Licensed, Limits},
    registry::first_block_since,
    settlement::Settlement,
    trained::Ground,
};

/// The chain's answers about a period of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answers {
    /// What was reported before.
    pub after: After,
    /// Which records do not count; no limits where the stream is no licence.
    pub limits: Limits,
    /// What it says about training; nothing where the stream is no licence.
    pub ground: Ground,
    /// The licence, where the stream is one.
    pub licensed: Option<Licensed>,
}

/// What a settlement says otherwise than the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Which of its fields.
    pub what: &'static str,
    /// In the settlement.
    pub settled: String,
    /// On chain.
    pub chain: String,
}

impl Answers {
    /// Asks the registry of reports, and the licence contract, in the state after the block `at`. `known` are reports
    /// at hand: where the one before is among them, by its hash, its event is not looked for. `checkpoints` are sizes
    /// of the log of this name, of which those count that are anchored.
    ///
    /// # Errors
    /// [`ChainError`], also where the node does not have that state, or the block in which the report before came.
    pub async fn ask(
        client: &ChainClient,
        deployment: &Deployment,
        (stream, period): ([u8; 32], u32),
        (at, known): (B256, &[Report]),
        checkpoints: (&str, &[u64]),
    ) -> Result<Self, ChainError> {
        let asker = Asker { client, deployment, at, known };
        let place = asker.place(stream, period).await?;
        let before = place.previousPeriod;
        let (after, reported_at) = match before {
            0 => (After::First, 0),
            before => asker.after((stream, before)).await?,
        };
        let licensed = licensed::look_up(client, deployment, stream, at).await?;
        let mut limits = licensed.as_ref().map(|licensed| licensed.limits(reported_at)).unwrap_or_default();
        limits.counted_until = asker.counted_until(stream, place.nextPeriod).await?;
        let mut ground = licensed.as_ref().map(|licensed| licensed.ground.clone()).unwrap_or_default();
        if !ground.is_none() {
            ground.anchors = licensed::anchors(client, deployment, stream, checkpoints, at).await?;
        }
        Ok(Self { after, limits, ground, licensed })
    }

    /// What a settlement says otherwise, the first of it.
    pub fn difference(&self, settlement: &Settlement) -> Option<Difference> {
        // All fields by name: a new one does not compile before it stands here, or with those that others check.
        let Settlement {
            after,
            limits,
            ground,
            // Compared by `registry::check`.
            seen: _,
            manifests: _,
            left_out: _,
            // What the report is about: in its signed bytes, by which the registry keeps it.
            models: _,
            stream: _,
            period: _,
            period_name: _,
            // The manifests' terms; a licence's by `licensed::agreed`.
            metric: _,
            // Worked out from the log and all of these.
            log: _,
            totals: _,
            decoys: _,
            faults: _,
            // By the committee, who had the texts, and the audit's finding; the block that drew is looked up by
            // `verify`.
            spot_check: _,
            audited: _,
            uncounted: _,
            lines_root: _,
            weights_root: _,
            contributors: _,
        } = settlement;
        if *after != self.after {
            let (settled, chain) = (after.to_string(), self.after.to_string());
            return Some(Difference { what: "the report before", settled, chain });
        }
        if *ground != self.ground {
            let (settled, chain) = (ground.to_string(), self.ground.to_string());
            return Some(Difference { what: "what the licence lets be trained on", settled, chain });
        }
        (*limits != self.limits).then(|| Difference {
            what: "the limits of what counts",
            settled: limits.to_string(),
            chain: self.limits.to_string(),
        })
    }
}

/// One who asks in the state after a block.
#[derive(Clone, Copy)]
struct Asker<'a> {
    client: &'a ChainClient,
    deployment: &'a Deployment,
    at: B256,
    known: &'a [Report],
}

impl Asker<'_> {
    /// A period that was reported before, and when that was, in Unix seconds.
    async fn after(&self, (stream, period): ([u8; 32], u32)) -> Result<(After, u64), ChainError> {
        let (hash, posted_at, phase) = self.reported(stream, period).await?;
        if phase == Phase::Withdrawn as u8 {
            return Ok((After::Withdrawn { period }, posted_at));
        }
        let log_size = self.counted_to((hash, posted_at)).await?;
        Ok((After::Report { period, log_size }, posted_at))
    }

    /// From which leaf on the next report counts what is late: this one's log ends there, or a later one that stood
    /// counted the rest when this one, a revision, was posted. How long its log was, only its bytes tell: they are in
    /// the event of its posting.
    async fn counted_to(&self, (hash, posted_at): (B256, u64)) -> Result<u64, ChainError> {
        match at_hand(self.known, &hash.0).filter(|report| report.revision == 0) {
            Some(first) => Ok(first.log.size),
            None => self.counted_by(&self.posting(hash, posted_at).await?).await,
        }
    }

    async fn counted_by(&self, Posting { block, report, .. }: &Posting) -> Result<u64, ChainError> {
        // A period's first report is the stream's last when it comes.
        if report.revision == 0 {
            return Ok(report.log.size);
        }
        let then = Self { at: block.parent, ..*self };
        let next = then.place(report.stream, report.period).await?.nextPeriod;
        let until = Box::pin(then.counted_until(report.stream, next)).await?;
        Ok(if until == 0 { report.log.size } else { report.log.size.min(until) })
    }

    /// From which leaf on calls of a revision's period are other reports': the least of what the later ones that stand
    /// count as late, and of where these end, since the next report counts what comes after. Zero where no later one
    /// stands. `next` is the period of the next report.
    async fn counted_until(&self, stream: [u8; 32], mut next: u32) -> Result<u64, ChainError> {
        let mut least: Option<u64> = None;
        while next > 0 {
            let place = self.place(stream, next).await?;
            let (hash, posted_at, phase) = self.reported(stream, next).await?;
            if phase != Phase::Withdrawn as u8 {
                let posting = self.posting(hash, posted_at).await?;
                let counts = match self.late_from(&posting, place.previousPeriod).await? {
                    Some(from) => from,
                    None => self.counted_by(&posting).await?,
                };
                least = Some(least.map_or(counts, |least| least.min(counts)));
            }
            next = place.nextPeriod;
        }
        Ok(least.unwrap_or(0))
    }

    /// From which leaf on a report counts what came late for the periods before its own; `None` where it says that it
    /// did not look for any. It took the newest report of the period before, which is the one on chain before it came:
    /// each report names the one that was accepted last, so none is accepted between its signatures and its posting.
    /// That one may be withdrawn between, which changes nothing of what was counted.
    async fn late_from(&self, posting: &Posting, previous: u32) -> Result<Option<u64>, ChainError> {
        if posting.report.totals.late_records.is_none() || previous == 0 {
            return Ok(None);
        }
        if let Some(report) = posting.before.iter().rfind(|before| before.period == previous) {
            let before = Posting { report: report.clone(), before: Vec::new(), ..posting.clone() };
            return self.counted_by(&before).await.map(Some);
        }
        let then = Self { at: posting.block.parent, ..*self };
        let (hash, posted_at, _) = then.reported(posting.report.stream, previous).await?;
        self.counted_to((hash, posted_at)).await.map(Some)
    }

    /// A period's neighbours in its stream.
    async fn place(&self, stream: [u8; 32], period: u32) -> Result<Reports::placeOfReturn, ChainError> {
        let call = Reports::placeOfCall { pool: self.deployment.pool, stream: B256::from(stream), period };
        self.client.read_at(self.at, self.deployment.attribution, &call).await
    }

    /// A period's report: its hash, when it was posted, and in which phase of a dispute it is.
    async fn reported(&self, stream: [u8; 32], period: u32) -> Result<(B256, u64, u8), ChainError> {
        let (client, registry, pool) = (self.client, self.deployment.attribution, self.deployment.pool);
        let stream = B256::from(stream);
        let report = client.read_at(self.at, registry, &Reports::reportOfCall { pool, stream, period }).await?;
        let game = client.read_at(self.at, registry, &Reports::disputeOfCall { pool, stream, period }).await?;
        Ok((report.reportHash, report.postedAt, game.phase))
    }

    async fn posting(&self, hash: B256, posted_at: u64) -> Result<Posting, ChainError> {
        posting(self.client, self.deployment, (self.deployment.attribution, hash), posted_at).await
    }
}

/// The report of this hash, if it is there.
fn at_hand<'a>(known: &'a [Report], hash: &[u8; 32]) -> Option<&'a Report> {
    known.iter().find(|report| keccak256(&report.to_bytes()) == *hash)
}

/// A report's way onto the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    /// The block that it is in.
    pub block: BlockRef,
    /// The transaction that it came by; nothing where the block itself told it.
    pub tx_hash: Option<B256>,
    /// What was posted.
    pub report: Report,
    /// The reports of its stream in the same block before it.
    pub before: Vec<Report>,
}

/// Where a report was posted, whose hash and time (Unix seconds) a registry has.
///
/// # Errors
/// [`ChainError::Decode`] where no block of that second tells of it; other [`ChainError`]s where the node does not have
/// the state of those blocks any more.
pub async fn posting(
    client: &ChainClient,
    deployment: &Deployment,
    (registry, hash): (Address, B256),
    posted_at: u64,
) -> Result<Posting, ChainError> {
    let last = client.finalised_block().await?.number;
    let from = first_block_since(client, (deployment.start_block, last), posted_at).await?;
    // Blocks of one second follow each other.
    for number in from..=last {
        let Some(at) = client.block_hash_at(number).await? else { break };
        let block = client.block(at).await?;
        if block.timestamp_ms / 1_000 != posted_at {
            break;
        }
        if let Some(posting) = posting_in(client, &block, (registry, hash)).await? {
            return Ok(posting);
        }
    }
    let reason =
        format!("no block of second {posted_at} tells of {hash}; ask a node that keeps old blocks, or name its file");
    Err(ChainError::Decode { what: "a report's posting", reason })
}

/// The posting of a report in this block, if it is there.
///
/// # Errors
/// [`ChainError`].
pub async fn posting_in(
    client: &ChainClient,
    block: &BlockRef,
    (registry, hash): (Address, B256),
) -> Result<Option<Posting>, ChainError> {
    let mut before = Vec::new();
    for event in client.whole_block(block.hash).await?.events {
        let Event::Attribution(AttributionEvents::ReportPosted(posted)) = &event.event else { continue };
        let Some(report) = Report::from_bytes(&posted.report).ok().filter(|_| event.address == registry) else {
            continue;
        };
        if posted.reportHash == hash {
            before.retain(|one: &Report| (one.pool, one.stream) == (report.pool, report.stream));
            return Ok(Some(Posting { block: *block, tx_hash: event.tx_hash, report, before }));
        }
        before.push(report);
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use yieldset_rules::report::{LogCheckpoint, Totals};

    use super::*;
    use crate::{
        attribution::Attribution,
        metric::{DEFAULT_THRESHOLD, metric},
        models::Models,
        settlement::settle,
        testing::signed_report,
        trained::Anchored,
    };

    /// A settlement of nothing.
    fn settlement() -> Settlement {
        settle(&Attribution {
            models: Models::one("m"),
            stream: [1; 32],
            period: 8_107,
            period_name: "2026Q4".into(),
            log: LogCheckpoint { origin: "log.example".into(), size: 0, root: [0; 32] },
            metric: metric(DEFAULT_THRESHOLD),
            totals: Totals::default(),
            after: AFTER,
            running: false,
            seen: None,
            manifests: vec![],
            left_out: vec![],
            limits: LIMITS,
            ground: Ground::default(),
            faults: Vec::new(),
            uncounted: vec![],
            decoys: None,
            decoy_hits: vec![],
            contributors: vec![],
            outputs: vec![],
        })
    }

    const AFTER: After = After::Report { period: 8_106, log_size: 40 };
    const LIMITS: Limits = Limits {
        call_tokens: 50,
        late_record_days: 30,
        reported_at: 9,
        common_from: 3,
        counted_until: 0,
        began: 8_106,
    };

    /// A report that is at hand is the one before by its hash alone: another one says nothing of it.
    #[tokio::test]
    async fn a_report_at_hand_is_known_by_its_hash() {
        let signed = signed_report().await;
        let report = signed.check().expect("whole");
        let other = Report { log: LogCheckpoint { size: 2, ..report.log.clone() }, ..report.clone() };
        assert_eq!(at_hand(&[other.clone(), report.clone()], &signed.report_hash), Some(&report));
        assert_eq!(at_hand(&[other], &signed.report_hash), None);
    }

    /// Proves ATT-9 and ATT-15: what a settlement takes from the chain is the chain's to the last figure. A smaller log
    /// of the report before would count calls twice, a larger one never; "nobody looked" would leave late records
    /// unpaid; stricter limits would drop calls, looser ones pay what the licence does not.
    #[test]
    fn what_comes_from_the_chain_is_compared_whole() {
        let answers = Answers { after: AFTER, limits: LIMITS, ground: Ground::default(), licensed: None };
        let good = settlement();
        assert_eq!(answers.difference(&good), None);
        let other = |log_size| After::Report { period: 8_106, log_size };
        for after in [
            other(0),
            other(39),
            other(41),
            After::Report { period: 8_105, log_size: 40 },
            After::First,
            After::Unknown,
            After::Withdrawn { period: 8_106 },
        ] {
            let settled = Settlement { after, ..good.clone() };
            assert_eq!(answers.difference(&settled).map(|found| found.what), Some("the report before"), "{after:?}");
        }
        for limits in [
            Limits { common_from: 1, ..LIMITS },
            Limits { common_from: 0, ..LIMITS },
            Limits { call_tokens: 0, ..LIMITS },
            Limits { call_tokens: 49, ..LIMITS },
            Limits { late_record_days: 31, ..LIMITS },
            Limits { reported_at: 8, ..LIMITS },
            Limits { counted_until: 40, ..LIMITS },
            Limits { began: 8_107, ..LIMITS },
            Limits::default(),
        ] {
            let settled = Settlement { limits, ..good.clone() };
            let found = answers.difference(&settled).map(|found| found.what);
            assert_eq!(found, Some("the limits of what counts"), "{limits:?}");
        }
        // Fewer datasets than the licence has would hold back nothing, and an anchor that is none would date a run.
        for ground in [
            Ground { datasets: vec![[1; 32]], ..Ground::default() },
            Ground { until: 9, ..Ground::default() },
            Ground { anchors: vec![Anchored { size: 1, root: [1; 32], at: 1 }], ..Ground::default() },
        ] {
            let settled = Settlement { ground: ground.clone(), ..good.clone() };
            let found = answers.difference(&settled).map(|found| found.what);
            assert_eq!(found, Some("what the licence lets be trained on"), "{ground:?}");
        }
        // A stream that is no licence has none.
        let none = Answers { limits: Limits::default(), ..answers };
        assert!(none.difference(&good).is_some());
    }
}
