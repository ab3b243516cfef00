//! What the oracle learns from the chain about the reports around a revision.

use alloy_primitives::{Address, B256};
use ed25519_dalek::SigningKey;
use yieldset_chain::abi::{Access, Attribution};
use yieldset_chain::deploy::{Request, deploy};
use yieldset_chain::deployment::{Challenge, Config, Voting, role};
use yieldset_chain::submit::{Signer, Submitter};
use yieldset_chain::{ChainClient, Deployment, Payee};
use yieldset_oracle::answers::Answers;
use yieldset_oracle::compared::After;
use yieldset_rules::period::quarter_number;
use yieldset_rules::report::{LogCheckpoint, MeasuredError, Report, Totals};
use yieldset_tasks::demo::children::Children;
use yieldset_tests::system::{metric, outcome, public, sign};

use super::{COIN, programs};

/// 1 December 2026: the year's first three quarters are over.
const START: &str = "1796083200";
const HOUR: u64 = 3_600;

/// A pool's registry, and who has to do with it.
struct Quarters {
    admin: Submitter,
    challenger: Submitter,
    deployment: Deployment,
    key: SigningKey,
    stream: B256,
}

impl Quarters {
    /// 2026's.
    fn period(quarter: u32) -> u32 {
        quarter_number(2026, quarter).unwrap()
    }

    /// Posts a quarter's first report, made from so many records, which looked for late ones.
    async fn post(&self, quarter: u32, size: u64) {
        self.post_as(quarter, 0, size, Some(0)).await;
    }

    /// Posts a quarter's report, made from so many records, with what it says of late ones.
    async fn post_as(&self, quarter: u32, revision: u32, size: u64, late_records: Option<u64>) {
        let (client, registry) = (self.admin.client(), self.deployment.attribution);
        let latest = Attribution::latestCall { pool: self.deployment.pool, stream: self.stream };
        let latest = client.read(registry, &latest).await.unwrap();
        let (outcome, totals) = outcome([quarter as u8; 32]);
        let totals = Totals { late_records, ..totals };
        let report = Report {
            chain_id: client.evm_chain_id(),
            registry: registry.into_array(),
            pool: self.deployment.pool.into_array(),
            stream: self.stream.0,
            models: vec!["lumen/lumen-1".into()],
            period: Self::period(quarter),
            revision,
            epoch: 1,
            log: LogCheckpoint { origin: "test/log".into(), size, root: [7; 32] },
            compared: [6; 32],
            metric: metric(),
            outcome,
            totals,
            error: MeasuredError::NotMeasured,
            lines_root: [8; 32],
            package: None,
            spot_check: None,
            previous: latest.reportHash.0,
        };
        let bytes = report.to_bytes();
        let signatures = sign(&bytes, std::slice::from_ref(&self.key)).into();
        self.admin.send(registry, &Attribution::postCall { report: bytes.into(), signatures }, 0).await.unwrap();
    }

    async fn dispute(&self, quarter: u32) {
        let (pool, stream, period) = (self.deployment.pool, self.stream, Self::period(quarter));
        let price = Attribution::bondForCall { pool, stream, period };
        let bond = self.admin.client().read(self.deployment.attribution, &price).await.unwrap().bond;
        let dispute = Attribution::disputeCall { pool, stream, period, reason: B256::repeat_byte(1), maxBond: bond };
        self.challenger.send(self.deployment.attribution, &dispute, bond.to()).await.unwrap();
    }

    /// Disputes a quarter's report and has the arbiter agree.
    async fn withdraw(&self, quarter: u32) {
        self.dispute(quarter).await;
        self.uphold(quarter).await;
    }

    async fn uphold(&self, quarter: u32) {
        let (pool, stream, period) = (self.deployment.pool, self.stream, Self::period(quarter));
        let uphold = Attribution::upholdCall { pool, stream, period };
        self.admin.send(self.deployment.attribution, &uphold, 0).await.unwrap();
    }

    /// What a settlement of the quarter takes from the chain: the report before, and from which leaf on a later one
    /// counts.
    async fn asked(&self, quarter: u32) -> (After, u64) {
        let client = self.admin.client();
        let at = client.finalised_block().await.unwrap().hash;
        let place = (self.stream.0, Self::period(quarter));
        let answers = Answers::ask(client, &self.deployment, place, (at, &[]), ("test/log", &[])).await.unwrap();
        (answers.after, answers.limits.counted_until)
    }
}

/// Proves SAFE-1 with the chain: a revision leaves to a later report what that one counts as late, which depends on
/// whether the report before it stood when it was posted.
#[tokio::test]
async fn a_revision_leaves_what_a_later_report_counts() {
    let folder = tempfile::tempdir().unwrap();
    let mut children = Children::new(programs(), folder.path());
    let node =
        children.start("devnet", "yieldset-devnet", &["--rpc-port", "0", "--start-at", START]).await.unwrap().url;
    let client = ChainClient::connect(&node).await.unwrap();
    let admin = Submitter::new(client.clone(), Signer::dev("//Alice").unwrap());
    let challenger = Submitter::new(client.clone(), Signer::dev("//Alice//challenger").unwrap());
    let key = SigningKey::from_bytes(&[1; 32]);
    let config = Config {
        name: "Revised".into(),
        symbol: "REV".into(),
        currency: Address::ZERO,
        contributors_bps: 4_000,
        committee: public(std::slice::from_ref(&key)),
        threshold: 1,
        challenge: Challenge { window: HOUR, ruling: HOUR, ..Challenge::SECONDS },
        voting: Voting::SECONDS,
    };
    let request = Request { config, admin: None };
    let deployment = deploy(&admin, &request, &folder.path().join("journal"), |_| {}).await.unwrap();
    let arbiter = Access::grantRoleCall { role: role("ARBITER_ROLE"), account: admin.address() };
    admin.send(deployment.attribution, &arbiter, 0).await.unwrap();
    admin
        .transfer_native(Payee::account(Signer::dev("//Alice//challenger").unwrap().account_id()), 100 * COIN)
        .await
        .unwrap();
    let mut quarters = Quarters { admin, challenger, deployment, key, stream: B256::repeat_byte(1) };
    let report = |quarter, log_size| After::Report { period: Quarters::period(quarter), log_size };

    // The second quarter's report is withdrawn before the third's is made, which then looks for nothing that was late.
    assert_eq!(quarters.asked(1).await, (After::First, 0));
    quarters.post(1, 30).await;
    assert_eq!(quarters.asked(2).await, (report(1, 30), 0));
    quarters.post(2, 40).await;
    quarters.dispute(2).await;
    assert_eq!(quarters.asked(3).await, (report(2, 40), 0));
    quarters.uphold(2).await;
    assert_eq!(quarters.asked(3).await, (After::Withdrawn { period: Quarters::period(2) }, 0));
    quarters.post_as(3, 0, 50, None).await;
    assert_eq!(quarters.asked(2).await, (report(1, 30), 50));

    // It is withdrawn after the third's was made, which counts what came after it.
    quarters.stream = B256::repeat_byte(2);
    for (quarter, size) in [(1, 30), (2, 40)] {
        quarters.post(quarter, size).await;
    }
    quarters.dispute(2).await;
    quarters.post(3, 50).await;
    quarters.uphold(2).await;
    assert_eq!(quarters.asked(2).await, (report(1, 30), 40));

    // Both are to be made anew: the one that comes first counts all.
    quarters.withdraw(3).await;
    assert_eq!(quarters.asked(2).await, (report(1, 30), 0));

    // The third's was made before, and held back until the second's was withdrawn.
    quarters.stream = B256::repeat_byte(3);
    for (quarter, size) in [(1, 30), (2, 40)] {
        quarters.post(quarter, size).await;
    }
    quarters.withdraw(2).await;
    quarters.post(3, 50).await;
    assert_eq!(quarters.asked(2).await, (report(1, 30), 40));

    // The second's comes anew from a longer log, while the first's is withdrawn: it counts up to where the third's
    // begins, and so does the first's; and one of the third's begins there again.
    quarters.stream = B256::repeat_byte(4);
    for (quarter, size) in [(1, 30), (2, 40), (3, 50)] {
        quarters.post(quarter, size).await;
    }
    quarters.withdraw(2).await;
    quarters.withdraw(1).await;
    assert_eq!(quarters.asked(2).await, (After::Withdrawn { period: Quarters::period(1) }, 40));
    quarters.post_as(2, 1, 60, None).await;
    assert_eq!(quarters.asked(1).await, (After::First, 40));
    quarters.withdraw(3).await;
    assert_eq!(quarters.asked(3).await, (report(2, 40), 0));
    // With the third's gone the first's still ends where the second's does.
    assert_eq!(quarters.asked(1).await, (After::First, 40));
    children.stop().await;
}
