//! Who holds a pool's shares, with what each can claim and what the KYC registry says of it, after a block.

use clap::Args;
use futures::TryStreamExt;
use serde::Serialize;
use sqlx::PgPool;
use yieldset_rules::compliance::{self, Record, Terms};
use yieldset_service::cli;

use super::{AS_OF, AsOf, Format, MONEY, Money, ReportError, Stored, moneys, open, sum, text, until};
use crate::{
    column::{Addr, Amount},
    snapshot::{At, Snapshot},
};

/// Options of `captable`.
#[derive(Debug, Clone, Args)]
pub struct CapTableArgs {
    /// The pool's address.
    #[arg(value_name = "POOL")]
    pool: Addr,
    /// The block's height, a time, or a day (UTC, its end); without it the last block.
    #[arg(long, value_name = "BLOCK|DATE", value_parser = until)]
    at: Option<At>,
    /// How it looks.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

impl CapTableArgs {
    /// Prints the cap table.
    ///
    /// # Errors
    /// [`ReportError`].
    pub async fn run(&self, pool: &PgPool) -> Result<(), ReportError> {
        let mut snapshot = open(pool, self.at.as_ref()).await?;
        let table = cap_table(&mut snapshot, self.pool).await?;
        Ok(cli::print(&table.to_bytes(self.format)?)?)
    }
}

/// What the pool's KYC registry says of an account at the block's time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It may hold, send, receive and claim.
    Eligible,
    /// No record, or revoked.
    NotVerified,
    /// The record ran out.
    Expired,
    /// Frozen by an agent.
    Frozen,
    /// On a sanctions list.
    Sanctioned,
    /// The issuer that attested the record is no longer trusted.
    IssuerRemoved,
    /// The pool has no registry.
    NotAsked,
    /// The registry is not mirrored: only the chain knows.
    Unknown,
}

impl Standing {
    /// As in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Eligible => "eligible",
            Self::NotVerified => "not_verified",
            Self::Expired => "expired",
            Self::Frozen => "frozen",
            Self::Sanctioned => "sanctioned",
            Self::IssuerRemoved => "issuer_removed",
            Self::NotAsked => "not_asked",
            Self::Unknown => "unknown",
        }
    }
}

impl From<compliance::Standing> for Standing {
    fn from(standing: compliance::Standing) -> Self {
        match standing {
            compliance::Standing::Eligible => Self::Eligible,
            compliance::Standing::NotVerified => Self::NotVerified,
            compliance::Standing::Expired => Self::Expired,
            compliance::Standing::Frozen => Self::Frozen,
            compliance::Standing::Sanctioned => Self::Sanctioned,
            compliance::Standing::IssuerRemoved => Self::IssuerRemoved,
        }
    }
}

/// An account that holds shares, or can claim money that it earned with some.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CapLine {
    /// The account.
    pub account: Addr,
    /// Share units.
    pub balance: Amount,
    /// Part of all shares in millionths, rounded down.
    pub share_millionths: u32,
    /// Dividends that it can claim, in the currency's smallest unit.
    pub claimable: Amount,
    /// Dividends that it claimed so far.
    pub claimed: Amount,
    /// What follows from its KYC record.
    pub standing: Standing,
    /// KYC level; zero without a record.
    pub level: i16,
    /// ISO 3166-1 numeric country code; zero without a record.
    pub jurisdiction: i32,
    /// Accredited investor.
    pub accredited: bool,
}

/// Sums over all accounts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct CapTotals {
    /// Accounts with shares.
    pub holders: u64,
    /// Share units: the pool's supply.
    pub balance: Amount,
    /// Dividends that can be claimed.
    pub claimable: Amount,
    /// Dividends that were claimed, by accounts that are not listed any more as well.
    pub claimed: Amount,
}

/// A pool's holders after a block, largest balance first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CapTable {
    /// The pool.
    pub pool: Addr,
    /// As the pool calls itself.
    pub name: String,
    /// As the pool calls its shares, which have 18 decimals.
    pub symbol: String,
    /// What its money is called.
    pub money: Money,
    /// The block.
    pub as_of: AsOf,
    /// Why the pool's rows stand still, where they do: then this is of an earlier block,
    /// [`fault_block`](Self::fault_block).
    pub fault: Option<String>,
    /// With which block they stood still.
    pub fault_block: Option<i64>,
    /// Those who hold shares, or can claim.
    pub holders: Vec<CapLine>,
    /// Sums.
    pub totals: CapTotals,
}

/// A pool, as far as its cap table needs it.
struct Pool {
    name: String,
    symbol: String,
    kyc: Addr,
    currency: Addr,
    supply: Amount,
    dividend_index: Amount,
    fault: Option<String>,
    fault_block: Option<i64>,
    is_mirrored: bool,
}

/// A holder with its record.
struct Row {
    account: Addr,
    balance: Amount,
    settled_index: Amount,
    pending: Amount,
    fraction: Amount,
    claimed: Amount,
    level: i16,
    jurisdiction: i32,
    accredited: bool,
    expiry: Amount,
    frozen: bool,
    sanctioned: bool,
    attested: bool,
    trusted: bool,
}

/// A pool's holders as a snapshot has them.
///
/// # Errors
/// [`ReportError::NoSuchPool`], [`ReportError::NothingIndexed`], [`ReportError::Broken`], [`ReportError::Database`].
pub async fn cap_table(snapshot: &mut Snapshot, pool: Addr) -> Result<CapTable, ReportError> {
    let (as_of, now) = (AsOf::of(snapshot)?, snapshot.now());
    let found = find(snapshot, pool).await?.ok_or(ReportError::NoSuchPool { pool, block: as_of.block })?;
    let mut moneys = moneys(snapshot, vec![found.currency]).await?;
    let money = moneys.remove(&found.currency).unwrap_or_else(|| Money::silent(found.currency, &snapshot.coin));
    let (mut holders, mut totals) = (Vec::new(), CapTotals::default());
    let mut rows = sqlx::query_as!(
        Row,
        r#"SELECT h.account AS "account: Addr", h.balance AS "balance: Amount",
                  h.settled_index AS "settled_index: Amount", h.pending AS "pending: Amount",
                  h.fraction AS "fraction: Amount", h.claimed AS "claimed: Amount",
                  coalesce(k.level, 0::smallint) AS "level!", coalesce(k.jurisdiction, 0) AS "jurisdiction!",
                  coalesce(k.accredited, false) AS "accredited!", coalesce(k.expiry, 0) AS "expiry!: Amount",
                  coalesce(k.frozen, false) AS "frozen!", coalesce(k.sanctioned, false) AS "sanctioned!",
                  coalesce(k.attested, false) AS "attested!",
                  EXISTS (SELECT FROM kyc_issuers i
                          WHERE i.registry = k.registry AND i.issuer = k.issuer AND i.trusted) AS "trusted!"
           FROM holders h LEFT JOIN kyc_records k ON k.registry = $2 AND k.account = h.account
           WHERE h.pool = $1 ORDER BY h.balance DESC, h.account"#,
        pool as _,
        found.kyc as _,
    )
    .fetch(snapshot.connection());
    while let Some(row) = rows.try_next().await? {
        let line = row.line(&found, now)?;
        let holds = line.balance > Amount::ZERO;
        totals.holders = totals.holders.saturating_add(holds.into());
        totals.balance = sum(totals.balance, line.balance);
        totals.claimable = sum(totals.claimable, line.claimable);
        totals.claimed = sum(totals.claimed, line.claimed);
        if holds || line.claimable > Amount::ZERO {
            holders.push(line);
        }
    }
    drop(rows);
    let Pool { name, symbol, fault, fault_block, .. } = found;
    Ok(CapTable { pool, name, symbol, money, as_of, fault, fault_block, holders, totals })
}

async fn find(snapshot: &mut Snapshot, pool: Addr) -> Result<Option<Pool>, sqlx::Error> {
    sqlx::query_as!(
        Pool,
        r#"SELECT p.name, p.symbol, p.kyc AS "kyc: Addr", p.currency AS "currency: Addr", p.supply AS "supply: Amount",
                  p.dividend_index AS "dividend_index: Amount", c.fault AS "fault?", c.fault_block AS "fault_block?",
                  EXISTS (SELECT FROM contracts r WHERE r.address = p.kyc AND r.kind = 'kyc') AS "is_mirrored!"
           FROM pools p LEFT JOIN contracts c ON c.address = p.address AND c.kind = 'pool' WHERE p.address = $1"#,
        pool as _,
    )
    .fetch_optional(snapshot.connection())
    .await
}

impl Row {
    fn line(self, pool: &Pool, now: u64) -> Result<CapLine, ReportError> {
        let standing = self.standing(pool, now)?;
        let Self { account, balance, settled_index, pending, fraction, claimed, .. } = self;
        let claimable = Stored { account, balance, settled_index, pending, fraction }.claimable(pool.dividend_index)?;
        let Self { level, jurisdiction, accredited, .. } = self;
        let share_millionths = millionths(balance, pool.supply);
        Ok(CapLine {
            account,
            balance,
            share_millionths,
            claimable,
            claimed,
            standing,
            level,
            jurisdiction,
            accredited,
        })
    }

    fn standing(&self, pool: &Pool, now: u64) -> Result<Standing, ReportError> {
        if pool.kyc == Addr::default() {
            return Ok(Standing::NotAsked);
        }
        if !pool.is_mirrored {
            return Ok(Standing::Unknown);
        }
        let broken = |what| ReportError::Broken { what, of: self.account };
        let record = Record {
            level: u8::try_from(self.level).map_err(|_| broken("the KYC level"))?,
            jurisdiction: u16::try_from(self.jurisdiction).map_err(|_| broken("the country"))?,
            accredited: self.accredited,
            expiry: self.expiry.to_u64().map_err(|_| broken("the KYC record's expiry"))?,
            frozen: self.frozen,
            sanctioned: self.sanctioned,
            // Where the issuer sits does not matter here: any seat whose term lasts stands for one that is trusted.
            seat: self.attested.into(),
            term: 1,
            ..Record::default()
        };
        let mut terms = Terms::NONE;
        if self.trusted {
            terms.turn(1);
        }
        Ok(record.standing(&terms, now).into())
    }
}

/// `⌊part · 10^6 / whole⌋`; zero of nothing.
fn millionths(part: Amount, whole: Amount) -> u32 {
    // What the rules count in has 128 bits, so this fits 256.
    let scaled = part.0.checked_mul(alloy_primitives::U256::from(1_000_000)).and_then(|n| n.checked_div(whole.0));
    scaled.and_then(|n| u32::try_from(n).ok()).unwrap_or(0)
}

impl CapTable {
    /// As text.
    ///
    /// # Errors
    /// [`ReportError::Json`].
    pub fn to_bytes(&self, format: Format) -> Result<Vec<u8>, ReportError> {
        Ok(match format {
            Format::Table => self.for_people().into_bytes(),
            Format::Csv => self.csv(),
            Format::Json => [serde_json::to_vec_pretty(self)?, b"\n".to_vec()].concat(),
        })
    }

    fn for_people(&self) -> String {
        let name = yieldset_service::printable(&format!("{} ({})", self.name, self.symbol));
        let mut told = format!("{name}, pool {}, {}\n", self.pool, self.as_of.line());
        if let Some(fault) = &self.fault {
            let block = self.fault_block.unwrap_or(self.as_of.block);
            let fault = yieldset_service::printable(fault);
            told.push_str(&format!(
                "It stands still since block {block}, and what came after is not in here: {fault}\n"
            ));
        }
        told.push_str(&format!("Shares in 10^-18, money in {}\n\n", self.money.named()));
        let mut rows: Vec<Vec<String>> = self.holders.iter().map(CapLine::cells).collect();
        let CapTotals { holders, balance, claimable, claimed } = &self.totals;
        let total = format!("{holders} holders");
        rows.push([total, balance.to_string(), String::new(), claimable.to_string(), claimed.to_string()].into());
        told.push_str(&text::columns(&HEAD, &rows));
        told
    }

    fn csv(&self) -> Vec<u8> {
        let mut csv = text::Csv::default();
        let head = ["row", "pool", "pool_symbol"].iter().chain(&HEAD).chain(&MONEY).chain(&AS_OF);
        csv.line(head);
        let line = |kind: &str, cells: Vec<String>| {
            let mut fields = vec![kind.to_owned(), self.pool.to_string(), self.symbol.clone()];
            fields.extend(cells);
            fields.resize(3 + HEAD.len(), String::new());
            fields.extend(self.money.fields());
            fields.extend(self.as_of.fields());
            fields
        };
        for holder in &self.holders {
            csv.line(line("holder", holder.cells()));
        }
        let CapTotals { balance, claimable, claimed, .. } = &self.totals;
        let sums = [String::new(), balance.to_string(), String::new(), claimable.to_string(), claimed.to_string()];
        csv.line(line("total", sums.into()));
        csv.into_bytes()
    }
}

/// The columns of [`CapLine::cells`].
const HEAD: [&str; 9] = [
    "account",
    "balance",
    "share_millionths",
    "claimable",
    "claimed",
    "standing",
    "level",
    "jurisdiction",
    "accredited",
];

impl CapLine {
    fn cells(&self) -> Vec<String> {
        vec![
            self.account.to_string(),
            self.balance.to_string(),
            self.share_millionths.to_string(),
            self.claimable.to_string(),
            self.claimed.to_string(),
            self.standing.name().to_owned(),
            self.level.to_string(),
            self.jurisdiction.to_string(),
            self.accredited.to_string(),
        ]
    }
}
