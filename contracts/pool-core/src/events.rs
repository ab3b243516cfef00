//! Events of the messages that not only the logic answers.

yieldset_shell::events! {
    /// ERC-20: shares moved, or were minted (from zero).
    Transfer(
        /// From whom.
        from: address,
        /// To whom.
        to: address,
    ) {
        /// In 10^-18 shares.
        value: uint256,
    }
    /// ERC-20: an allowance was set.
    Approval(
        /// Whose shares.
        owner: address,
        /// Who may move them.
        spender: address,
    ) {
        /// How many from now on, in 10^-18 shares; 2^256 − 1 without limit.
        value: uint256,
    }
    /// Money came in. The contributors' leg is `amount - toHolders`: each word of an event costs as much as two hundred
    /// instructions.
    Deposited(
        /// Licence stream.
        stream: bytes32,
        /// Accounting period.
        period: uint32,
        /// Who paid.
        payer: address,
    ) {
        /// All of it, in the currency's smallest unit.
        amount: uint256,
        /// The holders' leg, in the same unit.
        to_holders: uint256,
        /// The dividend index afterwards: dividends per share, times 2^64.
        index: uint256,
    }
    /// A share holder's dividends were paid out.
    DividendClaimed(
        /// Whose; paid to itself, or to whom it was recovered to.
        account: address,
    ) {
        /// In the currency's smallest unit.
        amount: uint256,
    }
    /// A contributor's part of a period was paid out.
    ContributionClaimed(
        /// Licence stream.
        stream: bytes32,
        /// Accounting period.
        period: uint32,
        /// Whose; paid to itself, or to whom it was recovered to.
        account: address,
    ) {
        /// In the currency's smallest unit.
        amount: uint256,
        /// Its weight in the report, in parts of 10^18.
        weight: uint256,
    }
    /// One of many claims was passed over.
    ClaimSkipped(
        /// Licence stream.
        stream: bytes32,
        /// Accounting period.
        period: uint32,
        /// Whose.
        account: address,
    ) {
        /// 0 nothing is owed, 1–253 a restriction's code, 254 more weight than there is, 255 the payee did not take the
        /// money.
        reason: uint8,
    }
    /// The root of a period's final report is kept here now, whatever becomes of the registry.
    RootKept(
        /// Licence stream.
        stream: bytes32,
        /// Accounting period.
        period: uint32,
    ) {
        /// Over (contributor, weight).
        root: bytes32,
    }
}
