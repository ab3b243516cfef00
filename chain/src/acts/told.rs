//! What is found out about a plan, in JSON: for programs, and for pages.

use serde_json::{Value, json};

use super::{Act, Desk, Plan, Simulated, registry::declared_acts};

/// The plan, what each call would do and cost, and the transactions as wallets take them.
pub fn plan(plan: &Plan, tried: &[Simulated], desk: &Desk) -> Value {
    json!({
        "act": plan.kind.name,
        "sentence": plan.sentence,
        "who_may": plan.kind.who.to_string(),
        "sender": desk.sender,
        "facts": plan.facts,
        "calls": plan.acts.iter().map(message).collect::<Vec<_>>(),
        "simulated": tried,
        "transactions": plan.transactions(desk.client.evm_chain_id()),
    })
}

/// The message that an act calls, such as `Kyc.setRecord`.
pub fn message(act: &Act) -> String {
    let mut messages = declared_acts().iter().flat_map(|declared| declared.calls);
    let found = messages.find(|message| act.calldata.starts_with(&message.selector));
    found.map_or_else(|| "a message".to_owned(), |message| message.name())
}
