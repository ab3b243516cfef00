//! Acts that a licence's records on chain may make due. Whether they are, its contract is asked.

use yieldset_chain::{
    Address, B256, ChainClient, ChainError, SolValue, U256,
    abi::Licence,
    acts::{
        Act,
        licences::{Breach, Of},
    },
};
use yieldset_rules::{
    licence::Stage,
    period::{quarter_at, quarter_start},
};

/// A licence's records, as far as acts follow from them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Records {
    /// Which one.
    pub of: Of,
    /// Where it stands now.
    pub state: Licence::State,
    /// Its times.
    pub times: Licence::Times,
    /// How many there are of what it counts.
    pub counts: Licence::Counts,
    /// Uses that its terms prohibit, a bit each; zero before an acceptance.
    pub prohibited: u32,
}

/// Words of the ABI's `Terms`; an option's milestones come after them.
const TERMS: usize = yieldset_rules::licence::Terms::WORDS;

/// Reads a licence's records in the state after the block `at`.
///
/// # Errors
/// [`ChainError`].
pub async fn records(
    client: &ChainClient,
    (contract, licence): (Address, B256),
    at: B256,
) -> Result<Records, ChainError> {
    let read = async |record: u8, which: B256| {
        let call = Licence::recordOfCall { licence, record, which };
        Ok::<_, ChainError>(client.read_at(at, contract, &call).await?.concat())
    };
    let state = Licence::State::abi_decode(&read(b'S', B256::ZERO).await?).map_err(undecoded)?;
    let times = Licence::Times::abi_decode(&read(b'T', B256::ZERO).await?).map_err(undecoded)?;
    let counts = Licence::Counts::abi_decode(&read(b'N', B256::ZERO).await?).map_err(undecoded)?;
    let prohibited = match times.acceptedAt {
        0 => 0,
        _ => {
            let option = read(b'O', U256::from(state.option).into()).await?;
            let words = option.get(..TERMS * 32).unwrap_or_default();
            Licence::Terms::abi_decode(words).map_err(undecoded)?.rights.prohibited
        }
    };
    Ok(Records { of: Of { contract, licence }, state, times, counts, prohibited })
}

fn undecoded(error: impl std::fmt::Display) -> ChainError {
    ChainError::Decode { what: "a licence's record", reason: error.to_string() }
}

/// The acts that may be due at a time (Unix seconds), in the order in which they are to be sent: what usage adds before
/// what is missing, and what is missing before what follows from it.
pub fn acts(records: &Records, now: u64) -> Vec<Act> {
    let Records { of, state, times, counts, .. } = records;
    let stage = state.stage;
    if stage == Stage::Accepted as u8 {
        return vec![of.lapse()];
    }
    if stage == Stage::Lapsed as u8 && !state.closed {
        return vec![of.close()];
    }
    if times.activatedAt == 0 {
        return Vec::new();
    }
    let mut acts = Vec::new();
    let over = quarters(times, now);
    acts.extend(over.clone().map(|quarter| of.assess_usage(quarter)));
    acts.extend((1..=counts.audits).map(|number| of.apply_finding(number)));
    acts.extend(over.clone().map(|quarter| of.record_breach(Breach::Report, quarter)));
    acts.extend(over.clone().map(|quarter| of.record_default(quarter)));
    if times.refillBy > 0 {
        acts.push(of.record_default(0));
    }
    for number in 1..=counts.audits {
        acts.extend([Breach::AuditAnswer, Breach::AuditPayment].map(|breach| of.record_breach(breach, number)));
    }
    acts.extend((1..=counts.redactions).map(|number| of.record_breach(Breach::Redaction, number)));
    acts.push(of.true_up(counts.nextYear.max(1)));
    if stage == Stage::Terminated as u8 || stage == Stage::Ended as u8 {
        acts.push(of.record_breach(Breach::Deletion, 0));
        if !state.closed {
            acts.push(of.close());
        }
        // Once the last year is trued up, the escrow pays what is on record.
        acts.extend(over.map(|quarter| of.record_default(quarter)));
        acts.push(of.forfeit_escrow());
    }
    acts
}

/// The licence's quarters that are over.
fn quarters(times: &Licence::Times, now: u64) -> std::ops::Range<u32> {
    let last = quarter_at(times.endsAt.clamp(times.activatedAt, times.activatedAt.max(now)));
    let first = quarter_at(times.activatedAt);
    let over = if quarter_start(last.saturating_add(1)) <= now { last.saturating_add(1) } else { last };
    first..over.max(first)
}

#[cfg(test)]
mod tests {
    use yieldset_chain::acts::{Kind, licences};

    use super::*;

    /// 2026-10-01.
    const BEGINS: u64 = 1_790_812_800;
    const DAY: u64 = 86_400;

    fn licence(stage: Stage, ends: u64) -> Records {
        Records {
            of: Of { contract: Address::repeat_byte(1), licence: B256::repeat_byte(2) },
            state: Licence::State { stage: stage as u8, ..Licence::State::default() },
            times: Licence::Times {
                acceptedAt: BEGINS,
                activatedAt: BEGINS,
                endsAt: ends,
                ..Licence::Times::default()
            },
            counts: Licence::Counts::default(),
            prohibited: 0,
        }
    }

    fn names(records: &Records, now: u64) -> Vec<String> {
        let short = |act: Act| {
            let about = act.about.split_once(' ').map_or("", |(_, which)| which).to_owned();
            format!("{} {about}", act.kind.name).trim().to_owned()
        };
        acts(records, now).into_iter().map(short).collect()
    }

    /// Proves LIC-3, LIC-8 and LIC-10: what may be due of a licence, by its stage, its quarters that are over and its
    /// audits and redactions; nothing of a quarter that runs.
    #[test]
    fn what_a_licence_waits_for_is_found() {
        let mut one = licence(Stage::Active, BEGINS + 365 * DAY);
        assert_eq!(names(&one, BEGINS + 10 * DAY), ["true_up 1"]);
        // 2026Q4 ends with the 92nd day.
        assert_eq!(names(&one, BEGINS + 92 * DAY - 1), ["true_up 1"]);
        let first = ["assess_usage 8107", "record_breach Report 8107", "record_default 8107", "true_up 1"];
        assert_eq!(names(&one, BEGINS + 92 * DAY), first);
        (one.counts.audits, one.counts.redactions, one.counts.nextYear, one.times.refillBy) = (1, 2, 3, 5);
        let busy = [
            "apply_finding 1",
            "record_default 0",
            "record_breach AuditAnswer 1",
            "record_breach AuditPayment 1",
            "record_breach Redaction 1",
            "record_breach Redaction 2",
            "true_up 3",
        ];
        assert_eq!(names(&one, BEGINS + 10 * DAY), busy);
        let mut ended = licence(Stage::Ended, BEGINS + 92 * DAY);
        let end = [
            "true_up 1",
            "record_breach Deletion 0",
            "close",
            // On record before it, and paid from escrow after it.
            "record_default 8107",
            "record_default 8108",
            "forfeit_escrow",
        ];
        let quarters: Vec<String> = names(&ended, BEGINS + 400 * DAY);
        // The quarter of its last second is its last one.
        assert!(quarters.contains(&"assess_usage 8108".to_owned()), "{quarters:?}");
        assert!(!quarters.contains(&"assess_usage 8109".to_owned()), "{quarters:?}");
        assert_eq!(quarters[quarters.len() - 6..], end);
        ended.state.closed = true;
        assert!(!names(&ended, BEGINS + 400 * DAY).contains(&"close".to_owned()));
        let unfunded = Licence::Times { acceptedAt: BEGINS, ..Licence::Times::default() };
        let accepted = Records { times: unfunded.clone(), ..licence(Stage::Accepted, 0) };
        assert_eq!(names(&accepted, BEGINS), ["lapse"]);
        assert_eq!(names(&Records { times: unfunded, ..licence(Stage::Lapsed, 0) }, BEGINS), ["close"]);
        let offered = Records { times: Licence::Times::default(), ..licence(Stage::Offered, 0) };
        assert_eq!(acts(&offered, BEGINS), []);
    }

    /// All that is found anybody may send.
    #[test]
    fn what_is_found_is_anybody_s() {
        let anyone = |kind: &Kind| kind.who == yieldset_chain::acts::Who::Anyone;
        let all = acts(&licence(Stage::Ended, BEGINS + 92 * DAY), BEGINS + 400 * DAY);
        assert!(all.iter().all(|act| anyone(act.kind)));
        assert!(!anyone(&licences::RECORD_VIOLATION));
    }
}
