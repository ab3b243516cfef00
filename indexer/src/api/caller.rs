//! Who asks, where that matters: by a token of the header `Authorization`.

use axum::{
    extract::FromRequestParts,
    http::{StatusCode, header, request::Parts},
};

use super::error::ApiError;
use crate::{app::App, tokens::COMPLIANCE};

/// Whoever asks, and whether KYC records are theirs to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller {
    /// Whether they are.
    pub sees_records: bool,
}

/// Somebody who may see KYC records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compliance;

impl FromRequestParts<App> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        Ok(Self { sees_records: role(parts, app)? == Some(COMPLIANCE) })
    }
}

impl FromRequestParts<App> for Compliance {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        match role(parts, app)? {
            Some(COMPLIANCE) => Ok(Self),
            Some(_) => {
                let (what, advice) = ("this token's role does not open KYC records", "use one of the role compliance");
                Err(ApiError::new(StatusCode::FORBIDDEN, "wrong-role", what, advice))
            }
            None => Err(refused("KYC records are not for everybody")),
        }
    }
}

/// The role of the token that came along; nothing where none did.
fn role<'a>(parts: &Parts, app: &'a App) -> Result<Option<&'a str>, ApiError> {
    let Some(value) = parts.headers.get(header::AUTHORIZATION) else { return Ok(None) };
    let token = value
        .to_str()
        .ok()
        .and_then(|value| value.split_once(' '))
        .and_then(|(scheme, token)| scheme.eq_ignore_ascii_case("bearer").then(|| token.trim()));
    let role = token.and_then(|token| app.tokens.role(token));
    role.map(Some).ok_or_else(|| refused("the token is none that is known here"))
}

fn refused(detail: &str) -> ApiError {
    let advice = "send `Authorization: Bearer TOKEN` with a token of this indexer's operator; GET \
                  /v1/kyc/{account}/standing is for everybody";
    ApiError::new(StatusCode::UNAUTHORIZED, "no-token", detail, advice)
}
