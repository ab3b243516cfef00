//! The messages that the logic answers: a pool's, but for contributors' claims.
//!
//! Amounts of money are in the currency's smallest unit, amounts of shares in 10^-18 shares.

use yieldset_pool_core::{
    account::{Account, payee},
    books::Book,
    delegation::delegatee,
    ledger::{self, Ledger},
    money,
    refusals::narrow,
    shares::{self, Logic},
};
use yieldset_rules::compliance::Restriction;
use yieldset_shell::{host, words::number_word};

use crate::{
    agents, claims,
    issuance::{self, Sale},
    permit::{self, Label, Signature},
    setup, streams, successors, views, votes,
};

yieldset_shell::messages! {
    // ERC-20, ERC-2612, ERC-5805

    /// ERC-20.
    ask name() -> string { Label(permit::labels()[0]) }
    /// ERC-20.
    ask symbol() -> string { Label(permit::labels()[1]) }
    /// ERC-20: 18.
    ask decimals() -> uint8 { 18_u8 }
    /// ERC-20: all shares.
    ask totalSupply() -> uint256 { Ledger::load().supply }
    /// ERC-20: an account's shares, whatever keeps them from moving.
    ask balanceOf(account: address) -> uint256 { Account::load(&account).holder.balance }
    /// ERC-20: moves the caller's shares. The pool's policy and the KYC registry are asked.
    ///
    /// # Who
    /// Anyone the pool lets send.
    ///
    /// # Errors
    /// `ERC20InvalidReceiver`, `AmountTooLarge`, `ERC20InsufficientBalance`, `TransferRestricted(code)`, `Overflow`.
    ///
    /// # Events
    /// `Transfer`.
    tell transfer(to: address, amount: uint256) -> bool {
        shares::transfer::<Logic>(&host::caller(), &to, amount);
        true
    }
    /// ERC-20: lets another account move so many of the caller's shares; 2^256 − 1 is without limit and stays.
    ///
    /// # Who
    /// Anyone.
    ///
    /// # Errors
    /// `ERC20InvalidSpender`.
    ///
    /// # Events
    /// `Approval`.
    tell approve(spender: address, amount: uint256) -> bool {
        shares::approve::<Logic>(&host::caller(), &spender, amount);
        true
    }
    /// ERC-20.
    ask allowance(owner: address, spender: address) -> uint256 { shares::allowance(&owner, &spender) }
    /// ERC-20: moves another's shares by the allowance that the caller has.
    ///
    /// # Who
    /// Anyone with the allowance, where the pool lets `from` send.
    ///
    /// # Errors
    /// `ERC20InvalidSender`, `ERC20InsufficientAllowance`, `ERC20InvalidReceiver`, `AmountTooLarge`,
    /// `ERC20InsufficientBalance`, `TransferRestricted(code)`, `Overflow`.
    ///
    /// # Events
    /// `Transfer`.
    tell transferFrom(from: address, to: address, amount: uint256) -> bool {
        shares::transfer_from::<Logic>(&host::caller(), &from, &to, amount);
        true
    }
    /// ERC-2612: sets the allowance that the owner signed, until `deadline` in Unix seconds.
    ///
    /// # Who
    /// Anyone, with the owner's signature.
    ///
    /// # Errors
    /// `ERC2612ExpiredSignature`, `ERC2612InvalidSigner`, `ERC20InvalidSpender`.
    ///
    /// # Events
    /// `Approval`.
    tell permit(owner: address, spender: address, value: uint256, deadline: uint256, v: uint8, r: bytes32, s: bytes32) {
        permit::permit(&owner, &spender, value, deadline, &Signature { v, r: *r, s: *s });
    }
    /// ERC-2612: what the owner's next permit or signed delegation must carry.
    ask nonces(owner: address) -> uint256 { permit::nonce(&owner) }
    /// ERC-2612: binds signatures to this pool on this chain.
    ask DOMAIN_SEPARATOR() -> bytes32 { permit::domain_separator() }
    /// ERC-6372: Unix seconds.
    ask clock() -> uint64 { host::now() }
    /// ERC-6372: `mode=timestamp`.
    ask CLOCK_MODE() -> string { "mode=timestamp" }
    /// ERC-5805: an account's votes now.
    ask getVotes(account: address) -> uint256 { votes::current(&account) }
    /// ERC-5805: an account's votes at the end of a past second.
    ///
    /// # Errors
    /// `ERC5805FutureLookup` unless that second is over.
    ask getPastVotes(account: address, timepoint: uint256) -> uint256 {
        votes::past(&account, views::past(timepoint))
    }
    /// ERC-5805: all shares, each of which is a vote, at the end of a past second.
    ///
    /// # Errors
    /// `ERC5805FutureLookup` unless that second is over.
    ask getPastTotalSupply(timepoint: uint256) -> uint256 { issuance::supply_at(views::past(timepoint)) }
    /// Whom the account's shares vote for: itself where it never delegated.
    ask delegates(account: address) -> address { delegatee(&account) }
    /// The caller's shares vote for `delegatee`; for itself again where that is itself or zero.
    ///
    /// # Who
    /// Anyone, for its own shares.
    ///
    /// # Errors
    /// `TransferRestricted` where the caller was recovered, or delegates to another while the pool's screening stops
    /// it.
    ///
    /// # Events
    /// `DelegateChanged`.
    tell delegate(delegatee: address) { votes::delegate(&host::caller(), &delegatee); }
    /// ERC-5805: the holder's shares vote for `delegatee` by its signature, once, until `expiry` in Unix seconds.
    ///
    /// # Who
    /// Anyone, with the holder's signature.
    ///
    /// # Errors
    /// `VotesExpiredSignature`, `ERC2612InvalidSigner`, `InvalidAccountNonce`, and `TransferRestricted` as `delegate`.
    ///
    /// # Events
    /// `DelegateChanged`.
    tell delegateBySig(delegatee: address, nonce: uint256, expiry: uint256, v: uint8, r: bytes32, s: bytes32) {
        votes::delegate_by_sig(&delegatee, nonce, expiry, &Signature { v, r: *r, s: *s });
    }
    /// The votes of a blocked account are its own again, and do not count. A KYC record that ran out is no block.
    ///
    /// # Who
    /// Anyone, where the account is frozen, on a sanctions list or was recovered.
    ///
    /// # Errors
    /// `NotScreened`.
    ///
    /// # Events
    /// `DelegateChanged`.
    tell endDelegation(account: address) { votes::end(&account); }

    // Money

    /// Pays money in for a licence stream and a period, split between share holders and contributors. The chain's own
    /// money comes with the call and must equal `amount`; an ERC-20 is taken by the caller's allowance.
    ///
    /// # Who
    /// Anyone, once the pool is open.
    ///
    /// # Errors
    /// `PeriodNotBegun`, `AmountTooLarge`, `PeriodZero`, `ZeroAmount`, `NotOpened`, `WrongPayment`, `Overflow`.
    ///
    /// # Events
    /// `Deposited`.
    pay deposit(stream: bytes32, period: uint32, amount: uint256) {
        money::check_begun(period);
        money::deposit::<Logic>(&host::caller(), stream, period, amount);
    }
    /// Dividends of an account, whether they can be paid now or not.
    ///
    /// # Errors
    /// `Overflow`.
    ask claimable(account: address) -> uint256 { views::claimable(&account) }
    /// State of an account's dividends: 0 nothing was earned, 2 payable, 3 paid, 4 held (KYC, a pause, or less than the
    /// currency lets an account have).
    ///
    /// # Errors
    /// `Overflow`.
    ask dividendState(account: address) -> (state: uint8, amount: uint256) { claims::dividend_state(&account) }
    /// Pays the caller's dividends, to it or to whom it was recovered to. Says no more than `PayoutFailed` where the
    /// currency does not pay; `claimFor` says why.
    ///
    /// # Who
    /// Anyone, for itself.
    ///
    /// # Errors
    /// `EnforcedPause`, `NothingToClaim`, `TransferRestricted`, `PayoutFailed`, `Overflow`.
    ///
    /// # Events
    /// `DividendClaimed`.
    tell claim() -> uint256 { claims::claim(&host::caller()) }
    /// Pays an account's dividends, to it or to whom it was recovered to.
    ///
    /// # Who
    /// Anyone.
    ///
    /// # Errors
    /// `EnforcedPause`, `NothingToClaim`, `TransferRestricted`, `BelowMinimum`, `FloatMissing`, `PayoutFailed`,
    /// `Overflow`.
    ///
    /// # Events
    /// `DividendClaimed`.
    tell claimFor(account: address) -> uint256 { claims::claim(&account) }
    /// The root that claims are proven against of what comes in for the period now; zero until it is kept.
    ask keptRoot(stream: bytes32, period: uint32) -> bytes32 { Book::current(&Ledger::load(), stream, period).root() }
    /// What an account took of a period.
    ask contributionClaimed(stream: bytes32, period: uint32, account: address) -> uint256 {
        claims::claimed(&account, stream, period)
    }
    /// The contributors' money of a period, whichever registry's report it is paid by, and the weights that have
    /// claimed of it, in parts of 10^18.
    ask periodOf(stream: bytes32, period: uint32) -> (total: uint256, claimed: uint256, weight_claimed: uint64) {
        let sum = claims::period(stream, period);
        (sum.total, sum.claimed, sum.weight_claimed)
    }
    /// What contributors have not claimed of a period, in which state it is and which way out it has: 0 nothing there;
    /// 1 claims by proofs; 2 its report can still change; 3 waits for the stream's next report, or its end; 4 `carry`
    /// takes it to the period `to`; 5 `releaseWaiting` gives it to the holders.
    ///
    /// # Errors
    /// `AttributionCallFailed`, `LicencesCallFailed`.
    ask waitingOf(stream: bytes32, period: uint32) -> (state: uint8, amount: uint256, to: uint32) {
        streams::waiting(stream, period)
    }
    /// The way that money of a period has, or would have if there were some, where the stream's licence ends at
    /// `licence_end` (zero: it has none): `waitingOf`'s states from 1 to 5.
    ///
    /// # Errors
    /// `AttributionCallFailed`.
    ask wayOf(stream: bytes32, period: uint32, licence_end: uint64) -> (way: uint8) {
        (streams::way_of(stream, period, licence_end),)
    }
    /// The money of an unreported quarter, or of one in which nothing qualified, goes with the stream's next report,
    /// which is that of the period `to`.
    ///
    /// # Who
    /// Anyone, again and again.
    ///
    /// # Errors
    /// `NothingWaits`, `AttributionCallFailed`, `LicencesCallFailed`, `WrongWay(stream, period, state)`, `Overflow`.
    ///
    /// # Events
    /// `WaitingCarried`.
    tell carry(stream: bytes32, from: uint32, to: uint32) { streams::carry(stream, from, to); }
    /// Once the stream has ended, what no report will pay goes to the holders as a dividend.
    ///
    /// # Who
    /// Anyone, again and again.
    ///
    /// # Errors
    /// `NothingWaits`, `AttributionCallFailed`, `LicencesCallFailed`, `WrongWay(stream, period, state)`, `Overflow`.
    ///
    /// # Events
    /// `WaitingReleased`.
    tell releaseWaiting(stream: bytes32, period: uint32) { streams::release(stream, period); }
    /// As stored: settled up to `index`; `pending` in the currency's smallest unit, `fraction` in 2^-64 of one.
    ask holderOf(account: address) -> (balance: uint256, index: uint256, pending: uint256, fraction: uint64) {
        let holder = Account::load(&account).holder;
        (holder.balance, holder.index, holder.pending, holder.fraction)
    }
    /// Who is paid what an account is owed: itself, or to whom it was recovered to.
    ask payeeOf(account: address) -> address { payee(&account) }
    /// Passes, or refuses a payment by the pool or another contract that holds its currency as the currency's least
    /// balance would.
    ///
    /// # Errors
    /// `AmountTooLarge`, `FloatMissing`, `BelowMinimum`.
    ask checkPayout(from: address, to: address, amount: uint256) {
        money::check_payout(&Ledger::load().currency, &from, &to, narrow(amount));
    }
    /// The least balance of an account in the currency, as declared; the pool keeps it beside what it owes. Zero where
    /// none is declared.
    ask currencyMinimum() -> uint256 { money::minimum() }
    /// All money so far, in the currency's smallest unit; `index` is dividends per share, times 2^64, and `carry` the
    /// remainder of its last division.
    ask totals() -> [
        deposited: uint256, to_holders: uint256, to_contributors: uint256, claimed_by_holders: uint256,
        claimed_by_contributors: uint256, index: uint256, carry: uint256
    ] { views::totals().map(number_word) }

    // Issuance: ISSUER_ROLE

    /// New shares: after the opening up to its cap. They are locked up as the policy says.
    ///
    /// # Who
    /// ISSUER_ROLE.
    ///
    /// # Errors
    /// `AccessControlUnauthorizedAccount`, `AmountTooLarge`, `CapExceeded`, `ERC20InvalidReceiver`,
    /// `TransferRestricted`, `Overflow`.
    ///
    /// # Events
    /// `Transfer` from zero.
    tell mint(to: address, amount: uint256) { issuance::mint(&to, amount); }
    /// The least balance that the currency lets an account have, of which the pool must have so much beside what it
    /// owes. Only tokens of the chain have one: in such a currency the pool cannot be opened before, and it stands
    /// afterwards; in others it is zero.
    ///
    /// # Who
    /// ISSUER_ROLE, until the pool is open.
    ///
    /// # Errors
    /// `AccessControlUnauthorizedAccount`, `AmountTooLarge`, `Overflow`, `InvalidMinimum` where the currency is no
    /// token of the chain, or the pool is open, `FloatMissing(missing)` where the pool has less beside what it owes.
    ///
    /// # Events
    /// `MinimumDeclared`.
    tell declareMinimum(minimum: uint256) { issuance::declare_minimum(minimum); }
    /// Ends the sale for good, and lets deposits in. Needs 10^18 share units at least. `cap` is the most there will be,
    /// `licences` the licence contract whose licences are streams of the pool, or zero; `governor` (the co-op) may
    /// raise the cap, or with zero nobody.
    ///
    /// # Who
    /// ISSUER_ROLE, once.
    ///
    /// # Errors
    /// `AccessControlUnauthorizedAccount`, `AlreadyOpened`, `MinimumUndeclared` in a token of the chain,
    /// `AmountTooLarge`, `SupplyTooSmall`, `CapTooLow`, `UnfitLicences`, `UnfitGovernor`.
    ///
    /// # Events
    /// `Opened`; `SaleSet` where shares were left in the sale.
    tell open(cap: uint256, licences: address, governor: address) { issuance::open(cap, licences, governor); }
    /// Raises the most shares that there will be.
    ///
    /// # Who
    /// The governor.
    ///
    /// # Errors
    /// `AmountTooLarge`, `NotGovernor`, `CapTooLow`.
    ///
    /// # Events
    /// `CapRaised`.
    tell raiseCap(cap: uint256) { issuance::raise_cap(cap); }
    /// Whether the pool takes deposits.
    ask opened() -> bool { Ledger::load().opened() }
    /// Most shares that there will be; zero before the opening.
    ask cap() -> uint256 { issuance::opening().cap }
    /// The licence contract whose licences are streams of the pool; zero for none.
    ask licences() -> address { issuance::opening().licences }
    /// Who may raise the cap, and names successors; zero: nobody.
    ask governor() -> address { issuance::opening().governor }
    /// Opens, changes or closes the sale: `price` is for 10^18 units of shares, in the currency's smallest unit; a
    /// `cap` of zero closes it. It sells from `starts` until before `ends`, in Unix seconds.
    ///
    /// # Who
    /// ISSUER_ROLE, before the opening.
    ///
    /// # Errors
    /// `AccessControlUnauthorizedAccount`, `AlreadyOpened`, `AmountTooLarge`, `InvalidSale`.
    ///
    /// # Events
    /// `SaleSet`.
    tell setSale(price: uint256, cap: uint256, starts: uint64, ends: uint64, proceeds_to: address) {
        issuance::set_sale(price, cap, starts, ends, proceeds_to);
    }
    /// Sells new shares to the caller, for exactly the price, rounded up, and no more than `max_cost`. The chain's own
    /// money comes with the call; an ERC-20 is taken by the caller's allowance.
    ///
    /// # Who
    /// Anyone the pool lets receive, before the opening.
    ///
    /// # Errors
    /// `AmountTooLarge`, `ZeroAmount`, `SaleClosed`, `SaleExhausted`, `CostAboveLimit`, `TransferRestricted`,
    /// `WrongPayment`; where the proceeds cannot be paid, `BelowMinimum`, `FloatMissing`, `PayoutFailed`; `Overflow`.
    ///
    /// # Events
    /// `Transfer` from zero, `SharesSold`.
    pay buy(amount: uint256, max_cost: uint256) -> (cost: uint256) {
        (issuance::buy(&host::caller(), amount, max_cost),)
    }
    /// The primary sale: its price for 10^18 units of shares, shares left in it, and of this and earlier ones the
    /// shares sold and the money raised.
    ask sale() -> (price: uint256, left: uint256, sold: uint256, raised: uint256, starts: uint64, ends: uint64) {
        let Sale { price, left, sold, raised, starts, ends, .. } = Sale::load();
        (price, left, sold, raised, starts, ends)
    }

    // Agents: AGENT_ROLE

    /// ERC-3643: freezes more of an account's shares.
    ///
    /// # Who
    /// AGENT_ROLE.
    ///
    /// # Errors
    /// `AccessControlUnauthorizedAccount`, `AmountTooLarge`, `Overflow`, `ERC20InsufficientBalance` where the account
    /// has fewer in all.
    ///
    /// # Events
    /// `TokensFrozen`.
    tell freezePartialTokens(account: address, amount: uint256) { agents::freeze(&account, amount); }
    /// ERC-3643: unfreezes shares of an account.
    ///
    /// # Who
    /// AGENT_ROLE.
    ///
    /// # Errors
    /// `AccessControlUnauthorizedAccount`, `AmountTooLarge`, `InsufficientRestraint`.
    ///
    /// # Events
    /// `TokensUnfrozen`.
    tell unfreezePartialTokens(account: address, amount: uint256) { agents::unfreeze(&account, amount); }
    /// ERC-3643: how many of an account's shares an agent has frozen.
    ask getFrozenTokens(account: address) -> uint256 { Account::load(&account).restraints.frozen }
    /// ERC-3643, with the hash of the reason's document: moves shares to an eligible account, whatever keeps them from
    /// moving, and during a pause too.
    ///
    /// # Who
    /// AGENT_ROLE.
    ///
    /// # Errors
    /// `AccessControlUnauthorizedAccount`, `ERC20InvalidReceiver`, `AmountTooLarge`, `ERC20InsufficientBalance`,
    /// `TransferRestricted` where the recipient is not eligible, `Overflow`.
    ///
    /// # Events
    /// `Transfer`, `ForcedTransferred`; `TokensUnfrozen` and `ReservationsEnded` where frozen shares, or some on offer,
    /// went along.
    tell forcedTransfer(from: address, to: address, amount: uint256, reason: bytes32) -> bool {
        agents::force(&from, &to, amount, reason);
        true
    }
    /// Replaces a lost account: all that it has, and is paid later, is the replacement's. `reason` is the hash of its
    /// document.
    ///
    /// # Who
    /// AGENT_ROLE.
    ///
    /// # Errors
    /// `AccessControlUnauthorizedAccount`, `ERC20InvalidReceiver` where the replacement is zero or the lost account,
    /// `AlreadyRecovered`, `TransferRestricted` where the replacement may not receive shares, `Overflow`.
    ///
    /// # Events
    /// `AccountRecovered`; `Transfer` where there were shares, `ReservationsEnded` where some were on offer.
    tell recoverAccount(lost: address, replacement: address, reason: bytes32) {
        agents::recover(&lost, &replacement, reason);
    }
    /// What keeps an account's shares from moving now: `frozen` by an agent, `reserved` for orders, `locked` until
    /// `lockedUntil` at the latest (Unix seconds), and whether the account was recovered.
    ask restraintsOf(account: address) -> [
        frozen: uint256, reserved: uint256, locked: uint256, locked_until: uint64, recovered: bool
    ] { views::restraints(&account).map(number_word) }
    /// How often the account's reservations were ended, by an agent or by itself: orders of before are void.
    ask seizuresOf(account: address) -> uint32 { Account::load(&account).restraints.seizures }
    /// Frees the caller's shares that are on offer, whatever became of the market.
    ///
    /// # Who
    /// Anyone, for its own shares.
    ///
    /// # Events
    /// `ReservationsEnded` where some were on offer.
    tell endReservations() { agents::end_reservations(&host::caller()); }

    // Markets: MARKET_ROLE

    /// Keeps free shares of an owner who allowed the market to take them.
    ///
    /// # Who
    /// MARKET_ROLE.
    ///
    /// # Errors
    /// `AccessControlUnauthorizedAccount`, `EnforcedPause`, `AmountTooLarge`, `ERC20InsufficientBalance` where fewer
    /// are free or the owner was recovered, `TransferRestricted`, `ERC20InsufficientAllowance`.
    ///
    /// # Events
    /// `Reserved`.
    tell reserve(owner: address, amount: uint256) { agents::reserve(&owner, amount); }
    /// Gives reserved shares back, during a pause too.
    ///
    /// # Who
    /// MARKET_ROLE.
    ///
    /// # Errors
    /// `AccessControlUnauthorizedAccount`, `AmountTooLarge`, `InsufficientRestraint`.
    ///
    /// # Events
    /// `Released`.
    tell release(owner: address, amount: uint256) { agents::release(&owner, amount); }
    /// Moves reserved shares to a buyer.
    ///
    /// # Who
    /// MARKET_ROLE.
    ///
    /// # Errors
    /// `AccessControlUnauthorizedAccount`, `ERC20InvalidReceiver`, `AmountTooLarge`, `ERC20InsufficientBalance`,
    /// `TransferRestricted`, `Overflow`.
    ///
    /// # Events
    /// `Transfer`, `Released`.
    tell deliver(from: address, to: address, amount: uint256) { agents::deliver(&from, &to, amount); }

    // Policy: COMPLIANCE_ROLE

    /// Who may hold shares. `open` admits everybody but who is frozen or on a sanctions list. `jurisdictions` is a set
    /// of ISO 3166-1 numeric codes, allowed ones with `allow_list`, else blocked ones: code n is bit 7 − n mod 8 of
    /// byte n / 8. Zero means no limit.
    ///
    /// # Who
    /// COMPLIANCE_ROLE.
    ///
    /// # Errors
    /// `AccessControlUnauthorizedAccount`, `AmountTooLarge`.
    ///
    /// # Events
    /// `PolicySet`.
    tell setPolicy(
        open: bool, min_level: uint8, accredited_only: bool, allow_list: bool, jurisdictions: [bytes32; 4],
        max_holders: uint32, max_holding: uint256, lockup_seconds: uint32,
    ) {
        let max_holding = narrow(max_holding);
        let terms = setup::Terms {
            min_level, accredited_only, allow_list, jurisdictions: *jurisdictions, max_holders, max_holding, lockup_seconds
        };
        setup::set_policy(open, &terms);
    }
    /// As set; a new pool's admits every account with a valid KYC record.
    ask policy() -> [
        open: bool, min_level: uint8, accredited_only: bool, allow_list: bool, jurisdictions: [bytes32; 4],
        max_holders: uint32, max_holding: uint256, lockup_seconds: uint32
    ] { views::policy(&Ledger::load()) }
    /// Accounts with shares.
    ask holderCount() -> uint32 { Ledger::load().holders }
    /// ERC-1404: why a transfer would be refused, as a restriction's code; zero where it would not.
    ///
    /// # Errors
    /// `AmountTooLarge`.
    ask detectTransferRestriction(from: address, to: address, amount: uint256) -> uint8 {
        views::detect(&from, &to, amount)
    }
    /// Why an account may not sell or be paid here now, as a restriction's code; zero where it may. Votes are only kept
    /// from who is frozen (5) or sanctioned (7).
    ask screened(account: address) -> uint8 { views::screened(&account) }
    /// ERC-1404: what a code means and what to do.
    ask messageForTransferRestriction(code: uint8) -> string {
        Restriction::from_code(code).map_or("unknown code", Restriction::message)
    }

    // PAUSER_ROLE

    /// No transfers, issuance, deliveries, reservations or claims from now on.
    ///
    /// # Who
    /// PAUSER_ROLE.
    ///
    /// # Errors
    /// `AccessControlUnauthorizedAccount`, `EnforcedPause`.
    ///
    /// # Events
    /// `Paused`.
    tell pause() { setup::set_paused(true); }
    /// The pool runs on.
    ///
    /// # Who
    /// PAUSER_ROLE.
    ///
    /// # Errors
    /// `AccessControlUnauthorizedAccount`, `ExpectedPause`.
    ///
    /// # Events
    /// `Unpaused`.
    tell unpause() { setup::set_paused(false); }
    /// Whether it is paused.
    ask paused() -> bool { Ledger::load().paused() }

    // Successors: the pool's governor names, anybody adopts. Parts: 0 KYC, 1 attribution, 2 logic, 3 licences

    /// Names who is to take the place of a part (0 KYC, 1 attribution, 2 logic, 3 licences) in 30 days, instead of
    /// whoever was named before.
    ///
    /// # Who
    /// The governor.
    ///
    /// # Errors
    /// `NotGovernor`, `UnknownPart`, `UnfitSuccessor`.
    ///
    /// # Events
    /// `SuccessorProposed`.
    tell proposeSuccessor(part: uint8, successor: address) { successors::propose(part, &successor); }
    /// Takes back who was named to take a part's place (0 KYC, 1 attribution, 2 logic, 3 licences).
    ///
    /// # Who
    /// The governor.
    ///
    /// # Errors
    /// `NotGovernor`, `UnknownPart`, `NoSuccessor`.
    ///
    /// # Events
    /// `SuccessorProposed` with zeros.
    tell cancelSuccessor(part: uint8) { successors::cancel(part); }
    /// Puts the successor in the part's place (0 KYC, 1 attribution, 2 logic, 3 licences).
    ///
    /// # Who
    /// Anyone, from 30 days after it was named on and for 30 days.
    ///
    /// # Errors
    /// `UnknownPart`, `NoSuccessor`, `SuccessorTooEarly`, `SuccessorExpired`, `UnfitSuccessor`.
    ///
    /// # Events
    /// `SuccessorAdopted`.
    tell adoptSuccessor(part: uint8) { successors::adopt(part); }
    /// Zeros where nobody is named; adopted from `eta` until before `expires` (Unix seconds).
    ///
    /// # Errors
    /// `UnknownPart`.
    ask successorOf(part: uint8) -> (successor: address, eta: uint64, expires: uint64) { successors::of(part) }
    /// What a pool's records are like, asked of a logic itself: its successor must say the same. A pool says 0.
    ask storageLayout() -> uint256 { ledger::storage_layout() }

    // Parts

    /// Makes the pool, without shares and admitting every account with a KYC record. `logic` answers what the front
    /// does not; `name` and `symbol` are UTF-8 of at most 32 bytes, filled up with zeros; `currency` is an ERC-20, or
    /// zero for the chain's own money; of each deposit `contributors_bps` basis points, rounded down, are the
    /// contributors'; `admin` gives all roles.
    ///
    /// # Who
    /// The front's constructor, once.
    ///
    /// # Errors
    /// `AlreadyInitialised`, `InvalidBasisPoints`, `EmptyLabel`, `AccessControlInvalidDefaultAdmin` for address zero,
    /// `UnfitSuccessor` where `logic` or the claims that it
    /// names are no code for pools; of the constructor `NotInitialised` where `logic` has no code.
    ///
    /// # Events
    /// `RoleGranted`, `PoolCreated`.
    tell initialise(
        logic: address, name: bytes32, symbol: bytes32, kyc: address, attribution: address, currency: address,
        contributors_bps: uint16, admin: address,
    ) { setup::initialise([logic, kyc, attribution, currency], [*name, *symbol], contributors_bps, &admin) }
    /// The code that answers what neither the front nor the claims answer.
    ask logic() -> address { Ledger::load().logic }
    /// The code of contributors' claims, which the logic names; asked of a logic, the one it names.
    ask claimsLogic() -> address { setup::claims() }
    /// KYC registry; zero where nobody is asked.
    ask kyc() -> address { Ledger::load().kyc }
    /// Attribution registry.
    ask attribution() -> address { Ledger::load().attribution }
    /// What all money is in: an ERC-20, or zero for the chain's own.
    ask currency() -> address { Ledger::load().currency }
    /// Contributors' leg of a deposit, in basis points.
    ask contributorsBps() -> uint16 { Ledger::load().contributors_bps }
}
