//! Tables of a contract's messages, events and errors, derived from their declarations, for people:
//! `contracts/artifacts/NAME.md`, beside its ABI.

use std::fmt::Write;

use anyhow::Result;

use crate::metadata::{Function, Metadata, Parameter, of_roles, renamed, section, text};

/// The page of a contract.
///
/// # Errors
/// A message whose answers have not all names.
pub fn page(name: &str, metadata: &Metadata) -> Result<Vec<u8>> {
    let mut page = format!(
        "# {name}: messages, events, errors\n\nWritten by `yieldset-contracts build` from the contract's declarations; \
         what stands behind them is in [docs/contracts/{name}.md](../../docs/contracts/{name}.md), Solidity's \
         interface in [Yieldset.sol](Yieldset.sol).\n\n## Messages\n\n"
    );
    page += "| message | who | what | errors | events |\n|---|---|---|---|---|\n";
    let constructor = metadata.constructor();
    let made = format!("`constructor({})`{}", names(&constructor.inputs), payable(constructor.is_payable));
    row(&mut page, &made, "who deploys it", &constructor.docs, &constructor.inputs);
    for function in metadata.functions.iter().filter(|function| !of_roles(&function.docs)) {
        row(&mut page, &called(function)?, &function.who()?, &function.docs, &function.inputs);
    }
    if metadata.has_roles() {
        page += "\nBeside them the messages of roles, as OpenZeppelin's `AccessControl` has them:\n\n";
        page += "| message | what | errors |\n|---|---|---|\n";
        for function in metadata.functions.iter().filter(|function| of_roles(&function.docs)) {
            let errors = section(&function.docs, "Errors").unwrap_or_default();
            let what = text(&function.docs);
            let what = what.split_once(": ").map_or(&*what, |(_, what)| what);
            let _ = writeln!(page, "| {} | {} | {} |", called(function)?, cell(what), cell(&errors));
        }
    }
    page += "\n## Events\n\n| event | when | fields; indexed ones in italics |\n|---|---|---|\n";
    for event in &metadata.events {
        let fields: Vec<_> = event.params.iter().map(|field| told(field, &event.params)).collect();
        let _ = writeln!(page, "| `{}` | {} | {} |", event.name, cell(&text(&event.docs)), fields.join("; "));
    }
    page += "\n## Errors\n\n| error | when |\n|---|---|\n";
    for error in &metadata.errors {
        let what = cell(&renamed(&text(&error.docs), &error.params));
        let _ = writeln!(page, "| `{}({})` | {what} |", error.name, names(&error.params));
    }
    Ok(page.into_bytes())
}

/// A message as it is called, and what it answers.
fn called(function: &Function) -> Result<String> {
    let answers = function.answers()?;
    let answers: Vec<_> =
        answers.iter().map(|(ty, name)| format!("`{}`", if name.is_empty() { ty } else { name })).collect();
    let answers = if answers.is_empty() { String::new() } else { format!(" → {}", answers.join(", ")) };
    Ok(format!("`{}({})`{answers}{}", function.name, names(&function.inputs), payable(function.is_payable)))
}

fn payable(is_payable: bool) -> &'static str {
    if is_payable { ", payable" } else { "" }
}

fn row(page: &mut String, message: &str, who: &str, docs: &str, parameters: &[Parameter]) {
    let part = |text: &str| cell(&renamed(text, parameters));
    let of = |name| part(&section(docs, name).unwrap_or_default());
    let mut what = text(docs);
    if let Some(answers) = section(docs, "Answers").filter(|answers| !only_names(answers)) {
        let _ = write!(what, " Answers: {answers}");
    }
    let _ = writeln!(page, "| {message} | {} | {} | {} | {} |", part(who), part(&what), of("Errors"), of("Events"));
}

/// Whether a section of answers says no more than the message itself.
fn only_names(answers: &str) -> bool {
    answers.split('`').step_by(2).all(|between| between.trim().trim_matches([',', '.']).is_empty())
}

fn told(field: &Parameter, all: &[Parameter]) -> String {
    let name = if field.is_topic { format!("*{}*", field.name()) } else { field.name() };
    let what = renamed(&text(&field.docs), all);
    let what = what.trim_end_matches('.');
    if what.is_empty() { format!("{name} {}", field.ty) } else { cell(&format!("{name} {}: {what}", field.ty)) }
}

fn names(parameters: &[Parameter]) -> String {
    parameters.iter().map(Parameter::name).collect::<Vec<_>>().join(", ")
}

/// A bar would end the cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
