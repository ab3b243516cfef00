//! That the description says what is answered: its statuses, and numbers that every reader of JSON takes exactly.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use serde_json::{Value, json};
use yieldset_chain::{ChainError, U256, deployment::label};
use yieldset_indexer::{api::error::ApiError, router::openapi};

use super::{app, ask, send};
use crate::fixture::Fixture;

/// Largest whole number that every reader of JSON takes exactly: 2^53 − 1.
pub const EXACT: u64 = 9_007_199_254_740_991;

fn description() -> Value {
    serde_json::from_str(&openapi()).unwrap()
}

/// What middleware and the framework answer by themselves stands in the description of every route that it can be an
/// answer of, and is a problem there as here.
#[tokio::test]
async fn refusals_of_the_framework_are_described() {
    let fixture = Fixture::new().await;
    let app = app(&fixture);
    let description = description();
    let described = |method: &str, path: &str, status: StatusCode| {
        let answer = &description["paths"][path][method]["responses"][status.as_str()];
        assert!(answer["content"]["application/problem+json"].is_object(), "{method} {path}: {status}: {answer}");
    };
    for (path, methods) in description["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            for status in [StatusCode::URI_TOO_LONG, StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE] {
                described(method, path, status);
            }
        }
    }
    let json = Some("application/json");
    let wide = format!(r#"{{"sender": "0x", "arguments": {{"a": "{}"}}}}"#, "a".repeat(20_000));
    for (kind, body, status) in [
        (json, "{", StatusCode::BAD_REQUEST),
        (json, r#"{"sender": "0x"}"#, StatusCode::NOT_FOUND),
        (json, &wide, StatusCode::PAYLOAD_TOO_LARGE),
        (None, r#"{"sender": "0x"}"#, StatusCode::UNSUPPORTED_MEDIA_TYPE),
        (Some("text/plain"), r#"{"sender": "0x"}"#, StatusCode::UNSUPPORTED_MEDIA_TYPE),
        (json, r#"{"sender": 7}"#, StatusCode::UNPROCESSABLE_ENTITY),
        (json, r#"{"sender": "0x", "other": 7}"#, StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        for (path, template) in
            [("/v1/acts/claim", "/v1/acts/{name}"), ("/v1/acts/pool/pause", "/v1/acts/{noun}/{verb}")]
        {
            let mut request = Request::post(path);
            if let Some(kind) = kind {
                request = request.header(header::CONTENT_TYPE, kind);
            }
            let answer = send(&app, request.body(Body::from(body.to_owned())).unwrap()).await;
            assert_eq!((answer.status, answer.is_problem()), (status, true), "{path}: {}", answer.body);
            described("post", template, status);
        }
    }
    let long = format!("/v1/status?{}", "a".repeat(5_000));
    assert_eq!(ask(&app, &long, &[]).await.status, StatusCode::URI_TOO_LONG);
    fixture.finish().await;
}

/// Whoever asks for an act that cannot be is told so: the node is there, and waiting would mend nothing. Where it is
/// the node, the answer names no host.
#[test]
fn what_a_caller_got_wrong_is_no_fault_of_the_node() {
    let wrong = [
        label(&"x".repeat(33)).unwrap_err(),
        label("").unwrap_err(),
        ChainError::AmountTooLarge(U256::MAX),
        ChainError::ValueNotRepresentable { wei: 1, ratio: 100 },
        ChainError::Dispatch { reason: "no money".to_owned() },
    ];
    for error in wrong {
        let said = error.to_string();
        let problem = ApiError::from(error).0;
        assert_eq!((problem.status(), problem.detail()), (StatusCode::BAD_REQUEST, said.as_str()));
    }
    let away = ChainError::NodeUnreachable { url: "ws://inside:9944".to_owned(), reason: "refused".to_owned() };
    let problem = ApiError::from(away).0;
    assert_eq!((problem.status(), problem.code()), (StatusCode::SERVICE_UNAVAILABLE, "node-away"));
    assert!(!problem.detail().contains("inside"), "{}", problem.detail());
}

/// Routes of data are not sent again where they are known, and say so; the others never answer that.
#[test]
fn what_is_known_already_is_described() {
    let description = description();
    for (path, methods) in description["paths"].as_object().unwrap() {
        let live = path == "/v1/status" || path.starts_with("/v1/acts");
        for (method, operation) in methods.as_object().unwrap() {
            assert_eq!(operation["responses"].get("304").is_some(), !live, "{method} {path}");
        }
    }
    let records = &description["paths"]["/v1/kyc"]["get"]["security"];
    assert_eq!(records, &json!([{"token": []}]));
    assert_eq!(description["components"]["securitySchemes"]["token"]["scheme"], "bearer");
}

/// Every integer of 64 bits is described as one of 53.
#[test]
fn no_number_is_described_as_larger_than_all_readers_take() {
    fn integers(schema: &Value, place: &str, found: &mut Vec<(String, Value)>) {
        match schema {
            Value::Object(members) => {
                if members.get("format").is_some_and(|format| format == "int64") {
                    found.push((place.to_owned(), schema["maximum"].clone()));
                }
                members.iter().for_each(|(name, inner)| integers(inner, &format!("{place}/{name}"), found));
            }
            Value::Array(all) => all.iter().for_each(|inner| integers(inner, place, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    integers(&description(), "", &mut found);
    assert!(found.len() > 100, "{}", found.len());
    let wide: Vec<_> = found.iter().filter(|(_, maximum)| maximum.as_u64().is_none_or(|most| most > EXACT)).collect();
    assert!(wide.is_empty(), "{wide:?}");
}
