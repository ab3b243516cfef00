//! What people do on chain, prepared for a wallet: the same acts as `yieldset`'s commands. Nothing is signed or sent
//! here, and no name is known but addresses: whoever asks has their own address book.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use yieldset_chain::{
    Address, ChainError,
    acts::{
        ActError, purse,
        registry::{Told, by_name, declared_acts},
        told,
    },
};

use super::error::{ApiError, BodyFailures, Refusals};
use crate::{app::App, column::Addr, preparing::AT_ONCE};

/// An act, as it is declared.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Declared {
    /// Noun and verb, such as `pool transfer`.
    pub name: &'static str,
    /// What it does.
    pub says: &'static str,
    /// Who may.
    pub who_may: String,
    /// The messages that it may need, such as `Pool.transfer`.
    pub calls: Vec<String>,
}

/// Who wants to do it, and how.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// Who would send.
    #[schema(value_type = Addr)]
    pub sender: String,
    /// The command's arguments by their names, with units, such as `{"to": "0x…", "amount": "10 shares"}`.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub arguments: Value,
}

/// Every act that there is.
#[utoipa::path(get, path = "/v1/acts", tag = "acts",
    responses((status = 200, description = "All of them", body = Vec<Declared>), Refusals))]
pub(crate) async fn list() -> Json<Vec<Declared>> {
    let declared = declared_acts().iter().map(|one| Declared {
        name: one.kind.name,
        says: one.kind.says,
        who_may: one.kind.who.to_string(),
        calls: one.calls.iter().map(|message| message.name()).collect(),
    });
    Json(declared.collect())
}

/// Looks at an act of one word, such as `claim`, as the other one does.
#[utoipa::path(post, path = "/v1/acts/{name}", tag = "acts", request_body = Wanted,
    params(("name" = String, Path, description = "Such as `claim`")),
    responses((status = 200, description = "What would happen", body = Object), BodyFailures))]
pub(crate) async fn prepare_single(
    State(app): State<App>,
    Path(name): Path<String>,
    Json(wanted): Json<Wanted>,
) -> Result<Json<Value>, ApiError> {
    looked_at(&app, &name, wanted).await
}

/// Looks at an act: its sentence, what to check first, what each call would do and cost, and the
/// transactions `{chainId, to, data, value}` for a wallet. Nothing is sent.
#[utoipa::path(post, path = "/v1/acts/{noun}/{verb}", tag = "acts", request_body = Wanted,
    params(("noun" = String, Path, description = "Such as `pool`"), ("verb" = String, Path, description = "Such as `transfer`")),
    responses((status = 200, description = "What would happen", body = Object), BodyFailures))]
pub(crate) async fn prepare(
    State(app): State<App>,
    Path((noun, verb)): Path<(String, String)>,
    Json(wanted): Json<Wanted>,
) -> Result<Json<Value>, ApiError> {
    looked_at(&app, &format!("{noun} {verb}"), wanted).await
}

async fn looked_at(app: &App, name: &str, wanted: Wanted) -> Result<Json<Value>, ApiError> {
    let Some(preparing) = &app.preparing else {
        let what = "this indexer has no node to ask, or no network's profile for its chain";
        let advice = "ask one that follows a chain, start it with --profile, or use `yieldset --dry-run`";
        return Err(ApiError::missing("no-node", what, advice));
    };
    let sender: Address = wanted.sender.parse().map_err(|_| {
        ApiError::bad("sender", format!("{:?} is no address", wanted.sender), "write 0x and 40 hex digits")
    })?;
    let Ok(_turn) = preparing.turns().try_acquire() else {
        let what = format!("{AT_ONCE} acts are being looked at");
        return Err(ApiError::busy(what));
    };
    if !declared_acts().iter().any(|one| one.kind.name == name) {
        return Err(ApiError::missing("no-act", format!("no act is called {name:?}"), "GET /v1/acts lists all"));
    }
    let desk = preparing.desk(sender).await?;
    // What has no arguments has an empty list of them.
    let arguments = if wanted.arguments.is_null() { json!({}) } else { wanted.arguments };
    match by_name(name, arguments, &desk).await? {
        Told::Plan(plan) => {
            let (plan, tried) = purse::tried(&desk, plan).await?;
            Ok(Json(told::plan(&plan, &tried, &desk)))
        }
        // No act is one of these.
        Told::Answer(_) | Told::Oracle(_) => {
            Err(ApiError::missing("no-act", "it sends nothing", "GET /v1/acts lists all"))
        }
    }
}

impl From<ActError> for ApiError {
    fn from(error: ActError) -> Self {
        match error {
            ActError::Chain(error) => error.into(),
            ActError::Absent(what) => Self::missing("absent", what, "look the name up"),
            error => Self::bad("act", error.to_string(), "yieldset's help has each act's arguments, with examples"),
        }
    }
}

impl From<ChainError> for ApiError {
    fn from(error: ChainError) -> Self {
        match error {
            ChainError::Refused { .. }
            | ChainError::NoContract(_)
            | ChainError::Decode { .. }
            | ChainError::Dispatch { .. }
            | ChainError::ValueNotRepresentable { .. }
            | ChainError::AmountTooLarge(_)
            | ChainError::Label { .. } => {
                Self::bad("refused", error.to_string(), "what is asked for does not go with what is on chain")
            }
            error => {
                // It may name hosts: that is for the log.
                tracing::warn!(%error, "an act could not be looked at");
                let advice = "try again in a moment; /v1/status says what is wrong";
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "node-away", "the node gives no answer", advice)
            }
        }
    }
}
