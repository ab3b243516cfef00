//! What the factory keeps.

use yieldset_rules::packed;
use yieldset_shell::{
    host,
    words::{Address, Word, address_word},
};

/// What pools made from now on share, and the code they are made of. Zero where there is none (yet).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Parts {
    /// KYC registry.
    pub kyc: Address,
    /// Registry of attribution reports.
    pub attribution: Address,
    /// Registry of datasets and models.
    pub manifests: Address,
    /// Licences.
    pub licence: Address,
    /// Share market.
    pub market: Address,
    /// The contract with the pools' logic.
    pub logic: Address,
    /// Hash of the pools' code.
    pub pool_code: Word,
    /// Hash of the co-ops' code.
    pub coop_code: Word,
}
packed!(Parts {
    kyc: Address,
    attribution: Address,
    manifests: Address,
    licence: Address,
    market: Address,
    logic: Address,
    pool_code: Word,
    coop_code: Word,
});

impl Parts {
    /// The addresses without the codes, as words.
    fn addresses(&self) -> [Word; 6] {
        [self.kyc, self.attribution, self.manifests, self.licence, self.market, self.logic].map(|a| address_word(&a))
    }

    /// All eight as words.
    pub fn words(&self) -> [Word; 8] {
        let [a, b, c, d, e, f] = self.addresses();
        [a, b, c, d, e, f, self.pool_code, self.coop_code]
    }

    /// The first of the parts that every pool needs which is missing; they count from 0, as in `parts()`.
    pub fn missing(&self, with_coop: bool) -> Option<u8> {
        let words = self.words();
        let needed: &[u8] = if with_coop { &[0, 1, 5, 6, 7] } else { &[0, 1, 5, 6] };
        needed.iter().copied().find(|part| words[usize::from(*part)] == [0; 32])
    }
}

/// A listed pool, with the parts it had when it was listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Listing {
    /// Counts from 1; 0 where the pool is not listed.
    pub number: u32,
    /// Who made it, or was its admin when it was registered.
    pub creator: Address,
    /// Its co-op; zero where it has none.
    pub coop: Address,
    /// Currency: an ERC-20, or zero for the chain's native token.
    pub currency: Address,
    /// KYC registry.
    pub kyc: Address,
    /// Registry of attribution reports.
    pub attribution: Address,
    /// Registry of datasets and models.
    pub manifests: Address,
    /// Licences.
    pub licence: Address,
    /// Share market.
    pub market: Address,
    /// The contract with its logic; zero where the factory did not make the pool.
    pub logic: Address,
    /// Unix seconds.
    pub listed_at: u64,
    /// Made by this factory, of the code it knew.
    pub created: bool,
}
packed!(Listing {
    number: u32,
    creator: Address,
    coop: Address,
    currency: Address,
    kyc: Address,
    attribution: Address,
    manifests: Address,
    licence: Address,
    market: Address,
    logic: Address,
    listed_at: u64,
    created: bool,
});

impl Listing {
    /// Currency, KYC, attribution, manifests, licence, market and logic, as words.
    pub fn parts(&self) -> [Word; 7] {
        [self.currency, self.kyc, self.attribution, self.manifests, self.licence, self.market, self.logic]
            .map(|address| address_word(&address))
    }
}

/// The parts' only record.
pub fn parts() -> Parts {
    host::read(b"parts").map_or_else(Parts::default, |record| Parts::from_bytes(&record))
}

/// Stores the parts.
pub fn put_parts(parts: &Parts) {
    host::write(b"parts", &parts.to_bytes());
}

fn listing_key(pool: &Address) -> [u8; 21] {
    let mut key = [b'p'; 21];
    key[1..].copy_from_slice(pool);
    key
}

/// A pool's listing, all zeros where it has none.
pub fn listing(pool: &Address) -> Listing {
    host::read(&listing_key(pool)).map_or_else(Listing::default, |record| Listing::from_bytes(&record))
}

fn place_key(number: u32) -> [u8; 5] {
    let [a, b, c, d] = number.to_be_bytes();
    [b'n', a, b, c, d]
}

/// The pool with a number, counting from 1.
pub fn pool_number(number: u32) -> Option<Address> {
    host::read(&place_key(number))
}

/// How many pools are listed.
pub fn count() -> u32 {
    host::read(b"count").map_or(0, u32::from_le_bytes)
}

/// Lists a pool as the next one.
pub fn add(pool: &Address, listing: &Listing) {
    host::write(b"count", &listing.number.to_le_bytes());
    host::write(&place_key(listing.number), pool);
    host::write(&listing_key(pool), &listing.to_bytes());
}
