/// What an issuer signs (EIP-712, domain name "Yieldset KYC", version "1"); times in unix seconds.
struct Attestation {
    address account;
    uint8 level;
    uint16 jurisdiction;
    bool accredited;
    uint64 expiry;
    uint64 nonce;
    uint64 validUntil;
}
