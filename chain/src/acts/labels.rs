//! What a label may be given to: a label names one thing for good, since whoever typed it before means that one.

use alloy_primitives::{Address, B256, U256};

use crate::book::Book;

/// A label that names something else already.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LabelError {
    /// A licence or a menu.
    #[error(
        "@{label} is the licence or menu {id} already, and a label is never bound to another: \
         `yieldset licence show @{label}` shows it; for another one take another label, such as --label {label}-2"
    )]
    Licence {
        /// The label, without its `@`.
        label: String,
        /// What it names.
        id: B256,
    },
    /// A proposal.
    #[error(
        "@{label} is the proposal {id} already, and a label is never bound to another: \
         `yieldset coop show @{label}` shows it; for another one take another label, such as --label {label}-2"
    )]
    Proposal {
        /// The label, without its `@`.
        label: String,
        /// What it names.
        id: U256,
    },
    /// An account or a contract.
    #[error(
        "@{label} is {address} already, and a label is never bound to another silently: take another label, or say \
         --replace with `yieldset account label`"
    )]
    Account {
        /// The label, without its `@`.
        label: String,
        /// What it names.
        address: Address,
    },
}

fn bare(label: &str) -> &str {
    label.strip_prefix('@').unwrap_or(label)
}

/// Whether a licence or menu that does not exist yet can have this label.
///
/// # Errors
/// [`LabelError::Licence`].
pub fn free_for_licence(book: &Book, label: &str) -> Result<(), LabelError> {
    match book.licences.get(bare(label)) {
        Some(id) => Err(LabelError::Licence { label: bare(label).to_owned(), id: *id }),
        None => Ok(()),
    }
}

/// Whether this proposal can have this label: the one that has it keeps it.
///
/// # Errors
/// [`LabelError::Proposal`].
pub fn free_for_proposal(book: &Book, label: &str, proposal: U256) -> Result<(), LabelError> {
    match book.proposals.get(bare(label)) {
        Some(id) if *id != proposal => Err(LabelError::Proposal { label: bare(label).to_owned(), id: *id }),
        _ => Ok(()),
    }
}

/// Whether this account can have this label; without an address, one that does not exist yet.
///
/// # Errors
/// [`LabelError::Account`].
pub fn free_for_account(book: &Book, label: &str, address: Option<Address>) -> Result<(), LabelError> {
    match book.labels.get(bare(label)) {
        Some(entry) if Some(entry.address) != address => {
            Err(LabelError::Account { label: bare(label).to_owned(), address: entry.address })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::book::Entry;

    /// A label that names something is given to nothing else, whatever it is; what has it already may have it again.
    #[test]
    fn no_label_is_bound_anew() {
        let mut book = Book::default();
        book.label_licence("spring", B256::repeat_byte(7)).expect("a label");
        book.label_proposal("vote", U256::from(12)).expect("a label");
        let address = Address::repeat_byte(3);
        book.label("ada", Entry { address, account: None }).expect("a label");
        for label in ["spring", "@spring"] {
            let error = free_for_licence(&book, label).expect_err(label).to_string();
            assert!(error.contains("licence show @spring") && error.contains("--label spring-2"), "{error}");
        }
        assert_eq!(free_for_licence(&book, "autumn"), Ok(()));
        assert!(free_for_proposal(&book, "@vote", U256::from(13)).is_err());
        assert_eq!(free_for_proposal(&book, "@vote", U256::from(12)), Ok(()));
        assert!(free_for_account(&book, "ada", None).is_err());
        assert!(free_for_account(&book, "ada", Some(Address::ZERO)).is_err());
        assert_eq!(free_for_account(&book, "@ada", Some(address)), Ok(()));
        assert_eq!(free_for_account(&book, "ben", None), Ok(()));
    }
}
