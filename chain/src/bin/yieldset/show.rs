//! How things are told: for people on lines, for programs in JSON.

use std::io::Write;

use serde_json::{Value, json};
use yieldset_chain::{
    ContractEvent, Event,
    acts::{Act, Answer, Desk, Outcome, Plan, Simulated, registry::declared_acts, words::Words},
    submit::Receipt,
};

use crate::failure::Failure;

/// An answer.
pub fn answer(answer: &Answer, as_json: bool) -> Result<(), Failure> {
    if as_json {
        return json(&answer.json);
    }
    let width = answer.lines.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
    let line = |(name, value): &(String, String)| format!("{name:width$}  {value}").trim_end().to_owned();
    let lines: Vec<_> = answer.lines.iter().map(line).collect();
    print(&lines.join("\n"))
}

/// A plan with what was found out about it; with `whole` also the calls' data.
pub fn plan(plan: &Plan, tried: &[Simulated], desk: &Desk, as_json: bool, whole: bool) -> Result<(), Failure> {
    if as_json {
        return json(&json!({
            "act": plan.kind.name,
            "sentence": plan.sentence,
            "who_may": plan.kind.who.to_string(),
            "sender": desk.sender,
            "facts": plan.facts,
            "calls": plan.acts.iter().map(message).collect::<Vec<_>>(),
            "simulated": tried,
            "transactions": plan.transactions(desk.client.evm_chain_id()),
        }));
    }
    let coin = desk.native().coin;
    let mut lines = vec![plan.sentence.clone(), format!("who may: {}", plan.kind.who)];
    for fact in &plan.facts {
        let mark = if fact.holds { "+" } else { "-" };
        let remedy = if fact.holds { String::new() } else { format!("; {}", fact.remedy) };
        lines.push(format!("  {mark} {}{remedy}", fact.says));
    }
    for (at, (act, simulated)) in plan.acts.iter().zip(tried).enumerate() {
        lines.push(format!("call {}: {} of {}", at + 1, message(act), desk.says(act.contract)));
        if act.value > 0 {
            lines.push(format!("  with {}", coin.print(act.value)));
        }
        lines.push(match &simulated.outcome {
            Outcome::Works(_) => format!(
                "  would be done; fee {}, held for storage {}",
                coin.print(simulated.fee.unwrap_or_default()),
                coin.print(simulated.deposit.unwrap_or_default())
            ),
            Outcome::AfterTheOneBefore => "  needs the call before it, and is tried after that".to_owned(),
            Outcome::Refused { reason, .. } => {
                format!("  would be refused: {}", Words::new(desk, None).of(reason))
            }
        });
        if whole {
            lines.push(format!("  to {}, value {}, data {}", act.contract, act.value, act.calldata));
        }
    }
    print(&lines.join("\n"))
}

/// A transaction in a finalised block, and what the contracts told in it, in words.
pub async fn receipt(receipt: &Receipt, desk: &Desk) {
    println!("done in block {}: {}", receipt.block_number, receipt.tx_hash);
    if let Some(link) = desk.profile.link(receipt.tx_hash) {
        println!("  {link}");
    }
    // It was sent: where the node does not answer any more, amounts are told as the contract has them.
    let coin = desk.currency().await.ok().map(|currency| currency.coin);
    let words = Words::new(desk, coin);
    for event in &receipt.events {
        println!("  {}", words.of(&self::event(event)));
    }
}

/// An event as programs read it: its name and fields.
pub fn event(event: &ContractEvent) -> String {
    let text = match &event.event {
        Event::Unknown { topics, .. } => return format!("an event of {} that is not ours: {topics:?}", event.address),
        known => format!("{known:?}"),
    };
    // `Contract(Name(Name { field: value }))`: the inner part has all that matters.
    let inner = text.splitn(3, '(').nth(2).and_then(|rest| rest.strip_suffix("))")).unwrap_or(&text);
    inner.to_owned()
}

/// So many calls.
pub fn count(calls: usize) -> String {
    so_many(calls, "call")
}

/// So many of something.
pub fn so_many(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

/// The message that an act calls, such as `Kyc.setRecord`.
fn message(act: &Act) -> String {
    let (declared, _) = declared_acts();
    let found =
        declared.iter().flat_map(|declared| declared.calls).find(|message| act.calldata.starts_with(&message.selector));
    found.map_or_else(|| "a message".to_owned(), |message| message.name())
}

/// JSON on standard output.
pub fn json(value: &Value) -> Result<(), Failure> {
    print(&serde_json::to_string_pretty(value)?)
}

/// A text on standard output; who closed it wants no more.
pub fn print(text: &str) -> Result<(), Failure> {
    match writeln!(std::io::stdout(), "{text}") {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}
