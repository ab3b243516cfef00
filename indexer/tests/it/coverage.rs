//! Every event that a contract of ours can emit leaves a row, or stands here with the reason why it leaves none.

use std::collections::BTreeSet;

use alloy_primitives::{B256, keccak256};
use yieldset_chain::{Address, Event, abi, deployment::role};
use yieldset_indexer::mirror::Applied;

use crate::{
    chain::{self, a_quarter, deployment},
    fixture::Fixture,
};

/// What the journal alone has.
const JOURNAL_ONLY: [(&str, &[&str], &str); 3] = [
    ("access", &["DefaultAdminTransferStarted"], "nobody can do anything by it yet"),
    ("factory", &["PartsSet"], "each listing of a pool names the parts of its time"),
    ("pool", &["SuccessorProposed"], "what is adopted is told then"),
];

/// A contract's name and address, and its events by name.
type Told = (&'static str, Address, Vec<(String, Event)>);

/// An event of an ABI with nothing but zeros, as it comes from the chain.
fn zeros(signature: B256, inputs: impl Iterator<Item = (String, bool)>) -> Event {
    let (mut topics, mut words) = (vec![signature], Vec::new());
    for (kind, indexed) in inputs {
        match (indexed, kind.strip_suffix(']').and_then(|rest| rest.rsplit_once('['))) {
            (true, _) => topics.push(B256::ZERO),
            (_, Some((_, ""))) => words.push(None),
            (_, Some((_, count))) => words.extend(vec![Some(B256::ZERO); count.parse().unwrap()]),
            _ if kind == "string" || kind == "bytes" => words.push(None),
            _ => words.push(Some(B256::ZERO)),
        }
    }
    // A list or text is an offset, and at its place the length.
    let (mut data, mut tail) = (Vec::new(), 32 * words.len());
    for word in &words {
        let offset = B256::left_padding_from(&tail.to_be_bytes());
        data.extend(word.unwrap_or(offset).0);
        tail += if word.is_none() { 32 } else { 0 };
    }
    data.resize(tail, 0);
    Event::decode(&topics, &data)
}

/// Proves that nothing the contracts tell is dropped unseen: an event without a row must be on the list above, and one
/// on the list must not have one.
#[tokio::test]
async fn every_event_leaves_a_row_or_has_a_reason() {
    let fixture = Fixture::new().await;
    let mut chain = a_quarter();
    fixture.apply_all(&chain.blocks).await;
    let ours = deployment();
    macro_rules! events {
        ($($name:literal, $abi:ident, $contract:expr;)*) => {
            [$(($name, $contract, abi::$abi::abi::contract().events().map(|event| {
                let inputs = event.inputs.iter().map(|input| (input.ty.clone(), input.indexed));
                (event.name.clone(), zeros(event.selector(), inputs))
            }).collect::<Vec<_>>())),*]
        };
    }
    let all: [Told; 9] = events! {
        "access", Access, ours.kyc;
        "attribution", Attribution, ours.attribution;
        "coop", Coop, ours.coop;
        "factory", Factory, ours.factory;
        "kyc", Kyc, ours.kyc;
        "licence", Licence, ours.licence;
        "manifests", Manifests, ours.manifests;
        "market", Market, ours.market;
        "pool", Pool, ours.pool;
    };
    let rows_of = rows_of_a_block(&fixture).await;
    let (mut without, mut seen, mut unfit) = (BTreeSet::new(), 0, 0);
    for (name, contract, events) in all {
        for (event, zeros) in events {
            seen += 1;
            let told = whole(zeros);
            assert!(!matches!(told, Event::Unknown { .. }), "{name} {event} is not understood");
            let block = chain.next(vec![(contract, told)]);
            let applied = fixture.apply(&block).await;
            let Applied::Now { events: 1, unread, .. } = applied else { panic!("{name} {event}: {applied:?}") };
            if unread > 0 {
                // It was read, and zeros do not fit what is here. A pool would stand still from there on.
                let number = i64::try_from(block.at.number).unwrap();
                let kind = sqlx::query_scalar("SELECT kind FROM journal WHERE block = $1").bind(number);
                let kind: String = kind.fetch_one(&fixture.pool).await.unwrap();
                assert_eq!(kind, event, "{name}: {:?}", fixture.unread(block.at.number).await);
                fixture.mirror().await.as_mut().unwrap().roll_back(block.at.number - 1).await.unwrap();
                unfit += 1;
                continue;
            }
            let rows = sqlx::query_scalar(sqlx::AssertSqlSafe(rows_of.clone())).bind(block.at.number as i64);
            let rows: i64 = rows.fetch_one(&fixture.pool).await.unwrap();
            if rows == 0 {
                without.insert((name, event));
            }
            chain.append(block);
        }
    }
    assert!(seen > 100 && seen > unfit, "{seen} events, {unfit} of them do not fit");
    let listed =
        JOURNAL_ONLY.iter().flat_map(|(name, events, _)| events.iter().map(|event| (*name, (*event).to_owned())));
    let listed: BTreeSet<_> = listed.collect();
    let forgotten: Vec<_> = without.difference(&listed).collect();
    assert!(forgotten.is_empty(), "no row follows from these, and no reason is given: {forgotten:?}");
    let stale: Vec<_> = listed.difference(&without).collect();
    assert!(stale.is_empty(), "these leave rows, or are no events any more: {stale:?}");
    fixture.finish().await;
}

/// The query that counts the rows of a block in every table of the projections: each row names its event. Which
/// accounts an event names is noted of every one.
async fn rows_of_a_block(fixture: &Fixture) -> String {
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'block'
         WHERE c.relnamespace = 'mirror'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
           AND c.relname <> 'mentions'",
    )
    .fetch_all(&fixture.pool)
    .await
    .unwrap();
    let tables: Vec<_> = tables.iter().map(|table| format!("SELECT block FROM mirror.{table}")).collect();
    format!("SELECT count(*) FROM ({}) AS rows WHERE block = $1", tables.join(" UNION ALL "))
}

/// The two that zeros do not make: a role that a registry knows, and a report.
fn whole(event: Event) -> Event {
    use abi::{Access::AccessEvents, Attribution::AttributionEvents};
    match event {
        Event::Access(AccessEvents::RoleGranted(mut granted)) => {
            granted.role = role("AGENT_ROLE");
            Event::Access(AccessEvents::RoleGranted(granted))
        }
        Event::Access(AccessEvents::RoleRevoked(mut revoked)) => {
            revoked.role = role("AGENT_ROLE");
            Event::Access(AccessEvents::RoleRevoked(revoked))
        }
        Event::Attribution(AttributionEvents::ReportPosted(_)) => {
            chain::posted(chain::report(chain::PERIOD + 1, keccak256(b"before"), "m").1).1
        }
        other => other,
    }
}
