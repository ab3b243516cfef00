//! Where acts are sent by their commands, as people type them, and looked up on chain afterwards.

use std::{cell::RefCell, collections::BTreeSet, ops::Deref, path::PathBuf};

use alloy_sol_types::SolType;
use serde_json::Value;
use yieldset_chain::{
    Address, B256, Book, ChainClient, Deployment, Home, SolCall, SolValue, U256,
    abi::{Access, Licence, Pool},
    deployment::role,
    submit::{Receipt, Signer, Submitter},
};

use super::{
    COIN,
    commands::{Shell, address},
};

/// A shell, the chain behind it, and what was done there.
pub struct Scene<'a> {
    pub shell: &'a Shell<'a>,
    pub client: &'a ChainClient,
    pub deployment: Deployment,
    /// Whose shares are looked at: the deployment's own pool, or another of its factory.
    pub pool: Address,
    done: RefCell<BTreeSet<String>>,
}

impl<'a> Deref for Scene<'a> {
    type Target = Shell<'a>;

    fn deref(&self) -> &Shell<'a> {
        self.shell
    }
}

impl<'a> Scene<'a> {
    /// With the contracts that the shell's home has.
    pub fn of(shell: &'a Shell<'a>, client: &'a ChainClient) -> Self {
        let deployment = Deployment::load(&shell.home.join("deployments/devnet.json")).unwrap();
        let pool = deployment.pool;
        Self { shell, client, deployment, pool, done: RefCell::default() }
    }
}

impl Scene<'_> {
    /// What must be done.
    pub async fn does(&self, who: &str, line: &[&str]) -> Value {
        let done = self.shell.does(who, line).await;
        self.notes(done["act"].as_str().unwrap());
        done
    }

    /// The same in the pool that is looked at.
    pub async fn does_there(&self, who: &str, line: &[&str]) -> Value {
        self.does(who, &[line, &["--pool", &self.pool.to_string()]].concat()).await
    }

    /// What cannot be done in the pool that is looked at.
    pub async fn cannot_there(&self, who: &str, line: &[&str]) -> String {
        self.shell.cannot(who, &[line, &["--pool", &self.pool.to_string()]].concat()).await
    }

    /// What cannot be done, for this reason.
    pub async fn refuses(&self, who: &str, line: &[&str], part: &str) {
        let why = self.shell.cannot(who, line).await;
        assert!(why.contains(part), "{who}: {line:?}: {part:?} is not in {why}");
    }

    /// What was done, by names.
    pub fn done(&self) -> BTreeSet<String> {
        self.done.borrow().clone()
    }

    fn notes(&self, act: &str) {
        self.done.borrow_mut().insert(act.to_owned());
    }

    /// Ada proposes it to the co-op, under a label.
    pub async fn proposes(&self, label: &str, line: &[&str]) {
        self.does("ada", &[line, &["--by-vote", "By a vote", "--label", label]].concat()).await;
        self.notes(&line[..2].join(" "));
    }

    /// The co-op does what was proposed under these labels: Ada, who has the most shares, votes for it.
    pub async fn decides(&self, labels: &[&str]) {
        let labels: Vec<_> = labels.iter().map(|label| format!("@{label}")).collect();
        self.passes(u64::from(DELAY) + 100).await;
        for label in &labels {
            self.does("ada", &["coop", "vote", label, "for"]).await;
        }
        self.passes(1_000).await;
        for label in &labels {
            self.does("ben", &["coop", "execute", label]).await;
        }
    }

    /// A file that a command reads.
    pub fn file(&self, name: &str, content: &str) -> String {
        let file: PathBuf = self.shell.home.join(name);
        std::fs::write(&file, content).unwrap();
        file.display().to_string()
    }

    pub fn book(&self) -> Book {
        Book::load(&Home::at(self.shell.home)).unwrap()
    }

    pub async fn now(&self) -> u64 {
        self.client.finalised_block().await.unwrap().timestamp_ms / 1_000
    }

    /// So many seconds pass on the chain.
    pub async fn passes(&self, seconds: u64) {
        assert!(self.client.advance_clock(seconds).await.unwrap(), "the node has no clock to advance");
    }

    /// The chain's clock goes on to a time.
    pub async fn goes_to(&self, time: u64) {
        self.passes(time - self.now().await).await;
    }

    /// What a contract answers.
    pub async fn read<C: SolCall>(&self, contract: Address, call: &C) -> C::Return {
        self.client.read(contract, call).await.unwrap()
    }

    /// What is sent without a command, since it is not what a scene is about.
    pub async fn sends<C: SolCall>(&self, who: &str, contract: Address, call: &C, wei: u128) -> Receipt {
        self.sender(who).send(contract, call, wei).await.unwrap()
    }

    /// Who sends without a command.
    pub fn sender(&self, who: &str) -> Submitter {
        Submitter::new(self.client.clone(), Signer::dev(&format!("//Alice//{who}")).unwrap())
    }

    /// The admin gives somebody roles of a contract, without a command.
    pub async fn grants(&self, who: &str, contract: Address, names: &[&str]) {
        for name in names {
            let grant = Access::grantRoleCall { role: role(name), account: address(who) };
            self.sends("admin", contract, &grant, 0).await;
        }
    }

    /// Money of the chain's own that somebody has, in wei.
    pub async fn coins(&self, who: &str) -> u128 {
        self.client.native_balance(address(who)).await.unwrap()
    }

    pub async fn shares(&self, account: Address) -> U256 {
        self.read(self.pool, &Pool::balanceOfCall { account }).await
    }

    pub async fn admin_of(&self, contract: Address) -> Address {
        self.read(contract, &Access::defaultAdminCall {}).await
    }

    /// The words of one of a licence's records, by its label and the contract's letter for the record.
    pub async fn words(&self, label: &str, record: u8, which: B256) -> Vec<u8> {
        let licence = self.book().licences[label];
        self.read(self.deployment.licence, &Licence::recordOfCall { licence, record, which }).await.concat()
    }

    /// One of a licence's records.
    pub async fn record<T>(&self, label: &str, record: u8, which: B256) -> T
    where
        T: SolValue + From<<T::SolType as SolType>::RustType>,
    {
        T::abi_decode(&self.words(label, record, which).await).unwrap()
    }
}

/// From a proposal until votes count, in seconds: long enough for it to be taken back by a command.
pub const DELAY: u32 = 3_600;

/// Whole shares, in their units.
pub fn whole(shares: u128) -> U256 {
    U256::from(shares * COIN)
}

/// A number in a word.
pub fn number(number: u32) -> B256 {
    U256::from(number).into()
}

/// A document's digest as it is typed: one byte over and over, which is no placeholder where its two digits differ.
pub fn digest(byte: u8) -> String {
    B256::repeat_byte(byte).to_string()
}
