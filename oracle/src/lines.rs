//! An attribution's lines, each proven by itself: who has one line and its proof needs no other to know that a report
//! stands on it. Statements show a contributor's lines that way, and nobody else's.

use serde::{Deserialize, Serialize};
use yieldset_rules::{merkle, report::Report};

use crate::{
    attribution::{Attribution, Output},
    files::hex_list,
    heap::Heap,
    hex0x, keccak256,
};

/// A line that is not what it says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// Not of this report.
    #[error("the line of leaf {leaf} does not lead to the lines' root {root}; it was changed, or is of another report")]
    NotProven {
        /// Its leaf.
        leaf: u64,
        /// The report's root.
        root: String,
    },
    /// Not a line of this account.
    #[error("the line of leaf {leaf} has no tokens for {account}")]
    NotTheirs {
        /// Its leaf.
        leaf: u64,
        /// The account.
        account: String,
    },
    /// Its own figures contradict each other.
    #[error("the line of leaf {leaf} gives {given} of its {tokens} tokens; no oracle makes such a line")]
    TooMany {
        /// Its leaf.
        leaf: u64,
        /// Tokens of all scores.
        given: u64,
        /// Tokens of the call.
        tokens: u64,
    },
    /// More than the report pays for.
    #[error("the lines give {account} {given} tokens, and the report pays it for {paid}; do not believe the report")]
    Unpaid {
        /// The account.
        account: String,
        /// By its lines.
        given: u64,
        /// By the report.
        paid: u64,
    },
    /// There twice.
    #[error("the line of leaf {0} is there twice, or not in order; a call counts once")]
    Twice(u64),
}

/// A line with its way to the report's root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProvenLine {
    /// The line.
    pub line: Output,
    /// Leads from it to the root.
    #[serde(with = "hex_list")]
    pub proof: Vec<[u8; 32]>,
}

/// The tree of an attribution's lines.
#[derive(Debug)]
pub struct LineTree<'a> {
    lines: &'a [Output],
    heap: Heap,
}

impl<'a> LineTree<'a> {
    /// Of all lines.
    pub fn of(attribution: &'a Attribution) -> Self {
        let lines = &attribution.outputs[..];
        Self { lines, heap: Heap::of(&lines.iter().map(Output::line_leaf).collect::<Vec<_>>()) }
    }

    /// What a report signs; zero where there is no line.
    pub fn root(&self) -> [u8; 32] {
        self.heap.root()
    }

    /// Lines with their proofs, in the log's order: those that a choice takes.
    pub fn prove(&self, takes: impl Fn(&Output) -> bool) -> Vec<ProvenLine> {
        let taken = self.lines.iter().enumerate().filter(|(_, line)| takes(line));
        let mut proven: Vec<ProvenLine> =
            taken.map(|(at, line)| ProvenLine { line: line.clone(), proof: self.heap.proof(at) }).collect();
        proven.sort_by_key(|one| one.line.leaf);
        proven
    }

    /// The lines by which an account earns.
    pub fn of_account(&self, account: &[u8; 20]) -> Vec<ProvenLine> {
        self.prove(|line| tokens_of(line, account) > 0)
    }
}

/// Tokens that a line gives an account.
pub fn tokens_of(line: &Output, account: &[u8; 20]) -> u64 {
    line.scores.iter().filter(|score| score.account == *account).map(|score| score.tokens).sum()
}

/// Whether a report stands on a line, and the line's own figures go together. It takes the report and this line alone.
///
/// # Errors
/// [`LineError::NotProven`], [`LineError::TooMany`].
pub fn check(report: &Report, proven: &ProvenLine) -> Result<(), LineError> {
    let ProvenLine { line, proof } = proven;
    if !merkle::verify(&report.lines_root, line.line_leaf(), proof, keccak256) || report.lines_root == [0; 32] {
        return Err(LineError::NotProven { leaf: line.leaf, root: hex0x(&report.lines_root) });
    }
    let given = line.scores.iter().fold(0u64, |sum, score| sum.saturating_add(score.tokens));
    match given <= line.tokens {
        true => Ok(()),
        false => Err(LineError::TooMany { leaf: line.leaf, given, tokens: line.tokens }),
    }
}

/// Whether these are lines of an account, each once, in the log's order; the tokens that they give it.
///
/// # Errors
/// [`LineError`], the first that applies.
pub fn check_of_account(report: &Report, lines: &[ProvenLine], account: &[u8; 20]) -> Result<u64, LineError> {
    let mut sum = 0u64;
    for (at, one) in lines.iter().enumerate() {
        check(report, one)?;
        let leaf = one.line.leaf;
        if at > 0 && lines[at - 1].line.leaf >= leaf {
            return Err(LineError::Twice(leaf));
        }
        match tokens_of(&one.line, account) {
            0 => return Err(LineError::NotTheirs { leaf, account: hex0x(account) }),
            tokens => sum = sum.saturating_add(tokens),
        }
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        settlement::root_of,
        testing::{self, Chance, FORGERIES},
    };

    /// Proves ATT-15 for statements: each line leads to the report's root by itself, whatever their number; a line that
    /// was changed anywhere, another report's root, or a line with another's proof does not.
    #[tokio::test]
    async fn a_line_is_proven_without_the_others() {
        let (attribution, signed) = testing::reported(5).await;
        let report = signed.check().expect("whole");
        for count in 0..=attribution.outputs.len() {
            let mut fewer = attribution.clone();
            fewer.outputs.truncate(count);
            let tree = LineTree::of(&fewer);
            assert_eq!(
                tree.root(),
                root_of(&fewer.outputs.iter().map(Output::line_leaf).collect::<Vec<_>>()),
                "{count}"
            );
            let report = Report { lines_root: tree.root(), ..report.clone() };
            let proven = tree.prove(|_| true);
            assert_eq!(
                proven.iter().map(|one| &one.line).collect::<Vec<_>>(),
                fewer.outputs.iter().collect::<Vec<_>>()
            );
            proven.iter().for_each(|one| check(&report, one).expect("proven"));
        }
        let tree = LineTree::of(&attribution);
        let all = tree.prove(|_| true);
        for (at, one) in all.iter().enumerate() {
            let changes: [fn(&mut Output); 4] =
                [|o| o.leaf += 1, |o| o.tokens += 1, |o| o.call_id.push('x'), |o| o.scores.clear()];
            for change in changes {
                let mut other = one.clone();
                change(&mut other.line);
                assert!(other == *one || check(&report, &other).is_err());
            }
            let other = ProvenLine { proof: all[(at + 1) % all.len()].proof.clone(), ..one.clone() };
            assert!(matches!(check(&report, &other), Err(LineError::NotProven { .. })));
            let elsewhere = Report { lines_root: [7; 32], ..report.clone() };
            assert!(check(&elsewhere, one).is_err());
            let json = serde_json::to_vec(one).expect("JSON");
            check(&report, &serde_json::from_slice(&json).expect("read")).expect("as it was");
        }
    }

    /// Proves ATT-15 for statements: of ten thousand mutated lines none is proven: another figure, name or account,
    /// another's line or proof, a proof with a node changed, left out, put in or moved, and changed bytes of its JSON.
    #[tokio::test]
    async fn no_mutated_line_is_proven() {
        let (attribution, signed) = testing::reported(21).await;
        let report = signed.check().expect("whole");
        let all = LineTree::of(&attribution).prove(|_| true);
        let flat = |proof: &[[u8; 32]]| proof.as_flattened().to_vec();
        let json = |one: &ProvenLine| serde_json::to_string(one).expect("JSON");
        let (mut chance, mut honest) = (Chance(6), 0);
        for number in 0..FORGERIES {
            let [own, other] = [0, 1].map(|_| chance.below(all.len()));
            let (mut forged, other) = (all[own].clone(), &all[other]);
            match chance.below(8) {
                0 => forged.line.leaf ^= 1 << chance.below(64),
                1 => forged.line.tokens ^= 1 << chance.below(64),
                2 => {
                    if let Some(score) = forged.line.scores.first_mut() {
                        match chance.below(3) {
                            0 => score.account[chance.below(20)] ^= 1 << chance.below(8),
                            1 => score.tokens ^= 1 << chance.below(64),
                            _ => score.qualifies = !score.qualifies,
                        }
                    }
                }
                3 => forged.line = other.line.clone(),
                4 => forged.proof.clone_from(&other.proof),
                5 => drop(forged.proof.remove(chance.below(forged.proof.len()))),
                6 => forged.proof = chance.changed(&flat(&forged.proof), &flat(&other.proof)).as_chunks().0.to_vec(),
                _ => match serde_json::from_str(&chance.text(&json(&forged), &json(other))) {
                    Ok(read) => forged = read,
                    // It is refused before anything is proven.
                    Err(_) => continue,
                },
            }
            let is_honest = all.contains(&forged);
            honest += usize::from(is_honest);
            assert_eq!(check(&report, &forged).is_ok(), is_honest, "{number}: {forged:?}");
        }
        // Some change nothing, as another's proof that is one's own.
        assert!((1..FORGERIES / 10).contains(&honest), "{honest}");
    }

    /// A contributor's lines are all of theirs, each once, and sum up to the tokens that the settlement has for them.
    #[tokio::test]
    async fn an_accounts_lines_are_its_own_each_once() {
        let (attribution, signed) = testing::reported(5).await;
        let report = signed.check().expect("whole");
        let tree = LineTree::of(&attribution);
        for contributor in &signed.settlement.contributors {
            let own = tree.of_account(&contributor.account);
            assert_eq!(check_of_account(&report, &own, &contributor.account), Ok(contributor.tokens));
            assert!(!own.is_empty() && own.len() < attribution.outputs.len());
            let twice = [&own[..], &own[..1]].concat();
            assert!(matches!(check_of_account(&report, &twice, &contributor.account), Err(LineError::Twice(_))));
            assert!(matches!(check_of_account(&report, &own, &[9; 20]), Err(LineError::NotTheirs { .. })));
        }
    }
}
