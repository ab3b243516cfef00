//! The schemas: which definition rows are made of, and where they are.

use std::collections::HashSet;

use alloy_primitives::{B256, keccak256};
use sqlx::PgConnection;
use time::{Date, Month};

use crate::{column::Hash, project::Books, store::Tip};

/// Where the rows are that readers see.
pub(super) const MIRROR: &str = "mirror";
/// Where rows are made anew.
pub(super) const NEXT: &str = "mirror_next";
/// Where rows go that others took the place of, until nobody reads them.
pub(super) const OLD: &str = "mirror_old";

/// The files of `projection`, in order.
const FILES: [&str; 6] = [
    include_str!("../../projection/00_contracts.sql"),
    include_str!("../../projection/10_money.sql"),
    include_str!("../../projection/20_registries.sql"),
    include_str!("../../projection/30_trade.sql"),
    include_str!("../../projection/40_coop.sql"),
    include_str!("../../projection/90_versions.sql"),
];

/// Raise this where the same events give other rows than before, though their tables are the same.
const FOLD: u32 = 3;

/// What connections look for tables in.
pub fn search_path(schema: &str) -> String {
    format!("{schema}, public")
}

/// The digest of what rows are made by.
pub(super) fn digest() -> B256 {
    keccak256([FILES.concat().as_bytes(), &FOLD.to_be_bytes()].concat())
}

/// Whether the rows that readers see are there and made by this program's definition.
pub(super) async fn is_ours(connection: &mut PgConnection) -> sqlx::Result<bool> {
    let there: bool =
        sqlx::query_scalar("SELECT to_regclass('mirror.projection') IS NOT NULL").fetch_one(&mut *connection).await?;
    if !there {
        return Ok(false);
    }
    let is_ours: Option<bool> = sqlx::query_scalar("SELECT digest = $1 FROM mirror.projection")
        .bind(Hash(digest()))
        .fetch_optional(connection)
        .await?;
    Ok(is_ours == Some(true))
}

/// What the database calls a schema inside; another one after it was made anew. Zero where there is none.
pub(super) async fn oid(connection: &mut PgConnection, schema: &str) -> sqlx::Result<i64> {
    sqlx::query_scalar("SELECT coalesce(to_regnamespace($1)::oid::bigint, 0)").bind(schema).fetch_one(connection).await
}

/// Makes an empty schema with all tables, and works in it until the end of the transaction.
pub(super) async fn make(connection: &mut PgConnection, schema: &str) -> sqlx::Result<()> {
    drop_all(connection, schema).await?;
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("CREATE SCHEMA {schema}"))).execute(&mut *connection).await?;
    work_in(connection, schema).await?;
    for file in FILES {
        sqlx::raw_sql(file).execute(&mut *connection).await?;
    }
    sqlx::query("INSERT INTO projection (digest) VALUES ($1)").bind(Hash(digest())).execute(connection).await?;
    Ok(())
}

/// Names without a schema are of this one until the end of the transaction.
pub(super) async fn work_in(connection: &mut PgConnection, schema: &str) -> sqlx::Result<()> {
    sqlx::query("SELECT set_config('search_path', $1, TRUE)").bind(search_path(schema)).execute(connection).await?;
    Ok(())
}

/// Drops a schema with its views of earlier blocks.
pub(super) async fn drop_all(connection: &mut PgConnection, schema: &str) -> sqlx::Result<()> {
    let statement = format!("DROP SCHEMA IF EXISTS {schema}_at CASCADE; DROP SCHEMA IF EXISTS {schema} CASCADE");
    sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(connection).await?;
    Ok(())
}

/// Puts what was made anew in the place of what readers see. Every reader reads `projection` first and holds on to it,
/// so none has rows of both; it is waited for.
pub(super) async fn swap(connection: &mut PgConnection) -> sqlx::Result<()> {
    if oid(connection, MIRROR).await? != 0 {
        drop_all(connection, OLD).await?;
        sqlx::raw_sql("LOCK TABLE mirror.projection IN ACCESS EXCLUSIVE MODE").execute(&mut *connection).await?;
        rename(connection, MIRROR, OLD).await?;
    }
    // What was compared were other rows.
    sqlx::query("DELETE FROM verification").execute(&mut *connection).await?;
    rename(connection, NEXT, MIRROR).await
}

async fn rename(connection: &mut PgConnection, from: &str, to: &str) -> sqlx::Result<()> {
    let statement = format!("ALTER SCHEMA {from} RENAME TO {to}; ALTER SCHEMA {from}_at RENAME TO {to}_at");
    sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(connection).await?;
    Ok(())
}

/// Says which block the rows are of now.
pub(super) async fn advance(connection: &mut PgConnection, tip: Option<&Tip>) -> sqlx::Result<()> {
    sqlx::query("UPDATE projection SET number = $1, hash = $2")
        .bind(tip.map(|tip| tip.number))
        .bind(tip.map(|tip| tip.hash))
        .execute(connection)
        .await?;
    Ok(())
}

/// Before and after all months.
pub(crate) const ALWAYS: (&str, &str) = ("", "9999_99");

/// Sees to it that tables which are in parts by month have one for each of these.
pub(super) async fn months(
    connection: &mut PgConnection,
    known: &mut HashSet<Date>,
    months: impl Iterator<Item = Date>,
) -> sqlx::Result<()> {
    for month in months {
        if known.contains(&month) {
            continue;
        }
        let next = match month.month() {
            Month::December => Date::from_calendar_date(month.year().saturating_add(1), Month::January, 1),
            other => Date::from_calendar_date(month.year(), other.next(), 1),
        };
        // The last month that there can be has no next one.
        let until = next.map_or("MAXVALUE".to_owned(), |next| format!("'{}'", day(next)));
        let from = day(month);
        let suffix = from.replace('-', "_");
        let suffix = suffix.rsplit_once('_').map_or(suffix.as_str(), |(month, _)| month);
        let tables = Books::MONTHLY.iter().filter(|(_, monthly)| *monthly).map(|(table, _)| *table);
        for table in tables.chain(["public.journal"]) {
            let Some(part) = free(connection, &format!("{table}_{suffix}")).await? else { continue };
            let statement = format!("CREATE TABLE {part} PARTITION OF {table} FOR VALUES FROM ('{from}') TO ({until})");
            sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&mut *connection).await?;
        }
        sqlx::query("INSERT INTO public.months VALUES ($1) ON CONFLICT DO NOTHING")
            .bind(suffix)
            .execute(&mut *connection)
            .await?;
        known.insert(month);
    }
    Ok(())
}

/// What a part can be called; nothing where it is there. One that was detached may still have the name.
async fn free(connection: &mut PgConnection, name: &str) -> sqlx::Result<Option<String>> {
    let mut part = name.to_owned();
    for next in 2.. {
        let is_part: Option<bool> =
            sqlx::query_scalar("SELECT relispartition FROM pg_class WHERE oid = to_regclass($1)")
                .bind(&part)
                .fetch_optional(&mut *connection)
                .await?;
        match is_part {
            None => return Ok(Some(part)),
            Some(true) => break,
            Some(false) => part = format!("{name}_{next}"),
        }
    }
    Ok(None)
}

/// The months, as YYYY_MM from the first to the last of these, that one of these tables has no part for, though there
/// were events in them: they were detached.
pub(crate) async fn detached(
    connection: &mut PgConnection,
    tables: &[&str],
    (first, last): (&str, &str),
) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar(
        "WITH parts AS (
             SELECT inhparent, substring(relname FROM '_([0-9]{4}_[0-9]{2})(_[0-9]+)?$') AS month
             FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid)
         SELECT DISTINCT m.month FROM public.months m CROSS JOIN unnest($1::text[]) AS name
         WHERE m.month BETWEEN $2 AND $3
           AND NOT EXISTS (SELECT FROM parts p WHERE p.inhparent = to_regclass(name) AND p.month = m.month)
         ORDER BY 1",
    )
    .bind(tables)
    .bind(first)
    .bind(last)
    .fetch_all(connection)
    .await
}

fn day(date: Date) -> String {
    format!("{:04}-{:02}-{:02}", date.year(), u8::from(date.month()), date.day())
}
