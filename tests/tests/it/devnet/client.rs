//! `yieldset-chain` against a node that does nothing else: what it sends, reads back and follows.

use std::{sync::atomic::Ordering, time::Duration};

use futures::StreamExt;
use yieldset_chain::{
    Address, B256, Behind, ChainClient, ChainError, ContractError, Deployment, Event, Payee, U256,
    abi::{
        Kyc,
        Pool::{self, PoolEvents},
        Refusal::RefusalErrors,
    },
    address_of,
    deploy::{Request, deploy},
    deployment::{Challenge, Config, Voting},
    submit::{Fate, Prepared, Signer, Submitter},
};
use yieldset_tasks::demo::children::Children;

use super::{COIN, programs, proxy::Proxy};

/// One test, since a node takes longer to start than most of what is asked of it; side by side, as services are.
#[tokio::test]
async fn the_client_on_a_node() {
    let folder = tempfile::tempdir().unwrap();
    let mut children = Children::new(programs(), folder.path());
    let node = children.start("devnet", "yieldset-devnet", &["--rpc-port", "0"]).await.unwrap().url;
    let client = ChainClient::connect(&node).await.unwrap();
    tokio::join!(
        money_goes_in_and_out_of_a_pool(&client),
        the_same_bytes_land_once(&client),
        a_call_that_the_chain_rolls_back_is_reported(&client),
        blocks_are_followed_with_their_parents(&client),
    );
    children.stop().await;
}

/// Proves ATT-9's posting: a node that keeps the newest states alone tells where a transaction landed, which is all
/// that posting asks of old blocks when it goes on after months. What became of it there, that node cannot tell.
#[tokio::test]
async fn a_node_without_old_states_tells_where_a_transaction_landed() {
    let folder = tempfile::tempdir().unwrap();
    let mut children = Children::new(programs(), folder.path());
    let arguments = ["--rpc-port", "0", "--keep-states", "4"];
    let node = children.start("devnet", "yieldset-devnet", &arguments).await.unwrap().url;
    let client = ChainClient::connect(&node).await.unwrap();
    let sender = funded(&client, "pruned").await;
    let prepared = sender.prepare_call(Address::repeat_byte(7), Vec::new(), COIN).await.unwrap();
    assert_eq!(client.landed_in(&prepared).await.unwrap(), None);
    let first = sender.submit(&prepared).await.unwrap();
    let landed = Some((first.block_number, first.block_hash));
    assert_eq!(client.landed_in(&prepared).await.unwrap(), landed);
    for _ in 0..12 {
        sender.transfer_native(Payee::account([5; 32]), COIN).await.unwrap();
    }
    let fate = client.fate_of(&prepared).await;
    assert!(matches!(fate, Err(ChainError::StateGone { .. })), "block {}: {fate:?}", first.block_number);
    assert_eq!(client.landed_in(&prepared).await.unwrap(), landed);
    children.stop().await;
}

/// Proves NET-2: what became long ago of a transaction that names no last block is found by its account's nonce, not by
/// reading all blocks since: whether it landed, waits, or another one took its nonce. Where a node has dropped the
/// states, the blocks are read.
#[tokio::test]
async fn a_transaction_is_found_by_its_nonce_after_many_blocks() {
    let folder = tempfile::tempdir().unwrap();
    let mut children = Children::new(programs(), folder.path());
    let node = children.start("devnet", "yieldset-devnet", &["--rpc-port", "0"]).await.unwrap().url;
    let proxy = Proxy::before(node, 0).await;
    let client = ChainClient::connect(&proxy.url).await.unwrap();
    let (sender, idle) = (funded(&client, "sender").await, funded(&client, "idle").await);
    // As an Ethereum account's: for an own one nobody looks beyond the last block that it names.
    let prepared = async |of: &Submitter, to| {
        let prepared = of.prepare_call(Address::repeat_byte(to), Vec::new(), COIN).await.unwrap();
        Prepared { valid_until: u64::MAX, ..prepared }
    };
    let (landed, overtaken) = (prepared(&sender, 7).await, prepared(&sender, 8).await);
    let waits = prepared(&idle, 7).await;
    assert_eq!(landed.nonce, overtaken.nonce);
    let receipt = sender.submit(&landed).await.unwrap();
    let blocks = 150;
    for _ in 0..blocks {
        client.advance_clock(1).await.unwrap();
    }
    let expected = [(&landed, Fate::Landed(receipt.clone())), (&overtaken, Fate::Overtaken), (&waits, Fate::Pending)];
    for (prepared, fate) in expected {
        let before = proxy.counts.asked.load(Ordering::Relaxed);
        assert_eq!(client.fate_of(prepared).await.unwrap(), fate);
        let asked = proxy.counts.asked.load(Ordering::Relaxed) - before;
        assert!(asked < blocks / 2, "{fate:?}: {asked} questions");
    }
    let last = client.finalised_block().await.unwrap().number;
    // The older half of the states is gone, then all but the newest.
    let half = receipt.block_number + u64::from(blocks) / 2;
    for kept in [half, last] {
        proxy.discards(client.block_hashes(0, kept - 1).await.unwrap());
        assert_eq!(client.landed_in(&landed).await.unwrap(), Some((receipt.block_number, receipt.block_hash)));
        assert_eq!(client.fate_of(&overtaken).await.unwrap(), Fate::Overtaken);
    }
    children.stop().await;
}

/// A new account with money, so that all of this can run side by side on one node.
async fn funded(client: &ChainClient, name: &str) -> Submitter {
    let unique = std::time::UNIX_EPOCH.elapsed().unwrap().as_nanos();
    let signer = Signer::dev(&format!("//Alice//live//{name}{unique}")).unwrap();
    static ALICE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    let _turn = ALICE.lock().await;
    let alice = Submitter::new(client.clone(), Signer::dev("//Alice").unwrap());
    alice.transfer_native(Payee::account(signer.account_id()), 1_000 * COIN).await.unwrap();
    assert_eq!(address_of(&signer.account_id()), signer.address());
    // The runtime maps the new account to its address by itself.
    assert_eq!(client.behind(signer.address()).await.unwrap(), Behind::Mapped(signer.account_id()));
    let balance = client.native_balance(signer.address()).await.unwrap();
    assert!(balance > 999 * COIN && balance <= 1_000 * COIN, "{balance}");
    Submitter::new(client.clone(), signer)
}

async fn a_pool(admin: &Submitter) -> Deployment {
    let config = Config {
        name: "Austen Data Pool".into(),
        symbol: "AUS".into(),
        currency: Address::ZERO,
        contributors_bps: 3_000,
        committee: (1..=3).map(committee_key).collect(),
        threshold: 2,
        challenge: Challenge::SECONDS,
        voting: Voting::SECONDS,
    };
    let journal = tempfile::tempdir().unwrap();
    let request = Request { config, admin: None };
    deploy(admin, &request, &journal.path().join("journal"), |_| {}).await.unwrap()
}

/// The public key of a seed of one repeated byte.
fn committee_key(seed: u8) -> B256 {
    B256::from(ed25519_dalek::SigningKey::from_bytes(&[seed; 32]).verifying_key().to_bytes())
}

async fn verify(admin: &Submitter, deployment: &Deployment, account: Address) {
    let (level, jurisdiction, accredited, expiry) = (1, 246, false, 4_000_000_000);
    let record = Kyc::setRecordCall { account, level, jurisdiction, accredited, expiry };
    admin.send(deployment.kyc, &record, 0).await.unwrap();
}

async fn money_goes_in_and_out_of_a_pool(client: &ChainClient) {
    let (admin, holder) = (funded(client, "admin").await, funded(client, "holder").await);
    let deployment = a_pool(&admin).await;
    deployment.check(client).await.unwrap();
    let elsewhere = Deployment { genesis: B256::ZERO, ..deployment.clone() };
    assert!(matches!(elsewhere.check(client).await, Err(ChainError::WrongChain { .. })));
    assert_eq!(client.read(deployment.pool, &Pool::nameCall {}).await.unwrap(), "Austen Data Pool");
    assert_eq!(client.read(deployment.pool, &Pool::kycCall {}).await.unwrap(), deployment.kyc);
    let nobody = client.read(Address::repeat_byte(7), &Pool::nameCall {}).await;
    assert!(matches!(nobody, Err(ChainError::NoContract(_))), "{nobody:?}");

    // Not verified: refused before anything is sent, with the contract's own code.
    let mint = Pool::mintCall { to: holder.address(), amount: U256::from(COIN) };
    let refused = admin.send(deployment.pool, &mint, 0).await.unwrap_err();
    let ChainError::Refused { error: ContractError::Known(error), .. } = &refused else { panic!("{refused}") };
    assert!(matches!(&**error, RefusalErrors::TransferRestricted(r) if r.code == 2), "{refused}");

    verify(&admin, &deployment, holder.address()).await;
    let minted = admin.send(deployment.pool, &mint, 0).await.unwrap();
    assert!(minted.weight.ref_time > 0 && minted.weight.proof_size > 0);

    let cap = U256::from(2 * COIN);
    let open = Pool::openCall { cap, licences: deployment.licence, governor: deployment.coop };
    admin.send(deployment.pool, &open, 0).await.unwrap();
    let deposit = Pool::depositCall { stream: B256::repeat_byte(1), period: 8107, amount: U256::from(10 * COIN) };
    let odd = admin.send(deployment.pool, &deposit, COIN + 1).await.unwrap_err();
    assert!(matches!(odd, ChainError::ValueNotRepresentable { .. }), "{odd}");
    let deposited = admin.send(deployment.pool, &deposit, 10 * COIN).await.unwrap();
    let [event] = &deposited.events[..] else { panic!("{deposited:?}") };
    assert_eq!((event.address, event.tx_hash), (deployment.pool, Some(deposited.tx_hash)));
    let Event::Pool(PoolEvents::Deposited(says)) = &event.event else { panic!("{event:?}") };
    assert_eq!((says.amount, says.toHolders), (U256::from(10 * COIN), U256::from(7 * COIN)));
    assert!(client.whole_block(deposited.block_hash).await.unwrap().events.contains(event));

    let claimable = Pool::claimableCall { account: holder.address() };
    assert_eq!(client.read(deployment.pool, &claimable).await.unwrap(), U256::from(7 * COIN));
    let before = client.read_at(minted.block_hash, deployment.pool, &claimable).await.unwrap();
    assert_eq!(before, U256::ZERO, "the state of an earlier block");
    let had = client.native_balance(holder.address()).await.unwrap();
    holder.send(deployment.pool, &Pool::claimCall {}, 0).await.unwrap();
    let has = client.native_balance(holder.address()).await.unwrap();
    assert!(has > had + 6 * COIN && has < had + 7 * COIN, "seven coins less the fee: {had} {has}");
}

async fn the_same_bytes_land_once(client: &ChainClient) {
    let sender = funded(client, "sender").await;
    let other = funded(client, "other").await;
    // A call of an account without code is a plain transfer.
    let prepared = sender.prepare_call(other.address(), Vec::new(), COIN).await.unwrap();
    assert_eq!(client.fate_of(&prepared).await.unwrap(), Fate::Pending);
    let stored = serde_json::to_string(&prepared).unwrap();
    let first = sender.submit(&prepared).await.unwrap();
    assert_eq!(first.tx_hash, prepared.tx_hash);
    assert!(first.block_number > prepared.prepared_at && first.block_number <= prepared.valid_until);
    let had = client.native_balance(other.address()).await.unwrap();

    // As after a crash: from what was stored.
    let restored = serde_json::from_str(&stored).unwrap();
    assert_eq!(client.fate_of(&restored).await.unwrap(), Fate::Landed(first.clone()));
    assert_eq!(sender.submit(&restored).await.unwrap(), first);
    assert_eq!(client.native_balance(other.address()).await.unwrap(), had);
    let found = client.find_transaction(prepared.tx_hash, prepared.prepared_at).await.unwrap();
    assert_eq!(found, Some(first));
    assert_eq!(client.find_transaction(B256::ZERO, prepared.prepared_at).await.unwrap(), None);
}

async fn a_call_that_the_chain_rolls_back_is_reported(client: &ChainClient) {
    let (admin, holder) = (funded(client, "admin").await, funded(client, "holder").await);
    let deployment = a_pool(&admin).await;
    verify(&admin, &deployment, holder.address()).await;
    verify(&admin, &deployment, admin.address()).await;
    let mint = Pool::mintCall { to: holder.address(), amount: U256::from(100) };
    admin.send(deployment.pool, &mint, 0).await.unwrap();

    let give = Pool::transferCall { to: admin.address(), amount: U256::from(1) };
    let calldata = yieldset_chain::SolCall::abi_encode(&give);
    let prepared = holder.prepare_call(deployment.pool, calldata, 0).await.unwrap();
    let freeze = Kyc::setFrozenCall { account: holder.address(), frozen: true };
    admin.send(deployment.kyc, &freeze, 0).await.unwrap();
    let error = holder.submit(&prepared).await.unwrap_err();
    assert!(
        matches!(&error, ChainError::FailedInBlock { reason, .. } if reason == "Revive::ContractReverted"),
        "{error}"
    );
    let fate = client.fate_of(&prepared).await.unwrap();
    assert!(matches!(fate, Fate::Landed(receipt) if receipt.failure.is_some() && receipt.events.is_empty()));
}

async fn blocks_are_followed_with_their_parents(client: &ChainClient) {
    let (mut best, mut finalised) = (client.best_heads().await.unwrap(), client.finalised_heads().await.unwrap());
    // Each begins with the head of then, when it is first asked.
    best.next().await.unwrap().unwrap();
    finalised.next().await.unwrap().unwrap();
    let sender = funded(client, "sender").await;
    let receipt = sender.transfer_native(Payee::account([7; 32]), COIN).await.unwrap();
    for mut stream in [best, finalised] {
        let found = async {
            loop {
                let block = stream.next().await.unwrap().unwrap();
                if block.number == receipt.block_number {
                    break block;
                }
            }
        };
        let head = tokio::time::timeout(Duration::from_secs(10), found).await.unwrap();
        assert_eq!(head.hash, receipt.block_hash);
        assert_eq!(client.block_hash_at(head.number - 1).await.unwrap(), Some(head.parent));
        let block = client.whole_block(head.hash).await.unwrap().at;
        assert_eq!((block, block.parent), (client.block(head.hash).await.unwrap(), head.parent));
        assert!(block.timestamp_ms > client.block(block.parent).await.unwrap().timestamp_ms);
    }
    let last = client.finalised_block().await.unwrap();
    let hashes = client.block_hashes(0, last.number).await.unwrap();
    assert_eq!((hashes[0], hashes.last()), (client.genesis_hash(), Some(&last.hash)));
    let beyond = client.block_hashes(last.number, last.number + 1_000).await.unwrap_err();
    assert!(matches!(beyond, ChainError::NoSuchBlock(_)), "{beyond}");
    let missing = client.block(B256::repeat_byte(9)).await.unwrap_err();
    assert!(matches!(missing, ChainError::NoSuchBlock(_)), "{missing}");
}
