//! What comes of a command is called so in the address book: by `--label`, a dataset by its slug.

use std::{thread::sleep, time::Duration};

use yieldset_chain::{
    Book, Event, Home, U256,
    abi::{Licence::LicenceEvents, Manifests::ManifestsEvents},
    acts::{
        Plan, labels,
        registry::{Dataset, Deed},
    },
    submit::Receipt,
};
use yieldset_service::files;

use crate::{
    failure::{Code, Failure},
    options::Options,
    show,
};

/// How often, and how long apart, it is tried to have the address book alone.
const TRIES: (u32, Duration) = (100, Duration::from_millis(50));

/// Changes the address book, which one process does at a time: nobody's label is lost to another's.
pub fn changed<T>(home: &Home, change: impl FnOnce(&mut Book) -> Result<T, Failure>) -> Result<T, Failure> {
    let place = home.book().with_added_extension("lock");
    let (tries, pause) = TRIES;
    for _ in 0..tries {
        let Some(_alone) = files::lock(&place)? else {
            sleep(pause);
            continue;
        };
        let mut book = Book::load(home)?;
        let before = book.clone();
        let done = change(&mut book)?;
        if book != before {
            book.save(home)?;
        }
        return Ok(done);
    }
    Err(Failure::of(Code::Failed, "another yieldset changes the address book and does not end; look for it"))
}

/// What makes a licence or a menu. What a proposal does when it is executed is known by its calls alone.
const MAKING: [&str; 4] = ["licence offer", "licence publish", "licence take", "coop execute"];

/// Whether the label can be given to what comes of a plan: found out before anything is sent, because a label that
/// already names something would be lost to it, and what it names then with it.
pub fn fits(plan: &Plan, proposal: Option<U256>, options: &Options) -> Result<(), Failure> {
    let Some(label) = &options.label else { return Ok(()) };
    // Whether it could be typed again at all.
    Book::default().label_proposal(label, U256::ZERO)?;
    let book = Book::load(&options.home())?;
    match proposal {
        Some(proposal) => Ok(labels::free_for_proposal(&book, label, proposal)?),
        None if MAKING.contains(&plan.kind.name) => Ok(labels::free_for_licence(&book, label)?),
        None => Err(Failure::usage(format!(
            "{} makes nothing that --label could be for: a licence, a menu or a proposal (--by-vote) has one; an \
             account gets one by yieldset account label",
            plan.kind.name
        ))),
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
    changed(&options.home(), |book| {
        // Another process may have taken the label meanwhile.
        labels::free_for_licence(book, label)?;
        Ok(book.label_licence(label, made)?)
    })?;
    match options.json {
        true => Ok(()),
        false => show::print(&format!("@{} is {made}", label.trim_start_matches('@'))),
    }
}

/// Gives a proposal the label, where one is wanted; the label without its `@`.
pub fn proposal(id: U256, options: &Options) -> Result<Option<String>, Failure> {
    let Some(label) = &options.label else { return Ok(None) };
    changed(&options.home(), |book| {
        labels::free_for_proposal(book, label, id)?;
        Ok(book.label_proposal(label, id)?)
    })?;
    Ok(Some(label.trim_start_matches('@').to_owned()))
}

/// Has the address book know a dataset that was registered by its slug, so that a mistyped one is found. A slug that
/// names another's dataset here already stays with that one, and it is said how this one is written.
pub fn dataset(deed: &Deed, receipts: &[Receipt], options: &Options) -> Result<(), Failure> {
    let Deed::Dataset(Dataset::Register(registered)) = deed else { return Ok(()) };
    let made = receipts.iter().flat_map(|receipt| &receipt.events).find_map(|event| match &event.event {
        Event::Manifests(ManifestsEvents::DatasetRegistered(made)) => Some(made.dataset),
        _ => None,
    });
    let Some(made) = made else { return Ok(()) };
    let slug = registered.slug.trim();
    let known = changed(&options.home(), |book| Ok(*book.datasets.entry(slug.to_owned()).or_insert(made)))?;
    if known != made {
        show::note(&format!(
            "{slug} names another's dataset in this address book: write @LABEL:{slug} for this one, or {made}"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use yieldset_chain::B256;

    use super::*;

    /// What two processes write at once is both there.
    #[test]
    fn no_label_is_lost_to_another_process() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let home = Home::at(folder.path());
        std::thread::scope(|scope| {
            for writer in 0..4u8 {
                let home = &home;
                scope.spawn(move || {
                    for at in 0..5u8 {
                        let label = format!("l-{writer}-{at}");
                        let id = B256::repeat_byte(writer);
                        changed(home, |book| Ok(book.label_licence(&label, id)?)).expect("written");
                    }
                });
            }
        });
        assert_eq!(Book::load(&home).expect("read").licences.len(), 20);
    }
}
