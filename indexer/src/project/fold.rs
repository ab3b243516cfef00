//! The fold itself: a block's events, in order, each journaled and read.

use std::{collections::HashSet, sync::Arc};

use serde_json::Value;
use sqlx::PgConnection;
use yieldset_chain::{
    Address, ContractEvent, Deployment, Event,
    abi::{Access::AccessEvents, Factory::FactoryEvents, Pool::PoolEvents},
    deployment::role,
};

use super::{
    Answers, Applying, Block, Books, JournalRow, Place,
    applying::month_of,
    books::{Holds, Notes},
    contracts::{self, Contract, Currency, KINDS, Mention, Role, Roles, discovered, kind_of_event},
    coop, db, id,
    journal::{self, JournalLine},
    kyc, licences, manifests, market, pools, reports,
};
use crate::{
    column::Addr,
    error::IndexerError,
    rows::{Facts, Table},
};

/// Most accounts of one event that are noted: a call's list of targets can have any length.
const MENTIONS: usize = 64;

/// What came of a block.
#[derive(Debug, Default)]
pub(crate) struct Folded {
    /// Its events of ours, for the journal.
    pub journal: Vec<JournalRow>,
    /// How many of them were not read.
    pub unread: u64,
}

/// What a fold works on.
pub(crate) struct Fold<'a> {
    /// For rows that are not in memory.
    pub connection: &'a mut PgConnection,
    /// The rows.
    pub books: &'a mut Books,
    /// The deployment that is mirrored.
    pub deployment: &'a Deployment,
    /// Whether to write after each event, so that one whose rows the database refuses is found and left out. No such
    /// event is known; the follower goes on even so.
    pub careful: bool,
}

/// Where a block stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Standing {
    /// Height.
    pub number: i64,
    /// Time in seconds.
    pub seconds: i64,
}

impl Standing {
    /// Of a block of the chain.
    pub fn of(block: &Block) -> Self {
        let seconds = i64::try_from(block.at.timestamp_ms / 1_000).unwrap_or(i64::MAX);
        Self { number: i64::try_from(block.at.number).unwrap_or(i64::MAX), seconds }
    }
}

impl Fold<'_> {
    /// Reads a block's events. `times` gives the time in seconds of the earlier blocks that events are from.
    ///
    /// # Errors
    /// [`IndexerError::Database`] alone; the books are as good as nothing then.
    pub async fn block(&mut self, block: &Block, times: impl Fn(u64) -> i64) -> Result<Folded, IndexerError> {
        let standing = Standing::of(block);
        if block.at.number == self.deployment.start_block {
            self.begin(standing).await?;
        }
        self.discover(block, standing).await?;
        let ours = self.addresses().await?;
        let mut folded = Folded::default();
        for event in block.earlier.iter().chain(&block.events) {
            if !ours.contains(&event.address) {
                continue;
            }
            let is_earlier = event.block_number != block.at.number;
            let seconds = if is_earlier { times(event.block_number) } else { standing.seconds };
            let place = place_of(event, seconds, standing.number);
            let answers = block.answers.get(&id(event)).unwrap_or(Answers::NONE);
            let row = self.event(place, event, answers).await?;
            folded.unread = folded.unread.saturating_add(u64::from(row.unread.is_some()));
            folded.journal.push(row);
        }
        Ok(folded)
    }

    fn applying<'b>(&'b mut self, place: Place, answers: &'b Answers) -> Applying<'b> {
        let (connection, books) = (&mut *self.connection, &mut *self.books);
        Applying { connection, books, deployment: self.deployment, place, answers, lines: 0 }
    }

    async fn contract(&mut self, key: (Addr, String)) -> Result<Option<Contract>, IndexerError> {
        let table: &mut Table<Contract> = self.books.table();
        table.find(self.connection, &key).await.map_err(db)
    }

    async fn begin(&mut self, standing: Standing) -> Result<(), IndexerError> {
        let place = Place {
            contract: Address::ZERO,
            block: standing.number,
            event_index: 0,
            seconds: standing.seconds,
            month: month_of(standing.seconds),
            known_since: standing.number,
        };
        let deployment = self.deployment;
        self.books.addresses = None;
        contracts::begin(&mut self.applying(place, Answers::NONE), deployment).await
    }

    /// Makes ours what the block names. Of an address that is ours already, as something else, the journal has all that
    /// it ever told: it is read again as what it is now.
    async fn discover(&mut self, block: &Block, standing: Standing) -> Result<(), IndexerError> {
        if !block.events.iter().any(contracts::names_others) {
            return Ok(());
        }
        let before = self.addresses().await?;
        let roles = self.roles().await?;
        for (role, (pool, event)) in discovered(&block.events, &roles) {
            let place = place_of(event, standing.seconds, standing.number);
            let answers = block.answers.get(&id(event)).unwrap_or(Answers::NONE);
            let origin = if matches!(event.event, Event::Factory(_)) { "factory" } else { "adopted" };
            contracts::become_ours(&mut self.applying(place, answers), (role.0, role.1, pool), origin).await?;
            if before.contains(&role.0) {
                self.read_again(role, standing).await?;
            }
        }
        self.books.addresses = None;
        Ok(())
    }

    async fn read_again(&mut self, (address, kind): Role, standing: Standing) -> Result<(), IndexerError> {
        let mut after = None;
        loop {
            let told = journal::told_by(self.connection, address, standing.number, after).await?;
            let Some((last, ..)) = told.last() else { return Ok(()) };
            after = Some(id(last));
            for (event, seconds, answers) in told {
                let place = place_of(&event, seconds, standing.number);
                let is_of_this_kind = kind_of_event(&event.event) == Some(kind);
                if is_of_this_kind && described(self.deployment, kind, &event).unread.is_none() {
                    self.books.mark();
                    match self.read(place, kind, &event, &answers).await {
                        Err(IndexerError::Diverged { .. }) => {}
                        done => done?,
                    }
                }
            }
        }
    }

    /// What is ours as what.
    pub async fn roles(&mut self) -> Result<Roles, IndexerError> {
        let table: &mut Table<Contract> = self.books.table();
        let all = table.all(self.connection).await.map_err(db)?;
        let named = all.into_iter().filter_map(|contract| {
            let kind = KINDS.into_iter().find(|kind| *kind == contract.kind)?;
            Some(((contract.address.0, kind), contract.fault.is_none()))
        });
        Ok(named.collect())
    }

    /// Whether a currency's symbol and decimals were asked for.
    pub async fn has_currency(&mut self, currency: Address) -> Result<bool, IndexerError> {
        let table: &mut Table<Currency> = self.books.table();
        Ok(table.find(self.connection, &(currency.into(),)).await.map_err(db)?.is_some())
    }

    /// The addresses of all contracts of ours.
    pub async fn addresses(&mut self) -> Result<Arc<HashSet<Address>>, IndexerError> {
        if let Some(addresses) = &self.books.addresses {
            return Ok(Arc::clone(addresses));
        }
        let table: &mut Table<Contract> = self.books.table();
        let all = table.all(self.connection).await.map_err(db)?;
        let addresses = Arc::new(all.into_iter().map(|contract| contract.address.0).collect());
        self.books.addresses = Some(Arc::clone(&addresses));
        Ok(addresses)
    }

    /// The contract of ours that an event counts for: as what the event belongs to, else as anything.
    async fn emitter(&mut self, event: &ContractEvent) -> Result<Option<Contract>, IndexerError> {
        for kind in kind_of_event(&event.event).into_iter().chain(KINDS) {
            if let Some(contract) = self.contract((event.address.into(), kind.to_owned())).await? {
                return Ok(Some(contract));
            }
        }
        Ok(None)
    }

    /// Journals an event and reads it.
    async fn event(
        &mut self,
        place: Place,
        event: &ContractEvent,
        answers: &Answers,
    ) -> Result<JournalRow, IndexerError> {
        let Some(contract) = self.emitter(event).await? else {
            // It was among the addresses a moment ago.
            return Err(place.diverged("a contract", event.address, "one of ours"));
        };
        let kind = contract.kind.clone();
        let mut line = described(self.deployment, &kind, event);
        self.books.mark();
        let mut unread = line.unread.take();
        if unread.is_none() {
            unread = contract.fault.as_ref().map(|_| {
                let since = contract.fault_block.unwrap_or(0);
                format!("its contract stands still since an event of block {since} that does not fit")
            });
        }
        if unread.is_none() {
            match self.read(place, &kind, event, answers).await {
                Ok(()) => {}
                Err(error @ IndexerError::Diverged { .. }) => {
                    unread = Some(error.to_string());
                    self.fail(place, contract, event, &error).await?;
                }
                Err(error) => return Err(error),
            }
        }
        if let Some(reason) = &unread {
            tracing::warn!(
                block = place.block,
                event = place.event_index,
                kind = line.kind,
                reason,
                "an event is not read"
            );
        }
        self.mention(place, &line.payload);
        Ok(JournalRow::new(place, (&kind, event), line, answers, unread))
    }

    /// Changes what follows from an event, or nothing.
    async fn read(
        &mut self,
        place: Place,
        kind: &str,
        event: &ContractEvent,
        answers: &Answers,
    ) -> Result<(), IndexerError> {
        if self.careful {
            return self.read_alone(place, kind, event, answers).await;
        }
        let read = apply(&mut self.applying(place, answers), kind, event).await;
        if matches!(read, Err(IndexerError::Diverged { .. })) {
            self.books.revert();
        }
        read
    }

    /// The same, with its rows written before the next event, as the database has refused something of this block. What
    /// was there before the event is written before the point that is gone back to, so nothing of it is lost.
    async fn read_alone(
        &mut self,
        place: Place,
        kind: &str,
        event: &ContractEvent,
        answers: &Answers,
    ) -> Result<(), IndexerError> {
        let failed = |source| IndexerError::Database { during: "writing an event's rows", source };
        self.books.flush(self.connection).await.map_err(db)?;
        sqlx::query("SAVEPOINT event").execute(&mut *self.connection).await.map_err(db)?;
        let mut read = apply(&mut self.applying(place, answers), kind, event).await;
        if read.is_ok() {
            read = self.books.flush(self.connection).await.map_err(failed);
        }
        match read {
            Err(error) if error.is_of_the_rows() => {
                sqlx::query("ROLLBACK TO SAVEPOINT event").execute(&mut *self.connection).await.map_err(db)?;
                *self.books = Books::default();
                read = Err(place.diverged("its rows", error, "such that the database takes them"));
            }
            Err(IndexerError::Diverged { .. }) => self.books.revert(),
            _ => {}
        }
        sqlx::query("RELEASE SAVEPOINT event").execute(&mut *self.connection).await.map_err(db)?;
        read
    }

    /// A pool whose own event does not fit stands still; of contracts that many share the event alone is left out.
    async fn fail(
        &mut self,
        place: Place,
        mut contract: Contract,
        event: &ContractEvent,
        error: &IndexerError,
    ) -> Result<(), IndexerError> {
        contract.unread = contract.unread.saturating_add(1);
        if matches!(event.event, Event::Pool(_)) && contract.kind == "pool" {
            tracing::error!(pool = %contract.address, %error, "the pool's books stand still: an event does not fit the rules");
            contract.fault = Some(error.to_string());
            contract.fault_block = Some(place.block);
        }
        let table: &mut Table<Contract> = self.books.table();
        table.put(self.connection, &place, contract).await.map_err(db)
    }

    /// Notes which accounts an event names.
    fn mention(&mut self, place: Place, payload: &Value) {
        let mut accounts = Vec::new();
        addresses(payload, &mut accounts);
        accounts.sort_unstable();
        accounts.dedup();
        let facts: &mut Facts<Mention> = self.books.facts();
        for account in accounts {
            facts.add(&place, Mention { account });
        }
    }
}

fn place_of(event: &ContractEvent, seconds: i64, known_since: i64) -> Place {
    Place {
        contract: event.address,
        block: i64::try_from(event.block_number).unwrap_or(i64::MAX),
        event_index: event.event_index.into(),
        seconds,
        month: month_of(seconds),
        known_since,
    }
}

/// An event counts only from the kind of contract that it belongs to: `kyc` emitting a `Transfer` moves no shares.
fn described(deployment: &Deployment, kind: &str, event: &ContractEvent) -> JournalLine {
    match (&event.event, kind) {
        (Event::Pool(_), "pool")
        | (Event::Kyc(_), "kyc")
        | (Event::Manifests(_), "manifests")
        | (Event::Licence(_), "licence")
        | (Event::Market(_), "market")
        | (Event::Factory(_), "factory")
        | (Event::Coop(_), "coop") => journal::describe(&event.event),
        (Event::Attribution(inner), "attribution") => match reports::readable(deployment, event.address, inner) {
            Ok(()) => journal::describe(&event.event),
            Err(reason) => journal::unknown(&event.event, &reason),
        },
        // Every contract of ours with roles tells of them alike.
        (Event::Access(_), _) => journal::describe(&event.event),
        (Event::Unknown { .. }, _) => journal::unknown(&event.event, "no event of this contract"),
        _ => journal::unknown(&event.event, "an event of another contract"),
    }
}

async fn apply(applying: &mut Applying<'_>, kind: &str, event: &ContractEvent) -> Result<(), IndexerError> {
    contracts::currency(applying).await?;
    let emitter = event.address;
    match &event.event {
        Event::Pool(inner) => {
            match inner {
                PoolEvents::SuccessorAdopted(adopted) => contracts::adopted(applying, emitter, adopted).await?,
                PoolEvents::Opened(opened) => contracts::opened(applying, emitter, opened).await?,
                _ => {}
            }
            pools::apply(applying, emitter.into(), inner).await
        }
        Event::Kyc(inner) => kyc::apply(applying, inner).await,
        Event::Access(inner) => access(applying, kind, inner).await,
        Event::Manifests(inner) => manifests::apply(applying, inner).await,
        Event::Factory(FactoryEvents::PoolListed(listed)) => contracts::listed(applying, listed).await,
        // Each listing names the parts of its time.
        Event::Factory(FactoryEvents::PartsSet(_)) | Event::Unknown { .. } => Ok(()),
        Event::Attribution(inner) => reports::apply(applying, inner).await,
        Event::Licence(inner) => licences::apply(applying, inner).await,
        Event::Market(inner) => market::apply(applying, inner).await,
        Event::Coop(inner) => coop::apply(applying, inner).await,
    }
}

async fn access(applying: &mut Applying<'_>, kind: &str, event: &AccessEvents) -> Result<(), IndexerError> {
    let (given, account, active) = match event {
        AccessEvents::RoleGranted(granted) => (granted.role, granted.account, true),
        AccessEvents::RoleRevoked(revoked) => (revoked.role, revoked.account, false),
        AccessEvents::DefaultAdminTransferStarted(_) => return Ok(()),
    };
    if kind == "kyc" && given == role("AGENT_ROLE") {
        kyc::agent(applying, account.into(), active).await?;
    }
    Ok(())
}

/// The accounts that a payload names: addresses are the only texts of their form.
fn addresses(payload: &Value, found: &mut Vec<Addr>) {
    match payload {
        Value::String(text) if text.len() == 42 && found.len() < MENTIONS => {
            found.extend(text.parse::<Addr>().ok().filter(|account| *account != Addr::default()));
        }
        Value::Array(items) => items.iter().for_each(|item| addresses(item, found)),
        Value::Object(fields) => fields.values().for_each(|field| addresses(field, found)),
        _ => {}
    }
}
