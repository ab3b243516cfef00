//! The service's description for programs (OpenAPI 3.1), made from its handlers.

use utoipa::{
    IntoResponses, Modify, OpenApi,
    openapi::security::{ApiKey, ApiKeyValue, SecurityScheme},
};
use yieldset_service::web::Problem;

/// What any request may get instead.
#[derive(IntoResponses)]
#[response(
    status = "default",
    description = "Why not, and what to do (RFC 9457)",
    content_type = "application/problem+json"
)]
pub(super) struct Refused(#[allow(dead_code, reason = "for its type alone")] Problem);

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Yieldset usage log",
        description = "A platform's usage records: signed batches in, C2SP tiles, checkpoints and proofs out, and records and lines for who has a \
                       grant, each reading logged. Hashes, keys and signatures are hex with 0x. Refusals are problems (RFC 9457).",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    paths(
        super::take_batch, super::prove_inclusion, super::prove_consistency, super::checkpoint, super::tile, super::ready,
        super::restricted::readings_head, super::restricted::readings, super::restricted::records,
        super::restricted::lines, super::restricted::batch,
    ),
    components(schemas(Problem)),
    modifiers(&Grants),
    tags(
        (name = "everybody", description = "The log that anybody may follow"),
        (name = "by a grant", description = "What is shown to who has a grant and signs the reading"),
        (name = "service", description = "The service itself")
    )
)]
struct Description;

/// How a grant is shown.
struct Grants;

impl Modify for Grants {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let described = "A grant and a signed reading, as `yieldset-oracle grant` makes the one and `read` the other";
        let header = ApiKeyValue::with_description("Authorization", described);
        let scheme = SecurityScheme::ApiKey(ApiKey::Header(header));
        openapi.components.get_or_insert_default().add_security_scheme("grant", scheme);
    }
}

/// The description as JSON.
///
/// # Errors
/// Never in practice: all of it is text.
pub fn openapi() -> Result<String, serde_json::Error> {
    Description::openapi().to_pretty_json()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// For whoever watches the service, and no part of what it does.
    const WATCHED: [&str; 2] = ["/healthz", "/metrics"];

    /// Every route is described, and nothing else.
    #[test]
    fn every_route_is_described() {
        let source = include_str!("../ingest.rs");
        let routes = source.lines().filter_map(|line| line.trim().strip_prefix(".route(\"")?.split('"').next());
        let routes: BTreeSet<_> = routes.map(|route| route.replace("{*", "{")).collect();
        let described: BTreeSet<_> = Description::openapi().paths.paths.into_keys().collect();
        let wanted: BTreeSet<_> = routes.iter().filter(|route| !WATCHED.contains(&route.as_str())).cloned().collect();
        assert!(wanted.len() > 10, "{wanted:?}");
        assert_eq!(described, wanted);
    }

    #[test]
    fn the_description_says_how_refusals_and_hashes_are_written() {
        let described: serde_json::Value = serde_json::from_str(&openapi().expect("JSON")).expect("as it was written");
        assert_eq!(described["openapi"], "3.1.0");
        let receipt = &described["components"]["schemas"]["BatchReceipt"]["properties"]["root"]["type"];
        assert_eq!(receipt, "string");
        let refused = &described["paths"]["/v1/batches"]["post"]["responses"]["default"]["content"];
        assert!(refused["application/problem+json"].is_object(), "{refused}");
    }
}
