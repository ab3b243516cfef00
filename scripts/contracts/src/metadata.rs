//! What ink! knows of a contract's interface: `sol::ContractMetadata`, as the programs of `contracts/abi` print it.
//!
//! Each item is declared once, in the contract. Its documentation has sections: what it does, then `# Who`, `# Answers`
//! (the names of the answers, in backticks), `# Errors`, `# Events`.

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

/// The interface of a contract.
#[derive(Deserialize)]
pub struct Metadata {
    /// One.
    pub constructors: Vec<Constructor>,
    /// In the order of the source.
    pub functions: Vec<Function>,
    /// In an order of the linker's.
    pub events: Vec<Event>,
    /// In an order of the linker's.
    pub errors: Vec<Refused>,
}

/// Makes a contract.
#[derive(Deserialize)]
pub struct Constructor {
    /// What it takes.
    pub inputs: Vec<Parameter>,
    /// Whether money can come along.
    pub is_payable: bool,
    /// Its documentation.
    #[serde(default)]
    pub docs: String,
}

/// A message.
#[derive(Deserialize)]
pub struct Function {
    /// As its selector has it.
    pub name: String,
    /// What it takes.
    pub inputs: Vec<Parameter>,
    /// Solidity's type; none or `()` where nothing is answered.
    output: Option<String>,
    /// Whether it may change something.
    pub mutates: bool,
    /// Whether money can come along.
    pub is_payable: bool,
    /// Its documentation.
    #[serde(default)]
    pub docs: String,
}

/// An event.
#[derive(Deserialize)]
pub struct Event {
    /// As its topic has it.
    pub name: String,
    /// Whether it has no topic of its own.
    pub is_anonymous: bool,
    /// Its fields.
    pub params: Vec<Parameter>,
    /// Its documentation.
    #[serde(default)]
    pub docs: String,
}

/// A custom error.
#[derive(Deserialize)]
pub struct Refused {
    /// As its selector has it.
    pub name: String,
    /// Its fields.
    pub params: Vec<Parameter>,
    /// Its documentation.
    #[serde(default)]
    pub docs: String,
}

/// What is taken or told.
#[derive(Deserialize)]
pub struct Parameter {
    /// As the source has it, in Rust's style.
    name: String,
    /// Solidity's type.
    pub ty: String,
    /// Only an event's may be.
    #[serde(default)]
    pub is_topic: bool,
    /// What it is.
    #[serde(default)]
    pub docs: String,
}

/// Words that Solidity keeps for itself, as far as somebody could take them for a field's name.
const RESERVED: [&str; 24] = [
    "after",
    "alias",
    "apply",
    "auto",
    "byte",
    "case",
    "days",
    "default",
    "final",
    "hours",
    "in",
    "inline",
    "match",
    "minutes",
    "mutable",
    "null",
    "of",
    "partial",
    "promise",
    "reference",
    "seconds",
    "static",
    "var",
    "years",
];

/// What OpenZeppelin's `AccessControl` declares begins its documentation with this, whatever contract has it.
const ROLES: &str = "AccessControl: ";

impl Metadata {
    /// Reads what a program of `contracts/abi` printed. Errors and events are sorted, and the events of roles are only
    /// there where the messages of roles are: ink! gives them to every contract that shares their crate.
    pub fn read(json: &[u8]) -> Result<Self> {
        let mut read: Self = serde_json::from_slice(json).context("reading what ink! says of it")?;
        ensure!(read.constructors.len() == 1, "it has {} constructors", read.constructors.len());
        if !read.has_roles() {
            read.events.retain(|event| !of_roles(&event.docs));
        }
        let parameters = read.functions.iter().flat_map(|it| &it.inputs).chain(&read.constructors[0].inputs);
        let fields = read.events.iter().flat_map(|it| &it.params).chain(read.errors.iter().flat_map(|it| &it.params));
        for name in parameters.chain(fields).map(Parameter::name) {
            ensure!(!RESERVED.contains(&name.as_str()), "'{name}' is a word of Solidity's own: name it otherwise");
        }
        read.events.sort_by(|one, other| one.name.cmp(&other.name));
        read.errors.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(read)
    }

    /// Whether it has the messages of roles.
    pub fn has_roles(&self) -> bool {
        self.functions.iter().any(|function| of_roles(&function.docs))
    }

    /// How it is made.
    pub fn constructor(&self) -> &Constructor {
        &self.constructors[0]
    }
}

/// Whether an item is one of roles, by its documentation.
pub fn of_roles(docs: &str) -> bool {
    docs.trim_start().starts_with(ROLES)
}

impl Parameter {
    /// In Solidity's style.
    pub fn name(&self) -> String {
        in_solidity(&self.name)
    }
}

impl Function {
    /// What it may do, as Solidity says it, with a space before.
    pub fn state(&self) -> &'static str {
        match (self.is_payable, self.mutates) {
            (true, _) => " payable",
            (false, true) => "",
            (false, false) => " view",
        }
    }

    /// Who may call it with effect; anyone may look.
    pub fn who(&self) -> Result<String> {
        match section(&self.docs, "Who") {
            None if self.mutates => {
                bail!("{}: a message that changes something has a section '# Who'", self.name)
            }
            who => Ok(who.unwrap_or_else(|| "anyone, a view".to_owned())),
        }
    }

    /// Types and names of the answers; a name is empty where its documentation has none.
    pub fn answers(&self) -> Result<Vec<(String, String)>> {
        let (types, declared): (Vec<_>, Vec<_>) = match self.output.as_deref() {
            None | Some("()") => Default::default(),
            Some(output) => parts(output).into_iter().unzip(),
        };
        let mut names = match section(&self.docs, "Answers") {
            Some(text) => text.split('`').skip(1).step_by(2).map(str::to_owned).collect(),
            None => declared,
        };
        if types.len() == 1 && names.len() != 1 {
            // What one answer means may need more than one word.
            names = vec![String::new()];
        }
        ensure!(
            names.len() == types.len(),
            "{} answers with {} values and names {}: a section '# Answers' has a name in backticks for each, and no \
             other word in backticks",
            self.name,
            types.len(),
            names.len()
        );
        Ok(types.into_iter().zip(names).collect())
    }
}

/// The answers' types and names: the parts of a tuple or of a list; a name is empty where there is none.
fn parts(output: &str) -> Vec<(String, String)> {
    let list = output.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or(output);
    let mut depth = 0_usize;
    let mut parts = vec![String::new()];
    for letter in list.chars() {
        match letter {
            ',' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if let Some(part) = parts.last_mut() {
            part.push(letter);
        }
    }
    let named = |part: &String| match part.trim().rsplit_once(' ') {
        Some((ty, name)) => (ty.to_owned(), in_solidity(name)),
        None => (part.trim().to_owned(), String::new()),
    };
    parts.iter().map(named).collect()
}

/// A name in Solidity's style.
fn in_solidity(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| {
        let (initial, rest) = word.split_at(word.len().min(1));
        name + &initial.to_uppercase() + rest
    })
}

/// Parameters or fields as Solidity declares them, in their brackets.
pub fn list(parameters: &[Parameter]) -> String {
    let one = |it: &Parameter| format!("{}{} {}", it.ty, if it.is_topic { " indexed" } else { "" }, it.name());
    format!("({})", parameters.iter().map(one).collect::<Vec<_>>().join(", "))
}

/// A text in which parameters are named in Solidity's style too.
pub fn renamed(text: &str, parameters: &[Parameter]) -> String {
    parameters.iter().fold(text.to_owned(), |text, parameter| {
        text.replace(&format!("`{}`", parameter.name), &format!("`{}`", parameter.name()))
    })
}

/// What an item does: its documentation before the first section, on one line.
pub fn text(docs: &str) -> String {
    joined(docs.lines().take_while(|line| !line.trim_start().starts_with("# ")))
}

/// A section of an item's documentation, on one line.
pub fn section(docs: &str, name: &str) -> Option<String> {
    let mut lines = docs.lines().map(str::trim).skip_while(|line| line.strip_prefix("# ") != Some(name));
    lines.next()?;
    Some(joined(lines.take_while(|line| !line.starts_with("# "))))
}

fn joined<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    lines.map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn sections_are_told_apart() {
        let docs = " Does this,\n and that.\n\n # Answers\n `side` (1 ask), `maker`\n\n # Errors\n `NotYet`.\n";
        assert_eq!(text(docs), "Does this, and that.");
        assert_eq!(section(docs, "Answers").as_deref(), Some("`side` (1 ask), `maker`"));
        assert_eq!(section(docs, "Errors").as_deref(), Some("`NotYet`."));
        assert_eq!(section(docs, "Who"), None);
    }

    #[test]
    fn answers_have_the_names_of_their_documentation() {
        let function = |output: &str, docs: &str| -> Function {
            serde_json::from_value(json!({
                "name": "f", "inputs": [], "output": output, "mutates": false, "is_payable": false, "docs": docs
            }))
            .expect("a function")
        };
        let two = function("(uint8,(bool,bytes)[])", "# Answers\n`side`, then `rest`").answers().expect("named");
        let named = |ty: &str, name: &str| (ty.to_owned(), name.to_owned());
        assert_eq!(two, [named("uint8", "side"), named("(bool,bytes)[]", "rest")]);
        assert_eq!(function("uint8", "").answers().expect("one"), [named("uint8", "")]);
        let declared = function("uint8 level, (bool,bytes)[] kept_by", "").answers().expect("declared");
        assert_eq!(declared, [named("uint8", "level"), named("(bool,bytes)[]", "keptBy")]);
        assert!(function("()", "").answers().expect("none").is_empty());
        assert!(function("(uint8,bool)", "# Answers\n`side`").answers().is_err());
    }

    #[test]
    fn parameters_are_named_in_solidity_s_style() {
        for (rust, solidity) in [("valid_until", "validUntil"), ("amount", "amount"), ("max_cost_2", "maxCost2")] {
            let parameter: Parameter =
                serde_json::from_value(json!({ "name": rust, "ty": "uint8" })).expect("a parameter");
            assert_eq!(parameter.name(), solidity);
        }
    }

    #[test]
    fn events_of_roles_are_only_with_their_messages() {
        let event =
            json!({"name": "RoleGranted", "is_anonymous": false, "params": [], "docs": "AccessControl: given."});
        let has = json!({"name": "hasRole", "inputs": [], "output": "bool", "mutates": false, "is_payable": false,
            "docs": " AccessControl: whether."});
        for functions in [vec![], vec![has]] {
            let roles = functions.len();
            let contract = json!({"constructors": [{"inputs": [], "is_payable": false}], "functions": functions,
                "events": [event], "errors": []});
            let read = Metadata::read(contract.to_string().as_bytes()).expect("read");
            assert_eq!(read.events.len(), roles);
        }
    }
}
