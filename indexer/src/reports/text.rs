//! Rows as text: for spreadsheets and for terminals. Names in them are strangers'.

use std::fmt::Write;

/// Lines of a CSV (RFC 4180).
#[derive(Debug, Default)]
pub(super) struct Csv(String);

impl Csv {
    /// Adds a line.
    pub fn line(&mut self, fields: impl IntoIterator<Item = impl AsRef<str>>) {
        for (at, field) in fields.into_iter().enumerate() {
            if at > 0 {
                self.0.push(',');
            }
            quote(&mut self.0, field.as_ref());
        }
        self.0.push_str("\r\n");
    }

    /// All lines.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0.into_bytes()
    }
}

/// A spreadsheet takes what begins with these for a formula: with an apostrophe before it, it is text.
const FORMULAS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

fn quote(line: &mut String, field: &str) {
    let defused = if field.starts_with(FORMULAS) { "'" } else { "" };
    if field.contains([',', '"', '\r', '\n']) {
        line.push('"');
        line.push_str(defused);
        line.push_str(&field.replace('"', "\"\""));
        line.push('"');
    } else {
        line.push_str(defused);
        line.push_str(field);
    }
}

/// Rows in columns for a terminal; all but the first of each row are figures, to the right.
pub(super) fn columns(head: &[&str], rows: &[Vec<String>]) -> String {
    let rows: Vec<Vec<String>> = std::iter::once(head.iter().map(|name| (*name).to_owned()).collect())
        .chain(rows.iter().map(|row| row.iter().map(|cell| yieldset_service::printable(cell)).collect()))
        .collect();
    let mut widths = vec![0; head.len()];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for row in &rows {
        let mut line = String::new();
        for (at, (width, cell)) in widths.iter().zip(row).enumerate() {
            let width = *width;
            // Writing to a string does not fail.
            let _ = if at == 0 { write!(line, "{cell:<width$}") } else { write!(line, "  {cell:>width$}") };
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A stranger's text is neither a formula nor a line of its own, whatever is in it.
    #[test]
    fn a_strangers_text_is_a_field() {
        let mut csv = Csv::default();
        csv.line(["=1+1", "a,b", "say \"x\"", "two\r\nlines", "+\"1\"", "plain", "", "a=b"]);
        let expected = "'=1+1,\"a,b\",\"say \"\"x\"\"\",\"two\r\nlines\",\"'+\"\"1\"\"\",plain,,a=b\r\n";
        assert_eq!(String::from_utf8(csv.into_bytes()).as_deref(), Ok(expected));
    }

    #[test]
    fn columns_are_as_wide_as_what_is_in_them() {
        let rows = [vec!["a\u{1b}[2J".to_owned(), "7".to_owned()], vec!["b".to_owned(), "1234567".to_owned()]];
        let text = columns(&["who", "figure"], &rows);
        assert_eq!(text, "who          figure\na\\u{1b}[2J        7\nb           1234567\n");
    }
}
