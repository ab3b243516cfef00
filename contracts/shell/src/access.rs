//! Roles in the terms of OpenZeppelin's `AccessControl` and `AccessControlDefaultAdminRules` (without its delay):
//! accounts hold roles, one default admin grants and revokes them, and hands itself over in two steps.
//!
//! Kept under storage keys of its own, beside ink!'s; the messages are in [`roles`](crate::roles).

use ink::codegen::sol::keccak_256;

use crate::{
    host,
    words::{Address as Account, Word, address_word, same},
};

/// A role: keccak-256 of its name.
pub type Role = Word;

/// Who grants and revokes all other roles; exactly one account has it.
pub const DEFAULT_ADMIN_ROLE: Role = [0; 32];

/// The role called `name`, e.g. `"AGENT_ROLE"`.
pub const fn role(name: &str) -> Role {
    keccak_256(name.as_bytes())
}

crate::events! {
    /// AccessControl: an account got a role.
    RoleGranted(
        /// The role.
        role: bytes32,
        /// Who got it.
        account: address,
        /// Who gave it.
        sender: address,
    ) {}
    /// AccessControl: an account lost a role.
    RoleRevoked(
        /// The role.
        role: bytes32,
        /// Who lost it.
        account: address,
        /// Who took it.
        sender: address,
    ) {}
    /// AccessControl: the default admin named its successor, who must accept; address zero takes a proposal back.
    DefaultAdminTransferStarted(
        /// Still the admin.
        previous_admin: address,
        /// Must accept.
        new_admin: address,
    ) {}
}

/// Why a role is missing or may not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessError {
    /// The account lacks the role.
    Unauthorized(Account, Role),
    /// Renouncing needs the caller's own address as confirmation.
    BadConfirmation,
    /// The default admin's role changes by hand-over alone.
    EnforcedDefaultAdminRules,
    /// Only the proposed successor can accept.
    InvalidDefaultAdmin(Account),
}

const ADMIN_KEY: &[u8] = b"acl/admin";

/// What is granted and what is revoked are told alike.
#[inline(never)]
fn emit(event: Word, role: &Role, account: &Account, sender: &Account) {
    host::emit(&[event, *role, address_word(account), address_word(sender)], &[]);
}

/// Installs the first default admin.
pub fn initialise(admin: &Account) {
    write_admin(admin, &[0; 20]);
    emit(RoleGranted::TOPIC, &DEFAULT_ADMIN_ROLE, admin, &host::caller());
}

/// Whether an account has a role.
pub fn has_role(role: &Role, account: &Account) -> bool {
    if *role == DEFAULT_ADMIN_ROLE {
        same(&default_admin(), account)
    } else {
        host::read::<1>(&key(role, account)).is_some()
    }
}

/// Stops an account without the role.
///
/// # Errors
/// [`AccessError::Unauthorized`].
pub fn check(role: &Role, account: &Account) -> Result<(), AccessError> {
    if has_role(role, account) { Ok(()) } else { Err(AccessError::Unauthorized(*account, *role)) }
}

/// Gives a role; the caller must be the default admin. Giving it again changes nothing.
///
/// # Errors
/// [`AccessError::Unauthorized`], [`AccessError::EnforcedDefaultAdminRules`].
pub fn grant(role: &Role, account: &Account) -> Result<(), AccessError> {
    let sender = changes(role)?;
    give(role, account, &sender);
    Ok(())
}

/// Takes a role away; the caller must be the default admin.
///
/// # Errors
/// [`AccessError::Unauthorized`], [`AccessError::EnforcedDefaultAdminRules`].
pub fn revoke(role: &Role, account: &Account) -> Result<(), AccessError> {
    let sender = changes(role)?;
    take(role, account, &sender);
    Ok(())
}

/// Gives up a role of the caller, who repeats its own address.
///
/// # Errors
/// [`AccessError::BadConfirmation`], [`AccessError::EnforcedDefaultAdminRules`].
pub fn renounce(role: &Role, confirmation: &Account) -> Result<(), AccessError> {
    let caller = host::caller();
    if !same(&caller, confirmation) {
        return Err(AccessError::BadConfirmation);
    }
    if *role == DEFAULT_ADMIN_ROLE {
        return Err(AccessError::EnforcedDefaultAdminRules);
    }
    take(role, &caller, &caller);
    Ok(())
}

/// The default admin.
pub fn default_admin() -> Account {
    admins().0
}

/// Who was named the next default admin; zero where nobody.
pub fn pending_default_admin() -> Account {
    admins().1
}

/// Names the next default admin, or with address zero nobody any more.
///
/// # Errors
/// [`AccessError::Unauthorized`].
pub fn begin_default_admin_transfer(new_admin: &Account) -> Result<(), AccessError> {
    let caller = host::caller();
    check(&DEFAULT_ADMIN_ROLE, &caller)?;
    write_admin(&caller, new_admin);
    DefaultAdminTransferStarted { previous_admin: &caller, new_admin }.emit();
    Ok(())
}

/// The caller becomes default admin, where it was named.
///
/// # Errors
/// [`AccessError::InvalidDefaultAdmin`].
pub fn accept_default_admin_transfer() -> Result<(), AccessError> {
    let caller = host::caller();
    let (admin, pending) = admins();
    if !same(&caller, &pending) {
        return Err(AccessError::InvalidDefaultAdmin(caller));
    }
    write_admin(&caller, &[0; 20]);
    emit(RoleRevoked::TOPIC, &DEFAULT_ADMIN_ROLE, &admin, &caller);
    emit(RoleGranted::TOPIC, &DEFAULT_ADMIN_ROLE, &caller, &caller);
    Ok(())
}

/// Gives a role without asking who calls: for constructors, and for contracts with rules of their own.
pub fn give(role: &Role, account: &Account, sender: &Account) {
    if !has_role(role, account) {
        host::write(&key(role, account), &[1]);
        emit(RoleGranted::TOPIC, role, account, sender);
    }
}

fn take(role: &Role, account: &Account, sender: &Account) {
    if has_role(role, account) {
        host::clear(&key(role, account));
        emit(RoleRevoked::TOPIC, role, account, sender);
    }
}

/// The caller, who may change this role.
fn changes(role: &Role) -> Result<Account, AccessError> {
    let caller = host::caller();
    check(&DEFAULT_ADMIN_ROLE, &caller)?;
    if *role == DEFAULT_ADMIN_ROLE { Err(AccessError::EnforcedDefaultAdminRules) } else { Ok(caller) }
}

fn admins() -> (Account, Account) {
    let stored = host::read::<40>(ADMIN_KEY).unwrap_or([0; 40]);
    let (mut admin, mut pending) = ([0; 20], [0; 20]);
    admin.copy_from_slice(&stored[..20]);
    pending.copy_from_slice(&stored[20..]);
    (admin, pending)
}

fn write_admin(admin: &Account, pending: &Account) {
    let mut stored = [0; 40];
    stored[..20].copy_from_slice(admin);
    stored[20..].copy_from_slice(pending);
    host::write(ADMIN_KEY, &stored);
}

fn key(role: &Role, account: &Account) -> [u8; 56] {
    let mut key = [0; 56];
    key[..4].copy_from_slice(b"acl/");
    key[4..36].copy_from_slice(role);
    key[36..].copy_from_slice(account);
    key
}
