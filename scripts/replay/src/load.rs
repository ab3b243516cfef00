//! Questions to a web server, as many as it answers: each of some connections asks anew once it was answered. The same
//! for every server that is measured.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use clap::Args;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::error::ReplayError;

/// An answer that takes longer is none.
const PATIENCE: Duration = Duration::from_secs(30);
/// Where a value goes in an address or a body.
const HERE: &str = "{}";

/// What to ask, and for how long.
#[derive(Debug, Clone, Args)]
pub struct LoadArgs {
    /// The address; `{}` in it stands for a value.
    #[arg(long)]
    url: String,
    /// JSON to post to it, where `{}` stands for a value too; else it is a GET.
    #[arg(long)]
    body: Option<String>,
    /// A file of values, one on each line, that are taken in turns.
    #[arg(long, value_name = "FILE")]
    values: Option<PathBuf>,
    /// Connections, each with one question at a time.
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u32).range(1..))]
    connections: u32,
    /// For so many seconds.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..))]
    seconds: u64,
}

/// What a connection heard.
#[derive(Debug, Default)]
struct Heard {
    /// How long each answer took, in microseconds.
    micros: Vec<u64>,
    statuses: BTreeMap<u16, u64>,
    /// Questions without an answer.
    failures: u64,
}

/// Asks until the time is over; what was answered, how often, and how fast.
///
/// # Errors
/// [`ReplayError::File`] for the values.
pub async fn load(args: &LoadArgs) -> Result<Value, ReplayError> {
    let values = match &args.values {
        Some(file) => std::fs::read_to_string(file).map_err(ReplayError::file(file))?,
        None => String::new(),
    };
    let values: Arc<Vec<String>> = Arc::new(values.lines().map(ToOwned::to_owned).collect());
    let args = Arc::new(args.clone());
    let begun = Instant::now();
    let end = begun + Duration::from_secs(args.seconds);
    let mut workers = JoinSet::new();
    for number in 0..args.connections {
        workers.spawn(ask(args.clone(), values.clone(), number, end));
    }
    let mut all = Heard::default();
    while let Some(heard) = workers.join_next().await {
        let Ok(heard) = heard else { continue };
        all.micros.extend(heard.micros);
        all.failures = all.failures.saturating_add(heard.failures);
        for (status, count) in heard.statuses {
            let known = all.statuses.entry(status).or_default();
            *known = known.saturating_add(count);
        }
    }
    let millis = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX).max(1);
    let answers = u64::try_from(all.micros.len()).unwrap_or(u64::MAX);
    all.micros.sort_unstable();
    let per_second = answers.saturating_mul(1_000).checked_div(millis).unwrap_or(0);
    let statuses: BTreeMap<String, u64> = all.statuses.iter().map(|(code, count)| (code.to_string(), *count)).collect();
    Ok(json!({
        "answers": answers, "per_second": per_second, "statuses": statuses, "failures": all.failures,
        "p50_us": of_hundred(&all.micros, 50), "p99_us": of_hundred(&all.micros, 99),
    }))
}

/// The time that so many of a hundred answers took at most, from sorted ones.
fn of_hundred(sorted: &[u64], part: usize) -> Option<u64> {
    let last = sorted.len().checked_sub(1)?;
    sorted.get(last.saturating_mul(part).checked_div(100)?).copied()
}

/// One connection's questions.
async fn ask(args: Arc<LoadArgs>, values: Arc<Vec<String>>, number: u32, end: Instant) -> Heard {
    let mut heard = Heard::default();
    // A client of its own: a connection that is kept.
    let client = reqwest::Client::builder().timeout(PATIENCE).pool_max_idle_per_host(1).build();
    let Ok(client) = client else {
        heard.failures = 1;
        return heard;
    };
    // Apart from each other among the values.
    let mut next = usize::try_from(number).unwrap_or(0).saturating_mul(7_919);
    while Instant::now() < end {
        let value = next.checked_rem(values.len()).and_then(|at| values.get(at)).map_or("", String::as_str);
        next = next.wrapping_add(1);
        let url = args.url.replace(HERE, value);
        let request = match &args.body {
            Some(body) => client.post(url).header("content-type", "application/json").body(body.replace(HERE, value)),
            None => client.get(url),
        };
        let asked = Instant::now();
        let answered = async {
            let response = request.send().await?;
            let status = response.status().as_u16();
            // An answer is one once it is whole.
            response.bytes().await.map(|_| status)
        };
        match answered.await {
            Ok(status) => {
                heard.micros.push(u64::try_from(asked.elapsed().as_micros()).unwrap_or(u64::MAX));
                let count = heard.statuses.entry(status).or_default();
                *count = count.saturating_add(1);
            }
            Err(_) => heard.failures = heard.failures.saturating_add(1),
        }
    }
    heard
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_sorted_times_is_one_of_them() {
        let times: Vec<u64> = (1..=101).collect();
        assert_eq!(
            (of_hundred(&times, 50), of_hundred(&times, 99), of_hundred(&times, 100)),
            (Some(51), Some(100), Some(101))
        );
        assert_eq!((of_hundred(&[7], 99), of_hundred(&[], 50)), (Some(7), None));
    }
}
