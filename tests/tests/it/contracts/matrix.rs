//! Every message by everybody. A contract's table has a row for each message that changes something: who may send it,
//! what they are answered, and with which error everybody else is refused. Each row is tried by a stranger, the default
//! admin, its successor, an account for each role that the contract's code names, and the parties of the thing, all in
//! the same state: what a try changed is undone. A message that is in the ABI and not in the table fails the test, and
//! so does a role that nobody plays. A message that is not payable must refuse money, whoever sends it.

mod attribution;
mod coop;
mod factory;
mod kyc;
mod licence;
mod manifests;
mod market;
mod pool;
mod verifier;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use alloy_primitives::{Address, B256};
use alloy_sol_types::SolCall;
use yieldset_chain::abi::{Access, Refusal};
use yieldset_chain::deployment::role;
use yieldset_tests::chain::{Account, Chain, Failure, root_file};

const STRANGER: &str = "stranger";
const ADMIN: &str = "admin";
const SUCCESSOR: &str = "successor";

type Data = Box<dyn Fn(&Account) -> Vec<u8>>;
type Refused = Box<dyn Fn(Address) -> Failure>;

/// Who may not send a message, by name, and what these are refused with.
enum Barred {
    Nobody,
    AllBut(&'static [&'static str], Refused),
    Only(&'static [&'static str], Refused),
}

/// One message.
struct Row {
    message: String,
    data: Data,
    value: u128,
    barred: Barred,
    answer: Option<&'static str>,
}

/// A message that anybody may send.
fn row<C: SolCall + Clone + 'static>(call: C) -> Row {
    row_by(move |_| call.clone())
}

/// The same, where what is sent depends on who sends it.
fn row_by<C: SolCall>(call: impl Fn(&Account) -> C + 'static) -> Row {
    let message = C::SIGNATURE.split('(').next().unwrap_or_default().to_owned();
    Row { message, data: Box::new(move |by| call(by).abi_encode()), value: 0, barred: Barred::Nobody, answer: None }
}

impl Row {
    /// For these alone.
    fn only(self, who: &'static [&'static str], refused: impl Fn(Address) -> Failure + 'static) -> Self {
        Self { barred: Barred::AllBut(who, Box::new(refused)), ..self }
    }

    /// For all but these.
    fn except(self, who: &'static [&'static str], refused: impl Fn(Address) -> Failure + 'static) -> Self {
        Self { barred: Barred::Only(who, Box::new(refused)), ..self }
    }

    /// Whoever may send it is told something else, which shows that it got past the access check.
    fn but(self, error: &'static str) -> Self {
        Self { answer: Some(error), ..self }
    }

    /// With money.
    fn paying(self, value: u128) -> Self {
        Self { value, ..self }
    }

    /// The refusal of an account that may not send this.
    fn refusal(&self, name: &str, account: Address) -> Option<Failure> {
        match &self.barred {
            Barred::Nobody => None,
            Barred::AllBut(who, refused) => (!who.contains(&name)).then(|| refused(account)),
            Barred::Only(who, refused) => who.contains(&name).then(|| refused(account)),
        }
    }
}

/// `AccessControlUnauthorizedAccount(account, role)`; without a name it is the default admin's.
fn lacks(name: &'static str) -> impl Fn(Address) -> Failure + 'static {
    let needed = if name.is_empty() { B256::ZERO } else { role(name) };
    move |account| Failure::with(&Refusal::AccessControlUnauthorizedAccount { account, neededRole: needed })
}

/// The messages that every contract with roles has.
fn roles(name: &'static str) -> Vec<Row> {
    let (some, account) = (role(name), Address::repeat_byte(9));
    let stranger = move |account| Failure::with(&Refusal::AccessControlInvalidDefaultAdmin { defaultAdmin: account });
    let enforced = "AccessControlEnforcedDefaultAdminRules";
    vec![
        row(Access::grantRoleCall { role: some, account }).only(&[ADMIN], lacks("")),
        row(Access::revokeRoleCall { role: some, account }).only(&[ADMIN], lacks("")),
        row(Access::grantRoleCall { role: B256::ZERO, account }).only(&[ADMIN], lacks("")).but(enforced),
        row(Access::revokeRoleCall { role: B256::ZERO, account }).only(&[ADMIN], lacks("")).but(enforced),
        row_by(move |by| Access::renounceRoleCall { role: some, callerConfirmation: by.address }),
        row(Access::renounceRoleCall { role: some, callerConfirmation: account }).but("AccessControlBadConfirmation"),
        row_by(|by| Access::renounceRoleCall { role: B256::ZERO, callerConfirmation: by.address }).but(enforced),
        row(Access::beginDefaultAdminTransferCall { newAdmin: account }).only(&[ADMIN], lacks("")),
        row(Access::acceptDefaultAdminTransferCall {}).only(&[SUCCESSOR], stranger),
    ]
}

/// Names of all roles in a contract's code.
fn roles_in(folders: &[&str]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut left: Vec<_> = folders.iter().map(|folder| root_file("contracts").join(folder).join("src")).collect();
    while let Some(path) = left.pop() {
        if path.is_dir() {
            left.extend(std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        let text = std::fs::read_to_string(path).unwrap();
        found.extend(text.split('"').filter(|word| is_role(word)).map(str::to_owned));
    }
    found
}

fn is_role(word: &str) -> bool {
    word.ends_with("_ROLE") && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
}

/// Who tries.
struct Cast(BTreeMap<String, Account>);

impl Cast {
    /// A stranger, and an account for each role, which has no other.
    fn new(chain: &mut Chain, contract: Address, folders: &[&str], admin: Option<&Account>) -> Self {
        let mut cast = BTreeMap::from([(STRANGER.to_owned(), chain.account(900))]);
        if let Some(admin) = admin {
            for (number, name) in (910..).zip(roles_in(folders)) {
                let account = chain.account(number);
                let grant = Access::grantRoleCall { role: role(&name), account: account.address };
                chain.call(admin, contract, grant, 0).unwrap();
                cast.insert(name, account);
            }
            let successor = chain.account(901);
            let begin = Access::beginDefaultAdminTransferCall { newAdmin: successor.address };
            chain.call(admin, contract, begin, 0).unwrap();
            cast.insert(ADMIN.to_owned(), admin.clone());
            cast.insert(SUCCESSOR.to_owned(), successor);
        }
        Self(cast)
    }

    /// A party of the thing.
    fn party(mut self, name: &str, account: &Account) -> Self {
        assert!(self.0.insert(name.to_owned(), account.clone()).is_none(), "{name} twice");
        self
    }

    fn get(&self, name: &str) -> Account {
        self.0[name].clone()
    }

    fn everybody(&self) -> Vec<Account> {
        self.0.values().cloned().collect()
    }
}

/// A contract's table, tried in one state or several.
struct Matrix {
    name: &'static str,
    payable: BTreeMap<String, bool>,
    seen: BTreeSet<String>,
    wrong: String,
}

impl Matrix {
    fn new(name: &'static str) -> Self {
        Self { name, payable: changing(name), seen: BTreeSet::new(), wrong: String::new() }
    }

    /// Tries every row by everybody.
    fn try_all(&mut self, chain: &mut Chain, contract: Address, cast: &Cast, rows: Vec<Row>) {
        for row in rows {
            if let Barred::AllBut(who, _) | Barred::Only(who, _) = &row.barred {
                assert!(who.iter().all(|name| cast.0.contains_key(*name)), "{}: nobody plays {who:?}", row.message);
            }
            for (name, account) in &cast.0 {
                let answer = chain.try_raw(account, contract, (row.data)(account), row.value).map(drop);
                let expected = row.refusal(name, account.address);
                let right = match (&answer, &expected, row.answer) {
                    (Err(found), Some(refusal), _) => found == refusal,
                    (Err(found), None, Some(error)) => found.is(error),
                    (Ok(()), None, None) => true,
                    _ => false,
                };
                let with_money = if self.payable[&row.message] {
                    Err(Failure::Unknown(Vec::new()))
                } else {
                    chain.try_raw(account, contract, (row.data)(account), 1_000_000)
                };
                if with_money.is_ok() {
                    let _ = writeln!(self.wrong, "{} by {name} took money", row.message);
                }
                if !right {
                    let expected = expected.map_or(format!("{:?}", row.answer), |refusal| format!("{refusal:?}"));
                    let _ = writeln!(self.wrong, "{} by {name}: {answer:?}, expected {expected}", row.message);
                }
            }
            self.seen.insert(row.message);
        }
    }

    /// All was as it should be, and every message of the ABI that changes something was in a table.
    #[track_caller]
    fn finish(self) {
        assert!(self.wrong.is_empty(), "{}:\n{}", self.name, self.wrong);
        let declared: BTreeSet<_> = self.payable.into_keys().collect();
        assert_eq!(self.seen, declared, "{}: the table against the ABI", self.name);
    }
}

/// Messages of a checked-in ABI that may change something, and whether they take money.
fn changing(name: &str) -> BTreeMap<String, bool> {
    let text = std::fs::read_to_string(root_file("contracts/artifacts").join(format!("{name}.abi"))).unwrap();
    let abi: serde_json::Value = serde_json::from_str(&text).unwrap();
    let functions = abi.as_array().unwrap().iter().filter(|item| item["type"] == "function");
    let messages = functions.map(|item| {
        let mutability = item["stateMutability"].as_str().unwrap();
        (item["name"].as_str().unwrap().to_owned(), mutability)
    });
    let changing = messages.filter(|(_, mutability)| !["view", "pure"].contains(mutability));
    changing.map(|(name, mutability)| (name, mutability == "payable")).collect()
}

/// Each checked-in contract has a table.
#[test]
fn no_contract_is_forgotten() {
    let folder = std::fs::read_dir(root_file("contracts/artifacts")).unwrap();
    let names = folder.map(|file| file.unwrap().file_name().into_string().unwrap());
    let contracts: BTreeSet<_> = names.filter_map(|name| Some(name.strip_suffix(".abi")?.to_owned())).collect();
    let tables = ["attribution", "coop", "factory", "kyc", "licence", "manifests", "market", "pool", "verifier"];
    assert_eq!(contracts, tables.map(str::to_owned).into());
}
