//! Opening a log: what is there is read as far as the next record needs it, and what a crash left half done is done
//! again from the journals, one after the other.

use std::{collections::BTreeSet, sync::Arc};

use tlog_tiles::{Tile, record_hash};

use super::{
    LogError, LogInfo,
    journal::Group,
    layout::{self, CHECKPOINT, HEIGHT},
    note,
    store::Store,
    stream::{bundle_of, damaged, read_bundle},
    tiles::{Edge, Tree},
    writer::Head,
};
use crate::hex0x;

/// The log up to its last committed record, and the checkpoint of it, which the log signed.
///
/// # Errors
/// [`LogError::Damaged`], [`LogError::Checkpoint`], [`LogError::Store`].
pub(super) async fn head(store: &Arc<Store>, info: &LogInfo) -> Result<(Head, Vec<u8>), LogError> {
    for folder in ["", "journal"] {
        store.sweep(folder, &is_draft)?;
    }
    let journals = store.list("journal").await?;
    let published = store.get(CHECKPOINT)?;
    let Some(first) = journals.first() else {
        let bytes = published.ok_or_else(|| damaged(CHECKPOINT, "it is missing"))?;
        let (note, checkpoint) = note::open(&bytes, info)?;
        return Ok((load(store, checkpoint.size(), checkpoint.hash().0)?, note.to_bytes()));
    };
    let first = Group::read(store, first)?;
    let mut head = load(store, first.first_leaf, first.root_before)?;
    let mut signed = first.checkpoint.clone();
    drop(first);
    for path in journals {
        let group = Group::read(store, &path)?;
        signed.clone_from(&group.checkpoint);
        replay(&mut head, path, group, info).await?;
    }
    // It may not have been flushed, so it need not be readable; but nothing was published that is not in the journal.
    let now = head.tree.size();
    let published = published.and_then(|bytes| note::open(&bytes, info).ok()).map(|(_, checkpoint)| checkpoint.size());
    if let Some(beyond) = published.filter(|size| *size > now) {
        return Err(damaged("journal", format!("the checkpoint has {beyond} leaves, the journal ends at {now}")));
    }
    Ok((head, signed.into_bytes()))
}

fn is_draft(name: &str) -> bool {
    // The store's crate names a draft after its object, with a number after this sign.
    name.contains('#')
}

/// The files of a log of this size, which must have this root.
fn load(store: &Arc<Store>, size: u64, root: [u8; 32]) -> Result<Head, LogError> {
    let tree = Tree::new(Arc::clone(store), Edge::load(store, size)?)?;
    if tree.root().0 != root {
        return Err(damaged(
            "tile",
            format!("the {size} records there are do not have the signed root {}", hex0x(&root)),
        ));
    }
    let mut tail = Vec::new();
    if !size.is_multiple_of(layout::WIDTH) {
        let bundle = bundle_of(size - 1, size);
        tail = read_bundle(store, &bundle)?;
        let hashes = tree.records_of(&bundle)?;
        if tail.iter().map(|record| record_hash(record)).ne(hashes) {
            return Err(damaged(layout::tile_path(&bundle), "its records are not those that were signed"));
        }
    }
    Ok(Head { store: Arc::clone(store), tree, tail, journals: Vec::new(), superseded: BTreeSet::new() })
}

async fn replay(head: &mut Head, path: String, group: Group, info: &LogInfo) -> Result<(), LogError> {
    let (_, checkpoint) = note::open(group.checkpoint.as_bytes(), info)?;
    let grown = head.grow(&group.records)?;
    let follows = group.first_leaf == head.tree.size();
    if !follows || (grown.tree.size(), grown.tree.root()) != (checkpoint.size(), *checkpoint.hash()) {
        return Err(damaged(path, "its records do not lead to the root that was signed"));
    }
    tracing::info!(path, records = group.records.len(), "carrying through what was committed");
    head.write(group, grown).await?;
    head.journals.push(path);
    Ok(())
}

/// Deletes the partial tiles and drafts that a crash left in a log of `size` since it had `swept` records.
///
/// # Errors
/// [`LogError::Store`].
pub(super) fn sweep(store: &Store, swept: u64, size: u64) -> Result<(), LogError> {
    let kept: BTreeSet<String> = layout::partial_paths(size).into_iter().collect();
    let mut folders = BTreeSet::new();
    for level in 0..8u8 {
        let numbers = |size: u64| size.checked_shr(u32::from(HEIGHT) * (u32::from(level) + 1)).unwrap_or(0);
        for number in numbers(swept)..=numbers(size) {
            for is_data in [false, true].into_iter().take(if level == 0 { 2 } else { 1 }) {
                let partial = layout::tile_path(&Tile::new(HEIGHT, level, number, 1, is_data));
                let Some((folder, _)) = partial.rsplit_once('/') else { continue };
                store.sweep(folder, &|name| is_draft(name) || !kept.contains(&format!("{folder}/{name}")))?;
                folders.extend(folder.rsplit_once('/').map(|(above, _)| above.to_owned()));
            }
        }
    }
    for thousand in swept / 1_000..=size / 1_000 {
        let batch = layout::batch_path(thousand * 1_000);
        folders.extend(batch.rsplit_once('/').map(|(folder, _)| folder.to_owned()));
    }
    folders.iter().try_for_each(|folder| store.sweep(folder, &is_draft))?;
    Ok(())
}
