use super::*;
use alloc::{vec, vec::Vec};
use proptest::prelude::*;
use ruint::aliases::U256;

const PROPOSER: [u8; 20] = [1; 20];

fn settings(timelock: u32) -> Settings {
    Settings { voting_delay: 5, voting_period: 10, quorum_bps: 2_000, proposal_threshold: 1, timelock, grace: 7 }
}

/// Made in second 100: snapshot 105, deadline 115.
fn proposal(in_favour: u128, against: u128, abstain: u128) -> Proposal {
    let proposal = Proposal::new(PROPOSER, &settings(3), 100);
    Proposal { in_favour, against, abstain, supply: 1_000, ..proposal }
}

/// Proves LIC-12: each state at its first and its last second.
#[test]
fn states_begin_and_end_at_their_seconds() {
    use ProposalState::*;
    let good = proposal(200, 199, 0);
    assert_eq!((good.snapshot, good.deadline), (105, 115));
    let with_lock = [(100, Pending), (105, Pending), (106, Active), (115, Active), (116, Queued), (125, Queued)];
    for (block, state) in with_lock.into_iter().chain([(126, Expired), (u64::MAX, Expired)]) {
        assert_eq!(good.state(&settings(3), block), state, "block {block}");
    }
    for (block, state) in [(115, Active), (116, Succeeded), (122, Succeeded), (123, Expired)] {
        assert_eq!(good.state(&settings(0), block), state, "block {block}, no timelock");
    }
    let bad = proposal(199, 0, 0);
    for (block, state) in [(105, Pending), (115, Active), (116, Defeated), (u64::MAX, Defeated)] {
        assert_eq!(bad.state(&settings(3), block), state, "block {block}, no quorum");
    }
    for block in [100, 106, 116, 126] {
        assert_eq!(Proposal { canceled: true, ..good }.state(&settings(3), block), Canceled);
        assert_eq!(Proposal { executed: true, ..good }.state(&settings(3), block), Executed);
    }
}

/// The whole small domain: every state, every vote, every second from proposal to expiry.
#[test]
fn execution_is_possible_exactly_between_timelock_and_expiry() {
    for timelock in 0..4 {
        let settings = settings(timelock);
        for block in 100..140 {
            let mut proposal = proposal(200, 0, 0);
            let open = (116 + u64::from(timelock)..123 + u64::from(timelock)).contains(&block);
            let result = proposal.execute(&settings, block);
            assert_eq!(result.is_ok(), open, "timelock {timelock}, block {block}");
            assert_eq!(proposal.executed, open);
            if block > 115 && block < 116 + u64::from(timelock) {
                assert_eq!(result, Err(GovernanceError::UnmetDelay { eta: 116 + u64::from(timelock) }));
            }
            if open {
                let state = ProposalState::Executed;
                let again = Err(GovernanceError::UnexpectedState { state, expected: 0b11_0000 });
                assert_eq!(proposal.execute(&settings, block), again);
            }
        }
    }
}

#[test]
fn the_proposer_cancels_while_pending_and_nobody_else() {
    for block in 100..140 {
        let mut proposal = proposal(200, 0, 0);
        assert_eq!(proposal.cancel(&[2; 20], &settings(3), block), Err(GovernanceError::UnableToCancel));
        assert_eq!(proposal.cancel(&PROPOSER, &settings(3), block).is_ok(), block <= 105);
        assert_eq!(proposal.canceled, block <= 105);
        assert_eq!(proposal.cancel(&PROPOSER, &settings(3), block), Err(GovernanceError::UnableToCancel), "once");
    }
}

/// Proves LIC-12: quorum counts yes and abstain, the majority yes against no, and a tie is a no.
#[test]
fn quorum_and_majority() {
    for (in_favour, against, abstain, succeeds) in [
        (200, 0, 0, true),
        (199, 0, 0, false),
        (199, 0, 1, true),
        (1, 0, 199, true),
        (0, 0, 1_000, false),
        (300, 300, 400, false),
        (301, 300, 0, true),
        (0, 1_000, 0, false),
        (150, 800, 50, false),
    ] {
        let proposal = proposal(in_favour, against, abstain);
        assert_eq!(proposal.succeeded(&settings(3)), succeeds, "{in_favour}/{against}/{abstain}");
    }
    // Nobody voted: the supply was never asked for, and the quorum of nothing is nothing.
    assert!(!Proposal::new(PROPOSER, &settings(3), 100).succeeded(&settings(3)));
}

#[test]
fn a_vote_has_weight_and_all_votes_fit_the_supply() {
    let mut proposal = Proposal::new(PROPOSER, &settings(3), 100);
    assert_eq!(proposal.count(Support::For, 0, 1_000), Err(GovernanceError::NoVotes));
    let over = GovernanceError::VotesExceedSupply { votes: 1_001, supply: 1_000 };
    assert_eq!(proposal.count(Support::For, 1_001, 1_000), Err(over));
    assert_eq!(proposal.supply, 0);
    proposal.count(Support::For, 600, 1_000).unwrap();
    proposal.count(Support::Against, 300, 1_000).unwrap();
    proposal.count(Support::Abstain, 100, 1_000).unwrap();
    assert_eq!(proposal.count(Support::Abstain, 1, 1_000), Err(over));
    let most = GovernanceError::VotesExceedSupply { votes: u128::MAX, supply: 1_000 };
    assert_eq!(proposal.count(Support::For, u128::MAX, 1_000), Err(most));
    assert_eq!((proposal.in_favour, proposal.against, proposal.abstain), (600, 300, 100));
    for (number, support) in [(0, Support::Against), (1, Support::For), (2, Support::Abstain)] {
        assert_eq!(Support::from_number(number), Ok(support));
    }
    assert_eq!(Support::from_number(3), Err(GovernanceError::InvalidVoteType));
}

#[test]
fn settings_that_cannot_hold_a_vote_are_refused() {
    let good = settings(0);
    assert_eq!(good.check(), Ok(()));
    assert_eq!(Settings { quorum_bps: 10_000, voting_delay: 0, proposal_threshold: 0, ..good }.check(), Ok(()));
    assert_eq!(Settings { quorum_bps: 1, voting_period: 1, grace: 1, ..good }.check(), Ok(()));
    for bad in [
        Settings { voting_period: 0, ..good },
        Settings { grace: 0, ..good },
        Settings { quorum_bps: 0, ..good },
        Settings { quorum_bps: 10_001, ..good },
    ] {
        assert_eq!(bad.check(), Err(GovernanceError::InvalidSettings));
    }
    // The longest of all delays still is a block number.
    let longest = Settings { voting_delay: u32::MAX, voting_period: u32::MAX, timelock: u32::MAX, ..good };
    assert_eq!(Proposal::new(PROPOSER, &longest, 7).eta(&longest), 3 * u64::from(u32::MAX) + 8);
}

#[test]
fn actions_are_bounded() {
    let data: &[u8] = &[0; MAX_CALLDATA + 1];
    assert_eq!(check_actions(1, 1, &[&data[1..]]), Ok(()));
    assert_eq!(check_actions(4, 4, &[&data[..0]; 4]), Ok(()));
    assert_eq!(check_actions(2, 2, &[&[], data]), Err(GovernanceError::TooLong { length: 1_025, most: 1_024 }));
    for (targets, values, calldatas) in [(0, 0, 0), (5, 5, 5), (1, 2, 1), (2, 1, 2), (2, 2, 1)] {
        let refused = Err(GovernanceError::ProposalLength);
        assert_eq!(check_actions(targets, values, &vec![&[][..]; calldatas]), refused);
    }
    assert_eq!(check_length(MAX_REASON, MAX_REASON), Ok(()));
}

#[test]
fn a_token_that_answers_false_has_refused() {
    let word = |last: u8| {
        let mut word = [0; 32];
        word[31] = last;
        word
    };
    let mut large = word(1);
    large[0] = 1;
    for selector in TOKEN_SELECTORS {
        let calldata = [&selector[..], &[0; 64]].concat();
        assert!(!is_token_refusal(&calldata, &[]));
        assert!(!is_token_refusal(&calldata, &word(1)));
        for refusal in [&word(0)[..], &word(2), &large, &[1], &word(1)[1..]] {
            assert!(is_token_refusal(&calldata, refusal));
        }
        assert!(!is_token_refusal(&calldata[1..], &word(0)));
        assert!(!is_token_refusal(&calldata[..3], &word(0)));
    }
    assert!(!is_token_refusal(&[1, 2, 3, 4], &word(0)), "another message may answer with zero");
}

/// The layout by hand: heads, then lists, then padded bytes.
#[test]
fn actions_are_encoded_as_solidity_does() {
    let actions = Actions { targets: &[[9; 20], [8; 20]], values: &[7, 6], calldatas: &[&[5; 33], &[]] };
    let bytes = actions.encode(&[4; 32]);
    let word = |n: usize| &bytes[32 * n..32 * n + 32];
    let number = |n: usize| U256::from_be_slice(word(n)).to::<u64>();
    assert_eq!(bytes.len(), 32 * 17);
    assert_eq!((number(0), number(1), number(2)), (0x80, 0xe0, 0x140));
    assert_eq!(word(3), [4; 32]);
    assert_eq!((number(4), &word(5)[12..], &word(6)[12..]), (2, &[9; 20][..], &[8; 20][..]));
    assert_eq!((number(7), number(8), number(9)), (2, 7, 6));
    assert_eq!((number(10), number(11), number(12)), (2, 0x40, 0xa0));
    assert_eq!((number(13), word(14), word(15)[0], word(15)[1]), (33, &[5; 32][..], 5, 0));
    assert_eq!(number(16), 0);
}

#[test]
fn events_are_encoded_as_solidity_does() {
    let word = |bytes: &[u8], n: usize| U256::from_be_slice(&bytes[32 * n..32 * n + 32]).to::<u128>();
    let actions = Actions { targets: &[[9; 20]], values: &[7], calldatas: &[&[5; 4]] };
    let bytes = actions.encode_created(&[3; 32], &proposal(0, 0, 0), "Pay");
    assert_eq!((bytes.len(), &bytes[..32], &bytes[44..64]), (32 * 22, &[3; 32][..], &[1; 20][..]));
    let heads: Vec<_> = (2..9).map(|n| word(&bytes, n)).collect();
    assert_eq!(heads, [0x120, 0x160, 0x1a0, 0x200, 105, 115, 0x280]);
    // One target, one value, one empty signature, one call of four bytes, the text.
    let lists: Vec<_> = [9, 11, 12, 13, 14, 15, 16, 17, 18, 20].map(|n| word(&bytes, n)).to_vec();
    assert_eq!(lists, [1, 1, 7, 1, 32, 0, 1, 32, 4, 3]);
    assert_eq!((&bytes[32 * 19..32 * 19 + 5], &bytes[32 * 21..32 * 21 + 4]), (&[5, 5, 5, 5, 0][..], &b"Pay\0"[..]));
    let bytes = encode_vote(&[3; 32], Support::Abstain, 44, "no");
    assert_eq!((bytes.len(), &bytes[..32], &bytes[160..163]), (32 * 6, &[3; 32][..], &b"no\0"[..]));
    assert_eq!((1..5).map(|n| word(&bytes, n)).collect::<Vec<_>>(), [2, 44, 128, 2]);
}

#[test]
fn the_layout_is_fixed() {
    assert_eq!((Settings::LEN, Proposal::LEN), (34, 102));
    let bytes = Proposal { executed: true, ..Proposal::default() }.to_bytes();
    assert_eq!((bytes[100], bytes[101]), (0, 1));
    let settings = settings(3);
    assert_eq!(Settings::from_bytes(&settings.to_bytes()), settings);
}

proptest! {
    /// The quorum is the least number of shares that is not less than the part: ⌈supply · bps / 10 000⌉.
    #[test]
    fn the_quorum_is_rounded_up(supply: u128, quorum_bps in 1u16..=10_000) {
        let quorum = Settings { quorum_bps, ..settings(0) }.quorum(supply);
        let exact = U256::from(supply) * U256::from(quorum_bps);
        let whole = U256::from(10_000);
        prop_assert!(U256::from(quorum) * whole >= exact);
        prop_assert!(quorum == 0 || U256::from(quorum - 1) * whole < exact);
        prop_assert!(quorum <= supply);
    }

    /// Proves LIC-12: the tally is that of a plain list of votes, never above the supply, and decides as the list does.
    #[test]
    fn the_tally_is_that_of_a_list(votes in prop::collection::vec((0u8..4, 0u128..400), 0..12), bps in 1u16..=10_000) {
        let settings = Settings { quorum_bps: bps, ..settings(0) };
        let mut proposal = Proposal::new(PROPOSER, &settings, 100);
        let (mut sums, supply) = ([0u128; 3], 1_000u128);
        for (number, weight) in votes {
            let before = proposal;
            let result = Support::from_number(number).and_then(|support| proposal.count(support, weight, supply));
            let fits = weight > 0 && sums.iter().sum::<u128>() + weight <= supply && number < 3;
            prop_assert_eq!(result.is_ok(), fits);
            if fits {
                sums[usize::from(number)] += weight;
            } else {
                prop_assert_eq!(proposal, before);
            }
            prop_assert_eq!([proposal.against, proposal.in_favour, proposal.abstain], sums);
        }
        let enough = (sums[1] + sums[2]) * 10_000 >= supply * u128::from(bps);
        prop_assert_eq!(proposal.succeeded(&settings), sums.iter().sum::<u128>() > 0 && enough && sums[1] > sums[0]);
    }
}

/// Proves SAFE-11: only the account that a description names proposes it. Each line is a case of OpenZeppelin's
/// `_isValidDescriptionForProposer`: no suffix, a broken one, upper and lower case, another's.
#[test]
fn a_description_with_a_proposer_is_its_own() {
    let mine = "0101010101010101010101010101010101010101";
    let theirs = "aBcDeF0101010101010101010101010101010101";
    let with = |suffix: &str| check_proposer(alloc::format!("Pay the auditor{suffix}").as_bytes(), &PROPOSER);
    for free in [
        alloc::string::String::new(),
        alloc::format!("#proposer=0x{}", &mine[1..]),
        alloc::format!("#proposer={mine}00"),
        alloc::format!("#proposer=0x{theirs}."),
        alloc::format!("#proposer=0x{}g", &theirs[1..]),
        alloc::format!("#PROPOSER=0x{theirs}"),
    ] {
        assert_eq!(with(&free), Ok(()), "{free:?}");
    }
    assert_eq!(with(&alloc::format!("#proposer=0x{mine}")), Ok(()));
    let refused = Err(GovernanceError::RestrictedProposer);
    assert_eq!(with(&alloc::format!("#proposer=0x{theirs}")), refused);
    let named = [0xab, 0xcd, 0xef, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1];
    for text in [alloc::format!("#proposer=0x{theirs}"), alloc::format!("#proposer=0x{}", theirs.to_uppercase())] {
        assert_eq!(check_proposer(text.as_bytes(), &named), Ok(()));
        assert_eq!(check_proposer(text.as_bytes(), &PROPOSER), refused, "nothing before the suffix");
    }
}

/// Proves SAFE-7 and SAFE-13: who is frozen (5) or sanctioned (7) does not vote; a record that is missing or ran out,
/// and a registry that does not answer (23), stop no vote, or nobody could vote for another registry.
#[test]
fn only_the_frozen_and_the_sanctioned_do_not_vote() {
    for code in 0..=u8::MAX {
        let refused = [5, 7].contains(&code);
        let expected = if refused { Err(GovernanceError::Screened { code }) } else { Ok(()) };
        assert_eq!(check_screened(code), expected);
    }
}
