//! A licence among real contracts: a pool of two holders, made by the factory, whose co-op accepts a platform's offer
//! by vote, and two contributors to its dataset.

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::{SolCall, SolType, SolValue};
use yieldset_chain::abi::{Attribution, Coop, Kyc, Licence, Manifests, Pool};
use yieldset_rules::licence::Terms;
use yieldset_rules::period::quarter_start;

use crate::assets::Asset;
use crate::attribution::WINDOW;
use crate::chain::{Account, Chain, Failure, START};
use crate::contributors::Contributors;
use crate::coop::Plan;
use crate::fixtures::{self, Dollar, Token};
use crate::licence::{DATASET, DAY, HASH, menu, word};
use crate::manifests::found;
use crate::system::YEAR;
use crate::world::World;

/// What the platform has of a currency that is not the chain's own, in its smallest unit.
pub const MONEY: u128 = 1_000_000_000_000_000_000;

/// A thousandth of the pool's shares, in units: a power of two, so that amounts divide as by a thousand.
pub const PART: u128 = 1 << 50;

/// The people and the contracts of one licence at a time.
pub struct Deal {
    /// The contracts.
    pub w: World,
    /// An ERC-20, or zero for the chain's own money.
    pub currency: Address,
    /// The pool's co-op, its licensor.
    pub coop: Address,
    /// Offers and pays.
    pub platform: Account,
    /// Has the licence contract's ORACLE_ROLE.
    pub oracle: Account,
    /// Owns the dataset.
    pub creator: Account,
    /// 600 and 400 [`PART`]s.
    pub holders: [Account; 2],
    /// Three quarters and one quarter of every period.
    pub contributors: [Account; 2],
    /// Their weights.
    pub c: Contributors,
    /// The licence that is spoken of.
    pub id: B256,
    /// The chain's time.
    pub now: u64,
}

impl Deal {
    /// Deploys it, in an ERC-20 or in the chain's own money.
    pub fn new(erc20: bool) -> Self {
        Self::paid_in(|chain, platform| {
            if !erc20 {
                return Address::ZERO;
            }
            let token = fixtures::plain_token(chain, platform, 6);
            chain.call(platform, token, Token::mintCall { to: platform.address, value: U256::from(MONEY) }, 0).unwrap();
            token
        })
    }

    /// Deploys it in a currency that `issue` makes, and of which it gives the platform [`MONEY`].
    pub fn paid_in(issue: impl FnOnce(&mut Chain, &Account) -> Address) -> Self {
        Self::among(World::new(), issue)
    }

    /// The same, among these contracts.
    pub fn among(mut w: World, issue: impl FnOnce(&mut Chain, &Account) -> Address) -> Self {
        let [platform, oracle, creator] = [11, 12, 13].map(|n| w.s.chain.account(n));
        let currency = issue(&mut w.s.chain, &platform);
        let (_, coop) = w.pool_with_coop(currency);
        let [holders, contributors] = [[14, 15], [16, 17]].map(|pair| pair.map(|n| w.s.chain.account(n)));
        let c = Contributors::new([contributors[0].address, contributors[1].address]);
        let licence = w.licence;
        w.grant(licence, "ORACLE_ROLE", oracle.address);
        let (id, now) = (B256::ZERO, START);
        let mut deal = Self { w, currency, coop, platform, oracle, creator, holders, contributors, c, id, now };
        // Long enough before the first vote.
        deal.w.s.chain.set_time(START - 60);
        deal.people();
        deal.dataset();
        deal.w.s.chain.set_time(START);
        deal
    }

    /// Holders and contributors pass KYC for ten years; holders have shares, and the platform money.
    fn people(&mut self) {
        let (admin, platform, kyc, pool) = (self.w.s.admin.clone(), self.platform.clone(), self.w.s.kyc, self.w.s.pool);
        let accounts = self.holders.iter().chain(&self.contributors).map(|account| account.address);
        for account in accounts.collect::<Vec<_>>() {
            let expiry = START + 10 * YEAR;
            let record = Kyc::setRecordCall { account, level: 1, jurisdiction: 276, accredited: false, expiry };
            self.w.call(&admin, kyc, record).unwrap();
        }
        for (to, parts) in [(self.holders[0].address, 600), (self.holders[1].address, 400)] {
            self.w.call(&admin, pool, Pool::mintCall { to, amount: U256::from(parts * PART) }).unwrap();
        }
        if let Some(asset) = Asset::at(self.currency) {
            asset.begin(&mut self.w.s.chain, &admin, pool);
            asset.float(&mut self.w.s.chain, self.w.licence);
        }
        let cap = U256::from(u128::MAX);
        let open = Pool::openCall { cap, licences: self.w.licence, governor: self.coop };
        self.w.call(&admin, pool, open).unwrap();
        if !self.currency.is_zero() {
            let (token, spender, value) = (self.currency, self.w.licence, U256::from(MONEY));
            self.w.call(&platform, token, Dollar::approveCall { spender, value }).unwrap();
        }
    }

    /// The creator registers the dataset and puts it into the pool.
    fn dataset(&mut self) {
        let (creator, manifests, pool) = (self.creator.clone(), self.w.s.manifests, self.w.s.pool);
        assert_eq!(self.w.call(&creator, manifests, found(0xda, 1)).unwrap(), DATASET);
        self.w.call(&creator, manifests, Manifests::assignToPoolCall { dataset: DATASET, pool }).unwrap();
    }

    /// Goes to a time.
    pub fn at(&mut self, time: u64) {
        self.now = time;
        self.w.s.chain.set_time(time);
    }

    /// Sends the licence contract a message without money.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn call<C: SolCall>(&mut self, from: &Account, call: C) -> Result<C::Return, Failure> {
        self.w.call(from, self.w.licence, call)
    }

    /// The platform sends the licence contract a message with money.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn pay<C: SolCall>(&mut self, amount: u128, call: C) -> Result<C::Return, Failure> {
        let value = if self.currency.is_zero() { amount } else { 0 };
        let (platform, licence) = (self.platform.clone(), self.w.licence);
        self.w.s.chain.call(&platform, licence, call, value)
    }

    /// The platform offers terms for the dataset; this licence is the one spoken of from now on.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn offer(&mut self, terms: &Terms) -> Result<B256, Failure> {
        let (pool, datasets, expires_at) = (self.w.s.pool, vec![DATASET], self.now + 30 * DAY);
        let (currency, options) = (self.currency, vec![menu(terms, &[])]);
        let call = Licence::offerCall { pool, currency, datasets, options, expiresAt: expires_at };
        self.id = self.pay(terms.upfront, call)?;
        Ok(self.id)
    }

    /// The co-op accepts by the votes of both holders.
    ///
    /// # Errors
    /// [`Failure`] of the execution.
    pub fn accept(&mut self) -> Result<(), Failure> {
        let accept = Licence::acceptCall { licence: self.id, option: 0 };
        self.vote(&Plan::one(self.w.licence, 0, accept.abi_encode(), &format!("Accept {}", self.id)))
    }

    /// The holders decide, and anybody carries it out.
    ///
    /// # Errors
    /// [`Failure`] of the execution.
    pub fn vote(&mut self, plan: &Plan) -> Result<(), Failure> {
        let (coop, holders, anybody) = (self.coop, self.holders.clone(), self.w.s.admin.clone());
        // It is executed now: the vote was in the seconds before, and nobody's shares moved in them.
        let now = self.now;
        self.w.s.chain.set_time(now - 19);
        let id = self.w.call(&holders[0], coop, plan.propose()).unwrap();
        self.w.s.chain.set_time(now - 13);
        for holder in &holders {
            self.w.call(holder, coop, Coop::castVoteCall { proposalId: id, support: 1 }).unwrap();
        }
        self.w.s.chain.set_time(now);
        self.w.call(&anybody, coop, plan.execute()).map(drop)
    }

    /// Goes to the day after a quarter; the platform reports it, and pays what is due.
    pub fn settle(&mut self, quarter: u32, gross: u128) {
        self.at(quarter_start(quarter + 1) + DAY);
        let platform = self.platform.clone();
        let (licence, gross, zero) = (self.id, U256::from(gross), U256::ZERO);
        let report =
            Licence::reportRevenueCall { licence, quarter, gross, infrastructure: zero, taxes: zero, evidence: HASH };
        self.call(&platform, report).unwrap();
        self.pay_due(quarter);
    }

    /// The platform pays what is due for a quarter, where something is.
    pub fn pay_due(&mut self, quarter: u32) {
        let due: Licence::Due = self.record('U', word(quarter));
        if due.outstanding > U256::ZERO {
            let call = Licence::payCall { licence: self.id, quarter, value: due.outstanding };
            self.pay(due.outstanding.to(), call).unwrap();
        }
    }

    /// A record of the licence.
    pub fn record<T: SolValue<SolType: SolType<RustType = T>>>(&mut self, record: char, which: B256) -> T {
        let (anybody, record) = (self.w.s.admin.clone(), u8::try_from(record).unwrap());
        let words = self.call(&anybody, Licence::recordOfCall { licence: self.id, record, which }).unwrap();
        T::abi_decode(words.concat().as_slice()).unwrap()
    }

    /// The committee reports a quarter of the licence after the last, and the challenge window runs out.
    pub fn attribute(&mut self, quarter: u32) {
        self.attribute_tokens(quarter, 500);
    }

    /// The same, with so many attributed tokens.
    pub fn attribute_tokens(&mut self, quarter: u32, tokens: u64) {
        let (stream, admin, registry, pool) = (self.id, self.w.s.admin.clone(), self.w.s.attribution, self.w.s.pool);
        let latest = self.w.call(&admin, registry, Attribution::latestCall { pool, stream }).unwrap();
        let mut report = self.w.s.report(stream, quarter, self.c.root());
        report.previous = latest.reportHash.0;
        report.totals.attributed_tokens = tokens;
        report.totals.tokens = report.totals.tokens.max(tokens);
        let keys = self.w.s.keys[..2].to_vec();
        self.w.s.post(&report.to_bytes(), &keys).unwrap();
        self.at(self.now + WINDOW + 1);
    }

    /// Money of an account.
    pub fn balance(&mut self, account: Address) -> U256 {
        if self.currency.is_zero() {
            return self.w.s.chain.balance(account);
        }
        let (anybody, token) = (self.w.s.admin.clone(), self.currency);
        self.w.call(&anybody, token, Token::balanceOfCall { account }).unwrap()
    }

    /// Money of holders and contributors.
    pub fn balances(&mut self) -> [U256; 4] {
        let [[a, b], [c, d]] = [&self.holders, &self.contributors].map(|pair| [pair[0].address, pair[1].address]);
        [a, b, c, d].map(|account| self.balance(account))
    }

    /// Everybody is paid everything: dividends, and the contributions of these quarters. Anybody may start that; who
    /// does pays for the storage.
    pub fn claim_all(&mut self, quarters: &[u32]) {
        let (anybody, pool) = (self.w.s.admin.clone(), self.w.s.pool);
        for account in self.holders.clone().map(|holder| holder.address) {
            self.w.call(&anybody, pool, Pool::claimForCall { account }).unwrap();
        }
        for n in 0..2 {
            let batch = self.c.batch(n, self.id, quarters);
            self.w.call(&anybody, pool, batch).unwrap();
        }
    }
}
