//! Every table of the mirror, whole, as it was after a block: a row at a time, so that memory is bounded whatever is in
//! the tables.

use std::{
    io::{self, BufWriter, ErrorKind, Write},
    path::{Path, PathBuf},
};

use clap::{Args, ValueEnum};
use futures::TryStreamExt;
use serde::Serialize;
use sqlx::{PgConnection, PgPool};
use yieldset_service::files::{self, Access};

use super::{AsOf, ReportError, file::Draft, open, until};
use crate::snapshot::{At, Snapshot};

/// What stands for every table, which is therefore the name of none.
const ALL: &str = "all";

/// Largest whole number that every reader of JSON takes exactly.
const EXACT: i64 = 9_007_199_254_740_991;

/// Options of `export`.
#[derive(Debug, Clone, Args)]
pub struct ExportArgs {
    /// The table's name, or all.
    #[arg(value_name = "TABLE|all")]
    table: String,
    /// The block's height, a time, or a day (UTC, its end); without it the last block.
    #[arg(long, value_name = "BLOCK|DATE", value_parser = until)]
    at: Option<At>,
    /// How rows are written.
    #[arg(long, value_enum, default_value_t = RowFormat::Csv)]
    format: RowFormat,
    /// Folder for a file of each table, which its owner alone can read, and export.json, which says of which block they
    /// are. Without it the table goes to standard output.
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RowFormat {
    /// A line with the columns' names, then a line for each row. Lists are JSON; what a spreadsheet would take for a
    /// formula has an apostrophe before it.
    Csv,
    /// A JSON object on a line for each row. Amounts are strings, and so is every number above 2^53.
    Json,
}

impl RowFormat {
    const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "jsonl",
        }
    }

    /// A column as it is written. Bytes are 0x and hexadecimal digits, in lists too.
    fn column(self, name: &str, kind: &str) -> String {
        let value = match (self, kind) {
            (_, "bytea") => format!("'0x' || encode(t.{name}, 'hex')"),
            (_, "bytea[]") => {
                let bytes = format!("unnest(t.{name}) WITH ORDINALITY AS u (one, n)");
                let list = format!("SELECT json_agg('0x' || encode(one, 'hex') ORDER BY n) FROM {bytes}");
                format!("CASE WHEN t.{name} IS NOT NULL THEN coalesce(({list}), '[]'::json) END")
            }
            (_, kind) if kind.ends_with("[]") => format!("to_json(t.{name})"),
            (Self::Csv, "text") => {
                let formula = format!("left(t.{name}, 1) IN ('=', '+', '-', '@', E'\\t', E'\\r')");
                format!("CASE WHEN {formula} THEN '''' || t.{name} ELSE t.{name} END")
            }
            // Not t and f.
            (Self::Csv, "boolean") => format!("t.{name}::text"),
            (Self::Json, "numeric") => format!("t.{name}::text"),
            (Self::Json, "bigint") => {
                let exact = format!("t.{name} BETWEEN -{EXACT} AND {EXACT}");
                format!("CASE WHEN {exact} THEN to_jsonb(t.{name}) ELSE to_jsonb(t.{name}::text) END")
            }
            _ => format!("t.{name}"),
        };
        format!("{value} AS {name}")
    }

    /// The statement that gives the rows, a message for each.
    fn copy(self, table: &str, columns: &[(String, String)], key: &str) -> String {
        let columns: Vec<_> = columns.iter().map(|(name, kind)| self.column(name, kind)).collect();
        let rows = format!("SELECT {} FROM {table} t ORDER BY {key}", columns.join(", "));
        match self {
            Self::Csv => format!("COPY ({rows}) TO STDOUT (FORMAT CSV, HEADER TRUE)"),
            Self::Json => {
                // JSON has neither of these two letters as they are, so nothing is quoted.
                let plain = "FORMAT CSV, QUOTE E'\\x01', DELIMITER E'\\x02'";
                format!("COPY (SELECT row_to_json(r)::text FROM ({rows}) r) TO STDOUT ({plain})")
            }
        }
    }
}

impl ExportArgs {
    /// Writes a table, or all of them.
    ///
    /// # Errors
    /// [`ReportError`].
    pub async fn run(&self, pool: &PgPool) -> Result<(), ReportError> {
        let mut snapshot = open(pool, self.at.as_ref()).await?;
        let Some(folder) = &self.out else {
            if self.table == ALL {
                return Err(ReportError::NeedsFolder);
            }
            let mut out = BufWriter::new(io::stdout());
            let written = table(&mut snapshot, &self.table, self.format, &mut out).await;
            return enough(written.and_then(|_| Ok(out.flush()?)));
        };
        let wanted = if self.table == ALL { tables(&mut snapshot).await? } else { vec![self.table.clone()] };
        into_folder(&mut snapshot, &wanted, self.format, folder).await?;
        Ok(())
    }
}

/// That a reader has read enough (`| head`) is no error.
fn enough(written: Result<(), ReportError>) -> Result<(), ReportError> {
    match written {
        Err(ReportError::Write(error)) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// What was written, and of which block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Exported {
    /// The block.
    pub as_of: AsOf,
    /// How rows are written.
    pub format: RowFormat,
    /// The tables, by name.
    pub tables: Vec<Written>,
}

/// A table that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Written {
    /// Its name.
    pub table: String,
    /// The file's name.
    pub file: String,
    /// Rows.
    pub rows: u64,
}

/// The tables that there are: of the projections, the blocks and the journal.
///
/// # Errors
/// [`ReportError::Database`].
pub async fn tables(snapshot: &mut Snapshot) -> Result<Vec<String>, ReportError> {
    let names = sqlx::query_scalar(
        "SELECT relname::text FROM pg_class WHERE relnamespace = to_regnamespace('mirror_at') AND relkind = 'v'
         ORDER BY relname",
    );
    Ok(names.fetch_all(snapshot.connection()).await?)
}

/// Writes tables into a folder, a file for each, and last `export.json`, which says what they are.
///
/// # Errors
/// [`ReportError`]. Files that were written until then stay.
pub async fn into_folder(
    snapshot: &mut Snapshot,
    wanted: &[String],
    format: RowFormat,
    folder: &Path,
) -> Result<Exported, ReportError> {
    let mut exported = Exported { as_of: AsOf::of(snapshot)?, format, tables: Vec::with_capacity(wanted.len()) };
    for name in wanted {
        known(snapshot, name).await?;
        let file = format!("{name}.{}", format.extension());
        let mut draft = Draft::new(folder, &file)?;
        let rows = table(snapshot, name, format, &mut draft).await?;
        draft.finish()?;
        exported.tables.push(Written { table: name.clone(), file, rows });
    }
    let told = [serde_json::to_vec_pretty(&exported)?, b"\n".to_vec()].concat();
    files::write(&folder.join("export.json"), &told, Access::Private)?;
    Ok(exported)
}

/// Writes a table's rows in the order of its key; how many there are.
///
/// # Errors
/// [`ReportError::NoSuchTable`], [`ReportError::NothingIndexed`], [`ReportError::Write`], [`ReportError::Database`].
pub async fn table(
    snapshot: &mut Snapshot,
    name: &str,
    format: RowFormat,
    out: &mut impl Write,
) -> Result<u64, ReportError> {
    AsOf::of(snapshot)?;
    known(snapshot, name).await?;
    let connection = snapshot.connection();
    let (columns, key) = (columns(connection, name).await?, key(connection, name).await?);
    let mut lines = connection.copy_out_raw(&format.copy(name, &columns, &key)).await?;
    let mut rows: u64 = 0;
    // A message of the server is a line (PostgreSQL, "Message Formats": CopyData).
    while let Some(line) = lines.try_next().await? {
        match (format, line.strip_suffix(b"\n")) {
            // Lines of a CSV end so (RFC 4180).
            (RowFormat::Csv, Some(line)) => {
                out.write_all(line)?;
                out.write_all(b"\r\n")?;
            }
            _ => out.write_all(&line)?,
        }
        rows = rows.saturating_add(1);
    }
    // The columns' names are no row.
    Ok(rows.saturating_sub((format == RowFormat::Csv).into()))
}

/// Only names of ours come into a statement.
async fn known(snapshot: &mut Snapshot, name: &str) -> Result<(), ReportError> {
    let tables = tables(snapshot).await?;
    if tables.iter().any(|table| table == name) {
        return Ok(());
    }
    let name = yieldset_service::printable(name);
    Err(ReportError::NoSuchTable { name, tables: tables.join(", ") })
}

/// A table's columns with their types.
async fn columns(connection: &mut PgConnection, table: &str) -> Result<Vec<(String, String)>, sqlx::Error> {
    sqlx::query_as(
        "SELECT quote_ident(attname), format_type(atttypid, NULL) FROM pg_attribute
         WHERE attrelid = to_regclass('mirror_at.' || $1) AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
    )
    .bind(table)
    .fetch_all(connection)
    .await
}

/// The columns of a table's key.
async fn key(connection: &mut PgConnection, table: &str) -> Result<String, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT string_agg('t.' || quote_ident(attname), ', ' ORDER BY array_position(indkey::int2[], attnum))
         FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY (indkey)
         WHERE indisprimary AND indrelid = coalesce(to_regclass('mirror.' || $1), to_regclass('public.' || $1))",
    )
    .bind(table)
    .fetch_one(connection)
    .await
}
