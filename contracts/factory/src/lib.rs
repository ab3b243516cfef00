//! Makes pools and their co-ops, wires their parts, and lists them: the one address from which everything is found.
//!
//! A new pool's admin is this factory for the length of the call that makes it: it grants the licensor's role to the
//! co-op (or, without one, to the creator) and the market's role to the shared market, and begins the hand-over to the
//! creator. It has no message that could use what it is until the creator accepts, and its code cannot be replaced.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

mod errors;
mod events;
mod records;

/// The contract.
#[ink::contract]
mod factory {
    use crate::{
        errors::{Bytes32, Error, accept, refuse},
        events::topic,
        records::{self, Listing, Parts},
    };
    use ink::{U256, codegen::sol::selector_bytes, prelude::vec::Vec, sol::DynBytes, sol::FixedBytes};
    use yieldset_shell::{
        access::{self, DEFAULT_ADMIN_ROLE, Role},
        host,
        words::{Address as Account, Word, address_of, address_word, word},
    };

    /// Accepts licence offers for a pool.
    const LICENSOR_ROLE: Role = access::role("LICENSOR_ROLE");
    /// Reserves and delivers a pool's shares.
    const MARKET_ROLE: Role = access::role("MARKET_ROLE");

    const GRANT_ROLE: [u8; 4] = selector_bytes("grantRole(bytes32,address)");
    const BEGIN_TRANSFER: [u8; 4] = selector_bytes("beginDefaultAdminTransfer(address)");
    const KYC: [u8; 4] = selector_bytes("kyc()");
    const ATTRIBUTION: [u8; 4] = selector_bytes("attribution()");
    const CURRENCY: [u8; 4] = selector_bytes("currency()");
    const DEFAULT_ADMIN: [u8; 4] = selector_bytes("defaultAdmin()");
    const TOKEN: [u8; 4] = selector_bytes("token()");

    /// Storage: the root cell is empty; the records are in [`records`](crate::records).
    #[ink(storage)]
    pub struct Factory {}

    impl Factory {
        /// A factory whose parts `admin` may change. Manifests, licence and market may still be zero, and the rest too
        /// until the first pool is made.
        ///
        /// # Errors
        /// `AccessControlInvalidDefaultAdmin` for address zero.
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
        ) -> Result<Self, Error> {
            if admin == Address::zero() {
                refuse(Error::AccessControlInvalidDefaultAdmin(admin));
            }
            access::initialise(&admin.0);
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
            Ok(Self {})
        }

        /// Makes a pool for the caller, who is to accept its admin's role, and has the licensor's role.
        ///
        /// # Errors
        /// `PartMissing`, `CreationFailed`, `WiringFailed`.
        #[ink(message, name = "createPool")]
        pub fn create_pool(
            &mut self,
            name: Bytes32,
            symbol: Bytes32,
            currency: Address,
            contributors_bps: u16,
        ) -> Result<Address, Error> {
            let parts = needed(false);
            let pool = make_pool(&parts, &name.0, &symbol.0, &currency.0, contributors_bps);
            let creator = host::caller();
            wire(&pool, &parts, &creator, &creator);
            list_new(&pool, &parts, &currency.0, &[0; 20]);
            answer(&[address_word(&pool)])
        }

        /// Makes a pool for the caller, who is to accept its admin's role, and a co-op of its holders, which has the
        /// licensor's role. Times are in seconds. Returns `(pool, coop)`.
        ///
        /// # Errors
        /// `PartMissing`, `CreationFailed`, `WiringFailed`.
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
        ) -> Result<(Address, Address), Error> {
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

        /// Lists a pool that was made elsewhere; `coop` is zero where it has none. What it says of itself is listed as
        /// it says it; manifests, licence and market are the shared ones.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `AlreadyListed`, `NotAPool`, `NotACoop`.
        #[ink(message, name = "registerPool")]
        pub fn register_pool(&mut self, pool: Address, coop: Address) -> Result<(), Error> {
            accept(access::check(&DEFAULT_ADMIN_ROLE, &host::caller()));
            if records::listing(&pool.0).number > 0 {
                refuse(Error::AlreadyListed(pool));
            }
            let ask = |selector| address_at(&pool.0, selector).unwrap_or_else(|| refuse(Error::NotAPool(pool)));
            if coop != Address::zero() && address_at(&coop.0, TOKEN) != Some(pool.0) {
                refuse(Error::NotACoop(coop, pool));
            }
            let parts = records::parts();
            list(
                &pool.0,
                Listing {
                    creator: ask(DEFAULT_ADMIN),
                    coop: coop.0,
                    currency: ask(CURRENCY),
                    kyc: ask(KYC),
                    attribution: ask(ATTRIBUTION),
                    manifests: parts.manifests,
                    licence: parts.licence,
                    market: parts.market,
                    ..Listing::default()
                },
            );
            done()
        }

        /// Changes the parts of the pools made from now on.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`.
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
        ) -> Result<(), Error> {
            accept(access::check(&DEFAULT_ADMIN_ROLE, &host::caller()));
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

        /// `(kyc, attribution, manifests, licence, market, logic, poolCode, coopCode)` of the pools made from now on.
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
        pub fn pool_at(&self, index: U256) -> Result<Address, Error> {
            let count = U256::from(records::count());
            if index >= count {
                refuse(Error::IndexOutOfRange(index, count));
            }
            let pool = records::pool_number(index.low_u32() + 1).unwrap_or_default();
            answer(&[address_word(&pool)])
        }

        /// Whether a pool is listed.
        #[ink(message, name = "isPool")]
        pub fn is_pool(&self, pool: Address) -> bool {
            answer(&[word(records::listing(&pool.0).number > 0)])
        }

        /// `(number, creator, coop, currency, kyc, attribution, manifests, licence, market, logic, listedAt, created)`,
        /// with the parts as they were when the pool was listed.
        ///
        /// # Errors
        /// `UnknownPool`.
        #[ink(message, name = "poolInfo")]
        #[allow(clippy::type_complexity, reason = "the ABI's answer")]
        pub fn pool_info(
            &self,
            pool: Address,
        ) -> Result<
            (u32, Address, Address, Address, Address, Address, Address, Address, Address, Address, u64, bool),
            Error,
        > {
            let listing = records::listing(&pool.0);
            if listing.number == 0 {
                refuse(Error::UnknownPool(pool));
            }
            let mut words = Vec::new();
            words.extend([word(listing.number), address_word(&listing.creator), address_word(&listing.coop)]);
            words.extend(listing.parts());
            words.extend([word(listing.listed_at), word(listing.created)]);
            answer(&words)
        }

        /// Whether an account has a role.
        #[ink(message, name = "hasRole")]
        pub fn has_role(&self, role: Bytes32, account: Address) -> bool {
            answer(&[word(access::has_role(&role.0, &account.0))])
        }

        /// The role that grants another: always the default admin's, zero.
        #[ink(message, name = "getRoleAdmin")]
        pub fn get_role_admin(&self, _role: Bytes32) -> Bytes32 {
            answer(&[access::DEFAULT_ADMIN_ROLE])
        }

        /// Gives a role.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `AccessControlEnforcedDefaultAdminRules`.
        #[ink(message, name = "grantRole")]
        pub fn grant_role(&mut self, role: Bytes32, account: Address) -> Result<(), Error> {
            accept(access::grant(&role.0, &account.0));
            done()
        }

        /// Takes a role away.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `AccessControlEnforcedDefaultAdminRules`.
        #[ink(message, name = "revokeRole")]
        pub fn revoke_role(&mut self, role: Bytes32, account: Address) -> Result<(), Error> {
            accept(access::revoke(&role.0, &account.0));
            done()
        }

        /// Gives up a role of the caller.
        ///
        /// # Errors
        /// `AccessControlBadConfirmation`, `AccessControlEnforcedDefaultAdminRules`.
        #[ink(message, name = "renounceRole")]
        pub fn renounce_role(&mut self, role: Bytes32, caller_confirmation: Address) -> Result<(), Error> {
            accept(access::renounce(&role.0, &caller_confirmation.0));
            done()
        }

        /// Who grants and revokes roles.
        #[ink(message, name = "defaultAdmin")]
        pub fn default_admin(&self) -> Address {
            answer(&[address_word(&access::default_admin())])
        }

        /// Who may become the default admin; zero where nobody.
        #[ink(message, name = "pendingDefaultAdmin")]
        pub fn pending_default_admin(&self) -> Address {
            answer(&[address_word(&access::pending_default_admin())])
        }

        /// First step of a hand-over of the default admin's role.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`.
        #[ink(message, name = "beginDefaultAdminTransfer")]
        pub fn begin_default_admin_transfer(&mut self, new_admin: Address) -> Result<(), Error> {
            accept(access::begin_default_admin_transfer(&new_admin.0));
            done()
        }

        /// Second step of it.
        ///
        /// # Errors
        /// `AccessControlInvalidDefaultAdmin`.
        #[ink(message, name = "acceptDefaultAdminTransfer")]
        pub fn accept_default_admin_transfer(&mut self) -> Result<(), Error> {
            accept(access::accept_default_admin_transfer());
            done()
        }
    }

    /// Answers with words of the ABI. What follows in ink! is never reached, its encoders included.
    #[inline(never)]
    fn answer(words: &[Word]) -> ! {
        host::answer(words.as_flattened())
    }

    /// Answers with nothing.
    fn done() -> ! {
        host::answer(&[])
    }

    fn set(parts: &Parts) {
        records::put_parts(parts);
        host::emit(&[topic::PARTS_SET], &parts.words());
    }

    /// The parts, if none is missing that a new pool needs.
    fn needed(with_coop: bool) -> Parts {
        let parts = records::parts();
        if let Some(part) = parts.missing(with_coop) {
            refuse(Error::PartMissing(part));
        }
        parts
    }

    /// A contract made of the code whose hash is the first word, with the other words as its constructor's arguments.
    #[inline(never)]
    fn make(input: &[Word]) -> Account {
        host::instantiate(input.as_flattened()).unwrap_or_else(|| {
            let mut buffer = [0; 256];
            let said = DynBytes(host::returned(&mut buffer).to_vec());
            refuse(Error::CreationFailed(FixedBytes(input[0]), said))
        })
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
        tell(pool, GRANT_ROLE, &[LICENSOR_ROLE, address_word(licensor)]);
        if parts.market != [0; 20] {
            tell(pool, GRANT_ROLE, &[MARKET_ROLE, address_word(&parts.market)]);
        }
        tell(pool, BEGIN_TRANSFER, &[address_word(creator)]);
    }

    /// Sends a new pool a message of at most two arguments.
    #[inline(never)]
    fn tell(pool: &Account, selector: [u8; 4], arguments: &[Word]) {
        let mut input = [0; 68];
        let length = 4 + 32 * arguments.len();
        input[..4].copy_from_slice(&selector);
        input[4..length].copy_from_slice(arguments.as_flattened());
        if !host::call(pool, 0, false, &input[..length], &mut []) {
            refuse(Error::WiringFailed((*pool).into(), FixedBytes(selector)));
        }
    }

    /// Asks a contract for an address.
    fn address_at(contract: &Account, selector: [u8; 4]) -> Option<Account> {
        host::ask::<1>(contract, &selector).and_then(|[answer]| address_of(&answer))
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
        let topics =
            [topic::POOL_LISTED, address_word(pool), address_word(&listing.creator), address_word(&listing.coop)];
        let mut data = Vec::new();
        data.push(word(number));
        data.extend(listing.parts());
        data.push(word(listing.created));
        host::emit(&topics, &data);
    }
}
