//! Votes of a pool's holders: any plan can be proposed instead of sent.

pub mod show;

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_sol_types::SolCall;
use serde::{Deserialize, Serialize};
use yieldset_service::printable;

use crate::{
    abi::{Coop, Pool, Refusal::RefusalErrors},
    acts::{
        Act, ActError, Desk, Fact, Plan, Who,
        arguments::{Amount, FromFile, Kept, Name, ProposalName, Shares},
        words::word,
    },
    error::{ChainError, ContractError, amount},
    units::Date,
};

const PROPOSER: Who = Who::Named("who has the proposer's threshold of votes");

/// States of a proposal by their numbers, as OpenZeppelin's Governor counts them.
const STATES: [&str; 8] = ["pending", "active", "cancelled", "defeated", "succeeded", "queued", "expired", "executed"];

/// What is proposed: calls and words, by which the proposal is named. `yieldset` keeps it in a file, because executing
/// needs all of it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proposal {
    /// The contracts.
    pub targets: Vec<Address>,
    /// Wei for each.
    pub values: Vec<U256>,
    /// The calls.
    pub calldatas: Vec<Bytes>,
    /// Why, ending with the proposer's guard.
    pub description: String,
}

impl Proposal {
    /// What a plan would have the co-op do. The description ends with OpenZeppelin's guard, so that nobody else can
    /// propose the same first and cancel it.
    pub fn of(plan: &Plan, why: &str, proposer: Address) -> Self {
        Self {
            targets: plan.acts.iter().map(|act| act.contract).collect(),
            values: plan.acts.iter().map(|act| U256::from(act.value)).collect(),
            calldatas: plan.acts.iter().map(|act| act.calldata.clone()).collect(),
            description: format!("{why} #proposer={proposer:#x}"),
        }
    }

    /// What a plan proposes, where it does that and nothing else: executing it needs all of it again.
    pub fn in_plan(plan: &Plan) -> Option<Self> {
        let [act] = &plan.acts[..] else { return None };
        let Coop::proposeCall { targets, values, calldatas, description } =
            Coop::proposeCall::abi_decode_validate(&act.calldata).ok()?;
        Some(Self { targets, values, calldatas, description })
    }

    /// Its id, by the co-op's own word.
    ///
    /// # Errors
    /// [`ActError::Chain`].
    pub async fn id(&self, desk: &Desk) -> Result<U256, ActError> {
        let (targets, values, calldatas, description_hash) = self.parts();
        let call = Coop::hashProposalCall { targets, values, calldatas, descriptionHash: description_hash };
        desk.read(desk.deployment.coop, &call).await
    }

    fn parts(&self) -> (Vec<Address>, Vec<U256>, Vec<Bytes>, B256) {
        (self.targets.clone(), self.values.clone(), self.calldatas.clone(), keccak256(&self.description))
    }
}

/// The plan to propose another one, which was made for the co-op as its sender.
///
/// # Errors
/// [`ActError`].
pub async fn proposed(desk: &Desk, plan: &Plan, why: &str) -> Result<(Plan, Proposal), ActError> {
    let (coop, proposal) = (desk.deployment.coop, Proposal::of(plan, why, desk.sender));
    let call = Coop::proposeCall {
        targets: proposal.targets.clone(),
        values: proposal.values.clone(),
        calldatas: proposal.calldatas.clone(),
        description: proposal.description.clone(),
    };
    let threshold = Shares(amount(desk.read(coop, &Coop::proposalThresholdCall {}).await?)?);
    let votes = Shares(amount(desk.read(desk.deployment.pool, &Pool::getVotesCall { account: desk.sender }).await?)?);
    let id = proposal.id(desk).await?;
    let before = state_of(desk, id).await?;
    let mut proposing = Plan::of(&PROPOSE, format!("Proposes to the co-op ({why}): {}", plan.sentence));
    proposing.facts = plan.facts.clone();
    let proposing = proposing
        .fact(Fact::new(
            votes.0 >= threshold.0,
            format!("{} has votes of {votes}, a proposer needs {threshold}", desk.says(desk.sender)),
            "have others delegate to it: yieldset coop delegate",
        ))
        .fact(match before {
            None => Fact::known(format!("the proposal's id is {id}; then yieldset coop vote {id} for")),
            Some(state) => Fact::new(
                false,
                format!("the very same was proposed already, as {id}, and is {}", name(state)),
                format!("yieldset coop show {id}; to propose it once more give another reason"),
            ),
        })
        .call(coop, &call);
    Ok((proposing, proposal))
}

const PROPOSE: crate::acts::Kind =
    crate::acts::Kind::of_people("coop propose", PROPOSER, "Proposes something else that is done by commands.");

doing! {
    /// Proposes a payment out of the co-op's own money; whatever else has a command is proposed by its --by-vote.
    Propose = "coop propose", by PROPOSER, calls [Coop::proposeCall] {
        /// To whom.
        to: Name,
        /// How much of the chain's own money.
        amount: Amount,
        /// Why.
        #[arg(long)]
        why: String,
    }
    |it, desk| {
        let (to, reaches) = desk.paid(&it.to).await?;
        let wei = desk.native().parse(&it.amount.to_string())?;
        let has = desk.client.native_balance(desk.deployment.coop).await?;
        let mut payment = Plan::of(Self::KIND, format!("Pays {} to {}.", desk.native().coin.print(wei), desk.says(to)));
        payment.acts.push(Act {
            kind: Self::KIND,
            about: payment.sentence.clone(),
            contract: to,
            calldata: Bytes::new(),
            value: wei,
            follows: false,
        });
        let fact = Fact::new(
            has >= wei,
            format!("the co-op has {}", desk.native().coin.print(has)),
            "it cannot pay more than it has",
        );
        let (plan, _) = proposed(desk, &payment, &it.why).await?;
        Ok(Plan { kind: Self::KIND, ..plan }.fact(fact).fact(reaches))
    }
}

/// What a vote says, by the contract's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Support {
    /// No.
    Against = 0,
    /// Yes.
    For = 1,
    /// Counts for the quorum alone.
    Abstain = 2,
}

doing! {
    /// Votes on a proposal with the votes that the sender had at its snapshot.
    Vote = "coop vote", by Who::Named("who had votes at the snapshot"),
    calls [Coop::castVoteCall, Coop::castVoteWithReasonCall] {
        /// The proposal's label or id.
        proposal: ProposalName,
        /// What the vote says.
        support: Support,
        /// Why.
        #[arg(long)]
        reason: Option<String>,
    }
    |it, desk| {
        let (coop, proposal, support) = (desk.deployment.coop, desk.proposal(&it.proposal)?, it.support as u8);
        let state = known(desk, proposal).await?;
        let voted = desk.read(coop, &Coop::hasVotedCall { proposalId: proposal, account: desk.sender }).await?;
        let snapshot: u64 =
            desk.read(coop, &Coop::proposalSnapshotCall { proposalId: proposal }).await?.saturating_to();
        let mut plan = Plan::of(Self::KIND, format!("Votes {} on proposal {proposal}.", word(it.support)))
            .fact(Fact::new(
                state == 1,
                format!("it is {}", name(state)),
                match state {
                    0 => format!("votes count after {}", Date(snapshot)),
                    _ => format!("its vote is over; yieldset coop show {proposal}"),
                },
            ))
            .fact(Fact::new(
                !voted,
                if voted { "the sender voted" } else { "the sender did not vote yet" },
                "a vote cannot be changed",
            ));
        if desk.now().await? > snapshot {
            let votes = Coop::getVotesCall { account: desk.sender, timepoint: U256::from(snapshot) };
            let votes = Shares(amount(desk.read(coop, &votes).await?)?);
            plan = plan.fact(Fact::new(votes.0 > 0, format!("it has votes of {votes}"), "it had none at the snapshot"));
        }
        Ok(match &it.reason {
            Some(reason) => {
                plan.call(coop, &Coop::castVoteWithReasonCall { proposalId: proposal, support, reason: reason.clone() })
            }
            None => plan.call(coop, &Coop::castVoteCall { proposalId: proposal, support }),
        })
    }
}

doing! {
    /// Makes the calls of a proposal that succeeded, after its timelock; anyone may.
    Execute = "coop execute", by Who::Anyone, calls [Coop::executeCall] {
        /// The proposal's label, or its file, which yieldset wrote when it was proposed.
        proposal: Kept<Proposal>,
    }
    |it, desk| {
        let (coop, id) = (desk.deployment.coop, it.proposal.0.id(desk).await?);
        let (targets, values, calldatas, description_hash) = it.proposal.0.parts();
        let state = known(desk, id).await?;
        let eta: u64 = desk.read(coop, &Coop::proposalEtaCall { proposalId: id }).await?.saturating_to();
        let now = desk.now().await?;
        let call = Coop::executeCall { targets, values, calldatas, descriptionHash: description_hash };
        Ok(Plan::of(Self::KIND, format!("Executes proposal {id}: {}", printable(&it.proposal.0.description)))
            .fact(Fact::new(
                matches!(state, 4 | 5),
                format!("it is {}", name(state)),
                match state {
                    7 => "it was executed already: nothing is to be done".to_owned(),
                    _ => format!("only a proposal that succeeded is executed; yieldset coop show {id}"),
                },
            ))
            .fact(Fact::new(now >= eta, format!("it can be executed from {} on", Date(eta)), "wait for it"))
            .call(coop, &call))
    }
}

doing! {
    /// Takes a proposal back before votes count.
    Cancel = "coop cancel", by Who::Named("its proposer, while it is pending"), calls [Coop::cancelCall] {
        /// The proposal's label, or its file, which yieldset wrote when it was proposed.
        proposal: Kept<Proposal>,
    }
    |it, desk| {
        let (coop, id) = (desk.deployment.coop, it.proposal.0.id(desk).await?);
        let (targets, values, calldatas, description_hash) = it.proposal.0.parts();
        let state = known(desk, id).await?;
        Ok(Plan::of(Self::KIND, format!("Takes proposal {id} back."))
            .fact(Fact::new(state == 0, format!("it is {}", name(state)), "only a pending proposal is taken back"))
            .call(coop, &Coop::cancelCall { targets, values, calldatas, descriptionHash: description_hash }))
    }
}

/// A proposal's state; none where nobody proposed it.
async fn state_of(desk: &Desk, id: U256) -> Result<Option<u8>, ActError> {
    match desk.read(desk.deployment.coop, &Coop::stateCall { proposalId: id }).await {
        Ok(state) => Ok(Some(state)),
        Err(ActError::Chain(ChainError::Refused { error: ContractError::Known(known), .. }))
            if matches!(*known, RefusalErrors::GovernorNonexistentProposal(_)) =>
        {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// The state of a proposal that there is.
async fn known(desk: &Desk, id: U256) -> Result<u8, ActError> {
    state_of(desk, id).await?.ok_or_else(|| {
        ActError::Absent(format!(
            "nobody proposed {id} to {}; yieldset coop list says which proposals there are",
            desk.says(desk.deployment.coop)
        ))
    })
}

fn name(state: u8) -> &'static str {
    STATES.get(usize::from(state)).copied().unwrap_or("in a state that is not known to this program")
}

/// A delegation as its holder signed it (ERC-5805).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delegation {
    delegatee: Address,
    nonce: U256,
    expiry: u64,
    v: u8,
    r: B256,
    s: B256,
}

doing! {
    /// Has the sender's shares vote for another account, or with `me` for itself again.
    Delegate = "coop delegate", by Who::Anyone, calls [Pool::delegateCall] {
        /// For whom.
        to: Name,
    }
    |it, desk| {
        let delegatee = desk.address(&it.to)?;
        let now = desk.read(desk.deployment.pool, &Pool::delegatesCall { account: desk.sender }).await?;
        Ok(Plan::of(
            Self::KIND,
            format!("Has the shares of {} vote for {}.", desk.says(desk.sender), desk.says(delegatee)),
        )
        .fact(Fact::new(
            now != delegatee,
            match now.is_zero() {
                true => "they vote for nobody else now".to_owned(),
                false => format!("they vote for {} now", desk.says(now)),
            },
            "nothing is to be done",
        ))
        .call(desk.deployment.pool, &Pool::delegateCall { delegatee }))
    }
}

doing! {
    /// Hands in a delegation that a holder signed (ERC-5805).
    DelegateSigned = "coop delegate-signed", by Who::Named("anyone, with the holder's signature"),
    calls [Pool::delegateBySigCall] {
        /// JSON or TOML: delegatee, nonce, expiry, v, r, s.
        file: FromFile<Delegation>,
    }
    |it, desk| {
        let Delegation { delegatee, nonce, expiry, v, r, s } = it.file.0.clone();
        let now = desk.now().await?;
        Ok(Plan::of(Self::KIND, format!("Has the shares of who signed vote for {}.", desk.says(delegatee)))
            .fact(Fact::new(expiry >= now, format!("its time ends on {}", Date(expiry)), "the holder signs again"))
            .call(
                desk.deployment.pool,
                &Pool::delegateBySigCall { delegatee, nonce, expiry: U256::from(expiry), v, r, s },
            ))
    }
}

doing! {
    /// Ends the delegation of a frozen, sanctioned or recovered account.
    EndDelegation = "coop end-delegation", by Who::Anyone, calls [Pool::endDelegationCall] {
        /// Whose.
        account: Name,
    }
    |it, desk| {
        let account = desk.address(&it.account)?;
        Ok(Plan::of(Self::KIND, format!("Ends the delegation of {}, who is blocked.", desk.says(account)))
            .call(desk.deployment.pool, &Pool::endDelegationCall { account }))
    }
}
