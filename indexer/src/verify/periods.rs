//! Contributors' money: periods, which way out each has, and what contributors took.

use yieldset_chain::abi::Pool;
use yieldset_rules::{
    contribution::WEIGHT_ONE,
    dispute::Phase,
    waiting::{Place, Way, way_out},
};

use super::{Chain, Comparison, each, narrow};
use crate::{
    api::reports::standing,
    column::{Addr, Amount, Hash},
    error::IndexerError,
    snapshot::Snapshot,
};

pub(super) async fn compare(
    snapshot: &mut Snapshot,
    chain: &Chain<'_>,
    found: &mut Comparison,
) -> Result<(), IndexerError> {
    periods(snapshot, chain, found).await?;
    contributions(snapshot, chain, found).await
}

/// A period with what decides on its money.
struct PeriodRow {
    pool: Addr,
    stream: Hash,
    period: i64,
    total: Amount,
    claimed: Amount,
    weight_claimed: Amount,
    kept_root: Option<Hash>,
    books: bool,
    attribution: Addr,
    licences: Option<Addr>,
    phase: Option<i16>,
    until: Option<i64>,
    window_left: Option<i64>,
    nothing_qualified: Option<bool>,
    next: Option<i64>,
    last: Option<i64>,
    licensed: bool,
    adopted: Option<i64>,
}

impl PeriodRow {
    /// Which way out what nobody has claimed has at a time, by the rules.
    fn way(&self, now: u64) -> Way {
        if self.kept_root.is_some() || self.weight_claimed != Amount::ZERO {
            return Way::Claim;
        }
        let number = |period: Option<i64>| narrow(period.unwrap_or(0));
        let standing = standing(self.phase.unwrap_or(0), self.until.unwrap_or(0), self.window_left.unwrap_or(0));
        let withdrawn = standing.phase() == Phase::Withdrawn;
        let place = Place {
            state: standing.state(now),
            has_weights: self.nothing_qualified == Some(false),
            withdrawn_at: if withdrawn { standing.until } else { 0 },
            next: number(self.next),
            last: number(self.last),
        };
        let adopted = self.adopted.map_or(0, super::wide);
        let licence_end = if self.licensed { u64::MAX } else { 0 };
        way_out(narrow(self.period), &place, licence_end, adopted, now)
    }

    /// The same as `waitingOf` tells it: a state, and the period that the money goes to.
    fn waiting(&self, now: u64) -> (&'static str, u32) {
        if self.total.less(self.claimed) == Amount::ZERO {
            return ("none", 0);
        }
        match self.way(now) {
            Way::Claim => ("claim", 0),
            Way::Decision => ("decision", 0),
            Way::Report => ("report", 0),
            Way::Carry(to) => ("carry", to),
            Way::Release => ("release", 0),
        }
    }
}

/// The numbers of `waitingOf`.
const WAYS: [&str; 6] = ["none", "claim", "decision", "report", "carry", "release"];

async fn periods(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    let rows = sqlx::query_as!(
        PeriodRow,
        r#"SELECT m.pool AS "pool!: Addr", m.stream AS "stream!: Hash", m.period AS "period!", total AS "total!: Amount",
                  claimed AS "claimed!: Amount", weight_claimed AS "weight_claimed!: Amount",
                  kept_root AS "kept_root?: Hash", books AS "books!", attribution AS "attribution!: Addr",
                  licences AS "licences?: Addr",
                  r.phase AS "phase?", r.until AS "until?", r.window_left AS "window_left?",
                  r.nothing_qualified AS "nothing_qualified?",
                  (SELECT min(period) FROM reports n WHERE n.registry = p.attribution AND n.pool = m.pool
                     AND n.stream = m.stream AND n.period > m.period) AS next,
                  (SELECT max(period) FROM reports l WHERE l.registry = p.attribution AND l.pool = m.pool
                     AND l.stream = m.stream) AS last,
                  EXISTS (SELECT FROM licences l WHERE l.licence = m.stream AND l.contract = p.licences) AS "licensed!",
                  (SELECT max(time_ms) / 1000 FROM journal j JOIN blocks b ON b.number = j.block
                     WHERE j.address = p.address AND j.kind = 'SuccessorAdopted' AND j.payload->>'part' IN ('1', '3'))
                      AS adopted
           FROM periods m JOIN pools p ON p.address = m.pool JOIN contracts c ON c.address = m.pool AND c.kind = 'pool'
             LEFT JOIN reports r ON r.registry = p.attribution AND r.pool = m.pool AND r.stream = m.stream
               AND r.period = m.period
           WHERE c.fault IS NULL AND greatest(m.valid_from, r.valid_from) > $1 ORDER BY m.pool, m.stream, m.period"#,
        chain.since,
    )
    .fetch(snapshot.connection());
    let ask = |row: PeriodRow| async move {
        let (stream, period) = (row.stream.0, narrow(row.period));
        let money = chain.ask(row.pool, Pool::periodOfCall { stream, period }).await?;
        let root = chain.ask(row.pool, Pool::keptRootCall { stream, period }).await?;
        let waiting = chain.ask(row.pool, Pool::waitingOfCall { stream, period }).await?;
        Ok::<_, IndexerError>((row, money, root, waiting))
    };
    let count = each(rows, ask, |(row, money, root, waiting)| {
        let what = format!("period {} of stream {} of {}", row.period, row.stream, row.pool);
        found.about("pool", row.pool);
        if let Some(theirs) = found.answer(&what, money) {
            found.same(format!("{what}: total"), row.total, theirs.total.into());
            found.same(format!("{what}: claimed"), row.claimed, theirs.claimed.into());
            // Where periods can have several books, weights have one each; rows are of all.
            if !row.books {
                found.same(format!("{what}: weightClaimed"), row.weight_claimed, Amount::from(theirs.weightClaimed));
            }
        }
        if !row.books {
            found.told(format!("{what}: kept root"), row.kept_root.unwrap_or_default(), root, Hash::from);
        }
        // Which way out there is the pool asks its registry and its licence contract.
        found.about_also("attribution", row.attribution);
        found.about_also("licence", row.licences.unwrap_or_default());
        let Some(theirs) = found.answer(format!("{what}: what waits"), waiting) else { return };
        // What is left in an earlier book the pool does not count to what waits in the last.
        if !row.books {
            found.same(format!("{what}: unclaimed"), row.total.less(row.claimed), theirs.amount.into());
        }
        let (ours, to) = row.waiting(chain.now);
        let way = WAYS.get(usize::from(theirs.state)).copied().unwrap_or("unknown");
        // When a licence's stream has ended the pool alone knows, and this says so.
        let open = row.licensed && ours == "report" && way == "release";
        found.same(format!("{what}: way out"), ours, if open { "report" } else { way });
        found.same(format!("{what}: carried to"), to, theirs.to);
    })
    .await?;
    found.counted(count, "periods");
    Ok(())
}

async fn contributions(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    struct Row {
        pool: Addr,
        stream: Hash,
        period: i64,
        account: Addr,
        claimed: Amount,
        weight: Amount,
    }
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT m.pool AS "pool: Addr", stream AS "stream: Hash", period, account AS "account: Addr",
                  claimed AS "claimed: Amount", weight AS "weight: Amount"
           FROM contributions m JOIN contracts c ON c.address = m.pool AND c.kind = 'pool'
           WHERE c.fault IS NULL AND m.valid_from > $1 ORDER BY m.pool, stream, period, account"#,
        chain.since,
    )
    .fetch(snapshot.connection());
    let ask = |row: Row| async move {
        let (stream, period, account) = (row.stream.0, narrow(row.period), row.account.0);
        let claimed = chain.ask(row.pool, Pool::contributionClaimedCall { stream, period, account }).await?;
        Ok::<_, IndexerError>((row, claimed))
    };
    let count = each(rows, ask, |(row, claimed)| {
        let Row { pool, stream, period, account, .. } = row;
        let what = format!("contribution of {account} in period {period} of stream {stream} of {pool}");
        found.about("pool", pool);
        found.told(format!("{what}: claimed"), row.claimed, claimed, Amount::from);
        let weight = row.weight;
        found.holds(format!("{what}: weight {weight} is at most 10^18"), weight <= Amount::from(WEIGHT_ONE));
    })
    .await?;
    found.counted(count, "contributions");
    Ok(())
}
