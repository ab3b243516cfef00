//! What contracts tell and refuse, in words: their declarations name each field, and what a field counts follows from
//! its name.

use alloy_primitives::{Address, B256};

use super::{Desk, Plan, doings::roles::ROLES};
use crate::{
    book::Book,
    deployment::{Deployment, role},
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
const OF_SHARES: &[&str] = &[
    // Events and refusals.
    "Approval",
    "BelowLot",
    "NotEnoughShares",
    "TokensFrozen",
    "TokensUnfrozen",
    "Transfer",
    // Messages of the pool: of all but `deposit`.
    "approve",
    "buy",
    "deliver",
    "forcedTransfer",
    "freezePartialTokens",
    "mint",
    "release",
    "reserve",
    "transfer",
    "transferFrom",
    "unfreezePartialTokens",
];
/// Messages that have money in a field that elsewhere is shares.
const OF_MONEY: &[&str] = &["fundEscrow", "pay", "payHeld", "payShortfall"];
/// What has a number in a field that elsewhere is shares.
const NUMBERS: &[&str] = &["NotEnoughSignatures", "KeyRevoked", "TooFewKeys", "CommitteeSet", "CommitteeProposed"];

/// How names and amounts are written.
pub struct Words<'a> {
    book: &'a Book,
    deployment: Option<&'a Deployment>,
    coin: Option<Coin>,
}

impl<'a> Words<'a> {
    /// With the pool's currency, where it is known.
    pub fn new(desk: &'a Desk, coin: Option<Coin>) -> Self {
        Self { book: &desk.book, deployment: Some(&desk.deployment), coin }
    }

    /// Where there is no desk: by an address book, and the contracts' names where it is known where they are.
    pub fn of_book(book: &'a Book, deployment: Option<&'a Deployment>) -> Self {
        Self { book, deployment, coin: None }
    }

    /// A text of ours, in which what contracts and the chain refused may stand in their own form: all of it in words,
    /// and addresses by their names. What is in words already stays as it is.
    pub fn in_text(&self, text: &str) -> String {
        const REFUSED: &str = "refused: ";
        let text = match text.split_once(REFUSED) {
            Some((before, why)) => format!("{before}{REFUSED}{}", self.of(why)),
            None => text.to_owned(),
        };
        self.book.in_text(&of_pallets(&text), self.deployment)
    }

    /// A plan whose sentence and facts are as people read them, whoever wrote them.
    pub fn in_plan(&self, mut plan: Plan) -> Plan {
        plan.sentence = self.in_text(&plan.sentence);
        for fact in &mut plan.facts {
            (fact.says, fact.remedy) = (self.in_text(&fact.says), self.in_text(&fact.remedy));
        }
        plan
    }

    /// An event or an error as Rust's own form has it, `Name { field: value, … }` and what follows it: in words. What
    /// is no such thing stays as it is.
    pub fn of(&self, text: &str) -> String {
        let (name, after) = parted(text);
        // One without fields, and what is known about it in brackets, or what follows.
        if is_name(name) && (after.is_empty() || [" (", ";", ","].iter().any(|begin| after.starts_with(begin))) {
            return sentence(name) + after;
        }
        // Messages are named in lower case.
        let found = after.strip_prefix(" { ").filter(|_| !name.is_empty());
        let Some((rest, end)) = found.and_then(|rest| Some((rest, closing(rest)?))) else { return text.to_owned() };
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
        let of_money = OF_MONEY.contains(&name) && field == "value";
        if field.ends_with("Bps") {
            return u16::try_from(number).map_or_else(|_| value.to_owned(), |bps| Percent(bps).to_string());
        }
        if QUARTERS.contains(&field) {
            return u32::try_from(number).map_or_else(|_| value.to_owned(), |quarter| Period(quarter).to_string());
        }
        if TIMES.contains(&field) {
            return u64::try_from(number).map_or_else(|_| value.to_owned(), |seconds| Date(seconds).to_string());
        }
        if !counted && !of_money && (SHARES.contains(&field) || OF_SHARES.contains(&name) && field == "amount") {
            return Coin::shares().print(number);
        }
        match &self.coin {
            Some(coin) if of_money || MONEY.contains(&field) => coin.print(number),
            _ => value.to_owned(),
        }
    }

    fn address(&self, address: Address) -> String {
        match address.is_zero() {
            true => "nobody".to_owned(),
            false => self.book.name(address, self.deployment),
        }
    }

    fn word(&self, field: &str, word: B256) -> String {
        if field.to_ascii_lowercase().ends_with("role") {
            return role_name(word).unwrap_or_else(|| word.to_string());
        }
        if word.is_zero() {
            return "none".to_owned();
        }
        self.book.id_name(word).unwrap_or_else(|| word.to_string())
    }
}

/// A choice as it is typed.
pub fn word(choice: impl clap::ValueEnum) -> String {
    choice.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

/// What the rules refuse, as Rust's own form has it, in words: its name, and figures as they are.
pub fn in_words(before: &str, error: &impl std::fmt::Debug) -> String {
    let text = format!("{error:?}");
    let (name, figures) = parted(&text);
    let figures = figures.trim().trim_matches(['(', ')', '{', '}']).trim();
    let figures = if figures.is_empty() { String::new() } else { format!(" ({figures})") };
    format!("{before}: {}{figures}", spaced(name))
}

/// What a text begins with that may be a name, and the rest.
fn parted(text: &str) -> (&str, &str) {
    text.split_at(text.bytes().take_while(u8::is_ascii_alphanumeric).count())
}

/// Whether it is a name as errors have them: `EnforcedPause`.
fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_uppercase())
        && text.len() > 1
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// A text in which the chain's own errors, `Revive::OutOfGas`, are in words.
fn of_pallets(text: &str) -> String {
    let (mut told, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find("::") {
        let (before, after) = (&rest[..at], &rest[at + 2..]);
        let begin = before.rfind(|c: char| !c.is_ascii_alphanumeric()).map_or(0, |at| at + 1);
        let end = after.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(after.len());
        let (pallet, name) = (&before[begin..], &after[..end]);
        if is_name(pallet) && is_name(name) && !after[end..].starts_with("::") && !before[..begin].ends_with("::") {
            told.push_str(&before[..begin]);
            told.push_str(&format!("{} (as the chain's pallet {pallet} says)", spaced(name)));
        } else {
            told.push_str(&rest[..at + 2 + end]);
        }
        rest = &after[end..];
    }
    told + rest
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
    let mut before = ' ';
    for letter in name.chars() {
        // Of capitals in a row, as in ERC20, the first alone begins a word.
        if letter.is_ascii_uppercase() && before.is_ascii_lowercase() {
            text.push(' ');
        }
        text.push(letter.to_ascii_lowercase());
        before = letter;
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

    /// Proves NET-1: no refusal reaches a person in the form that programs have: names are words, fields are named,
    /// the chain's own errors too; what is words already stays, however often it is told.
    #[test]
    fn refusals_are_words() {
        let mut book = Book::default();
        let ada = Address::repeat_byte(0xad);
        book.label("ada", crate::book::Entry { address: ada, account: None }).expect("a label");
        let words = Words::of_book(&book, None);
        for (raw, told) in [
            (
                format!("contract {ada} refused: NotPlatform {{ caller: {ada}, platform: {ada} }}; again"),
                "contract @ada refused: Not platform: caller @ada, platform @ada; again",
            ),
            ("refused: EnforcedPause".into(), "refused: Enforced pause"),
            (
                "x refused: NothingToClaim (nothing was earned)".into(),
                "x refused: Nothing to claim (nothing was earned)",
            ),
            (
                "the chain cannot run this call: Revive::OutOfGas; do less".into(),
                "the chain cannot run this call: out of gas (as the chain's pallet Revive says); do less",
            ),
            ("it is shut; open it".into(), "it is shut; open it"),
            ("refused: Paused by an agent".into(), "refused: Paused by an agent"),
            ("ws://[::1]:9944 and a::b".into(), "ws://[::1]:9944 and a::b"),
        ] {
            assert_eq!(words.in_text(&raw), told);
            assert_eq!(words.in_text(told), told);
        }
    }

    /// What the rules refuse is told by its name's words.
    #[test]
    fn what_the_rules_refuse_is_words() {
        use yieldset_rules::market::MarketError;
        assert_eq!(in_words("it is not taken", &MarketError::OrderVoid(7)), "it is not taken: order void (7)");
        assert_eq!(in_words("it is not taken", &MarketError::NotListed), "it is not taken: not listed");
    }

    /// Who lacks a role is told its name and not its hash.
    #[test]
    fn roles_have_names() {
        assert_eq!(role_name(role("AGENT_ROLE")).as_deref(), Some("AGENT_ROLE"));
        assert_eq!(role_name(B256::ZERO).as_deref(), Some("the default admin's role"));
        assert_eq!(role_name(B256::repeat_byte(9)), None);
    }
}
