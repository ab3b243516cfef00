//! Each field of the signed bytes, found by the types' own description: a field that is added is tried with the others.

use super::{tests::report, *};
use alloc::{collections::BTreeSet, format, string::ToString, vec};
use core::ops::Range;
use scale_info::{MetaType, TypeDef, TypeDefPrimitive, form::MetaForm};

/// A value without parts: the names on the way to it, and where it is in the bytes.
struct Leaf {
    name: String,
    place: Range<usize>,
    /// A variant's number, and how many variants there are.
    variants: Option<Vec<u8>>,
}

/// Walks through encoded bytes by the description of their type.
struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
    leaves: Vec<Leaf>,
}

impl Walk<'_> {
    fn leaf(&mut self, name: &str, length: usize, variants: Option<Vec<u8>>) {
        let place = self.at..self.at + length;
        self.at = place.end;
        self.leaves.push(Leaf { name: name.to_string(), place, variants });
    }

    fn fields(&mut self, name: &str, fields: &[scale_info::Field<MetaForm>]) {
        for (number, field) in fields.iter().enumerate() {
            let own = field.name.map_or_else(|| number.to_string(), ToString::to_string);
            self.value(&format!("{name}.{own}"), field.ty);
        }
    }

    /// A length as a compact number of one byte, or of two.
    fn length(&mut self, name: &str) -> usize {
        let wide = usize::from(self.bytes[self.at] & 3);
        assert!(wide < 2, "no such length in these reports");
        let mut number = usize::from(self.bytes[self.at]);
        if wide == 1 {
            number += usize::from(self.bytes[self.at + 1]) << 8;
        }
        self.leaf(&format!("{name}.len"), 1 + wide, None);
        number >> 2
    }

    fn value(&mut self, name: &str, kind: MetaType) {
        match kind.type_info().type_def {
            TypeDef::Composite(composite) => self.fields(name, &composite.fields),
            TypeDef::Variant(variant) => {
                let index = self.bytes[self.at];
                self.leaf(name, 1, Some(variant.variants.iter().map(|it| it.index).collect()));
                let chosen = variant.variants.iter().find(|it| it.index == index).expect("a variant");
                self.fields(&format!("{name}.{}", chosen.name), &chosen.fields);
            }
            TypeDef::Array(array) => self.leaf(name, array.len as usize, None),
            TypeDef::Sequence(sequence) => {
                for number in 0..self.length(name) {
                    self.value(&format!("{name}.{number}"), sequence.type_param);
                }
            }
            TypeDef::Primitive(TypeDefPrimitive::Str) => {
                let length = self.length(name);
                self.leaf(name, length, None);
            }
            TypeDef::Primitive(TypeDefPrimitive::U64) => self.leaf(name, 8, None),
            TypeDef::Primitive(TypeDefPrimitive::U32) => self.leaf(name, 4, None),
            other => panic!("{name} is of a kind that no report had: {other:?}"),
        }
    }
}

/// A report in which nothing is left out, and nothing says the same twice.
fn full() -> Report {
    Report {
        models: vec!["lumen-1".to_string(), "lumen-2".to_string()],
        log: LogCheckpoint { size: 1 << 30, ..report().log },
        totals: Totals { calls: 1 << 20, tokens: 1 << 40, late_records: Some(2), ..report().totals },
        error: MeasuredError::Decoys { hits: 1 << 20, decoy_hits: 7, datasets: 1 << 20, decoys: 1 << 10 },
        package: Some([7; 32]),
        spot_check: Some(SpotCheck { block: 9, block_hash: [1; 32], drawn: 1 << 19, opened: 1 << 10, matched: 3 }),
        previous: [2; 32],
        ..report()
    }
}

/// Proves SAFE-14: whatever field of a report or of what is in it has another value, the signed bytes are others, and
/// they are read as another report or as none. The fields are those of the types' description, every byte of the
/// signed ones belongs to one of them, and none of what a report has in memory is left out of it.
#[test]
fn every_field_of_the_type_is_signed() {
    let (whole, bytes) = (full(), full().to_bytes());
    let mut walk = Walk { bytes: &bytes, at: TAG.len(), leaves: Vec::new() };
    walk.value("report", MetaType::new::<Report>());
    assert_eq!(walk.at, bytes.len(), "no byte is without a field");
    let mut read_as_others = 0;
    for Leaf { name, place, variants } in &walk.leaves {
        for at in place.clone() {
            let mut changed = bytes.clone();
            match variants {
                // Of two variants the other one; a number that none has is refused.
                Some(known) => changed[at] = known.iter().copied().find(|it| *it != bytes[at]).expect("another"),
                None => changed[at] ^= 1,
            }
            let other = Report::from_bytes(&changed);
            assert_ne!(other.as_ref(), Ok(&whole), "{name} does not matter");
            if let Ok(other) = other {
                assert_eq!(other.to_bytes(), changed, "{name}");
                read_as_others += 1;
            }
        }
        if let Some(known) = variants {
            let mut unknown = bytes.clone();
            unknown[place.start] = known.iter().max().expect("one") + 1;
            assert_eq!(Report::from_bytes(&unknown), Err(Malformed::Encoding), "{name}");
        }
    }
    // Most are well-formed reports, so it is by the value and not by the form that they differ.
    assert!(read_as_others * 2 > bytes.len(), "{read_as_others} of {}", bytes.len());

    // What `Debug` shows is what is in memory: a field that the encoding skipped would be there alone.
    let shown = format!("{whole:#?}");
    let name = |line: &str| line.trim().split_once(':').map(|(name, _)| name.to_string());
    let in_memory: BTreeSet<String> =
        shown.lines().filter_map(name).filter(|it| it.chars().all(|c| c.is_alphanumeric() || c == '_')).collect();
    let described: BTreeSet<String> =
        walk.leaves.iter().flat_map(|leaf| leaf.name.split('.').skip(1).map(ToString::to_string)).collect();
    let missing: Vec<_> = in_memory.difference(&described).collect();
    assert!(missing.is_empty(), "not signed: {missing:?}");
    assert!(in_memory.len() >= 30, "{in_memory:?}");
}

/// Proves SAFE-14: one report, one byte string. Lengths and options in a longer form than needed are refused, as is
/// what comes after the end.
#[test]
fn other_forms_of_the_same_report_are_refused() {
    let bytes = report().to_bytes();
    // The number of models behind tag, chain, registry, pool and stream: one, as 0x04.
    let at = TAG.len() + 8 + 20 + 20 + 32;
    assert_eq!(bytes[at], 4);
    for longer in [&[5u8, 0][..], &[6, 0, 0, 0], &[3, 1, 0, 0, 0]] {
        let other = [&bytes[..at], longer, &bytes[at + 1..]].concat();
        assert_eq!(Report::from_bytes(&other), Err(Malformed::Encoding), "{longer:?}");
    }
    // The option before the last 32 bytes is there, not there, or nothing.
    let option = bytes.len() - 33;
    assert_eq!(bytes[option], 0);
    for tag in 2..=255 {
        let mut other = bytes.clone();
        other[option] = tag;
        assert_eq!(Report::from_bytes(&other), Err(Malformed::Encoding), "{tag}");
    }
    for end in [&[0u8][..], &[0; 32], b"yieldset/report/v3\n"] {
        assert_eq!(Report::from_bytes(&[&bytes, end].concat()), Err(Malformed::Encoding));
    }
    // A name that is no text.
    let mut other = bytes.clone();
    other[at + 2] = 0xff;
    assert_eq!(Report::from_bytes(&other), Err(Malformed::Encoding));
}

/// What the parties agreed on is stored as SCALE has it, so the schema tells its bytes too.
#[test]
fn packed_terms_are_the_bytes_of_the_description() {
    use crate::licence::{Milestone, Terms};
    let terms = Terms {
        document: [1; 32],
        metric: [2; 32],
        threshold: 700_000,
        upfront: 1 << 100,
        residual_bps: 800,
        gross_base: true,
        ceiling: 5,
        prohibited: 3,
        licensor_may_leave: true,
        ..Terms::default()
    };
    assert_eq!(terms.encode(), terms.to_bytes());
    let milestone = Milestone { amount: 7, document: [3; 32], to_pool: true };
    assert_eq!(milestone.encode(), milestone.to_bytes());
}
