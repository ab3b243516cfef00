//! A KYC registry on a chain of its own, with one account per role, and trusted issuers that sign.

use crate::chain::{Account, CHAIN_ID, Chain, Failure, START};
use crate::system::{YEAR, keccak, kyc_registry};
use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::{SolCall, SolStruct, eip712_domain};
use sp_core::{Pair, ecdsa};
use yieldset_chain::abi::{Access, Kyc, Kyc::Attestation as KycAttestation};
use yieldset_chain::deployment::role;
use yieldset_rules::compliance::Policy;

const ORDER: &str = "0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";

/// Order of secp256k1.
pub fn order() -> U256 {
    ORDER.parse().unwrap()
}

/// A key that signs attestations.
#[derive(Clone)]
pub struct Issuer {
    pair: ecdsa::Pair,
    /// Its address.
    pub address: Address,
}

impl Issuer {
    /// The issuer number `n`.
    pub fn number(n: u8) -> Self {
        let pair = ecdsa::Pair::from_seed(&[n.max(1); 32]);
        let signature = pair.sign_prehashed(&[7; 32]);
        let key = sp_io::crypto::secp256k1_ecdsa_recover(&signature.0, &[7; 32]).ok().unwrap();
        Self { pair, address: Address::from_slice(&keccak(&key)[12..]) }
    }

    /// `(v, r, s)` over a digest.
    pub fn sign_digest(&self, digest: B256) -> (u8, B256, B256) {
        let signature = self.pair.sign_prehashed(&digest.0).0;
        (signature[64] + 27, B256::from_slice(&signature[..32]), B256::from_slice(&signature[32..64]))
    }

    /// An attestation for a registry on this chain, ready to submit.
    pub fn sign(&self, registry: Address, attestation: &KycAttestation) -> Kyc::submitAttestationCall {
        self.sign_for(CHAIN_ID, registry, attestation)
    }

    /// An attestation for a registry on some chain, ready to submit; signed as a wallet would (EIP-712 by alloy).
    pub fn sign_for(&self, chain: u64, registry: Address, attestation: &KycAttestation) -> Kyc::submitAttestationCall {
        let domain = eip712_domain! {
            name: "Yieldset KYC",
            version: "1",
            chain_id: chain,
            verifying_contract: registry,
        };
        let (v, r, s) = self.sign_digest(attestation.eip712_signing_hash(&domain));
        let KycAttestation { account, level, jurisdiction, accredited, expiry, nonce, validUntil } =
            attestation.clone();
        Kyc::submitAttestationCall { account, level, jurisdiction, accredited, expiry, nonce, validUntil, v, r, s }
    }
}

/// A level-2 attestation from Germany that can be used for a day.
pub fn attestation(account: Address, nonce: u64) -> KycAttestation {
    KycAttestation {
        account,
        level: 2,
        jurisdiction: 276,
        accredited: true,
        expiry: START + YEAR,
        nonce,
        validUntil: START + 86_400,
    }
}

/// The registry, alone on a chain.
pub struct KycRegistry {
    /// Its chain.
    pub chain: Chain,
    /// Its address.
    pub kyc: Address,
    /// Default admin.
    pub admin: Account,
    /// Has AGENT_ROLE.
    pub agent: Account,
    /// Has COMPLIANCE_ROLE.
    pub compliance: Account,
    /// Has no role.
    pub nobody: Account,
}

impl KycRegistry {
    /// With an agent and a compliance officer; no issuer yet.
    pub fn new() -> Self {
        let mut chain = Chain::new();
        let [admin, agent, compliance, nobody] = [0, 1, 2, 3].map(|n| chain.account(n));
        let kyc = kyc_registry(&mut chain, &admin);
        let mut registry = Self { chain, kyc, admin, agent, compliance, nobody };
        registry.grant("AGENT_ROLE", registry.agent.address);
        registry.grant("COMPLIANCE_ROLE", registry.compliance.address);
        registry
    }

    /// Grants a role.
    pub fn grant(&mut self, name: &str, account: Address) {
        let admin = self.admin.clone();
        self.call(&admin, Access::grantRoleCall { role: role(name), account }).unwrap();
    }

    /// Trusts an issuer with these topics.
    pub fn trust(&mut self, issuer: &Issuer, topics: &[u64]) {
        let compliance = self.compliance.clone();
        let claim_topics = topics.iter().copied().map(U256::from).collect();
        let call = Kyc::addTrustedIssuerCall { issuer: issuer.address, claimTopics: claim_topics };
        self.call(&compliance, call).unwrap();
    }

    /// Calls the registry.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn call<C: SolCall>(&mut self, from: &Account, call: C) -> Result<C::Return, Failure> {
        self.chain.call(from, self.kyc, call, 0)
    }

    /// Calls the registry as its agent.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn agent<C: SolCall>(&mut self, call: C) -> Result<C::Return, Failure> {
        let agent = self.agent.clone();
        self.call(&agent, call)
    }

    /// Asks the registry as nobody in particular.
    pub fn ask<C: SolCall>(&mut self, call: C) -> C::Return {
        let nobody = self.nobody.clone();
        self.call(&nobody, call).unwrap()
    }

    /// The nonce that an account's next attestation must carry.
    pub fn nonce(&mut self, account: Address) -> u64 {
        self.ask(Kyc::noncesCall { account }).to()
    }

    /// ERC-1404 code of an account on its own.
    pub fn code(&mut self, account: Address) -> u8 {
        self.ask(Kyc::detectTransferRestrictionCall { from: account, to: Address::ZERO, amount: U256::ZERO })
    }

    /// Code of a transfer under a pool's policy.
    pub fn restriction(&mut self, from: Address, to: Address, policy: &Policy) -> u8 {
        self.ask(restriction_call(from, to, policy))
    }

    /// Sets a record as the agent.
    pub fn record(&mut self, account: Address) {
        self.agent(set_record(account)).unwrap();
    }
}

impl Default for KycRegistry {
    fn default() -> Self {
        Self::new()
    }
}

/// A level-1 record from Germany that lasts a year.
pub fn set_record(account: Address) -> Kyc::setRecordCall {
    Kyc::setRecordCall { account, level: 1, jurisdiction: 276, accredited: false, expiry: START + YEAR }
}

/// What a pool with this policy asks.
pub fn restriction_call(from: Address, to: Address, policy: &Policy) -> Kyc::restrictionForCall {
    let [requirements, j0, j1, j2, j3] = policy.requirements_words().map(B256::from);
    Kyc::restrictionForCall { from, to, requirements, j0, j1, j2, j3 }
}

/// A record as `setRecords` takes it.
pub fn packed_record(account: Address, level: u8, jurisdiction: u16, accredited: u8, expiry: u64) -> B256 {
    let mut word = B256::ZERO;
    word[..20].copy_from_slice(account.as_slice());
    word[20] = level;
    word[21..23].copy_from_slice(&jurisdiction.to_be_bytes());
    word[23] = accredited;
    word[24..].copy_from_slice(&expiry.to_be_bytes());
    word
}
