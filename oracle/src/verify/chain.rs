//! What only the chain can tell. All is read in the state after its last finalised block, or after the block before the
//! report's own: what the best chain says may be taken back.

use yieldset_chain::{
    Address, B256, ChainClient, Deployment,
    abi::{Attribution, Licence},
    client::BlockRef,
};
use yieldset_rules::{
    dispute::{Phase, State},
    report::Report,
};

use super::{Findings, ReaderPins, VerifyError};
use crate::{
    answers::{self, Answers, Posting},
    attribution, hex0x,
    licensed::{self, Licensed},
    manifest::Dataset,
    recomputed::Here,
    registry,
    report::{Committee, ReportPlace, SignedReport},
    usage_log::VerifiedLog,
};

/// A report as the chain has it.
struct Chain<'a> {
    client: &'a ChainClient,
    /// With the registry that the report names, and the licence contract of the time when it was posted.
    deployment: Deployment,
    /// The last finalised block.
    head: BlockRef,
    signed: &'a SignedReport,
    report: &'a Report,
    pins: &'a ReaderPins,
}

fn differs<T>(what: &'static str, expected: String, got: String) -> Result<T, VerifyError> {
    Err(VerifyError::ChainDiffers { what, expected, got })
}

/// Compares all that the report takes from the chain, and the report itself, with the chain. Whether the chain says
/// whose keys sign the log.
pub(super) async fn check(
    (client, deployment): (&ChainClient, &Deployment),
    (signed, report): (&SignedReport, &Report),
    (log, noted, datasets): (&VerifiedLog, &[u64], (&Here, &[Dataset])),
    pins: &ReaderPins,
    findings: &mut Findings<'_>,
) -> Result<bool, VerifyError> {
    pins.check_genesis(&client.genesis_hash().0)?;
    deployment.check(client).await?;
    let head = client.finalised_block().await?;
    let deployment = named(client, deployment, report, &head).await?;
    let mut chain = Chain { client, deployment, head, signed, report, pins };
    let posted_at = chain.is_there().await?;
    chain.check_committee().await?;
    let posting = chain.posting(posted_at).await?;
    findings
        .shown(format!("the chain has this report in finalised block {}, and this committee", posting.block.number));
    match (pins.genesis, pins.registry) {
        (Some(_), Some(_)) => findings.shown("chain and registry are those that you know; what it says is the node's word"),
        _ => findings.not_shown(format!(
            "that this is the right chain and registry: they are those of {} and of the deployment's file; give --genesis and \
             --registry",
            client.url()
        )),
    }
    chain.tell_standing(findings).await?;
    // What the next report before this one was, and the terms, as they were then.
    let then = posting.block.parent;
    let asked = chain.deployment.current_at(client, then).await?;
    if asked.attribution != chain.deployment.attribution {
        // Its root pays nobody, though it lies in the registry that the pool had before.
        let (expected, got) = (chain.deployment.attribution.to_string(), asked.attribution.to_string());
        return differs("registry that the pool asked when it was posted", expected, got);
    }
    chain.deployment.licence = asked.licence;
    let place = (report.stream, report.period);
    let checkpoints = signed.settlement.checkpoints(noted);
    let answers = Answers::ask(client, &chain.deployment, place, (then, &[]), (&checkpoints.0, &checkpoints.1)).await?;
    if let Some(found) = answers.difference(&signed.settlement) {
        return differs(found.what, found.settled, found.chain);
    }
    findings
        .shown(format!("the report before is the chain's ({}), and so are the limits of what counts", answers.after));
    let log_is_the_licences = chain.check_licence(answers.licensed.as_ref(), log, findings).await?;
    chain.check_datasets(datasets, posted_at, findings).await?;
    findings.shown("the registry of datasets says of these versions what the report says");
    Ok(log_is_the_licences)
}

/// The deployment with the registry that the report names: the pool may have adopted another one since.
async fn named(
    client: &ChainClient,
    deployment: &Deployment,
    report: &Report,
    head: &BlockRef,
) -> Result<Deployment, VerifyError> {
    let current = deployment.current_at(client, head.hash).await?;
    let found = if report.registry == deployment.attribution.into_array() { deployment.clone() } else { current };
    let place = ReportPlace {
        chain_id: found.chain_id,
        registry: found.attribution.into_array(),
        pool: found.pool.into_array(),
    };
    let expected = ReportPlace { chain_id: report.chain_id, registry: report.registry, pool: report.pool };
    match expected == place {
        true => Ok(found),
        false => differs("place", format!("{expected:?}"), format!("{place:?}")),
    }
}

impl Chain<'_> {
    /// The registry has this report, and no arbiter has withdrawn it; when it was posted, in Unix seconds.
    async fn is_there(&self) -> Result<u64, VerifyError> {
        let (pool, registry, at) = (self.deployment.pool, self.deployment.attribution, self.head.hash);
        let (stream, period) = (B256::from(self.report.stream), self.report.period);
        let call = Attribution::reportOfCall { pool, stream, period };
        let found = self.client.read_at(at, registry, &call).await?;
        if found.reportHash != self.signed.report_hash {
            return differs("report hash", hex0x(&self.signed.report_hash), found.reportHash.to_string());
        }
        if found.weightsRoot != self.report.weights_root() {
            return differs("weights root", hex0x(&self.report.weights_root()), found.weightsRoot.to_string());
        }
        let call = Attribution::disputeOfCall { pool, stream, period };
        match self.client.read_at(at, registry, &call).await?.phase == Phase::Withdrawn as u8 {
            true => Err(VerifyError::Withdrawn),
            false => Ok(found.postedAt),
        }
    }

    /// Whether it may still be withdrawn.
    async fn tell_standing(&self, findings: &mut Findings<'_>) -> Result<(), VerifyError> {
        let Deployment { pool, attribution, .. } = self.deployment;
        let (stream, period) = (B256::from(self.report.stream), self.report.period);
        let call = Attribution::resultOfCall { pool, stream, period };
        let state = self.client.read_at(self.head.hash, attribution, &call).await?.state;
        if state == State::Final as u8 {
            findings.shown("the report is final");
        } else if state == State::Disputed as u8 {
            findings.not_shown("that it stays: it is disputed, and nobody has ruled; ask again then");
        } else {
            findings.shown("its challenge window is open: until it ends, anybody may dispute it");
        }
        Ok(())
    }

    /// The committee is the one that had this epoch on chain. Keys that were revoked by then are not in the report's
    /// file.
    async fn check_committee(&self) -> Result<(), VerifyError> {
        let call = Attribution::committeeOfCall { epoch: self.report.epoch };
        let office = self.client.read_at(self.head.hash, self.deployment.attribution, &call).await?;
        let keys: Vec<[u8; 32]> = office.keys.iter().map(|key| key.0).collect();
        let said = &self.signed.committee;
        let got = Committee { epoch: self.report.epoch, threshold: office.threshold, keys };
        match said.is_of(&got, office.revoked) {
            true => Ok(()),
            false => differs("committee", format!("{said:?}"), format!("{got:?}")),
        }
    }

    /// Where it came onto the chain: where its file says, if it says it.
    async fn posting(&self, posted_at: u64) -> Result<Posting, VerifyError> {
        let (client, place) = (self.client, (self.deployment.attribution, B256::from(self.signed.report_hash)));
        let Some(said) = &self.signed.transaction else {
            return Ok(answers::posting(client, &self.deployment, place, posted_at).await?);
        };
        let hash = client.block_hash_at(said.block_number).await?.filter(|_| said.block_number <= self.head.number);
        if hash.is_none_or(|hash| hash.0 != said.block_hash) {
            let got = hash.map_or("nothing that is finalised".into(), |hash| hash.to_string());
            return differs("block of the transaction", hex0x(&said.block_hash), got);
        }
        let block = client.block(said.block_hash.into()).await?;
        let found = answers::posting_in(client, &block, place).await?;
        let tx_hash = found.as_ref().and_then(|posting| posting.tx_hash);
        match found {
            Some(posting) if tx_hash.is_some_and(|hash| hash.0 == said.tx_hash) => Ok(posting),
            _ => {
                let got = tx_hash.map_or("none in that block".into(), |hash| hash.to_string());
                differs("transaction that posted it", hex0x(&said.tx_hash), got)
            }
        }
    }

    /// Where the stream is a licence: the platform's key, the log's name and its witness are those on chain, and what
    /// was drawn was anchored before. Whether the chain says whose keys they are.
    async fn check_licence(
        &self,
        licensed: Option<&Licensed>,
        log: &VerifiedLog,
        findings: &mut Findings<'_>,
    ) -> Result<bool, VerifyError> {
        let Some(licensed) = licensed else {
            findings.shown("the stream is no licence on chain: nothing there says whose key signs its usage log");
            return Ok(false);
        };
        if let Some(uncounted) = licensed::summary(&self.signed.settlement.uncounted) {
            findings.shown(format!("by the licence's terms {uncounted}"));
        }
        let epoch = licensed.check_log(log)?;
        findings.shown(match epoch {
            Some(epoch) => {
                format!("the log's name, key and witness are those of the licence's platform on chain, epoch {epoch}")
            }
            None => "the licence's platform has named no usage log on chain".into(),
        });
        let place = (self.report.stream, &self.report.log);
        let agreed = licensed::agreed(self.client, &self.deployment, place, self.head.hash).await?;
        let Some(agreed) = agreed else { return Ok(epoch.is_some()) };
        // What is known now may be more than when it was posted; a draw after the report would have been refused.
        if let Some(reason) = licensed::disagreement(&agreed, self.report, u32::MAX) {
            return Err(VerifyError::AgainstLicence(reason));
        }
        let drew = self.report.spot_check.map(|spot| spot.block);
        if let Some(block) = drew.filter(|block| Some(*block) != agreed.anchored_at.checked_add(1)) {
            // Of later blocks somebody could have chosen one.
            let expected = format!("the one after {}", agreed.anchored_at);
            return differs("block that drew calls", block.to_string(), expected);
        }
        let anchored = agreed.anchored_root;
        if anchored != [0; 32] && anchored != self.report.log.root {
            return differs("root of the log at this size", hex0x(&self.report.log.root), hex0x(&anchored));
        }
        findings.shown(match agreed.anchored_at {
            0 => "the checkpoint is not anchored on chain, and nothing was drawn from it".into(),
            block => format!("the checkpoint is anchored on chain, in block {block}"),
        });
        self.check_draw().await?;
        Ok(epoch.is_some())
    }

    /// The block that drew calls has the hash that the report says; of one that the node does not have nothing is said.
    async fn check_draw(&self) -> Result<(), VerifyError> {
        let Some(spot) = self.report.spot_check else { return Ok(()) };
        match self.client.block_hash_at(spot.block.into()).await? {
            Some(hash) if hash.0 != spot.block_hash => {
                differs("block that drew calls", hex0x(&spot.block_hash), hash.to_string())
            }
            _ => Ok(()),
        }
    }

    /// What the report says of the registry of datasets is what that registry says, at the block that the report names:
    /// of all versions that it compares, and of those that it leaves out and that are here. One that is not here cannot
    /// be looked up by its hash alone. The registry is the one that the pool's licence contract asks.
    async fn check_datasets(
        &self,
        (here, unnamed): (&Here, &[Dataset]),
        posted_at: u64,
        findings: &mut Findings<'_>,
    ) -> Result<(), VerifyError> {
        let Deployment { licence, manifests, .. } = self.deployment;
        if self.pins.check_manifests(&manifests.into_array())? {
            // It is the known one, whatever the pool's licence contract asks.
        } else if licence == Address::ZERO {
            findings.not_shown(format!(
                "that {manifests} is the registry of datasets: the pool has no licence contract that says so, and it is the \
                 deployment's file's; have it in the pins as manifests"
            ));
        } else {
            let asked = self.client.read_at(self.head.hash, licence, &Licence::manifestsCall {}).await?;
            if asked != manifests {
                return differs("registry of datasets", manifests.to_string(), asked.to_string());
            }
        }
        let settlement = &self.signed.settlement;
        // What the report says nothing of must not have been there.
        let others: Vec<_> =
            here.others(settlement).into_iter().chain(unnamed.iter().map(attribution::version)).collect();
        let checked = registry::check(self.client, &self.deployment, settlement, &others, Some(posted_at)).await;
        Ok(checked.map_err(Box::new)?)
    }
}
