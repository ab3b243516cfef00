//! Events of the messages that only the logic answers; the others are in `yieldset_pool_core::events`.

yieldset_shell::events! {
    /// The pool was created.
    PoolCreated() {
        /// KYC registry; zero where nobody is asked.
        kyc: address,
        /// Attribution registry.
        attribution: address,
        /// ERC-20 that all money is in; zero for the chain's own.
        currency: address,
        /// Contributors' leg in basis points.
        contributors_bps: uint16,
        /// Token name, UTF-8 filled up with zeros.
        name: bytes32,
        /// Token symbol, UTF-8 filled up with zeros.
        symbol: bytes32,
    }
    /// OpenZeppelin's `Pausable`: transfers, issuance and claims stopped.
    Paused() {
        /// Who paused.
        account: address,
    }
    /// OpenZeppelin's `Pausable`: the pool runs on.
    Unpaused() {
        /// Who unpaused.
        account: address,
    }
    /// Who may hold shares from now on.
    PolicySet() encoded {
        /// Everybody but the blocked: freezes and sanctions alone are asked.
        open: bool,
        /// Lowest KYC level.
        min_level: uint8,
        /// Accredited investors only.
        accredited_only: bool,
        /// The jurisdictions are those allowed; otherwise those blocked.
        allow_list: bool,
        /// Set of ISO 3166-1 numeric codes, 1024 bits in four words.
        jurisdictions: [bytes32; 4],
        /// Most accounts with shares; zero without limit.
        max_holders: uint32,
        /// Most shares of one account; zero without limit.
        max_holding: uint256,
        /// New shares cannot move for so long, in seconds.
        lockup_seconds: uint32,
    }
    /// ERC-3643: part of an account's shares was frozen.
    TokensFrozen(
        /// Whose.
        user_address: address,
    ) {
        /// How many more.
        amount: uint256,
    }
    /// ERC-3643: part of an account's shares was unfrozen.
    TokensUnfrozen(
        /// Whose.
        user_address: address,
    ) {
        /// How many fewer.
        amount: uint256,
    }
    /// An agent moved shares; the ERC-20 event says the same.
    ForcedTransferred(
        /// From whom.
        from: address,
        /// To whom.
        to: address,
    ) {
        /// Shares.
        value: uint256,
        /// Hash of the reason's document.
        reason: bytes32,
        /// The agent.
        agent: address,
    }
    /// A lost account was replaced: shares and everything it is owed, now and later, belong to the replacement.
    AccountRecovered(
        /// No longer used.
        lost: address,
        /// Its successor.
        replacement: address,
    ) {
        /// Shares moved: all there were.
        shares: uint256,
        /// Unclaimed dividends moved, in the currency's smallest unit.
        pending: uint256,
        /// Hash of the reason's document.
        reason: bytes32,
        /// The agent.
        agent: address,
    }
    /// Shares were reserved for an order.
    Reserved(
        /// Whose.
        owner: address,
        /// For orders on this market.
        market: address,
    ) {
        /// How many.
        value: uint256,
        /// All of the owner's reserved shares afterwards.
        reserved: uint256,
    }
    /// Reserved shares were released, or left with a delivery.
    Released(
        /// Whose.
        owner: address,
        /// By this market.
        market: address,
    ) {
        /// How many.
        value: uint256,
        /// All of the owner's reserved shares afterwards.
        reserved: uint256,
    }
    /// All reservations of an account ended, and orders of before are void: an agent took shares on offer or recovered
    /// the account, or their owner freed them.
    ReservationsEnded(
        /// Whose.
        owner: address,
    ) {
        /// How many shares were reserved.
        value: uint256,
        /// How often that has happened to the owner.
        seizures: uint32,
    }
    /// The pool was opened: it takes deposits from now on, and its sale ended.
    Opened() {
        /// Shares there are.
        supply: uint256,
        /// Most shares that there will be.
        cap: uint256,
        /// The licence contract whose licences are streams of the pool; zero for none.
        licences: address,
        /// Who may raise the cap; zero: nobody.
        governor: address,
    }
    /// The governor raised the cap.
    CapRaised() {
        /// Most shares that there will be.
        cap: uint256,
    }
    /// The issuer declared the currency's least balance, which the pool keeps beside what it owes.
    MinimumDeclared() {
        /// In the currency's smallest unit.
        minimum: uint256,
    }
    /// The primary sale was opened, changed or closed (no shares).
    SaleSet() {
        /// For 10^18 units of shares, in the currency's smallest unit.
        price: uint256,
        /// Shares to sell; zero where it was closed.
        cap: uint256,
        /// Unix seconds, the first in which it sells.
        starts: uint64,
        /// Unix seconds, the first in which it sells no more.
        ends: uint64,
        /// Who gets the proceeds.
        proceeds_to: address,
    }
    /// Shares were sold in the primary sale.
    SharesSold(
        /// Buyer.
        buyer: address,
    ) {
        /// Shares.
        value: uint256,
        /// Paid, in the currency's smallest unit.
        cost: uint256,
        /// Shares left in the sale.
        left: uint256,
    }
    /// Contributors' money of a period without weights went to the stream's next report.
    WaitingCarried(
        /// Licence stream.
        stream: bytes32,
        /// Out of this period, all that it had.
        from: uint32,
        /// Into this one.
        to: uint32,
    ) {
        /// In the currency's smallest unit.
        amount: uint256,
    }
    /// Contributors' money that no report will pay went to the holders.
    WaitingReleased(
        /// Licence stream.
        stream: bytes32,
        /// Out of this period, all that it had.
        period: uint32,
    ) {
        /// In the currency's smallest unit.
        amount: uint256,
        /// The dividend index afterwards: dividends per share, times 2^64.
        index: uint256,
    }
    /// ERC-5805: an account's shares vote for another account from now on.
    DelegateChanged(
        /// Whose shares.
        delegator: address,
        /// For whom they voted; the delegator where it had not delegated.
        from_delegate: address,
        /// For whom they vote; the delegator where it took them back.
        to_delegate: address,
    ) {}
    /// The governor named a successor of one of the pool's parts, or with zero took it back.
    SuccessorProposed(
        /// 0 KYC registry, 1 attribution registry, 2 logic, 3 licences.
        part: uint8,
        /// The successor; zero where it was taken back.
        successor: address,
    ) {
        /// The first second in which anybody can adopt it (Unix seconds); 0 where it was taken back.
        eta: uint64,
        /// The first second in which nobody can any more; 0 where it was taken back.
        expires: uint64,
    }
    /// One of the pool's parts was replaced.
    SuccessorAdopted(
        /// 0 KYC registry, 1 attribution registry, 2 logic, 3 licences.
        part: uint8,
        /// The part from now on.
        successor: address,
    ) {
        /// The part before.
        previous: address,
    }
}
