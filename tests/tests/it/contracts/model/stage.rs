//! The chain with all contracts that a step can touch, and how a step is sent to it.

use std::rc::Rc;

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::{SolCall, SolConstructor};
use yieldset_chain::abi::{Attribution, Kyc, Market, Pool};
use yieldset_rules::issuance::Opening;
use yieldset_tests::{
    chain::{Account, Failure, blob},
    market::{LOT, TICK},
    system::System,
};

use super::{
    books::{Books, Givens},
    money::stream_id,
    step::{ADMIN, CONTRIBUTORS, GOVERNOR, Item, PARTIES, Party, PolicyTerms, STREAMS, Step},
};

const REASON: B256 = B256::repeat_byte(0xaa);

/// The real contracts.
pub struct Stage {
    pub s: System,
    pub market: Address,
    pub givens: Rc<Givens>,
    /// Those parties that sign, the admin last.
    signers: Vec<Account>,
}

impl Stage {
    /// Deploys everything and remembers that state.
    pub fn new() -> Self {
        let mut s = System::new();
        let mut signers: Vec<_> = (1..=6).map(|n| s.chain.account(n)).collect();
        for signer in &signers[..4] {
            s.verify(signer);
        }
        let admin = s.admin.clone();
        let treasury = s.chain.account(20);
        let data = Market::constructorCall { admin: admin.address }.abi_encode();
        let market = s.chain.instantiate(&admin, blob("market"), data).unwrap();
        s.grant(market, "LISTER_ROLE", &admin);
        s.grant(s.attribution, "ARBITER_ROLE", &admin);
        let grant = yieldset_chain::abi::Access::grantRoleCall {
            role: yieldset_chain::deployment::role("MARKET_ROLE"),
            account: market,
        };
        s.call(&admin, s.pool, grant).unwrap();
        let list = Market::listPoolCall { pool: s.pool, lot: U256::from(LOT), tick: U256::from(TICK) };
        s.call(&admin, market, list).unwrap();
        signers.push(admin);
        let mut addresses = [[0; 20]; PARTIES + 1];
        let others = [market, treasury.address];
        for (at, address) in signers.iter().map(|signer| signer.address).chain(others).enumerate() {
            addresses[at] = address.into_array();
        }
        let givens = Rc::new(Givens::new(addresses, s.pool.into_array(), s.attribution.into_array()));
        s.chain.mark();
        Self { s, market, givens, signers }
    }

    pub fn address(&self, party: Party) -> Address {
        Address::from(self.givens.addresses[party])
    }

    fn send<C: SolCall>(&mut self, by: Party, to: Address, call: C, value: u128) -> Result<C::Return, Failure> {
        self.s.chain.call(&self.signers[by], to, call, value)
    }

    fn pool<C: SolCall>(&mut self, by: Party, call: C) -> Result<u128, Failure> {
        self.send(by, self.s.pool, call, 0).map(|_| 0)
    }

    /// Reads a contract.
    pub fn ask<C: SolCall>(&mut self, to: Address, call: C) -> C::Return {
        self.send(ADMIN, to, call, 0).unwrap()
    }

    /// Sends a step. `books` are the model's before it.
    pub fn run(&mut self, step: &Step, books: &Books) -> Result<u128, Failure> {
        let at = |party: Party| Address::from(books.givens.addresses[party]);
        match step.clone() {
            Step::Mint { by, to, amount } => self.pool(by, Pool::mintCall { to: at(to), amount: U256::from(amount) }),
            Step::Transfer { from, to, amount } => {
                self.pool(from, Pool::transferCall { to: at(to), amount: U256::from(amount) })
            }
            Step::Approve { owner, spender, amount } => {
                self.pool(owner, Pool::approveCall { spender: at(spender), amount })
            }
            Step::TransferFrom { spender, from, to, amount } => {
                let call = Pool::transferFromCall { from: at(from), to: at(to), amount: U256::from(amount) };
                self.pool(spender, call)
            }
            Step::SetSale { by, price, cap, starts, ends } => {
                let (price, cap, proceeds) = (U256::from(price), U256::from(cap), at(super::step::TREASURY));
                self.pool(by, Pool::setSaleCall { price, cap, starts, ends, proceedsTo: proceeds })
            }
            Step::Open { by, cap } => {
                let (licences, governor) = (Address::ZERO, Address::ZERO);
                self.pool(by, Pool::openCall { cap: U256::from(cap), licences, governor })?;
                // A governor is a contract, and here somebody who signs is to be one.
                let opening = Opening { cap, licences: [0; 20], governor: at(GOVERNOR).into_array() };
                self.s.chain.store(self.s.pool, b"O", opening.to_bytes());
                Ok(0)
            }
            Step::RaiseCap { by, cap } => self.pool(by, Pool::raiseCapCall { cap: U256::from(cap) }),
            Step::Buy { buyer, amount, limit, sent } => {
                let call = Pool::buyCall { amount: U256::from(amount), maxCost: U256::from(limit) };
                self.send(buyer, self.s.pool, call, sent).map(|n| n.to())
            }
            Step::Wait { seconds } => {
                let now = self.s.chain.time();
                self.s.chain.set_time(now + seconds);
                Ok(0)
            }
            Step::NextBlock => {
                let (block, now) = (self.s.chain.block(), self.s.chain.time());
                self.s.chain.set_block(block + 1);
                self.s.chain.set_time(now + 1);
                Ok(0)
            }
            other => self.run_money(&other, books),
        }
    }

    fn run_money(&mut self, step: &Step, books: &Books) -> Result<u128, Failure> {
        let (at, pool) = (|party: Party| Address::from(books.givens.addresses[party]), self.s.pool);
        match *step {
            Step::Deposit { from, stream, period, amount, sent } => {
                let (stream, amount) = (B256::from(stream_id(stream)), U256::from(amount));
                self.send(from, pool, Pool::depositCall { stream, period, amount }, sent).map(|_| 0)
            }
            Step::Carry { by, stream, from, to } => {
                self.pool(by, Pool::carryCall { stream: stream_id(stream).into(), from, to })
            }
            Step::ReleaseWaiting { by, stream, period } => {
                self.pool(by, Pool::releaseWaitingCall { stream: stream_id(stream).into(), period })
            }
            Step::Claim { account } => self.send(account, pool, Pool::claimCall {}, 0).map(|n| n.to()),
            Step::ClaimFor { by, account } => {
                self.send(by, pool, Pool::claimForCall { account: at(account) }, 0).map(|n| n.to())
            }
            Step::ClaimContribution { account, item } => {
                let (stream, period, weight, proof) = proof(books, account, &item);
                let call = Pool::claimContributionCall { stream, period, weight, proof };
                self.send(account, pool, call, 0).map(|n| n.to())
            }
            Step::ClaimContributionFor { by, account, item } => {
                let (stream, period, weight, proof) = proof(books, account, &item);
                let account = at(account);
                let call = Pool::claimContributionForCall { account, stream, period, weight, proof };
                self.send(by, pool, call, 0).map(|n| n.to())
            }
            Step::ClaimContributions { by, account, ref items } => {
                let mut call = Pool::claimContributionsCall {
                    account: at(account),
                    streams: vec![],
                    periods: vec![],
                    weights: vec![],
                    proofs: vec![],
                };
                for (stream, period, weight, proof) in items.iter().map(|item| proof(books, account, item)) {
                    call.streams.push(stream);
                    call.periods.push(period);
                    call.weights.push(weight);
                    call.proofs.push(proof);
                }
                self.send(by, pool, call, 0).map(|n| n.to())
            }
            Step::ClaimForMany { by, ref accounts, item } => {
                let (nodes, flags) = books.givens.trees[item.tree].entries(accounts);
                let call = Pool::claimForManyCall {
                    stream: stream_id(item.stream).into(),
                    period: item.period,
                    accounts: accounts.iter().map(|account| at(*account)).collect(),
                    weights: accounts.iter().map(|account| proof(books, *account, &item).2).collect(),
                    proof: nodes.into_iter().map(B256::from).collect(),
                    proofFlags: flags,
                };
                self.send(by, pool, call, 0).map(|n| n.to())
            }
            _ => self.run_agents(step, books),
        }
    }

    fn run_agents(&mut self, step: &Step, books: &Books) -> Result<u128, Failure> {
        let at = |party: Party| Address::from(books.givens.addresses[party]);
        match step.clone() {
            Step::Freeze { by, account, amount } => {
                self.pool(by, Pool::freezePartialTokensCall { account: at(account), amount: U256::from(amount) })
            }
            Step::Unfreeze { by, account, amount } => {
                self.pool(by, Pool::unfreezePartialTokensCall { account: at(account), amount: U256::from(amount) })
            }
            Step::Force { by, from, to, amount } => {
                let (from, to, amount) = (at(from), at(to), U256::from(amount));
                self.pool(by, Pool::forcedTransferCall { from, to, amount, reason: REASON })
            }
            Step::Recover { by, lost, replacement } => {
                let (lost, replacement) = (at(lost), at(replacement));
                self.pool(by, Pool::recoverAccountCall { lost, replacement, reason: REASON })
            }
            Step::Pause { by } => self.pool(by, Pool::pauseCall {}),
            Step::Unpause { by } => self.pool(by, Pool::unpauseCall {}),
            Step::SetPolicy { by, open, terms } => self.pool(by, policy(open, &terms)),
            other => self.run_registries(&other, books),
        }
    }

    fn run_registries(&mut self, step: &Step, books: &Books) -> Result<u128, Failure> {
        let (at, kyc) = (|party: Party| Address::from(books.givens.addresses[party]), self.s.kyc);
        match *step {
            Step::SetRecord { by, account, level, jurisdiction, accredited, expiry } => {
                let call = Kyc::setRecordCall { account: at(account), level, jurisdiction, accredited, expiry };
                self.send(by, kyc, call, 0).map(|_| 0)
            }
            Step::Revoke { by, account } => self.send(by, kyc, Kyc::revokeCall { account: at(account) }, 0).map(|_| 0),
            Step::SetFrozen { by, account, frozen } => {
                self.send(by, kyc, Kyc::setFrozenCall { account: at(account), frozen }, 0).map(|_| 0)
            }
            Step::SetSanctioned { by, account, sanctioned } => {
                self.send(by, kyc, Kyc::setSanctionedCall { account: at(account), sanctioned }, 0).map(|_| 0)
            }
            Step::RecoverRecord { by, lost, replacement } => {
                let call = Kyc::recoverCall { lost: at(lost), replacement: at(replacement), reason: REASON };
                self.send(by, kyc, call, 0).map(|_| 0)
            }
            Step::Post { stream, period, revision, tree, signers } => {
                let report = books.report(stream, period, revision, tree).to_bytes();
                let keys = self.s.keys[..signers].to_vec();
                self.s.post(&report, &keys).map(|_| 0)
            }
            _ => self.run_disputes(step, books),
        }
    }

    fn run_disputes(&mut self, step: &Step, books: &Books) -> Result<u128, Failure> {
        let (at, registry, pool) =
            (|party: Party| Address::from(books.givens.addresses[party]), self.s.attribution, self.s.pool);
        let id = |stream| B256::from(stream_id(stream));
        match *step {
            Step::Dispute { by, stream, period, sent } => {
                let (reason, bond) = (REASON, U256::from(sent));
                let call = Attribution::disputeCall { pool, stream: id(stream), period, reason, maxBond: bond };
                self.send(by, registry, call, sent).map(|_| 0)
            }
            Step::Defend { by, stream, period, sent } => {
                let report = books.standing((stream, period)).hash.into();
                let (stream, bond) = (id(stream), U256::from(sent));
                let call = Attribution::defendCall { pool, stream, period, reportHash: report, maxBond: bond };
                self.send(by, registry, call, sent).map(|_| 0)
            }
            Step::DeliverBond { by, stream, period, sent } => {
                let call = Attribution::deliverBondCall { pool, stream: id(stream), period };
                self.send(by, registry, call, sent).map(|n| n.to())
            }
            Step::Uphold { by, stream, period } => {
                self.send(by, registry, Attribution::upholdCall { pool, stream: id(stream), period }, 0).map(|_| 0)
            }
            Step::Reject { by, stream, period } => {
                self.send(by, registry, Attribution::rejectCall { pool, stream: id(stream), period }, 0).map(|_| 0)
            }
            Step::Expire { by, stream, period } => {
                self.send(by, registry, Attribution::expireCall { pool, stream: id(stream), period }, 0).map(|_| 0)
            }
            Step::WithdrawBond { by, account, to } => {
                let call = Attribution::withdrawBondCall { currency: Address::ZERO, account: at(account), to: at(to) };
                self.send(by, registry, call, 0).map(|n| n.to())
            }
            _ => self.run_market(step, books),
        }
    }

    fn run_market(&mut self, step: &Step, books: &Books) -> Result<u128, Failure> {
        let (market, pool) = (self.market, self.s.pool);
        match *step {
            Step::List { by, lot, tick } => {
                let call = Market::listPoolCall { pool, lot: U256::from(lot), tick: U256::from(tick) };
                self.send(by, market, call, 0).map(|_| 0)
            }
            Step::Delist { by } => self.send(by, market, Market::delistPoolCall { pool }, 0).map(|_| 0),
            Step::Ask { maker, shares, price, expiry } => {
                let call = yieldset_tests::market::ask(pool, shares, price, expiry);
                self.send(maker, market, call, 0).map(u128::from)
            }
            Step::Bid { maker, shares, price, expiry, sent } => {
                let call = yieldset_tests::market::bid(pool, shares, price, expiry);
                self.send(maker, market, call, sent).map(u128::from)
            }
            Step::FillAsk { taker, order, shares, limit, sent } => {
                let call = Market::fillAskCall { order, shares: U256::from(shares), maxCost: U256::from(limit) };
                self.send(taker, market, call, sent).map(|n| n.to())
            }
            Step::FillBid { taker, order, shares, limit } => {
                let call = Market::fillBidCall { order, shares: U256::from(shares), minProceeds: U256::from(limit) };
                self.send(taker, market, call, 0).map(|n| n.to())
            }
            Step::Match { by, ask, bid, shares } => {
                let call = Market::matchOrdersCall { ask, bid, shares: U256::from(shares) };
                self.send(by, market, call, 0).map(|n| n.to())
            }
            Step::Cancel { by, order } => self.send(by, market, Market::cancelCall { order }, 0).map(|_| 0),
            Step::CancelExpired { by, order } => {
                self.send(by, market, Market::cancelExpiredCall { order }, 0).map(|_| 0)
            }
            Step::EndReservations { by } => self.send(by, pool, Pool::endReservationsCall {}, 0).map(|_| 0),
            Step::Withdraw { by, to } => {
                let to = Address::from(books.givens.addresses[to]);
                self.send(by, market, Market::withdrawCall { pool, to }, 0).map(|n| n.to())
            }
            Step::Inherit { by, lost } => {
                let lost = Address::from(books.givens.addresses[lost]);
                self.send(by, market, Market::inheritCall { lost, pool }, 0).map(|n| n.to())
            }
            ref other => panic!("nobody knows how to send {other:?}"),
        }
    }
}

/// A claim as a message has it. Who has no weight shows somebody else's proof.
pub fn proof(books: &Books, account: Party, item: &Item) -> (B256, u32, U256, Vec<B256>) {
    let tree = &books.givens.trees[item.tree];
    let (weight, proof) = tree.entry(account).or_else(|| tree.entry(CONTRIBUTORS[0])).unwrap();
    let weight = weight + u64::from(item.inflated);
    (stream_id(item.stream).into(), item.period, U256::from(weight), proof.map(B256::from).to_vec())
}

fn policy(open: bool, terms: &PolicyTerms) -> Pool::setPolicyCall {
    let policy = terms.policy();
    let [_, words @ ..] = policy.requirements_words();
    Pool::setPolicyCall {
        open,
        minLevel: policy.min_level,
        accreditedOnly: policy.accredited_only,
        allowList: policy.allow_list,
        jurisdictions: words.map(B256::from),
        maxHolders: policy.max_holders,
        maxHolding: U256::from(policy.max_holding),
        lockupSeconds: policy.lockup_seconds,
    }
}

/// All periods that a step can be about.
pub fn periods() -> impl Iterator<Item = (usize, u32)> {
    (0..STREAMS).flat_map(|stream| (1..=super::step::PERIODS).map(move |period| (stream, period)))
}
