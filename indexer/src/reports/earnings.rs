//! What an account earned, over all pools and currencies: dividends, contributions and trades of a period, and what it
//! holds and can take at the period's end.
//!
//! Each figure of the period is told by the rows that became known in it (`valid_from`): of a pool that became ours
//! later than it was made, all that came before counts for the block in which it did. So the figures of periods that
//! follow each other add up.

use std::{collections::BTreeMap, sync::Arc};

use clap::Args;
use serde::Serialize;
use sqlx::{Connection, PgConnection, PgPool};
use yieldset_service::cli;

use super::{AS_OF, AsOf, Format, MONEY, Money, ReportError, Since, Stored, moneys, open, since, sum, text, until};
use crate::{
    column::{Addr, Amount, Hash},
    mirror::detached,
    snapshot::{At, Snapshot},
};

/// Options of `earnings`.
#[derive(Debug, Clone, Args)]
pub struct EarningsArgs {
    /// The account's address.
    #[arg(value_name = "ACCOUNT")]
    account: Addr,
    /// Where the period begins: a block's height, a time, or a day (UTC); without it with the first block.
    #[arg(long, value_name = "BLOCK|DATE", value_parser = since)]
    from: Option<Since>,
    /// Where it ends: a block's height, a time, or a day (UTC, its end); without it with the last block.
    #[arg(long, value_name = "BLOCK|DATE", value_parser = until, visible_alias = "to")]
    at: Option<At>,
    /// How it looks.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

impl EarningsArgs {
    /// Prints what the account earned.
    ///
    /// # Errors
    /// [`ReportError`].
    pub async fn run(&self, pool: &PgPool) -> Result<(), ReportError> {
        let mut snapshot = open(pool, self.at.as_ref()).await?;
        let earned = earnings(&mut snapshot, self.account, self.from).await?;
        Ok(cli::print(&earned.to_bytes(self.format)?)?)
    }
}

/// Figures of one pool, or of all with one currency.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Figures {
    /// Dividends earned in the period, claimed or not; of a lost account that was replaced, until then.
    pub dividends_earned: Amount,
    /// Dividends claimed in the period.
    pub dividends_claimed: Amount,
    /// Dividends that can be claimed at its end.
    pub claimable: Amount,
    /// Contributions claimed in the period.
    pub contributions_claimed: Amount,
    /// Paid in the period for shares on a market.
    pub bought_for: Amount,
    /// Got in the period for shares on a market.
    pub sold_for: Amount,
    /// What markets hold for the account at its end: proceeds, refunds and surpluses that it did not withdraw.
    pub credit: Amount,
}

impl Figures {
    fn parts(&self) -> [Amount; 7] {
        let Self { dividends_earned, dividends_claimed, claimable, contributions_claimed, .. } = *self;
        let Self { bought_for, sold_for, credit, .. } = *self;
        [dividends_earned, dividends_claimed, claimable, contributions_claimed, bought_for, sold_for, credit]
    }

    fn add(&mut self, other: &Self) {
        self.dividends_earned = sum(self.dividends_earned, other.dividends_earned);
        self.dividends_claimed = sum(self.dividends_claimed, other.dividends_claimed);
        self.claimable = sum(self.claimable, other.claimable);
        self.contributions_claimed = sum(self.contributions_claimed, other.contributions_claimed);
        self.bought_for = sum(self.bought_for, other.bought_for);
        self.sold_for = sum(self.sold_for, other.sold_for);
        self.credit = sum(self.credit, other.credit);
    }

    fn cells(&self) -> impl Iterator<Item = String> {
        self.parts().into_iter().map(|figure| figure.to_string())
    }
}

/// The columns of [`Figures::cells`].
const FIGURES: [&str; 7] =
    ["dividends_earned", "dividends_claimed", "claimable", "contributions_claimed", "bought_for", "sold_for", "credit"];

/// What came of one pool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PoolEarnings {
    /// The pool.
    pub pool: Addr,
    /// As it calls its shares; empty where its rows are not mirrored.
    pub symbol: String,
    /// What the figures are in.
    pub money: Money,
    /// Share units at the period's end.
    pub balance: Amount,
    /// Share units bought on a market in the period.
    pub bought_shares: Amount,
    /// Share units sold on a market in the period.
    pub sold_shares: Amount,
    /// Money.
    #[serde(flatten)]
    pub figures: Figures,
}

/// What the account claimed in the period as a contributor to one accounting period of a stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ContributionEarnings {
    /// The pool.
    pub pool: Addr,
    /// Licence stream.
    pub stream: Hash,
    /// Accounting period.
    pub period: i64,
    /// The weight it proved; all weights sum to 10^18.
    pub weight: Amount,
    /// Claimed.
    pub claimed: Amount,
    /// What that is in.
    pub money: Money,
}

/// Sums over all pools with one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CurrencySum {
    /// The currency.
    pub money: Money,
    /// Money.
    #[serde(flatten)]
    pub figures: Figures,
}

/// What an account earned in a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Earnings {
    /// The account.
    pub account: Addr,
    /// The first block of the period; nothing where it begins with the first that is mirrored.
    pub from_block: Option<i64>,
    /// The last block of the period.
    pub as_of: AsOf,
    /// By pool.
    pub pools: Vec<PoolEarnings>,
    /// By pool, stream and accounting period.
    pub contributions: Vec<ContributionEarnings>,
    /// By currency, never across.
    pub sums: Vec<CurrencySum>,
}

/// What an account earned up to a snapshot's block.
///
/// # Errors
/// [`ReportError::Period`], [`ReportError::NothingIndexed`], [`ReportError::Broken`], [`ReportError::Database`].
pub async fn earnings(snapshot: &mut Snapshot, account: Addr, from: Option<Since>) -> Result<Earnings, ReportError> {
    let as_of = AsOf::of(snapshot)?;
    let connection = snapshot.connection();
    let before = before(connection, from).await?;
    if before.is_some_and(|before| before >= as_of.block) {
        return Err(ReportError::Period { block: as_of.block });
    }
    whole(connection, before, as_of.block).await?;
    let mut books = Books::default();
    for holding in holdings(connection, account).await? {
        let line = books.line(holding.pool, holding.currency);
        line.balance = holding.stored.balance;
        line.figures.claimable = holding.stored.claimable(holding.index)?;
        line.figures.dividends_earned = holding.earned()?;
    }
    if let Some(before) = before {
        for holding in holdings_at(connection, account, before).await? {
            let line = books.line(holding.pool, holding.currency);
            line.figures.dividends_earned = line.figures.dividends_earned.less(holding.earned()?);
        }
    }
    let known = before.unwrap_or(-1);
    let contributions = books.claims(connection, account, known).await?;
    books.trades(connection, account, known).await?;
    books.credits(connection, account).await?;
    books.report(snapshot, account, contributions, (before, as_of)).await
}

/// The last block before the period, -1 where that is none; `None` where the period has no beginning.
async fn before(connection: &mut PgConnection, from: Option<Since>) -> Result<Option<i64>, sqlx::Error> {
    let time = match from {
        None => return Ok(None),
        Some(Since::Block(number)) => return Ok(Some(number.saturating_sub(1))),
        Some(Since::Time(time)) => time,
    };
    let last =
        sqlx::query_scalar!(r#"SELECT coalesce(max(number), -1) AS "number!" FROM blocks WHERE time_ms < $1"#, time);
    last.fetch_one(connection).await.map(Some)
}

/// Whether the sums of a period are of all its months.
async fn whole(connection: &mut PgConnection, before: Option<i64>, last: i64) -> Result<(), ReportError> {
    let months = sqlx::query!(
        r#"SELECT coalesce((SELECT to_char(to_timestamp(time_ms / 1000) AT TIME ZONE 'UTC', 'YYYY_MM') FROM blocks
                            WHERE number > $1 ORDER BY number LIMIT 1), '') AS "first!",
                  coalesce((SELECT to_char(to_timestamp(time_ms / 1000) AT TIME ZONE 'UTC', 'YYYY_MM') FROM blocks
                            WHERE number = $2), '') AS "last!",
                  EXISTS (SELECT FROM contracts WHERE valid_from > $1) AS "joined!""#,
        before.unwrap_or(-1),
        last,
    )
    .fetch_one(&mut *connection)
    .await?;
    // What a contract told before it became ours counts from then on.
    let first = if months.joined { "" } else { months.first.as_str() };
    match detached(connection, &["mirror.claims", "mirror.trades"], (first, &months.last)).await? {
        months if months.is_empty() => Ok(()),
        months => Err(ReportError::Detached(months.join(", "))),
    }
}

/// Shares of one pool that an account has or had.
struct Holding {
    pool: Addr,
    currency: Addr,
    index: Amount,
    claimed: Amount,
    taken_over: Amount,
    handed_over: Amount,
    stored: Stored,
}

impl Holding {
    /// All dividends since the beginning: what a recovery moved was earned by the account that was lost.
    fn earned(&self) -> Result<Amount, ReportError> {
        let had = sum(sum(self.claimed, self.handed_over), self.stored.claimable(self.index)?);
        Ok(had.less(self.taken_over))
    }
}

async fn holdings(connection: &mut PgConnection, account: Addr) -> Result<Vec<Holding>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"SELECT h.pool AS "pool: Addr", p.currency AS "currency: Addr", p.dividend_index AS "index: Amount",
                  h.balance AS "balance: Amount", h.settled_index AS "settled_index: Amount",
                  h.pending AS "pending: Amount", h.fraction AS "fraction: Amount", h.claimed AS "claimed: Amount",
                  (SELECT coalesce(sum(r.pending), 0) FROM recoveries r
                   WHERE r.pool = h.pool AND r.replacement = h.account) AS "taken_over!: Amount",
                  (SELECT coalesce(sum(r.pending), 0) FROM recoveries r
                   WHERE r.pool = h.pool AND r.lost = h.account) AS "handed_over!: Amount"
           FROM holders h JOIN pools p ON p.address = h.pool WHERE h.account = $1 ORDER BY h.pool"#,
        account as _,
    )
    .fetch_all(connection)
    .await?;
    let holdings = rows.into_iter().map(|row| Holding {
        pool: row.pool,
        currency: row.currency,
        index: row.index,
        claimed: row.claimed,
        taken_over: row.taken_over,
        handed_over: row.handed_over,
        stored: Stored {
            account,
            balance: row.balance,
            settled_index: row.settled_index,
            pending: row.pending,
            fraction: row.fraction,
        },
    });
    Ok(holdings.collect())
}

/// The same after an earlier block. What the connection shows afterwards is what it showed before.
async fn holdings_at(connection: &mut PgConnection, account: Addr, block: i64) -> Result<Vec<Holding>, sqlx::Error> {
    // Settings of a transaction within the transaction go with it.
    let mut earlier = connection.begin().await?;
    sqlx::query(
        "SELECT set_config('search_path', 'mirror_at, mirror, public', true), set_config('yieldset.at', $1, true)",
    )
    .bind(block.to_string())
    .execute(&mut *earlier)
    .await?;
    let holdings = holdings(&mut earlier, account).await?;
    earlier.rollback().await?;
    Ok(holdings)
}

/// One pool's line: shares and money.
#[derive(Debug, Default, PartialEq, Eq)]
struct Line {
    balance: Amount,
    bought_shares: Amount,
    sold_shares: Amount,
    figures: Figures,
}

/// Lines by pool and currency: in a market that many share, a stranger's pool may say another currency than before.
#[derive(Debug, Default)]
struct Books(BTreeMap<(Addr, Addr), Line>);

/// What was claimed of a stream's accounting period.
struct Claimed {
    pool: Addr,
    currency: Addr,
    stream: Option<Hash>,
    period: Option<i64>,
    weight: Option<Amount>,
    amount: Amount,
}

impl Books {
    fn line(&mut self, pool: Addr, currency: Addr) -> &mut Line {
        self.0.entry((pool, currency)).or_default()
    }

    /// Adds what was claimed after a block, and gives the contributions by stream and period.
    async fn claims(
        &mut self,
        connection: &mut PgConnection,
        account: Addr,
        after: i64,
    ) -> Result<Vec<Claimed>, sqlx::Error> {
        let rows = sqlx::query_as!(
            Claimed,
            r#"SELECT c.pool AS "pool: Addr", p.currency AS "currency: Addr", c.stream AS "stream?: Hash",
                      c.period AS "period?", max(c.weight) AS "weight?: Amount", sum(c.amount) AS "amount!: Amount"
               FROM claims c JOIN pools p ON p.address = c.pool WHERE c.account = $1 AND c.valid_from > $2
               GROUP BY c.pool, p.currency, c.stream, c.period ORDER BY c.pool, c.period, c.stream"#,
            account as _,
            after,
        )
        .fetch_all(connection)
        .await?;
        let (contributions, dividends): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.stream.is_some());
        for row in &dividends {
            let figures = &mut self.line(row.pool, row.currency).figures;
            figures.dividends_claimed = sum(figures.dividends_claimed, row.amount);
        }
        for row in &contributions {
            let figures = &mut self.line(row.pool, row.currency).figures;
            figures.contributions_claimed = sum(figures.contributions_claimed, row.amount);
        }
        Ok(contributions)
    }

    /// Adds what was traded after a block.
    async fn trades(&mut self, connection: &mut PgConnection, account: Addr, after: i64) -> Result<(), sqlx::Error> {
        let rows = sqlx::query!(
            r#"SELECT t.pool AS "pool: Addr", coalesce(l.currency, p.currency) AS "currency!: Addr",
                      coalesce(sum(t.shares) FILTER (WHERE t.buyer = $1), 0) AS "bought_shares!: Amount",
                      coalesce(sum(t.cost) FILTER (WHERE t.buyer = $1), 0) AS "bought_for!: Amount",
                      coalesce(sum(t.shares) FILTER (WHERE t.seller = $1), 0) AS "sold_shares!: Amount",
                      coalesce(sum(t.cost) FILTER (WHERE t.seller = $1), 0) AS "sold_for!: Amount"
               FROM trades t LEFT JOIN listings l ON l.market = t.market AND l.pool = t.pool
                   LEFT JOIN pools p ON p.address = t.pool
               WHERE (t.buyer = $1 OR t.seller = $1) AND t.valid_from > $2
                 AND coalesce(l.currency, p.currency) IS NOT NULL
                 AND (t.market = (SELECT d.market FROM deployment d)
                OR EXISTS (SELECT FROM parts s WHERE s.pool = t.pool AND s.contract = t.market AND s.kind = 'market'))
               GROUP BY t.pool, coalesce(l.currency, p.currency)"#,
            account as _,
            after,
        )
        .fetch_all(connection)
        .await?;
        for row in rows {
            let line = self.line(row.pool, row.currency);
            line.bought_shares = row.bought_shares;
            line.sold_shares = row.sold_shares;
            line.figures.bought_for = row.bought_for;
            line.figures.sold_for = row.sold_for;
        }
        Ok(())
    }

    /// Adds what markets hold.
    async fn credits(&mut self, connection: &mut PgConnection, account: Addr) -> Result<(), sqlx::Error> {
        let rows = sqlx::query!(
            r#"SELECT c.pool AS "pool: Addr", coalesce(l.currency, p.currency) AS "currency!: Addr",
                      sum(c.credit) AS "credit!: Amount"
               FROM credits c LEFT JOIN listings l ON l.market = c.market AND l.pool = c.pool
                   LEFT JOIN pools p ON p.address = c.pool
               WHERE c.account = $1 AND coalesce(l.currency, p.currency) IS NOT NULL
                 AND (c.market = (SELECT d.market FROM deployment d)
                OR EXISTS (SELECT FROM parts s WHERE s.pool = c.pool AND s.contract = c.market AND s.kind = 'market'))
               GROUP BY c.pool, coalesce(l.currency, p.currency)"#,
            account as _,
        )
        .fetch_all(connection)
        .await?;
        for row in rows {
            self.line(row.pool, row.currency).figures.credit = row.credit;
        }
        Ok(())
    }

    /// With what pools and currencies are called.
    async fn report(
        mut self,
        snapshot: &mut Snapshot,
        account: Addr,
        claimed: Vec<Claimed>,
        (before, as_of): (Option<i64>, AsOf),
    ) -> Result<Earnings, ReportError> {
        self.0.retain(|_, line| *line != Line::default());
        let currencies = self.0.keys().map(|(_, currency)| *currency).collect();
        let moneys = moneys(snapshot, currencies).await?;
        let coin = Arc::clone(&snapshot.coin);
        let money = |currency: Addr| moneys.get(&currency).cloned().unwrap_or_else(|| Money::silent(currency, &coin));
        let symbols = symbols(snapshot.connection(), self.0.keys().map(|(pool, _)| *pool).collect()).await?;
        let mut sums: BTreeMap<Addr, Figures> = BTreeMap::new();
        for ((_, currency), line) in &self.0 {
            sums.entry(*currency).or_default().add(&line.figures);
        }
        let pools = self.0.into_iter().map(|((pool, currency), line)| PoolEarnings {
            pool,
            symbol: symbols.get(&pool).cloned().unwrap_or_default(),
            money: money(currency),
            balance: line.balance,
            bought_shares: line.bought_shares,
            sold_shares: line.sold_shares,
            figures: line.figures,
        });
        let contributions = claimed.into_iter().filter_map(|row| {
            let (stream, period, weight) = (row.stream?, row.period?, row.weight?);
            let money = money(row.currency);
            Some(ContributionEarnings { pool: row.pool, stream, period, weight, claimed: row.amount, money })
        });
        Ok(Earnings {
            account,
            from_block: before.map(|before| before.saturating_add(1)),
            as_of,
            pools: pools.collect(),
            contributions: contributions.collect(),
            sums: sums.into_iter().map(|(currency, figures)| CurrencySum { money: money(currency), figures }).collect(),
        })
    }
}

/// What pools call their shares.
async fn symbols(connection: &mut PgConnection, pools: Vec<Addr>) -> Result<BTreeMap<Addr, String>, sqlx::Error> {
    let rows =
        sqlx::query!(r#"SELECT address AS "address: Addr", symbol FROM pools WHERE address = ANY ($1)"#, pools as _,)
            .fetch_all(connection)
            .await?;
    Ok(rows.into_iter().map(|row| (row.address, row.symbol)).collect())
}

impl Earnings {
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
        let begin = self.from_block.map_or("from the first block".to_owned(), |block| format!("from block {block}"));
        let mut told = format!("{}, {begin}, {}\n", self.account, self.as_of.line());
        if self.pools.is_empty() {
            told.push_str("It earned nothing, and holds nothing.\n");
            return told;
        }
        let rows: Vec<Vec<String>> = self.pools.iter().map(PoolEarnings::cells).collect();
        let head: Vec<_> = ["pool"].into_iter().chain(SHARES).chain(FIGURES).chain(["money_in"]).collect();
        told.push_str(&format!("\nBy pool, shares in 10^-18\n{}", text::columns(&head, &rows)));
        if !self.contributions.is_empty() {
            let rows: Vec<Vec<String>> = self.contributions.iter().map(ContributionEarnings::cells).collect();
            let head = ["pool", "stream", "period", "weight", "claimed", "money_in"];
            told.push_str(&format!("\nAs a contributor, weights of 10^18\n{}", text::columns(&head, &rows)));
        }
        let named = |sum: &CurrencySum| [sum.money.named()].into_iter().chain(sum.figures.cells()).collect();
        let rows: Vec<Vec<String>> = self.sums.iter().map(named).collect();
        let head: Vec<_> = ["money_in"].into_iter().chain(FIGURES).collect();
        told.push_str(&format!("\nBy currency\n{}", text::columns(&head, &rows)));
        told
    }

    fn csv(&self) -> Vec<u8> {
        let mut csv = text::Csv::default();
        let names =
            ["row", "account", "pool", "pool_symbol"].into_iter().chain(MONEY).chain(CONTRIBUTION).chain(SHARES);
        csv.line(names.chain(FIGURES).chain(["from_block"]).chain(AS_OF));
        let mut line = |kind: &str, [pool, symbol]: [String; 2], money: &Money, cells: Vec<String>| {
            let from = self.from_block.map(|block| block.to_string()).unwrap_or_default();
            let begin = [kind.to_owned(), self.account.to_string(), pool, symbol].into_iter().chain(money.fields());
            csv.line(begin.chain(cells).chain([from]).chain(self.as_of.fields()));
        };
        let none = || std::iter::repeat_n(String::new(), CONTRIBUTION.len());
        for pool in &self.pools {
            let shares = pool.shares().into_iter().map(|figure| figure.to_string());
            let cells = none().chain(shares).chain(pool.figures.cells()).collect();
            line("pool", [pool.pool.to_string(), pool.symbol.clone()], &pool.money, cells);
        }
        for one in &self.contributions {
            let told = [one.stream.to_string(), one.period.to_string(), one.weight.to_string()];
            let figures = Figures { contributions_claimed: one.claimed, ..Figures::default() };
            let shares = std::iter::repeat_n(String::new(), SHARES.len());
            let figures = FIGURES.iter().zip(figures.cells());
            let figures =
                figures.map(|(name, cell)| if *name == "contributions_claimed" { cell } else { String::new() });
            let cells = told.into_iter().chain(shares).chain(figures).collect();
            line("contribution", [one.pool.to_string(), String::new()], &one.money, cells);
        }
        for sum in &self.sums {
            let shares = std::iter::repeat_n(String::new(), SHARES.len());
            let cells = none().chain(shares).chain(sum.figures.cells()).collect();
            line("sum", [String::new(), String::new()], &sum.money, cells);
        }
        csv.into_bytes()
    }
}

/// The columns of [`PoolEarnings::shares`].
const SHARES: [&str; 3] = ["balance", "bought_shares", "sold_shares"];
/// What only lines of contributions have.
const CONTRIBUTION: [&str; 3] = ["stream", "period", "weight"];

impl PoolEarnings {
    fn shares(&self) -> [Amount; 3] {
        [self.balance, self.bought_shares, self.sold_shares]
    }

    fn cells(&self) -> Vec<String> {
        let named =
            if self.symbol.is_empty() { self.pool.to_string() } else { format!("{} {}", self.pool, self.symbol) };
        let shares = self.shares().into_iter().map(|figure| figure.to_string());
        [named].into_iter().chain(shares).chain(self.figures.cells()).chain([self.money.named()]).collect()
    }
}

impl ContributionEarnings {
    fn cells(&self) -> Vec<String> {
        vec![
            self.pool.to_string(),
            self.stream.to_string(),
            self.period.to_string(),
            self.weight.to_string(),
            self.claimed.to_string(),
            self.money.named(),
        ]
    }
}
