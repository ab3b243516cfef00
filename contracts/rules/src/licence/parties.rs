//! Who the platform is: another account takes its place in two steps, so that a lost key or a merger does not end a
//! licence, and nobody is given one that it did not ask for.

use super::{Address, Call, Licence, Refusal, Store};

/// The platform names its successor; zero takes that back.
///
/// # Errors
/// [`Refusal::NotPlatform`].
pub fn propose_platform(store: &mut impl Store, call: &Call, next: &Address) -> Result<(), Refusal> {
    let mut licence = Licence::of_platform(store, call)?;
    licence.next_platform = *next;
    licence.put(store, &call.licence);
    Ok(())
}

/// The successor takes over what the platform owes and may have back.
///
/// # Errors
/// [`Refusal::NotPlatform`] with whom the platform named.
pub fn accept_platform(store: &mut impl Store, call: &Call) -> Result<(), Refusal> {
    let mut licence = Licence::find(store, &call.licence)?;
    if licence.next_platform == [0; 20] || licence.next_platform != call.caller {
        return Err(Refusal::NotPlatform(call.caller, licence.next_platform));
    }
    (licence.platform, licence.next_platform) = (call.caller, [0; 20]);
    licence.put(store, &call.licence);
    Ok(())
}
