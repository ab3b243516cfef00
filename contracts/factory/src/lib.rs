//! Makes pools and their co-ops, wires their parts, and lists them: the one address from which everything is found.
//!
//! A new pool's admin is this factory for the length of the call that makes it: it grants the licensor's role to the
//! co-op (or, without one, to the creator) and the market's role to the shared market, and begins the hand-over to the
//! creator. It has no message that could use what it is until the creator accepts, and its code cannot be replaced.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

mod calls;
mod events;
mod records;
mod refusals;

/// The contract.
#[yieldset_roles::roles(Factory)]
#[ink::contract]
mod factory {
    use crate::{
        calls::{coop, pool as new_pool},
        events,
        records::{self, Listing, Parts},
        refusals,
    };
    use ink::{U256, prelude::vec::Vec, sol::FixedBytes};
    use yieldset_shell::{
        access::{self, DEFAULT_ADMIN_ROLE, Role},
        answer::{answer, done},
        host,
        refusals::OrRefuse,
        roles,
        words::{Address as Account, Word, address_word, word},
    };

    type Bytes32 = FixedBytes<32>;

    /// Accepts licence offers for a pool.
    const LICENSOR_ROLE: Role = access::role("LICENSOR_ROLE");
    /// Reserves and delivers a pool's shares.
    const MARKET_ROLE: Role = access::role("MARKET_ROLE");

    /// Storage: the root cell is empty; the records are in [`records`](crate::records).
    #[ink(storage)]
    pub struct Factory {}

    impl Factory {
        /// A factory whose parts `admin` may change. Manifests, licence and market may still be zero, and the rest too
        /// until the first pool is made.
        ///
        /// # Errors
        /// `AccessControlInvalidDefaultAdmin` for address zero.
        ///
        /// # Events
        /// `RoleGranted`, `PartsSet`.
        #[ink(constructor)]
        #[allow(clippy::too_many_arguments, reason = "the parts, one by one")]
        pub fn new(
            admin: Address,
            kyc: Address,
            attribution: Address,
            manifests: Address,
            licence: Address,
            market: Address,
            logic: Address,
            pool_code: Bytes32,
            coop_code: Bytes32,
        ) -> Self {
            roles::initialise(&admin.0);
            set(&Parts {
                kyc: kyc.0,
                attribution: attribution.0,
                manifests: manifests.0,
                licence: licence.0,
                market: market.0,
                logic: logic.0,
                pool_code: pool_code.0,
                coop_code: coop_code.0,
            });
            Self {}
        }

        /// Makes a pool for the caller, who is to accept its admin's role, and has the licensor's role. Name and symbol
        /// are UTF-8 filled up with zeros; the currency is an ERC-20, or zero for the chain's own money; the
        /// contributors' part of every deposit is in basis points.
        ///
        /// # Who
        /// Anyone.
        ///
        /// # Answers
        /// `pool`.
        ///
        /// # Errors
        /// `PartMissing`, `CreationFailed`, `WiringFailed`.
        ///
        /// # Events
        /// `PoolListed`.
        #[ink(message, name = "createPool")]
        pub fn create_pool(
            &mut self,
            name: Bytes32,
            symbol: Bytes32,
            currency: Address,
            contributors_bps: u16,
        ) -> Address {
            let parts = needed(false);
            let pool = make_pool(&parts, &name.0, &symbol.0, &currency.0, contributors_bps);
            let creator = host::caller();
            wire(&pool, &parts, &creator, &creator);
            list_new(&pool, &parts, &currency.0, &[0; 20]);
            answer(&[address_word(&pool)])
        }

        /// Makes a pool as `createPool` does and a co-op of its holders, which has the licensor's role instead of the
        /// caller. Times are in seconds.
        ///
        /// # Who
        /// Anyone.
        ///
        /// # Answers
        /// `pool`, `coop`.
        ///
        /// # Errors
        /// `PartMissing`, `CreationFailed`, `WiringFailed`.
        ///
        /// # Events
        /// `PoolListed`.
        #[ink(message, name = "createPoolWithCoop")]
        #[allow(clippy::too_many_arguments, reason = "the constructors' arguments, one by one")]
        pub fn create_pool_with_coop(
            &mut self,
            name: Bytes32,
            symbol: Bytes32,
            currency: Address,
            contributors_bps: u16,
            voting_delay: u32,
            voting_period: u32,
            quorum_bps: u16,
            proposal_threshold: U256,
            timelock: u32,
            grace_period: u32,
        ) -> (Address, Address) {
            let parts = needed(true);
            let pool = make_pool(&parts, &name.0, &symbol.0, &currency.0, contributors_bps);
            let coop = make(&[
                parts.coop_code,
                address_word(&pool),
                word(voting_delay),
                word(voting_period),
                word(quorum_bps),
                proposal_threshold.to_big_endian(),
                word(timelock),
                word(grace_period),
            ]);
            wire(&pool, &parts, &coop, &host::caller());
            list_new(&pool, &parts, &currency.0, &coop);
            answer(&[address_word(&pool), address_word(&coop)])
        }

        /// Lists a pool that was made elsewhere; `coop` is zero where it has none. The pool is asked for its `kyc()`,
        /// `attribution()`, `currency()` and `defaultAdmin()`, its co-op for `token()`, and what they say is listed;
        /// manifests, licence and market are the shared ones.
        ///
        /// # Who
        /// The default admin.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `AlreadyListed`, `NotAPool`, `NotACoop`.
        ///
        /// # Events
        /// `PoolListed`.
        #[ink(message, name = "registerPool")]
        pub fn register_pool(&mut self, pool: Address, coop: Address) {
            roles::only(&DEFAULT_ADMIN_ROLE);
            if records::listing(&pool.0).number > 0 {
                refusals::AlreadyListed { pool }.refuse();
            }
            if coop != Address::zero() && (coop::token {}).ask(&coop.0) != Some(pool.0) {
                refusals::NotACoop { coop, pool }.refuse();
            }
            let parts = records::parts();
            list(
                &pool.0,
                Listing {
                    creator: of_pool(&pool.0, new_pool::defaultAdmin {}.ask(&pool.0)),
                    coop: coop.0,
                    currency: of_pool(&pool.0, new_pool::currency {}.ask(&pool.0)),
                    kyc: of_pool(&pool.0, new_pool::kyc {}.ask(&pool.0)),
                    attribution: of_pool(&pool.0, new_pool::attribution {}.ask(&pool.0)),
                    manifests: parts.manifests,
                    licence: parts.licence,
                    market: parts.market,
                    ..Listing::default()
                },
            );
            done()
        }

        /// Changes the parts of the pools made from now on; a listing keeps the parts of its time. The code of pools
        /// and co-ops must be on chain before one is made of it, or the pallet stops that call with `CodeNotFound`.
        ///
        /// # Who
        /// The default admin.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`.
        ///
        /// # Events
        /// `PartsSet`.
        #[ink(message, name = "setParts")]
        #[allow(clippy::too_many_arguments, reason = "the parts, one by one")]
        pub fn set_parts(
            &mut self,
            kyc: Address,
            attribution: Address,
            manifests: Address,
            licence: Address,
            market: Address,
            logic: Address,
            pool_code: Bytes32,
            coop_code: Bytes32,
        ) {
            roles::only(&DEFAULT_ADMIN_ROLE);
            set(&Parts {
                kyc: kyc.0,
                attribution: attribution.0,
                manifests: manifests.0,
                licence: licence.0,
                market: market.0,
                logic: logic.0,
                pool_code: pool_code.0,
                coop_code: coop_code.0,
            });
            done()
        }

        /// The parts of the pools made from now on, zero where there is none yet; the last two are hashes of code.
        ///
        /// # Answers
        /// `kyc`, `attribution`, `manifests`, `licence`, `market`, `logic`, `poolCode`, `coopCode`.
        #[ink(message)]
        pub fn parts(&self) -> (Address, Address, Address, Address, Address, Address, Bytes32, Bytes32) {
            answer(&records::parts().words())
        }

        /// How many pools are listed.
        #[ink(message, name = "poolCount")]
        pub fn pool_count(&self) -> U256 {
            answer(&[word(records::count())])
        }

        /// The pool at an index, counting from 0 in the order of listing.
        ///
        /// # Errors
        /// `IndexOutOfRange`.
        #[ink(message, name = "poolAt")]
        pub fn pool_at(&self, index: U256) -> Address {
            let count = U256::from(records::count());
            if index >= count {
                refusals::IndexOutOfRange { index, count }.refuse();
            }
            let pool = records::pool_number(index.low_u32() + 1).unwrap_or_default();
            answer(&[address_word(&pool)])
        }

        /// Whether a pool is listed.
        #[ink(message, name = "isPool")]
        pub fn is_pool(&self, pool: Address) -> bool {
            answer(&[word(records::listing(&pool.0).number > 0)])
        }

        /// A listed pool, with the parts as they were when it was listed. Only where `created` is true did the factory
        /// make it, and so choose its code; any other was registered.
        ///
        /// # Answers
        /// `number`, `creator`, `coop`, `currency`, `kyc`, `attribution`, `manifests`, `licence`, `market`, `logic`,
        /// `listedAt`, `created`.
        ///
        /// # Errors
        /// `UnknownPool`.
        #[ink(message, name = "poolInfo")]
        #[allow(clippy::type_complexity, reason = "the ABI's answer")]
        pub fn pool_info(
            &self,
            pool: Address,
        ) -> (u32, Address, Address, Address, Address, Address, Address, Address, Address, Address, u64, bool) {
            let listing = records::listing(&pool.0);
            if listing.number == 0 {
                refusals::UnknownPool { pool }.refuse();
            }
            let mut words = Vec::new();
            words.extend([word(listing.number), address_word(&listing.creator), address_word(&listing.coop)]);
            words.extend(listing.parts());
            words.extend([word(listing.listed_at), word(listing.created)]);
            answer(&words)
        }
    }

    fn set(parts: &Parts) {
        records::put_parts(parts);
        let Parts { kyc, attribution, manifests, licence, market, logic, pool_code, coop_code } = parts;
        events::PartsSet { kyc, attribution, manifests, licence, market, logic, pool_code, coop_code }.emit();
    }

    /// The parts, if none is missing that a new pool needs.
    fn needed(with_coop: bool) -> Parts {
        let parts = records::parts();
        if let Some(part) = parts.missing(with_coop) {
            refusals::PartMissing { part }.refuse();
        }
        parts
    }

    /// A contract made of the code whose hash is the first word, with the other words as its constructor's arguments.
    #[inline(never)]
    fn make(input: &[Word]) -> Account {
        if let Some(contract) = host::instantiate(input.as_flattened()) {
            return contract;
        }
        let mut buffer = [0; 256];
        refusals::CreationFailed { code: input[0], answer: host::returned(&mut buffer) }.refuse()
    }

    /// A pool whose admin is this factory.
    fn make_pool(parts: &Parts, name: &Word, symbol: &Word, currency: &Account, contributors_bps: u16) -> Account {
        make(&[
            parts.pool_code,
            address_word(&parts.logic),
            *name,
            *symbol,
            address_word(&parts.kyc),
            address_word(&parts.attribution),
            address_word(currency),
            word(contributors_bps),
            address_word(&host::own_address()),
        ])
    }

    /// Grants a new pool's roles and begins the hand-over to its creator.
    fn wire(pool: &Account, parts: &Parts, licensor: &Account, creator: &Account) {
        grant(pool, LICENSOR_ROLE, licensor);
        if parts.market != [0; 20] {
            grant(pool, MARKET_ROLE, &parts.market);
        }
        let began = new_pool::beginDefaultAdminTransfer { new_admin: creator }.tell(pool);
        wired(pool, new_pool::beginDefaultAdminTransfer::SELECTOR, began);
    }

    #[inline(never)]
    fn grant(pool: &Account, role: Role, account: &Account) {
        let granted = new_pool::grantRole { role, account }.tell(pool);
        wired(pool, new_pool::grantRole::SELECTOR, granted);
    }

    /// Stops where a new pool did not do what it was told.
    fn wired(pool: &Account, selector: [u8; 4], done: bool) {
        if !done {
            refusals::WiringFailed { pool, selector }.refuse();
        }
    }

    /// What a pool answered.
    fn of_pool(pool: &Account, answer: Option<Account>) -> Account {
        answer.or_refuse(refusals::NotAPool { account: pool })
    }

    fn list_new(pool: &Account, parts: &Parts, currency: &Account, coop: &Account) {
        list(
            pool,
            Listing {
                creator: host::caller(),
                coop: *coop,
                currency: *currency,
                kyc: parts.kyc,
                attribution: parts.attribution,
                manifests: parts.manifests,
                licence: parts.licence,
                market: parts.market,
                logic: parts.logic,
                created: true,
                ..Listing::default()
            },
        );
    }

    fn list(pool: &Account, listing: Listing) {
        // 2^32 pools cannot be paid for.
        let number = records::count().saturating_add(1);
        let listing = Listing { number, listed_at: host::now(), ..listing };
        records::add(pool, &listing);
        let Listing { creator, coop, currency, kyc, attribution, manifests, licence, market, logic, created, .. } =
            &listing;
        let listed = events::PoolListed {
            pool,
            creator,
            coop,
            number,
            currency,
            kyc,
            attribution,
            manifests,
            licence,
            market,
            logic,
            created,
        };
        listed.emit();
    }
}
