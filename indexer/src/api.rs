//! The REST API, a module per noun. Amounts are strings of decimal digits; hashes and addresses are hexadecimal.
//!
//! Every answer describes one block, in one snapshot of the database: the one that `at` names, or the last one applied.
//! Its headers say which, and whether it is final.

pub mod accounts;
pub mod acts;
pub mod asked;
pub mod caller;
pub mod claims;
pub mod conduct;
pub mod datasets;
pub mod deposits;
pub mod eligibility;
pub mod error;
pub mod events;
pub mod holders;
pub mod issuance;
pub mod kyc;
pub mod licences;
pub mod market;
pub mod paging;
pub mod pools;
pub mod proof;
pub mod proposals;
pub mod reports;
pub mod status;

use axum::Router;
use utoipa::{
    Modify, OpenApi,
    openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;

/// What the description says beside the routes.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Yieldset indexer",
        description = "Data pools, their holders, money and attribution, as the chain has them. Amounts are strings of decimal \
                       digits in the smallest unit: 10^-18 of a share and of the chain's own money, and of a token what its \
                       decimals say, which stand with the pool as `currency`. Lists are read page by page: pass `next` of one \
                       answer as `after` of the next question, and all pages are of the same block. Every answer of data says in \
                       its headers x-yieldset-block, -block-hash, -block-time (milliseconds) and -final which block it describes, \
                       and carries an ETag; `at` asks for an earlier block. Refusals are problems (RFC 9457). KYC records want a \
                       token.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    components(schemas(yieldset_service::web::Problem)),
    modifiers(&Token),
    tags(
        (name = "pools", description = "Pools and their money"),
        (name = "accounts", description = "What an account holds, is owed and does, over all pools"),
        (name = "registries", description = "KYC, datasets, reports"),
        (name = "trade", description = "Licences, the co-op's decisions, and the market for shares"),
        (name = "acts", description = "What people do on chain, prepared for a wallet; nothing is signed or sent here"),
        (name = "service", description = "The indexer itself")
    )
)]
struct Description;

/// What opens KYC records.
struct Token;

impl Modify for Token {
    fn modify(&self, description: &mut utoipa::openapi::OpenApi) {
        let token = HttpBuilder::new().scheme(HttpAuthScheme::Bearer);
        let token = token.description(Some("A token of this indexer's operator, of the role `compliance`.")).build();
        description.components.get_or_insert_default().add_security_scheme("token", SecurityScheme::Http(token));
    }
}

/// Routes of data, whose answers change only with the block, and the description of all.
pub(crate) fn routes() -> (Router<App>, utoipa::openapi::OpenApi) {
    OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(pools::list))
        .routes(routes!(pools::get))
        .routes(routes!(issuance::policy))
        .routes(routes!(issuance::sale))
        .routes(routes!(holders::list))
        .routes(routes!(holders::get))
        .routes(routes!(holders::transfers))
        .routes(routes!(deposits::list))
        .routes(routes!(deposits::periods))
        .routes(routes!(claims::list))
        .routes(routes!(claims::skipped))
        .routes(routes!(claims::contributions))
        .routes(routes!(reports::list))
        .routes(routes!(reports::get))
        .routes(routes!(reports::committees))
        .routes(routes!(reports::proposed))
        .routes(routes!(kyc::list))
        .routes(routes!(kyc::get))
        .routes(routes!(kyc::standing))
        .routes(routes!(eligibility::get))
        .routes(routes!(accounts::get))
        .routes(routes!(accounts::events))
        .routes(routes!(datasets::list))
        .routes(routes!(datasets::get))
        .routes(routes!(datasets::ingestions))
        .routes(routes!(datasets::of_pool))
        .routes(routes!(licences::list))
        .routes(routes!(licences::get))
        .routes(routes!(licences::payments))
        .routes(routes!(conduct::get))
        .routes(routes!(proof::anchors))
        .routes(routes!(events::of_licence))
        .routes(routes!(proposals::list))
        .routes(routes!(proposals::votes))
        .routes(routes!(proposals::of_pool))
        .routes(routes!(market::trades))
        .routes(routes!(market::prices))
        .routes(routes!(market::orders))
        .routes(routes!(market::listing))
        .routes(routes!(market::credits))
        .routes(routes!(events::list))
        .split_for_parts()
}

/// Routes that must always be answered anew.
pub(crate) fn live_routes() -> (Router<App>, utoipa::openapi::OpenApi) {
    OpenApiRouter::new()
        .routes(routes!(status::get))
        .routes(routes!(acts::list))
        .routes(routes!(acts::prepare))
        .routes(routes!(acts::prepare_single))
        .split_for_parts()
}
