//! A thing that a person does: told, tried, confirmed, sent call by call.

use serde_json::json;
use yieldset_chain::{
    ChainError, ContractEvent, U256,
    acts::{
        Desk, Outcome, Plan, Simulated,
        doings::coop::{Proposal, proposed},
        purse,
        registry::{Deed, Told},
        words::Words,
    },
    submit::{Receipt, Submitter},
};
use yieldset_service::files::{self, Access};

use crate::{failure::Failure, labelled, options::Options, oracle, show};

/// Does it, or answers.
pub async fn run(deed: &Deed, options: &Options) -> Result<(), Failure> {
    if let Some(arguments) = deed.for_oracle() {
        return oracle::run(&arguments, options).await;
    }
    let (desk, signer) = options.desk().await?;
    // In this pool's words: those of the end know the network's own pool alone.
    let words = Words::new(&desk, None);
    let told = told(deed, &desk, options).await.map_err(|failure| failure.in_words(&words))?;
    match told {
        Told::Answer(answer) => show::answer(&answer, options.json),
        Told::Oracle(arguments) => oracle::run(&arguments, options).await,
        Told::Plan(plan) => {
            let plan = words.in_plan(plan);
            let (receipts, noted) = act(plan, (&desk, signer), options).await?;
            // Whatever could not be told, what came of it is noted.
            let noted = noted.and(labelled::dataset(deed, &receipts, options));
            noted.map_err(|failure| failure.after_all().told(options.json))
        }
    }
}

/// What is sent or answered; with `--by-vote` the proposal of it.
async fn told(deed: &Deed, desk: &Desk, options: &Options) -> Result<Told, Failure> {
    let Some(why) = &options.by_vote else { return Ok(deed.run(desk).await?) };
    // It is the co-op that acts, so its roles, shares and money are looked at; the sender proposes.
    let acting = Desk { sender: desk.deployment.coop, account: None, ..desk.clone() };
    let Told::Plan(plan) = deed.run(&acting).await? else {
        return Err(Failure::usage("only what is sent can be proposed: leave --by-vote away"));
    };
    Ok(Told::Plan(proposed(desk, &plan, why).await?.0))
}

/// Transactions that were sent and done, and whether that could be told and noted here.
type Sent = (Vec<Receipt>, Result<(), Failure>);

/// Shows a plan, and sends it where that is wanted and will do; what came of it.
async fn act(plan: Plan, (desk, signer): (&Desk, Option<Submitter>), options: &Options) -> Result<Sent, Failure> {
    let proposal = Proposal::in_plan(&plan);
    let id = match &proposal {
        Some(proposal) => Some(proposal.id(desk).await?),
        None => None,
    };
    labelled::fits(&plan, id, options)?;
    if desk.sender.is_zero() && !options.dry_run {
        return Err(Failure::usage("nobody is named who sends it").with("give --from WHO, or set YIELDSET_FROM"));
    }
    let (plan, tried) = purse::tried(desk, plan).await?;
    let doubt = options.doubt(desk)?;
    if let Some(doubt) = doubt.as_ref().filter(|_| options.json && !options.dry_run) {
        // The plan, which has it for people and in a dry run, is not shown.
        show::note(&doubt.says);
    }
    let plan = doubt.into_iter().fold(plan, Plan::fact);
    if options.dry_run {
        show::plan(&plan, &tried, desk, options.json, true)?;
        possible(&plan, &tried, desk).map_err(|failure| failure.told(options.json))?;
        return Ok((Vec::new(), Ok(())));
    }
    if !options.json {
        show::plan(&plan, &tried, desk, false, false)?;
    }
    possible(&plan, &tried, desk)?;
    if !options.confirmed(&format!("Send {} as {}?", show::count(plan.acts.len()), desk.says(desk.sender)))? {
        return Err(Failure::declined());
    }
    let submitter = match signer {
        Some(signer) => signer,
        None => options.submitter(desk).await?,
    };
    options.believe(desk)?;
    if let Some((proposal, id)) = proposal.as_ref().zip(id) {
        keep(proposal, id, options)?;
    }
    let (receipts, told) = sent(&plan, &submitter, desk, options).await?;
    let told = match options.json {
        true => show::json(&outcome(&plan, &receipts, None)),
        false => told,
    };
    let noted = match proposal {
        None => labelled::licence(&receipts, options),
        Some(_) => Ok(()),
    };
    Ok((receipts, told.and(noted)))
}

/// Sends the calls in order. What cannot be told of one, such as on a full disk, keeps none from being sent.
async fn sent(plan: &Plan, submitter: &Submitter, desk: &Desk, options: &Options) -> Result<Sent, Failure> {
    let (mut receipts, mut told) = (Vec::new(), Ok(()));
    for (at, act) in plan.acts.iter().enumerate() {
        let sending = async {
            let prepared = submitter.prepare_call(act.contract, act.calldata.to_vec(), act.value).await;
            let prepared = prepared.map_err(|error| (Failure::before_sending(&error), error))?;
            show::note(&format!("sending {} of {}: {}", at + 1, plan.acts.len(), prepared.tx_hash));
            let receipt = submitter.submit(&prepared).await;
            receipt.map_err(|error| (Failure::after_sending(&error).look_for(prepared.tx_hash), error))
        };
        match sending.await {
            Ok(receipt) => {
                if !options.json {
                    told = told.and(show::receipt(&receipt, desk).await);
                }
                receipts.push(receipt);
            }
            Err((failure, error)) => {
                let failure = failure.in_words(&Words::new(desk, None)).after_others(at, plan.acts.len());
                let told = options.json && show::json(&outcome(plan, &receipts, Some(&error))).is_ok();
                return Err(failure.told(told));
            }
        }
    }
    Ok((receipts, told))
}

/// Whether it will do.
fn possible(plan: &Plan, tried: &[Simulated], desk: &Desk) -> Result<(), Failure> {
    if let Some(fact) = plan.obstacle() {
        return Err(Failure::impossible(&fact.says).with(&fact.remedy));
    }
    if plan.acts.is_empty() {
        return Err(Failure::impossible("there is nothing to send"));
    }
    for simulated in tried {
        if let Outcome::Refused { reason, remedy } = &simulated.outcome {
            let why = Words::new(desk, None).in_text(&format!("refused: {reason}"));
            return Err(Failure::impossible(why).with(remedy.unwrap_or_default()).raw(Some(reason.clone())));
        }
    }
    Ok(())
}

/// A proposal in a file of the home: executing needs all of it again.
fn keep(proposal: &Proposal, id: U256, options: &Options) -> Result<(), Failure> {
    let home = options.home();
    files::make_folder(&home.folder().join("proposals"), Access::Published)?;
    let named = labelled::proposal(id, options)?;
    let file = home.proposal(named.as_deref().unwrap_or(&id.to_string()));
    files::write(&file, (serde_json::to_string_pretty(proposal)? + "\n").as_bytes(), Access::Published)?;
    let again = named.map_or_else(|| file.display().to_string(), |label| format!("@{label}"));
    show::note(&format!("the proposal is in {}; once it succeeded: yieldset coop execute {again}", file.display()));
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
