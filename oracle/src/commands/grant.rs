//! `grant`, `read` and `check-readings`: the log's restricted face.

use std::{
    io::Write,
    path::PathBuf,
    time::{SystemTime, UNIX_EPOCH},
};

use clap::{ArgGroup, Args};
use serde_json::json;
use yieldset_oracle::{
    documents,
    files::Access,
    grant::{Grant, Role, Scope, SignedGrant},
    hex0x, keys, parse_hex, period_name, readings, slug_id,
    usage_log::WitnessKey,
};

use super::{Failure, licence, log::named_key, period, public_key, say_json};

/// Seconds of a day.
const DAY: u64 = 24 * 60 * 60;

/// Arguments of `grant`.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("of").required(true)), group(ArgGroup::new("scope").required(true)))]
pub struct GrantArgs {
    /// The log's name and public key.
    #[arg(long, value_name = "ORIGIN=KEY", value_parser = named_key)]
    log: WitnessKey,
    /// Your key: the log's, a platform's, or one that the licence's parties named to the log.
    #[arg(long)]
    key: PathBuf,
    /// The public key of who may read.
    #[arg(long, value_parser = public_key)]
    reader: [u8; 32],
    /// What they are: party, committee, auditor, or contributor=ACCOUNT.
    #[arg(long, value_parser = role)]
    role: Role,
    /// Of this licence.
    #[arg(long, value_parser = licence, group = "of")]
    licence: Option<[u8; 32]>,
    /// Of this model's own stream.
    #[arg(long, group = "of")]
    model: Option<String>,
    /// Of the whole log, which its own key alone gives.
    #[arg(long, group = "of")]
    whole: bool,
    /// Calls of this quarter, such as 2026Q4, and training runs.
    #[arg(long, value_parser = period, group = "scope")]
    period: Option<u32>,
    /// Leaves: the first, and the one after the last.
    #[arg(long, value_name = "FROM..TO", value_parser = leaves, group = "scope")]
    leaves: Option<Scope>,
    /// What for.
    #[arg(long)]
    purpose: String,
    /// For how many days, at most 92.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=92))]
    days: u64,
    /// Where the grant goes.
    #[arg(long)]
    out: PathBuf,
}

/// Arguments of `read`.
#[derive(Debug, Args)]
pub struct ReadArgs {
    /// The log's address.
    #[arg(long)]
    url: String,
    /// What to read, such as "/v1/records?from=0&to=256" or /v1/lines/0x…/2026Q4.
    path: String,
    /// The grant.
    #[arg(long)]
    grant: PathBuf,
    /// Your key, whose public key is in the grant.
    #[arg(long)]
    key: PathBuf,
}

fn role(text: &str) -> Result<Role, String> {
    match (text, text.strip_prefix("contributor=").and_then(parse_hex)) {
        (_, Some(account)) => Ok(Role::Contributor(account)),
        ("party", _) => Ok(Role::Party),
        ("committee", _) => Ok(Role::Committee),
        ("auditor", _) => Ok(Role::Auditor),
        _ => Err("expected party, committee, auditor, or contributor= and an address".into()),
    }
}

fn leaves(text: &str) -> Result<Scope, String> {
    let range = text.split_once("..").and_then(|(from, to)| Some((from.parse().ok()?, to.parse().ok()?)));
    let range = range.filter(|(from, to)| from < to);
    range.map(|(from, to)| Scope::Leaves { from, to }).ok_or_else(|| "expected leaves such as 0..256".into())
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// Signs a grant, and prints what it says; `since` and `until` are Unix seconds.
pub fn grant(arguments: &GrantArgs) -> Result<(), Failure> {
    let key = keys::load(&arguments.key)?;
    let scope = arguments.period.map(Scope::Period).or(arguments.leaves);
    let since = now();
    let grant = Grant {
        origin: arguments.log.name.clone(),
        log_key: arguments.log.key,
        issuer: key.verifying_key().to_bytes(),
        reader: arguments.reader,
        role: arguments.role,
        stream: match arguments.whole {
            true => None,
            false => arguments.licence.or(arguments.model.as_deref().map(slug_id)),
        },
        scope: scope.ok_or("give --period or --leaves")?,
        purpose: arguments.purpose.clone(),
        since,
        until: since + arguments.days * DAY,
    };
    let signed = SignedGrant::sign(&grant, &key).map_err(|_| {
        "nobody would take this grant: the whole log is its own key's to give, to committee and auditors; a contributor's is of a \
         stream and a period; the purpose has 1 to 128 visible letters"
    })?;
    documents::write(&arguments.out, &signed, Access::Private)?;
    say_json(&json!({
        "reader": hex0x(&grant.reader),
        "issuer": hex0x(&grant.issuer),
        "stream": grant.stream.as_ref().map(|stream| hex0x(stream)),
        "scope": match grant.scope {
            Scope::Period(period) => period_name(period),
            Scope::Leaves { from, to } => format!("{from}..{to}"),
        },
        "purpose": grant.purpose,
        "since": grant.since,
        "until": grant.until,
    }))
}

/// Reads what a grant opens, and prints it.
pub async fn read(arguments: &ReadArgs) -> Result<(), Failure> {
    let signed: SignedGrant = documents::read(&arguments.grant)?;
    let header = signed.header(&arguments.path, now(), &keys::load(&arguments.key)?)?;
    let address = format!("{}{}", arguments.url.trim_end_matches('/'), arguments.path);
    let answer = reqwest::Client::new().get(address).header("authorization", header).send().await?;
    let kind = answer.headers().get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let is_text = !kind.starts_with("application/octet-stream");
    let (status, body) = (answer.status(), answer.bytes().await?);
    // A text ends its line; bytes are as they are.
    let end: &[u8] = if is_text && !body.ends_with(b"\n") { b"\n" } else { b"" };
    match status.is_success() {
        true => Ok(std::io::stdout().lock().write_all(&[&body, end].concat())?),
        false => Err(format!("the log answered {status}: {}", String::from_utf8_lossy(&body)).into()),
    }
}

/// Checks a log of readings, and prints how far it is.
pub fn check_readings(file: &std::path::Path) -> Result<(), Failure> {
    say_json(&readings::check(file)?)
}
