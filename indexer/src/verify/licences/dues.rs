//! What quarters and licence years owe, and what was paid of it.

use yieldset_chain::{SolValue, abi::Licence};

use super::{numbered, record};
use crate::{
    column::{Addr, Amount, Hash},
    error::IndexerError,
    snapshot::Snapshot,
    verify::{Chain, Comparison, each},
};

pub(super) async fn compare(
    snapshot: &mut Snapshot,
    chain: &Chain<'_>,
    found: &mut Comparison,
) -> Result<(), IndexerError> {
    quarters(snapshot, chain, found).await?;
    years(snapshot, chain, found).await
}

struct QuarterRow {
    contract: Addr,
    licence: Hash,
    quarter: i64,
    gross: Option<Amount>,
    infrastructure: Option<Amount>,
    taxes: Option<Amount>,
    net: Option<Amount>,
    evidence: Option<Hash>,
    tokens: Option<Amount>,
    calls: Option<Amount>,
    report: Option<Hash>,
    due: Option<Amount>,
    paid: Amount,
    interest: Amount,
    in_default: bool,
}

async fn quarters(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    let rows = sqlx::query_as!(
        QuarterRow,
        r#"SELECT contract AS "contract: Addr", licence AS "licence: Hash", quarter, gross AS "gross: Amount",
                  infrastructure AS "infrastructure: Amount", taxes AS "taxes: Amount", net AS "net: Amount",
                  evidence AS "evidence: Hash", tokens AS "tokens: Amount", calls AS "calls: Amount", report AS "report: Hash",
                  due AS "due: Amount", paid AS "paid: Amount", interest AS "interest: Amount", in_default
           FROM licence_quarters WHERE valid_from > $1 ORDER BY contract, licence, quarter"#,
        chain.since,
    )
    .fetch(snapshot.connection());
    let ask = |row: QuarterRow| async move {
        let (key, which) = ((row.contract, row.licence), numbered(row.quarter));
        let told = record(chain, key, (b'Q', which), Licence::Quarter::abi_decode).await?;
        let due = record(chain, key, (b'U', which), Licence::Due::abi_decode).await?;
        Ok::<_, IndexerError>((row, told, due))
    };
    let count = each(rows, ask, |(row, told, due)| {
        let what = format!("quarter {} of licence {} of {}", row.quarter, row.licence, row.contract);
        found.about("licence", row.contract);
        if let Some(theirs) = found.answer(&what, told) {
            let figures = [
                ("gross", row.gross, theirs.gross.into()),
                ("infrastructure", row.infrastructure, theirs.infrastructure.into()),
                ("taxes", row.taxes, theirs.taxes.into()),
                ("tokens", row.tokens, theirs.tokens.into()),
                ("calls", row.calls, Amount::from(theirs.calls)),
            ];
            for (figure, here, chain) in figures {
                found.same(format!("{what}: {figure}"), here.unwrap_or_default(), chain);
            }
            if let Some(net) = row.net {
                found.same(format!("{what}: net"), net, theirs.base.into());
            }
            found.same(format!("{what}: evidence"), row.evidence.unwrap_or_default(), theirs.evidence.into());
            found.same(format!("{what}: report"), row.report.unwrap_or_default(), theirs.usageReport.into());
        }
        if let Some(theirs) = found.answer(format!("{what}: due"), due) {
            found.same(format!("{what}: due"), row.due.unwrap_or_default(), theirs.due.into());
            found.same(format!("{what}: paid"), row.paid, theirs.paid.into());
            found.same(format!("{what}: interest paid"), row.interest, theirs.interestPaid.into());
            found.same(format!("{what}: in default"), row.in_default, theirs.inDefault);
        }
    })
    .await?;
    found.counted(count, "licences' quarters");
    Ok(())
}

struct YearRow {
    contract: Addr,
    licence: Hash,
    year: i64,
    guaranteed: Option<Amount>,
    earned: Option<Amount>,
    from_escrow: Option<Amount>,
    owed: Amount,
}

/// Of a year that was not trued up events tell nothing but its default.
async fn years(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    let rows = sqlx::query_as!(
        YearRow,
        r#"SELECT contract AS "contract: Addr", licence AS "licence: Hash", year, guaranteed AS "guaranteed: Amount",
                  earned AS "earned: Amount", from_escrow AS "from_escrow: Amount", owed AS "owed: Amount"
           FROM licence_years WHERE trued_up_at IS NOT NULL AND valid_from > $1 ORDER BY contract, licence, year"#,
        chain.since,
    )
    .fetch(snapshot.connection());
    let ask = |row: YearRow| async move {
        let key = (row.contract, row.licence);
        let told = record(chain, key, (b'Y', numbered(row.year)), Licence::Year::abi_decode).await?;
        Ok::<_, IndexerError>((row, told))
    };
    let count = each(rows, ask, |(row, told)| {
        let what = format!("year {} of licence {} of {}", row.year, row.licence, row.contract);
        found.about("licence", row.contract);
        let Some(theirs) = found.answer(&what, told) else { return };
        found.same(format!("{what}: trued up"), true, theirs.truedUp);
        found.same(format!("{what}: guaranteed"), row.guaranteed.unwrap_or_default(), theirs.guaranteed.into());
        found.same(format!("{what}: earned"), row.earned.unwrap_or_default(), theirs.earned.into());
        found.same(format!("{what}: from the escrow"), row.from_escrow.unwrap_or_default(), theirs.fromEscrow.into());
        found.same(format!("{what}: owed"), row.owed, theirs.owed.into());
    })
    .await?;
    found.counted(count, "licences' years");
    Ok(())
}
