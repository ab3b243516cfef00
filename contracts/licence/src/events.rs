//! What happened, with the state after it. Amounts are in the licence's currency, times in Unix seconds.

yieldset_shell::events! {
    /// A platform offered a menu.
    LicenceOffered(
        /// The licence.
        licence: bytes32,
        /// To which pool.
        pool: address,
        /// By whom.
        platform: address,
    ) {
        /// The pool's currency; zero is the native one.
        currency: address,
        /// How many options.
        options: uint8,
        /// How many datasets.
        datasets: uint8,
        /// The highest upfront, which came with the offer.
        upfront: uint256,
        /// End of the offer, Unix seconds.
        expires_at: uint64,
    }
    /// An option of the menu.
    OptionOffered(
        /// The licence that is offered, or the menu.
        licence: bytes32,
    ) {
        /// Which one.
        option: uint8,
        /// Hash of its terms document.
        document: bytes32,
    }
    /// A licensor published a menu of its own.
    MenuPublished(
        /// The menu.
        licence: bytes32,
        /// For which pool's data.
        pool: address,
        /// By whom.
        licensor: address,
    ) {
        /// The pool's currency; zero is the native one.
        currency: address,
        /// How many options.
        options: uint8,
        /// End of the menu, Unix seconds.
        expires_at: uint64,
    }
    /// A menu was taken back.
    MenuWithdrawn(
        /// The menu.
        licence: bytes32,
    ) {}
    /// A platform took an option of a menu.
    OptionTaken(
        /// The licence.
        licence: bytes32,
        /// Of which menu.
        menu: bytes32,
    ) {
        /// Which one.
        option: uint8,
    }
    /// The platform took its offer back.
    OfferWithdrawn(
        /// The licence.
        licence: bytes32,
    ) {}
    /// The pool declined.
    OfferDeclined(
        /// The licence.
        licence: bytes32,
    ) {
        /// Who did for the pool.
        licensor: address,
    }
    /// The pool accepted one option; it is binding.
    LicenceAccepted(
        /// The licence.
        licence: bytes32,
    ) {
        /// Who did for the pool.
        licensor: address,
        /// Which one.
        option: uint8,
        /// Hash of its terms document.
        document: bytes32,
        /// Paid to the pool.
        upfront: uint256,
        /// In this period.
        period: uint32,
        /// End of the exclusivity window, Unix seconds; zero for none.
        exclusive_until: uint64,
        /// Until when the escrow must be funded, Unix seconds.
        fund_by: uint64,
    }
    /// The escrow was added to.
    EscrowFunded(
        /// The licence.
        licence: bytes32,
    ) {
        /// How much.
        amount: uint256,
        /// In escrow now.
        escrow: uint256,
    }
    /// The licence is in force.
    LicenceActivated(
        /// The licence.
        licence: bytes32,
    ) {
        /// Its end, Unix seconds.
        ends_at: uint64,
        /// Until when models may be trained on the data, Unix seconds.
        training_until: uint64,
    }
    /// The escrow was not funded in time.
    LicenceLapsed(
        /// The licence.
        licence: bytes32,
    ) {}
    /// A platform reported a quarter.
    RevenueReported(
        /// The licence.
        licence: bytes32,
        /// Which one.
        quarter: uint32,
    ) {
        /// Gross model revenue.
        gross: uint256,
        /// Infrastructure costs.
        infrastructure: uint256,
        /// Taxes.
        taxes: uint256,
        /// What the residual is a share of: net or gross, as the terms have it.
        net: uint256,
        /// Hash of the evidence.
        evidence: bytes32,
        /// It came too late.
        late: bool,
    }
    /// A quarter's usage was taken over from the stream's final report, or corrected by an audit.
    UsageReported(
        /// The licence.
        licence: bytes32,
        /// Which one.
        quarter: uint32,
    ) {
        /// Attributed tokens above the threshold.
        tokens: uint256,
        /// Calls above the threshold.
        calls: uint64,
        /// Hash of the attribution report, or of the auditor's.
        report: bytes32,
    }
    /// A quarter's due is known, or changed.
    DueAssessed(
        /// The licence.
        licence: bytes32,
        /// Which quarter.
        quarter: uint32,
    ) {
        /// The royalty.
        due: uint256,
        /// The first deadline of what is unpaid, Unix seconds; the record has both.
        pay_by: uint64,
        /// Of the royalty, what is paid, also by what the pool had before.
        paid: uint256,
    }
    /// A quarter was paid, all or part.
    RoyaltyPaid(
        /// The licence.
        licence: bytes32,
        /// Which quarter.
        quarter: uint32,
    ) {
        /// Of the royalty.
        principal: uint256,
        /// Of the interest.
        interest: uint256,
        /// What is left.
        outstanding: uint256,
    }
    /// A quarter was not paid in time, a year's escrow lacked money, or the escrow was not filled up again.
    DefaultRecorded(
        /// The licence.
        licence: bytes32,
        /// The quarter, or the licence year; zero for the escrow.
        number: uint32,
    ) {
        /// It is a licence year, or the escrow.
        year: bool,
        /// What is outstanding; zero where it is not known.
        outstanding: uint256,
        /// Open defaults now.
        open_defaults: uint32,
    }
    /// A default was cured.
    DefaultCured(
        /// The licence.
        licence: bytes32,
        /// The quarter, or the licence year; zero for the escrow.
        number: uint32,
    ) {
        /// It is a licence year, or the escrow.
        year: bool,
        /// Open defaults now.
        open_defaults: uint32,
    }
    /// A licence year was trued up.
    YearTruedUp(
        /// The licence.
        licence: bytes32,
        /// Which one, from 1.
        year: uint32,
    ) {
        /// What was guaranteed for it.
        guaranteed: uint256,
        /// What its quarters earned.
        earned: uint256,
        /// Of the shortfall, what the escrow paid.
        from_escrow: uint256,
        /// Of the shortfall, what the escrow lacked.
        owed: uint256,
        /// In escrow now.
        escrow: uint256,
        /// What it must be filled up to; zero where it need not be.
        refill_to: uint256,
        /// Until when, Unix seconds; zero where it need not be.
        refill_by: uint64,
    }
    /// Somebody paid what the escrow lacked.
    ShortfallPaid(
        /// The licence.
        licence: bytes32,
        /// Which licence year.
        year: uint32,
    ) {
        /// How much.
        amount: uint256,
        /// What is left.
        owed: uint256,
    }
    /// A milestone of Schedule B was certified.
    MilestoneCertified(
        /// The licence.
        licence: bytes32,
    ) {
        /// Which one, from 0.
        index: uint8,
        /// By whom.
        certifier: address,
        /// Released.
        amount: uint256,
        /// To the pool; otherwise to the platform.
        to_pool: bool,
        /// In escrow now.
        escrow: uint256,
        /// Hash of the evidence.
        evidence: bytes32,
    }
    /// The pool took money that is its own.
    Delivered(
        /// The licence.
        licence: bytes32,
        /// For this period.
        period: uint32,
    ) {
        /// How much.
        amount: uint256,
        /// What is still held for the period.
        held: uint256,
    }
    /// The platform took money that is its own.
    Refunded(
        /// The licence.
        licence: bytes32,
    ) {
        /// Where it went.
        to: address,
        /// How much.
        amount: uint256,
    }
    /// The rest of a silent platform's escrow went to the pool.
    EscrowForfeited(
        /// The licence.
        licence: bytes32,
    ) {
        /// How much.
        amount: uint256,
    }
    /// An auditor approved a contributor, or took it back.
    ContributorApproved(
        /// The licence.
        licence: bytes32,
        /// Whom.
        contributor: address,
    ) {
        /// Whether approved now.
        approved: bool,
    }
    /// A contributor asked for an audit.
    AuditRequested(
        /// The licence.
        licence: bytes32,
        /// Its number.
        number: uint32,
        /// Who asked.
        contributor: address,
    ) {
        /// For which quarter.
        quarter: uint32,
        /// Hash of what was asked for.
        scope: bytes32,
        /// Until when the platform must answer, Unix seconds.
        answer_by: uint64,
    }
    /// A contributor joined an open audit.
    AuditJoined(
        /// The licence.
        licence: bytes32,
        /// The audit.
        number: uint32,
        /// Who joined.
        contributor: address,
    ) {
        /// For which quarter.
        quarter: uint32,
        /// Hash of what was asked for.
        scope: bytes32,
    }
    /// The platform answered.
    AuditAnswered(
        /// The licence.
        licence: bytes32,
        /// The audit.
        number: uint32,
    ) {
        /// Root of the usage logs.
        logs: bytes32,
        /// Digest of the manifests.
        manifests: bytes32,
        /// Digest of the training-run ids.
        runs: bytes32,
        /// It came too late.
        late: bool,
    }
    /// An auditor reported.
    AuditReported(
        /// The licence.
        licence: bytes32,
        /// The audit.
        number: uint32,
        /// Who audited.
        auditor: address,
    ) {
        /// Discrepancy in basis points.
        discrepancy_bps: uint16,
        /// Attributed tokens above the threshold that the auditor counted.
        tokens: uint256,
        /// Calls above the threshold that the auditor counted.
        calls: uint64,
        /// What the platform owes the auditor.
        fee: uint256,
        /// What the platform owes the contributor.
        expenses: uint256,
        /// Hash of the report.
        report: bytes32,
    }
    /// The arbiter dismissed a violation (1) or an audit's correction (2).
    Dismissed(
        /// The licence.
        licence: bytes32,
        /// Which of the two.
        kind: uint8,
    ) {
        /// Hash of the violation's evidence, or the audit's number.
        which: bytes32,
        /// Violations now.
        violations: uint32,
    }
    /// The auditor, or the contributor's expenses, were paid.
    AuditPaid(
        /// The licence.
        licence: bytes32,
        /// The audit.
        number: uint32,
        /// Whom it is credited to.
        to: address,
    ) {
        /// How much.
        amount: uint256,
        /// The expenses; otherwise the fee.
        expenses: bool,
    }
    /// What was paid for an audit was withdrawn.
    AuditWithdrawn(
        /// The licence.
        licence: bytes32,
        /// The audit.
        number: uint32,
        /// Whom it was credited to.
        creditor: address,
    ) {
        /// Where it went.
        to: address,
        /// How much.
        amount: uint256,
        /// The expenses; otherwise the fee.
        expenses: bool,
    }
    /// The platform granted a sublicence.
    SublicenceRecorded(
        /// The licence.
        licence: bytes32,
        /// Its number.
        number: uint32,
        /// To whom.
        licensee: address,
    ) {
        /// For which uses.
        uses: uint32,
        /// Hash of its document.
        document: bytes32,
    }
    /// An oracle alleges a violation.
    ViolationRecorded(
        /// The licence.
        licence: bytes32,
        /// Its kind.
        kind: uint8,
    ) {
        /// The uses it was.
        uses: uint32,
        /// When it happened, Unix seconds.
        at: uint64,
        /// Hash of the evidence.
        evidence: bytes32,
        /// Violations now.
        violations: uint32,
    }
    /// Something was not done in time.
    BreachRecorded(
        /// The licence.
        licence: bytes32,
        /// Its kind.
        kind: uint8,
    ) {
        /// Of what: a quarter, an audit or a redaction; without meaning for a deletion.
        number: uint32,
        /// Breaches now.
        breaches: uint32,
    }
    /// Personal data must be redacted.
    RedactionRequested(
        /// The licence.
        licence: bytes32,
        /// Its number.
        number: uint32,
        /// In which dataset.
        dataset: bytes32,
    ) {
        /// Who asked.
        requester: address,
        /// Hash of the request.
        request: bytes32,
        /// The version without the data.
        manifest: bytes32,
        /// Until when, Unix seconds.
        due: uint64,
    }
    /// Somebody else asked for a redaction that is asked for already.
    RedactionJoined(
        /// The licence.
        licence: bytes32,
        /// Its number.
        number: uint32,
        /// Who asked.
        requester: address,
    ) {
        /// Hash of the request.
        request: bytes32,
    }
    /// The platform redacted.
    RedactionCertified(
        /// The licence.
        licence: bytes32,
        /// Its number.
        number: uint32,
    ) {
        /// Hash of the certificate.
        certificate: bytes32,
        /// The version without the data.
        manifest: bytes32,
        /// It came too late.
        late: bool,
    }
    /// The licence was terminated.
    LicenceTerminated(
        /// The licence.
        licence: bytes32,
        /// Why.
        reason: uint8,
    ) {
        /// By whom.
        by: address,
        /// In force until then, Unix seconds.
        ends_at: uint64,
        /// Until when the data must be deleted, Unix seconds.
        deletion_due: uint64,
        /// Hash of the evidence or notice.
        evidence: bytes32,
    }
    /// The platform set the key, name and witnesses of its usage log, or rotated them.
    UsageLogSet(
        /// The licence.
        licence: bytes32,
        /// Counts from 1.
        epoch: uint32,
    ) encoded {
        /// The ed25519 key that signs the log's checkpoints.
        key: bytes32,
        /// The log's name.
        origin: string,
        /// Keys of those who cosign its checkpoints.
        witnesses: [bytes32],
        /// From which second on it counts, Unix seconds.
        since: uint64,
    }
    /// The platform put a checkpoint of its usage log on chain.
    CheckpointAnchored(
        /// The licence.
        licence: bytes32,
        /// Of which epoch's log.
        epoch: uint32,
    ) {
        /// Number of leaves.
        size: uint64,
        /// RFC 6962 root.
        root: bytes32,
        /// Number of this block.
        block: uint32,
        /// Its time, Unix seconds.
        at: uint64,
    }
    /// The platform named its successor; zero for nobody.
    PlatformProposed(
        /// The licence.
        licence: bytes32,
    ) {
        /// Whom.
        next: address,
    }
    /// The successor took the platform's place.
    PlatformChanged(
        /// The licence.
        licence: bytes32,
    ) {
        /// The platform now.
        platform: address,
    }
    /// Money moved; what each part is now.
    FundsChanged(
        /// The licence.
        licence: bytes32,
    ) {
        /// Bound.
        escrow: uint256,
        /// The platform's.
        refundable: uint256,
        /// The pool's, which it has not taken.
        held: uint256,
    }
    /// The datasets' registry was told of the end.
    LicenceClosed(
        /// The licence.
        licence: bytes32,
    ) {}
    /// The platform deleted the data.
    DeletionCertified(
        /// The licence.
        licence: bytes32,
    ) {
        /// Hash of the certificate.
        certificate: bytes32,
        /// It came too late.
        late: bool,
    }
}
