//! What people do on chain, looked at over the indexer's API as pages do, and by the command line.

use serde_json::{Value, json};
use yieldset_tasks::demo::story::asked;

use super::Stack;

/// Proves NET-1: over the API an act comes to what the command's dry run comes to: the same sentence, facts, calls and
/// transactions. Nothing is sent; who may not, odd arguments, names of an address book and unknown acts are refused in
/// words.
pub async fn a_page_sees_what_the_command_does(stack: &Stack) {
    let (told, url) = (&stack.told, &stack.told.indexer.url);
    let (investor, creator) = (&told.cast.investor, &told.cast.creators[0].account);
    let (from, to) = (investor.address().to_string(), creator.address().to_string());
    let before = told.client.best_block().await.unwrap();
    for (line, path, arguments) in [
        (vec!["pool", "transfer", &to, "1 share"], "/v1/acts/pool/transfer", json!({"to": to, "shares": "1 share"})),
        (vec!["claim", "--all"], "/v1/acts/claim", json!({"all": true})),
        (vec!["pool", "pause"], "/v1/acts/pool/pause", json!({})),
    ] {
        let by_page = asked(url, path, &json!({"sender": from, "arguments": arguments})).await.unwrap();
        let dry = [&line[..], &["--dry-run", "--json"]].concat();
        let printed = told.shell.looks(&investor.uri, &dry).await.unwrap();
        let by_command: Value = serde_json::Deserializer::from_str(&printed).into_iter().next().unwrap().unwrap();
        for part in ["act", "who_may", "sender", "calls", "transactions"] {
            assert_eq!(by_page.1[part], by_command[part], "{line:?}: {part}");
        }
        assert_eq!(by_page.0, 200, "{line:?}: {by_page:?}");
        assert!(by_page.1["sentence"].as_str().is_some_and(|text| text.len() > 10), "{by_page:?}");
    }
    let paused = asked(url, "/v1/acts/pool/pause", &json!({"sender": from})).await.unwrap().1;
    assert!(paused["facts"].as_array().unwrap().iter().any(|fact| fact["holds"] == false), "{paused}");
    for (path, body, status, words) in [
        ("/v1/acts/pool/transfer", json!({"sender": "lincoln"}), 400, "is no address"),
        ("/v1/acts/pool/transfer", json!({"sender": from, "arguments": {"to": to}}), 400, "shares"),
        (
            "/v1/acts/pool/transfer",
            json!({"sender": from, "arguments": {"to": "@lincoln", "shares": "1 share"}}),
            400,
            "lincoln",
        ),
        ("/v1/acts/pool/burn", json!({"sender": from}), 404, "no act is called"),
        ("/v1/acts/coop/list", json!({"sender": from}), 404, "no act is called"),
    ] {
        let (got, problem) = asked(url, path, &body).await.unwrap();
        assert_eq!(got, status, "{path} {body}: {problem}");
        assert!(problem["detail"].as_str().is_some_and(|text| text.contains(words)), "{words}: {problem}");
    }
    assert_eq!(told.client.best_block().await.unwrap().number, before.number, "nothing was sent");
}
