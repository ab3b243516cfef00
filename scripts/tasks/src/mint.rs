//! Money of the development chain's token for whoever is to pay by it. Its issuer, //Alice, makes it by the pallet's
//! own call: contracts have no message for that, and so `yieldset` has no command.

use anyhow::Result;
use yieldset_chain::abi::Pool;
use yieldset_chain::submit::{Signer, Submitter};
use yieldset_chain::units::{Coin, Quantity};
use yieldset_chain::{Address, Book, ChainClient, Home, amount};

/// The token's number on the development chain (`scripts/runtime/src/genesis.rs`), which is USDC's on Polkadot Hub.
pub const USDC: u32 = 1_337;
/// Who issues it.
const ISSUER: &str = "//Alice";

/// Options of `mint`.
#[derive(clap::Args)]
pub struct Args {
    /// How much, such as `25 USDC`.
    amount: Quantity,
    /// For whom: @LABEL, an address or an account; of a contract its address.
    #[arg(long, value_name = "WHO")]
    to: String,
    /// The development chain's node.
    #[arg(
        long,
        env = "YIELDSET_NODE_URL",
        hide_env_values = true,
        default_value = "ws://127.0.0.1:9944",
        value_name = "URL"
    )]
    node_url: String,
}

/// Makes it, and says what they have of it then.
pub async fn run(args: &Args) -> Result<()> {
    let client = ChainClient::connect(&args.node_url).await?;
    let (token, entry) = (address(USDC), Book::load(&Home::from_environment())?.entry(&args.to)?);
    let coin = coin(&client, token).await?;
    let account = match entry.account {
        Some(account) => account,
        // A contract's, or an Ethereum key's.
        None => client.behind(entry.address).await?.account(),
    };
    let issuer = Submitter::new(client.clone(), Signer::dev(ISSUER)?);
    issuer.mint(USDC, account, args.amount.in_units_of(&coin)?).await?;
    let has = client.read(token, &Pool::balanceOfCall { account: entry.address }).await?;
    println!("{} has {} now", args.to, coin.print(amount(has)?));
    Ok(())
}

/// Where contracts find the token with a number: the number, zeros, and the precompile's 0x0120 in bytes 16 and 17.
pub fn address(asset: u32) -> Address {
    let mut address = [0; 20];
    address[..4].copy_from_slice(&asset.to_be_bytes());
    address[16..18].copy_from_slice(&[0x01, 0x20]);
    address.into()
}

/// What a token is counted in, by its own word: messages that it has in common with a pool.
pub async fn coin(client: &ChainClient, token: Address) -> Result<Coin> {
    let symbol = client.read(token, &Pool::symbolCall {}).await?;
    let decimals = client.read(token, &Pool::decimalsCall {}).await?;
    Ok(Coin { symbol, decimals })
}
