//! The guides as they are written: each block of commands, in the order that their first page gives.
//!
//! With `UPDATE_PICTURES` set the test draws the pages' pictures by what the commands printed.

mod picture;

use std::{
    collections::BTreeSet,
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Stdio},
};

use yieldset_tests::chain::root_file;

use super::programs;

/// A page's section with commands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Section {
    page: String,
    title: String,
}

/// The pages with commands.
const PAGES: [&str; 4] = ["operator", "compliance", "creator", "platform"];

/// Longest that all guides together take, in seconds.
const PATIENCE: &str = "600";

/// Ports that the guides name; others run beside.
const PORTS: [&str; 4] = ["9944", "8080", "8086", "8087"];

/// The section that each page shows.
const PICTURES: [(&str, &str); 4] =
    [("operator", "The contracts"), ("compliance", "Records"), ("creator", "Being paid"), ("platform", "A quarter")];

/// A line that a section's output begins with.
const BEGINS: &str = "=== ";

/// Stops at the first command that fails, and says which it was. The node ends with the shell.
const BEFORE: &str = r#"set -Eeuo pipefail
trap 'echo "FAILED: $BASH_COMMAND" >&2' ERR
trap 'kill $(jobs -p) 2>/dev/null || true' EXIT
"#;

fn page(name: &str) -> String {
    let file = root_file(&format!("docs/guides/{name}.md"));
    std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// Sections of a page, in order, each with its commands.
fn sections(name: &str) -> Vec<(Section, String)> {
    let (text, mut all, mut inside) = (page(name), Vec::<(Section, String)>::new(), false);
    for line in text.lines() {
        match line {
            "```sh" => inside = true,
            "```" => inside = false,
            line if inside => {
                let (_, commands) = all.last_mut().unwrap_or_else(|| panic!("{name}: commands before any section"));
                *commands += &format!("{line}\n");
            }
            line => {
                if let Some(title) = line.strip_prefix("## ") {
                    all.push((Section { page: name.into(), title: title.into() }, String::new()));
                }
            }
        }
    }
    all.into_iter().filter(|(_, commands)| !commands.is_empty()).collect()
}

/// The order of the first page's list: `1. operator: *A chain*, *An account*`.
fn order() -> Vec<Section> {
    let first = page("README");
    let items =
        first.lines().filter_map(|line| line.split_once(". ").filter(|(number, _)| number.parse::<u8>().is_ok()));
    let section = |page: &str, title: &str| Section { page: page.into(), title: title.trim_matches('*').into() };
    items
        .flat_map(|(_, item)| {
            let (page, titles) = item.split_once(": ").unwrap_or_else(|| panic!("no page in {item:?}"));
            titles.split(", ").map(|title| section(page, title)).collect::<Vec<_>>()
        })
        .collect()
}

/// All commands in order. Every section with commands is there, and once.
fn script() -> String {
    let all: Vec<_> = PAGES.iter().flat_map(|name| sections(name)).collect();
    let order = order();
    let distinct: BTreeSet<_> = order.iter().collect();
    assert_eq!(distinct.len(), order.len(), "a section is listed twice");
    assert_eq!(distinct, all.iter().map(|(section, _)| section).collect(), "the first page lists other sections");
    let commands = |wanted: &Section| {
        let (Section { page, title }, commands) = all.iter().find(|(section, _)| section == wanted)?;
        Some(format!("echo '{BEGINS}{page}: {title}'\n{commands}"))
    };
    order.iter().filter_map(commands).collect()
}

/// Runs the guides with a node of their own, which is started with more arguments; what was typed and printed.
fn run(more: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    // Postgres may run as another user, who must be able to pass through here.
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o711)).unwrap();
    let mut script = BEFORE.to_owned() + &script().replace("--rpc-port 9944", &format!("--rpc-port 9944 {more}"));
    // All are held until each is found.
    let ports = PORTS.map(|named| (named, TcpListener::bind("127.0.0.1:0").unwrap()));
    for (named, port) in &ports {
        script = script.replace(named, &port.local_addr().unwrap().port().to_string());
    }
    drop(ports);
    let file = folder.path().join("guides.sh");
    std::fs::write(&file, script).unwrap();
    let path = format!("{}:{}", programs().display(), std::env::var("PATH").unwrap());
    let log = folder.path().join("printed");
    let output = std::fs::File::create(&log).unwrap();
    // It ends the whole group, the services with it; each line is said as it is read.
    let status = Command::new("timeout")
        .args([PATIENCE, "bash", "-v"])
        .arg(&file)
        .current_dir(folder.path())
        .env("PATH", path)
        .stdin(Stdio::null())
        .stdout(output.try_clone().unwrap())
        .stderr(output)
        .status()
        .unwrap();
    let printed = std::fs::read_to_string(&log).unwrap();
    assert!(status.success(), "{status}:\n{}", end(&printed, folder.path()));
    printed
}

/// What a section's commands printed, with the commands as they were typed.
fn terminal(printed: &str, (page, title): (&str, &str)) -> Vec<String> {
    let begins = format!("{BEGINS}{page}: {title}");
    let (_, commands) = sections(page).into_iter().find(|(section, _)| section.title == title).expect("a section");
    let (mut typed, mut goes_on) = (commands.lines().peekable(), false);
    let shown =
        printed.lines().skip_while(|line| *line != begins).skip(1).take_while(|line| !line.starts_with("echo '==="));
    shown
        .map(|line| match typed.next_if_eq(&line) {
            Some(command) => {
                let prompt = if goes_on { '>' } else { '$' };
                goes_on = command.ends_with('\\');
                format!("{prompt} {command}")
            }
            None => line.to_owned(),
        })
        .collect()
}

/// Draws each page's picture.
fn draw(printed: &str) {
    std::fs::create_dir_all(root_file("docs/guides/pictures")).unwrap();
    for (page, title) in PICTURES {
        let file = root_file(&format!("docs/guides/pictures/{page}.svg"));
        std::fs::write(file, picture::draw(title, &terminal(printed, (page, title)))).unwrap();
    }
}

/// The end of what was printed, and of the node's log.
fn end(printed: &str, folder: &Path) -> String {
    let node = std::fs::read_to_string(folder.join("node.log")).unwrap_or_default();
    let last =
        |text: &str| text.lines().rev().take(40).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join("\n");
    format!("{}\nthe node:\n{}", last(printed), last(&node))
}

/// What was reached: Ada has three quarters of the holders' 60 % of 75 and all of the contributors' 40 %, and sold four
/// shares at a half.
fn reached(printed: &str) {
    for wanted in ["deployed;", "Pays 70 DEV of 2026Q4", "Claims 63.75 DEV", "Pays 2 DEV out to @ada"] {
        assert!(printed.contains(wanted), "{wanted} is nowhere in\n{printed}");
    }
    // What is to be watched says that all is well: the tables are this program's, and each event was understood.
    let watched = ["\nyieldset_events_unread_total 0\n", "\nyieldset_http_requests_total{"];
    for wanted in ["the tables are up to date"].iter().chain(&watched) {
        assert!(printed.contains(wanted), "{wanted} is nowhere in\n{printed}");
    }
}

/// A page says what it needs before its first section, and no command of it waits without an end: what never comes is
/// told with the end of the log of what should have brought it.
#[test]
fn pages_say_what_they_need_and_nothing_waits_for_ever() {
    for name in PAGES {
        let text = page(name);
        let (before, _) = text.split_once("\n## ").unwrap_or_else(|| panic!("{name}: no section"));
        assert!(before.contains("\n**Needs:** "), "{name} does not say what it needs");
    }
    let script = script();
    let endless = |line: &&str| ["until ", "while "].iter().any(|word| line.trim_start().starts_with(word));
    assert_eq!(script.lines().find(endless), None, "use wait_for, or curl --retry");
    let started = script.matches("--ready-file").count();
    assert_eq!(script.matches("\nwait_for ").count(), started, "each service is waited for");
}

/// Proves NET-1: an account with nothing but coins reaches a paid quarter, a claimed dividend and a sold share by the
/// guides alone.
#[test]
fn the_guides_lead_from_an_empty_account_to_a_sold_share() {
    let printed = run("");
    reached(&printed);
    for picture in PICTURES {
        let shown = terminal(&printed, picture);
        assert!(shown.iter().any(|line| line.starts_with("$ yieldset")) && shown.len() > 4, "{picture:?}: {shown:?}");
    }
    if std::env::var_os("UPDATE_PICTURES").is_some() {
        draw(&printed);
    }
}

/// Proves NET-2: and on a chain with the constants of Polkadot Hub.
#[test]
fn the_guides_lead_there_with_the_constants_of_hub() {
    let constants = root_file("scripts/devnet/hub.txt").canonicalize().unwrap();
    let printed = run(&format!("--constants {}", constants.display()));
    reached(&printed);
    // As `yieldset doctor` has it of the chain.
    assert!(printed.contains("the chain moves 100000000 wei at least"), "the constants are not in force");
}
