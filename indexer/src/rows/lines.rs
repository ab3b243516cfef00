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
    let mut lists: Vec<_> = kinds.iter().map(|kind| List { kind: kind.clone(), count: 0, values: Vec::new() }).collect();
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
