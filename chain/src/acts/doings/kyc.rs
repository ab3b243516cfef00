//! Who may hold and move shares: records, attestations, freezes, issuers.

use std::{collections::BTreeSet, str::FromStr};

use alloy_primitives::{Address, B256, U256};
use futures::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};

use super::licence::{count, known};
use crate::acts::{
    ActError, Desk, Fact, Plan, Who,
    arguments::{ArgumentError, Digest, FromFile, Moment, Name, csv},
    countries::Country,
};
use crate::{abi::Kyc, units::Date};

const AGENT: Who = Who::Role("AGENT_ROLE");
const COMPLIANCE: Who = Who::Named("COMPLIANCE_ROLE or the default admin");

/// Most records in a call: a call with more would not fit a block everywhere.
const BATCH: usize = 100;

doing! {
    /// Sets or renews an account's KYC record.
    Set = "kyc set", by AGENT, calls [Kyc::setRecordCall] {
        /// Whose record.
        account: Name,
        /// KYC level; a pool's policy names the least.
        #[arg(long, default_value_t = 1)]
        level: u8,
        /// Country by its ISO 3166-1 code or number: US or 840, FI or 246.
        #[arg(long)]
        country: Country,
        /// Accredited investor.
        #[arg(long)]
        #[serde(default)]
        accredited: bool,
        /// Until when the record counts.
        #[arg(long)]
        until: Moment,
    }
    |it, desk| {
        let (account, expiry) = (desk.address(&it.account)?, desk.moment(it.until).await?);
        let seen = desk.seen(&it.account).await?;
        let (level, jurisdiction, accredited) = (it.level, it.country.0, it.accredited);
        let sentence = format!(
            "Sets the KYC record of {}: level {level}, country {}, {}, until {}.",
            desk.says(account),
            it.country.says(),
            standing(accredited),
            Date(expiry)
        );
        let kyc = desk.deployment.kyc;
        let call = Kyc::setRecordCall { account, level, jurisdiction, accredited, expiry };
        let now = desk.read(kyc, &Kyc::recordOfCall { account }).await?;
        let changes = !is_set(&now, desk.sender, (level, jurisdiction, accredited, expiry));
        Ok(Plan::of(Self::KIND, sentence)
            .fact(desk.holds(kyc, "AGENT_ROLE").await?)
            .fact(Fact::changes(changes, format!("now: {}", in_short(desk, &now))))
            .fact(in_future(expiry, desk.now().await?))
            .fact(seen)
            .call(kyc, &call))
    }
}

doing! {
    /// Sets the KYC records of a CSV file that differ from those on chain, all or none of each hundred.
    Import = "kyc import", by AGENT, calls [Kyc::setRecordsCall] {
        /// CSV with the columns account,level,country,accredited,until.
        file: Records,
    }
    |it, desk| {
        let (kyc, now) = (desk.deployment.kyc, desk.now().await?);
        let mut wanted = Vec::new();
        for row in &it.file.0 {
            let (account, expiry) = (desk.address(&row.account)?, row.until.seconds(now));
            if expiry <= now {
                return Err(ActError::Unfit(format!(
                    "the record of {} ends on {}, which is over",
                    row.account,
                    Date(expiry)
                )));
            }
            wanted.push((account, row, expiry));
        }
        let distinct: BTreeSet<Address> = wanted.iter().map(|(account, ..)| *account).collect();
        if wanted.is_empty() || distinct.len() < wanted.len() {
            return Err(ActError::Unfit("the file must have a row, and no account twice; remove the other row".into()));
        }
        let all = wanted.len();
        let (entries, told) = changed(desk, wanted).await?;
        let same = all.saturating_sub(entries.len());
        let mut plan = Plan::of(Self::KIND, format!("Sets {}.", count(entries.len(), "KYC record")))
            .fact(desk.holds(kyc, "AGENT_ROLE").await?)
            .fact(Fact::changes(
                !entries.is_empty(),
                match (entries.len(), same) {
                    (0, _) if all == 1 => "its record is on chain as the file has it".to_owned(),
                    (0, _) => format!("all {} are on chain as the file has them", count(all, "record")),
                    (_, 0) => "no record of the file is on chain as it has it".to_owned(),
                    (_, same) => format!("{} on chain as the file has it, and not sent", count_are(same)),
                },
            ));
        for fact in told {
            plan = plan.fact(Fact::known(fact));
        }
        Ok(entries
            .chunks(BATCH)
            .fold(plan, |plan, part| plan.call(kyc, &Kyc::setRecordsCall { entries: part.to_vec() })))
    }
}

/// Records that are looked at at once.
const AT_ONCE: usize = 8;

/// Most changes of a file that are told one by one.
const TOLD: usize = 100;

/// The records of a file that would change something, as the registry reads them, and what each changes.
async fn changed(desk: &Desk, wanted: Vec<(Address, &Record, u64)>) -> Result<(Vec<B256>, Vec<String>), ActError> {
    let (kyc, best) = (desk.deployment.kyc, desk.client.best_block().await?.hash);
    let accounts: Vec<_> = wanted.iter().map(|(account, ..)| *account).collect();
    let (client, sender) = (desk.client.clone(), desk.sender);
    let asked = stream::iter(accounts).map(move |account| {
        let client = client.clone();
        async move { client.read_as_at(best, sender, kyc, &Kyc::recordOfCall { account }).await }
    });
    let found: Vec<Kyc::recordOfReturn> = asked.buffered(AT_ONCE).try_collect().await?;
    let (mut entries, mut told) = (Vec::new(), Vec::new());
    for ((account, row, expiry), now) in wanted.into_iter().zip(found) {
        let figures = (row.level, row.country.0, row.accredited, expiry);
        if is_set(&now, desk.sender, figures) {
            continue;
        }
        told.push(format!("{}: {}; now {}", desk.says(account), in_words(figures), in_short(desk, &now)));
        entries.push(entry(account, row, expiry));
    }
    let more = told.len().saturating_sub(TOLD);
    told.truncate(TOLD);
    if more > 0 {
        told.push(format!("and {} more", count(more, "record")));
    }
    Ok((entries, told))
}

/// Level, country, whether accredited, and until when.
type Figures = (u8, u16, bool, u64);

/// Whether the record has these figures already, and by this agent: one that another set, or an issuer attested, is
/// this agent's once it is set.
fn is_set(now: &Kyc::recordOfReturn, agent: Address, figures: Figures) -> bool {
    now.issuer == agent && figures == (now.level, now.jurisdiction, now.accredited, now.expiry)
}

fn in_words((level, country, accredited, expiry): Figures) -> String {
    format!("level {level}, country {}, {}, until {}", Country(country).says(), standing(accredited), Date(expiry))
}

fn in_short(desk: &Desk, now: &Kyc::recordOfReturn) -> String {
    match now.level {
        0 => "no record".to_owned(),
        _ => {
            let figures = in_words((now.level, now.jurisdiction, now.accredited, now.expiry));
            format!("{figures}, by {}", desk.types(now.issuer))
        }
    }
}

fn count_are(number: usize) -> String {
    format!("{} {}", count(number, "record"), if number == 1 { "is" } else { "are" })
}

doing! {
    /// Removes KYC records: the accounts can send, receive and claim nothing until they have one again.
    Revoke = "kyc revoke", by Who::Named("AGENT_ROLE; of attested records also their issuer"),
    calls [Kyc::revokeCall, Kyc::revokeRecordsCall] {
        /// Whose records.
        #[arg(required = true)]
        accounts: Vec<Name>,
    }
    |it, desk| {
        let accounts = it.accounts.iter().map(|name| desk.address(name)).collect::<Result<Vec<_>, _>>()?;
        let names: Vec<_> = accounts.iter().map(|account| desk.says(*account)).collect();
        let mut plan = Plan::of(Self::KIND, format!("Revokes the KYC record of {}.", names.join(", ")));
        for account in &accounts {
            let level = desk.read(desk.deployment.kyc, &Kyc::recordOfCall { account: *account }).await?.level;
            plan = plan.fact(Fact::new(level > 0, record_of(desk, *account, level), "name those that have one"));
        }
        Ok(match accounts[..] {
            [account] => plan.call(desk.deployment.kyc, &Kyc::revokeCall { account }),
            _ => plan.call(desk.deployment.kyc, &Kyc::revokeRecordsCall { accounts }),
        })
    }
}

doing! {
    /// Freezes an account: it can send, receive and claim nothing; what it earns stays owed.
    Freeze = "kyc freeze", by AGENT, calls [Kyc::setFrozenCall] {
        /// Which account.
        account: Name,
    }
    |it, desk| {
        frozen(Plan::of(Self::KIND, ""), desk, &it.account, true).await
    }
}

doing! {
    /// Frees an account that was frozen.
    Unfreeze = "kyc unfreeze", by AGENT, calls [Kyc::setFrozenCall] {
        /// Which account.
        account: Name,
    }
    |it, desk| {
        frozen(Plan::of(Self::KIND, ""), desk, &it.account, false).await
    }
}

doing! {
    /// Notes that an account is on a sanctions list, or with --lift that it is on none.
    Sanction = "kyc sanction", by AGENT, calls [Kyc::setSanctionedCall] {
        /// Which account.
        account: Name,
        /// It is on none any more.
        #[arg(long)]
        #[serde(default)]
        lift: bool,
    }
    |it, desk| {
        let (kyc, account, sanctioned) = (desk.deployment.kyc, desk.address(&it.account)?, !it.lift);
        let what = if sanctioned { "is on a sanctions list" } else { "is on no sanctions list any more" };
        let is = desk.read(kyc, &Kyc::isSanctionedCall { account }).await?;
        Ok(Plan::of(Self::KIND, format!("Notes that {} {what}.", desk.says(account)))
            .fact(desk.holds(kyc, "AGENT_ROLE").await?)
            .fact(Fact::new(
                is != sanctioned,
                format!("the registry has it as {}", if is { "sanctioned" } else { "not sanctioned" }),
                "nothing is to be done",
            ))
            .call(kyc, &Kyc::setSanctionedCall { account, sanctioned }))
    }
}

doing! {
    /// Moves a lost account's KYC record to its replacement, and freezes the lost one.
    ///
    /// Its shares are recovered in each pool: `yieldset pool recover`.
    Recover = "kyc recover", by AGENT, calls [Kyc::recoverCall] {
        /// Whose key is lost.
        lost: Name,
        /// Who stands in its place.
        replacement: Name,
        /// The document that says why.
        #[arg(long)]
        reason: Digest,
    }
    |it, desk| {
        let (kyc, lost, replacement) = (desk.deployment.kyc, desk.address(&it.lost)?, desk.address(&it.replacement)?);
        let before = desk.read(kyc, &Kyc::recordOfCall { account: lost }).await?.level;
        let after = desk.read(kyc, &Kyc::recordOfCall { account: replacement }).await?.level;
        let sentence = format!(
            "Moves the KYC record of {} to {}, and freezes the former.",
            desk.says(lost),
            desk.says(replacement)
        );
        Ok(Plan::of(Self::KIND, sentence)
            .fact(desk.holds(kyc, "AGENT_ROLE").await?)
            .fact(Fact::new(
                before > 0,
                record_of(desk, lost, before),
                format!("set one for the replacement: yieldset kyc set {replacement}"),
            ))
            .fact(Fact::new(
                after == 0,
                record_of(desk, replacement, after),
                format!("yieldset kyc revoke {replacement}"),
            ))
            .fact(Fact::known(
                "shares, dividends and orders stay where they are until each pool recovers them: yieldset pool recover",
            ))
            .call(kyc, &Kyc::recoverCall { lost, replacement, reason: it.reason.0 }))
    }
}

/// An attestation as a trusted issuer signed it (EIP-712).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Attestation {
    account: Address,
    level: u8,
    jurisdiction: u16,
    accredited: bool,
    expiry: u64,
    nonce: u64,
    valid_until: u64,
    v: u8,
    r: B256,
    s: B256,
}

doing! {
    /// Hands in an attestation that a trusted issuer signed.
    Attest = "kyc attest", by Who::Anyone, calls [Kyc::submitAttestationCall] {
        /// JSON or TOML: account, level, jurisdiction, accredited, expiry, nonce, validUntil, v, r, s.
        file: FromFile<Attestation>,
    }
    |it, desk| {
        let Attestation { account, level, jurisdiction, accredited, expiry, nonce, valid_until, v, r, s } =
            it.file.0.clone();
        let kyc = desk.deployment.kyc;
        let next = desk.read(kyc, &Kyc::noncesCall { account }).await?;
        let sentence = format!(
            "Hands in an attestation of {}: level {level}, country {}, {}, until {}.",
            desk.says(account),
            Country(jurisdiction).says(),
            standing(accredited),
            Date(expiry)
        );
        let call = Kyc::submitAttestationCall {
            account,
            level,
            jurisdiction,
            accredited,
            expiry,
            nonce,
            validUntil: valid_until,
            v,
            r,
            s,
        };
        let wanted = format!("the account's next nonce is {next}, the attestation has {nonce}");
        Ok(Plan::of(Self::KIND, sentence)
            .fact(Fact::new(next == U256::from(nonce), wanted, "the issuer signs again, with that nonce"))
            .fact(in_future(valid_until, desk.now().await?))
            .call(kyc, &call))
    }
}

doing! {
    /// Trusts an issuer's attestations from now on.
    Trust = "kyc trust", by COMPLIANCE, calls [Kyc::addTrustedIssuerCall] {
        /// The key that signs.
        issuer: Name,
        /// It may also attest accredited investors.
        #[arg(long)]
        #[serde(default)]
        accredited: bool,
    }
    |it, desk| {
        let (kyc, issuer) = (desk.deployment.kyc, desk.address(&it.issuer)?);
        let topics: &[u64] = if it.accredited { &[1, 2] } else { &[1] };
        let what = if it.accredited { "KYC and accredited investors" } else { "KYC" };
        let call =
            Kyc::addTrustedIssuerCall { issuer, claimTopics: topics.iter().map(|topic| U256::from(*topic)).collect() };
        let trusted = desk.read(kyc, &Kyc::isTrustedIssuerCall { issuer }).await?;
        let says = format!("{} is {}trusted", desk.says(issuer), if trusted { "" } else { "not " });
        Ok(Plan::of(Self::KIND, format!("Trusts what {} attests of {what}.", desk.says(issuer)))
            .fact(Fact::new(!trusted, says, "nothing is to be done; yieldset kyc issuers"))
            .fact(Fact::known("an address that was removed once cannot come back"))
            .call(kyc, &call))
    }
}

doing! {
    /// Trusts an issuer no more, for good: nothing that it attested counts from that block on.
    Distrust = "kyc distrust", by COMPLIANCE, calls [Kyc::removeTrustedIssuerCall] {
        /// The key that signed.
        issuer: Name,
    }
    |it, desk| {
        let (kyc, issuer) = (desk.deployment.kyc, desk.address(&it.issuer)?);
        let trusted = desk.read(kyc, &Kyc::isTrustedIssuerCall { issuer }).await?;
        let says = format!("{} is {}trusted", desk.says(issuer), if trusted { "" } else { "not " });
        Ok(Plan::of(
            Self::KIND,
            format!("Trusts {} no more; none of its records counts from then on.", desk.says(issuer)),
        )
        .fact(Fact::new(trusted, says, "yieldset kyc issuers names those that are"))
        .call(kyc, &Kyc::removeTrustedIssuerCall { issuer }))
    }
}

asking! {
    /// An account's KYC record.
    Show = "kyc show" {
        /// Whose.
        account: Name,
    }
    |it, desk| {
        let (kyc, account) = (desk.deployment.kyc, desk.address(&it.account)?);
        let record = desk.read(kyc, &Kyc::recordOfCall { account }).await?;
        let (counts, now) = (desk.read(kyc, &Kyc::isVerifiedCall { account }).await?, desk.now().await?);
        let sanctioned = desk.read(kyc, &Kyc::isSanctionedCall { account }).await?;
        let who = desk.types(account);
        let standing = match () {
            () if record.level == 0 => {
                format!("it has no KYC record; an agent types: yieldset kyc set {who} --country CODE --until DATE")
            }
            () if record.frozen => format!("it is frozen; an agent types: yieldset kyc unfreeze {who}"),
            () if sanctioned => "it is on a sanctions list".to_owned(),
            () if record.expiry <= now => format!(
                "its record ended on {}; an agent renews it: yieldset kyc set {who} --country CODE --until DATE",
                Date(record.expiry)
            ),
            () if counts => "its record counts".to_owned(),
            () => "its record does not count: its issuer is trusted no more; yieldset kyc issuers".to_owned(),
        };
        if record.level == 0 {
            return Ok(answer!({
                "account": desk.says(account),
                "record": false,
                "standing": standing,
                "frozen": record.frozen,
                "sanctioned": sanctioned,
                "counts_now": counts,
                "next_nonce": desk.read(kyc, &Kyc::noncesCall { account }).await?.to_string(),
            }));
        }
        Ok(answer!({
            "account": desk.says(account),
            "record": true,
            "standing": standing,
            "level": record.level,
            "country": Country(record.jurisdiction).says(),
            "accredited": record.accredited,
            "until": known(record.expiry),
            "frozen": record.frozen,
            "sanctioned": sanctioned,
            "set_or_attested_by": desk.says(record.issuer),
            "counts_now": counts,
            "next_nonce": desk.read(kyc, &Kyc::noncesCall { account }).await?.to_string(),
        }))
    }
}

asking! {
    /// The issuers whose attestations count.
    Issuers = "kyc issuers" {}
    |_it, desk| {
        let issuers = desk.read(desk.deployment.kyc, &Kyc::getTrustedIssuersCall {}).await?;
        let issuers: Vec<_> = issuers.into_iter().map(|issuer| desk.says(issuer)).collect();
        Ok(answer!({ "issuers": issuers }))
    }
}

/// The rows of a CSV file with KYC records; in JSON a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Records(pub Vec<Record>);

/// A row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    account: Name,
    level: u8,
    country: Country,
    accredited: bool,
    until: Moment,
}

const COLUMNS: &str = "account,level,country,accredited,until";

impl FromStr for Records {
    type Err = ArgumentError;

    fn from_str(path: &str) -> Result<Self, ArgumentError> {
        csv(path, COLUMNS, row).map(Self)
    }
}

fn row(cells: &[&str]) -> Result<Record, String> {
    let [account, level, country, accredited, until] = cells else { return Err(format!("it needs {COLUMNS}")) };
    let number = |name: &str, cell: &str| cell.parse().map_err(|_| format!("{cell:?} is no {name}"));
    let level: u16 = number("level from 1 to 255", level)?;
    Ok(Record {
        account: account.parse().map_err(|error: ArgumentError| error.to_string())?,
        level: u8::try_from(level).ok().filter(|level| *level > 0).ok_or("the level is from 1 to 255")?,
        country: country.parse().map_err(|error: ArgumentError| error.to_string())?,
        accredited: accredited.parse().map_err(|_| format!("{accredited:?} is neither true nor false"))?,
        until: until.parse().map_err(|error: ArgumentError| error.to_string())?,
    })
}

/// A word of `setRecords`: account, level, jurisdiction, accredited, expiry.
fn entry(account: Address, row: &Record, expiry: u64) -> B256 {
    let mut word = B256::ZERO;
    word[..20].copy_from_slice(account.as_slice());
    word[20] = row.level;
    word[21..23].copy_from_slice(&row.country.0.to_be_bytes());
    word[23] = row.accredited.into();
    word[24..].copy_from_slice(&expiry.to_be_bytes());
    word
}

async fn frozen(plan: Plan, desk: &Desk, account: &Name, frozen: bool) -> Result<Plan, ActError> {
    let (kyc, account) = (desk.deployment.kyc, desk.address(account)?);
    let is = desk.read(kyc, &Kyc::isFrozenCall { account }).await?;
    let says = format!("{} is {}frozen", desk.says(account), if is { "" } else { "not " });
    let sentence = format!("{} {}.", if frozen { "Freezes" } else { "Frees" }, desk.says(account));
    Ok(Plan { sentence, ..plan }
        .fact(desk.holds(kyc, "AGENT_ROLE").await?)
        .fact(Fact::new(is != frozen, says, "nothing is to be done"))
        .call(kyc, &Kyc::setFrozenCall { account, frozen }))
}

fn standing(accredited: bool) -> &'static str {
    if accredited { "accredited" } else { "not accredited" }
}

fn record_of(desk: &Desk, account: Address, level: u8) -> String {
    match level {
        0 => format!("{} has no KYC record", desk.says(account)),
        level => format!("{} has a KYC record of level {level}", desk.says(account)),
    }
}

fn in_future(then: u64, now: u64) -> Fact {
    Fact::new(then > now, format!("the chain's clock shows {}", Date(now)), "choose a later time, such as +365d")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(line: &str) -> Result<Record, String> {
        row(&line.split(',').map(str::trim).collect::<Vec<_>>())
    }

    /// Account, level, country, accredited, expiry, as `setRecords` documents its words.
    #[test]
    fn a_record_is_packed_as_the_registry_reads_it() {
        let row = cells("0x0101010101010101010101010101010101010101, 2, 840, true, 2027-01-01").expect("a row");
        let word = entry(Address::repeat_byte(1), &row, 1_798_761_600);
        assert_eq!(word.to_string(), format!("0x{}02034801000000006b36ec80", "01".repeat(20)));
    }

    /// A country is its number or its code.
    #[test]
    fn a_rows_country_is_a_number_or_a_code() {
        let country = |code: &str| cells(&format!("@ada,1,{code},true,2027-01-01")).expect(code).country;
        assert_eq!((country("840"), country("us"), country("FI")), (Country(840), Country(840), Country(246)));
    }

    /// A record is set already where this very agent set the very figures; each other figure is a change, and so is who
    /// vouches for it.
    #[test]
    fn what_is_set_already_is_known() {
        let (agent, other) = (Address::repeat_byte(1), Address::repeat_byte(2));
        let (level, jurisdiction, accredited, expiry) = (2, 840, true, 9);
        let now = Kyc::recordOfReturn { level, jurisdiction, accredited, expiry, issuer: agent, ..Default::default() };
        assert!(is_set(&now, agent, (2, 840, true, 9)));
        for other in [(1, 840, true, 9), (2, 246, true, 9), (2, 840, false, 9), (2, 840, true, 10)] {
            assert!(!is_set(&now, agent, other), "{other:?}");
        }
        assert!(!is_set(&now, other, (2, 840, true, 9)));
    }

    #[test]
    fn a_row_that_is_wrong_says_what_it_needs() {
        for (line, part) in [
            ("@ada,1,840,true", "needs account"),
            ("@ada,0,840,true,2027-01-01", "level"),
            ("@ada,1,1000,true,2027-01-01", "country"),
            ("@ada,1,840,yes,2027-01-01", "true nor false"),
            ("@ada,1,840,no,tomorrow", "neither"),
            ("@ada,1,840,false,tomorrow", "2026-12-31"),
        ] {
            let error = cells(line).expect_err(line);
            assert!(error.contains(part), "{line}: {error}");
        }
    }
}
