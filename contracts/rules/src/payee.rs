//! Who is paid: whose code need not run when one call pays many, and who was surely never replaced.

/// Addresses of 20 bytes whose first so many are zero are the chain's own: its precompiles, which are no accounts, and
/// of which some stop whoever calls them. Nobody has a key or a contract for one of 2^128.
const ZEROS_OF_THE_CHAIN: usize = 16;

/// Whether a payee is an account without code. One that has some would run it on the weight and deposit of who pays
/// for all, and the chain charges for loading it before any limit can be set: so in a call for many it is passed over.
/// `code_size` is asked where the address does not say already.
pub fn is_plain(payee: &[u8; 20], code_size: impl FnOnce() -> u64) -> bool {
    payee[..ZEROS_OF_THE_CHAIN] != [0; ZEROS_OF_THE_CHAIN] && code_size() == 0
}

/// Which accounts were surely never replaced by others: a bit for each 128th of all addresses, set while none of them
/// was. So a pool need not look for the successor of each account that it pays. All zeros is not to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Originals(pub [u8; 16]);

impl Originals {
    /// Nobody was replaced yet.
    pub const ALL: Self = Self([0xff; 16]);

    /// Whether an account was surely never replaced.
    pub fn has(&self, account: &[u8; 20]) -> bool {
        let (byte, bit) = place(account);
        self.0[byte] & bit != 0
    }

    /// Notes that an account was replaced.
    pub fn remove(&mut self, account: &[u8; 20]) {
        let (byte, bit) = place(account);
        self.0[byte] &= !bit;
    }
}

/// By the address's last byte, of which all values are as frequent.
fn place(account: &[u8; 20]) -> (usize, u8) {
    let last = account[19];
    (usize::from(last >> 4), 1_u8.wrapping_shl(u32::from(last & 7)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    fn ending(last: u8) -> [u8; 20] {
        let mut account = [7; 20];
        account[19] = last;
        account
    }

    /// An address of the chain's own is no account whatever its code is said to be; of others the code decides.
    #[test]
    fn who_has_code_is_not_plain() {
        assert!(is_plain(&ending(3), || 0));
        assert!(!is_plain(&ending(3), || 1));
        for (at, byte) in [(19, 0), (19, 0x0a), (18, 9), (17, 1), (16, 0xff)] {
            let mut address = [0; 20];
            address[at] = byte;
            assert!(!is_plain(&address, || 0), "{address:?}");
        }
        let mut lowest = [0; 20];
        lowest[15] = 1;
        assert!(is_plain(&lowest, || 0));
    }

    /// Who was replaced is never said to be an original, whatever else happens; the others are, but for those that
    /// share the bit: one other last byte.
    #[test]
    fn who_was_replaced_is_no_original() {
        for replaced in 0..=u8::MAX {
            let mut originals = Originals::ALL;
            originals.remove(&ending(replaced));
            originals.remove(&ending(replaced));
            let doubted: Vec<_> = (0..=u8::MAX).filter(|last| !originals.has(&ending(*last))).collect();
            assert_eq!(doubted, [replaced & !8, replaced | 8]);
            for other in 0..=u8::MAX {
                originals.remove(&ending(other));
                assert!(!originals.has(&ending(replaced)) && !originals.has(&ending(other)));
            }
            assert_eq!(originals, Originals([0; 16]));
        }
    }

    /// A record of before, which says nothing, vouches for nobody.
    #[test]
    fn not_to_know_is_no_original() {
        assert!((0..=u8::MAX).all(|last| !Originals([0; 16]).has(&ending(last))));
        assert!((0..=u8::MAX).all(|last| Originals::ALL.has(&ending(last))));
    }
}
