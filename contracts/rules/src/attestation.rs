//! KYC attestations: what an issuer signs, and when it counts.
