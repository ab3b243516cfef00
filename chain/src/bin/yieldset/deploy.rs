//! `yieldset deploy`: what it will cost, then the contracts, so that it can be ended and taken up again anywhere.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};
use yieldset_chain::{
    Address, Book, Deployment, Profile,
    acts::arguments::PublicKey,
    deploy::{DeployError, Progress, Request, checks, deploy, journal::Content},
    deployment::{Challenge, Config, Voting},
    profile::Presets,
    submit::{Action, Submitter},
    units::{Percent, Span},
};
use yieldset_service::files;

use crate::{
    failure::Failure,
    labelled::changed,
    options::Options,
    place::{ANEW, strange_journal},
    show,
};

/// Creates the contracts and a pool with its co-op. Ended or killed anywhere, the same command goes on where it was.
#[derive(Debug, Clone, Args)]
pub struct Deploy {
    /// The pool's name.
    #[arg(long)]
    name: String,
    /// The shares' symbol.
    #[arg(long)]
    symbol: String,
    /// The contributors' part of each deposit.
    #[arg(long, default_value = "40 %", value_name = "PART")]
    contributors: Percent,
    /// The ERC-20 that the pool is paid in; else the chain's own money.
    #[arg(long, value_name = "NAME")]
    currency: Option<String>,
    /// A member's public key, as `yieldset-oracle keygen` prints it; once for each member.
    #[arg(long = "member", value_name = "KEY", required = true)]
    committee: Vec<PublicKey>,
    /// How many members must sign a report; more than half of them unless said otherwise.
    #[arg(long)]
    threshold: Option<u8>,
    /// Windows and votes: production is days and weeks, development seconds. The network's own without.
    #[arg(long, value_enum)]
    times: Option<Times>,
    /// How long a report can be disputed.
    #[arg(long, value_name = "DURATION")]
    challenge_window: Option<Span>,
    /// How long a vote is open.
    #[arg(long, value_name = "DURATION")]
    voting_period: Option<Span>,
    /// Who becomes admin of all contracts as the last step, such as a multi-signature account. It accepts then. The
    /// co-op, which is made here, is named afterwards: yieldset roles hand-over coop.
    #[arg(long, value_name = "NAME")]
    admin: Option<String>,
    /// How far it has come: a file in the home's folder deployments without.
    #[arg(long, value_name = "FILE")]
    journal: Option<PathBuf>,
}

/// Why the co-op is not named here, and what to type instead.
const COOP_COMES_LATER: &str = "the co-op is made by this very run, with a pool whose shares nobody has yet: deploy \
     without --admin, give out shares, then \
     yieldset roles hand-over coop --on kyc manifests licence attribution market factory pool; its holders accept by a \
     vote: yieldset roles accept --on kyc manifests licence attribution market factory pool --by-vote WHY";

/// Presets of windows and votes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Times {
    Production,
    Development,
}

/// Does it.
pub async fn run(arguments: &Deploy, options: &Options) -> Result<(), Failure> {
    let home = options.home();
    // Before anything is asked of a node, and before a password is asked for.
    let request = arguments.request(&options.profile(&home)?, &Book::load(&home)?)?;
    checks::settings(&request.config)?;
    let (profile, book, client) = options.connected(&home).await?;
    let journal = arguments.journal.clone().unwrap_or_else(|| home.journal(&profile.name));
    let file = options.deployment_path(&home, &profile);
    if let Some(why) = strange_journal(&journal, &client).await? {
        return Err(Failure::impossible(format!("the journal {}: {why}", journal.display())).with(ANEW));
    }
    if !journal.exists() && file.exists() {
        let text = format!("{} is there already: name another with --deployment, or move it away", file.display());
        return Err(Failure::impossible(text));
    }
    let submitter = options.sends(&home, &book, &client).await?;
    let costs = checks::costs(&submitter, &request, &journal).await?;
    told((&submitter, &book), &profile, &request, &costs, options).await?;
    // Looked at in a dry run, too: what could not be paid would fail.
    let possible = checks::before(&submitter, &profile, &costs, request.config.currency).await.map_err(Failure::from);
    possible.map_err(|failure| failure.told(options.json && options.dry_run))?;
    if options.dry_run {
        return Ok(());
    }
    let whose = book.name(submitter.address(), None);
    if !costs.is_empty() && !options.confirmed(&format!("Deploy as {whose}?"))? {
        return Err(Failure::declined());
    }
    let mut sent = 0;
    let tell = |progress: Progress<'_>| {
        let Progress { number, of, step, done, before } = progress;
        sent += usize::from(!before);
        let when = if before { "was done in block" } else { "block" };
        let made = done.created.first().map(|made| format!(" {made}")).unwrap_or_default();
        show::note(&format!("{number:2} of {of}  {:18} {when} {}{made}", step.name, done.block));
    };
    let deployed = deploy(&submitter, &request, &journal, tell).await;
    let deployment = deployed.map_err(|error| stopped(error, sent, &journal))?;
    let noted = async {
        deployment.save_signed(&file, submitter.signer()).await?;
        changed(&home, |book| {
            book.trust(deployment.genesis, submitter.address());
            Ok(())
        })?;
        ended(&deployment, &request, &file.display().to_string(), options)
    };
    noted.await.map_err(|failure| if sent == 0 { failure } else { failure.after_all() })
}

/// Why a run does not go on that has done so many steps. Nothing was sent is said only where that is so: where the
/// journal cannot be written, the step that it has as begun may have been sent.
fn stopped(error: DeployError, done: usize, journal: &Path) -> Failure {
    let begun = matches!(error, DeployError::File(_))
        && files::read_json::<Content>(journal)
            .is_ok_and(|content| content.steps.iter().any(|step| step.prepared.is_some()));
    let failure = Failure::from(error);
    match done > 0 || begun {
        true => Failure { code: failure.code.after_others(), ..failure },
        false => failure,
    }
}

impl Deploy {
    fn request(&self, profile: &Profile, book: &Book) -> Result<Request, Failure> {
        if self.admin.as_deref() == Some("coop") {
            return Err(Failure::usage(COOP_COMES_LATER));
        }
        let members = u8::try_from(self.committee.len()).map_err(|_| Failure::usage("at most 255 members"))?;
        let presets = match self.times {
            None => profile.presets,
            Some(Times::Production) => Presets::Production,
            Some(Times::Development) => Presets::Development,
        };
        let (challenge, voting) = (presets.challenge(), presets.voting());
        let period = self.voting_period.map(|span| u32::try_from(span.0)).transpose();
        let period = period.map_err(|_| Failure::usage("a vote is not open for more than a century"))?;
        let named = |name: &Option<String>| name.as_ref().map(|name| book.resolve(name, None)).transpose();
        Ok(Request {
            config: Config {
                name: self.name.clone(),
                symbol: self.symbol.clone(),
                currency: named(&self.currency)?.unwrap_or(Address::ZERO),
                contributors_bps: self.contributors.0,
                committee: self.committee.iter().map(|key| key.0).collect(),
                threshold: self.threshold.unwrap_or(members / 2 + 1),
                challenge: Challenge {
                    window: self.challenge_window.map_or(challenge.window, |span| span.0),
                    ..challenge
                },
                voting: Voting { period: period.unwrap_or(voting.period), ..voting },
            },
            admin: named(&self.admin)?,
        })
    }
}

/// What it will cost, for programs.
fn in_json(
    (submitter, has): (&Submitter, u128),
    request: &Request,
    (costs, fees, deposits): (&[checks::Cost], u128, u128),
) -> Value {
    let step = |cost: &checks::Cost| {
        json!({
            "step": cost.step.name,
            "does": cost.step.says,
            "fee_wei": cost.fee.to_string(),
            "deposit_wei": cost.deposit.to_string(),
            "tried_by_the_node": cost.tried,
            "transaction": show::action(&cost.action),
        })
    };
    json!({
        "deployer": submitter.address(),
        "steps": costs.iter().map(step).collect::<Vec<_>>(),
        "fees_wei": fees.to_string(),
        "deposits_wei": deposits.to_string(),
        "balance_wei": has.to_string(),
        "config": request.config,
    })
}

/// What it will cost, step by step.
async fn told(
    (submitter, book): (&Submitter, &Book),
    profile: &Profile,
    request: &Request,
    costs: &[checks::Cost],
    options: &Options,
) -> Result<(), Failure> {
    let native = profile.native(submitter.client());
    let print = |wei| native.coin.print(wei);
    let (fees, deposits): (u128, u128) =
        (costs.iter().map(|cost| cost.fee).sum(), costs.iter().map(|cost| cost.deposit).sum());
    let has = submitter.client().native_balance(submitter.address()).await?;
    if options.json {
        return match options.dry_run {
            true => show::json(&in_json((submitter, has), request, (costs, fees, deposits))),
            false => Ok(()),
        };
    }
    let who = book.says(submitter.address(), None);
    if costs.is_empty() {
        return show::print(&format!(
            "nothing is to be sent: all transactions of this deployment, as {who} on {}, were done before",
            profile.name
        ));
    }
    let mut lines = vec![format!("{} as {who} on {}:", show::so_many(costs.len(), "transaction"), profile.name)];
    for cost in costs {
        let about = if cost.tried { "" } else { "about " };
        let (fee, deposit) = (print(cost.fee), print(cost.deposit));
        lines.push(format!("  {:18} {}; fee {about}{fee}, held {about}{deposit}", cost.step.name, cost.step.says));
    }
    lines.extend([
        format!("paid in fees about {}; what is not used of them comes back at once", print(fees)),
        format!("held for storage about {}; it comes back when code and contracts are removed", print(deposits)),
        format!("the account has {}", print(has)),
    ]);
    let Config { challenge, voting, threshold, committee, .. } = &request.config;
    lines.push(format!(
        "{threshold} of {} members sign; reports can be disputed for {}, votes are open for {}",
        committee.len(),
        Span(challenge.window),
        Span(voting.period.into())
    ));
    if options.dry_run {
        lines.extend(transactions(costs));
    }
    show::print(&lines.join("\n"))
}

/// The transactions themselves, last: people do not read them.
fn transactions(costs: &[checks::Cost]) -> Vec<String> {
    let head = "the transactions; what is not there yet has address zero in them, until the step before has made it:";
    let line = |cost: &checks::Cost| format!("  {:18} {}", cost.step.name, show::action_says(&cost.action));
    std::iter::once(head.to_owned()).chain(costs.iter().map(line)).collect()
}

fn ended(deployment: &Deployment, request: &Request, file: &str, options: &Options) -> Result<(), Failure> {
    let accept = request.admin.map(|admin| (admin, checks::acceptances(deployment))).unzip();
    let floats = checks::need_a_float(deployment, &request.config);
    if options.json {
        let calls: Vec<_> = accept.1.into_iter().flatten().filter_map(|(name, action)| call(name, action)).collect();
        let floats: Vec<_> = floats.iter().map(|(name, at)| json!({ "contract": name, "address": at })).collect();
        return show::json(
            &json!({ "deployment": deployment, "file": file, "to_accept": calls, "need_a_float": floats }),
        );
    }
    let mut lines = vec![format!("deployed; {file} says where everything is")];
    if let (Some(admin), Some(calls)) = accept {
        lines.push(format!("{admin} has to accept each contract, by these calls without money:"));
        for (name, action) in calls {
            if let Action::Call { contract, calldata, .. } = action {
                lines.push(format!("  {name:12} to {contract} data 0x{}", hex::encode(calldata)));
            }
        }
    }
    if !floats.is_empty() {
        lines.push("the currency is a token of the chain: send each of these its least balance as a float:".into());
        lines.extend(floats.iter().map(|(name, contract)| format!("  {name:12} {contract}")));
        lines.push("then: yieldset pool declare-minimum AMOUNT; before that yieldset pool open is refused".into());
    }
    lines.push(
        "next: yieldset kyc set WHO --country CODE --until DATE; yieldset pool mint WHO SHARES; yieldset pool open --cap SHARES"
            .into(),
    );
    show::print(&lines.join("\n"))
}

fn call(name: &str, action: Action) -> Option<serde_json::Value> {
    match action {
        Action::Call { contract, calldata, .. } => Some(
            json!({ "contract": name, "to": contract, "data": format!("0x{}", hex::encode(calldata)), "value": "0" }),
        ),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use yieldset_chain::ChainError;
    use yieldset_service::files::FileError;

    use super::*;
    use crate::failure::Code;

    /// A step that is refused after others were done does not end as if nothing had been sent.
    #[test]
    fn a_run_that_stops_in_between_says_that_some_was_sent() {
        let refused = || DeployError::Step { step: "pool", source: ChainError::Dispatch { reason: "no".into() } };
        let file = || DeployError::File(FileError::content(Path::new("j"), "full"));
        let nowhere = Path::new("/nowhere/devnet.journal");
        for (error, done, code) in [
            (refused(), 0, Code::Impossible),
            (refused(), 1, Code::Partly),
            (file(), 0, Code::Failed),
            (file(), 3, Code::Partly),
            (DeployError::Wrong("a role is missing".into()), 20, Code::Partly),
        ] {
            assert_eq!(stopped(error, done, nowhere).code, code, "{done}");
        }
    }
}
