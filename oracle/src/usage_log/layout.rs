//! Names of the log's files and how records lie in them, as C2SP tlog-tiles says.

use tlog_tiles::Tile;

/// Height of tiles: 256 hashes each.
pub const HEIGHT: u8 = 8;
/// Hashes of a full tile, entries of a full bundle.
pub const WIDTH: u64 = 1 << HEIGHT;
/// The checkpoint's name.
pub const CHECKPOINT: &str = "checkpoint";

/// The tile's path: `tile/<L>/<N>[.p/<W>]`, or `tile/entries/<N>[.p/<W>]` for records.
pub fn tile_path(tile: &Tile) -> String {
    // The crate writes Go's older form, with the height in front and `data` for entries.
    let path = tile.path();
    let rest = path.strip_prefix("tile/8/").unwrap_or(&path);
    match rest.strip_prefix("data/") {
        Some(index) => format!("tile/entries/{index}"),
        None => format!("tile/{rest}"),
    }
}

/// The tile that a path (without `tile/`) names, if it names one.
pub fn parse_tile_path(path: &str) -> Option<Tile> {
    let (level, index) = path.split_once('/')?;
    let level = match level {
        "entries" => "data",
        // The crate panics beyond.
        level if level.parse::<u8>().is_ok_and(|level| level < 64) => level,
        _ => return None,
    };
    // The crate panics at a width of nothing.
    if index.split_once(".p/").is_some_and(|(_, width)| width.parse::<u32>().is_ok_and(|width| width == 0)) {
        return None;
    }
    Tile::from_path(&format!("tile/{HEIGHT}/{level}/{index}")).ok()
}

/// The bundles that hold the entries from `from` on in a log of `size`.
pub fn bundles(from: u64, size: u64) -> Vec<Tile> {
    let last = size.div_ceil(WIDTH);
    // At most `WIDTH`, so the cast is exact.
    (from / WIDTH..last).map(|n| Tile::new(HEIGHT, 0, n, (size - n * WIDTH).min(WIDTH) as u32, true)).collect()
}

/// Paths of the partial tiles and bundle of a log of `size`: those that a longer log replaces.
pub fn partial_paths(size: u64) -> Vec<String> {
    let mut paths = Vec::new();
    for level in 0..8u8 {
        let hashes = size >> (HEIGHT * level);
        let width = (hashes % WIDTH) as u32;
        if width > 0 {
            let tile = Tile::new(HEIGHT, level, hashes / WIDTH, width, false);
            paths.push(tile_path(&tile));
            if level == 0 {
                paths.push(tile_path(&Tile::new(HEIGHT, 0, hashes / WIDTH, width, true)));
            }
        }
    }
    paths
}

/// Where the batch that begins at this leaf is described.
pub fn batch_path(first_leaf: u64) -> String {
    numbered("batch", first_leaf)
}

/// What stays of the batch that begins at this leaf, where records of it are deleted.
pub fn kept_path(first_leaf: u64) -> String {
    numbered("kept", first_leaf)
}

/// The leaf whose batch a path (without `batch/`) names, if it names one.
pub fn parse_batch_path(path: &str) -> Option<u64> {
    let leaf = parse_tile_path(&format!("0/{path}"))?.level_index();
    (batch_path(leaf).strip_prefix("batch/") == Some(path)).then_some(leaf)
}

/// Where the group that begins at this leaf is kept until it is safe everywhere. Sorts by leaf.
pub fn journal_path(first_leaf: u64) -> String {
    format!("journal/{first_leaf:020}")
}

/// Three digits a folder, as tiles have it, so that no folder grows beyond a thousand.
fn numbered(folder: &str, number: u64) -> String {
    let path = Tile::new(HEIGHT, 0, number, 1 << HEIGHT, false).path();
    format!("{folder}/{}", path.strip_prefix("tile/8/0/").unwrap_or(&path))
}

/// A bundle's 16-bit lengths bound an entry.
pub fn check_entry_length(entry: &[u8]) -> Result<(), String> {
    match u16::try_from(entry.len()) {
        Ok(_) => Ok(()),
        Err(_) => Err(format!("it has {} bytes, at most {} are possible", entry.len(), u16::MAX)),
    }
}

/// Entries, each with its length before it in two bytes, big-endian.
pub fn encode_bundle<T: AsRef<[u8]>>(entries: &[T]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in entries {
        let entry = entry.as_ref();
        // Longer ones were refused by `check_entry_length`.
        bytes.extend((entry.len() as u16).to_be_bytes());
        bytes.extend(entry);
    }
    bytes
}

/// Exactly `count` entries, or nothing.
pub fn decode_bundle(mut bytes: &[u8], count: u32) -> Option<Vec<Vec<u8>>> {
    let mut entries = Vec::new();
    for _ in 0..count {
        let (length, rest) = bytes.split_first_chunk::<2>()?;
        let (entry, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        entries.push(entry.to_vec());
        bytes = rest;
    }
    bytes.is_empty().then_some(entries)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn paths_are_c2sps() {
        assert_eq!(tile_path(&Tile::new(8, 0, 5, 256, false)), "tile/0/005");
        assert_eq!(tile_path(&Tile::new(8, 1, 1_234_067, 7, false)), "tile/1/x001/x234/067.p/7");
        assert_eq!(tile_path(&Tile::new(8, 0, 0, 9, true)), "tile/entries/000.p/9");
        assert_eq!(batch_path(1_234), "batch/x001/234");
        assert_eq!((parse_batch_path("x001/234"), parse_batch_path("000")), (Some(1_234), Some(0)));
        for odd in ["", "1", "x001/234.p/7", "../000", "x000/001", "entries/000"] {
            assert_eq!(parse_batch_path(odd), None, "{odd}");
        }
        assert_eq!(
            bundles(300, 600).iter().map(tile_path).collect::<Vec<_>>(),
            ["tile/entries/001", "tile/entries/002.p/88"]
        );
        assert_eq!(partial_paths(257), ["tile/0/001.p/1", "tile/entries/001.p/1", "tile/1/000.p/1"]);
        assert!(partial_paths(0).is_empty() && bundles(0, 0).is_empty());
    }

    proptest! {
        /// Bad input: no path from the network panics or names a file that is not a tile's.
        #[test]
        fn foreign_paths_are_refused(path in "(entries|data|0|1|63|64|255|-1|x)/((x?[0-9]{1,3}|\\.\\.|a)/){0,3}[0-9]{1,3}(\\.p/[0-9]{1,4}|\\.p/)?") {
            if let Some(tile) = parse_tile_path(&path) {
                prop_assert_eq!(tile_path(&tile), format!("tile/{path}"));
            }
        }

        /// Bad input: a cut or longer bundle is nothing, a whole one comes back.
        #[test]
        fn bundles_come_back(entries in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 1..20), cut in 1usize..5) {
            let bytes = encode_bundle(&entries);
            let count = entries.len() as u32;
            prop_assert_eq!(decode_bundle(&bytes, count), Some(entries));
            prop_assert_eq!(decode_bundle(&bytes[..bytes.len().saturating_sub(cut)], count), None);
            prop_assert_eq!(decode_bundle(&[&bytes[..], &[0]].concat(), count), None);
        }
    }
}
