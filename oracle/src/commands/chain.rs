//! Which node and which contracts: the same options for every command that may ask a chain, and the same words where
//! they are missing.

use std::path::{Path, PathBuf};

use clap::Args;
use yieldset_chain::{Book, ChainClient, Deployment, Home, book::Trust};

use super::Failure;

/// Which node.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "The chain")]
pub struct NodeArgs {
    /// The node, such as ws://127.0.0.1:9944, or several with commas between: the next is asked where one answers no
    /// more. Else YIELDSET_NODE_URL.
    #[arg(long, env = "YIELDSET_NODE_URL", hide_env = true, value_name = "URL")]
    node_url: Option<String>,
}

/// Which node, and which contracts.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "The chain")]
pub struct ChainArgs {
    #[command(flatten)]
    node: NodeArgs,
    /// Where the contracts are: the file that `yieldset deploy` writes; else YIELDSET_DEPLOYMENT.
    #[arg(long, env = "YIELDSET_DEPLOYMENT", hide_env = true, value_name = "FILE")]
    deployment: Option<PathBuf>,
}

/// What was not named, or is not there.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotNamed {
    /// No node.
    #[error("which node? Name one by --node-url or YIELDSET_NODE_URL, such as ws://127.0.0.1:9944")]
    Node,
    /// No contracts.
    #[error("where are the contracts? Name their file by --deployment or YIELDSET_DEPLOYMENT; {}", whose(.0))]
    Deployment(Vec<PathBuf>),
    /// No such file.
    #[error("there is no file {}, which --deployment or YIELDSET_DEPLOYMENT names; {}", file.display(), whose(here))]
    NoFile {
        /// Which.
        file: PathBuf,
        /// Those in the user's own folder.
        here: Vec<PathBuf>,
    },
}

/// Where a deployment's file comes from, with those that are at hand.
fn whose(here: &[PathBuf]) -> String {
    let from = "`yieldset deploy` writes it, and who deployed gives it to everybody";
    match here {
        [] => from.to_owned(),
        here => {
            let here: Vec<_> = here.iter().map(|file| format!("--deployment {}", file.display())).collect();
            format!("{from}; here is {}", here.join(", and "))
        }
    }
}

impl NodeArgs {
    /// Connected to the node.
    pub async fn connect(&self) -> Result<ChainClient, Failure> {
        let url = self.node_url.as_deref().ok_or(NotNamed::Node)?;
        Ok(ChainClient::connect(url).await?)
    }
}

impl ChainArgs {
    /// Whether both are named.
    pub fn are_named(&self) -> bool {
        self.node.node_url.is_some() && self.deployment.is_some()
    }

    /// Connected to the node, with the contracts. Whether they are on its chain the caller looks at.
    pub async fn connect(&self) -> Result<(ChainClient, Deployment), Failure> {
        if self.node.node_url.is_none() {
            return Err(NotNamed::Node.into());
        }
        let deployment = load(self.deployment.as_deref(), &Home::from_environment())?;
        Ok((self.node.connect().await?, deployment))
    }
}

fn load(file: Option<&Path>, home: &Home) -> Result<Deployment, Failure> {
    let here = || {
        let found = std::fs::read_dir(home.folder().join("deployments")).into_iter().flatten();
        let files = found.filter_map(|entry| Some(entry.ok()?.path()));
        let mut files: Vec<_> = files.filter(|file| file.extension().is_some_and(|end| end == "json")).collect();
        files.sort();
        files
    };
    match file {
        None => Err(NotNamed::Deployment(here()).into()),
        Some(file) if !file.exists() => Err(NotNamed::NoFile { file: file.to_owned(), here: here() }.into()),
        Some(file) => {
            let (deployment, signer) = Deployment::load_signed(file)?;
            match Book::load(home)?.trusts(deployment.genesis, signer)? {
                Trust::Known => {}
                Trust::First(deployer) => tracing::warn!(
                    "the contracts of {} are as {deployer} signed them, whose word is not taken here yet: be sure of them, \
                     then type yieldset account trust {deployer}",
                    file.display()
                ),
                Trust::Unsigned => tracing::warn!(
                    "nobody signed the contracts of {}: be sure that they are the right ones",
                    file.display()
                ),
            }
            Ok(deployment)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Who named no deployment, or one that is not there, is told how to name one, and which are at hand.
    #[test]
    fn what_is_not_named_is_told_with_what_to_type() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let home = Home::at(folder.path());
        let told = |file: Option<&str>| load(file.map(Path::new), &home).expect_err("there is none").to_string();
        assert!(told(None).contains("--deployment or YIELDSET_DEPLOYMENT") && !told(None).contains("here is"));
        let file = home.deployment("devnet");
        std::fs::create_dir_all(file.parent().expect("its folder")).expect("made");
        std::fs::write(&file, "{}").expect("written");
        std::fs::write(file.with_extension("journal"), "").expect("written");
        let named = format!("here is --deployment {}", file.display());
        for text in [told(None), told(Some("/nowhere/deployment.json"))] {
            assert!(text.ends_with(&named), "{text}");
        }
        assert!(told(Some("/nowhere/deployment.json")).contains("there is no file /nowhere/deployment.json"));
    }
}
