//! All that people can do and ask, by noun and verb: the command line is made of it, and pages find an act by its name.

use std::sync::LazyLock;

use serde::de::DeserializeOwned;

use super::{
    ActError, Answer, Asking, Desk, Doing, Kind, Message, Plan,
    doings::{
        audit, claim, coop, dataset, deposits, kyc, licence, market, money, platform, policy, pool, report, restraints,
        roles, successors,
    },
};

/// What came of looking at something that a person does or asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// What is to be sent.
    Plan(Plan),
    /// What was asked.
    Answer(Answer),
    /// What `yieldset-oracle` does, with its arguments.
    Oracle(Vec<String>),
}

/// Something that people do, as it is declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Declared {
    /// Name, who may, and what it does.
    pub kind: &'static Kind,
    /// The messages that it may need.
    pub calls: &'static [Message],
}

/// Arguments for `yieldset-oracle`, as they are.
#[derive(Debug, Clone, clap::Args)]
pub struct ToOracle {
    /// After `--`, as yieldset-oracle's own help has them: none of them is taken for an option of yieldset's.
    #[arg(last = true)]
    pub arguments: Vec<String>,
}

macro_rules! told {
    (sends, $of:ty, $it:ident, $desk:ident) => {{
        let plan = Box::pin(Doing::plan($it, $desk)).await?;
        debug_assert!(
            declared(&plan, <$of as Doing>::CALLS),
            "{} makes a call that it does not declare",
            plan.kind.name
        );
        Ok(Told::Plan(plan))
    }};
    (asks, $of:ty, $it:ident, $desk:ident) => {
        Ok(Told::Answer(Box::pin(Asking::answer($it, $desk)).await?))
    };
    (oracle $verb:literal, $of:ty, $it:ident, $desk:ident) => {
        Ok(Told::Oracle(std::iter::once($verb.to_owned()).chain($it.arguments.iter().cloned()).collect()))
    };
}

macro_rules! declared {
    ($all:ident, $names:ident, sends, $of:ty) => {
        $all.push(Declared { kind: <$of as Doing>::KIND, calls: <$of as Doing>::CALLS });
        $names.push(<$of as Doing>::NAME);
    };
    ($all:ident, $names:ident, asks, $of:ty) => {
        $names.push(<$of as Asking>::NAME);
    };
    ($all:ident, $names:ident, oracle $verb:literal, $of:ty) => {};
}

macro_rules! asked {
    ($all:ident, asks, $of:ty) => {
        $all.push((<$of as Asking>::NAME, <$of as Asking>::SAYS));
    };
    ($all:ident, sends, $of:ty) => {};
    ($all:ident, oracle $verb:literal, $of:ty) => {};
}

macro_rules! named {
    ($name:ident, $arguments:ident, $desk:ident, sends, $of:ty) => {
        if $name == <$of as Doing>::NAME {
            let it: $of = read($name, $arguments)?;
            let it = &it;
            return told!(sends, $of, it, $desk);
        }
    };
    ($name:ident, $arguments:ident, $desk:ident, asks, $of:ty) => {
        if $name == <$of as Asking>::NAME {
            let it: $of = read($name, $arguments)?;
            let it = &it;
            return told!(asks, $of, it, $desk);
        }
    };
    ($name:ident, $arguments:ident, $desk:ident, oracle $verb:literal, $of:ty) => {};
}

macro_rules! nouns {
    (
        $($(#[doc = $about:tt])+ $noun:ident { $($verb:ident: ($($how:tt)+) $of:ty,)+ })+
        alone { $($single:ident: ($($single_how:tt)+) $single_of:ty,)+ }
    ) => {
        $(
            $(#[doc = $about])+
            #[derive(Debug, Clone, clap::Subcommand)]
            #[allow(missing_docs, reason = "a verb's documentation is that of its arguments")]
            #[allow(clippy::large_enum_variant, reason = "one is made for each run")]
            pub enum $noun { $($verb($of),)+ }

            impl $noun {
                /// Looks at what was asked for.
                ///
                /// # Errors
                /// [`ActError`].
                pub async fn run(&self, desk: &Desk) -> Result<Told, ActError> {
                    let _ = desk;
                    match self { $(Self::$verb(it) => told!($($how)+, $of, it, desk),)+ }
                }
            }
        )+

        /// What people do and ask.
        #[derive(Debug, Clone, clap::Subcommand)]
        #[allow(missing_docs, reason = "a verb's documentation is that of its arguments")]
        #[allow(clippy::large_enum_variant, reason = "one is made for each run")]
        pub enum Deed {
            $($(#[doc = $about])+ #[command(subcommand)] $noun($noun),)+
            $($single($single_of),)+
        }

        impl Deed {
            /// Looks at what was asked for: nothing is sent.
            ///
            /// # Errors
            /// [`ActError`].
            pub async fn run(&self, desk: &Desk) -> Result<Told, ActError> {
                match self {
                    $(Self::$noun(noun) => Box::pin(noun.run(desk)).await,)+
                    $(Self::$single(it) => told!($($single_how)+, $single_of, it, desk),)+
                }
            }
        }

        /// What people do, as it is declared, and the names of all that they do or ask.
        static DECLARED: LazyLock<(Vec<Declared>, Vec<&str>)> = LazyLock::new(|| {
            let (mut all, mut names) = (Vec::new(), Vec::new());
            $($(declared!(all, names, $($how)+, $of);)+)+
            $(declared!(all, names, $($single_how)+, $single_of);)+
            (all, names)
        });

        /// All that people do, as it is declared.
        pub fn declared_acts() -> &'static [Declared] {
            &DECLARED.0
        }

        /// All that people ask: names, and what the answers say.
        #[allow(clippy::vec_init_then_push, reason = "each of the macros below may push, or not")]
        pub fn declared_questions() -> Vec<(&'static str, &'static str)> {
            let mut all = Vec::new();
            $($(asked!(all, $($how)+, $of);)+)+
            $(asked!(all, $($single_how)+, $single_of);)+
            all
        }

        /// What is done or asked by this name, such as `kyc set`, with its arguments in JSON: for pages and programs.
        ///
        /// # Errors
        /// [`ActError`].
        pub async fn by_name(name: &str, arguments: serde_json::Value, desk: &Desk) -> Result<Told, ActError> {
            $($(named!(name, arguments, desk, $($how)+, $of);)+)+
            $(named!(name, arguments, desk, $($single_how)+, $single_of);)+
            Err(ActError::Unfit(format!("nothing is called {name:?}; yieldset --help lists what there is")))
        }
    };
}

nouns! {
    /// Who may hold and move shares: records, attestations, freezes, issuers.
    Kyc {
        Set: (sends) kyc::Set,
        Import: (sends) kyc::Import,
        Revoke: (sends) kyc::Revoke,
        Freeze: (sends) kyc::Freeze,
        Unfreeze: (sends) kyc::Unfreeze,
        Sanction: (sends) kyc::Sanction,
        Recover: (sends) kyc::Recover,
        Attest: (sends) kyc::Attest,
        Trust: (sends) kyc::Trust,
        Distrust: (sends) kyc::Distrust,
        Show: (asks) kyc::Show,
        Issuers: (asks) kyc::Issuers,
    }
    /// Who may hold the pool's shares.
    Policy {
        Set: (sends) policy::Set,
        Show: (asks) policy::Show,
    }
    /// Roles of contracts, and the hand-over of their admin.
    Roles {
        Grant: (sends) roles::Grant,
        Revoke: (sends) roles::Revoke,
        Renounce: (sends) roles::Renounce,
        HandOver: (sends) roles::HandOver,
        Accept: (sends) roles::Accept,
        Show: (asks) roles::Show,
    }
    /// Shares of a pool: making and opening it, selling, moving, freezing; money that comes in.
    Pool {
        Create: (sends) pool::making::Create,
        Register: (sends) pool::making::Register,
        SetParts: (sends) pool::making::SetParts,
        Open: (sends) pool::Open,
        DeclareMinimum: (sends) pool::DeclareMinimum,
        Mint: (sends) pool::Mint,
        Transfer: (sends) pool::Transfer,
        TransferFrom: (sends) pool::TransferFrom,
        Approve: (sends) pool::Approve,
        Permit: (sends) pool::Permit,
        Sale: (sends) pool::Sale,
        Buy: (sends) pool::Buy,
        Pause: (sends) pool::Pause,
        Unpause: (sends) pool::Unpause,
        FreezeShares: (sends) restraints::FreezeShares,
        ForceTransfer: (sends) restraints::Force,
        Recover: (sends) restraints::Recover,
        EndReservations: (sends) restraints::EndReservations,
        Deposit: (sends) deposits::Deposit,
        Carry: (sends) deposits::Carry,
        Release: (sends) deposits::Release,
        RaiseCap: (sends) successors::RaiseCap,
        Succeed: (sends) successors::Succeed,
        CancelSuccessor: (sends) successors::CancelSuccessor,
        Adopt: (sends) successors::Adopt,
        Show: (asks) pool::Show,
    }
    /// Datasets in the registry.
    Dataset {
        Register: (sends) dataset::Register,
        Update: (sends) dataset::Update,
        Transfer: (sends) dataset::Transfer,
        Accept: (sends) dataset::Accept,
        Assign: (sends) dataset::Assign,
        Withdraw: (sends) dataset::Withdraw,
        Redact: (sends) dataset::Redact,
        CertifyRedaction: (sends) dataset::CertifyRedaction,
        Card: (sends) dataset::Card,
        Show: (asks) dataset::Show,
    }
    /// Platforms: their role, usage log, checkpoints, model cards.
    Platform {
        Register: (sends) platform::Register,
        Rotate: (sends) platform::Rotate,
        Anchor: (sends) platform::Anchor,
        ModelCard: (sends) platform::ModelCard,
    }
    /// Licences on a pool's datasets.
    Licence {
        Offer: (sends) licence::Offer,
        Publish: (sends) licence::Publish,
        WithdrawMenu: (sends) licence::WithdrawMenu,
        Take: (sends) licence::Take,
        Withdraw: (sends) licence::Withdraw,
        Decline: (sends) licence::Decline,
        Accept: (sends) licence::Accept,
        Terminate: (sends) licence::running::Terminate,
        HandOver: (sends) licence::running::HandOver,
        TakeOver: (sends) licence::running::TakeOver,
        Milestone: (sends) licence::running::Milestone,
        Sublicence: (sends) licence::running::Sublicence,
        Refund: (sends) licence::running::Refund,
        Deliver: (sends) licence::running::Deliver,
        AssessUsage: (sends) licence::running::Assess,
        TrueUp: (sends) licence::running::TrueUp,
        Show: (asks) licence::show::Show,
        List: (asks) licence::show::List,
    }
    /// Votes of a pool's holders.
    Coop {
        Propose: (sends) coop::Propose,
        Vote: (sends) coop::Vote,
        Execute: (sends) coop::Execute,
        Cancel: (sends) coop::Cancel,
        Delegate: (sends) coop::Delegate,
        DelegateSigned: (sends) coop::DelegateSigned,
        EndDelegation: (sends) coop::EndDelegation,
        Show: (asks) coop::show::Show,
        List: (asks) coop::show::List,
    }
    /// A platform's revenue.
    Revenue {
        Report: (sends) money::Report,
        Import: (sends) money::Import,
    }
    /// A licence's escrow.
    Escrow {
        Fund: (sends) money::Fund,
        PayShortfall: (sends) money::Shortfall,
    }
    /// Who signs attribution reports.
    Committee {
        Propose: (sends) report::Propose,
        Activate: (sends) report::Activate,
        RevokeKey: (sends) report::RevokeKey,
        PrepareKey: (sends) report::Prepare,
        Show: (asks) report::ShowCommittee,
    }
    /// Attribution reports: signing and posting by yieldset-oracle, disputes, rulings, audits.
    Report {
        Sign: (oracle "sign") ToOracle,
        Post: (oracle "post") ToOracle,
        Verify: (oracle "verify") ToOracle,
        Dispute: (sends) report::Dispute,
        AddReason: (sends) report::AddReason,
        Defend: (sends) report::Defend,
        Rule: (sends) report::Rule,
        Expire: (sends) report::Expire,
        Audit: (sends) report::Audit,
        WithdrawBond: (sends) report::WithdrawBond,
        DeliverBond: (sends) report::DeliverBond,
        Show: (asks) report::Show,
    }
    /// Audits of a licence's quarters.
    Audit {
        Request: (sends) audit::Request,
        Answer: (sends) audit::Respond,
        Report: (sends) audit::Report,
        Apply: (sends) audit::Apply,
        Dismiss: (sends) audit::Dismiss,
        Pay: (sends) audit::Pay,
        Withdraw: (sends) audit::Withdraw,
        Approve: (sends) audit::Approve,
    }
    /// Deletion of the data after a licence's end.
    Deletion {
        Certify: (sends) audit::CertifyDeletion,
    }
    /// Redaction of personal data.
    Redaction {
        Request: (sends) audit::RequestRedaction,
        Certify: (sends) audit::CertifyRedaction,
    }
    /// Trading shares.
    Market {
        List: (sends) market::List,
        Delist: (sends) market::Delist,
        Ask: (sends) market::Ask,
        Bid: (sends) market::Bid,
        Fill: (sends) market::Fill,
        Match: (sends) market::Match,
        Cancel: (sends) market::Cancel,
        Clear: (sends) market::Clear,
        Withdraw: (sends) market::Withdraw,
        Inherit: (sends) market::Inherit,
        Show: (asks) market::Show,
    }
    alone {
        Claim: (sends) claim::Claim,
        Pay: (sends) money::Pay,
        Why: (asks) policy::Why,
    }
}

impl Deed {
    /// The arguments for `yieldset-oracle`, where it does this: it needs no desk.
    pub fn for_oracle(&self) -> Option<Vec<String>> {
        let Self::Report(report) = self else { return None };
        let (verb, it) = match report {
            Report::Sign(it) => ("sign", it),
            Report::Post(it) => ("post", it),
            Report::Verify(it) => ("verify", it),
            _ => return None,
        };
        Some(std::iter::once(verb.to_owned()).chain(it.arguments.iter().cloned()).collect())
    }
}

/// Whether a plan makes the calls alone that are declared; what is proposed to a co-op is data of one.
fn declared(plan: &Plan, calls: &[Message]) -> bool {
    plan.acts.iter().all(|act| calls.iter().any(|message| act.calldata.starts_with(&message.selector)))
}

fn read<T: DeserializeOwned>(name: &str, arguments: serde_json::Value) -> Result<T, ActError> {
    serde_json::from_value(arguments).map_err(|error| ActError::Unfit(format!("the arguments of {name}: {error}")))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use clap::{Parser, Subcommand};

    use super::*;
    use crate::{
        abi::{Licence as L, Manifests as M, Pool as P},
        acts::{datasets, licences, pools},
        keccak256,
    };

    #[derive(Parser)]
    struct Whole {
        #[command(subcommand)]
        deed: Deed,
    }

    /// What a keeper sends for everybody.
    const KEPT: &[(&Kind, Message)] = &[
        (&licences::LAPSE, Message::of::<L::lapseCall>("Licence::lapseCall")),
        (&licences::ASSESS_USAGE, Message::of::<L::assessUsageCall>("Licence::assessUsageCall")),
        (&licences::RECORD_DEFAULT, Message::of::<L::recordDefaultCall>("Licence::recordDefaultCall")),
        (&licences::TRUE_UP, Message::of::<L::trueUpCall>("Licence::trueUpCall")),
        (&licences::RECORD_BREACH, Message::of::<L::recordBreachCall>("Licence::recordBreachCall")),
        (&licences::APPLY_FINDING, Message::of::<L::applyFindingCall>("Licence::applyFindingCall")),
        (&licences::CLOSE, Message::of::<L::closeCall>("Licence::closeCall")),
        (&licences::FORFEIT_ESCROW, Message::of::<L::forfeitEscrowCall>("Licence::forfeitEscrowCall")),
        (&licences::RECORD_VIOLATION, Message::of::<L::recordViolationCall>("Licence::recordViolationCall")),
        (&datasets::RECORD_INGESTION, Message::of::<M::recordIngestionCall>("Manifests::recordIngestionCall")),
        (&pools::KEEP_ROOT, Message::of::<P::keepRootCall>("Pool::keepRootCall")),
        (&pools::CLAIM_FOR_MANY, Message::of::<P::claimForManyCall>("Pool::claimForManyCall")),
    ];

    /// What no person sends by a command of `yieldset`, and why.
    const EXCEPTIONS: &[(&str, &str)] = &[
        ("attribution.post", "yieldset-oracle post sends it, with the signatures that its library makes"),
        ("coop.wycpnbqcyf", "money that comes without a message; a plain payment does it"),
        ("manifests.closeLicence", "the licence contract alone has the role for it"),
        ("manifests.holdLicence", "the licence contract alone has the role for it"),
        ("manifests.openLicence", "the licence contract alone has the role for it"),
        ("pool.deliver", "the market alone has the role for it"),
        ("pool.initialise", "the constructor's, once"),
        ("pool.release", "the market alone has the role for it"),
        ("pool.reserve", "the market alone has the role for it"),
    ];

    /// Messages that change something, by contract and name, from the contracts' own ABIs.
    fn writing() -> BTreeMap<String, [u8; 4]> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../contracts/artifacts");
        let mut all = BTreeMap::new();
        for file in std::fs::read_dir(folder).expect("the contracts' artifacts") {
            let path = file.expect("a file").path();
            if path.extension().is_none_or(|extension| extension != "abi") {
                continue;
            }
            let abi: serde_json::Value =
                serde_json::from_slice(&std::fs::read(&path).expect("readable")).expect("JSON");
            let contract = path.file_stem().and_then(|stem| stem.to_str()).expect("a name").to_owned();
            for entry in abi.as_array().expect("a list") {
                if entry["type"] != "function"
                    || ["view", "pure"].contains(&entry["stateMutability"].as_str().unwrap_or(""))
                {
                    continue;
                }
                let name = entry["name"].as_str().expect("a name");
                let inputs = entry["inputs"].as_array().expect("inputs").iter();
                let types: Vec<_> = inputs.map(|input| input["type"].as_str().expect("a type")).collect();
                let hash = keccak256(format!("{name}({})", types.join(",")));
                all.insert(format!("{contract}.{name}"), hash[..4].try_into().expect("four bytes"));
            }
        }
        all
    }

    /// Every message that changes something is sent by an act of people or of a keeper, or it is said why by none.
    #[test]
    fn every_writing_message_is_reached() {
        let reached: BTreeSet<[u8; 4]> = declared_acts()
            .iter()
            .flat_map(|act| act.calls)
            .chain(KEPT.iter().map(|(_, message)| message))
            .map(|message| message.selector)
            .collect();
        let (writing, excepted) = (writing(), |name: &str| EXCEPTIONS.iter().any(|(except, _)| *except == name));
        assert!(writing.len() > 130, "only {} messages were found", writing.len());
        let missing: Vec<_> =
            writing.iter().filter(|(name, selector)| !reached.contains(*selector) && !excepted(name)).collect();
        assert!(missing.is_empty(), "no act reaches {missing:?}");
        for (name, _) in EXCEPTIONS {
            let selector = writing.get(*name).unwrap_or_else(|| panic!("there is no {name}"));
            assert!(!reached.contains(selector), "{name} is reached, and is no exception");
        }
    }

    /// Each name is a path of the command line, each is used once, and each says in a sentence what it does.
    #[test]
    fn names_are_paths_of_the_command_line() {
        let (acts, names) = &*DECLARED;
        let command = Deed::augment_subcommands(clap::Command::new("yieldset"));
        for name in names {
            let found = name.split(' ').try_fold(&command, |command, part| command.find_subcommand(part));
            assert!(found.is_some_and(|found| !found.has_subcommands()), "{name} is no command");
        }
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
        for act in acts {
            let Kind { name, says, .. } = act.kind;
            assert!(says.ends_with('.') && says.len() > 15, "{name}: {says:?}");
            assert!(!act.calls.is_empty(), "{name} makes no call");
        }
    }

    /// No two arguments of a command are alike, and what clap checks of them when it is built holds.
    #[test]
    fn the_command_line_holds_together() {
        <Whole as clap::CommandFactory>::command().debug_assert();
    }

    /// What is for the oracle reaches it, whatever it is called.
    #[test]
    fn the_oracle_gets_its_arguments_as_they_are() {
        let line = ["yieldset", "report", "sign", "--", "--deployment", "d.json", "--json"];
        let deed = Whole::try_parse_from(line).expect("a command").deed;
        let wanted = ["sign", "--deployment", "d.json", "--json"].map(str::to_owned);
        assert_eq!(deed.for_oracle(), Some(wanted.to_vec()));
        let other = Whole::try_parse_from(["yieldset", "kyc", "issuers"]).expect("a command").deed;
        assert_eq!(other.for_oracle(), None);
    }

    /// The guide has a line of each command, as it is declared. To write it anew: `YIELDSET_WRITE=1`.
    #[test]
    fn the_guide_lists_all_commands() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/COMMANDS.md");
        let guide = std::fs::read_to_string(file).expect("the guide");
        let (asks, sends) = ("| command | says |\n|---|---|\n", "| command | who may | what |\n|---|---|---|\n");
        let (before, rest) = guide.split_once(asks).expect("the head of the table of questions");
        let (_, between) = rest.split_once("\n\n").expect("its end");
        let (between, _) = between.split_once(sends).expect("the head of the table of acts");
        let questions = declared_questions().into_iter().map(|(name, says)| format!("| `{name}` | {says} |\n"));
        let line = |act: &Declared| format!("| `{}` | {} | {} |\n", act.kind.name, act.kind.who, act.kind.says);
        let questions: String = questions.collect();
        let table: String = declared_acts().iter().map(line).collect();
        let wanted = format!("{before}{asks}{questions}\n{between}{sends}{table}");
        if std::env::var_os("YIELDSET_WRITE").is_some() {
            return std::fs::write(file, &wanted).expect("written");
        }
        assert!(guide == wanted, "docs/COMMANDS.md is not as declared: run this test with YIELDSET_WRITE=1");
    }

    /// Each answer says in a sentence, on the line that help pages show, what it is.
    #[test]
    fn questions_say_what_is_answered() {
        for (name, says) in declared_questions() {
            assert!(says.ends_with('.') && says.len() > 10, "{name}: {says:?}");
        }
    }
}
