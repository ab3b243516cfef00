//! KYC records, as the registry has them. No personal data: that is not on chain.

use axum::{Json, extract::Path};
use serde::Serialize;
use utoipa::ToSchema;
use yieldset_rules::compliance::{self, Record, Terms};

use super::{
    asked::{Asked, AtParam},
    caller::Compliance,
    error::{ApiError, Failures},
    paging::{Page, PageParams, Paging, address},
};
use crate::{
    column::{Addr, Amount, TooLarge},
    snapshot::Snapshot,
};

/// Most changes of one record that are listed.
const HISTORY: i64 = 200;

/// Whether an account may hold, send, receive and claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Standing)]
pub enum StandingView {
    /// It may.
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
}

impl StandingView {
    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Eligible => "Verified",
            Self::NotVerified => "Not verified",
            Self::Expired => "Expired",
            Self::Frozen => "Frozen",
            Self::Sanctioned => "Sanctioned",
            Self::IssuerRemoved => "Issuer removed",
        }
    }

    /// As in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Eligible => "eligible",
            Self::NotVerified => "not_verified",
            Self::Expired => "expired",
            Self::Frozen => "frozen",
            Self::Sanctioned => "sanctioned",
            Self::IssuerRemoved => "issuer_removed",
        }
    }
}

/// What everybody is told of an account: whether it may, and why not in general. Of who is frozen, sanctioned or was
/// vouched for by an issuer that is removed, the reason is nobody else's to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PublicStanding {
    /// It may.
    Eligible,
    /// No record, or revoked.
    NotVerified,
    /// The record ran out.
    Expired,
    /// It may not.
    Restricted,
}

impl From<StandingView> for PublicStanding {
    fn from(standing: StandingView) -> Self {
        match standing {
            StandingView::Eligible => Self::Eligible,
            StandingView::NotVerified => Self::NotVerified,
            StandingView::Expired => Self::Expired,
            StandingView::Frozen | StandingView::Sanctioned | StandingView::IssuerRemoved => Self::Restricted,
        }
    }
}

impl PublicStanding {
    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Eligible => "Verified",
            Self::NotVerified => "Not verified",
            Self::Expired => "Expired",
            Self::Restricted => "Restricted",
        }
    }

    /// As in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Eligible => "eligible",
            Self::NotVerified => "not_verified",
            Self::Expired => "expired",
            Self::Restricted => "restricted",
        }
    }
}

/// What everybody is told of an account's KYC.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct PublicKyc {
    /// What follows from its record at the indexed block's time.
    pub standing: PublicStanding,
}

/// What everybody is told of an account's KYC, with whose.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct AccountStanding {
    /// Whose.
    pub account: Addr,
    /// What follows from its record at the indexed block's time; `not_verified` where it has none.
    pub standing: PublicStanding,
}

/// What a KYC record says at the indexed block.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct KycState {
    /// What follows from it at the indexed block's time.
    pub standing: StandingView,
    /// KYC level; zero without a record.
    pub level: i16,
    /// ISO 3166-1 numeric country code; zero without a record.
    pub jurisdiction: i32,
    /// Accredited investor.
    pub accredited: bool,
    /// Unix time in seconds from which on the record no longer counts.
    pub expiry: Amount,
    /// Frozen by an agent.
    pub frozen: bool,
    /// On a sanctions list.
    pub sanctioned: bool,
    /// Who vouches for it: the agent that set it, or the issuer that attested it.
    pub issuer: Addr,
    /// By an attestation: it counts only as long as its issuer is trusted.
    pub attested: bool,
}

impl KycState {
    /// Of an account without a record.
    pub fn none() -> Self {
        Self {
            standing: StandingView::NotVerified,
            level: 0,
            jurisdiction: 0,
            accredited: false,
            expiry: Amount::ZERO,
            frozen: false,
            sanctioned: false,
            issuer: Addr::default(),
            attested: false,
        }
    }

    /// With the standing that the rules give it at a Unix time; `trusted` is its issuer, where it has one.
    ///
    /// # Errors
    /// [`TooLarge`] for an expiry beyond 64 bits.
    pub fn at(self, now: u64, trusted: bool) -> Result<Self, TooLarge> {
        let record = Record {
            level: u8::try_from(self.level).unwrap_or(0),
            jurisdiction: u16::try_from(self.jurisdiction).unwrap_or(0),
            accredited: self.accredited,
            expiry: self.expiry.to_u64()?,
            frozen: self.frozen,
            sanctioned: self.sanctioned,
            // Where the issuer sits does not matter here: any seat whose term lasts stands for one that is trusted.
            seat: self.attested.into(),
            term: 1,
            ..Record::default()
        };
        let mut terms = Terms::NONE;
        if trusted {
            terms.turn(1);
        }
        let standing = match record.standing(&terms, now) {
            compliance::Standing::Eligible => StandingView::Eligible,
            compliance::Standing::NotVerified => StandingView::NotVerified,
            compliance::Standing::Expired => StandingView::Expired,
            compliance::Standing::Frozen => StandingView::Frozen,
            compliance::Standing::Sanctioned => StandingView::Sanctioned,
            compliance::Standing::IssuerRemoved => StandingView::IssuerRemoved,
        };
        Ok(Self { standing, ..self })
    }
}

/// An account's record in the registry that the deployment's pool asks now.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct KycRecord {
    /// The registry.
    pub registry: Addr,
    /// Whose.
    pub account: Addr,
    /// What it says.
    pub record: KycState,
    /// Block of its last change.
    pub block: i64,
    /// That event's place in its block.
    pub event_index: i64,
}

/// One change of a record.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct KycChange {
    /// The registry that it is in: the pool may have asked another then.
    pub registry: Addr,
    /// `set` or `revoked`.
    pub change: String,
    /// KYC level afterwards.
    pub level: i16,
    /// Country code afterwards.
    pub jurisdiction: i32,
    /// Accredited investor afterwards.
    pub accredited: bool,
    /// Expiry afterwards, in Unix seconds.
    pub expiry: Amount,
    /// Frozen afterwards.
    pub frozen: bool,
    /// On a sanctions list afterwards.
    pub sanctioned: bool,
    /// Who vouches for the record, or revoked it.
    pub issuer: Addr,
    /// Whether that is an issuer, by an attestation.
    pub attested: bool,
    /// Block.
    pub block: i64,
    /// The event's place in it.
    pub event_index: i64,
}

/// An account's record with its history.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct KycAccount {
    /// Whose.
    pub account: Addr,
    /// What counts now.
    pub record: KycState,
    /// Changes, newest first; the latest 200.
    pub history: Vec<KycChange>,
}

/// Whether an account may hold shares as far as its KYC goes, for everybody to know. An account without a record is not
/// verified.
#[utoipa::path(get, path = "/v1/kyc/{account}/standing", tag = "registries",
    params(("account" = Addr, Path, description = "The account"), AtParam),
    responses((status = 200, description = "The standing", body = AccountStanding), Failures))]
pub(crate) async fn standing(
    Asked(mut snapshot): Asked,
    Path(account): Path<String>,
) -> Result<Json<AccountStanding>, ApiError> {
    let account = address(&account)?;
    let standing = public(&mut snapshot, account).await?.standing;
    Ok(Json(AccountStanding { account, standing }))
}

/// What everybody is told of an account.
///
/// # Errors
/// `database-away`.
pub async fn public(snapshot: &mut Snapshot, account: Addr) -> Result<PublicKyc, ApiError> {
    let found = record(snapshot, account).await?;
    let standing = found.map_or(StandingView::NotVerified, |found| found.record.standing);
    Ok(PublicKyc { standing: standing.into() })
}

/// All records, by account. Wants a token of the role `compliance`.
#[utoipa::path(get, path = "/v1/kyc", tag = "registries", params(PageParams, AtParam),
    security(("token" = [])),
    responses((status = 200, description = "A page of records", body = Page<KycRecord>), Failures))]
pub(crate) async fn list(
    _: Compliance,
    Asked(mut snapshot): Asked,
    paging: Paging,
) -> Result<Json<Page<KycRecord>>, ApiError> {
    let (limit, after) = (paging.limit()?, paging.after::<Addr>()?);
    let rows = records(&mut snapshot, after, limit + 1).await?;
    Ok(Json(Page::from_rows(rows, limit, &snapshot, |row| row.account.to_string())))
}

/// One account's record and every change of it. Wants a token of the role `compliance`.
#[utoipa::path(get, path = "/v1/kyc/{account}", tag = "registries", security(("token" = [])),
    params(("account" = Addr, Path, description = "The account"), AtParam),
    responses((status = 200, description = "The record", body = KycAccount), Failures))]
pub(crate) async fn get(
    _: Compliance,
    Asked(mut snapshot): Asked,
    Path(account): Path<String>,
) -> Result<Json<KycAccount>, ApiError> {
    let account = address(&account)?;
    let found = record(&mut snapshot, account).await?;
    let record = found.map_or_else(KycState::none, |found| found.record);
    let history = sqlx::query_as!(
        KycChange,
        r#"SELECT registry AS "registry: Addr", change, level, jurisdiction, accredited, expiry AS "expiry: Amount", frozen, sanctioned,
                  issuer AS "issuer: Addr", attested, block, event_index
           FROM kyc_history WHERE account = $1 ORDER BY block DESC, event_index DESC LIMIT $2"#,
        account as _,
        HISTORY,
    )
    .fetch_all(snapshot.connection())
    .await?;
    Ok(Json(KycAccount { account, record, history }))
}

/// A record as it is stored.
struct Row {
    registry: Addr,
    account: Addr,
    level: i16,
    jurisdiction: i32,
    accredited: bool,
    expiry: Amount,
    frozen: bool,
    sanctioned: bool,
    issuer: Addr,
    attested: bool,
    block: i64,
    event_index: i64,
    trusted: bool,
}

impl Row {
    /// With what the rules say of it at a Unix time.
    fn told(self, now: u64) -> Result<KycRecord, TooLarge> {
        let Self {
            registry,
            account,
            level,
            jurisdiction,
            accredited,
            expiry,
            frozen,
            sanctioned,
            issuer,
            attested,
            ..
        } = self;
        let standing = StandingView::NotVerified;
        let record =
            KycState { standing, level, jurisdiction, accredited, expiry, frozen, sanctioned, issuer, attested };
        let record = record.at(now, self.trusted)?;
        Ok(KycRecord { registry, account, record, block: self.block, event_index: self.event_index })
    }
}

/// One account's record. A statement of its own: one plan for both would read all of them for one.
async fn record(snapshot: &mut Snapshot, account: Addr) -> Result<Option<KycRecord>, ApiError> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT registry AS "registry: Addr", account AS "account: Addr", level, jurisdiction, accredited,
                  expiry AS "expiry: Amount", frozen, sanctioned, issuer AS "issuer: Addr", attested, block, event_index,
                  EXISTS (SELECT FROM kyc_issuers i
                          WHERE i.registry = r.registry AND i.issuer = r.issuer AND trusted) AS "trusted!"
           FROM kyc_records r
           WHERE registry = (SELECT coalesce(nullif(p.kyc, decode(repeat('00', 20), 'hex')), d.kyc)
                             FROM deployment d LEFT JOIN pools p ON p.address = d.pool)
             AND account = $1"#,
        account as _,
    )
    .fetch_optional(snapshot.connection())
    .await?;
    let now = snapshot.now();
    Ok(row.map(|row| row.told(now)).transpose()?)
}

/// A page of all records.
async fn records(snapshot: &mut Snapshot, after: Option<Addr>, limit: i64) -> Result<Vec<KycRecord>, ApiError> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT registry AS "registry: Addr", account AS "account: Addr", level, jurisdiction, accredited,
                  expiry AS "expiry: Amount", frozen, sanctioned, issuer AS "issuer: Addr", attested, block, event_index,
                  EXISTS (SELECT FROM kyc_issuers i
                          WHERE i.registry = r.registry AND i.issuer = r.issuer AND trusted) AS "trusted!"
           FROM kyc_records r
           WHERE registry = (SELECT coalesce(nullif(p.kyc, decode(repeat('00', 20), 'hex')), d.kyc)
                             FROM deployment d LEFT JOIN pools p ON p.address = d.pool)
             AND account > $1
           ORDER BY account LIMIT $2"#,
        // Nothing is before every address.
        after.map_or_else(Vec::new, |after| after.0.to_vec()),
        limit,
    )
    .fetch_all(snapshot.connection())
    .await?;
    let now = snapshot.now();
    Ok(rows.into_iter().map(|row| row.told(now)).collect::<Result<_, _>>()?)
}
