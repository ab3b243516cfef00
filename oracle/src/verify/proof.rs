//! What a proof shows from a block that the reader knows, without a node.

use yieldset_rules::{
    dispute::{Phase, State},
    report::Report,
};

use super::{Findings, ReaderPins, VerifyError};
use crate::{
    hex0x,
    proven::{Proven, SavedProof},
    report::{Committee, SignedReport},
};

/// Checks the proof, if there is one and the reader knows its block and the registry. Whether it shows that the chain
/// has the report, and its committee.
pub(super) fn check(
    proof: Option<&SavedProof>,
    (signed, report): (&SignedReport, &Report),
    pins: &ReaderPins,
    findings: &mut Findings<'_>,
) -> Result<bool, VerifyError> {
    let Some(proof) = proof else { return Ok(false) };
    let (Some(block), Some(_)) = (pins.block, pins.registry) else {
        findings.not_shown(format!(
            "that block {} is of the right chain, and the registry the right one: the proof came with the report; give --block and \
             --registry",
            proof.block_hash
        ));
        return Ok(false);
    };
    let proven = proof.check(&block, report)?;
    compare(&proven, signed, report)?;
    findings.shown(format!(
        "by the state of block {}, which you know, the registry has this report, and this committee of which {} must sign",
        proven.block, signed.committee.threshold
    ));
    match proven.standing.state(proven.time) {
        State::Final => findings.shown("it was final then"),
        State::Disputed => {
            findings
                .not_shown("that it stays: it was disputed then, and nobody had ruled; get a proof of a later block");
        }
        State::Pending | State::None => {
            findings.shown("its challenge window was open then: until it ends, anybody may dispute it");
        }
    }
    Ok(true)
}

/// What is proven is what the report says.
fn compare(proven: &Proven, signed: &SignedReport, report: &Report) -> Result<(), VerifyError> {
    let differs = |what, expected: String, got: String| Err(VerifyError::ChainDiffers { what, expected, got });
    let Proven { standing, committee, revoked, .. } = proven;
    if standing.hash != signed.report_hash {
        return differs("report hash", hex0x(&signed.report_hash), hex0x(&standing.hash));
    }
    if standing.weights_root != report.weights_root() {
        return differs("weights root", hex0x(&report.weights_root()), hex0x(&standing.weights_root));
    }
    if standing.phase == Phase::Withdrawn as u8 {
        return Err(VerifyError::Withdrawn);
    }
    let office = Committee { epoch: committee.epoch, threshold: committee.threshold, keys: committee.keys().collect() };
    match signed.committee.is_of(&office, *revoked) && office.epoch == report.epoch {
        true => Ok(()),
        false => differs("committee", format!("{:?}", signed.committee), format!("{office:?}")),
    }
}

#[cfg(test)]
mod tests {
    use yieldset_rules::{committee, dispute::Standing};

    use super::*;
    use crate::testing::signed_report;

    /// Proves ATT-15: a report, a committee or a threshold that is not the proven one, or a withdrawn report, is
    /// refused.
    #[tokio::test]
    async fn only_the_proven_report_and_committee_are_believed() {
        let signed = signed_report().await;
        let report = signed.check().expect("whole");
        let keys = &signed.committee.keys;
        let office = |threshold, keys: &[[u8; 32]]| {
            committee::Committee::new(report.epoch, threshold, keys.iter().copied()).expect("a committee")
        };
        let standing = Standing {
            hash: signed.report_hash,
            weights_root: report.weights_root(),
            phase: Phase::Open as u8,
            until: 100,
            ..Standing::default()
        };
        let good =
            Proven { block: 7, time: 99, committee: office(signed.committee.threshold, keys), revoked: 0, standing };
        let compare = |proven: Proven| super::compare(&proven, &signed, &report).map_err(|error| error.to_string());
        assert_eq!(compare(good.clone()), Ok(()));
        // Another key that was revoked before it signed is not in its file.
        let more = [&keys[..], &[[9; 32]]].concat();
        let wider = Proven { committee: office(signed.committee.threshold, &more), ..good.clone() };
        assert_eq!(compare(Proven { revoked: 1 << keys.len(), ..wider.clone() }), Ok(()));
        let withdrawn = Standing { phase: Phase::Withdrawn as u8, ..standing };
        for (proven, words) in [
            (wider, "committee"),
            (Proven { committee: office(1, keys), ..good.clone() }, "committee"),
            (Proven { committee: office(1, &[[9; 32]]), ..good.clone() }, "committee"),
            (Proven { standing: Standing { hash: [0; 32], ..standing }, ..good.clone() }, "report hash"),
            (Proven { standing: Standing { weights_root: [7; 32], ..standing }, ..good.clone() }, "weights root"),
            (Proven { standing: withdrawn, ..good }, "withdrawn"),
        ] {
            assert!(compare(proven).is_err_and(|error| error.contains(words)), "{words}");
        }
    }
}
