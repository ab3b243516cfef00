//! Which acts are possible in the story's state, and how each is refused to who may not do it.

use alloy_primitives::B256;
use yieldset_chain::{acts::Who, deployment::role};

/// What who may do it could send as things are. What is in neither this list nor `ELSEWHERE` lacks something that the
/// story does not have, such as an audit or a dispute, and is sent by its command in `tried.rs`.
pub const POSSIBLE: &[&str] = &[
    "audit approve",
    "audit request",
    "committee activate",
    "committee prepare-key",
    "committee propose",
    "committee revoke-key",
    "coop cancel",
    "coop delegate",
    "coop propose",
    "coop vote",
    "dataset accept",
    "dataset card",
    "dataset redact",
    "dataset register",
    "dataset transfer",
    "dataset update",
    "dataset withdraw",
    "escrow fund",
    "kyc distrust",
    "kyc freeze",
    "kyc import",
    "kyc recover",
    "kyc revoke",
    "kyc sanction",
    "kyc set",
    "kyc trust",
    "licence hand-over",
    "licence offer",
    "licence publish",
    "licence take-over",
    "licence terminate",
    "market ask",
    "market bid",
    "market cancel",
    "market delist",
    "market fill",
    "market list",
    "platform anchor",
    "platform model-card",
    "platform register",
    "platform rotate",
    "policy set",
    "pool approve",
    "pool create",
    "pool deposit",
    "pool end-reservations",
    "pool force-transfer",
    "pool freeze-shares",
    "pool mint",
    "pool pause",
    "pool raise-cap",
    "pool recover",
    "pool transfer",
    "pool transfer-from",
    "report audit",
    "roles grant",
    "roles hand-over",
    "roles renounce",
    "roles revoke",
];

/// How somebody is told that an act is not for them.
#[derive(Debug, Clone, Copy)]
enum Says {
    /// In these words.
    Words(&'static str),
    /// By the contract, which names the role that it needs.
    Needs(&'static str),
    /// Not at all: whoever has what it takes may do it.
    Nothing,
}

/// Of each act that is for whom its words name.
const NAMED: &[(&str, Says)] = &[
    ("audit request", Says::Words("it had votes of")),
    // To whom nothing was paid there is nothing to withdraw: `tried.rs` has another account refused.
    ("audit withdraw", Says::Nothing),
    ("coop cancel", Says::Words("GovernorUnableToCancel")),
    ("coop propose", Says::Words("a proposer needs")),
    ("coop vote", Says::Words("it has votes of 0 shares")),
    ("dataset accept", Says::Words("it is offered to")),
    ("dataset assign", Says::Words("its creator is")),
    ("dataset card", Says::Words("its creator is")),
    ("dataset redact", Says::Words("NotDatasetCreator")),
    ("dataset transfer", Says::Words("its creator is")),
    ("dataset update", Says::Words("its creator is")),
    ("dataset withdraw", Says::Words("its creator is")),
    ("escrow fund", Says::Nothing),
    ("kyc distrust", Says::Needs("COMPLIANCE_ROLE")),
    ("kyc revoke", Says::Needs("AGENT_ROLE")),
    ("kyc trust", Says::Needs("COMPLIANCE_ROLE")),
    ("licence accept", Says::Words("does not have LICENSOR_ROLE")),
    ("licence decline", Says::Words("does not have LICENSOR_ROLE")),
    ("licence milestone", Says::Words("NotLicensor")),
    ("licence publish", Says::Words("does not have LICENSOR_ROLE")),
    ("licence refund", Says::Nothing),
    ("licence take-over", Says::Words("the platform named")),
    ("licence terminate", Says::Words("TerminationNotAllowed")),
    ("licence withdraw-menu", Says::Words("does not have LICENSOR_ROLE")),
    ("market ask", Says::Nothing),
    ("market bid", Says::Nothing),
    ("market cancel", Says::Words("its maker is")),
    ("market clear", Says::Nothing),
    ("market fill", Says::Nothing),
    ("market withdraw", Says::Nothing),
    ("platform register", Says::Words("the registry's admin is")),
    ("pool cancel-successor", Says::Words("the pool's governor is")),
    ("pool deposit", Says::Nothing),
    ("pool raise-cap", Says::Words("the pool's governor is")),
    ("pool register", Says::Needs("admin")),
    ("pool succeed", Says::Words("the pool's governor is")),
    ("pool transfer", Says::Nothing),
    ("pool transfer-from", Says::Words("allowed 0 shares")),
    ("report add-reason", Says::Nothing),
    ("report defend", Says::Nothing),
    ("report dispute", Says::Nothing),
    ("report withdraw-bond", Says::Nothing),
    ("roles grant", Says::Words("the default admin of")),
    ("roles hand-over", Says::Words("the default admin of")),
    ("roles renounce", Says::Words("does not have ISSUER_ROLE")),
    ("roles revoke", Says::Words("the default admin of")),
];

/// What one of the reasons says where an act is not for who asks; nothing where it is for everybody.
pub fn refusal(act: &str, who: Who) -> Option<String> {
    let says = match who {
        Who::Anyone => return None,
        Who::Platform => return Some("its platform is".to_owned()),
        Who::Role(name) => return Some(format!("does not have {name}")),
        Who::Named(_) => NAMED.iter().find(|named| named.0 == act).unwrap_or_else(|| panic!("{act} is for whom?")).1,
    };
    match says {
        Says::Words(words) => Some(words.to_owned()),
        Says::Needs("admin") => Some(format!("neededRole: {}", B256::ZERO)),
        Says::Needs(name) => Some(format!("neededRole: {}", role(name))),
        Says::Nothing => None,
    }
}
