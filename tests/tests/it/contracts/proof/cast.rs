//! All real contracts, their money one ERC-20, and who takes part; each message of theirs with what the books say of
//! it.

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::SolCall;
use yieldset_chain::abi::{Attribution, Kyc, Licence as Contract, Market, Pool};
use yieldset_rules::{
    licence::{Terms, terms::uses},
    period::quarter_at,
};
use yieldset_tests::{
    attribution::WINDOW,
    chain::{Account, Failure, START},
    deal::{Deal as Scene, PART},
    fixtures::Token,
    licence::{DAY, HASH, plain},
    market::{LOT, TICK},
    system::{YEAR, metric},
};

use super::{
    books::{BOND, Books, Deal, Dispute, Licence, PEOPLE, Person, Report, Stream},
    stranger::{Stranger, is_done},
};

/// A unit of the stories' money.
pub const COIN: u128 = 1_000_000;
/// The stream that has no licence.
pub const PLAIN: B256 = B256::repeat_byte(3);
/// A part's price: whole, since a share's price is a multiple of 5^18.
pub const PRICE: u128 = 1 << 32;
/// Tokens of each report with weights.
const TOKENS: u64 = 1_000;

/// Who acts, what is owed, and what everybody had at first.
pub struct Cast {
    pub scene: Scene,
    pub books: Books,
    pub ids: Vec<B256>,
    pub auditor: Account,
    pub arbiter: Account,
    /// Who is between the others, where somebody is.
    pub between: Option<Stranger>,
    /// What became of each attempt.
    pub log: Vec<bool>,
    people: Vec<Account>,
    had: Vec<U256>,
}

impl Cast {
    pub fn new() -> Self {
        let mut scene = Scene::new(true);
        let [patron, critic, auditor, arbiter] = [30, 31, 32, 33].map(|n| scene.w.s.chain.account(n));
        let ([ann, ben], [cid, dee]) = (scene.holders.clone(), scene.contributors.clone());
        let people = vec![ann, ben, cid, dee, scene.platform.clone(), patron, critic];
        let (books, ids, had, log) = Default::default();
        let mut cast = Self { scene, books, ids, auditor, arbiter, between: None, log, people, had };
        let (licence, market, registry) = (cast.scene.w.licence, cast.scene.w.market, cast.scene.w.s.attribution);
        let (pool, token) = (cast.scene.w.s.pool, cast.scene.currency);
        cast.scene.w.grant(licence, "AUDITOR_ROLE", cast.auditor.address);
        cast.scene.w.grant(licence, "ARBITER_ROLE", cast.arbiter.address);
        cast.scene.w.grant(registry, "ARBITER_ROLE", cast.arbiter.address);
        let list = Market::listPoolCall { pool, lot: U256::from(LOT), tick: U256::from(TICK) };
        cast.must(&cast.admin(), market, list);
        for person in PEOPLE {
            let account = cast.account(person);
            let mint = Token::mintCall { to: account.address, value: U256::from(10u128.pow(24)) };
            cast.must(&cast.account(Person::Platform), token, mint);
            for spender in [pool, licence, market, registry] {
                cast.must(&account, token, Token::approveCall { spender, value: U256::MAX });
            }
            cast.must(&account, pool, Token::approveCall { spender: market, value: U256::MAX });
            cast.let_in(person);
        }
        let stranger = cast.scene.w.s.chain.account(34);
        let mint = Token::mintCall { to: stranger.address, value: U256::from(10u128.pow(24)) };
        cast.must(&cast.account(Person::Platform), token, mint);
        for spender in [pool, licence, market, registry] {
            cast.must(&stranger, token, Token::approveCall { spender, value: U256::MAX });
        }
        let expiry = START + 10 * YEAR;
        let record =
            Kyc::setRecordCall { account: stranger.address, level: 1, jurisdiction: 276, accredited: false, expiry };
        cast.must(&cast.admin(), cast.scene.w.s.kyc, record);
        cast.books.parts = [(Person::Ann, 600), (Person::Ben, 400)].into();
        cast.had = PEOPLE.map(|person| cast.balance(cast.account(person).address)).to_vec();
        cast
    }

    pub fn account(&self, person: Person) -> Account {
        self.people[person as usize].clone()
    }

    pub fn admin(&self) -> Account {
        self.scene.w.s.admin.clone()
    }

    /// Somebody with a record and money, who has no part in anything.
    pub fn stranger(&mut self) -> Account {
        Account::number(34)
    }

    /// Sends what anybody may.
    pub fn anybody(&self) -> Account {
        self.admin()
    }

    pub fn now(&self) -> u64 {
        self.scene.now
    }

    pub fn quarter(&self) -> u32 {
        quarter_at(self.now())
    }

    pub fn wait(&mut self, seconds: u64) {
        self.scene.at(self.now() + seconds);
    }

    pub fn balance(&mut self, account: Address) -> U256 {
        self.scene.balance(account)
    }

    /// What somebody gained since the story began.
    pub fn gained(&mut self, person: Person) -> i128 {
        let has: u128 = self.balance(self.account(person).address).to();
        i128::try_from(has).unwrap() - self.had[person as usize].to::<i128>()
    }

    /// Whether a message is taken; what is no refusal with a reason is a fault.
    pub fn tries<C: SolCall>(&mut self, from: &Account, to: Address, call: C) -> bool {
        self.stranger_acts();
        let answer = self.scene.w.call(from, to, call);
        // What became of it without the stranger: the story goes on as it did then, so that both attempt the same.
        let alone = self.between.as_ref().map(|stranger| stranger.alone[self.log.len()]);
        let taken = match answer {
            Ok(_) => alone.unwrap_or(true),
            Err(why @ Failure::Refused(_)) => {
                let alone = alone.unwrap_or(false);
                assert!(!alone || is_done(&why), "{} is refused for a stranger's steps: {why:?}", C::SIGNATURE);
                alone
            }
            Err(other) => panic!("{}: {other:?}", C::SIGNATURE),
        };
        self.log.push(taken);
        taken
    }

    #[track_caller]
    pub fn must<C: SolCall>(&mut self, from: &Account, to: Address, call: C) -> C::Return {
        self.stranger_acts();
        self.scene.w.call(from, to, call).unwrap_or_else(|why| panic!("{}: {why:?}", C::SIGNATURE))
    }

    pub fn licence(&self) -> Address {
        self.scene.w.licence
    }

    pub fn pool(&self) -> Address {
        self.scene.w.s.pool
    }

    pub fn registry(&self) -> Address {
        self.scene.w.s.attribution
    }

    pub fn stream(&self, stream: Stream) -> B256 {
        if stream == 0 { PLAIN } else { self.ids[stream - 1] }
    }

    pub fn streams(&self) -> std::ops::Range<Stream> {
        0..self.ids.len() + 1
    }

    /// The registrar gives a record of ten years, and takes back a freeze.
    pub fn let_in(&mut self, person: Person) {
        self.let_in_until(person, START + 10 * YEAR);
    }

    pub fn let_in_until(&mut self, person: Person, expiry: u64) {
        let (account, kyc) = (self.account(person).address, self.scene.w.s.kyc);
        let record = Kyc::setRecordCall { account, level: 1, jurisdiction: 276, accredited: false, expiry };
        self.must(&self.admin(), kyc, record);
        self.must(&self.admin(), kyc, Kyc::setFrozenCall { account, frozen: false });
        self.books.held.retain(|(held, _)| *held != person);
        self.books.expiries.insert(person, expiry);
    }

    /// Whose record ran out is held back from now on; nothing was paid since.
    pub fn notice_expiries(&mut self) {
        let now = self.now();
        let over = self.books.expiries.iter().filter(|(_, expiry)| **expiry <= now);
        for person in over.map(|(person, _)| *person).collect::<Vec<_>>() {
            if !self.books.is_held(person) {
                let had = self.gained(person);
                self.books.held.push((person, had));
            }
        }
    }

    /// The registrar freezes an account.
    pub fn hold_back(&mut self, person: Person) {
        let (account, kyc) = (self.account(person).address, self.scene.w.s.kyc);
        self.must(&self.admin(), kyc, Kyc::setFrozenCall { account, frozen: true });
        let had = self.gained(person);
        self.books.held.push((person, had));
    }

    pub fn deposit(&mut self, stream: Stream, quarter: u32, amount: u128) {
        let call = Pool::depositCall { stream: self.stream(stream), period: quarter, amount: U256::from(amount) };
        self.must(&self.account(Person::Patron), self.pool(), call);
        self.books.lose(Person::Patron, amount);
        self.books.deposit(stream, quarter, amount);
        self.send_on();
    }

    /// Moves thousandths of the shares; not where somebody may not.
    pub fn transfer(&mut self, from: Person, to: Person, parts: u128) {
        let call = Pool::transferCall { to: self.account(to).address, amount: U256::from(parts * PART) };
        if self.tries(&self.account(from), self.pool(), call) {
            *self.books.parts.entry(from).or_default() -= parts;
            *self.books.parts.entry(to).or_default() += parts;
        }
    }

    /// The platform offers a licence of twelve months.
    pub fn offer(&mut self, deal: Deal) {
        let terms = Terms {
            upfront: deal.upfront,
            residual_bps: if deal.residual { 1_000 } else { 0 },
            per_thousand_tokens: deal.usage,
            metric: if deal.usage > 0 { metric().id(yieldset_tests::system::keccak) } else { [0; 32] },
            threshold: if deal.usage > 0 { 700_000 } else { plain().threshold },
            guarantee: deal.guarantee,
            escrow: deal.guarantee + deal.spare,
            prohibited: uses::AD_TARGETING_RESALE,
            funding_days: if deal.guarantee + deal.spare > 0 { 14 } else { 0 },
            ..plain()
        };
        let id = self.scene.offer(&terms).unwrap();
        self.ids.push(id);
        self.books.lose(Person::Platform, deal.upfront);
        let (gross, usage, paid) = Default::default();
        let licence = Licence { deal, accepted: false, first: None, ended: None, gross, usage, paid, alleged: None };
        self.books.licences.push(licence);
    }

    /// The co-op accepts an offer by vote.
    pub fn accept(&mut self, number: usize) {
        // Nobody's shares moved while they vote.
        self.wait(60);
        self.scene.id = self.ids[number];
        self.scene.accept().unwrap();
        let (quarter, licence) = (self.quarter(), &mut self.books.licences[number]);
        licence.accepted = true;
        if licence.deal.guarantee + licence.deal.spare == 0 {
            licence.first = Some(quarter);
        }
        let upfront = licence.deal.upfront;
        self.books.deposit(number + 1, quarter, upfront);
    }

    pub fn fund(&mut self, number: usize) {
        let deal = self.books.licences[number].deal;
        let value = deal.guarantee + deal.spare;
        let call = Contract::fundEscrowCall { licence: self.ids[number], value: U256::from(value) };
        self.must(&self.account(Person::Platform), self.licence(), call);
        self.books.lose(Person::Platform, value);
        self.books.licences[number].first = Some(self.quarter());
    }

    /// The platform reports its next quarter where it is over.
    pub fn report(&mut self, number: usize, gross: u128) -> bool {
        let licence = &self.books.licences[number];
        let next = licence.quarters().find(|quarter| !licence.gross.contains_key(quarter));
        let Some(quarter) = next.filter(|quarter| *quarter < self.quarter()) else { return false };
        let (gross_revenue, none) = (U256::from(gross), U256::ZERO);
        let call = Contract::reportRevenueCall {
            licence: self.ids[number],
            quarter,
            gross: gross_revenue,
            infrastructure: none,
            taxes: none,
            evidence: HASH,
        };
        self.must(&self.account(Person::Platform), self.licence(), call);
        self.books.licences[number].gross.insert(quarter, gross);
        true
    }

    /// The platform pays a quarter, where it owes anything.
    pub fn pay(&mut self, number: usize, quarter: u32) {
        let amount = self.books.licences[number].unpaid(quarter);
        if amount > 0 {
            let call = Contract::payCall { licence: self.ids[number], quarter, value: U256::from(amount) };
            self.must(&self.account(Person::Platform), self.licence(), call);
            self.books.lose(Person::Platform, amount);
            *self.books.licences[number].paid.entry(quarter).or_default() += amount;
            self.books.deposit(number + 1, quarter, amount);
            self.send_on();
        }
    }

    /// Anybody has the usage of a final report charged.
    pub fn assess(&mut self, number: usize, quarter: u32) {
        let licence = &self.books.licences[number];
        let report = self.books.reports.get(&(number + 1, quarter)).copied();
        let due = licence.deal.usage > 0 && licence.quarters().contains(&quarter) && quarter < self.quarter();
        if !due || licence.usage.contains_key(&quarter) || report.is_none() {
            return;
        }
        let call = Contract::assessUsageCall { licence: self.ids[number], quarter };
        if self.tries(&self.anybody(), self.licence(), call) {
            let licence = &mut self.books.licences[number];
            // Usage of one that was withdrawn and never revised is closed.
            let charged = report.is_some_and(|report| report.weights && !report.withdrawn);
            licence.usage.insert(quarter, if charged { licence.deal.usage } else { 0 });
        }
    }

    /// The committee reports a quarter, or revises its withdrawn report.
    pub fn post(&mut self, stream: Stream, quarter: u32, weights: bool) {
        let (id, pool, registry) = (self.stream(stream), self.pool(), self.registry());
        let latest = self.must(&self.anybody(), registry, Attribution::latestCall { pool, stream: id });
        let root = if weights { self.scene.c.root() } else { [0; 32] };
        let mut report = self.scene.w.s.report(id, quarter, root);
        let before = self.books.reports.get(&(stream, quarter)).copied();
        report.revision = before.map_or(0, |report| report.revision + 1);
        report.previous = latest.reportHash.0;
        if weights {
            report.totals.attributed_tokens = TOKENS;
        }
        let keys = self.scene.w.s.keys[..2].to_vec();
        self.scene.w.s.post(&report.to_bytes(), &keys).unwrap();
        let told = Report { weights, withdrawn: false, revision: report.revision, withdrawn_in: 0 };
        self.books.reports.insert((stream, quarter), told);
    }

    /// The critic disputes a report whose window is open.
    pub fn dispute(&mut self, (stream, period): (Stream, u32), defended: bool) {
        let (pool, id, reason) = (self.pool(), self.stream(stream), B256::repeat_byte(1));
        let call = Attribution::disputeCall { pool, stream: id, period, reason, maxBond: U256::from(BOND) };
        self.must(&self.account(Person::Critic), self.registry(), call);
        self.books.lose(Person::Critic, BOND);
        if defended {
            // It is the stream's latest.
            let latest = self.must(&self.anybody(), self.registry(), Attribution::latestCall { pool, stream: id });
            let (report, bond) = (latest.reportHash, U256::from(BOND));
            let call = Attribution::defendCall { pool, stream: id, period, reportHash: report, maxBond: bond };
            self.must(&self.account(Person::Patron), self.registry(), call);
            self.books.lose(Person::Patron, BOND);
        }
        self.books.disputes.insert((stream, period), Dispute { defended });
    }

    /// The arbiter of reports rules, in time.
    pub fn rule(&mut self, (stream, period): (Stream, u32), upheld: bool) {
        let (pool, id, registry, arbiter) = (self.pool(), self.stream(stream), self.registry(), self.arbiter.clone());
        if upheld {
            self.must(&arbiter, registry, Attribution::upholdCall { pool, stream: id, period });
        } else {
            self.must(&arbiter, registry, Attribution::rejectCall { pool, stream: id, period });
        }
        // Who upholds an undefended dispute has nothing for the period.
        self.tries(&arbiter, registry, Attribution::deliverBondCall { pool, stream: id, period });
        let quarter = self.quarter();
        self.books.ruled((stream, period), upheld, quarter);
    }

    pub fn ask(&mut self, maker: Person, parts: u128) -> Option<u64> {
        let (pool, market, expiry) = (self.pool(), self.scene.w.market, self.now() + 80 * DAY);
        let price = PRICE * 10u128.pow(18) / PART;
        let call = yieldset_tests::market::ask(pool, parts * PART, price, expiry);
        let order = self.scene.w.call(&self.account(maker), market, call).ok()?;
        self.books.orders.insert(order, (maker, 0, parts, expiry));
        Some(order)
    }

    pub fn bid(&mut self, maker: Person, parts: u128) {
        let (pool, market, expiry) = (self.pool(), self.scene.w.market, self.now() + 80 * DAY);
        let price = PRICE * 10u128.pow(18) / PART;
        let call = yieldset_tests::market::bid(pool, parts * PART, price, expiry);
        let order = self.must(&self.account(maker), market, call);
        self.books.lose(maker, parts * PRICE);
        self.books.orders.insert(order, (maker, parts * PRICE, parts, expiry));
    }

    /// Takes a part of an ask.
    pub fn fill(&mut self, taker: Person, order: u64, parts: u128) {
        let call = Market::fillAskCall { order, shares: U256::from(parts * PART), maxCost: U256::MAX };
        let (maker, _, left, _) = self.books.orders[&order];
        if !self.tries(&self.account(taker), self.scene.w.market, call) {
            return;
        }
        self.books.lose(taker, parts * PRICE);
        *self.books.credits.entry(maker).or_default() += parts * PRICE;
        *self.books.parts.entry(maker).or_default() -= parts;
        *self.books.parts.entry(taker).or_default() += parts;
        match left - parts {
            0 => drop(self.books.orders.remove(&order)),
            left => self.books.orders.get_mut(&order).unwrap().2 = left,
        }
    }

    /// The challenge windows of all reports are over, and whatever was disputed lapses.
    pub fn close_windows(&mut self) {
        self.wait(WINDOW + yieldset_tests::attribution::RULING);
        self.books.lapse_disputes();
    }

    /// Does something that is undone afterwards.
    pub fn aside<T>(&mut self, act: impl FnOnce(&mut Self) -> T) -> T {
        let (books, now, id, licences) = (self.books.clone(), self.now(), self.scene.id, self.ids.len());
        self.scene.w.s.chain.mark();
        let done = act(self);
        self.scene.w.s.chain.in_runtime(sp_io::storage::rollback_transaction);
        (self.books, self.scene.now, self.scene.id) = (books, now, id);
        self.ids.truncate(licences);
        done
    }
}
