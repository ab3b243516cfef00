//! `yieldset init`: the folder with the user's own files, and networks of their own.

use clap::Args;
use serde_json::json;
use yieldset_chain::{Book, ChainClient, Profile, U256, keys::WhoError, profile::Presets, units::Coin};
use yieldset_service::files::{self, Access};

use crate::{failure::Failure, options::Options, show};

/// Makes the folder with your own files, and, with a name, a network of your own by asking one of its nodes.
#[derive(Debug, Clone, Args)]
pub struct Init {
    /// What the network is called here.
    #[arg(requires = "nodes")]
    name: Option<String>,
    /// Its nodes, in the order in which they are tried.
    #[arg(long = "its-node", id = "nodes", value_name = "URL")]
    nodes: Vec<String>,
    /// What its money is called.
    #[arg(long, default_value = "UNIT")]
    symbol: String,
    /// Where a browser shows its transactions.
    #[arg(long, value_name = "URL")]
    explorer: Option<String>,
}

/// Does it.
pub async fn run(init: &Init, options: &Options) -> Result<(), Failure> {
    if let Some(name) = &init.name {
        is_name(name)?;
    }
    let home = options.home();
    files::make_folder(home.folder(), Access::Private)?;
    if !home.book().exists() {
        Book::default().save(&home)?;
    }
    let Some(name) = &init.name else {
        if options.json {
            return show::json(&json!({ "folder": home.folder(), "networks": Profile::names(&home) }));
        }
        return show::print(&format!(
            "your files are in {}\nnetworks: {}; yieldset init NAME --its-node URL adds one\nnext: yieldset doctor, \
             then yieldset account new NAME",
            home.folder().display(),
            Profile::names(&home).join(", "),
        ));
    };
    let file = home.profile(name);
    if file.exists() {
        return Err(Failure::usage(format!(
            "{} is there already: change it there, or take another name",
            file.display()
        )));
    }
    let node = init.nodes.first().map_or("", String::as_str);
    let client = ChainClient::connect(node).await?;
    let profile = Profile {
        name: name.clone(),
        chain_id: client.evm_chain_id(),
        genesis: Some(client.genesis_hash()),
        nodes: init.nodes.clone(),
        explorer: init.explorer.clone(),
        coin: Coin::wei(init.symbol.clone()),
        ratio: Some(client.wei_per_unit()),
        presets: Presets::Production,
    };
    files::write(&file, profile.to_toml().as_bytes(), Access::Published)?;
    // As everybody will read it.
    Profile::find(name, &home)?;
    if options.json {
        return show::json(&json!({ "network": name, "file": file, "chain_id": profile.chain_id }));
    }
    show::print(&format!("{} has chain id {}; use it with --profile {name}", file.display(), profile.chain_id))
}

/// Whether a network can be called so: its file is, and must not lead out of its folder. Looked at before one is
/// written.
fn is_name(name: &str) -> Result<(), WhoError> {
    // Labels are written by the same letters, and may have an @ before them.
    match !name.starts_with('@') && Book::default().label_proposal(name, U256::ZERO).is_ok() {
        true => Ok(()),
        false => Err(WhoError::Name(name.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_called_by_a_plain_name() {
        assert!(is_name("my-net_2").is_ok());
        for wrong in ["../evil", "a/b", "..", "", "@mine", "My"] {
            assert!(matches!(is_name(wrong), Err(WhoError::Name(_))), "{wrong:?}");
        }
    }
}
