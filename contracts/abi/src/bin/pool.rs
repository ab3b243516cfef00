//! Prints the interface of a pool: of its logic and claims, made by its front.

use ink::metadata::sol::{ConstructorMetadata, ContractMetadata, FunctionMetadata};

fn main() -> Result<(), serde_json::Error> {
    let mut functions = yieldset_pool_logic::messages::declared();
    // The front's constructor hands its arguments on to this.
    let constructors = functions.iter().filter(|message| message.name == "initialise").map(constructor).collect();
    functions.extend(yieldset_pool_claims::messages::declared());
    functions.extend(yieldset_shell::roles::messages::declared());
    let mut errors = ink::collect_errors_sol();
    errors.extend(yieldset_shell::roles::declared());
    let pool = ContractMetadata {
        name: "pool".into(),
        constructors,
        functions,
        events: ink::collect_events_sol(),
        errors,
        docs: "".into(),
    };
    serde_json::to_writer(std::io::stdout(), &pool)
}

fn constructor(initialise: &FunctionMetadata) -> ConstructorMetadata {
    let inputs = initialise
        .inputs
        .iter()
        .map(|input| ink::metadata::sol::ParamMetadata { name: input.name.clone(), ty: input.ty.clone() });
    ConstructorMetadata {
        name: "new".into(),
        inputs: inputs.collect(),
        is_payable: false,
        is_default: true,
        docs: initialise.docs.clone(),
    }
}
