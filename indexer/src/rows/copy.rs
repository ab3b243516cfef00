//! Postgres' binary form of COPY: the fastest way in, and exact, since it is the wire format of each type.

use sqlx::{Encode, PgConnection, Postgres, encode::IsNull, error::BoxDynError, postgres::PgArgumentBuffer};

/// What such a stream begins with: a signature, no flags, no extension.
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// What it ends with: a row of -1 fields.
const TRAILER: &[u8] = &[0xff, 0xff];
/// Bytes that are sent at once.
const PART: usize = 1 << 20;

/// Rows on their way into one table.
#[derive(Debug)]
pub(crate) struct Lines {
    bytes: Vec<u8>,
    rows: u64,
    field: PgArgumentBuffer,
    failed: Option<BoxDynError>,
}

impl Default for Lines {
    fn default() -> Self {
        Self { bytes: HEADER.to_vec(), rows: 0, field: PgArgumentBuffer::default(), failed: None }
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
    pub fn field<'q, T: Encode<'q, Postgres>>(&mut self, value: &T) {
        self.left = self.left.saturating_sub(1);
        let Lines { bytes, field, failed, .. } = &mut *self.lines;
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
