//! The private Postgres: secrets, restarts, crashes.

use std::{os::unix::fs::MetadataExt, path::Path, time::Duration};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use sqlx::{ConnectOptions, Connection};
use yieldset_indexer::{
    mirror::Mirror,
    postgres::{Cluster, ClusterError},
    store,
};

use crate::{
    chain::{a_quarter, deployment},
    fixture::{dump, folder, try_dump},
};

/// Every process's command line.
fn command_lines() -> Vec<String> {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    processes
        .filter_map(|process| std::fs::read(process.path().join("cmdline")).ok())
        .map(|line| String::from_utf8_lossy(&line).replace('\0', " "))
        .collect()
}

fn password(data: &Path) -> String {
    let line = std::fs::read_to_string(data.join("pgpass")).unwrap();
    line.trim().rsplit(':').next().unwrap().to_owned()
}

/// The password is in one file that only its owner reads: not in the address, on no command line, in no log. Without
/// it, or over the network, nobody gets in.
#[tokio::test]
async fn the_password_stays_in_its_file() {
    let folder = folder();
    let data = folder.path().join("data");
    let cluster = Cluster::start(&data, &[("log_statement", "all")]).await.unwrap();
    let password = password(&data);
    assert!(password.len() == 32 && !cluster.url().contains(&password));
    assert_eq!(std::fs::metadata(data.join("pgpass")).unwrap().mode() & 0o777, 0o600);
    assert!(!data.join("password.once").exists());
    assert!(command_lines().iter().all(|line| !line.contains(&password)));
    let log = std::fs::read_to_string(data.join("postgres.log")).unwrap();
    assert!(log.contains("ready to accept connections") && !log.contains(&password));
    let options = yieldset_indexer::database_url::options(cluster.url()).unwrap();
    let wrong = options.clone().password("wrong").connect().await.unwrap_err();
    assert_eq!(wrong.as_database_error().and_then(|error| error.code()).as_deref(), Some("28P01"), "{wrong}");
    let mut connection = options.connect().await.unwrap();
    let listens: String = sqlx::query_scalar("SHOW listen_addresses").fetch_one(&mut connection).await.unwrap();
    assert_eq!(listens, "");
    connection.close().await.unwrap();
    cluster.stop().await;
}

/// Proves MIR-3: a server that is killed comes back with every block that was applied; a stopped one starts again on
/// its folder; a second indexer on the folder is refused while the first one lives.
#[tokio::test]
async fn it_survives_kills_and_restarts() {
    let folder = folder();
    let data = folder.path().join("data");
    let cluster = Cluster::start(&data, &[]).await.unwrap();
    let second = Cluster::start(&data, &[]).await;
    assert!(matches!(second, Err(ClusterError::InUse(_))), "{second:?}");
    let pool = store::connect(cluster.url()).unwrap();
    let mut mirror = Mirror::open(pool.clone(), &deployment()).await.unwrap();
    let quarter = a_quarter();
    let mut losses = 0;
    for (n, block) in quarter.blocks.iter().enumerate() {
        if n % 3 == 1 {
            // What a killed server's session goes on with may be done before the next server is there.
            let server = loop {
                match cluster.pid() {
                    Some(pid) => break pid,
                    None => tokio::time::sleep(Duration::from_millis(50)).await,
                }
            };
            kill(Pid::from_raw(server), Signal::SIGKILL).unwrap();
        }
        // As the follower does: what passes is waited out, and the block is tried again.
        while let Err(error) = mirror.apply(std::slice::from_ref(block)).await {
            assert!(error.away().is_some(), "{error}");
            losses += 1;
            assert!(losses < 1_200, "the server does not come back: {error}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
    assert!(losses > 0);
    // What was killed last may have answered the last block before it went.
    let rows = loop {
        match try_dump(&pool).await {
            Ok(rows) => break rows,
            Err(error) => assert!(losses < 1_200, "the server does not come back: {error}"),
        }
        losses += 1;
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    pool.close().await;
    cluster.stop().await;
    assert!(!data.join("cluster/postmaster.pid").exists(), "a clean shutdown");

    // Left by a machine that lost power: the number may belong to anyone by now, here to this very test.
    std::fs::write(data.join("cluster/postmaster.pid"), format!("{}\n", std::process::id())).unwrap();
    let cluster = Cluster::start(&data, &[]).await.unwrap();
    let pool = store::connect(cluster.url()).unwrap();
    assert_eq!(dump(&pool).await, rows);
    pool.close().await;
    cluster.stop().await;
}
