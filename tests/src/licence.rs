//! The licence contract with stand-ins for a pool, a datasets' registry and an ERC-20 (tests/fixtures/licence), and the
//! rules' own machine beside it.

mod model;

pub use model::LicenceModel;

use alloy_primitives::{Address, B256, U256, b256};
use alloy_sol_types::{SolCall, SolConstructor, SolType, SolValue, sol};
use yieldset_chain::abi::{Access, Licence};
use yieldset_chain::deployment::role;
use yieldset_rules::licence::{Command, Milestone, Terms, audit::Debt, dues::UsageReport};

use crate::chain::{Account, Chain, Failure, START, blob};
use crate::fixtures;

sol! {
    /// A pool.
    #[sol(all_derives)]
    contract StandInPool {
        constructor(address currency);
        function set(uint256 mode) external;
        function grantRole(bytes32 role, address account) external;
        function mint(address account, uint256 amount) external;
        function setClosed(bool closed) external;
        function setKyc(address registry) external;
        function setFigures(uint8 state, bytes32 report, bytes32 metric, uint32 threshold, uint256 tokens, uint64 calls) external;
        function deposited(bytes32 stream, uint32 period) external view returns (uint256);
    }

    /// A datasets' registry.
    #[sol(all_derives)]
    contract StandInManifests {
        function assign(bytes32 dataset, address pool, address creator) external;
        function register(bytes32 dataset, bytes32 manifest, uint32 version) external;
        function setState(bytes32 dataset, uint32 version, uint8 state) external;
        function held(bytes32 dataset, bytes32 licence) external view returns (bool);
        function activeLicences(bytes32 dataset) external view returns (uint32);
        function openUntil(bytes32 dataset) external view returns (uint64);
    }

    /// An ERC-20.
    #[sol(all_derives)]
    contract StandInCoin {
        function set(uint256 mode, bytes32 licence) external;
        function mint(address account, uint256 amount) external;
        function approve(address spender, uint256 amount) external returns (bool);
        function allowance(address owner, address spender) external view returns (uint256);
        function balanceOf(address account) external view returns (uint256);
    }

    /// A platform that is a contract.
    #[sol(all_derives)]
    contract StandInPlatform {
        function set(uint256 mode, address target, bytes32 licence) external;
        function run(address to, bytes data) external payable returns (bytes);
    }
}

/// A dataset of the pool: what account 13 registers under the label of 32 bytes 0xda.
pub const DATASET: B256 = b256!("740a09b2ddaf15d48d51e338b42bbb222eb5ab665dd3f70b555f1fa3ed69ce8c");
/// Its second version's manifest.
pub const MANIFEST: B256 = B256::repeat_byte(0x3a);
/// Some document.
pub const HASH: B256 = B256::repeat_byte(0xfe);
/// A day, in seconds.
pub const DAY: u64 = 86_400;

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub enum Who {
    /// Offers and pays.
    Platform = 1,
    /// Licenses for the pool.
    Licensor = 2,
    /// Has the oracle's role.
    Oracle = 3,
    /// Has the auditor's role.
    Auditor = 4,
    /// Has the arbiter's role.
    Arbiter = 5,
    /// Holds shares of the pool.
    Holder = 6,
    /// Created the dataset.
    Creator = 7,
    /// Nobody in particular.
    Anyone = 8,
}

impl Who {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Platform,
        Self::Licensor,
        Self::Oracle,
        Self::Auditor,
        Self::Arbiter,
        Self::Holder,
        Self::Creator,
        Self::Anyone,
    ];
}

/// A number as a word.
pub fn word(number: u32) -> B256 {
    B256::from(U256::from(number))
}

/// Code of a stand-in followed by its constructor's arguments.
pub fn stand_in(name: &str, arguments: &[u8]) -> Vec<u8> {
    let mut code = fixtures::code(&format!("licence/{name}"));
    code.extend_from_slice(arguments);
    code
}

/// One entry of a menu, as the ABI's structs.
pub fn menu(terms: &Terms, milestones: &[Milestone]) -> Vec<B256> {
    let t = *terms;
    let price = Licence::Price {
        document: t.document.into(),
        metric: t.metric.into(),
        threshold: t.threshold,
        upfront: t.upfront,
        residualBps: t.residual_bps,
        grossBase: t.gross_base,
        infrastructureCapBps: t.infrastructure_cap_bps,
        taxesCapBps: t.taxes_cap_bps,
        perThousandTokens: t.per_thousand_tokens,
        perCall: t.per_call,
        floor: t.floor,
        ceiling: t.ceiling,
        guarantee: t.guarantee,
        escrow: t.escrow,
        fundingDays: t.funding_days,
    };
    let times = Licence::Days {
        termMonths: t.term_months,
        exclusiveMonths: t.exclusive_months,
        trainingMonths: t.training_months,
        report: t.report_days,
        payment: t.payment_days,
        grace: t.grace_days,
        lateBps: t.late_bps,
        notice: t.notice_days,
        cure: t.cure_days,
        deletion: t.deletion_days,
        redaction: t.redaction_days,
    };
    let rights = Licence::Rights {
        auditFeeCap: t.audit_fee_cap,
        auditExpensesCap: t.audit_expenses_cap,
        prohibited: t.prohibited,
        sublicensing: t.sublicensing,
        platformMayLeave: t.platform_may_leave,
        licensorMayLeave: t.licensor_may_leave,
    };
    let usage = Licence::Usage {
        falseDiscoveryBps: t.false_discovery_bps,
        lateRecordDays: t.late_record_days,
        callTokens: t.call_tokens,
        commonFrom: t.common_from,
    };
    let mut bytes = Licence::Terms { price, times, rights, usage }.abi_encode();
    for milestone in milestones {
        let Milestone { amount, document, to_pool } = *milestone;
        bytes.extend(Licence::Milestone { amount, document: document.into(), toPool: to_pool }.abi_encode());
    }
    bytes.chunks(32).map(B256::from_slice).collect()
}

/// Terms that use no clause; a year long.
pub fn plain() -> Terms {
    Terms {
        document: HASH.0,
        threshold: 1,
        term_months: 12,
        report_days: 20,
        payment_days: 30,
        grace_days: 10,
        deletion_days: 30,
        redaction_days: 30,
        cure_days: 15,
        notice_days: 60,
        ..Terms::default()
    }
}

/// The licence contract on a chain of its own, with an account for each role and one licence at a time.
pub struct LicenceAlone {
    /// The chain.
    pub chain: Chain,
    /// Its time.
    pub now: u64,
    /// The licence contract.
    pub contract: Address,
    /// The stand-in registry.
    pub manifests: Address,
    /// The stand-in pool.
    pub pool: Address,
    /// The stand-in ERC-20; zero for the native currency.
    pub currency: Address,
    /// The licence that is spoken of.
    pub id: B256,
    accounts: Vec<Account>,
}

impl LicenceAlone {
    /// Deploys it, in an ERC-20 or in the native currency.
    pub fn new(erc20: bool) -> Self {
        let mut chain = Chain::new();
        let accounts: Vec<_> = (0..=Who::Anyone as u32).map(|n| chain.account(n)).collect();
        let admin = &accounts[0];
        let mut deploy = |code: Vec<u8>, data: Vec<u8>| {
            let length = code.len();
            chain.instantiate(admin, code, data).unwrap_or_else(|e| panic!("{length} bytes of code: {e:?}"))
        };
        let manifests = deploy(stand_in("StandInManifests", &[]), vec![]);
        let currency = if erc20 { deploy(stand_in("StandInCoin", &[]), vec![]) } else { Address::ZERO };
        let pool = deploy(stand_in("StandInPool", &currency.abi_encode()), vec![]);
        let data = Licence::constructorCall { manifests, admin: admin.address }.abi_encode();
        let contract = deploy(blob("licence"), data);
        let mut scene = Self { chain, now: START, contract, manifests, pool, currency, id: B256::ZERO, accounts };
        let address = |who: Who| Account::number(who as u32).address;
        let admin = scene.accounts[0].clone();
        for (name, who) in
            [("ORACLE_ROLE", Who::Oracle), ("AUDITOR_ROLE", Who::Auditor), ("ARBITER_ROLE", Who::Arbiter)]
        {
            let grant = Access::grantRoleCall { role: role(name), account: address(who) };
            scene.chain.call(&admin, contract, grant, 0).unwrap();
        }
        scene.any(pool, StandInPool::grantRoleCall { role: role("LICENSOR_ROLE"), account: address(Who::Licensor) });
        scene.any(pool, StandInPool::mintCall { account: address(Who::Holder), amount: U256::from(1) });
        let creator = address(Who::Creator);
        scene.any(manifests, StandInManifests::assignCall { dataset: DATASET, pool, creator });
        let version = StandInManifests::registerCall { dataset: DATASET, manifest: MANIFEST, version: 2 };
        scene.any(manifests, version);
        if erc20 {
            for who in [Who::Platform, Who::Anyone] {
                let (account, amount) = (address(who), U256::from(10u128.pow(30)));
                scene.any(currency, StandInCoin::mintCall { account, amount });
                let approve = StandInCoin::approveCall { spender: contract, amount: U256::MAX };
                let account = scene.account(who);
                scene.chain.call(&account, currency, approve, 0).unwrap();
            }
        }
        scene
    }

    /// A licence in force on these terms, its escrow funded.
    pub fn licensed(erc20: bool, terms: Terms, milestones: &[Milestone]) -> Self {
        let mut scene = Self::new(erc20);
        scene.offer(&[menu(&terms, milestones)], terms.upfront).unwrap();
        scene.accept(0).unwrap();
        if terms.escrow > 0 {
            scene.fund(terms.escrow).unwrap();
        }
        scene
    }

    /// An account.
    pub fn account(&self, who: Who) -> Account {
        self.accounts[who as usize].clone()
    }

    /// The default admin.
    pub fn admin(&self) -> Account {
        self.accounts[0].clone()
    }

    /// Calls a stand-in, which anybody may.
    pub fn any<C: SolCall>(&mut self, to: Address, call: C) -> C::Return {
        let admin = self.admin();
        self.chain.call(&admin, to, call, 0).unwrap()
    }

    /// Goes to a time.
    pub fn at(&mut self, time: u64) {
        self.now = time;
        self.chain.set_time(time);
    }

    /// Calls the licence contract without money.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn call<C: SolCall>(&mut self, who: Who, call: C) -> Result<C::Return, Failure> {
        let account = self.account(who);
        self.chain.call(&account, self.contract, call, 0)
    }

    /// Calls the licence contract with money: as value where the currency is native, by allowance otherwise.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn with<C: SolCall>(&mut self, who: Who, amount: u128, call: C) -> Result<C::Return, Failure> {
        let account = self.account(who);
        let value = if self.currency.is_zero() { amount } else { 0 };
        self.chain.call(&account, self.contract, call, value)
    }

    /// The platform offers a menu for [`DATASET`]; its licence is the one spoken of from now on.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn offer(&mut self, options: &[Vec<B256>], upfront: u128) -> Result<B256, Failure> {
        let (pool, expires_at) = (self.pool, self.now + 30 * DAY);
        let options = options.to_vec();
        let (currency, datasets) = (self.currency, vec![DATASET]);
        let call = Licence::offerCall { pool, currency, datasets, options, expiresAt: expires_at };
        self.id = self.with(Who::Platform, upfront, call)?;
        Ok(self.id)
    }

    /// The licensor accepts.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn accept(&mut self, option: u8) -> Result<(), Failure> {
        self.call(Who::Licensor, Licence::acceptCall { licence: self.id, option }).map(|_| ())
    }

    /// The platform funds the escrow.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn fund(&mut self, amount: u128) -> Result<(), Failure> {
        let call = Licence::fundEscrowCall { licence: self.id, value: U256::from(amount) };
        self.with(Who::Platform, amount, call).map(|_| ())
    }

    /// The platform reports a quarter.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn report(&mut self, quarter: u32, gross: u128) -> Result<(), Failure> {
        let call = Licence::reportRevenueCall {
            licence: self.id,
            quarter,
            gross: U256::from(gross),
            infrastructure: U256::ZERO,
            taxes: U256::ZERO,
            evidence: HASH,
        };
        self.call(Who::Platform, call).map(|_| ())
    }

    /// The platform pays a quarter.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn pay(&mut self, quarter: u32, amount: u128) -> Result<(), Failure> {
        let call = Licence::payCall { licence: self.id, quarter, value: U256::from(amount) };
        self.with(Who::Platform, amount, call).map(|_| ())
    }

    /// The platform takes its money to its own account.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn refund(&mut self) -> Result<U256, Failure> {
        let to = self.account(Who::Platform).address;
        self.call(Who::Platform, Licence::refundCall { licence: self.id, to })
    }

    /// What an address has in the licence's currency.
    pub fn balance(&mut self, of: Address) -> U256 {
        if self.currency.is_zero() {
            self.chain.balance(of)
        } else {
            let currency = self.currency;
            self.any(currency, StandInCoin::balanceOfCall { account: of })
        }
    }

    /// What the licence contract has.
    pub fn own_balance(&mut self) -> U256 {
        self.balance(self.contract)
    }

    /// What the pool has.
    pub fn pool_balance(&mut self) -> U256 {
        self.balance(self.pool)
    }

    /// Answers a view.
    pub fn view<C: SolCall>(&mut self, call: C) -> C::Return {
        self.call(Who::Anyone, call).unwrap()
    }

    /// The words of a record.
    pub fn words(&mut self, record: char, which: B256) -> Vec<B256> {
        let record = u8::try_from(record).unwrap();
        self.view(Licence::recordOfCall { licence: self.id, record, which })
    }

    fn record<T: SolValue<SolType: SolType<RustType = T>>>(&mut self, record: char, which: B256) -> T {
        T::abi_decode(self.words(record, which).concat().as_slice()).unwrap()
    }

    /// Record 'P'.
    pub fn parties(&mut self) -> Licence::Parties {
        self.record('P', B256::ZERO)
    }

    /// Record 'S'.
    pub fn state(&mut self) -> Licence::State {
        self.record('S', B256::ZERO)
    }

    /// Record 'T'.
    pub fn times(&mut self) -> Licence::Times {
        self.record('T', B256::ZERO)
    }

    /// Record 'M'.
    pub fn money(&mut self) -> Licence::Money {
        self.record('M', B256::ZERO)
    }

    /// Record 'N'.
    pub fn counts(&mut self) -> Licence::Counts {
        self.record('N', B256::ZERO)
    }

    /// Record 'Q'.
    pub fn quarter(&mut self, number: u32) -> Licence::Quarter {
        self.record('Q', word(number))
    }

    /// Record 'U'.
    pub fn due(&mut self, number: u32) -> Licence::Due {
        self.record('U', word(number))
    }

    /// Record 'Y'.
    pub fn year(&mut self, number: u32) -> Licence::Year {
        self.record('Y', word(number))
    }

    /// Record 'A'.
    pub fn audit(&mut self, number: u32) -> Licence::Audit {
        self.record('A', word(number))
    }

    /// Record 'L'.
    pub fn sublicence(&mut self, number: u32) -> Licence::Sublicence {
        self.record('L', word(number))
    }

    /// Record 'R'.
    pub fn redaction(&mut self, number: u32) -> Licence::Redaction {
        self.record('R', word(number))
    }

    /// Record 'C'.
    pub fn standing(&mut self, account: Address) -> Licence::Standing {
        self.record('C', account.into_word())
    }

    /// Record 'V'.
    pub fn violation(&mut self, evidence: B256) -> Licence::Violation {
        self.record('V', evidence)
    }

    /// The pool's registry has a final report with these figures for every quarter.
    pub fn final_report(&mut self, report: &UsageReport) {
        let pool = self.pool;
        let call = StandInPool::setFiguresCall {
            state: 3,
            report: report.report.into(),
            metric: report.metric.into(),
            threshold: report.threshold,
            tokens: U256::from(report.usage.tokens),
            calls: report.usage.calls,
        };
        self.any(pool, call);
    }

    /// Sends a command as its message. Money is what the message needs; a debt that is not known is sent as nothing.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn send(&mut self, who: Who, command: &Command, debt: u128) -> Result<(), Failure> {
        use Licence as L;
        let licence = self.id;
        let hash = |hash: &[u8; 32]| B256::from(*hash);
        let u = |amount: u128| U256::from(amount);
        let (data, money) = match command {
            Command::Withdraw => (L::withdrawCall { licence }.abi_encode(), 0),
            Command::Decline => (L::declineCall { licence }.abi_encode(), 0),
            Command::Accept(option) => (L::acceptCall { licence, option: *option }.abi_encode(), 0),
            Command::FundEscrow(n) => (L::fundEscrowCall { licence, value: u(*n) }.abi_encode(), *n),
            Command::TakeOption(..) | Command::WithdrawMenu => panic!("{command:?} begins another licence"),
            Command::Lapse => (L::lapseCall { licence }.abi_encode(), 0),
            Command::Report(quarter, f) => {
                let (gross, infrastructure, taxes) = (u(f.gross), u(f.infrastructure), u(f.taxes));
                let evidence = hash(&f.evidence);
                let quarter = *quarter;
                (L::reportRevenueCall { licence, quarter, gross, infrastructure, taxes, evidence }.abi_encode(), 0)
            }
            Command::AssessUsage(quarter, report) => {
                self.final_report(report);
                (L::assessUsageCall { licence, quarter: *quarter }.abi_encode(), 0)
            }
            Command::CloseUsage(quarter) => {
                self.any(self.pool, StandInPool::setFiguresCall::default());
                (L::assessUsageCall { licence, quarter: *quarter }.abi_encode(), 0)
            }
            Command::Pay(quarter, n) => (L::payCall { licence, quarter: *quarter, value: u(*n) }.abi_encode(), *n),
            Command::RecordDefault(quarter) => (L::recordDefaultCall { licence, number: *quarter }.abi_encode(), 0),
            Command::RecordEmptyEscrow => (L::recordDefaultCall { licence, number: 0 }.abi_encode(), 0),
            Command::TrueUp(year) => (L::trueUpCall { licence, year: *year }.abi_encode(), 0),
            Command::PayShortfall(year, n) => {
                (L::payShortfallCall { licence, year: *year, value: u(*n) }.abi_encode(), *n)
            }
            Command::CertifyMilestone(index, evidence) => {
                (L::certifyMilestoneCall { licence, index: *index, evidence: hash(evidence) }.abi_encode(), 0)
            }
            Command::ForfeitEscrow => (L::forfeitEscrowCall { licence }.abi_encode(), 0),
            Command::Refund(to) => (L::refundCall { licence, to: (*to).into() }.abi_encode(), 0),
            Command::Deliver(period) => (L::deliverCall { licence, period: *period }.abi_encode(), 0),
            Command::PayAudit(number, which) => {
                let expenses = *which == Debt::Expenses;
                (L::payAuditCall { licence, number: *number, expenses }.abi_encode(), debt)
            }
            Command::WithdrawAudit(number, which, to) => {
                let (number, expenses, to) = (*number, *which == Debt::Expenses, (*to).into());
                (L::withdrawAuditCall { licence, number, expenses, to }.abi_encode(), 0)
            }
            _ => (conduct(licence, command), 0),
        };
        let value = if self.currency.is_zero() { money } else { 0 };
        let account = self.account(who);
        self.chain.call_raw(&account, self.contract, data, value).map(|_| ())
    }
}

/// Calldata of the messages without money.
fn conduct(licence: B256, command: &Command) -> Vec<u8> {
    use Licence as L;
    let hash = |hash: &[u8; 32]| B256::from(*hash);
    match command {
        Command::ApproveContributor(account, approved) => {
            let (contributor, approved) = ((*account).into(), *approved);
            L::approveContributorCall { licence, contributor, approved }.abi_encode()
        }
        Command::RequestAudit { holding, quarter, scope } => {
            let timepoint = holding.map_or(0, |held| held.at);
            L::requestAuditCall { licence, quarter: *quarter, scope: hash(scope), timepoint }.abi_encode()
        }
        Command::ApplyFinding(number) => L::applyFindingCall { licence, number: *number }.abi_encode(),
        Command::DismissFinding(number) => L::dismissCall { licence, kind: 2, which: word(*number) }.abi_encode(),
        Command::DismissViolation(evidence) => L::dismissCall { licence, kind: 1, which: hash(evidence) }.abi_encode(),
        Command::ProposePlatform(next) => L::proposePlatformCall { licence, next: (*next).into() }.abi_encode(),
        Command::AcceptPlatform => L::acceptPlatformCall { licence }.abi_encode(),
        Command::AnswerAudit(number, [logs, manifests, runs]) => {
            let (logs, manifests, runs) = (hash(logs), hash(manifests), hash(runs));
            L::answerAuditCall { licence, number: *number, logs, manifests, runs }.abi_encode()
        }
        Command::ReportAudit(number, finding) => L::reportAuditCall {
            licence,
            number: *number,
            discrepancyBps: finding.discrepancy_bps,
            tokens: U256::from(finding.usage.tokens),
            calls: finding.usage.calls,
            fee: U256::from(finding.fee),
            expenses: U256::from(finding.expenses),
            report: hash(&finding.report),
        }
        .abi_encode(),
        Command::RecordSublicence { licensee, uses, document } => {
            let (licensee, uses, document) = ((*licensee).into(), *uses, hash(document));
            L::recordSublicenceCall { licence, licensee, uses, document }.abi_encode()
        }
        Command::RecordViolation { kind, uses, at, evidence } => {
            let (kind, uses, at, evidence) = (*kind, *uses, *at, hash(evidence));
            L::recordViolationCall { licence, kind, uses, at, evidence }.abi_encode()
        }
        Command::RequestRedaction(wanted) => {
            let [dataset, request, manifest] = [&wanted.dataset, &wanted.request, &wanted.manifest].map(hash);
            L::requestRedactionCall { licence, dataset, request, manifest }.abi_encode()
        }
        Command::CertifyRedaction(number, certificate) => {
            L::certifyRedactionCall { licence, number: *number, certificate: hash(certificate) }.abi_encode()
        }
        Command::RecordBreach(kind, number) => {
            L::recordBreachCall { licence, kind: *kind, number: *number }.abi_encode()
        }
        Command::Terminate { cause, .. } => {
            let (reason, kind, number, evidence) = (cause.reason, cause.kind, cause.number, hash(&cause.evidence));
            L::terminateCall { licence, reason, kind, number, evidence }.abi_encode()
        }
        Command::Close => L::closeCall { licence }.abi_encode(),
        Command::CertifyDeletion(certificate) => {
            L::certifyDeletionCall { licence, certificate: hash(certificate) }.abi_encode()
        }
        _ => panic!("{command:?} is sent with money"),
    }
}
