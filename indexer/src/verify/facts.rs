//! Journal to facts, and back: each event that moved shares or money or changed a record has its one row with the
//! event's own figures, and there is no row without an event. The journal itself is compared with the chain.

use sqlx::AssertSqlSafe;

use super::{Comparison, LISTED, db};
use crate::{error::IndexerError, snapshot::Snapshot};

/// What a column of a fact is, of its event.
#[derive(Debug, Clone, Copy)]
enum Of {
    /// The contract that emitted it.
    Emitter,
    /// Bytes of a field.
    Bytes(&'static str),
    /// A number of a field; none is zero.
    Number(&'static str),
    /// Yes or no of a field.
    Flag(&'static str),
    /// This word, for any event of the name.
    Word(&'static str),
}

/// An event's name, the kind of contract that it is of, and the columns that follow from it.
type Told = (&'static str, &'static str, &'static [(&'static str, Of)]);

/// A table of facts.
struct Facts {
    table: &'static str,
    /// Whether it is in parts by month.
    monthly: bool,
    events: &'static [Told],
}

use Of::{Bytes, Emitter, Flag, Number, Word};

const FACTS: &[Facts] = &[
    Facts {
        table: "transfers",
        monthly: true,
        events: &[(
            "Transfer",
            "pool",
            &[("pool", Emitter), ("sender", Bytes("from")), ("recipient", Bytes("to")), ("value", Number("value"))],
        )],
    },
    Facts {
        table: "approvals",
        monthly: false,
        events: &[(
            "Approval",
            "pool",
            &[("pool", Emitter), ("owner", Bytes("owner")), ("spender", Bytes("spender")), ("value", Number("value"))],
        )],
    },
    Facts {
        table: "deposits",
        monthly: true,
        events: &[(
            "Deposited",
            "pool",
            &[
                ("pool", Emitter),
                ("stream", Bytes("stream")),
                ("period", Number("period")),
                ("payer", Bytes("payer")),
                ("amount", Number("amount")),
                ("to_holders", Number("to_holders")),
                ("dividend_index", Number("index")),
            ],
        )],
    },
    Facts {
        table: "claims",
        monthly: true,
        events: &[
            (
                "DividendClaimed",
                "pool",
                &[
                    ("pool", Emitter),
                    ("kind", Word("dividend")),
                    ("account", Bytes("account")),
                    ("amount", Number("amount")),
                ],
            ),
            (
                "ContributionClaimed",
                "pool",
                &[
                    ("pool", Emitter),
                    ("kind", Word("contribution")),
                    ("account", Bytes("account")),
                    ("amount", Number("amount")),
                    ("stream", Bytes("stream")),
                    ("period", Number("period")),
                    ("weight", Number("weight")),
                ],
            ),
        ],
    },
    Facts {
        table: "skipped_claims",
        monthly: false,
        events: &[(
            "ClaimSkipped",
            "pool",
            &[
                ("pool", Emitter),
                ("stream", Bytes("stream")),
                ("period", Number("period")),
                ("account", Bytes("account")),
                ("reason", Number("reason")),
            ],
        )],
    },
    Facts {
        table: "recoveries",
        monthly: false,
        events: &[(
            "AccountRecovered",
            "pool",
            &[
                ("pool", Emitter),
                ("lost", Bytes("lost")),
                ("replacement", Bytes("replacement")),
                ("shares", Number("shares")),
                ("pending", Number("pending")),
                ("reason", Bytes("reason")),
                ("agent", Bytes("agent")),
            ],
        )],
    },
    Facts {
        table: "forced_transfers",
        monthly: false,
        events: &[(
            "ForcedTransferred",
            "pool",
            &[
                ("pool", Emitter),
                ("sender", Bytes("from")),
                ("recipient", Bytes("to")),
                ("value", Number("value")),
                ("reason", Bytes("reason")),
                ("agent", Bytes("agent")),
            ],
        )],
    },
    Facts {
        table: "freezes",
        monthly: false,
        events: &[
            (
                "TokensFrozen",
                "pool",
                &[
                    ("pool", Emitter),
                    ("frozen", Word("true")),
                    ("account", Bytes("user_address")),
                    ("amount", Number("amount")),
                ],
            ),
            (
                "TokensUnfrozen",
                "pool",
                &[
                    ("pool", Emitter),
                    ("frozen", Word("false")),
                    ("account", Bytes("user_address")),
                    ("amount", Number("amount")),
                ],
            ),
        ],
    },
    Facts {
        table: "licence_payments",
        monthly: true,
        events: &[
            (
                "RoyaltyPaid",
                "licence",
                &[
                    ("contract", Emitter),
                    ("kind", Word("royalty")),
                    ("licence", Bytes("licence")),
                    ("number", Number("quarter")),
                    ("amount", Number("principal")),
                    ("interest", Number("interest")),
                    ("outstanding", Number("outstanding")),
                ],
            ),
            (
                "ShortfallPaid",
                "licence",
                &[
                    ("contract", Emitter),
                    ("kind", Word("shortfall")),
                    ("licence", Bytes("licence")),
                    ("number", Number("year")),
                    ("amount", Number("amount")),
                    ("outstanding", Number("owed")),
                ],
            ),
            (
                "Delivered",
                "licence",
                &[
                    ("contract", Emitter),
                    ("kind", Word("delivered")),
                    ("licence", Bytes("licence")),
                    ("number", Number("period")),
                    ("amount", Number("amount")),
                    ("outstanding", Number("held")),
                ],
            ),
            (
                "Refunded",
                "licence",
                &[
                    ("contract", Emitter),
                    ("kind", Word("refunded")),
                    ("licence", Bytes("licence")),
                    ("amount", Number("amount")),
                ],
            ),
        ],
    },
    Facts {
        table: "trades",
        monthly: true,
        events: &[(
            "Traded",
            "market",
            &[
                ("market", Emitter),
                ("pool", Bytes("pool")),
                ("seller", Bytes("seller")),
                ("buyer", Bytes("buyer")),
                ("ask", Number("ask")),
                ("bid", Number("bid")),
                ("shares", Number("shares")),
                ("price", Number("price")),
                ("cost", Number("cost")),
            ],
        )],
    },
    Facts {
        table: "kyc_history",
        monthly: false,
        events: &[
            (
                "RecordSet",
                "kyc",
                &[
                    ("registry", Emitter),
                    ("change", Word("set")),
                    ("account", Bytes("account")),
                    ("level", Number("level")),
                    ("jurisdiction", Number("jurisdiction")),
                    ("expiry", Number("expiry")),
                    ("accredited", Flag("accredited")),
                    ("frozen", Flag("frozen")),
                    ("sanctioned", Flag("sanctioned")),
                    ("attested", Flag("attested")),
                    ("issuer", Bytes("issuer")),
                ],
            ),
            (
                "RecordRevoked",
                "kyc",
                &[
                    ("registry", Emitter),
                    ("change", Word("revoked")),
                    ("account", Bytes("account")),
                    ("issuer", Bytes("issuer")),
                ],
            ),
        ],
    },
];

/// Compares each table with the journal: what was told after the last comparison, or all of it.
pub(super) async fn compare(snapshot: &mut Snapshot, found: &mut Comparison) -> Result<(), IndexerError> {
    // Both are ours, whoever's contract told it.
    found.strange = false;
    for facts in FACTS {
        let named: Vec<_> = facts.events.iter().map(|(name, ..)| *name).collect();
        rows_of_events(snapshot, (facts, &named), found).await?;
        events_of_rows(snapshot, (facts, &named), found).await?;
    }
    Ok(())
}

async fn rows_of_events(
    snapshot: &mut Snapshot,
    (facts, named): (&Facts, &[&str]),
    found: &mut Comparison,
) -> Result<(), IndexerError> {
    let since = found.since.unwrap_or(-1);
    let told: i64 =
        sqlx::query_scalar("SELECT count(*) FROM journal WHERE seen > $1 AND kind = ANY ($2) AND unread IS NULL")
            .bind(since)
            .bind(named)
            .fetch_one(snapshot.connection())
            .await
            .map_err(db)?;
    found.figures = found.figures.saturating_add(usize::try_from(told).unwrap_or(usize::MAX));
    found.counted(usize::try_from(told).unwrap_or(usize::MAX), "events beside their rows");
    let same: Vec<_> = facts.events.iter().map(is_told).collect();
    let statement = format!(
        "SELECT kind, block, event_index FROM journal j WHERE seen > $1 AND kind = ANY ($2) AND unread IS NULL
           AND NOT EXISTS (SELECT FROM {} t WHERE {} AND ({})) ORDER BY block, event_index LIMIT $3",
        facts.table,
        is_of(facts),
        same.join(" OR "),
    );
    let missing: Vec<(String, i64, i64)> = sqlx::query_as(AssertSqlSafe(statement))
        .bind(since)
        .bind(named)
        .bind(i64::try_from(LISTED).unwrap_or(i64::MAX))
        .fetch_all(snapshot.connection())
        .await
        .map_err(db)?;
    for (kind, block, index) in missing {
        found.differs(format!("{kind} of block {block}, event {index}: no row of {} has its figures", facts.table));
    }
    Ok(())
}

async fn events_of_rows(
    snapshot: &mut Snapshot,
    (facts, named): (&Facts, &[&str]),
    found: &mut Comparison,
) -> Result<(), IndexerError> {
    let statement = format!(
        "SELECT block, event_index FROM {} t WHERE valid_from > $1
           AND NOT EXISTS (SELECT FROM journal j WHERE {} AND kind = ANY ($2)) ORDER BY block, event_index LIMIT $3",
        facts.table,
        is_of(facts),
    );
    let more: Vec<(i64, i64)> = sqlx::query_as(AssertSqlSafe(statement))
        .bind(found.since.unwrap_or(-1))
        .bind(named)
        .bind(i64::try_from(LISTED).unwrap_or(i64::MAX))
        .fetch_all(snapshot.connection())
        .await
        .map_err(db)?;
    for (block, index) in more {
        found.differs(format!("a row of {} of block {block}, event {index}: no such event was told", facts.table));
    }
    Ok(())
}

/// Whether a row is of an event.
fn is_of(facts: &Facts) -> &'static str {
    match facts.monthly {
        true => "t.block = j.block AND t.event_index = j.event_index AND t.month = j.month",
        false => "t.block = j.block AND t.event_index = j.event_index",
    }
}

/// Whether a row has what its event told.
fn is_told((name, contract, columns): &Told) -> String {
    let columns = columns.iter().map(|(column, of)| match of {
        Emitter => format!("t.{column} = j.address"),
        Bytes(field) => format!("'0x' || encode(t.{column}, 'hex') = lower(j.payload ->> '{field}')"),
        Number(field) => format!("coalesce(t.{column}, 0)::text = j.payload ->> '{field}'"),
        Flag(field) => format!("t.{column}::text = j.payload ->> '{field}'"),
        Word(word) => format!("t.{column} = '{word}'"),
    });
    let all: Vec<_> =
        [format!("j.kind = '{name}'"), format!("j.contract = '{contract}'")].into_iter().chain(columns).collect();
    format!("({})", all.join(" AND "))
}
