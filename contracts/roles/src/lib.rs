//! Gives an ink! contract the messages of OpenZeppelin's `AccessControl`.
//!
//! `#[ink::contract]` sees the text of a module and expands no macro in it, so messages that several contracts share
//! can only be put there before, by an attribute above it. They are plain text here, and what they do is in
//! `yieldset_shell::roles`.

use proc_macro::{Delimiter, Group, TokenStream, TokenTree};

/// Above `#[ink::contract]`: adds the messages of roles to the contract whose storage is named, and their errors to its
/// ABI.
///
/// ```ignore
/// #[yieldset_roles::roles(Market)]
/// #[ink::contract]
/// mod market { … }
/// ```
#[proc_macro_attribute]
pub fn roles(storage: TokenStream, module: TokenStream) -> TokenStream {
    let messages: TokenStream = MESSAGES.parse().expect("Rust");
    let block = TokenTree::Group(Group::new(Delimiter::Brace, messages));
    let mut implementation: TokenStream = "impl".parse().expect("Rust");
    implementation.extend(storage);
    implementation.extend([block]);
    let mut items: Vec<_> = module.into_iter().collect();
    let Some(TokenTree::Group(body)) = items.pop() else { panic!("above a module with a body") };
    let mut content = body.stream();
    content.extend(implementation);
    items.push(TokenTree::Group(Group::new(Delimiter::Brace, content)));
    let mut all: TokenStream = items.into_iter().collect();
    all.extend(
        "yieldset_shell::__in_the_abi! { yieldset_shell::roles::declared }".parse::<TokenStream>().expect("Rust"),
    );
    all
}

const MESSAGES: &str = r#"
    /// AccessControl: whether an account has a role.
    #[ink(message, name = "hasRole")]
    pub fn has_role(
        &self,
        role: yieldset_shell::roles::RoleAt<0>,
        account: yieldset_shell::roles::AccountAt<1>,
    ) -> bool {
        yieldset_shell::roles::has_role(&role.get().0, &account.get().0)
    }

    /// AccessControl: who grants a role; always the default admin.
    #[ink(message, name = "getRoleAdmin")]
    pub fn get_role_admin(&self, role: yieldset_shell::roles::RoleAt<0>) -> ink::sol::FixedBytes<32> {
        let _ = role;
        yieldset_shell::roles::get_role_admin()
    }

    /// AccessControl: gives a role.
    ///
    /// # Who
    /// The default admin.
    ///
    /// # Errors
    /// `AccessControlUnauthorizedAccount`, `AccessControlEnforcedDefaultAdminRules`.
    #[ink(message, name = "grantRole")]
    pub fn grant_role(&mut self, role: yieldset_shell::roles::RoleAt<0>, account: yieldset_shell::roles::AccountAt<1>) {
        yieldset_shell::roles::grant_role(&role.get().0, &account.get().0)
    }

    /// AccessControl: takes a role.
    ///
    /// # Who
    /// The default admin.
    ///
    /// # Errors
    /// `AccessControlUnauthorizedAccount`, `AccessControlEnforcedDefaultAdminRules`.
    #[ink(message, name = "revokeRole")]
    pub fn revoke_role(
        &mut self,
        role: yieldset_shell::roles::RoleAt<0>,
        account: yieldset_shell::roles::AccountAt<1>,
    ) {
        yieldset_shell::roles::revoke_role(&role.get().0, &account.get().0)
    }

    /// AccessControl: gives up a role of the caller.
    ///
    /// # Who
    /// Who has the role, but for the default admin.
    ///
    /// # Errors
    /// `AccessControlBadConfirmation`, `AccessControlEnforcedDefaultAdminRules`.
    #[ink(message, name = "renounceRole")]
    pub fn renounce_role(
        &mut self,
        role: yieldset_shell::roles::RoleAt<0>,
        caller_confirmation: yieldset_shell::roles::AccountAt<1>,
    ) {
        yieldset_shell::roles::renounce_role(&role.get().0, &caller_confirmation.get().0)
    }

    /// AccessControl: the default admin.
    #[ink(message, name = "defaultAdmin")]
    pub fn default_admin(&self) -> ink::Address {
        yieldset_shell::roles::default_admin()
    }

    /// AccessControl: who was named the next default admin; zero where nobody.
    #[ink(message, name = "pendingDefaultAdmin")]
    pub fn pending_default_admin(&self) -> ink::Address {
        yieldset_shell::roles::pending_default_admin()
    }

    /// AccessControl: names the next default admin, or with address zero nobody any more.
    ///
    /// # Who
    /// The default admin.
    ///
    /// # Errors
    /// `AccessControlUnauthorizedAccount`.
    #[ink(message, name = "beginDefaultAdminTransfer")]
    pub fn begin_default_admin_transfer(&mut self, new_admin: yieldset_shell::roles::AccountAt<0>) {
        yieldset_shell::roles::begin_default_admin_transfer(&new_admin.get().0)
    }

    /// AccessControl: the caller becomes default admin, where it was named.
    ///
    /// # Who
    /// Who was named.
    ///
    /// # Errors
    /// `AccessControlInvalidDefaultAdmin`.
    #[ink(message, name = "acceptDefaultAdminTransfer")]
    pub fn accept_default_admin_transfer(&mut self) {
        yieldset_shell::roles::accept_default_admin_transfer()
    }
"#;
