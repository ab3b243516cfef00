//! A market with two stand-in pools, one paid in the native currency and one in an ERC-20, and traders with shares and
//! money.

use alloy_primitives::{Address, U256};
use alloy_sol_types::{SolCall, SolConstructor, SolEvent};
use yieldset_chain::abi::{Access, Market};
use yieldset_chain::deployment::role;
use yieldset_rules::market::LONGEST;

use crate::chain::{Account, Chain, Failure, Log, START, blob};
use crate::fixtures::{self, StandInPool, Token};
use crate::system::kyc_registry;

/// Shares that each trader starts with, in each pool.
pub const SHARES: u128 = 1_000 * SHARE;
/// ERC-20 money that each trader starts with.
pub const MONEY: u128 = 10u128.pow(30);
/// Units of one share.
pub const SHARE: u128 = 10u128.pow(18);
/// Fewest share units of an order.
pub const LOT: u128 = 10;
/// Prices are multiples of this.
pub const TICK: u128 = 5;
/// An expiry as late as it may be when the chain begins.
pub const LATE: u64 = START + LONGEST;

/// The deployed market.
pub struct Exchange {
    /// The chain it is on.
    pub chain: Chain,
    /// Its admin, who also lists.
    pub admin: Account,
    /// The registry that both pools screen by; the admin is its agent.
    pub kyc: Address,
    /// The market.
    pub market: Address,
    /// Pool paid in the native currency.
    pub native: Address,
    /// Pool paid in `token`.
    pub pool: Address,
    /// An honest ERC-20.
    pub token: Address,
    /// Who trades: all have shares and money and have allowed the market to spend both.
    pub traders: Vec<Account>,
}

impl Exchange {
    /// Deploys everything and lists both pools.
    pub fn new() -> Self {
        let mut chain = Chain::new();
        let admin = chain.account(0);
        let kyc = kyc_registry(&mut chain, &admin);
        let data = Market::constructorCall { admin: admin.address }.abi_encode();
        let market = chain.instantiate(&admin, blob("market"), data).unwrap();
        let token = fixtures::plain_token(&mut chain, &admin, 6);
        let native = fixtures::stand_in_pool(&mut chain, &admin, Address::ZERO);
        let pool = fixtures::stand_in_pool(&mut chain, &admin, token);
        let traders = (1..=3).map(|n| chain.account(n)).collect::<Vec<_>>();
        let mut exchange = Self { chain, admin, kyc, market, native, pool, token, traders };
        let grant = Access::grantRoleCall { role: role("LISTER_ROLE"), account: exchange.admin.address };
        let admin = exchange.admin.clone();
        exchange.call(&admin, grant).unwrap();
        let agent = Access::grantRoleCall { role: role("AGENT_ROLE"), account: admin.address };
        exchange.told(kyc, agent);
        for pool in [native, pool] {
            exchange.told(pool, StandInPool::setKycCall { registry: kyc });
            exchange.admit(pool);
            exchange.list(pool);
        }
        for trader in exchange.traders.clone() {
            exchange.fund(&trader, native, None);
            exchange.fund(&trader, pool, Some(token));
        }
        exchange
    }

    /// Sends the market a message without value.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn call<C: SolCall>(&mut self, from: &Account, call: C) -> Result<C::Return, Failure> {
        self.chain.call(from, self.market, call, 0)
    }

    /// Sends the market a message with value.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn pay<C: SolCall>(&mut self, from: &Account, call: C, value: u128) -> Result<C::Return, Failure> {
        self.chain.call(from, self.market, call, value)
    }

    /// Sends any contract a message that it must accept, as the admin.
    pub fn told<C: SolCall>(&mut self, to: Address, call: C) -> C::Return {
        let admin = self.admin.clone();
        self.chain.call(&admin, to, call, 0).unwrap()
    }

    /// Lets the market reserve and deliver a stand-in pool's shares.
    pub fn admit(&mut self, pool: Address) {
        let (role, account) = (role("MARKET_ROLE"), self.market);
        self.told(pool, StandInPool::grantRoleCall { role, account });
    }

    /// Lists a pool with the usual lot and tick.
    pub fn list(&mut self, pool: Address) {
        let call = Market::listPoolCall { pool, lot: U256::from(LOT), tick: U256::from(TICK) };
        self.told(self.market, call);
    }

    /// Gives a trader shares, and ERC-20 money where there is a token, and allows the market to spend both.
    pub fn fund(&mut self, trader: &Account, pool: Address, token: Option<Address>) {
        for (contract, amount) in [(Some(pool), SHARES), (token, MONEY)] {
            let Some(contract) = contract else { continue };
            self.told(contract, Token::mintCall { to: trader.address, value: U256::from(amount) });
            let approve = Token::approveCall { spender: self.market, value: U256::MAX };
            self.chain.call(trader, contract, approve, 0).unwrap();
        }
    }

    /// Places an ask that expires late.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn ask(&mut self, from: &Account, pool: Address, shares: u128, price: u128) -> Result<u64, Failure> {
        self.call(from, ask(pool, shares, price, LATE))
    }

    /// Places a bid that expires late, with the money that it needs.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn bid(&mut self, from: &Account, pool: Address, shares: u128, price: u128) -> Result<u64, Failure> {
        let value = if pool == self.native { cost(shares, price) } else { 0 };
        self.pay(from, bid(pool, shares, price, LATE), value)
    }

    /// Fills an ask with the exact money, at any cost.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn fill_ask(&mut self, from: &Account, order: u64, shares: u128) -> Result<u128, Failure> {
        let open = self.call(from, Market::orderOfCall { order })?;
        let value = if open.currency.is_zero() { cost(shares, open.price.to()) } else { 0 };
        let call = Market::fillAskCall { order, shares: U256::from(shares), maxCost: U256::MAX };
        self.pay(from, call, value).map(|cost| cost.to())
    }

    /// Fills a bid for any proceeds.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn fill_bid(&mut self, from: &Account, order: u64, shares: u128) -> Result<u128, Failure> {
        let call = Market::fillBidCall { order, shares: U256::from(shares), minProceeds: U256::ZERO };
        self.call(from, call).map(|proceeds| proceeds.to())
    }

    /// Matches two orders.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn match_orders(&mut self, from: &Account, ask: u64, bid: u64, shares: u128) -> Result<u128, Failure> {
        let call = Market::matchOrdersCall { ask, bid, shares: U256::from(shares) };
        self.call(from, call).map(|cost| cost.to())
    }

    /// The pool that is paid in a currency.
    pub fn paid_in(&self, currency: Address) -> Address {
        if currency.is_zero() { self.native } else { self.pool }
    }

    /// Takes all credit in a currency out to the caller.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn withdraw(&mut self, from: &Account, currency: Address) -> Result<u128, Failure> {
        let call = Market::withdrawCall { pool: self.paid_in(currency), to: from.address };
        self.call(from, call).map(|amount| amount.to())
    }

    /// Credit of an account in a currency.
    pub fn credit(&mut self, account: Address, currency: Address) -> u128 {
        self.told(self.market, Market::creditOfCall { account, pool: self.paid_in(currency) }).to()
    }

    /// Balance of an account in a token or in a pool's shares.
    pub fn balance(&mut self, token: Address, account: Address) -> u128 {
        if token.is_zero() {
            return self.chain.balance(account).to();
        }
        self.told(token, Token::balanceOfCall { account }).to()
    }

    /// Shares of an account that are reserved in a stand-in pool.
    pub fn reserved(&mut self, pool: Address, owner: Address) -> u128 {
        self.told(pool, StandInPool::reservedOfCall { owner }).to()
    }

    /// Freezes an account in a stand-in pool, or unfreezes it.
    pub fn freeze(&mut self, pool: Address, account: Address, frozen: bool) {
        let (as_sender, as_recipient) = if frozen { (5, 6) } else { (0, 0) };
        self.told(pool, StandInPool::setCodesCall { account, asSender: as_sender, asRecipient: as_recipient });
    }

    /// Stops unless the market owns exactly what it owes in the currency of each pool: open bids' escrow plus all
    /// credits of `accounts`; and unless each pool has reserved of each account exactly what its open asks offer.
    pub fn check_books(&mut self, accounts: &[Address]) {
        let count = self.told(self.market, Market::orderCountCall {});
        let admin = self.admin.clone();
        let open: Vec<_> =
            (1..=count).filter_map(|order| self.call(&admin, Market::orderOfCall { order }).ok()).collect();
        for (pool, currency) in [(self.native, Address::ZERO), (self.pool, self.token)] {
            let owed = self.told(self.market, Market::escrowOfCall { currency });
            let escrow: U256 = open.iter().filter(|o| o.currency == currency).map(|o| o.escrow).sum();
            let credits: u128 = accounts.iter().map(|account| self.credit(*account, currency)).sum();
            assert_eq!((owed.escrow, owed.credits), (escrow, U256::from(credits)), "{currency}");
            let owned = self.balance(currency, self.market);
            assert_eq!(U256::from(owned), owed.escrow + owed.credits, "{currency}");
            for account in accounts {
                let asks = open.iter().filter(|o| o.side == 1 && o.pool == pool && o.maker == *account);
                let offered: U256 = asks.map(|o| o.shares).sum();
                assert_eq!(U256::from(self.reserved(pool, *account)), offered, "{pool} {account}");
            }
        }
    }

    /// The market's events of one kind since the last call of this.
    pub fn events<E: SolEvent>(&mut self) -> Vec<E> {
        let logs = self.chain.take_logs();
        logs.iter().filter(|log| log.contract == self.market).filter_map(Log::decode).collect()
    }
}

impl Default for Exchange {
    fn default() -> Self {
        Self::new()
    }
}

/// An ask as a message.
pub fn ask(pool: Address, shares: u128, price: u128, expiry: u64) -> Market::askCall {
    Market::askCall { pool, shares: U256::from(shares), price: U256::from(price), expiry }
}

/// A bid as a message.
pub fn bid(pool: Address, shares: u128, price: u128, expiry: u64) -> Market::bidCall {
    Market::bidCall { pool, shares: U256::from(shares), price: U256::from(price), expiry }
}

/// `⌈shares · price / 10^18⌉`, not by the rules' arithmetic.
pub fn cost(shares: u128, price: u128) -> u128 {
    (U256::from(shares) * U256::from(price)).div_ceil(U256::from(SHARE)).to()
}
