//! Which of the options of all commands each command heeds: one that is typed and would be lost is refused.
//!
//! Node, contracts, sender, password and `--yes` are what a shell is set up with, by variables mostly: a command that
//! needs none of it leaves it. What would change what a command does is heeded by it, or refused.

use clap::{ArgMatches, parser::ValueSource};
use yieldset_chain::acts::registry::{declared_acts, declared_questions};

use crate::failure::Failure;

/// The options that are meant: by their ids, as they are typed, and what to do where a command does not heed them.
const OPTIONS: [(&str, &str, &str); 6] = [
    ("network", "--profile", "name what it needs itself"),
    ("other_pool", "--pool", "leave it away: it is of no pool"),
    ("json", "--json", "leave it away: what it prints has a form of its own"),
    ("dry_run", "--dry-run", "leave it away: it sends no transaction that could be looked at first"),
    (
        "label",
        "--label",
        "leave it away: it makes no licence, menu or proposal; yieldset account label names an account",
    ),
    (
        "by_vote",
        "--by-vote",
        "leave it away: what a pool's contracts are sent can be proposed; yieldset coop propose proposes a payment",
    ),
];

/// Which of them a command heeds, by its name such as `account fund`; nothing where that is no command.
fn heeded(command: &str) -> Option<&'static [&'static str]> {
    match command {
        // Another program's, which takes its own.
        "report sign" | "report post" | "report verify" | "completions" | "man" => Some(&[]),
        "deploy" | "account fund" | "account map" => Some(&["--profile", "--json", "--dry-run"]),
        "init"
        | "doctor"
        | "example"
        | "clock"
        | "account new"
        | "account import"
        | "account show"
        | "account label"
        | "account trust"
        | "account transaction" => Some(&["--profile", "--json"]),
        act if declared_acts().iter().any(|declared| declared.kind.name == act) => {
            Some(&["--profile", "--pool", "--json", "--dry-run", "--label", "--by-vote"])
        }
        question if declared_questions().iter().any(|(name, _)| *name == question) => {
            Some(&["--profile", "--pool", "--json"])
        }
        _ => None,
    }
}

/// Whether the command of a line heeds all that is typed on it.
///
/// # Errors
/// [`Failure`], which says what to do.
pub fn all(line: &ArgMatches) -> Result<(), Failure> {
    let command = command(line);
    let heeds = heeded(&command).unwrap_or_default();
    let typed = |id: &str| line.value_source(id) == Some(ValueSource::CommandLine);
    let Some((_, option, instead)) = OPTIONS.iter().find(|(id, option, _)| typed(id) && !heeds.contains(option)) else {
        return Ok(());
    };
    let instead = match command.strip_prefix("report ").filter(|_| heeds.is_empty()) {
        Some(verb) => {
            format!("yieldset-oracle does it: what that takes stands after --; yieldset-oracle {verb} --help")
        }
        None => (*instead).to_owned(),
    };
    Err(Failure::usage(format!("yieldset {command} does not heed {option}")).with(instead))
}

/// The name of a line's command, such as `account fund`.
fn command(line: &ArgMatches) -> String {
    let (mut names, mut rest) = (Vec::new(), line);
    while let Some((name, below)) = rest.subcommand() {
        names.push(name);
        rest = below;
    }
    names.join(" ")
}

#[cfg(test)]
mod tests {
    use clap::{Command as Line, CommandFactory};

    use super::*;
    use crate::{Cli, failure::Code};

    /// Each command with its name.
    fn commands(line: &Line, before: &str) -> Vec<(String, Line)> {
        let below = line.get_subcommands().flat_map(|below| {
            let name = format!("{before} {}", below.get_name()).trim().to_owned();
            match below.has_subcommands() {
                true => commands(below, &name),
                false => vec![(name, below.clone())],
            }
        });
        below.collect()
    }

    fn read(line: &[&str]) -> Result<(), Failure> {
        let read = Cli::command().try_get_matches_from([&["yieldset"][..], line].concat()).expect("a command line");
        all(&read)
    }

    /// Each command says what it heeds, and has no argument of its own that would be taken for such an option.
    #[test]
    fn each_command_says_what_it_heeds() {
        let all = commands(&Cli::command(), "");
        assert!(all.len() > 100, "only {} commands were found", all.len());
        for (name, line) in all {
            assert!(heeded(&name).is_some(), "{name} does not say which options it heeds");
            for argument in line.get_arguments() {
                let taken = OPTIONS.iter().any(|(id, _, _)| argument.get_id().as_str() == *id);
                assert!(!taken, "{name}: {} is an option of all commands, too", argument.get_id());
            }
        }
    }

    /// What a command would lose is refused before anything is done, wherever it stands, with what to do.
    #[test]
    fn what_a_command_would_lose_is_refused() {
        for (line, option, instead) in [
            (&["--dry-run", "report", "post", "--", "--settlement", "x"][..], "--dry-run", "yieldset-oracle post"),
            (&["--profile", "hub", "report", "sign"][..], "--profile", "yieldset-oracle sign"),
            (&["account", "fund", "@ada", "1 DEV", "--by-vote", "why"][..], "--by-vote", "coop propose"),
            (&["account", "map", "--by-vote", "why"][..], "--by-vote", "leave it away"),
            (&["account", "label", "ada", "0x01", "--dry-run"][..], "--dry-run", "leave it away"),
            (&["account", "label", "ada", "0x01", "--label", "ada"][..], "--label", "leave it away"),
            (&["clock", "--advance", "1d", "--dry-run"][..], "--dry-run", "leave it away"),
            (
                &["deploy", "--name", "A", "--symbol", "A", "--member", MEMBER, "--by-vote", "why"][..],
                "--by-vote",
                "leave",
            ),
            (&["kyc", "issuers", "--by-vote", "why"][..], "--by-vote", "leave it away"),
            (&["--json", "man", "folder"][..], "--json", "leave it away"),
        ] {
            let failure = read(line).expect_err(option);
            assert_eq!(failure.code, Code::Usage, "{line:?}");
            assert!(failure.text.contains(option) && failure.remedy.contains(instead), "{line:?}: {failure:?}");
        }
    }

    const MEMBER: &str = "0xd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

    /// What a command heeds it may be given; what a shell is set up with stops none.
    #[test]
    fn what_a_command_heeds_is_left() {
        for line in [
            &["report", "verify", "--node", "ws://a", "--from", "boss", "--yes", "--", "--json"][..],
            &["account", "label", "ada", "0x01", "--json", "--profile", "hub"][..],
            &["account", "fund", "@ada", "1 DEV", "--dry-run", "--json", "--yes"][..],
            &["pool", "pause", "--by-vote", "why", "--label", "pause", "--dry-run", "--pool", "other"][..],
            &["kyc", "issuers", "--json", "--pool", "other", "--from", "boss"][..],
        ] {
            read(line).unwrap_or_else(|failure| panic!("{line:?}: {failure:?}"));
        }
    }
}
