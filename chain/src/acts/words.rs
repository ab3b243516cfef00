//! What contracts tell and refuse, in words: their declarations name each field, and what a field counts follows from
//! its name.

use alloy_primitives::{Address, B256};

use super::{Desk, doings::roles::ROLES};
use crate::{
    deployment::role,
    units::{Coin, Date, Percent, Period},
};

/// Fields that are times, in Unix seconds.
const TIMES: &[&str] = &[
    "acceptedAt",
    "activatedAt",
    "answerBy",
    "at",
    "deadline",
    "effectiveAt",
    "end",
    "ends",
    "endsAt",
    "ended",
    "eta",
    "exclusiveUntil",
    "expires",
    "expiresAt",
    "expiry",
    "fundBy",
    "latest",
    "lockedUntil",
    "now",
    "payBy",
    "since",
    "snapshot",
    "starts",
    "time",
    "trainingUntil",
    "until",
    "validUntil",
    "voteEnd",
    "voteStart",
    "withdrawnAt",
    "begins",
    "deletionDue",
    "registeredAt",
    "answeredAt",
];
/// Fields that are quarters.
const QUARTERS: &[&str] = &["quarter", "period", "nextQuarter"];
/// Fields that are shares.
const SHARES: &[&str] = &[
    "askLeft",
    "bidLeft",
    "cap",
    "least",
    "left",
    "lot",
    "reserved",
    "shares",
    "supply",
    "value",
    "votes",
    "wanted",
    "weight",
    "asked",
    "threshold",
];
/// Fields that are money of the pool's currency.
const MONEY: &[&str] = &[
    "advance",
    "amount",
    "bond",
    "cost",
    "credit",
    "credited",
    "due",
    "escrow",
    "expenses",
    "fee",
    "fromEscrow",
    "gross",
    "guaranteed",
    "held",
    "infrastructure",
    "interest",
    "limit",
    "missing",
    "outstanding",
    "owed",
    "paid",
    "payout",
    "pending",
    "price",
    "principal",
    "proceeds",
    "refund",
    "refundable",
    "taxes",
    "tick",
    "toHolders",
    "upfront",
    "earned",
    "surplus",
    "lastPrice",
];
/// What is told of shares in a field that elsewhere is money.
const OF_SHARES: &[&str] = &["TokensFrozen", "TokensUnfrozen", "Approval", "Transfer", "BelowLot", "NotEnoughShares"];
/// What has a number in a field that elsewhere is shares.
const NUMBERS: &[&str] = &["NotEnoughSignatures", "KeyRevoked", "TooFewKeys", "CommitteeSet", "CommitteeProposed"];

/// How names and amounts are written.
pub struct Words<'a> {
    desk: &'a Desk,
    coin: Option<Coin>,
}

impl<'a> Words<'a> {
    /// With the pool's currency, where it is known.
    pub fn new(desk: &'a Desk, coin: Option<Coin>) -> Self {
        Self { desk, coin }
    }

    /// An event or an error as Rust's own form has it, `Name { field: value, … }` and what follows it: in words. What
    /// is no such thing stays as it is.
    pub fn of(&self, text: &str) -> String {
        let Some((name, rest)) = text.split_once(" { ") else { return text.to_owned() };
        let Some(end) = closing(rest) else { return text.to_owned() };
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return text.to_owned();
        }
        let (body, after) = (&rest[..end], rest[end..].trim_start_matches('}'));
        let fields: Vec<_> = fields(body).into_iter().map(|(field, value)| self.field(name, field, value)).collect();
        format!("{}: {}{after}", sentence(name), fields.join(", "))
    }

    fn field(&self, name: &str, field: &str, value: &str) -> String {
        format!("{} {}", spaced(field), self.value(name, field, value))
    }

    fn value(&self, name: &str, field: &str, value: &str) -> String {
        if let Some(list) = value.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            let all: Vec<_> = split(list).into_iter().map(|one| self.value(name, field, one)).collect();
            return if all.is_empty() { "none".to_owned() } else { all.join(" and ") };
        }
        match value {
            "true" => return "yes".to_owned(),
            "false" => return "no".to_owned(),
            _ => {}
        }
        if let Some(hex) = value.strip_prefix("0x") {
            return match hex.len() {
                40 => value.parse().map_or_else(|_| value.to_owned(), |address| self.address(address)),
                64 => value.parse().map_or_else(|_| value.to_owned(), |word| self.word(field, word)),
                _ => value.to_owned(),
            };
        }
        let Ok(number) = value.parse::<u128>() else { return value.trim_matches('"').to_owned() };
        let counted = NUMBERS.contains(&name);
        if field.ends_with("Bps") {
            return u16::try_from(number).map_or_else(|_| value.to_owned(), |bps| Percent(bps).to_string());
        }
        if QUARTERS.contains(&field) {
            return u32::try_from(number).map_or_else(|_| value.to_owned(), |quarter| Period(quarter).to_string());
        }
        if TIMES.contains(&field) {
            return u64::try_from(number).map_or_else(|_| value.to_owned(), |seconds| Date(seconds).to_string());
        }
        if !counted && (SHARES.contains(&field) || OF_SHARES.contains(&name) && field == "amount") {
            return Coin::shares().print(number);
        }
        match &self.coin {
            Some(coin) if MONEY.contains(&field) => coin.print(number),
            _ => value.to_owned(),
        }
    }

    fn address(&self, address: Address) -> String {
        match address.is_zero() {
            true => "nobody".to_owned(),
            false => self.desk.book.name(address, Some(&self.desk.deployment)),
        }
    }

    fn word(&self, field: &str, word: B256) -> String {
        if field.to_ascii_lowercase().ends_with("role") {
            return role_name(word).unwrap_or_else(|| word.to_string());
        }
        if word.is_zero() {
            return "none".to_owned();
        }
        let book = &self.desk.book;
        let licence = book.licences.iter().find(|(_, id)| **id == word).map(|(label, _)| format!("@{label}"));
        let dataset = || book.datasets.iter().find(|(_, id)| **id == word).map(|(slug, _)| slug.clone());
        licence.or_else(dataset).unwrap_or_else(|| word.to_string())
    }
}

/// A role's name by its hash; zero is the default admin's.
pub fn role_name(hash: B256) -> Option<String> {
    if hash.is_zero() {
        return Some("the default admin's role".to_owned());
    }
    let mut all = ROLES.iter().flat_map(|(_, roles)| roles.iter());
    all.find(|name| role(name) == hash).map(|name| (*name).to_owned())
}

/// Where the brace is that closes what has begun, outside of texts.
fn closing(text: &str) -> Option<usize> {
    let (mut depth, mut quoted, mut escaped) = (0usize, false, false);
    for (at, letter) in text.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '{' if !quoted => depth += 1,
            '}' if !quoted && depth == 0 => return Some(at),
            '}' if !quoted => depth -= 1,
            _ => {}
        }
    }
    None
}

/// Parts between commas, outside of texts, lists and structures.
fn split(text: &str) -> Vec<&str> {
    let (mut parts, mut begin, mut depth, mut quoted, mut escaped) = (Vec::new(), 0, 0usize, false, false);
    for (at, letter) in text.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '[' | '{' | '(' if !quoted => depth += 1,
            ']' | '}' | ')' if !quoted => depth = depth.saturating_sub(1),
            ',' if !quoted && depth == 0 => {
                parts.push(text[begin..at].trim());
                begin = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text[begin..].trim());
    parts.retain(|part| !part.is_empty());
    parts
}

fn fields(body: &str) -> Vec<(&str, &str)> {
    split(body).into_iter().filter_map(|part| part.split_once(": ")).collect()
}

/// `LicenceOffered` as `Licence offered`.
fn sentence(name: &str) -> String {
    let spaced = spaced(name);
    let mut letters = spaced.chars();
    letters.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
}

/// `payBy` as `pay by`.
fn spaced(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !text.is_empty() && !text.ends_with(' ') {
            text.push(' ');
        }
        text.push(letter.to_ascii_lowercase());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names are words, lists and texts with commas in them stay whole.
    #[test]
    fn rusts_own_form_is_taken_apart() {
        assert_eq!((sentence("LicenceOffered").as_str(), spaced("payBy").as_str()), ("Licence offered", "pay by"));
        let body = r#"a: 1, list: [2, 3], why: "one, {two}, \" three", last: X { b: 4, c: 5 }"#;
        let found = fields(body);
        assert_eq!(found.len(), 4, "{found:?}");
        assert_eq!(found[1], ("list", "[2, 3]"));
        assert_eq!(found[2].1, r#""one, {two}, \" three""#);
        let text = format!("{body} }} (advice)");
        assert_eq!(&text[closing(&text).expect("closed")..], "} (advice)");
    }

    /// Who lacks a role is told its name and not its hash.
    #[test]
    fn roles_have_names() {
        assert_eq!(role_name(role("AGENT_ROLE")).as_deref(), Some("AGENT_ROLE"));
        assert_eq!(role_name(B256::ZERO).as_deref(), Some("the default admin's role"));
        assert_eq!(role_name(B256::repeat_byte(9)), None);
    }
}
