mod licence_decoys;

use super::super::{Attribution, AttributionError, attribute};
use super::*;
use crate::{
    embed::for_tests,
    licensed::{Beyond, Limits},
    testing::{Fixture, IN_PERIOD, MODEL, call_of, call_with, dataset, question, question_of, registry, unit},
    words,
};
use yieldset_rules::usage::{DatasetUse, EMBEDDING_DIMENSIONS, TrainingRun, UsageRecord, Whole};

/// When the model's only training run began, Unix seconds: after all registrations.
const TRAINED: u64 = 1_000;

/// Words that each stand nowhere else.
fn text(from: usize, count: usize) -> String {
    (from..from + count).map(|number| format!("w{number}")).collect::<Vec<_>>().join(" ")
}

/// A dataset whose passage is like nothing.
fn of(slug: &str, account: u8, text: &str) -> Dataset {
    dataset(slug, account, 300, text)
}

/// An output with a token for each word, like nothing.
fn output(text: &str) -> UsageRecord {
    let tokens = words::runs(text).0;
    call_with(&format!("{:?}", text.len()), tokens, IN_PERIOD, unit(301, 1_000_000), text)
}

/// Attributes with the datasets registered in their order, a second apart.
async fn attributed(
    outputs: Vec<UsageRecord>,
    datasets: &[Dataset],
    common_from: u16,
) -> Result<Attribution, AttributionError> {
    let read = |one: &Dataset| DatasetUse { manifest_hash: one.manifest_hash, epochs: 1, tokens: 1 };
    let run = UsageRecord::TrainingRun(TrainingRun {
        run_id: "run".into(),
        model: MODEL.into(),
        started_ms: TRAINED * 1_000,
        ended_ms: TRAINED * 1_000,
        datasets: datasets.iter().map(read).collect(),
        ingestion_digest: [0; 32],
        base: None,
    });
    let registry = registry(datasets, |at| at as u64 + 1);
    let fixture = Fixture::new().await;
    let log = fixture.log_of(outputs.into_iter().chain([run]).collect()).await;
    let limits = Limits { common_from, ..Limits::default() };
    attribute(&log, datasets, &Question { limits, ..question_of(&log, &registry) })
}

/// Tokens by account.
async fn paid(outputs: Vec<UsageRecord>, datasets: &[Dataset], common_from: u16) -> Vec<(u8, u64)> {
    let found = attributed(outputs, datasets, common_from).await.expect("attributed");
    let sum: u64 = found.contributors.iter().map(|one| one.tokens).sum();
    assert_eq!(sum, found.totals.attributed_tokens);
    found.contributors.iter().filter(|one| one.tokens > 0).map(|one| (one.account[0], one.tokens)).collect()
}

/// Proves ATT-12 and ATT-6: of an output that is half one creator's and half another's each gets its words, and what is
/// the model's own is nobody's; the line says which words are whose.
#[tokio::test]
async fn each_word_is_paid_to_where_it_stands() {
    let datasets = [of("a/a", 1, &text(0, 200)), of("b/b", 2, &text(1_000, 200))];
    let mixed = format!("{} {} {}", text(40, 30), text(5_000, 20), text(1_100, 50));
    assert_eq!(paid(vec![output(&mixed)], &datasets, 0).await, [(1, 30), (2, 50)]);
    let found = attributed(vec![output(&mixed)], &datasets, 0).await.expect("attributed");
    let sources: Vec<_> = found.outputs[0]
        .sources
        .iter()
        .map(|one| (one.start, one.words, one.account[0], one.place, one.score))
        .collect();
    assert_eq!(sources, [(0, 30, 1, 40, 1_000_000), (50, 50, 2, 100, 1_000_000)]);
    assert_eq!((found.totals.qualifying_calls, found.totals.attributed_tokens, found.totals.tokens), (1, 80, 100));
    // A thousand words, of which 190 are a creator's: its part, not all.
    let part = format!("{} {}", text(10, 190), text(9_000, 810));
    assert_eq!(paid(vec![output(&part)], &datasets, 0).await, [(1, 190)]);
}

/// Proves ATT-12: a quote is found wherever it stands in an output. Before, 48 words in 150 of filler were not, nor 150
/// words after 220 others.
#[tokio::test]
async fn quotes_are_found_wherever_they_stand() {
    let datasets = [of("a/a", 1, &text(0, 400))];
    for (before, quote, after) in [(75, 48, 75), (220, 150, 0), (0, 12, 500), (2_000, 40, 500)] {
        let all = format!("{} {} {}", text(5_000, before), text(100, quote), text(8_000, after));
        assert_eq!(paid(vec![output(&all)], &datasets, 0).await, [(1, quote as u64)], "{before} {quote} {after}");
    }
    let too_short = format!("{} {}", text(100, 11), text(5_000, 100));
    assert_eq!(paid(vec![output(&too_short)], &datasets, 0).await, []);
}

/// Proves ATT-12: invisible characters, letters of another alphabet that look alike, letters spaced apart, capitals,
/// typography and words cut at a line's end hide no quote.
#[tokio::test]
async fn a_disguise_hides_no_quote() {
    const QUOTE: &str =
        "the lamp upon the northern pier went out before the last of the boats had come home that night";
    let datasets = [of("a/a", 1, QUOTE)];
    let disguises = [
        QUOTE.replace('e', "e\u{200b}"),
        QUOTE.replace('o', "\u{43e}").replace('a', "\u{430}"),
        QUOTE.replace("northern", "n o r t h e r n").replace("before", "b e f o r e"),
        QUOTE.to_uppercase().replace(' ', " — "),
        QUOTE.replace("northern", "nor-\nthern").replace("before", "be\u{ad}fore"),
    ];
    for disguise in disguises {
        assert_eq!(paid(vec![output(&disguise)], &datasets, 0).await, [(1, 19)], "{disguise}");
    }
}

/// Proves ATT-11: copies of a work take nothing from its author and earn nothing, however many accounts have them,
/// whatever is put around them and in whatever order they are; and copying makes no common good of it. Before, five
/// copies cut the author's 200 tokens to 34.
#[tokio::test]
async fn copies_take_nothing_from_the_author() {
    let work = text(0, 400);
    let (first, second) = (text(0, 200), text(200, 200));
    let notice = "Permission is hereby granted, free of charge, to any person obtaining a copy of this software and \
                  associated documentation files";
    let attacks: [(&str, Vec<String>); 5] = [
        ("copy", vec![work.clone(); 5]),
        ("split", (0..10).map(|at| text(at * 40, 40)).collect()),
        ("reorder", vec![format!("{second} {first}")]),
        ("pad", vec![format!("{notice} {work} {notice}"); 3]),
        ("own words around", vec![format!("{} {work} {}", text(7_000, 100), text(8_000, 100))]),
    ];
    for (attack, copies) in attacks {
        let mut datasets = vec![of("a/a", 100, &work)];
        datasets.extend(copies.iter().enumerate().map(|(at, copy)| of(&format!("{at}/copy"), at as u8 + 1, copy)));
        for common_from in [0, 3] {
            let outputs = vec![output(&text(50, 150)), output(&format!("{} {}", text(190, 60), text(9_000, 20)))];
            assert_eq!(paid(outputs, &datasets, common_from).await, [(100, 210)], "{attack} {common_from}");
        }
    }
    // The copy that was registered first is the original, as far as anybody can tell.
    let datasets = [of("c/copy", 1, &work), of("a/a", 100, &work)];
    assert_eq!(paid(vec![output(&text(50, 150))], &datasets, 0).await, [(1, 150)]);
}

/// Proves ATT-11: one text in twenty datasets of one account earns what it earns in one.
#[tokio::test]
async fn a_text_registered_often_earns_once() {
    let once = [of("a/a", 1, &text(0, 400)), of("b/b", 2, &text(1_000, 400))];
    let mut often = once.to_vec();
    often.extend((0..19).map(|at| of(&format!("a/again-{at}"), 1, &text(0, 400))));
    let outputs = vec![output(&format!("{} {}", text(50, 60), text(1_050, 60)))];
    assert_eq!(paid(outputs.clone(), &once, 0).await, [(1, 60), (2, 60)]);
    assert_eq!(paid(outputs, &often, 0).await, [(1, 60), (2, 60)]);
    // Nor by likeness, by what is near the other's and unlike it: a cosine of 0.75.
    let like = call_with("like", 100, IN_PERIOD, unit(9, 1_000_000), &text(6_000, 30));
    let mine = |at: usize| towards(&format!("a/{at}"), 1, (9, 10, 870_000));
    let others = towards("b/b", 2, (9, 11, 870_000));
    let twenty: Vec<Dataset> = (0..20).map(mine).chain([others]).collect();
    assert_eq!(paid(vec![like], &twenty, 0).await, [(1, 50), (2, 50)]);
}

/// Proves ATT-11's commons: a notice is nobody's, whoever registers it; nor is what as many creators have as the terms
/// say; one creator fewer is too few.
#[tokio::test]
async fn what_everybody_has_is_nobodys() {
    let licence = "Permission is hereby granted, free of charge, to any person obtaining a copy of this software and \
                   associated documentation files (the \"Software\"), to deal in the Software without restriction";
    let squatter = [of("a/a", 1, licence), of("b/b", 2, &text(0, 50))];
    assert_eq!(paid(vec![output(licence)], &squatter, 0).await, []);
    let saying = text(3_000, 20);
    let with = |slug: &str, account: u8, from: usize| of(slug, account, &format!("{} {saying}", text(from, 100)));
    let datasets = [with("a/a", 1, 0), with("b/b", 2, 1_000), with("c/c", 3, 2_000)];
    let said = vec![output(&saying)];
    assert_eq!(paid(said.clone(), &datasets, 0).await, [(1, 20)]);
    assert_eq!(paid(said.clone(), &datasets, 4).await, [(1, 20)]);
    assert_eq!(paid(said, &datasets, 3).await, []);
    assert_eq!(paid(vec![output(&text(1_000, 60))], &datasets, 3).await, [(2, 60)]);
}

/// Ten stock phrases earn nothing: before, a greeting, a refusal and a thank-you were paid for.
#[tokio::test]
async fn stock_phrases_earn_nothing() {
    let phrases = ["Hello! How can I help you today?", "I'm sorry, but I can't help with that.", "Yes.", "Thank you!"];
    let mut squatter = of("s/phrases", 1, phrases[0]);
    squatter.tables = words::tables(&phrases, for_tests()).expect("embedded");
    squatter.files = (0..phrases.len()).map(|at| format!("texts/{at}.txt")).collect();
    let outputs: Vec<UsageRecord> = phrases
        .iter()
        .zip(words::of_outputs(&phrases, for_tests()).expect("embedded"))
        .map(|(phrase, words)| call_of(phrase, 9, IN_PERIOD, Evidence::Words(words), phrase))
        .collect();
    assert_eq!(paid(outputs, &[squatter], 0).await, []);
}

/// A dataset whose passage is so much along one axis, and for the rest along another.
fn towards(slug: &str, account: u8, (axis, other, millionths): (usize, usize, u32)) -> Dataset {
    // Nobody's have words that no other text here has.
    let from = if account == 0 { 50_000 } else { 1_000 * usize::from(account) };
    let mut dataset = of(slug, account, &text(from, 30));
    let mut embedding = unit(axis, millionths);
    embedding.swap(other, EMBEDDING_DIMENSIONS - 1);
    dataset.tables[0].passages[0].embedding = words::quantized(&embedding);
    dataset
}

/// Proves ATT-5 and ATT-6: what stands nowhere is shared by likeness above the threshold, in proportion to the excess;
/// words that stand somewhere are not shared again, and a passage that mostly does is not compared.
#[tokio::test]
async fn likeness_shares_what_spans_leave() {
    let datasets =
        [towards("a/a", 1, (3, 10, 900_000)), towards("b/b", 2, (3, 11, 840_000)), towards("c/c", 3, (3, 12, 760_000))];
    let free = call_with("free", 100, IN_PERIOD, unit(3, 1_000_000), &text(9_000, 40));
    // 114 and 107 of 127: cosines 0.897637 and 0.842519, and no topic: scores less by 0.065, 132,637 and 77,519 above.
    let found = attributed(vec![free], &datasets, 0).await.expect("attributed");
    let scores: Vec<_> =
        found.outputs[0].scores.iter().map(|one| (one.account[0], one.score, one.qualifies, one.tokens)).collect();
    assert_eq!(scores[..2], [(1, 832_637, true, 63), (2, 777_519, true, 37)]);
    // 97 of 127: 0.763779.
    assert_eq!(scores[2], (3, 698_779, false, 0));
    // Ten words stand in c's text, thirty are left of forty: three quarters.
    let quoting = |quoted: usize| {
        let text = format!("{} {}", text(3_000, quoted), text(9_000, 40 - quoted));
        call_with(&quoted.to_string(), 40, IN_PERIOD, unit(3, 1_000_000), &text)
    };
    assert_eq!(paid(vec![quoting(12)], &datasets, 0).await, [(3, 12)]);
    let mut halves = quoting(12);
    let UsageRecord::InferenceCall(call) = &mut halves else { unreachable!("a call") };
    let Evidence::Words(words) = &mut call.evidence else { unreachable!("version 2") };
    words.passages[0].start = 12;
    words.passages[0].words = 28;
    // 28 words as 132,637 to 77,519: 17.7 and 10.3.
    assert_eq!(paid(vec![halves], &datasets, 0).await, [(1, 18), (2, 10), (3, 12)]);
}

/// A passage of fewer words than the least is nobody's by likeness.
#[tokio::test]
async fn short_passages_are_nobodys() {
    let datasets = [dataset("a/a", 1, 3, &text(0, 30))];
    let like = |words: usize| call_with("like", 10, IN_PERIOD, unit(3, 1_000_000), &text(9_000, words));
    assert_eq!(paid(vec![like(LEAST)], &datasets, 0).await, [(1, 10)]);
    assert_eq!(paid(vec![like(LEAST - 1)], &datasets, 0).await, []);
}

/// Proves ATT-11: a copy earns nothing by likeness either, word for word or rewritten with synonyms: it is like an
/// earlier passage of another's. One's own second version, and what was registered first, are compared.
#[tokio::test]
async fn a_copy_is_like_nothing() {
    let author = || dataset("a/a", 1, 3, &text(0, 30));
    let like = call_with("like", 10, IN_PERIOD, unit(3, 1_000_000), &text(9_000, 30));
    let copy = dataset("c/copy", 2, 3, &text(0, 30));
    assert_eq!(paid(vec![like.clone()], &[author(), copy], 0).await, [(1, 10)]);
    let rewritten = || towards("c/rewritten", 2, (3, 10, 950_000));
    let quote = output(&text(0, 30));
    assert_eq!(paid(vec![like.clone(), quote], &[author(), rewritten()], 0).await, [(1, 40)]);
    assert_eq!(paid(vec![like.clone()], &[rewritten(), author()], 0).await, [(2, 10)]);
    let second = towards("a/second", 1, (3, 10, 950_000));
    assert_eq!(paid(vec![like], &[author(), second], 0).await, [(1, 10)]);
}

/// Proves ATT-10: decoys are compared in every run, and what is like one or quotes one is a false hit, which the report
/// signs. Whoever registers a decoy's text earns nothing by it.
#[tokio::test]
async fn decoys_are_scored_in_every_run() {
    let decoy = decoys::DECOYS[0][1];
    let datasets = [of("a/a", 1, &text(0, 200)), of("s/squatter", 2, decoy)];
    let quote: String = decoy.split_whitespace().take(40).collect::<Vec<_>>().join(" ");
    let passage = &decoys::tables()[1][0].passages[0];
    let mut like = call_with("like", 10, IN_PERIOD, unit(301, 1_000_000), &text(9_000, 64));
    let UsageRecord::InferenceCall(call) = &mut like else { unreachable!("a call") };
    let Evidence::Words(of_call) = &mut call.evidence else { unreachable!("version 2") };
    of_call.passages = vec![Passage { start: 0, words: 64, ..passage.clone() }];
    let silent = call_with("silent", 0, IN_PERIOD, unit(301, 1_000_000), &quote);
    let outputs = vec![output(&text(10, 60)), output(&quote), like, silent];
    let found = attributed(outputs, &datasets, 0).await.expect("attributed");
    assert_eq!(found.decoys, Some(Decoys { hits: 3, decoy_hits: 2, datasets: 2, decoys: 2 }));
    assert_eq!(found.totals.attributed_tokens, 60);
    let hits: Vec<_> = found.decoy_hits.iter().map(|hit| (hit.leaf, &hit.decoy[..], hit.verbatim)).collect();
    assert_eq!(hits, [(1, "decoy-1", true), (2, "decoy-2", false)], "by call, to be looked at");
    let settled = crate::settlement::settle(&found);
    assert_eq!(settled.decoys, found.decoys);
}

/// A record that was made for the other version of the metric does not count, and is told: by neither version.
#[tokio::test]
async fn records_of_the_other_version_are_told() {
    let datasets = [of("a/a", 1, &text(0, 200))];
    let whole = Whole { embedding: unit(0, 1_000_000), fingerprints: vec![1] };
    let old = call_of("old", 50, IN_PERIOD, Evidence::Whole(whole), "");
    let found = attributed(vec![output(&text(10, 60)), old], &datasets, 0).await.expect("attributed");
    assert_eq!((found.totals.calls, found.totals.tokens), (1, 60));
    let uncounted: Vec<_> = found.uncounted.iter().map(|one| (one.call_id.as_str(), one.tokens, one.reason)).collect();
    assert_eq!(uncounted, [("old", 50, Beyond::OtherEvidence)]);
}

/// Proves ATT-6's repeatability: one thread and two come to the same, bit for bit.
#[tokio::test]
async fn threads_change_nothing() {
    let datasets: Vec<Dataset> = (0..6)
        .map(|at| dataset(&format!("d/{at}"), at, 3 + usize::from(at % 2), &text(usize::from(at) * 150, 200)))
        .collect();
    let outputs: Vec<UsageRecord> = (0..40)
        .map(|at| {
            let all = format!("{} {}", text(at * 20, 30), text(90_000 + at * 100, 40));
            call_with(&at.to_string(), 70, IN_PERIOD, unit(3 + at % 3, 950_000), &all)
        })
        .collect();
    let fixture = Fixture::new().await;
    let log = fixture.log_of(outputs).await;
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        let limits = Limits { common_from: 3, ..Limits::default() };
        let question = Question { limits, ..question(log.size()) };
        pool.install(|| attribute(&log, &datasets, &question)).expect("attributed")
    };
    let one = with(1);
    assert!(one.totals.attributed_tokens > 0);
    assert_eq!(one, with(2));
}

/// Proves ATT-4 and ATT-5 on the real model: unrelated texts of a language that it does not know are not paid. Before,
/// unrelated Thai scored 0.885 and Korean 0.894.
#[tokio::test]
async fn other_languages_are_compared_by_their_words() {
    let thai = [
        "นกกระสายืนอยู่ในน้ำตื้นข้างโรงสีเก่าและไม่ขยับจนกระทั่งเสียงระฆังยามเย็นดังขึ้น",
        "วิธีทำแกงเขียวหวานไก่ต้องใช้กะทิสดและพริกแกงที่ตำใหม่ทุกครั้งก่อนปรุงอาหาร",
    ];
    let korean = [
        "왜가리는 오래된 방앗간 옆 얕은 물에 서서 저녁 종이 울릴 때까지 움직이지 않았다 그리고 아무도 그 새를 다시 보지 못했다고 한다",
        "새 휴대전화를 처음 켤 때는 먼저 언어와 무선 연결을 고르고 비밀번호를 정한 다음 예전 기기에서 자료를 옮기면 된다고 설명서에 나온다",
    ];
    for [own, other] in [thai, korean] {
        let mut dataset = of("a/a", 1, own);
        dataset.tables = words::tables(&[own], for_tests()).expect("embedded");
        let tables = words::of_outputs(&[own, other], for_tests()).expect("embedded");
        let [quote, unrelated] =
            [0, 1].map(|at: usize| call_of(&at.to_string(), 30, IN_PERIOD, Evidence::Words(tables[at].clone()), ""));
        assert_eq!(paid(vec![unrelated], std::slice::from_ref(&dataset), 0).await, []);
        assert_eq!(paid(vec![quote], &[dataset], 0).await, [(1, 30)]);
    }
}

/// Proves ATT-12 in scripts with and without spaces: a quote is its creator's, word for word or letter for letter, and
/// an unrelated text of the same script is nobody's.
#[tokio::test]
async fn every_script_is_compared_by_its_words() {
    let texts = [
        (
            "苍鹭站在旧磨坊旁边的浅水里一动不动直到傍晚的钟声响起人们再也没有见过它",
            "做红烧肉要先把五花肉切成方块用冷水煮开撇去浮沫再加糖和酱油小火慢炖",
        ),
        (
            "青鷺は古い水車小屋のそばの浅瀬に立ち夕方の鐘が鳴るまで動かなかったという",
            "新しい電話を初めて使うときは言語を選び暗証番号を決めてから記録を移してください",
        ),
        (
            "وقف مالك الحزين في الماء الضحل قرب الطاحونة القديمة ولم يتحرك حتى دق جرس المساء ثم لم يره أحد بعد ذلك",
            "لتغيير إطار السيارة أرخ الصواميل أولا ثم ارفع السيارة بالرافعة وضع الإطار الجديد وأحكم ربط الصواميل جيدا مرة أخرى",
        ),
        (
            "बगुला पुरानी चक्की के पास उथले पानी में खड़ा रहा और शाम की घंटी बजने तक हिला नहीं फिर किसी ने उसे नहीं देखा",
            "चावल को पहले दो बार धोकर आधा घंटा भिगो दें फिर उबलते पानी में नमक डालकर धीमी आँच पर बीस मिनट पकाएँ और ढककर रखें",
        ),
    ];
    for (own, other) in texts {
        let (datasets, words) = ([of("a/a", 1, own)], u64::from(words::runs(own).0));
        assert_eq!(paid(vec![output(own)], &datasets, 0).await, [(1, words)], "{own}");
        assert_eq!(paid(vec![output(other)], &datasets, 0).await, [], "{other}");
    }
}

/// Proves ATT-5: words that two passages share make them likelier: a cosine that alone is too little is enough with
/// them. And a topic makes passages less like: where five more places are as near, whoever has them, the same is too
/// little. So who splits a corpus, or has a large one, gains nothing by it.
#[tokio::test]
async fn names_count_for_a_passage_and_its_topic_against_it() {
    let named = |mut dataset: Dataset, keywords: std::ops::Range<u16>| {
        dataset.tables[0].passages[0].keywords = keywords.collect();
        dataset
    };
    let output = |keywords: std::ops::Range<u16>| {
        let mut call = call_with("like", 10, IN_PERIOD, unit(3, 1_000_000), &text(9_000, 40));
        let UsageRecord::InferenceCall(of_call) = &mut call else { unreachable!("a call") };
        let Evidence::Words(words) = &mut of_call.evidence else { unreachable!("version 2") };
        words.passages[0].keywords = keywords.collect();
        call
    };
    // 94 of 127: 0.740157, and with a half of a third 0.906823; less 0.065 it is 0.841823.
    let creator = || named(towards("a/a", 1, (3, 10, 740_000)), 0..10);
    assert_eq!(paid(vec![output(5..15)], &[creator()], 0).await, [(1, 10)]);
    assert_eq!(paid(vec![output(10..20)], &[creator()], 0).await, []);
    let found = attributed(vec![output(5..15)], &[creator()], 0).await.expect("attributed");
    assert_eq!(found.outputs[0].scores[0].score, 841_823);
    // Others on its topic: each along an axis of its own, and with 0.700787 near to the output, but not to each other.
    // Four change nothing; of five 0.65 are taken off, which leaves 0.541823. One place five times is one.
    let topic = |at: usize| towards(&format!("t/{at}"), at as u8 + 2, (3, 20 + at, 700_000));
    let with = |others: usize| [vec![creator()], (0..others).map(topic).collect()].concat();
    assert_eq!(paid(vec![output(5..15)], &with(4), 0).await, [(1, 10)]);
    assert_eq!(paid(vec![output(5..15)], &with(5), 0).await, []);
    let again = (0..5).map(|at| towards(&format!("t/again-{at}"), 2, (3, 20, 700_000)));
    let often: Vec<Dataset> = [creator()].into_iter().chain(again).collect();
    assert_eq!(paid(vec![output(5..15)], &often, 0).await, [(1, 10)]);
}
