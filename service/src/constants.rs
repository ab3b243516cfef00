//! Constants of a chain's runtime that a genesis, or a test, sets otherwise: a line has name, type and value.

/// The runtime's, each with the type of its number (`scripts/runtime/src/constants.rs`). Nobody would read another one.
pub const KNOWN: [(&str, &str); 15] = [
    ("ApprovalDeposit", "u128"),
    ("AssetAccountDeposit", "u128"),
    ("AssetDeposit", "u128"),
    ("ChainId", "u64"),
    ("CodeHashLockupDepositPercent", "u32"),
    ("DepositPerByte", "u128"),
    ("DepositPerChildTrieItem", "u128"),
    ("DepositPerItem", "u128"),
    ("ExistentialDeposit", "u128"),
    ("GasScale", "u32"),
    ("MaxEthExtrinsicWeight", "u128"),
    ("MetadataDepositBase", "u128"),
    ("MetadataDepositPerByte", "u128"),
    ("NativeToEthRatio", "u32"),
    ("TransactionByteFee", "u128"),
];

/// A constant as a runtime's storage has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Constant {
    /// Its name in the runtime.
    pub name: String,
    /// Its value as SCALE writes numbers of a fixed length: little endian.
    pub value: Vec<u8>,
}

impl Constant {
    /// What its key in the runtime's storage is the twox-128 hash of.
    pub fn key_source(&self) -> String {
        format!(":{}:", self.name)
    }
}

/// A line that is no constant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "line {line} is no constant of the runtime: {text:?}; write the name of one, its type and a number, such as `DepositPerItem u128 2_000`; there are {known}",
    known = known()
)]
pub struct NoConstant {
    /// Which, counted from 1.
    pub line: usize,
    /// What it says.
    pub text: String,
}

fn known() -> String {
    KNOWN.map(|(name, width)| format!("{name} {width}")).join(", ")
}

/// Constants of a text; `#` begins a comment.
///
/// # Errors
/// [`NoConstant`], the first.
pub fn read(text: &str) -> Result<Vec<Constant>, NoConstant> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
    lines.map(|(at, line)| constant(line).ok_or_else(|| NoConstant { line: at + 1, text: line.to_owned() })).collect()
}

fn constant(line: &str) -> Option<Constant> {
    let [name, width, number] = line.split_whitespace().collect::<Vec<_>>()[..] else { return None };
    if !KNOWN.contains(&(name, width)) {
        return None;
    }
    let digits = number.replace('_', "");
    let value = match width {
        "u32" => digits.parse::<u32>().ok()?.to_le_bytes().to_vec(),
        "u64" => digits.parse::<u64>().ok()?.to_le_bytes().to_vec(),
        "u128" => digits.parse::<u128>().ok()?.to_le_bytes().to_vec(),
        _ => return None,
    };
    Some(Constant { name: name.to_owned(), value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_constant_or_says_where_it_is_wrong() {
        let read_one = read("# Hub's\n\nGasScale u32 80_000\n").expect("one");
        assert_eq!(read_one, [Constant { name: "GasScale".into(), value: vec![0x80, 0x38, 1, 0] }]);
        assert_eq!(read_one[0].key_source(), ":GasScale:");
        for wrong in [
            "GasScale 80_000",
            "GasScale u32 -1",
            "GasScale u32 4294967296",
            "GasScale u8 1",
            "GasScale u32 1 2",
            // Of another type, and one that the runtime does not have.
            "GasScale u64 1",
            "GasScales u32 1",
        ] {
            let error = read(&format!("\n{wrong}")).expect_err(wrong);
            assert_eq!(error, NoConstant { line: 2, text: wrong.into() });
            assert!(error.to_string().ends_with("NativeToEthRatio u32, TransactionByteFee u128"), "{error}");
        }
    }
}
