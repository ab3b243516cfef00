//! A thing that a person does: told, tried, confirmed, sent call by call.

use serde_json::json;
use yieldset_chain::{
    ChainError, ContractEvent,
    acts::{
        Desk, Outcome, Plan, Simulated,
        doings::coop::{Proposal, proposed},
        registry::{Deed, Told},
    },
    submit::{Receipt, Submitter},
};
use yieldset_service::files::{self, Access};

use crate::{
    failure::{Code, Failure},
    labelled,
    options::Options,
    oracle, show,
};

/// Does it, or answers.
pub async fn run(deed: &Deed, options: &Options) -> Result<(), Failure> {
    if let Some(arguments) = deed.for_oracle() {
        return oracle::run(&arguments).await;
    }
    let (desk, signer) = options.desk().await?;
    let Some(why) = &options.by_vote else {
        return match deed.run(&desk).await? {
            Told::Answer(answer) => show::answer(&answer, options.json),
            Told::Oracle(arguments) => oracle::run(&arguments).await,
            Told::Plan(plan) => act(&plan, (&desk, signer), options, None).await,
        };
    };
    // It is the co-op that acts, so its roles, shares and money are looked at; the sender proposes.
    let acting = Desk { sender: desk.deployment.coop, account: None, ..desk.clone() };
    let Told::Plan(plan) = deed.run(&acting).await? else {
        return Err(Failure::usage("only what is sent can be proposed: leave --by-vote away"));
    };
    let (proposing, proposal) = proposed(&desk, &plan, why).await?;
    act(&proposing, (&desk, signer), options, Some(&proposal)).await
}

/// Shows a plan, and sends it where that is wanted and will do.
async fn act(
    plan: &Plan,
    (desk, signer): (&Desk, Option<Submitter>),
    options: &Options,
    proposal: Option<&Proposal>,
) -> Result<(), Failure> {
    let tried = plan.simulate(&desk.client, desk.origin().await?).await?;
    if options.dry_run {
        show::plan(plan, &tried, desk, options.json, true)?;
        return possible(plan, &tried);
    }
    if !options.json {
        show::plan(plan, &tried, desk, false, false)?;
    }
    possible(plan, &tried)?;
    if !options.confirmed(&format!("Send {} as {}?", show::count(plan.acts.len()), desk.says(desk.sender)))? {
        return Err(Failure { code: Code::Declined, text: "not confirmed; nothing was sent".into() });
    }
    let submitter = match signer {
        Some(signer) => signer,
        None => options.submitter(desk).await?,
    };
    if let Some(proposal) = proposal {
        keep(proposal, desk, options).await?;
    }
    labelled::fits(options)?;
    let mut receipts = Vec::new();
    for (at, act) in plan.acts.iter().enumerate() {
        let sent = async {
            let prepared = submitter.prepare_call(act.contract, act.calldata.to_vec(), act.value).await?;
            eprintln!("sending {} of {}: {}", at + 1, plan.acts.len(), prepared.tx_hash);
            submitter.submit(&prepared).await
        };
        match sent.await {
            Ok(receipt) => {
                if !options.json {
                    show::receipt(&receipt, desk);
                }
                receipts.push(receipt);
            }
            Err(error) => {
                let rest = show::count(plan.acts.len() - at);
                let failure = Failure::after_sending(&error);
                let text =
                    format!("{}; {at} calls were done, {rest} not: the same command goes on from there", failure.text);
                if options.json {
                    show::json(&outcome(plan, &receipts, Some(&error)))?;
                }
                return Err(Failure { text: if at == 0 { failure.text } else { text }, ..failure });
            }
        }
    }
    if proposal.is_none() {
        labelled::licence(&receipts, options)?;
    }
    if options.json {
        show::json(&outcome(plan, &receipts, None))?;
    }
    Ok(())
}

/// Whether it will do.
fn possible(plan: &Plan, tried: &[Simulated]) -> Result<(), Failure> {
    if let Some(fact) = plan.obstacle() {
        return Err(Failure::impossible(format!("{}; {}", fact.says, fact.remedy)));
    }
    if plan.acts.is_empty() {
        return Err(Failure::impossible("there is nothing to send"));
    }
    for simulated in tried {
        if let Outcome::Refused { reason, remedy } = &simulated.outcome {
            let remedy = remedy.map(|remedy| format!("; {remedy}")).unwrap_or_default();
            return Err(Failure::impossible(format!("refused: {reason}{remedy}")));
        }
    }
    Ok(())
}

/// A proposal in a file of the home: executing needs all of it again.
async fn keep(proposal: &Proposal, desk: &Desk, options: &Options) -> Result<(), Failure> {
    let (home, id) = (options.home(), proposal.id(desk).await?);
    files::make_folder(&home.folder().join("proposals"), Access::Published)?;
    let named = labelled::proposal(id, options)?;
    let file = home.proposal(named.as_deref().unwrap_or(&id.to_string()));
    files::write(&file, (serde_json::to_string_pretty(proposal)? + "\n").as_bytes(), Access::Published)?;
    let again = named.map_or_else(|| file.display().to_string(), |label| format!("@{label}"));
    eprintln!("the proposal is in {}; once it succeeded: yieldset coop execute {again}", file.display());
    Ok(())
}

fn outcome(plan: &Plan, receipts: &[Receipt], error: Option<&ChainError>) -> serde_json::Value {
    let events = |events: &[ContractEvent]| events.iter().map(show::event).collect::<Vec<_>>();
    let sent: Vec<_> = receipts
        .iter()
        .map(|receipt| {
            json!({
                "transaction": receipt.tx_hash,
                "block": receipt.block_number,
                "block_hash": receipt.block_hash,
                "events": events(&receipt.events),
            })
        })
        .collect();
    json!({
        "act": plan.kind.name,
        "sentence": plan.sentence,
        "sent": sent,
        "calls": plan.acts.len(),
        "error": error.map(ToString::to_string),
    })
}
