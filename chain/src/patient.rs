//! Asking again what a node refuses because it was asked too often, as public ones do.

use std::{
    future::Future,
    time::{Duration, Instant},
};

use subxt::rpcs::Error;
use yieldset_service::retry::Pauses;

/// The first pause before what was refused is asked again, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(250), Duration::from_millis(2_500));

/// Asks again for as long as there is patience; after that a refusal is the answer.
pub(crate) async fn until_answered<T, F>(patience: Duration, method: &str, ask: impl Fn() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    paced((patience, PAUSES), method, ask).await
}

/// A node that refuses in this way has done nothing, so even what may be done once alone can be asked again.
async fn paced<T, F>(
    (patience, (first, longest)): (Duration, (Duration, Duration)),
    method: &str,
    ask: impl Fn() -> F,
) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    let mut pauses = Pauses::new(first, longest);
    let begun = Instant::now();
    loop {
        match ask().await {
            Err(error) if is_of_throttling(&error.to_string()) => {
                let pause = pauses.next().unwrap_or(longest);
                if begun.elapsed() + pause > patience {
                    return Err(error);
                }
                tracing::debug!(method, "the node answers no more for now, waiting");
                tokio::time::sleep(pause).await;
            }
            other => return other,
        }
    }
}

/// There is no one code for it, but all say it in words: Substrate's own is "RPC rate limit exceeded".
fn is_of_throttling(text: &str) -> bool {
    let text = text.to_lowercase();
    ["rate limit", "rate-limit", "too many requests", "limit exceeded"].iter().any(|words| text.contains(words))
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use subxt::rpcs::UserError;

    use super::*;

    fn refused(message: &str) -> Error {
        Error::User(UserError { code: -32_999, message: message.into(), data: None })
    }

    #[test]
    fn a_node_that_was_asked_too_often_is_known_by_its_words() {
        for words in ["RPC rate limit exceeded", "HTTP 429 Too Many Requests", "User error: Daily limit exceeded"] {
            assert!(is_of_throttling(&refused(words).to_string()), "{words}");
        }
        assert!(!is_of_throttling(&refused("Invalid Transaction").to_string()));
    }

    /// Proves NET-2.
    #[tokio::test]
    async fn it_is_asked_again_until_it_answers_or_patience_ends() {
        let asked = Cell::new(0);
        let ask = async |refusals: u32, words: &str| {
            asked.set(0);
            let pauses = (Duration::from_millis(1), Duration::from_millis(4));
            paced((Duration::from_secs(1), pauses), "chain_getHeader", || {
                asked.set(asked.get() + 1);
                let answer = if asked.get() > refusals { Ok(()) } else { Err(refused(words)) };
                async { answer }
            })
            .await
        };
        assert!(ask(4, "RPC rate limit exceeded").await.is_ok());
        assert_eq!(asked.get(), 5);
        assert!(ask(u32::MAX, "RPC rate limit exceeded").await.is_err());
        assert!(asked.get() > 5, "{}", asked.get());
        assert!(ask(1, "Invalid Transaction").await.is_err());
        assert_eq!(asked.get(), 1);
    }
}
