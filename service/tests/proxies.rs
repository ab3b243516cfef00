//! Which proxies are believed, as the command line says it.
#![cfg(all(feature = "cli", feature = "web"))]

use clap::Parser;
use yieldset_service::web::{Limits, client::loopback};

#[derive(Debug, Parser)]
struct Program {
    #[command(flatten)]
    limits: Limits,
}

/// This machine alone, unless others are listed, in one option or several; what is no network is refused.
#[test]
fn listed_proxies_replace_this_machine() {
    let parse = |args: &[&str]| Program::try_parse_from([&["program"], args].concat());
    assert_eq!(parse(&[]).expect("no options").limits, Limits::default());
    assert_eq!(Limits::default().trusted_proxies, loopback());
    for args in [
        &["--trusted-proxy", "10.88.0.0/16,2001:db8::7"][..],
        &["--trusted-proxy", "10.88.0.0/16", "--trusted-proxy", "2001:db8::7/128"],
    ] {
        let networks: Vec<String> =
            parse(args).expect("networks").limits.trusted_proxies.iter().map(ToString::to_string).collect();
        assert_eq!(networks, ["10.88.0.0/16", "2001:db8::7/128"]);
    }
    for wrong in ["proxy.example", "10.0.0.0/33", ""] {
        let error = parse(&["--trusted-proxy", wrong]).expect_err("no network").to_string();
        assert!(error.contains("--trusted-proxy <NETWORK>"), "{error}");
    }
}
