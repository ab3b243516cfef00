//! The contracts' interfaces in Solidity, derived from their declarations: `contracts/artifacts/Yieldset.sol`. The
//! bindings of `yieldset-chain` are made of it, and contracts of others import it.

use std::collections::BTreeMap;
use std::fmt::Write;

use anyhow::Result;

use crate::metadata::{
    Constructor, Event, Function, Metadata, Parameter, Refused, list, of_roles, renamed, section, text,
};

/// The file, beside the blobs.
pub const FILE: &str = "Yieldset.sol";
/// The file of all errors.
pub const REFUSALS: &str = "Refusal.sol";

const HEAD: &str = "\
// SPDX-License-Identifier: Apache-2.0
// Written by `yieldset-contracts build` from the contracts' declarations.
pragma solidity ^0.8.24;
";

/// Longest line, apart from single words.
const WIDTH: usize = 120;

/// A contract as callers see it.
pub struct Contract<'a> {
    /// Of its interface.
    pub name: &'a str,
    /// What it is.
    pub about: &'a str,
    /// Structures that its words stand for, as Solidity.
    pub records: &'a str,
    /// All else.
    pub metadata: &'a Metadata,
}

/// The whole file: roles once, and each contract.
///
/// # Errors
/// A message whose answers have not all names, or a contract of which something is missing.
pub fn file(contracts: &[Contract<'_>]) -> Result<Vec<u8>> {
    let mut sol = HEAD.to_owned();
    if let Some(with_roles) = contracts.iter().find(|contract| contract.metadata.has_roles()) {
        sol += "\n/// OpenZeppelin's `AccessControl`, with a default admin that hands itself over in two steps.\n";
        sol += "interface Access {\n";
        items(&mut sol, with_roles.metadata, true, "")?;
        sol += "}\n";
    }
    for contract in contracts {
        sol.push('\n');
        comment(&mut sol, "", contract.about);
        let roles = if contract.metadata.has_roles() { " is Access" } else { "" };
        let _ = writeln!(sol, "abstract contract {}{roles} {{", contract.name);
        made(&mut sol, contract.metadata.constructor());
        if !contract.records.is_empty() {
            for line in contract.records.lines() {
                let _ = writeln!(sol, "{}{line}", if line.is_empty() { "" } else { "    " });
            }
            sol.push('\n');
        }
        items(&mut sol, contract.metadata, false, " virtual")?;
        for error in &contract.metadata.errors {
            gap(&mut sol, 1);
            refused(&mut sol, error);
        }
        sol += "}\n";
    }
    Ok(sol.into_bytes())
}

/// Every error of all contracts once, as an error's selector does not name its contract. Solidity wants the names in a
/// contract to differ, so this is for bindings alone.
pub fn refusals(contracts: &[Contract<'_>]) -> Vec<u8> {
    let mut refusals: BTreeMap<String, &Refused> = BTreeMap::new();
    for error in contracts.iter().flat_map(|contract| &contract.metadata.errors) {
        let types: Vec<_> = error.params.iter().map(|field| &*field.ty).collect();
        refusals.entry(format!("{}({})", error.name, types.join(","))).or_insert(error);
    }
    let mut sol = HEAD.to_owned();
    sol += "\n/// Every error of all contracts: several are of more than one. For bindings: Solidity's compiler wants each name \
            once.\ninterface Refusal {\n";
    for (at, error) in refusals.values().enumerate() {
        gap(&mut sol, at);
        refused(&mut sol, error);
    }
    sol += "}\n";
    sol.into_bytes()
}

const INDENT: &str = "    ";

fn made(sol: &mut String, constructor: &Constructor) {
    comment(sol, INDENT, &said(&constructor.docs, &constructor.inputs));
    let payable = if constructor.is_payable { " payable" } else { "" };
    declaration(sol, &format!("constructor({}){payable} {{}}", kept(&constructor.inputs, " memory")));
    sol.push('\n');
}

/// Messages and events, those of roles or all others.
fn items(sol: &mut String, metadata: &Metadata, roles: bool, kind: &str) -> Result<()> {
    let functions = metadata.functions.iter().filter(|function| of_roles(&function.docs) == roles);
    for (at, function) in functions.enumerate() {
        gap(sol, at);
        message(sol, function, kind)?;
    }
    for event in metadata.events.iter().filter(|event| of_roles(&event.docs) == roles) {
        gap(sol, 1);
        told(sol, event);
    }
    Ok(())
}

fn message(sol: &mut String, function: &Function, kind: &str) -> Result<()> {
    comment(sol, INDENT, &said(&function.docs, &function.inputs));
    let mut line = format!("function {}({}) external", function.name, kept(&function.inputs, " calldata"));
    line += function.state();
    line += kind;
    let answers = function.answers()?;
    let answers: Vec<_> = answers
        .iter()
        .map(|(ty, name)| format!("{ty}{} {name}", if dynamic(ty) { " memory" } else { "" }).trim_end().to_owned())
        .collect();
    if !answers.is_empty() {
        let _ = write!(line, " returns ({})", answers.join(", "));
    }
    let mut limits = if function.mutates { format!("Who: {}", function.who()?) } else { String::new() };
    if let Some(errors) = section(&function.docs, "Errors") {
        let _ = write!(limits, "{}Refuses with: {errors}", if limits.is_empty() { "" } else { " " });
    }
    if !limits.is_empty() {
        comment(sol, INDENT, &format!("@dev {}", renamed(&limits, &function.inputs)));
    }
    declaration(sol, &format!("{line};"));
    Ok(())
}

fn refused(sol: &mut String, error: &Refused) {
    comment(sol, INDENT, &said(&error.docs, &error.params));
    fields(sol, &error.params);
    declaration(sol, &format!("error {}{};", error.name, list(&error.params)));
}

fn told(sol: &mut String, event: &Event) {
    comment(sol, INDENT, &said(&event.docs, &event.params));
    fields(sol, &event.params);
    let anonymous = if event.is_anonymous { " anonymous" } else { "" };
    declaration(sol, &format!("event {}{}{anonymous};", event.name, list(&event.params)));
}

fn fields(sol: &mut String, parameters: &[Parameter]) {
    for field in parameters.iter().filter(|field| !field.docs.trim().is_empty()) {
        comment(sol, INDENT, &format!("@param {} {}", field.name(), said(&field.docs, parameters)));
    }
}

/// Whether a type has to say where its value is kept.
fn dynamic(ty: &str) -> bool {
    ty.ends_with(']') || ty.starts_with('(') || ["bytes", "string"].contains(&ty)
}

/// What a function takes, and where it is kept.
fn kept(parameters: &[Parameter], place: &str) -> String {
    let one = |it: &Parameter| format!("{}{} {}", it.ty, if dynamic(&it.ty) { place } else { "" }, it.name());
    parameters.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// What an item does, with its parameters named in Solidity's style.
fn said(docs: &str, parameters: &[Parameter]) -> String {
    renamed(&text(docs), parameters)
}

fn gap(sol: &mut String, at: usize) {
    if at > 0 {
        sol.push('\n');
    }
}

fn comment(sol: &mut String, indent: &str, text: &str) {
    wrapped(sol, &format!("{indent}/// "), &format!("{indent}/// "), text);
}

fn declaration(sol: &mut String, text: &str) {
    wrapped(sol, INDENT, &format!("{INDENT}{INDENT}"), text);
}

fn wrapped(sol: &mut String, first: &str, next: &str, text: &str) {
    let mut line = first.to_owned();
    let mut words = 0;
    for word in text.split_whitespace() {
        if words > 0 && line.chars().count() + 1 + word.chars().count() > WIDTH {
            let _ = writeln!(sol, "{line}");
            next.clone_into(&mut line);
            words = 0;
        }
        if words > 0 {
            line.push(' ');
        }
        line += word;
        words += 1;
    }
    if words > 0 {
        let _ = writeln!(sol, "{line}");
    }
}
