//! What the contracts have stored, read record by record as docs/contracts/*.md lay them out.
//!
//! A view is a call of a virtual machine, a record is a few bytes: all of them can be compared after every step. What
//! the views answer is compared at the end of a history (`views.rs`).

use std::collections::BTreeMap;

use alloy_primitives::{Address, U256};
use yieldset_rules::{
    compliance::{Lock, Locks, Policy, Record},
    contribution::{Contribution, Period},
    dispute::{Bonds, Standing},
    dividends::{Accumulator, Holder},
    issuance::Opening,
    market::{Holdings, Listing, Order},
    packed,
    report::Last,
};
use yieldset_tests::system::keccak;

use super::{
    books::{Books, HolderRecord, Leg, Sale},
    money::stream_id,
    stage::{Stage, periods},
    step::{ADMIN, MARKET, PARTIES, PEOPLE, Party, STREAMS, TREASURY},
};

/// The pool's ledger; the parts are logic, registries and currency.
struct Ledger {
    supply: u128,
    index: u128,
    carry: u128,
    to_holders: u128,
    to_contributors: u128,
    claimed_by_holders: u128,
    claimed_by_contributors: u128,
    max_holding: u128,
    parts: [u8; 100],
    holders: u32,
    contributors_bps: u16,
    paused: bool,
    open: bool,
    lockup_seconds: u32,
    max_holders: u32,
    jurisdictions: [u8; 128],
    min_level: u8,
    accredited_only: bool,
    allow_list: bool,
    opened: bool,
}

packed!(Ledger {
    supply: u128,
    index: u128,
    carry: u128,
    to_holders: u128,
    to_contributors: u128,
    claimed_by_holders: u128,
    claimed_by_contributors: u128,
    max_holding: u128,
    parts: [u8; 100],
    holders: u32,
    contributors_bps: u16,
    paused: bool,
    open: bool,
    lockup_seconds: u32,
    max_holders: u32,
    jurisdictions: [u8; 128],
    min_level: u8,
    accredited_only: bool,
    allow_list: bool,
    opened: bool,
});

/// A holder's record before its checkpoints.
struct Stored {
    holder: Holder,
    frozen: u128,
    reserved: u128,
    lock: Lock,
    recovered: bool,
    paid: bool,
    /// The model delegates no votes.
    delegation: u8,
    seizures: u32,
    several: bool,
}

packed!(Stored {
    holder: Holder,
    frozen: u128,
    reserved: u128,
    lock: Lock,
    recovered: bool,
    paid: bool,
    delegation: u8,
    seizures: u32,
    several: bool,
});
packed!(Sale { price: u128, left: u128, sold: u128, raised: u128, starts: u64, ends: u64 });

/// What contracts and the treasury own, in wei.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coins {
    pub pool: U256,
    pub market: U256,
    pub registry: U256,
    pub treasury: U256,
}

/// The chain's own money, as a currency.
const NATIVE: [u8; 20] = [0; 20];

/// The beginning of a record.
fn head<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes[..N].try_into().unwrap()
}

impl Stage {
    fn stored<const N: usize>(&mut self, contract: Address, key: &[u8]) -> Option<[u8; N]> {
        self.s.chain.stored(contract, key).map(|bytes| head(&bytes))
    }

    fn number(&mut self, contract: Address, key: &[u8]) -> u128 {
        self.stored(contract, key).map_or(0, u128::from_le_bytes)
    }

    /// What contracts own.
    pub fn coins(&mut self) -> Coins {
        let [pool, market, registry] = [self.s.pool, self.market, self.s.attribution];
        let treasury = self.address(TREASURY);
        let [pool, market, registry, treasury] =
            [pool, market, registry, treasury].map(|address| self.s.chain.balance(address));
        Coins { pool, market, registry, treasury }
    }

    /// All records of all contracts.
    pub fn books(&mut self) -> Books {
        let pool = self.s.pool;
        let ledger = Ledger::from_bytes(&self.stored(pool, b"L").unwrap());
        let mut books = Books::new(self.givens.clone());
        (books.now, books.block) = (self.s.chain.time(), self.s.chain.block());
        (books.paused, books.open) = (ledger.paused, ledger.open);
        books.policy = Policy {
            min_level: ledger.min_level,
            accredited_only: ledger.accredited_only,
            allow_list: ledger.allow_list,
            jurisdictions: ledger.jurisdictions,
            max_holders: ledger.max_holders,
            max_holding: ledger.max_holding,
            lockup_seconds: ledger.lockup_seconds,
        };
        (books.holders, books.supply) = (ledger.holders, ledger.supply);
        books.dividends = Accumulator { index: ledger.index, carry: ledger.carry };
        books.opened = ledger.opened;
        books.opening = self.stored(pool, b"O").map(|bytes| Opening::from_bytes(&bytes)).unwrap_or_default();
        (books.to_holders, books.to_contributors) = (ledger.to_holders, ledger.to_contributors);
        books.claimed_by_holders = ledger.claimed_by_holders;
        books.claimed_by_contributors = ledger.claimed_by_contributors;
        books.accounts = std::array::from_fn(|party| self.account(party));
        books.successors = std::array::from_fn(|party| self.successor(party));
        books.allowances = self.allowances();
        books.sale = self.stored(pool, b"S").map(|bytes| Sale::from_bytes(&bytes)).unwrap_or_default();
        books.legs = periods().filter_map(|key| self.leg(key).map(|leg| (key, leg))).collect();
        books.records = std::array::from_fn(|party| self.record(party));
        books.heirs = std::array::from_fn(|party| self.heir(party));
        self.read_registry(&mut books);
        self.read_market(&mut books);
        books
    }

    fn account(&mut self, party: Party) -> HolderRecord {
        let key = [b"H", &self.givens.addresses[party][..]].concat();
        let Some(stored) = self.stored(self.s.pool, &key) else { return HolderRecord::default() };
        let Stored {
            holder,
            frozen,
            reserved,
            lock,
            recovered,
            paid,
            delegation: _,
            seizures,
            several: stored_several,
        } = Stored::from_bytes(&stored);
        let several = self.stored(self.s.pool, &[b"K", &self.givens.addresses[party][..]].concat());
        assert_eq!(stored_several, several.is_some());
        let locks = several.map_or(Locks::one(lock), |several| Locks::from_bytes(&several));
        HolderRecord { holder, frozen, reserved, locks, recovered, paid, seizures }
    }

    fn successor(&mut self, party: Party) -> Option<Party> {
        let key = [b"R", &self.givens.addresses[party][..]].concat();
        self.stored(self.s.pool, &key).map(|address| self.givens.party(&address))
    }

    fn allowances(&mut self) -> BTreeMap<(Party, Party), U256> {
        let mut all = BTreeMap::new();
        // Owners have signed, and spenders are people or the market.
        let pairs = (0..=ADMIN).flat_map(|owner| (0..PEOPLE).chain([MARKET]).map(move |spender| (owner, spender)));
        for (owner, spender) in pairs {
            let (a, b) = (self.givens.addresses[owner], self.givens.addresses[spender]);
            let allowed: [u8; 32] = self.stored(self.s.pool, &[b"A", &a[..], &b[..]].concat()).unwrap_or_default();
            if allowed != [0; 32] {
                all.insert((owner, spender), U256::from_be_bytes(allowed));
            }
        }
        all
    }

    fn leg(&mut self, (stream, period): (usize, u32)) -> Option<Leg> {
        let about = [&stream_id(stream)[..], &period.to_le_bytes()].concat();
        let bytes = self.s.chain.stored(self.s.pool, &[b"P", &about[..]].concat())?;
        let taken = |party: Party| {
            let key = [b"C", &about[..], &self.givens.addresses[party][..]].concat();
            let stored = self.s.chain.stored(self.s.pool, &key);
            stored.map(|bytes| Contribution::from_bytes(&head(&bytes))).unwrap_or_default()
        };
        let taken = std::array::from_fn(taken);
        Some(Leg { period: Period::from_bytes(&head(&bytes)), root: head(&bytes[Period::LEN + 8..]), taken })
    }

    fn record(&mut self, party: Party) -> Record {
        let key = [b"kyc/", &self.givens.addresses[party][..]].concat();
        self.stored(self.s.kyc, &key).map(|bytes| Record::from_bytes(&bytes)).unwrap_or_default()
    }

    fn heir(&mut self, party: Party) -> Option<Party> {
        let key = [b"suc/", &self.givens.addresses[party][..]].concat();
        self.stored(self.s.kyc, &key).map(|address| self.givens.party(&address))
    }

    fn read_registry(&mut self, books: &mut Books) {
        let (registry, pool) = (self.s.attribution, self.givens.pool);
        let key = |tag: &[u8], parts: &[&[u8]]| {
            let mut key = [tag, &parts.concat()].concat();
            key.resize(60, 0);
            key
        };
        for stream in 0..STREAMS {
            let stored = self.stored(registry, &key(b"end/", &[&pool, &stream_id(stream)]));
            books.ends[stream] = stored.map(|bytes| Last::from_bytes(&bytes));
        }
        for (stream, period) in periods() {
            let key = key(b"rep/", &[&pool, &stream_id(stream), &period.to_be_bytes()]);
            if let Some(bytes) = self.stored(registry, &key) {
                books.standings.insert((stream, period), Standing::from_bytes(&bytes));
            }
        }
        for party in 0..PARTIES {
            let address = self.givens.addresses[party];
            books.bonds_owed[party] = self.number(registry, &key(b"owe/", &[&NATIVE, &address]));
        }
        for (stream, period) in periods() {
            let about = [&NATIVE[..], &pool, &stream_id(stream), &period.to_be_bytes()].concat();
            let kept = self.number(registry, &key(b"kep/", &[&keccak(&about)]));
            if kept != 0 {
                books.bonds_kept.insert((stream, period), kept);
            }
        }
        let held = self.stored(registry, &key(b"hld/", &[&NATIVE]));
        books.bonds = held.map(|bytes| Bonds::from_bytes(&bytes)).unwrap_or_default();
    }

    fn read_market(&mut self, books: &mut Books) {
        let (market, pool, native) = (self.market, self.givens.pool, [0u8; 20]);
        books.placed = self.stored(market, &[0; 4]).map_or(0, u64::from_le_bytes);
        for order in 1..=books.placed {
            if let Some(bytes) = self.stored(market, &[b"o", &order.to_be_bytes()[..]].concat()) {
                books.orders.insert(order, Order::from_bytes(&bytes));
            }
        }
        let key = [b"p", &pool[..]].concat();
        books.listing = self.stored(market, &key).map(|bytes| Listing::from_bytes(&bytes)).unwrap_or_default();
        let key = [b"h", &native[..]].concat();
        books.holdings = self.stored(market, &key).map(|bytes| Holdings::from_bytes(&bytes)).unwrap_or_default();
        for party in 0..PARTIES {
            let address = self.givens.addresses[party];
            books.credits[party] = self.number(market, &[b"c", &pool[..], &address[..]].concat());
        }
    }
}
