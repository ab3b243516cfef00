//! How things are told: for people on lines, for programs in JSON.

use std::io::Write;

use serde_json::{Value, json};
use yieldset_chain::{
    B256, Bytes, ContractEvent, Event,
    acts::{Answer, Desk, Outcome, Plan, Simulated, told, words::Words},
    submit::{Action, Receipt},
};
use yieldset_service::{printable, printable_json, printable_lines};

use crate::failure::Failure;

/// An answer.
pub fn answer(answer: &Answer, as_json: bool) -> Result<(), Failure> {
    if as_json {
        return json(&answer.json);
    }
    // A heading, or a line of a list, has no value beside it.
    let beside = answer.lines.iter().filter(|(_, value)| !value.is_empty());
    let width = beside.map(|(name, _)| name.chars().count()).max().unwrap_or_default();
    let line = |(name, value): &(String, String)| format!("{name:width$}  {value}").trim_end().to_owned();
    let lines: Vec<_> = answer.lines.iter().map(line).collect();
    print(&lines.join("\n"))
}

/// A plan with what was found out about it; with `whole` also the calls' data.
pub fn plan(plan: &Plan, tried: &[Simulated], desk: &Desk, as_json: bool, whole: bool) -> Result<(), Failure> {
    if as_json {
        return json(&told::plan(plan, tried, desk));
    }
    let coin = desk.native().coin;
    let mut lines = vec![plan.sentence.clone(), format!("who may: {}", plan.kind.who)];
    for fact in &plan.facts {
        let mark = match (fact.holds, fact.warns) {
            (true, false) => "+",
            (true, true) => "!",
            (false, _) => "-",
        };
        let remedy = if fact.holds { String::new() } else { format!("; {}", fact.remedy) };
        lines.push(format!("  {mark} {}{remedy}", fact.says));
    }
    for (at, (act, simulated)) in plan.acts.iter().zip(tried).enumerate() {
        lines.push(format!("call {}: {} of {}", at + 1, told::message(act), desk.says(act.contract)));
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
            Outcome::Refused { reason, .. } => Words::new(desk, None).in_text(&format!("  would be refused: {reason}")),
        });
    }
    // Whole, because a wallet or several who sign together need every digit; and last, because people do not.
    if whole && !plan.acts.is_empty() {
        lines.push(
            "transactions for a wallet, or for who sign together (with --json they are its \"transactions\"):".into(),
        );
        for (at, act) in plan.acts.iter().enumerate() {
            lines.push(format!("{}: to {}, value {}, data\n{}", at + 1, act.contract, act.value, act.calldata));
        }
    }
    print(&lines.join("\n"))
}

/// A transaction in a finalised block, and what the contracts told in it, in words.
pub async fn receipt(receipt: &Receipt, desk: &Desk) -> Result<(), Failure> {
    let link = desk.profile.link(receipt.tx_hash).map(|link| format!("\n  {link}")).unwrap_or_default();
    let printed = print(&format!("done in block {}: {}{link}", receipt.block_number, receipt.tx_hash));
    if receipt.events.is_empty() {
        return printed;
    }
    // It was sent: where the node does not answer any more, amounts are told as the contract has them.
    let coin = desk.currency().await.ok().map(|currency| currency.coin);
    let words = Words::new(desk, coin);
    let told = receipt.events.iter().map(|event| format!("  {}", printable(&words.of(&self::event(event)))));
    printed.and(print(&told.collect::<Vec<_>>().join("\n")))
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

/// What a transaction that is no plan's does, for programs: its data is whole, but that of code its hash is told.
pub fn action(action: &Action) -> Value {
    let code = action.code_hash();
    match action {
        Action::Call { contract, calldata, value } => {
            let data = Bytes::copy_from_slice(calldata);
            json!({ "does": "call", "to": contract, "data": data, "value": value.to_string() })
        }
        Action::Instantiate { blob, constructor } => json!({
            "does": "Revive.instantiate_with_code",
            "code_hash": code,
            "code_bytes": blob.len(),
            "data": Bytes::copy_from_slice(constructor),
        }),
        Action::Upload { blob } => {
            json!({ "does": "Revive.upload_code", "code_hash": code, "code_bytes": blob.len() })
        }
        Action::Transfer { to, value } => json!({
            "does": "Balances.transfer_keep_alive",
            "to": to.address(),
            "account": B256::from(to.account_id()),
            "value": value.to_string(),
        }),
        Action::Mint { asset, to, amount } => json!({
            "does": "Assets.mint",
            "asset": asset,
            "account": B256::from(*to),
            "value": amount.to_string(),
        }),
        Action::MapAccount => json!({ "does": "Revive.map_account" }),
    }
}

/// The same on a line.
pub fn action_says(action: &Action) -> String {
    let value = self::action(action);
    let field = |name: &str| {
        let value = &value[name];
        value.as_str().map(str::to_owned).or_else(|| value.as_u64().map(|number| number.to_string()))
    };
    let says = |name: &str| field(name).map(|value| format!("{} {value}", name.replace('_', " ")));
    let parts =
        ["asset", "to", "account", "value", "code_hash", "code_bytes", "data"].iter().filter_map(|name| says(name));
    field("does").into_iter().chain(parts).collect::<Vec<_>>().join(", ")
}

/// JSON on standard output.
pub fn json(value: &Value) -> Result<(), Failure> {
    written(&printable_json(&serde_json::to_string_pretty(value)?))
}

/// A text on standard output; who closed it wants no more.
pub fn print(text: &str) -> Result<(), Failure> {
    written(&printable_lines(text))
}

/// A line for people beside what is answered, on standard error. Nothing is stopped where it cannot be written, such as
/// the sending of the next call.
pub fn note(text: &str) {
    let _unwritten = writeln!(std::io::stderr(), "{}", printable_lines(text));
}

fn written(text: &str) -> Result<(), Failure> {
    written_to(std::io::stdout(), text)
}

fn written_to(mut place: impl Write, text: &str) -> Result<(), Failure> {
    match writeln!(place, "{text}").and_then(|()| place.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Error, ErrorKind};

    use super::*;
    use crate::failure::Code;

    /// An output that takes nothing.
    struct Shut(ErrorKind);

    impl Write for Shut {
        fn write(&mut self, _: &[u8]) -> Result<usize, Error> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> Result<(), Error> {
            Ok(())
        }
    }

    /// Who closed the output wants no more; where it takes no more, that is what failed, and after all was sent it is
    /// not said that nothing was.
    #[test]
    fn an_output_that_takes_no_more_is_told_of() {
        assert!(written_to(Vec::<u8>::new(), "done").is_ok());
        assert!(written_to(Shut(ErrorKind::BrokenPipe), "done").is_ok());
        let failure = written_to(Shut(ErrorKind::StorageFull), "done").expect_err("it takes nothing");
        assert_eq!(failure.code, Code::Failed);
        assert_eq!(failure.after_all().code, Code::Partly);
    }
}
