//! A contributor's own lines beside a package: that the report stands on each, and pays for all of them.

use yieldset_rules::report::Report;

use super::{Findings, VerifyError};
use crate::{
    hex0x,
    lines::{LineError, ProvenLine, check_of_account},
    settlement::Settlement,
};

/// What a contributor has: nobody else's lines are needed, and no record.
#[derive(Debug, Clone, Copy)]
pub struct Own<'a> {
    /// Their account.
    pub account: [u8; 20],
    /// Their lines, in the log's order, as the log gives them for a grant.
    pub lines: &'a [ProvenLine],
}

/// Checks each line, and their sum with the tokens that the report's settlement pays for.
pub(super) fn check(
    own: Own<'_>,
    (report, settlement): (&Report, &Settlement),
    findings: &mut Findings<'_>,
) -> Result<(), VerifyError> {
    let given = check_of_account(report, own.lines, &own.account)?;
    let (account, count) = (hex0x(&own.account), own.lines.len());
    let paid = settlement.contributors.iter().find(|one| one.account == own.account).map_or(0, |one| one.tokens);
    match given.cmp(&paid) {
        // Each is signed, and one account's tokens are the sum of its lines.
        std::cmp::Ordering::Greater => Err(LineError::Unpaid { account, given, paid }.into()),
        std::cmp::Ordering::Equal => {
            findings.shown(format!("the {count} lines given have {account}'s {given} tokens that the report pays for"));
            findings.not_shown(format!(
                "that {account} has no other lines, for which it is not paid: who works the report out anew sees that"
            ));
            Ok(())
        }
        std::cmp::Ordering::Less => {
            findings.not_shown(format!(
                "where {} of {account}'s {paid} tokens come from: the {count} lines given have {given}; ask the log for all",
                paid - given
            ));
            Ok(())
        }
    }
}
