//! What is known of proposals: what they do, in words, and how the vote stands.

use alloy_primitives::{Address, Bytes, U256};
use alloy_sol_types::SolInterface;
use yieldset_rules::licence::words;

use super::{Proposal, known, name};
use crate::{
    abi::{Access, Attribution, Coop, Coop::CoopEvents, Factory, Kyc, Licence, Manifests, Market, Pool},
    acts::{
        ActError, Answer, Desk,
        arguments::{ProposalName, Shares},
        doings::{licence::Of, terms::told::clauses},
        history,
        words::Words,
    },
    error::amount,
    events::{ContractEvent, Event},
    home::Home,
    units::{Coin, Date},
};

asking! {
    /// A proposal: what it does, its state, times and votes, and what it takes to succeed.
    Show = "coop show" {
        /// The proposal's label or id.
        proposal: ProposalName,
        /// How many blocks are looked at for what it does, from the newest back, where no file here says it.
        #[arg(long, default_value_t = history::BLOCKS, value_parser = history::bounded())]
        #[serde(default = "history::blocks")]
        blocks: u64,
    }
    |it, desk| {
        let (coop, id) = (desk.deployment.coop, desk.proposal(&it.proposal)?);
        let state = known(desk, id).await?;
        let second = |value: U256| value.saturating_to::<u64>();
        let votes = desk.read(coop, &Coop::proposalVotesCall { proposalId: id }).await?;
        let snapshot = second(desk.read(coop, &Coop::proposalSnapshotCall { proposalId: id }).await?);
        let eta = second(desk.read(coop, &Coop::proposalEtaCall { proposalId: id }).await?);
        let grace = second(desk.read(coop, &Coop::gracePeriodCall {}).await?);
        let shares = |value: U256| amount(value).map(Shares);
        // The quorum is of the shares at the snapshot, so there is none before that is over.
        let quorum = match desk.now().await? > snapshot {
            true => Some(shares(desk.read(coop, &Coop::quorumCall { timepoint: U256::from(snapshot) }).await?)?),
            false => None,
        };
        let came = shares(votes.forVotes.saturating_add(votes.abstainVotes))?;
        let (proposal, looked) = proposal_of(desk, id, it.blocks).await?;
        let answer = answer!({
            "proposal": id.to_string(),
            "label": label(desk, id),
            "state": name(state),
            "that_is": in_words(state),
            "proposer": desk.says(desk.read(coop, &Coop::proposalProposerCall { proposalId: id }).await?),
            "why": proposal.as_ref().map(|proposal| why(&proposal.description)),
            "votes_count_after": Date(snapshot),
            "votes_count_until": Date(second(desk.read(coop, &Coop::proposalDeadlineCall { proposalId: id }).await?)),
            "executable_from": Date(eta),
            "executable_until": Date(eta.saturating_add(grace)),
            "for": shares(votes.forVotes)?,
            "against": shares(votes.againstVotes)?,
            "abstain": shares(votes.abstainVotes)?,
            "quorum": quorum.map(|quorum| format!("{quorum} for or abstaining, of which {came} have come")),
            "succeeds_with": "the quorum, and more for than against",
        });
        match proposal {
            Some(proposal) => told(desk, answer, &proposal).await,
            None => {
                let rows = looked.map(|looked| ("looked at blocks".to_owned(), looked)).into_iter().collect();
                Ok(answer.section("does", " what no file here and none of these blocks tells", rows))
            }
        }
    }
}

asking! {
    /// The co-op's proposals: those with a label here, and those of which the newest blocks tell.
    List = "coop list" {
        /// How many blocks are looked at, from the newest back.
        #[arg(long, default_value_t = history::BLOCKS, value_parser = history::bounded())]
        #[serde(default = "history::blocks")]
        blocks: u64,
    }
    |it, desk| {
        let found = history::told(desk, desk.deployment.coop, it.blocks).await?;
        let mut ids: Vec<(U256, Option<String>)> = Vec::new();
        for event in &found.events {
            if let Event::Coop(CoopEvents::ProposalCreated(made)) = &event.event {
                ids.push((made.proposalId, Some(why(&made.description).to_owned())));
            }
        }
        for id in desk.book.proposals.values() {
            if !ids.iter().any(|(known, _)| known == id) {
                ids.push((*id, None));
            }
        }
        let mut all = Vec::new();
        for (id, why) in ids {
            // A label may be of another pool's co-op.
            let Some(state) = super::state_of(desk, id).await? else { continue };
            all.push(row!({
                "proposal": label(desk, id).unwrap_or_else(|| id.to_string()),
                "is": name(state),
                "why": why,
            }));
        }
        Ok(answer!({ "blocks": found.says(), "more": "yieldset coop show PROPOSAL" }).rows("proposals", all))
    }
}

fn in_words(state: u8) -> &'static str {
    match state {
        0 => "votes do not count yet",
        1 => "it can be voted on: yieldset coop vote",
        2 => "its proposer took it back",
        3 => "it lacked the quorum, or votes for it",
        4 => "it won: anybody executes it in its time, yieldset coop execute",
        5 => "it won, and its time to leave the pool runs",
        6 => "it won, and was not executed in time",
        7 => "its calls were made",
        _ => "unknown to this program",
    }
}

fn label(desk: &Desk, id: U256) -> Option<String> {
    let label = desk.book.proposals.iter().find(|(_, known)| **known == id);
    label.map(|(label, _)| format!("@{label}"))
}

/// The reason without the proposer's guard.
fn why(description: &str) -> &str {
    description.rsplit_once(" #proposer=").map_or(description, |(why, _)| why)
}

/// What was proposed: from the file of who proposed it, or from what the co-op told when it was; and which blocks were
/// looked at where neither says it.
async fn proposal_of(desk: &Desk, id: U256, blocks: u64) -> Result<(Option<Proposal>, Option<String>), ActError> {
    let home = Home::from_environment();
    let label = label(desk, id).map(|label| label.trim_start_matches('@').to_owned());
    for name in [label, Some(id.to_string())].into_iter().flatten() {
        let kept = std::fs::read(home.proposal(&name)).ok().and_then(|kept| serde_json::from_slice(&kept).ok());
        let Some(kept): Option<Proposal> = kept else { continue };
        // The file is somebody's; the id is of its content.
        if kept.id(desk).await? == id {
            return Ok((Some(kept), None));
        }
    }
    let is_it = |event: &ContractEvent| match &event.event {
        Event::Coop(CoopEvents::ProposalCreated(made)) => made.proposalId == id,
        _ => false,
    };
    let found = history::told_until(desk, desk.deployment.coop, blocks, is_it).await?;
    let looked = found.says();
    let proposal = found.events.into_iter().find_map(|event| match event.event {
        Event::Coop(CoopEvents::ProposalCreated(made)) if made.proposalId == id => Some(Proposal {
            targets: made.targets,
            values: made.values,
            calldatas: made.calldatas,
            description: made.description,
        }),
        _ => None,
    });
    Ok((proposal, Some(looked)))
}

/// What a proposal does: each call in words, and of a licence that it accepts, or a menu that it publishes, all terms.
async fn told(desk: &Desk, answer: Answer, proposal: &Proposal) -> Result<Answer, ActError> {
    let coin = desk.currency().await?.coin;
    let calls = proposal.targets.iter().zip(&proposal.values).zip(&proposal.calldatas);
    let mut rows = Vec::new();
    for (at, ((target, value), data)) in calls.clone().enumerate() {
        // Whatever one call is, the others are told.
        let says = call(desk, &coin, *target, *value, data).unwrap_or_else(|error| format!("{target}: {error}"));
        rows.push((format!("call {}", at + 1), says));
    }
    let mut answer = answer.section("does", "", rows);
    for ((target, _), data) in calls {
        // What another contract is told binds the pool to nothing.
        if *target != desk.deployment.licence {
            continue;
        }
        answer = match terms_in(desk, answer.clone(), data).await {
            Ok(told) => told,
            Err(error) => answer.section("terms", " cannot be told", vec![("why".to_owned(), error.to_string())]),
        };
    }
    Ok(answer)
}

/// The terms that a call binds the pool to.
async fn terms_in(desk: &Desk, answer: Answer, data: &Bytes) -> Result<Answer, ActError> {
    match Licence::LicenceCalls::abi_decode(data) {
        Ok(Licence::LicenceCalls::accept(accept)) => {
            let Some(of) = Of::find(desk, accept.licence).await? else { return Ok(answer) };
            let currency = of.currency(desk).await?;
            let (terms, milestones) = of.option(desk, accept.option).await?;
            let rows = clauses(&terms, &milestones, &currency);
            Ok(answer.section(&format!("terms_of_option_{}", accept.option), "", rows))
        }
        Ok(Licence::LicenceCalls::publishMenu(menu)) => {
            let currency = desk.currency_at(menu.currency).await?;
            Ok(menu.options.iter().enumerate().fold(answer, |answer, (at, option)| {
                let option: Vec<words::Word> = option.iter().map(|word| word.0).collect();
                let Some((terms, milestones)) = words::parse(&option) else { return answer };
                answer.section(&format!("terms_of_option_{at}"), "", clauses(&terms, &milestones, &currency))
            }))
        }
        _ => Ok(answer),
    }
}

/// A call in words.
fn call(desk: &Desk, coin: &Coin, target: Address, value: U256, data: &Bytes) -> Result<String, ActError> {
    let along = match amount(value)? {
        0 => String::new(),
        wei => format!(" with {}", desk.native().coin.print(wei)),
    };
    if data.is_empty() {
        return Ok(format!(
            "pays{}{} to {}",
            if along.is_empty() { " nothing" } else { "" },
            along.replace(" with", ""),
            desk.says(target)
        ));
    }
    let what = match decoded(data) {
        None => format!("a message that this program does not know, {data}"),
        Some(text) if is_ours(desk, target) => Words::new(desk, Some(coin.clone())).of(&text),
        // What a stranger's contract does with it, and in which unit, only that one knows.
        Some(text) => format!("to a contract that is not the pool's, {text}"),
    };
    Ok(format!("{what}, of {}{along}", desk.types(target)))
}

/// Whether an address is a contract of the deployment.
fn is_ours(desk: &Desk, target: Address) -> bool {
    desk.deployment.named().iter().any(|(_, contract)| *contract == target)
}

/// A call in Rust's own form, `name { field: value }`.
fn decoded(data: &Bytes) -> Option<String> {
    macro_rules! of {
        ($($calls:path),*) => {$(
            if let Ok(call) = <$calls>::abi_decode(data) {
                return inner(&format!("{call:?}"));
            }
        )*};
    }
    of!(
        Licence::LicenceCalls,
        Pool::PoolCalls,
        Manifests::ManifestsCalls,
        Attribution::AttributionCalls,
        Market::MarketCalls,
        Factory::FactoryCalls,
        Kyc::KycCalls,
        Coop::CoopCalls,
        Access::AccessCalls
    );
    None
}

/// `accept(acceptCall { option: 0 })` as `accept { option: 0 }`.
fn inner(text: &str) -> Option<String> {
    let (name, rest) = text.split_once('(')?;
    let fields = rest.strip_suffix(')')?.split_once(' ').map_or("{  }", |(_, fields)| fields);
    Some(format!("{name} {fields}"))
}

#[cfg(test)]
mod tests {
    use alloy_primitives::B256;
    use alloy_sol_types::SolCall;

    use super::*;

    /// What is voted on is told by the message's name and its arguments'.
    #[test]
    fn a_call_is_told_by_its_declaration() {
        let call = Licence::acceptCall { licence: B256::repeat_byte(7), option: 1 }.abi_encode();
        let text = decoded(&call.into()).expect("known");
        assert!(text.starts_with("accept { licence: 0x0707") && text.ends_with("option: 1 }"), "{text}");
        assert_eq!(decoded(&Bytes::from_static(&[1, 2, 3, 4])), None);
        assert_eq!(why("More readers #proposer=0x00"), "More readers");
        // What stands before the last guard is the reason, whatever it looks like.
        assert_eq!(why("More #proposer=0x01 and all my money #proposer=0x00"), "More #proposer=0x01 and all my money");
    }

    /// Whatever is proposed can be read back from the call that proposes it.
    #[test]
    fn a_proposal_is_in_its_plan() {
        const KIND: crate::acts::Kind =
            crate::acts::Kind::of_people("coop propose", crate::acts::Who::Anyone, "Proposes.");
        let proposal = Proposal {
            targets: vec![Address::repeat_byte(1)],
            values: vec![U256::from(5)],
            calldatas: vec![Bytes::new()],
            description: "Thanks #proposer=0x00".into(),
        };
        let Proposal { targets, values, calldatas, description } = proposal.clone();
        let plan = crate::acts::Plan::of(&KIND, "Proposes.")
            .call(Address::ZERO, &Coop::proposeCall { targets, values, calldatas, description });
        assert_eq!(Proposal::in_plan(&plan), Some(proposal));
        assert_eq!(Proposal::in_plan(&crate::acts::Plan::of(&KIND, "Nothing.")), None);
    }
}
