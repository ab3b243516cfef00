//! What people call things, and what the desk's address book and contracts know of it.

use alloy_primitives::{Address, B256, U256};

use super::{
    super::arguments::{DatasetName, LicenceName, Name, ProposalName, sha256},
    ActError, Desk,
};
use crate::{
    deployment::dataset_id,
    near::{most_of, nearest},
};

impl Desk {
    /// Whom a name names.
    ///
    /// # Errors
    /// [`ActError::Book`] with what to type.
    pub fn address(&self, name: &Name) -> Result<Address, ActError> {
        match name.0.as_str() {
            "me" | "@me" => Ok(self.sender),
            name => match self.is_no_account(name) {
                Some(what) => Err(ActError::Unfit(format!(
                    "{name} is {what}, and an account is wanted here: a label of an account such as @lincoln, an \
                     address, or an SS58 address; yieldset account show lists the labels"
                ))),
                None => Ok(self.book.resolve(name, Some(&self.deployment))?),
            },
        }
    }

    /// What something names that was given for an account, where the address book knows that it is none. An id has as
    /// many digits as a public key, and would be taken for one.
    fn is_no_account(&self, name: &str) -> Option<&'static str> {
        let book = &self.book;
        if let Some(label) = name.strip_prefix('@') {
            return match (book.labels.contains_key(label), book.licences.contains_key(label)) {
                (true, _) => None,
                (false, true) => Some("the label of a licence or a menu"),
                (false, false) => book.proposals.contains_key(label).then_some("the label of a proposal"),
            };
        }
        let id: B256 = name.strip_prefix("0x").filter(|hex| hex.len() == 64)?.parse().ok()?;
        match () {
            () if book.licences.values().any(|known| *known == id) => Some("the id of a licence or a menu"),
            () if book.datasets.values().any(|known| *known == id) => Some("the id of a dataset"),
            () => None,
        }
    }

    /// An address as people read it, with its label where it has one.
    pub fn says(&self, address: Address) -> String {
        self.book.says(address, Some(&self.deployment))
    }

    /// As people type an address: its label, a contract's name, or itself.
    pub fn types(&self, address: Address) -> String {
        self.book.name(address, Some(&self.deployment))
    }

    /// The dataset that a name names.
    ///
    /// # Errors
    /// [`ActError::Book`].
    pub fn dataset(&self, name: &DatasetName) -> Result<B256, ActError> {
        if let Ok(id) = self.book.dataset(&name.0) {
            return Ok(id);
        }
        let (registrant, slug) = match name.0.split_once(':') {
            Some((registrant, slug)) => (self.address(&Name(registrant.to_owned()))?, slug),
            None => (self.sender, name.0.as_str()),
        };
        Ok(dataset_id(registrant, sha256(slug.as_bytes())))
    }

    /// A dataset as people know it: its slug, where the address book has it, or its id.
    pub fn dataset_says(&self, id: B256) -> String {
        let slug = self.book.datasets.iter().find(|(_, known)| **known == id);
        slug.map_or_else(|| id.to_string(), |(slug, _)| format!("{slug} ({id})"))
    }

    /// What to do about a dataset that nobody registered: its name may be mistyped, or another's.
    pub fn unknown_dataset(&self, name: &DatasetName) -> String {
        let slug = name.0.split_once(':').map_or(name.0.as_str(), |(_, slug)| slug);
        let meant = nearest(slug, self.book.datasets.keys().map(String::as_str), most_of(slug));
        let meant = meant.map(|slug| format!("is {slug} meant? ")).unwrap_or_default();
        let sender = match self.sender.is_zero() {
            true => "nobody is named: --from".to_owned(),
            false => self.types(self.sender),
        };
        format!(
            "{meant}without an account a slug is the sender's own ({sender}); another's is written @LABEL:SLUG; yieldset \
             dataset register registers one"
        )
    }

    /// A stream as people know it: its licence's label, or its id.
    pub fn stream_says(&self, stream: B256) -> String {
        self.licence_label(stream).unwrap_or_else(|| stream.to_string())
    }

    /// A licence's or a menu's label, where it has one.
    pub fn licence_label(&self, id: B256) -> Option<String> {
        let label = self.book.licences.iter().find(|(_, known)| **known == id);
        label.map(|(label, _)| format!("@{label}"))
    }

    /// The datasets that names name.
    ///
    /// # Errors
    /// [`ActError::Book`].
    pub fn datasets(&self, names: &[DatasetName]) -> Result<Vec<B256>, ActError> {
        names.iter().map(|name| self.dataset(name)).collect()
    }

    /// The licence, menu or stream that a name names.
    ///
    /// # Errors
    /// [`ActError::Unfit`] with what to give.
    pub fn licence(&self, name: &LicenceName) -> Result<B256, ActError> {
        let label = name.0.strip_prefix('@').filter(|label| !self.book.licences.contains_key(*label));
        if let Some(label) = label {
            let meant = nearest(label, self.book.licences.keys().map(String::as_str), most_of(label));
            let other = match () {
                () if self.book.labels.contains_key(label) => Some("the label of an account"),
                () if self.book.proposals.contains_key(label) => Some("the label of a proposal"),
                () => None,
            };
            let what = other.map_or_else(
                || format!("no licence is called {name}"),
                |what| format!("{name} is {what}, and no licence's"),
            );
            let meant = meant.map(|label| format!(" (is @{label} meant?)")).unwrap_or_default();
            return Err(ActError::Unfit(format!(
                "{what}{meant}; yieldset licence list says which there are; a label is given where one is offered: \
                 yieldset licence offer MENU --datasets SLUG --label {label}"
            )));
        }
        self.book.licence(&name.0)?.ok_or_else(|| {
            ActError::Unfit(format!(
                "{:?} is no licence: give its label, such as @spring, or its id, 0x and 64 hex digits; yieldset licence \
                 list says which there are",
                name.0
            ))
        })
    }

    /// A stream of money in a pool: a licence's by its label or id, or a model's by its slug.
    ///
    /// # Errors
    /// [`ActError::Book`] of a label that there is not; [`ActError::Unfit`] of a label without its `@`, and of an id
    /// that was cut short: as slugs both would be streams that nobody reports.
    pub fn stream(&self, name: &LicenceName) -> Result<B256, ActError> {
        if let Some(stream) = self.book.licence(&name.0)? {
            return Ok(stream);
        }
        let slug = name.0.trim();
        if self.book.licences.contains_key(slug) {
            return Err(ActError::Unfit(format!("{slug:?} is a licence's label: write @{slug}")));
        }
        // Any other text can be a model's slug, but for what looks like an id or like another slug.
        let is_id = slug.starts_with(['0']) && slug.get(1..2).is_some_and(|x| x.eq_ignore_ascii_case("x"))
            || slug.len() == 64 && slug.bytes().all(|byte| byte.is_ascii_hexdigit());
        match (is_id, slug.is_ascii()) {
            (true, _) => Err(ActError::Unfit(format!("{slug:?} is no stream: an id has 0x and 64 hex digits"))),
            (_, false) => {
                Err(ActError::Unfit(format!("{slug:?} is no model's slug: it has letters that are not ASCII")))
            }
            _ => Ok(sha256(name.0.as_bytes())),
        }
    }

    /// The proposal that a name names.
    ///
    /// # Errors
    /// [`ActError::Book`] with what to type.
    pub fn proposal(&self, name: &ProposalName) -> Result<U256, ActError> {
        Ok(self.book.proposal(&name.0)?)
    }
}
