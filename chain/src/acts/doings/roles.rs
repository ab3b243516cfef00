//! Who may what: roles of contracts, and the hand-over of their admin.

use alloy_primitives::Address;

use crate::acts::{ActError, Answer, Desk, Fact, Plan, Who, arguments::Name};
use crate::{abi::Access, deployment::role};

const ADMIN: Who = Who::Named("the contract's default admin");

/// Roles by contract, as the contracts' documentation has them.
pub const ROLES: &[(&str, &[&str])] = &[
    ("kyc", &["AGENT_ROLE", "COMPLIANCE_ROLE"]),
    ("pool", &["ISSUER_ROLE", "AGENT_ROLE", "COMPLIANCE_ROLE", "PAUSER_ROLE", "MARKET_ROLE", "LICENSOR_ROLE"]),
    ("manifests", &["PLATFORM_ROLE", "PRIVACY_ROLE", "LICENCE_ROLE"]),
    ("attribution", &["COMMITTEE_ROLE", "ARBITER_ROLE", "AUDITOR_ROLE"]),
    ("licence", &["ORACLE_ROLE", "AUDITOR_ROLE", "ARBITER_ROLE"]),
    ("market", &["LISTER_ROLE"]),
    ("factory", &[]),
];

doing! {
    /// Gives an account a role of a contract.
    Grant = "roles grant", by ADMIN, calls [Access::grantRoleCall] {
        /// Which role, such as AGENT_ROLE or agent.
        role: String,
        /// To whom.
        account: Name,
        /// Of which contract.
        #[arg(long)]
        on: Name,
    }
    |it, desk| {
        let (contract, account) = (desk.address(&it.on)?, desk.address(&it.account)?);
        if account.is_zero() {
            return Err(ActError::Unfit("the zero address is nobody's: name who gets the role".into()));
        }
        let name = known(desk, contract, &it.role)?;
        let has = desk.has_role(contract, &name, account).await?;
        let plan = Plan::of(Self::KIND, format!("Gives {} {name} of {}.", desk.says(account), desk.says(contract)));
        Ok(administered(plan, desk, contract)
            .await?
            .fact(has_it(desk, account, has, false))
            .call(contract, &Access::grantRoleCall { role: role(&name), account }))
    }
}

doing! {
    /// Takes a role of a contract from an account.
    Revoke = "roles revoke", by ADMIN, calls [Access::revokeRoleCall] {
        /// Which role.
        role: String,
        /// From whom.
        account: Name,
        /// Of which contract.
        #[arg(long)]
        on: Name,
    }
    |it, desk| {
        let (contract, account) = (desk.address(&it.on)?, desk.address(&it.account)?);
        let name = known(desk, contract, &it.role)?;
        let has = desk.has_role(contract, &name, account).await?;
        let plan =
            Plan::of(Self::KIND, format!("Takes {name} of {} from {}.", desk.says(contract), desk.says(account)));
        Ok(administered(plan, desk, contract)
            .await?
            .fact(has_it(desk, account, has, true))
            .call(contract, &Access::revokeRoleCall { role: role(&name), account }))
    }
}

doing! {
    /// Gives up a role of the sender's own.
    Renounce = "roles renounce", by Who::Named("who has the role"), calls [Access::renounceRoleCall] {
        /// Which role.
        role: String,
        /// Of which contract.
        #[arg(long)]
        on: Name,
    }
    |it, desk| {
        let contract = desk.address(&it.on)?;
        let name = known(desk, contract, &it.role)?;
        let call = Access::renounceRoleCall { role: role(&name), callerConfirmation: desk.sender };
        Ok(Plan::of(Self::KIND, format!("{} gives up {name} of {}.", desk.says(desk.sender), desk.says(contract)))
            .fact(desk.holds(contract, &name).await?)
            .call(contract, &call))
    }
}

doing! {
    /// Names the next default admin of contracts, who must accept; the last step of a deployment.
    HandOver = "roles hand-over", by ADMIN, calls [Access::beginDefaultAdminTransferCall] {
        /// To whom: an account of several keys, or a co-op. `nobody` takes a naming back.
        to: Name,
        /// Of which contracts.
        #[arg(long, required = true, num_args = 1..)]
        on: Vec<Name>,
    }
    |it, desk| {
        let nobody = it.to.0 == "nobody";
        let to = if nobody { Address::ZERO } else { desk.address(&it.to)? };
        let contracts = it.on.iter().map(|name| desk.address(name)).collect::<Result<Vec<_>, _>>()?;
        let names: Vec<_> = contracts.iter().map(|contract| desk.says(*contract)).collect();
        let whom = if nobody { "nobody".to_owned() } else { desk.says(to) };
        let mut plan = Plan::of(Self::KIND, format!("Names {whom} the next default admin of {}.", names.join(", ")))
            .fact(Fact::known(format!(
                "it must accept: yieldset roles accept --on {}",
                it.on.first().map_or("CONTRACT", |name| &name.0)
            )));
        for contract in contracts {
            plan = administered(plan, desk, contract)
                .await?
                .call(contract, &Access::beginDefaultAdminTransferCall { newAdmin: to });
        }
        Ok(plan)
    }
}

doing! {
    /// Becomes default admin of contracts, where the admin named the sender.
    Accept = "roles accept", by Who::Named("whom the admin named"), calls [Access::acceptDefaultAdminTransferCall] {
        /// Of which contracts.
        #[arg(long, required = true, num_args = 1..)]
        on: Vec<Name>,
    }
    |it, desk| {
        let contracts = it.on.iter().map(|name| desk.address(name)).collect::<Result<Vec<_>, _>>()?;
        let names: Vec<_> = contracts.iter().map(|contract| desk.says(*contract)).collect();
        let mut plan =
            Plan::of(Self::KIND, format!("{} becomes default admin of {}.", desk.says(desk.sender), names.join(", ")));
        for contract in contracts {
            let named = desk.read(contract, &Access::pendingDefaultAdminCall {}).await?;
            let whom = if named.is_zero() { "nobody".to_owned() } else { desk.says(named) };
            let remedy = format!(
                "its admin types: yieldset roles hand-over {} --on {}",
                desk.types(desk.sender),
                desk.types(contract)
            );
            plan = plan
                .fact(Fact::new(
                    named == desk.sender,
                    format!("the admin of {} named {whom}", desk.says(contract)),
                    remedy,
                ))
                .call(contract, &Access::acceptDefaultAdminTransferCall {});
        }
        Ok(plan)
    }
}

asking! {
    /// The roles of an account, and who is admin of each contract.
    Show = "roles show" {
        /// Whose; the sender's without.
        account: Option<Name>,
    }
    |it, desk| {
        let account = desk.address_or_sender(it.account.as_ref())?;
        let (mut has, mut admins) = (Vec::new(), Vec::new());
        for (name, contract) in desk.deployment.named() {
            let Some((_, roles)) = ROLES.iter().find(|(of, _)| *of == name) else { continue };
            for role in *roles {
                if desk.has_role(contract, role, account).await? {
                    has.push(format!("{role} of {name}"));
                }
            }
            let admin = desk.read(contract, &Access::defaultAdminCall {}).await?;
            admins.push((format!("admin_of_{name}"), desk.says(admin).into()));
        }
        let mut all = vec![("account".to_owned(), desk.says(account).into()), ("roles".to_owned(), has.into())];
        all.append(&mut admins);
        Ok(Answer::of(all))
    }
}

/// A role's name in full, where the contract has it: `agent` is AGENT_ROLE. Of contracts that the deployment does not
/// name any name is taken.
fn known(desk: &Desk, contract: Address, text: &str) -> Result<String, ActError> {
    let full = text.to_ascii_uppercase().replace('-', "_");
    let full = if full.ends_with("_ROLE") { full } else { full + "_ROLE" };
    let named = desk.deployment.named().into_iter().find(|(_, address)| *address == contract);
    let Some((name, roles)) = named.and_then(|(name, _)| ROLES.iter().find(|(of, _)| *of == name)) else {
        return Ok(full);
    };
    match roles.contains(&full.as_str()) {
        true => Ok(full),
        false => Err(ActError::Unfit(format!("{name} has no role {full}; it has {}", roles.join(", ")))),
    }
}

/// Whether an account has a role, as it must, or as it must not, for anything to be done.
fn has_it(desk: &Desk, account: Address, has: bool, must: bool) -> Fact {
    let says = format!("{} {} it", desk.says(account), if has { "has" } else { "does not have" });
    Fact::new(has == must, says, "nothing is to be done")
}

async fn administered(plan: Plan, desk: &Desk, contract: Address) -> Result<Plan, ActError> {
    let admin = desk.read(contract, &Access::defaultAdminCall {}).await?;
    let says = format!("the default admin of {} is {}", desk.says(contract), desk.says(admin));
    let remedy = format!("that account alone may: --from {}", desk.types(admin));
    Ok(plan.fact(Fact::new(admin == desk.sender, says, remedy)))
}
