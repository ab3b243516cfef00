//! Whether the chain is there, and is the one of the contracts' file: found out first, and said at once.

use std::path::Path;

use yieldset_chain::{B256, ChainClient, Deployment, deploy::journal::Content};
use yieldset_service::files;

use crate::failure::{Code, Failure};

/// Whether there is a file that says where the contracts are.
pub fn is_there(file: &Path) -> Result<(), Failure> {
    match file.exists() {
        true => Ok(()),
        false => Err(Failure::of(
            Code::Failed,
            format!("there is no {}, which says where the contracts are", file.display()),
        )
        .with(
            "get it from who deployed, and name it with --deployment FILE or YIELDSET_DEPLOYMENT; on another network \
             say --profile NAME; or deploy: yieldset deploy --help",
        )),
    }
}

/// Whether the contracts' file is of the client's chain, and that chain has them.
pub async fn is_of(deployment: &Deployment, client: &ChainClient, file: &Path) -> Result<(), Failure> {
    match stranger(deployment, client).await? {
        None => Ok(()),
        Some(why) => Err(Failure::impossible(format!("{}: {why}", file.display())).with(ANEW)),
    }
}

/// What to do where a chain was begun anew.
pub const ANEW: &str = "a development chain that keeps its blocks is started with yieldset-devnet --base-path FOLDER, \
     and goes on as it was; for one that was begun anew deploy anew, into new files: yieldset deploy … --journal \
     NEW.journal --deployment NEW.json, then --deployment NEW.json (or YIELDSET_DEPLOYMENT) with all commands; or name \
     the node of the chain that it was made on with --node";

/// Why a chain is not the one of a deployment, if it is not: another block 0, or none of its contracts, as on a chain
/// that was begun anew from the same block 0.
pub async fn stranger(deployment: &Deployment, client: &ChainClient) -> Result<Option<String>, Failure> {
    if let Some(why) = another_genesis(deployment.genesis, client) {
        return Ok(Some(why));
    }
    // The chain id, which differs nowhere that the genesis does not.
    deployment.check(client).await?;
    if client.code_hash(deployment.factory).await?.is_some() {
        return Ok(None);
    }
    let best = client.best_block().await?.number;
    Ok(Some(format!(
        "the chain at {} has no contract at {}, where the factory was made in block {} or after; it is at block {best}: \
         it was begun anew",
        client.url(),
        deployment.factory,
        deployment.start_block
    )))
}

/// Why a journal cannot be gone on with on a chain: it is of another, or of one that was begun anew.
pub async fn strange_journal(file: &Path, client: &ChainClient) -> Result<Option<String>, Failure> {
    // One that cannot be read is told of where it is opened.
    let Ok(begun) = files::read_json::<Content>(file) else { return Ok(None) };
    if let Some(why) = another_genesis(begun.genesis, client) {
        return Ok(Some(why));
    }
    let Some(made) = begun.steps.iter().filter_map(|step| step.done.as_ref()).find(|done| !done.created.is_empty())
    else {
        return Ok(None);
    };
    for contract in &made.created {
        if client.code_hash(*contract).await?.is_none() {
            return Ok(Some(format!(
                "the chain at {} has no contract at {contract}, which was made in block {}: it was begun anew",
                client.url(),
                made.block
            )));
        }
    }
    Ok(None)
}

fn another_genesis(genesis: B256, client: &ChainClient) -> Option<String> {
    let has = client.genesis_hash();
    (has != genesis).then(|| {
        format!("it is of the chain whose block 0 is {genesis}, and the chain at {} began with {has}", client.url())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_file_says_where_to_get_it() {
        let failure = is_there(Path::new("/nowhere/deployment.json")).expect_err("none");
        assert!(
            failure.remedy.contains("--deployment FILE") && failure.remedy.contains("yieldset deploy"),
            "{failure:?}"
        );
    }
}
