//! The messages of roles, which `#[yieldset_roles::roles]` gives a contract, and their refusals under OpenZeppelin's
//! names. What they do is in [`access`]. Each ends the call; so the compiler takes it for seldom and does not inline it
//! by itself.

use ink::sol::FixedBytes;

use crate::{
    access::{self, AccessError, Role},
    answer::{answer, done},
    host,
    input::In,
    refusals::{Explain, OrRefuse},
    words::{Address, address_word, word},
};

crate::refusals! { @declare
    /// The account lacks the role: (account, role).
    AccessControlUnauthorizedAccount(account: address, needed_role: bytes32),
    /// Renouncing needs the caller's own address as confirmation.
    AccessControlBadConfirmation(),
    /// The default admin's role changes by hand-over alone.
    AccessControlEnforcedDefaultAdminRules(),
    /// Only the proposed successor can accept.
    AccessControlInvalidDefaultAdmin(default_admin: address),
}

/// Parameter number `I` of a message, a role.
pub type RoleAt<const I: u32> = In<I, FixedBytes<32>>;
/// Parameter number `I` of a message, an account.
pub type AccountAt<const I: u32> = In<I, ink::Address>;

/// Explains what [`access`] refuses.
pub struct Roles;

impl Explain<AccessError> for Roles {
    #[cold]
    #[inline(never)]
    fn explain(self, error: AccessError) -> ! {
        match error {
            AccessError::Unauthorized(account, needed_role) => {
                AccessControlUnauthorizedAccount { account: &account, needed_role: &needed_role }.refuse()
            }
            AccessError::BadConfirmation => AccessControlBadConfirmation {}.refuse(),
            AccessError::EnforcedDefaultAdminRules => AccessControlEnforcedDefaultAdminRules {}.refuse(),
            AccessError::InvalidDefaultAdmin(default_admin) => {
                AccessControlInvalidDefaultAdmin { default_admin: &default_admin }.refuse()
            }
        }
    }
}

/// The caller, which has the role; nobody else comes further.
#[inline(never)]
pub fn only(role: &Role) -> Address {
    let caller = host::caller();
    access::check(role, &caller).or_refuse(Roles);
    caller
}

/// Installs the first default admin, which address zero cannot be.
pub fn initialise(admin: &Address) {
    if *admin == [0; 20] {
        AccessControlInvalidDefaultAdmin { default_admin: admin }.refuse();
    }
    access::initialise(admin);
}

/// `hasRole`.
#[inline(always)]
pub fn has_role(role: &Role, account: &Address) -> ! {
    answer(&[word(access::has_role(role, account))])
}

/// `getRoleAdmin`: always the default admin's.
#[inline(always)]
pub fn get_role_admin() -> ! {
    answer(&[access::DEFAULT_ADMIN_ROLE])
}

/// `grantRole`.
#[inline(always)]
pub fn grant_role(role: &Role, account: &Address) -> ! {
    end(access::grant(role, account))
}

/// `revokeRole`.
#[inline(always)]
pub fn revoke_role(role: &Role, account: &Address) -> ! {
    end(access::revoke(role, account))
}

/// `renounceRole`.
#[inline(always)]
pub fn renounce_role(role: &Role, caller_confirmation: &Address) -> ! {
    end(access::renounce(role, caller_confirmation))
}

/// `defaultAdmin`.
#[inline(always)]
pub fn default_admin() -> ! {
    answer(&[address_word(&access::default_admin())])
}

/// `pendingDefaultAdmin`.
#[inline(always)]
pub fn pending_default_admin() -> ! {
    answer(&[address_word(&access::pending_default_admin())])
}

/// `beginDefaultAdminTransfer`.
#[inline(always)]
pub fn begin_default_admin_transfer(new_admin: &Address) -> ! {
    end(access::begin_default_admin_transfer(new_admin))
}

/// `acceptDefaultAdminTransfer`.
#[inline(always)]
pub fn accept_default_admin_transfer() -> ! {
    end(access::accept_default_admin_transfer())
}

fn end(result: Result<(), AccessError>) -> ! {
    result.or_refuse(Roles);
    done()
}

/// The messages of roles, for contracts that ink! does not dispatch.
pub mod messages {
    use super::{
        accept_default_admin_transfer, access, begin_default_admin_transfer, grant_role, renounce_role, revoke_role,
    };

    crate::messages! {
        /// AccessControl: whether an account has a role.
        ask hasRole(role: bytes32, account: address) -> bool { access::has_role(role, &account) }
        /// AccessControl: who grants a role; always the default admin.
        ask getRoleAdmin(role: bytes32) -> bytes32 {
            let _ = role;
            access::DEFAULT_ADMIN_ROLE
        }
        /// AccessControl: gives a role.
        ///
        /// # Who
        /// The default admin.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `AccessControlEnforcedDefaultAdminRules`.
        ///
        /// # Events
        /// `RoleGranted`, unless the account has it.
        tell grantRole(role: bytes32, account: address) { grant_role(role, &account) }
        /// AccessControl: takes a role.
        ///
        /// # Who
        /// The default admin.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`, `AccessControlEnforcedDefaultAdminRules`.
        ///
        /// # Events
        /// `RoleRevoked`, where the account has it.
        tell revokeRole(role: bytes32, account: address) { revoke_role(role, &account) }
        /// AccessControl: gives up a role of the caller.
        ///
        /// # Who
        /// Anyone, for itself.
        ///
        /// # Errors
        /// `AccessControlBadConfirmation`, `AccessControlEnforcedDefaultAdminRules`.
        ///
        /// # Events
        /// `RoleRevoked`, where the caller has it.
        tell renounceRole(role: bytes32, caller_confirmation: address) { renounce_role(role, &caller_confirmation) }
        /// AccessControl: the default admin.
        ask defaultAdmin() -> address { access::default_admin() }
        /// AccessControl: who was named the next default admin; zero where nobody.
        ask pendingDefaultAdmin() -> address { access::pending_default_admin() }
        /// AccessControl: names the next default admin, or with address zero nobody any more.
        ///
        /// # Who
        /// The default admin.
        ///
        /// # Errors
        /// `AccessControlUnauthorizedAccount`.
        ///
        /// # Events
        /// `DefaultAdminTransferStarted`.
        tell beginDefaultAdminTransfer(new_admin: address) { begin_default_admin_transfer(&new_admin) }
        /// AccessControl: the caller becomes default admin, where it was named.
        ///
        /// # Who
        /// Whoever was named.
        ///
        /// # Errors
        /// `AccessControlInvalidDefaultAdmin`.
        ///
        /// # Events
        /// `RoleRevoked` of the former one, `RoleGranted`.
        tell acceptDefaultAdminTransfer() { accept_default_admin_transfer() }
    }
}
