//! What a keeper left: what is due and was not sent, what could not be read, and what it may never send.

use yieldset_chain::acts::{Kind, Who};
use yieldset_oracle::{
    keeper::{Lines, State},
    printable,
};

use super::all;

/// Why an act that is due was not sent, or what could not be read, from which more may be due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// Which act, or which kind of acts.
    pub act: String,
    /// Why, with what to do.
    pub why: String,
}

impl Left {
    /// An act, or all of a kind, that this sender may not send, with what the contract says, where it was asked.
    pub fn not_for(sender: &str, act: &str, said: Option<&str>) -> Self {
        let said = said.map(|said| format!(": {said}")).unwrap_or_default();
        Self { act: act.to_owned(), why: format!("{}; {sender} may not{said}", who_sends(act)) }
    }

    /// Whether it is an act of this kind.
    pub fn is_of(&self, kind: &Kind) -> bool {
        self.act.split(' ').next() == Some(kind.name)
    }
}

impl std::fmt::Display for Left {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}: {}", self.act, self.why)
    }
}

/// What is due of a keeper's acts and was not sent by `sender`, as it was named.
pub fn of(lines: &Lines, sender: &str) -> Vec<Left> {
    let left = lines.iter().filter_map(|(act, line)| {
        let said = line.why.as_deref().unwrap_or("nobody says why");
        let why = match line.state {
            State::NotOurs => return Some(Left::not_for(sender, act, line.why.as_deref())),
            State::Failed => format!("it was sent and not taken: {said}"),
            State::Blocked => format!("the contract refuses it, so somebody must look: {said}"),
            State::Due | State::Waits | State::Done | State::Moot => return None,
        };
        Some(Left { act: act.clone(), why })
    });
    left.collect()
}

/// Who may send an act, in words that say what to do.
fn who_sends(act: &str) -> String {
    let kind = all().find(|kind| act.split(' ').next() == Some(kind.name));
    match kind.map(|kind| kind.who) {
        Some(Who::Role(role)) => {
            format!("only who has {role} may send it (--from; `yieldset roles show WHO` says who has which)")
        }
        Some(who) => format!("only {who} may send it (--from)"),
        None => "only another account may send it (--from)".to_owned(),
    }
}

/// Says what was left, and ends with the code for what cannot be done as things are.
pub fn end(left: &[Left]) -> ! {
    let all: Vec<_> = left.iter().map(ToString::to_string).collect();
    eprintln!("error: not all was done: {}", printable(&all.join("; ")));
    std::process::exit(NOT_ALL_DONE)
}

/// As `yieldset` ends where something cannot be done as things are.
const NOT_ALL_DONE: i32 = 3;

#[cfg(test)]
mod tests {
    use yieldset_chain::acts::licences;
    use yieldset_oracle::keeper::Line;

    use super::*;

    fn line(state: State, why: Option<&str>) -> Line {
        Line { state, why: why.map(Into::into), due_since: None, late: false, tx_hash: None }
    }

    /// What a keeper may not send, or could not, is told with who sends it; a keeper without a role is no success.
    /// Before, it was a line of the output, and the keeper ended as if all were done.
    #[test]
    fn what_was_not_sent_is_told_with_who_sends_it() {
        let lines = Lines::from([
            ("anchor 0x01 256".to_owned(), line(State::NotOurs, Some("NotPlatform"))),
            ("record_ingestion 0x02".to_owned(), line(State::NotOurs, None)),
            ("record_default 0x03 8107".to_owned(), line(State::Failed, Some("no money"))),
            ("close 0x04".to_owned(), line(State::Blocked, Some("it traps"))),
            ("lapse 0x05".to_owned(), line(State::Waits, Some("not yet"))),
            ("keep_root 0x06".to_owned(), line(State::Done, None)),
        ]);
        let told: Vec<_> = of(&lines, "bob").iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 4, "{told:?}");
        assert!(told[0].starts_with("anchor 0x01 256: only the licence's platform may send it"), "{told:?}");
        assert!(told[0].ends_with("bob may not: NotPlatform"), "{told:?}");
        assert!(told[3].contains("who has PLATFORM_ROLE") && told[2].contains("no money"), "{told:?}");
        assert_eq!(of(&Lines::new(), "bob"), []);
        let kind = Left::not_for("bob", "anchor", None);
        assert_eq!(kind.to_string(), "anchor: only the licence's platform may send it (--from); bob may not");
        assert!(kind.is_of(&licences::ANCHOR) && !kind.is_of(&licences::LAPSE));
    }
}
