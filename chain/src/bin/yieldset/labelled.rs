//! `--label`: what comes of a command is called so in the address book.

use yieldset_chain::{Book, Event, U256, abi::Licence::LicenceEvents, submit::Receipt};

use crate::{failure::Failure, options::Options, show};

/// Whether the label could be written again: found out before anything is sent.
pub fn fits(options: &Options) -> Result<(), Failure> {
    match &options.label {
        Some(label) => Ok(Book::default().label_proposal(label, U256::ZERO)?),
        None => Ok(()),
    }
}

/// Gives the licence or menu that transactions made the label, where one is wanted.
pub fn licence(receipts: &[Receipt], options: &Options) -> Result<(), Failure> {
    let Some(label) = &options.label else { return Ok(()) };
    let made = receipts.iter().flat_map(|receipt| &receipt.events).find_map(|event| match &event.event {
        Event::Licence(LicenceEvents::LicenceOffered(made)) => Some(made.licence),
        Event::Licence(LicenceEvents::MenuPublished(made)) => Some(made.licence),
        Event::Licence(LicenceEvents::OptionTaken(made)) => Some(made.licence),
        _ => None,
    });
    let made =
        made.ok_or_else(|| Failure::usage("it was done, and made no licence or menu that the label could be for"))?;
    let home = options.home();
    let mut book = Book::load(&home)?;
    book.label_licence(label, made)?;
    book.save(&home)?;
    match options.json {
        true => Ok(()),
        false => show::print(&format!("@{} is {made}", label.trim_start_matches('@'))),
    }
}

/// Gives a proposal the label, where one is wanted; the label without its `@`.
pub fn proposal(id: U256, options: &Options) -> Result<Option<String>, Failure> {
    let Some(label) = &options.label else { return Ok(None) };
    let home = options.home();
    let mut book = Book::load(&home)?;
    book.label_proposal(label, id)?;
    book.save(&home)?;
    Ok(Some(label.trim_start_matches('@').to_owned()))
}
