//! Rows on the wire, each value in its type's binary form, which is exact.
//!
//! Many go in by COPY, the fastest way. It writes twice before it reads, though, and where the connection is TCP the
//! second write waits for the first one's receipt, which a server that has nothing to say delays by some 40 ms; a block
//! changes a dozen tables. So fewer rows are a list of values for each column, in one message.

use sqlx::{
    Arguments, Encode, PgConnection, Postgres, Type,
    encode::IsNull,
    error::BoxDynError,
    postgres::{PgArgumentBuffer, PgArguments, PgHasArrayType, PgTypeInfo, types::Oid},
};
use time::Date;

use crate::column::{Addr, Amount, Hash};

/// What such a stream begins with: a signature, no flags, no extension.
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// What it ends with: a row of -1 fields.
const TRAILER: &[u8] = &[0xff, 0xff];
/// Bytes that are sent at once.
const PART: usize = 1 << 20;
/// From so many rows on COPY is faster, receipts included.
const MANY: u64 = 4_096;

/// What can be in a column.
pub(crate) trait Field: for<'q> Encode<'q, Postgres> + Type<Postgres> {
    /// The type of a list of such values; none where they are lists already, of which Postgres makes no list of rows.
    fn list() -> Option<PgTypeInfo>;
}

macro_rules! fields {
    ($($type:ty),*) => {$( impl Field for $type {
        fn list() -> Option<PgTypeInfo> {
            Some(<$type as PgHasArrayType>::array_type_info())
        }
    } )*};
}
fields!(&'static str, Addr, Amount, Date, Hash, String, Vec<u8>, bool, i16, i32, i64, serde_json::Value);

macro_rules! lists {
    ($($type:ty),*) => {$( impl Field for $type {
        fn list() -> Option<PgTypeInfo> {
            None
        }
    } )*};
}
lists!(Vec<Hash>, Vec<String>, Vec<Vec<u8>>, Vec<i16>, Vec<i64>);

impl<T: Field> Field for Option<T>
where
    Option<T>: for<'q> Encode<'q, Postgres> + Type<Postgres>,
{
    fn list() -> Option<PgTypeInfo> {
        T::list()
    }
}

/// A column's type, and that of a list of its values.
#[derive(Debug, Clone)]
struct Kind {
    value: Oid,
    list: Oid,
}

/// Rows on their way into one table.
#[derive(Debug)]
pub(crate) struct Lines {
    bytes: Vec<u8>,
    rows: u64,
    /// Of each column, as its first row has it; none where a list cannot be made of it.
    kinds: Vec<Option<Kind>>,
    field: PgArgumentBuffer,
    failed: Option<BoxDynError>,
}

impl Default for Lines {
    fn default() -> Self {
        Self { bytes: HEADER.to_vec(), rows: 0, kinds: Vec::new(), field: PgArgumentBuffer::default(), failed: None }
    }
}

impl Lines {
    /// Adds a row of so many fields.
    pub fn row(&mut self, fields: usize, put: impl FnOnce(&mut Tuple<'_>)) {
        self.bytes.extend_from_slice(&i16::try_from(fields).unwrap_or(i16::MAX).to_be_bytes());
        let mut tuple = Tuple { lines: self, left: fields };
        put(&mut tuple);
        debug_assert_eq!(tuple.left, 0, "a row has as many fields as its table");
        self.rows = self.rows.saturating_add(1);
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Writes all into the columns of a table.
    ///
    /// # Errors
    /// [`sqlx::Error`], also for a value that has no form on the wire.
    pub async fn write(self, connection: &mut PgConnection, table: &str, columns: &str) -> sqlx::Result<u64> {
        if self.is_empty() {
            return Ok(0);
        }
        if let Some(failed) = self.failed {
            return Err(sqlx::Error::Encode(failed));
        }
        let kinds: Option<Vec<_>> = self.kinds.iter().cloned().collect();
        if let Some(kinds) = kinds.filter(|_| self.rows < MANY) {
            let arguments = lists(&self.bytes, &kinds).map_err(sqlx::Error::Encode)?;
            let places: Vec<_> = (1..=kinds.len()).map(|place| format!("${place}")).collect();
            let statement = format!("INSERT INTO {table} ({columns}) SELECT * FROM unnest({})", places.join(", "));
            let done = sqlx::query_with(sqlx::AssertSqlSafe(statement), arguments).execute(connection).await?;
            return Ok(done.rows_affected());
        }
        let mut copy = connection.copy_in_raw(&format!("COPY {table} ({columns}) FROM STDIN (FORMAT BINARY)")).await?;
        for part in self.bytes.chunks(PART) {
            copy.send(part).await?;
        }
        copy.send(TRAILER).await?;
        copy.finish().await
    }
}

/// A row that is being added.
#[derive(Debug)]
pub(crate) struct Tuple<'a> {
    lines: &'a mut Lines,
    left: usize,
}

impl Tuple<'_> {
    /// Adds the next field.
    pub fn field<T: Field>(&mut self, value: &T) {
        self.left = self.left.saturating_sub(1);
        let Lines { bytes, rows, kinds, field, failed } = &mut *self.lines;
        if *rows == 0 {
            let list = T::list().and_then(|list| list.oid());
            kinds.push(T::type_info().oid().zip(list).map(|(value, list)| Kind { value, list }));
        }
        field.clear();
        match value.encode_by_ref(field) {
            Ok(IsNull::Yes) => bytes.extend_from_slice(&(-1i32).to_be_bytes()),
            Ok(IsNull::No) => match i32::try_from(field.len()) {
                Ok(length) => {
                    bytes.extend_from_slice(&length.to_be_bytes());
                    bytes.extend_from_slice(field);
                }
                Err(error) => *failed = Some(error.into()),
            },
            Err(error) => *failed = Some(error),
        }
    }
}

/// Turns rows as COPY has them into a list for each column: what a value is on the wire is the same in both.
fn lists(rows: &[u8], kinds: &[Kind]) -> Result<PgArguments, BoxDynError> {
    let mut lists: Vec<_> =
        kinds.iter().map(|kind| List { kind: kind.clone(), count: 0, values: Vec::new() }).collect();
    let mut rest = rows.get(HEADER.len()..).unwrap_or_default();
    while !rest.is_empty() {
        take(&mut rest, size_of::<i16>())?;
        for list in &mut lists {
            let length = take(&mut rest, size_of::<i32>())?;
            list.values.extend_from_slice(length);
            // Nothing has a length of -1.
            if let Ok(length) = usize::try_from(i32::from_be_bytes(length.try_into()?)) {
                list.values.extend_from_slice(take(&mut rest, length)?);
            }
            list.count = list.count.saturating_add(1);
        }
    }
    let mut arguments = PgArguments::default();
    for list in lists {
        arguments.add(list)?;
    }
    Ok(arguments)
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Result<&'a [u8], BoxDynError> {
    let (taken, left) = rest.split_at_checked(length).ok_or("a row that is shorter than it says")?;
    *rest = left;
    Ok(taken)
}

/// The values of one column, as Postgres' arrays are on the wire.
struct List {
    kind: Kind,
    count: i32,
    values: Vec<u8>,
}

impl Type<Postgres> for List {
    fn type_info() -> PgTypeInfo {
        // Left to each list to say.
        PgTypeInfo::with_oid(Oid(0))
    }
}

impl Encode<'_, Postgres> for List {
    fn encode_by_ref(&self, buf: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        let (dimensions, may_have_none, begins_at) = (1i32, 1i32, 1i32);
        buf.extend_from_slice(&dimensions.to_be_bytes());
        buf.extend_from_slice(&may_have_none.to_be_bytes());
        buf.extend_from_slice(&self.kind.value.0.to_be_bytes());
        buf.extend_from_slice(&self.count.to_be_bytes());
        buf.extend_from_slice(&begins_at.to_be_bytes());
        buf.extend_from_slice(&self.values);
        Ok(IsNull::No)
    }

    fn produces(&self) -> Option<PgTypeInfo> {
        Some(PgTypeInfo::with_oid(self.kind.list))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use alloy_primitives::{Address, B256, U256};
    use sqlx::Row;
    use time::Month;

    use super::*;
    use crate::{postgres::Cluster, store};

    /// A row of each kind of column, with nothing in it now and then.
    fn put(row: u64, tuple: &mut Tuple<'_>) {
        let some = |every: u64| (!row.is_multiple_of(every)).then_some(row);
        let amount = Amount(U256::MAX / U256::from(row + 1));
        tuple.field(&i64::try_from(row).expect("small"));
        tuple.field(&some(3).map(|_| amount));
        tuple.field(&Addr(Address::repeat_byte(7)));
        tuple.field(&some(2).map(|row| Hash(B256::from(U256::from(row)))));
        tuple.field(&some(5).map(|row| format!("{row} \u{1f30a}\t\\N")));
        tuple.field(&Vec::from(row.to_be_bytes()));
        tuple.field(&row.is_multiple_of(2));
        tuple.field(&i16::MIN);
        tuple.field(&some(7).map(|_| i32::MAX));
        tuple.field(&some(4).map(|row| serde_json::json!({"n": row, "none": null})));
        tuple.field(&Date::from_calendar_date(2026, Month::December, 31).expect("a day"));
    }

    /// Whichever way rows take into their table, they are the same there.
    #[tokio::test]
    async fn rows_are_the_same_by_both_ways() {
        let folder = tempfile::Builder::new().permissions(std::fs::Permissions::from_mode(0o711)).tempdir();
        let folder = folder.expect("a folder");
        let cluster = Cluster::start(&folder.path().join("data"), &[("fsync", "off")]).await.expect("a server");
        let pool = store::connect(cluster.url()).expect("a pool");
        let mut connection = pool.acquire().await.expect("a connection");
        let kinds =
            "BIGINT, b NUMERIC, c BYTEA, d BYTEA, e TEXT, f BYTEA, g BOOLEAN, h SMALLINT, i INTEGER, j JSONB, k DATE";
        for table in ["few", "many", "listed"] {
            let list = if table == "listed" { ", l TEXT[]" } else { "" };
            let statement = format!("CREATE TEMP TABLE {table} (a {kinds}{list})");
            sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&mut *connection).await.expect("a table");
        }
        let columns = "a, b, c, d, e, f, g, h, i, j, k";
        for begin in (0..MANY).step_by(64) {
            let mut lines = Lines::default();
            (begin..begin + 64).for_each(|row| lines.row(11, |tuple| put(row, tuple)));
            assert_eq!(lines.write(&mut connection, "few", columns).await.expect("written"), 64);
        }
        let mut lines = Lines::default();
        (0..MANY).for_each(|row| lines.row(11, |tuple| put(row, tuple)));
        assert_eq!(lines.write(&mut connection, "many", columns).await.expect("written"), MANY);
        // Of lists no list of rows can be made, however few they are.
        let mut lines = Lines::default();
        for row in 0..3 {
            lines.row(12, |tuple| {
                put(row, tuple);
                tuple.field(&vec![row.to_string(); 2]);
            });
        }
        assert_eq!(lines.write(&mut connection, "listed", &format!("{columns}, l")).await.expect("written"), 3);
        let row = sqlx::query(
            "SELECT (SELECT count(*) FROM (TABLE few EXCEPT ALL TABLE many) f),
                    (SELECT count(*) FROM few), (SELECT b::text FROM few WHERE a = 1),
                    (SELECT (b, d, e, i, j) IS NULL FROM few WHERE a = 420), (SELECT e FROM few WHERE a = 1),
                    (SELECT count(*) FROM listed l JOIN few f USING (a) WHERE l.l = ARRAY[a::text, a::text]
                       AND (l.b, l.c, l.d, l.e, l.j, l.k) IS NOT DISTINCT FROM (f.b, f.c, f.d, f.e, f.j, f.k))",
        );
        let row = row.fetch_one(&mut *connection).await.expect("answered");
        assert_eq!([row.get::<i64, _>(0), row.get(1), row.get(5)], [0, 4_096, 3]);
        // (2^256 - 1) / 2.
        let half = "57896044618658097711785492504343953926634992332820282019728792003956564819967";
        assert_eq!((row.get::<&str, _>(2), row.get::<bool, _>(3)), (half, true));
        assert_eq!(row.get::<String, _>(4), "1 \u{1f30a}\t\\N");
        drop(connection);
        pool.close().await;
        cluster.stop().await;
    }
}
