//! KYC registries: records, agents and issuers.

use futures::TryStreamExt;
use yieldset_chain::{
    abi::{Access, Kyc},
    deployment::role,
};

use super::{Chain, Comparison, db, each};
use crate::{
    column::{Addr, Amount},
    error::IndexerError,
    snapshot::Snapshot,
};

pub(super) async fn compare(
    snapshot: &mut Snapshot,
    chain: &Chain<'_>,
    found: &mut Comparison,
) -> Result<(), IndexerError> {
    records(snapshot, chain, found).await?;
    agents(snapshot, chain, found).await?;
    issuers(snapshot, chain, found).await?;
    all_issuers(snapshot, chain, found).await
}

struct RecordRow {
    registry: Addr,
    account: Addr,
    level: i16,
    jurisdiction: i32,
    accredited: bool,
    expiry: Amount,
    frozen: bool,
    sanctioned: bool,
    issuer: Addr,
    nonce: Amount,
}

async fn records(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    let rows = sqlx::query_as!(
        RecordRow,
        r#"SELECT registry AS "registry: Addr", account AS "account: Addr", level, jurisdiction, accredited,
                  expiry AS "expiry: Amount", frozen, sanctioned, issuer AS "issuer: Addr", nonce AS "nonce: Amount"
           FROM kyc_records WHERE valid_from > $1 ORDER BY registry, account"#,
        chain.since,
    )
    .fetch(snapshot.connection());
    let ask = |row: RecordRow| async move {
        let account = row.account.0;
        let record = chain.ask(row.registry, Kyc::recordOfCall { account }).await?;
        let sanctioned = chain.ask(row.registry, Kyc::isSanctionedCall { account }).await?;
        let nonce = chain.ask(row.registry, Kyc::noncesCall { account }).await?;
        Ok::<_, IndexerError>((row, record, sanctioned, nonce))
    };
    let count = each(rows, ask, |(row, record, sanctioned, nonce)| {
        let what = format!("KYC record of {} in {}", row.account, row.registry);
        found.about("kyc", row.registry);
        if let Some(theirs) = found.answer(&what, record) {
            found.same(format!("{what}: level"), row.level, i16::from(theirs.level));
            found.same(format!("{what}: jurisdiction"), row.jurisdiction, i32::from(theirs.jurisdiction));
            found.same(format!("{what}: accredited"), row.accredited, theirs.accredited);
            found.same(format!("{what}: expiry"), row.expiry, Amount::from(theirs.expiry));
            found.same(format!("{what}: frozen"), row.frozen, theirs.frozen);
            found.same(format!("{what}: issuer"), row.issuer, theirs.issuer.into());
        }
        found.told(format!("{what}: sanctioned"), row.sanctioned, sanctioned, |told| told);
        found.told(format!("{what}: nonce"), row.nonce, nonce, Amount::from);
    })
    .await?;
    found.counted(count, "KYC records");
    Ok(())
}

async fn agents(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    struct Row {
        registry: Addr,
        agent: Addr,
        active: bool,
    }
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT registry AS "registry: Addr", agent AS "agent: Addr", active FROM kyc_agents WHERE valid_from > $1
           ORDER BY registry, agent"#,
        chain.since,
    )
    .fetch(snapshot.connection());
    let ask = |row: Row| async move {
        let call = Access::hasRoleCall { role: role("AGENT_ROLE"), account: row.agent.0 };
        let active = chain.ask(row.registry, call).await?;
        Ok::<_, IndexerError>((row, active))
    };
    let count = each(rows, ask, |(row, active)| {
        found.about("kyc", row.registry);
        found.told(format!("KYC agent {} of {}", row.agent, row.registry), row.active, active, |told| told);
    })
    .await?;
    found.counted(count, "KYC agents");
    Ok(())
}

async fn issuers(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    struct Row {
        registry: Addr,
        issuer: Addr,
        trusted: bool,
    }
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT registry AS "registry: Addr", issuer AS "issuer: Addr", trusted FROM kyc_issuers WHERE valid_from > $1
           ORDER BY registry, issuer"#,
        chain.since,
    )
    .fetch(snapshot.connection());
    let ask = |row: Row| async move {
        let trusted = chain.ask(row.registry, Kyc::isTrustedIssuerCall { issuer: row.issuer.0 }).await?;
        Ok::<_, IndexerError>((row, trusted))
    };
    let count = each(rows, ask, |(row, trusted)| {
        found.about("kyc", row.registry);
        found.told(format!("KYC issuer {} of {}", row.issuer, row.registry), row.trusted, trusted, |told| told);
    })
    .await?;
    found.counted(count, "KYC issuers");
    Ok(())
}

/// No issuer that a registry trusts is missing here. A contract has at most a few dozen seats for them.
async fn all_issuers(snapshot: &mut Snapshot, chain: &Chain<'_>, found: &mut Comparison) -> Result<(), IndexerError> {
    let mut rows = sqlx::query!(
        r#"SELECT address AS "registry: Addr",
                  ARRAY(SELECT issuer FROM kyc_issuers i WHERE i.registry = c.address AND trusted ORDER BY issuer)
                      AS "trusted!: Vec<Addr>"
           FROM contracts c WHERE kind = 'kyc' ORDER BY address"#
    )
    .fetch(snapshot.connection());
    while let Some(row) = rows.try_next().await.map_err(db)? {
        found.about("kyc", row.registry);
        let trusted = chain.ask(row.registry, Kyc::getTrustedIssuersCall {}).await?;
        let list = |addresses: &[Addr]| addresses.iter().map(Addr::to_string).collect::<Vec<_>>().join(" ");
        found.told(format!("KYC issuers of {}", row.registry), list(&row.trusted), trusted, |told| {
            let mut told: Vec<Addr> = told.into_iter().map(Addr::from).collect();
            told.sort_unstable();
            list(&told)
        });
    }
    Ok(())
}
