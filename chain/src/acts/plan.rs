//! What is to be sent for something that a person does, and what it would do and cost.

use alloy_primitives::{Address, Bytes, U256};
use alloy_sol_types::SolCall;
use serde::{Serialize, Serializer};
use yieldset_service::printable;

use super::{Act, Kind, remedies};
use crate::{
    client::{AccountId, ChainClient},
    error::ChainError,
    submit::Weight,
};

/// What a person does: a sentence with the figures, what to check first, and the calls in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Which kind of thing it is.
    pub kind: &'static Kind,
    /// What it does, with the very figures.
    pub sentence: String,
    /// What was checked. Where one does not hold, the calls will not do.
    pub facts: Vec<Fact>,
    /// The calls, in order.
    pub acts: Vec<Act>,
}

/// Something that was looked up before anything is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// What was looked up and found, as a sentence.
    pub says: String,
    /// Whether the calls can do with it.
    pub holds: bool,
    /// Whether it is unusual: it stops nothing, and should be looked at before it is sent.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub warns: bool,
    /// What to do, where they cannot.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub remedy: String,
}

impl Fact {
    /// A fact with what to do where it does not hold.
    pub fn new(holds: bool, says: impl Into<String>, remedy: impl Into<String>) -> Self {
        let remedy = if holds { String::new() } else { remedy.into() };
        Self { says: says.into(), holds, warns: false, remedy }
    }

    /// The fact that something would change. What would change nothing is not sent: it would cost its fee.
    pub fn changes(changes: bool, says: impl Into<String>) -> Self {
        Self::new(changes, says, "nothing is to be done")
    }

    /// Something unusual, which stops nothing.
    pub fn warning(says: impl Into<String>) -> Self {
        Self { says: says.into(), holds: true, warns: true, remedy: String::new() }
    }

    /// Something that is as well to know, and stops nothing.
    pub fn known(says: impl Into<String>) -> Self {
        Self { says: says.into(), holds: true, warns: false, remedy: String::new() }
    }
}

/// A transaction as wallets take it; numbers as decimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Transaction {
    /// EIP-155 chain id.
    #[serde(serialize_with = "digits")]
    pub chain_id: u64,
    /// The contract.
    pub to: Address,
    /// The call.
    pub data: Bytes,
    /// In wei.
    #[serde(serialize_with = "digits")]
    pub value: u128,
}

fn digits<N: ToString, S: Serializer>(number: &N, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&number.to_string())
}

/// What a call would do now, and what it would cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Simulated {
    /// What came of it.
    pub outcome: Outcome,
    /// Computation and proof; nothing where it was not run to its end.
    pub weight: Option<Weight>,
    /// What its transaction costs, in wei.
    #[serde(serialize_with = "perhaps_digits")]
    pub fee: Option<u128>,
    /// What is held for its storage, in wei; it comes back when the storage is freed.
    #[serde(serialize_with = "perhaps_digits")]
    pub deposit: Option<u128>,
}

fn perhaps_digits<S: Serializer>(number: &Option<u128>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&number.map_or_else(|| "unknown".to_owned(), |number| number.to_string()))
}

/// What came of running a call without sending it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It would be done; the contract answers with these bytes.
    Works(Bytes),
    /// It would not.
    Refused {
        /// The contract's words, or the chain's.
        reason: String,
        /// What to do, where that is known.
        remedy: Option<&'static str>,
    },
    /// It needs what the call before it does, and is tried once that was sent.
    AfterTheOneBefore,
}

impl Plan {
    /// A plan without calls.
    pub fn of(kind: &'static Kind, sentence: impl Into<String>) -> Self {
        Self { kind, sentence: sentence.into(), facts: Vec::new(), acts: Vec::new() }
    }

    /// With another fact.
    pub fn fact(mut self, fact: Fact) -> Self {
        self.facts.push(fact);
        self
    }

    /// With another call.
    pub fn call(self, contract: Address, call: &impl SolCall) -> Self {
        let act = Act::new(self.kind, self.sentence.clone(), contract, call);
        self.act(act)
    }

    /// With another call, and money of the chain's own in wei.
    pub fn call_paying(self, contract: Address, call: &impl SolCall, wei: u128) -> Self {
        let act = Act::new(self.kind, self.sentence.clone(), contract, call).paying(wei);
        self.act(act)
    }

    /// With another act.
    pub fn act(mut self, act: Act) -> Self {
        self.acts.push(act);
        self
    }

    /// The first fact that does not hold.
    pub fn obstacle(&self) -> Option<&Fact> {
        self.facts.iter().find(|fact| !fact.holds)
    }

    /// What each call would do and cost, sent by an account at the head of the best chain. Calls that need others of
    /// the plan are not run.
    ///
    /// # Errors
    /// [`ChainError`] where the node does not answer. A refusal is an [`Outcome`].
    pub async fn simulate(&self, client: &ChainClient, origin: AccountId) -> Result<Vec<Simulated>, ChainError> {
        let mut all = Vec::new();
        for act in &self.acts {
            all.push(act.simulate(client, origin).await?);
        }
        Ok(all)
    }

    /// The calls as a wallet takes them, or several accounts that sign together.
    pub fn transactions(&self, chain_id: u64) -> Vec<Transaction> {
        let transaction =
            |act: &Act| Transaction { chain_id, to: act.contract, data: act.calldata.clone(), value: act.value };
        self.acts.iter().map(transaction).collect()
    }

    /// All money of the chain's own that goes with it, in wei.
    pub fn value(&self) -> U256 {
        self.acts.iter().map(|act| U256::from(act.value)).sum()
    }
}

impl Act {
    async fn simulate(&self, client: &ChainClient, origin: AccountId) -> Result<Simulated, ChainError> {
        let nothing = |outcome| Simulated { outcome, weight: None, fee: None, deposit: None };
        if self.follows {
            return Ok(nothing(Outcome::AfterTheOneBefore));
        }
        match client.trial(origin, self.contract, self.calldata.to_vec(), self.value).await {
            Ok(trial) => Ok(Simulated {
                outcome: Outcome::Works(trial.data),
                weight: Some(trial.weight),
                fee: Some(trial.fee),
                deposit: Some(trial.deposit),
            }),
            Err(ChainError::Refused { error, .. }) => {
                Ok(nothing(Outcome::Refused { reason: error.to_string(), remedy: remedies::of(&error) }))
            }
            Err(ChainError::Dispatch { reason }) => {
                let remedy = remedies::of_the_chain(&reason);
                Ok(nothing(Outcome::Refused { reason, remedy }))
            }
            Err(error) => Err(error),
        }
    }
}

/// What was asked: lines for people, and the same for programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Name and value of each line.
    pub lines: Vec<(String, String)>,
    /// For programs.
    pub json: serde_json::Value,
}

impl Answer {
    /// An answer in this order, for people a line each.
    pub fn of(fields: Vec<(String, serde_json::Value)>) -> Self {
        let lines = fields.iter().map(|(name, value)| (name.replace('_', " "), plain(value))).collect();
        Self { lines, json: serde_json::Value::Object(fields.into_iter().collect()) }
    }

    /// With what another answer says, after this one's.
    pub fn and(mut self, other: Self) -> Self {
        self.lines.extend(other.lines);
        if let (Some(own), serde_json::Value::Object(others)) = (self.json.as_object_mut(), other.json) {
            own.extend(others);
        }
        self
    }

    /// With a list: for people a line each, its fields in this order; for programs a list of objects.
    pub fn rows(mut self, name: &str, rows: Vec<Row>) -> Self {
        let none = if rows.is_empty() { "none" } else { "" };
        self.lines.push((name.replace('_', " "), none.to_owned()));
        for row in &rows {
            let told = row.iter().filter(|(_, value)| !value.is_null());
            let fields: Vec<_> =
                told.map(|(name, value)| format!("{} {}", name.replace('_', " "), plain(value))).collect();
            self.lines.push(("  ".to_owned() + &fields.join(", "), String::new()));
        }
        let object = |row: Row| row.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        self.json[name] =
            serde_json::Value::Array(rows.into_iter().map(object).map(serde_json::Value::Object).collect());
        self
    }

    /// With what people read as lines of their own below a heading, and programs as one field.
    pub fn section(mut self, name: &str, said: &str, rows: Vec<(String, String)>) -> Self {
        self.lines.push((format!("{}{said}", name.replace('_', " ")), String::new()));
        self.lines.extend(rows.iter().map(|(of, value)| (format!("  {of}"), printable(value))));
        let field = |(of, value): (String, String)| (of.replace(' ', "_"), value.into());
        self.json[name] = serde_json::Value::Object(rows.into_iter().map(field).collect());
        self
    }
}

/// The fields of one in a list, in the order in which people read them; what is null is told to programs alone.
pub type Row = Vec<(&'static str, serde_json::Value)>;

/// A value as people read it.
fn plain(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => printable(text),
        serde_json::Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        serde_json::Value::Null => "–".to_owned(),
        serde_json::Value::Array(all) if all.is_empty() => "none".to_owned(),
        serde_json::Value::Array(all) if all.iter().all(|one| !one.is_object()) => {
            all.iter().map(plain).collect::<Vec<_>>().join(", ")
        }
        serde_json::Value::Array(all) => all.iter().map(|one| format!("\n  {}", plain(one))).collect(),
        serde_json::Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| format!("{} {}", name.replace('_', " "), plain(value)))
            .collect::<Vec<_>>()
            .join(", "),
        number => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{abi::Pool, acts::Who};

    const KIND: Kind = Kind::of_people("pool buy", Who::Anyone, "Buys shares.");

    /// People read a section as lines below its heading, programs as one field.
    #[test]
    fn a_section_is_lines_and_a_field() {
        let rows = vec![("late interest".to_owned(), "8 % a year".to_owned())];
        let answer = Answer::of(vec![("stage".into(), "offered".into())]).section("option_0", " (accepted)", rows);
        let lines: Vec<_> = answer.lines.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(lines, [("stage", "offered"), ("option 0 (accepted)", ""), ("  late interest", "8 % a year")]);
        assert_eq!(answer.json["option_0"]["late_interest"], "8 % a year");
    }

    /// People read a list's fields in the order that was meant, and nothing of what there is not; programs all of them.
    #[test]
    fn a_list_keeps_its_order() {
        let row: Row = vec![("version", 1.into()), ("manifest", "0x01".into()), ("card", serde_json::Value::Null)];
        let answer = Answer::of(vec![("of".into(), "ada".into())]).rows("all_versions", vec![row]).rows("none", vec![]);
        let lines: Vec<_> = answer.lines.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(lines, [("of", "ada"), ("all versions", ""), ("  version 1, manifest 0x01", ""), ("none", "none")]);
        assert_eq!(answer.json["all_versions"][0]["card"], serde_json::Value::Null);
        assert_eq!(answer.json["all_versions"][0]["version"], 1);
    }

    /// A wallet gets the very calls, in order, with numbers that no float reads.
    #[test]
    fn a_plan_is_transactions_for_wallets() {
        let to = Address::repeat_byte(7);
        let plan = Plan::of(&KIND, "Buys.")
            .call(to, &Pool::pauseCall {})
            .call_paying(to, &Pool::claimCall {}, 10u128.pow(19))
            .fact(Fact::known("nothing"))
            .fact(Fact::new(false, "it is shut", "open it"));
        let json = serde_json::to_value(plan.transactions(420_420_417)).expect("JSON");
        let expected = serde_json::json!([
            {"chainId": "420420417", "to": to, "data": "0x8456cb59", "value": "0"},
            {"chainId": "420420417", "to": to, "data": "0x4e71d92d", "value": "10000000000000000000"},
        ]);
        assert_eq!(json, expected);
        assert_eq!(plan.obstacle().map(|fact| fact.remedy.as_str()), Some("open it"));
    }
}
