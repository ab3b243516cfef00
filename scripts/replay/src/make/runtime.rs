//! What the recorded runtime calls by which number, and blocks as it would store them.

use codec::{Compact, Decode, Encode};
use frame_metadata::{
    RuntimeMetadata, RuntimeMetadataPrefixed,
    v14::{PalletMetadata, RuntimeMetadataV14},
};
use scale_info::{TypeDef, Variant, form::PortableForm};
use serde_json::Value;

use super::Emitted;
use crate::{
    error::ReplayError,
    recording::{Preamble, bytes_of, question},
};

/// Weight and class of a transaction that succeeded, as `DispatchEventInfo` has them; nobody looks at them.
const OF_A_CALL: (Compact<u64>, Compact<u64>, u8, u8) = (Compact(493_000_000), Compact(25_000), 0, 0);
/// Bytes of a transaction beside what it says: about what a signed call of a contract takes.
const FILLING: usize = 96;
/// A transaction without a signature, of the present form.
const BARE: u8 = 5;

/// A pallet's number and that of one of its calls or events.
type Numbers = [u8; 2];

/// The numbers that blocks of ours are written with.
#[derive(Debug, Clone, Copy)]
pub struct Runtime {
    /// EIP-155 chain id.
    pub chain_id: u64,
    success: Numbers,
    emitted: Numbers,
    set_time: Numbers,
    remark: Numbers,
}

impl Runtime {
    /// Of a recording.
    ///
    /// # Errors
    /// [`ReplayError::Runtime`] where it has no contracts as ours are.
    pub fn of(preamble: &Preamble) -> Result<Self, ReplayError> {
        let lacks = |what: &str| ReplayError::Runtime(format!("it has no {what}"));
        let text = preamble.answers.get(&question("state_getMetadata", &[])).and_then(Value::as_str);
        let bytes = text.and_then(bytes_of).ok_or_else(|| lacks("metadata"))?;
        let metadata = RuntimeMetadataPrefixed::decode(&mut &bytes[..])
            .map_err(|error| ReplayError::Runtime(format!("its metadata: {error}")))?;
        let RuntimeMetadata::V14(metadata) = metadata.1 else { return Err(lacks("metadata of version 14")) };
        let revive = pallet(&metadata, "Revive")?;
        let id = revive.constants.iter().find(|constant| constant.name == "ChainId");
        let id = id.and_then(|constant| u64::decode(&mut &constant.value[..]).ok());
        let (number, variant) = event(&metadata, "Revive", "ContractEmitted")?;
        let fields: Vec<_> = variant.fields.iter().filter_map(|field| field.name.as_deref()).collect();
        if fields != ["contract", "data", "topics"] {
            return Err(lacks("Revive.ContractEmitted of contract, data and topics"));
        }
        let (system, success) = event(&metadata, "System", "ExtrinsicSuccess")?;
        Ok(Self {
            chain_id: id.ok_or_else(|| lacks("Revive.ChainId"))?,
            success: [system, success.index],
            emitted: [number, variant.index],
            set_time: call(&metadata, "Timestamp", "set")?,
            remark: call(&metadata, "System", "remark")?,
        })
    }

    /// A block's transactions: the one that sets the time, then one for each event. Their content is no call of a
    /// contract, since nothing runs; each is as long as one.
    pub fn extrinsics(&self, time_ms: u64, first: u64, events: usize) -> Vec<Vec<u8>> {
        let set = (BARE, self.set_time, Compact(time_ms)).encode();
        let calls = (first..).take(events).map(|number| {
            let mut said = number.to_le_bytes().to_vec();
            said.resize(FILLING, 0);
            (BARE, self.remark, said).encode()
        });
        // With the length before each, as blocks have them.
        std::iter::once(set).chain(calls).map(|bytes| bytes.encode()).collect()
    }

    /// What the block's `System.Events` is: the time's success, then each event with its transaction's.
    pub fn events(&self, events: &[Emitted]) -> Vec<u8> {
        let count = events.len().saturating_mul(2).saturating_add(1);
        let mut bytes = Compact(u32::try_from(count).unwrap_or(u32::MAX)).encode();
        self.succeeded(0, &mut bytes);
        for (index, event) in (1u32..).zip(events) {
            (applied(index), self.emitted).encode_to(&mut bytes);
            (event.contract, &event.data, &event.topics).encode_to(&mut bytes);
            no_topics(&mut bytes);
            self.succeeded(index, &mut bytes);
        }
        bytes
    }

    fn succeeded(&self, index: u32, bytes: &mut Vec<u8>) {
        (applied(index), self.success, OF_A_CALL).encode_to(bytes);
        no_topics(bytes);
    }
}

/// `Phase::ApplyExtrinsic`.
fn applied(index: u32) -> (u8, u32) {
    (0, index)
}

/// Of the record that an event is in: contracts' topics are in the event.
fn no_topics(bytes: &mut Vec<u8>) {
    bytes.push(0);
}

fn pallet<'a>(metadata: &'a RuntimeMetadataV14, name: &str) -> Result<&'a PalletMetadata<PortableForm>, ReplayError> {
    let found = metadata.pallets.iter().find(|pallet| pallet.name == name);
    found.ok_or_else(|| ReplayError::Runtime(format!("it has no pallet {name}")))
}

fn variant<'a>(
    metadata: &'a RuntimeMetadataV14,
    of: Option<u32>,
    (pallet, name): (&str, &str),
) -> Result<&'a Variant<PortableForm>, ReplayError> {
    let kind = of.and_then(|id| metadata.types.resolve(id)).map(|found| &found.type_def);
    let found = match kind {
        Some(TypeDef::Variant(all)) => all.variants.iter().find(|variant| variant.name == name),
        _ => None,
    };
    found.ok_or_else(|| ReplayError::Runtime(format!("it has no {pallet}.{name}")))
}

fn event<'a>(
    metadata: &'a RuntimeMetadataV14,
    of: &str,
    name: &str,
) -> Result<(u8, &'a Variant<PortableForm>), ReplayError> {
    let pallet = pallet(metadata, of)?;
    let kind = pallet.event.as_ref().map(|event| event.ty.id);
    Ok((pallet.index, variant(metadata, kind, (of, name))?))
}

fn call(metadata: &RuntimeMetadataV14, of: &str, name: &str) -> Result<Numbers, ReplayError> {
    let pallet = pallet(metadata, of)?;
    let kind = pallet.calls.as_ref().map(|calls| calls.ty.id);
    Ok([pallet.index, variant(metadata, kind, (of, name))?.index])
}
