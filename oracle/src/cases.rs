//! Inputs that came out wrong once, and others of their kind: from creators' files and a platform's lines to who is
//! paid. What came out before stands beside each.

mod commons;
mod copies;
mod formats;
mod mixed;
mod quarters;
mod scripts;
mod tokens;
mod topics;
mod trained;

use std::{fs, path::PathBuf};

use yieldset_rules::usage::{DatasetUse, TrainingRun, UsageRecord};

use crate::{
    attribution::{self, Attribution},
    embed::{self, Embedder},
    files,
    manifest::{Dataset, ManifestError, Request, make},
    metric::DEFAULT_THRESHOLD,
    record::{self, RecordingError},
    testing::{Fixture, MODEL, question_of, registry},
};

/// When the model's training run began, Unix seconds: after all registrations.
const TRAINED: u64 = 1_000;

/// Texts of the corpus, which nobody owns any more.
const MOBY: &str = "melville/moby-dick-chapter-1.txt";
const LINCOLN: &str = "lincoln/annual-message-1862.txt";
const ROOSEVELT: &str = "roosevelt/annual-message-1908-forests-and-waterways.txt";

/// So many words of a text of the corpus, from one on, with a space between.
fn words(text: &str, from: usize, count: usize) -> String {
    let corpus = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/corpus");
    let content = fs::read_to_string(corpus.join(text)).expect("the corpus");
    let words: Vec<&str> = content.split_whitespace().skip(from).take(count).collect();
    assert_eq!(words.len(), count, "{text} is shorter");
    words.join(" ")
}

/// The model, which embeds each of these texts once, and not in each test.
fn embedder() -> &'static Embedder {
    static MODEL: std::sync::OnceLock<Embedder> = std::sync::OnceLock::new();
    let load = || Embedder::load(&embed::default_model_dir()).unwrap_or_else(|error| panic!("{error}"));
    MODEL.get_or_init(|| load().with_cache(files::cache().join("embeddings")))
}

/// A line of an outputs file.
struct Line<'a> {
    id: &'a str,
    tokens: u32,
    text: String,
}

/// With a token for each word but every third, which has two: about what a tokenizer makes of English.
fn line<'a>(id: &'a str, text: impl Into<String>) -> Line<'a> {
    let text = text.into();
    let words = text.split_whitespace().count() as u32;
    Line { id, tokens: words + words / 3, text }
}

/// Dataset versions, in the order in which they were registered; the first account is 1.
struct Works {
    fixture: Fixture,
    datasets: Vec<Dataset>,
}

impl Works {
    /// Made from folders of texts, by slug.
    async fn of<T: AsRef<str>>(works: &[(&str, &[T])]) -> Self {
        let mut made = Self { fixture: Fixture::new().await, datasets: Vec::new() };
        for (slug, texts) in works {
            let texts: Vec<&[u8]> = texts.iter().map(|text| text.as_ref().as_bytes()).collect();
            made.add(slug, &texts).expect("made");
        }
        made
    }

    fn path(&self, name: &str) -> PathBuf {
        self.fixture.folder.path().join(name)
    }

    /// Adds a version of texts in whatever bytes, of an account of its own.
    fn add(&mut self, slug: &str, texts: &[&[u8]]) -> Result<(), ManifestError> {
        let account = self.datasets.len() as u8 + 1;
        self.add_for((account, account), slug, texts)
    }

    /// Adds a version for an account, of a dataset that another one may have registered.
    fn add_for(&mut self, (account, registrant): (u8, u8), slug: &str, texts: &[&[u8]]) -> Result<(), ManifestError> {
        let number = self.datasets.len();
        let [folder, creator, out] =
            ["work", "creator", "manifests/out"].map(|name| self.path(&format!("{name}-{number}")));
        fs::create_dir_all(&folder).expect("made");
        for (number, text) in texts.iter().enumerate() {
            fs::write(folder.join(format!("{number:03}.txt")), text).expect("written");
        }
        let named = serde_json::json!({"name": slug, "dataset": slug, "title": format!("Works of {slug}"), "year": 2020,
            "registrant": crate::hex0x(&[registrant; 20])});
        fs::write(&creator, named.to_string()).expect("written");
        let request = Request {
            folder: &folder,
            creator: &creator,
            account: [account; 20],
            licence: "CC0-1.0",
            threshold: DEFAULT_THRESHOLD,
            out: &out,
        };
        let made = make(&request, embedder());
        // The next attempt begins anew.
        fs::remove_dir_all(&folder).expect("removed");
        made?;
        self.datasets.push(Dataset::load(&out)?);
        Ok(())
    }

    /// Records of these lines, by way of a file, as a platform makes them.
    fn recorded(&self, lines: &[Line<'_>]) -> Result<Vec<UsageRecord>, RecordingError> {
        let line = |Line { id, tokens, text }: &Line<'_>| {
            let line = serde_json::json!({"call_id": id, "declared_use": "chat", "input_tokens": 10,
                "output_tokens": tokens, "at": "2026-10-05T09:00:00Z", "text": text});
            line.to_string() + "\n"
        };
        let file = self.path("outputs.jsonl");
        fs::write(&file, lines.iter().map(line).collect::<String>()).expect("written");
        record::calls(&file, MODEL, embedder())
    }

    /// Attributes outputs, where the model read these versions.
    async fn attributed(&self, records: Vec<UsageRecord>, read: &[usize]) -> Attribution {
        let one =
            |number: &usize| DatasetUse { manifest_hash: self.datasets[*number].manifest_hash, epochs: 1, tokens: 1 };
        let run = UsageRecord::TrainingRun(TrainingRun {
            run_id: "run".into(),
            model: MODEL.into(),
            started_ms: TRAINED * 1_000,
            ended_ms: TRAINED * 1_000,
            datasets: read.iter().map(one).collect(),
            ingestion_digest: [0; 32],
            base: None,
        });
        let fixture = Fixture::new().await;
        let log = fixture.log_of(records.into_iter().chain([run]).collect()).await;
        let registry = registry(&self.datasets, |number| number as u64 + 1);
        attribution::attribute(&log, &self.datasets, &question_of(&log, &registry)).expect("attributed")
    }

    /// Tokens of these outputs together, by account, where the model read everything.
    async fn paid(&self, lines: &[Line<'_>]) -> Vec<(u8, u64)> {
        let all: Vec<usize> = (0..self.datasets.len()).collect();
        tokens(&self.attributed(self.recorded(lines).expect("recorded"), &all).await)
    }
}

/// Who was paid, by account.
fn tokens(found: &Attribution) -> Vec<(u8, u64)> {
    found.contributors.iter().filter(|one| one.tokens > 0).map(|one| (one.account[0], one.tokens)).collect()
}

/// That these accounts got about so many tokens, to one part in fifty: where a word ends is a matter of taste.
#[track_caller]
fn assert_about(what: &str, paid: &[(u8, u64)], expected: &[(u8, u64)]) {
    let about = |((got, tokens), (account, about)): (&(u8, u64), &(u8, u64))| {
        got == account && tokens.abs_diff(*about) * 50 <= *about
    };
    let same = paid.len() == expected.len() && paid.iter().zip(expected).all(about);
    assert!(same, "{what}: {paid:?}, expected about {expected:?}");
}
