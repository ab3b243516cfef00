//! Sentence embeddings by all-MiniLM-L6-v2 (ATT-4): mean of the last layer over the attention mask, length one,
//! quantized to `i16`.
//!
//! A text's embedding depends neither on its neighbours nor on the number of threads (`oracle/embed`). The floating
//! point ends here. What is stored, signed and compared are the quantized integers.

use std::{
    env,
    path::{Path, PathBuf},
};

use rayon::prelude::*;
use yieldset_embed::Model;
use yieldset_rules::usage::{EMBEDDING_DIMENSIONS, EMBEDDING_ONE};

use crate::{
    files::{self, Access, FileError},
    hex0x,
    metric::SCORE_ONE,
    progress::Progress,
    sha256,
};

/// Tokens read of a text, the two special ones included; the rest is cut off. The model was made for this length.
pub const MAX_TOKENS: usize = 256;
/// The model's name, as manifests and reports write it.
pub const MODEL_NAME: &str = "all-MiniLM-L6-v2";
/// Where it is described.
pub const MODEL_URL: &str = "https://www.sbert.net/docs/sentence_transformer/pretrained_models.html";
/// What the model is made of, each of which decides about every embedding: weights, tokens, shape.
const FILES: [&str; 3] = ["model.safetensors", "tokenizer.json", "config.json"];
/// SHA-256 of the model that everyone must use: over a line of `sha256sum` for each of its files, in that order.
pub const MODEL_SHA256: &str = "da062441feb64ff89f5c85de28299927229436304e5e99c7df28f5f8085324b6";

/// A quantized unit vector.
pub type Embedding = Vec<i16>;

/// Why a text has no embedding.
#[derive(Debug, thiserror::Error)]
pub enum EmbedError {
    /// The weights are not there.
    #[error(
        "no embedding model in {folder} ({reason}); run scripts/setup, or name a folder with model.safetensors, tokenizer.json and \
         config.json by --model-dir or YIELDSET_MODEL_DIR", folder = folder.display()
    )]
    ModelMissing {
        /// Where it was looked for.
        folder: PathBuf,
        /// What was missing.
        reason: String,
    },
    /// Another model than everyone else's.
    #[error(
        "the embedding model in {folder} has SHA-256 {got} over weights, tokenizer and configuration, expected {MODEL_SHA256}; \
         run scripts/setup again", folder = folder.display()
    )]
    WrongModel {
        /// Where it is.
        folder: PathBuf,
        /// SHA-256 of what is there.
        got: String,
    },
    /// The model's files contradict each other, or the computation failed.
    #[error("the embedding model failed: {0}; run scripts/setup again")]
    Model(String),
    /// A component is not a number or infinite, or the vector has no length.
    #[error("the embedding has a component {value} at {at}, which is no score; the text or the weights are damaged")]
    NotFinite {
        /// Index of the component.
        at: usize,
        /// What it is.
        value: f32,
    },
    /// Another number of components.
    #[error("the embedding has {got} components, expected {EMBEDDING_DIMENSIONS}; use {MODEL_NAME}")]
    Dimensions {
        /// How many there are.
        got: usize,
    },
    /// A file of the cache.
    #[error(transparent)]
    File(#[from] FileError),
}

fn model_error(error: impl std::fmt::Display) -> EmbedError {
    EmbedError::Model(error.to_string())
}

/// Where the model is unless a folder is named: `YIELDSET_MODEL_DIR`, else in [`files::cache`].
pub fn default_model_dir() -> PathBuf {
    match env::var_os("YIELDSET_MODEL_DIR") {
        Some(dir) if !dir.is_empty() => dir.into(),
        _ => files::cache().join("models").join(MODEL_NAME),
    }
}

/// The loaded model, with a cache on disk by the hash of the text.
pub struct Embedder {
    model: Model,
    cache: Option<PathBuf>,
}

impl Embedder {
    /// Loads the model from `folder`.
    ///
    /// # Errors
    /// [`EmbedError::ModelMissing`], [`EmbedError::WrongModel`], [`EmbedError::Model`].
    pub fn load(folder: &Path) -> Result<Self, EmbedError> {
        let read = |name: &str| {
            files::read(&folder.join(name))
                .map_err(|error| EmbedError::ModelMissing { folder: folder.to_owned(), reason: error.to_string() })
        };
        let [weights, tokenizer, config] = [read(FILES[0])?, read(FILES[1])?, read(FILES[2])?];
        let got = digest([&weights, &tokenizer, &config]);
        if got != MODEL_SHA256 {
            return Err(EmbedError::WrongModel { folder: folder.to_owned(), got });
        }
        let model = Model::new(&weights, &tokenizer, &config, MAX_TOKENS).map_err(model_error)?;
        Ok(Self { model, cache: None })
    }

    /// Keeps embeddings in `folder`, by the hash of the text.
    pub fn with_cache(mut self, folder: PathBuf) -> Self {
        self.cache = Some(folder);
        self
    }

    /// The embedding of a text, from the cache if it is there.
    ///
    /// # Errors
    /// [`EmbedError`].
    pub fn embed(&self, text: &str) -> Result<Embedding, EmbedError> {
        // As many as there are texts.
        Ok(self.some(&[text], |_| ())?.swap_remove(0))
    }

    /// Tokens that the model makes of a text, without the two special ones; those of a text that the model does not
    /// read to its end are as many as it reads.
    pub fn tokens(&self, text: &str) -> usize {
        self.model.tokens(text).unwrap_or(MAX_TOKENS)
    }

    /// Embeddings of texts in order, from the cache where they are there. `done` is told how many more there are.
    fn some<T: AsRef<str> + Sync>(
        &self,
        texts: &[T],
        done: impl Fn(usize) + Sync,
    ) -> Result<Vec<Embedding>, EmbedError> {
        let mut embeddings: Vec<Option<Embedding>> = texts.par_iter().map(|text| self.cached(text.as_ref())).collect();
        done(embeddings.iter().flatten().count());
        let new: Vec<&str> =
            texts.iter().zip(&embeddings).filter(|(_, found)| found.is_none()).map(|(text, _)| text.as_ref()).collect();
        let computed = self.model.embed(&new, done).map_err(model_error)?;
        let keep = |(text, vector): (&&str, &Vec<f32>)| {
            let embedding = quantize(vector)?;
            self.keep(text, &embedding)?;
            Ok(embedding)
        };
        let computed: Vec<Embedding> = new.par_iter().zip(&computed).map(keep).collect::<Result<_, EmbedError>>()?;
        let missing = embeddings.iter_mut().filter(|embedding| embedding.is_none());
        missing.zip(computed).for_each(|(missing, computed)| *missing = Some(computed));
        Ok(embeddings.into_iter().flatten().collect())
    }

    /// Where the cache has a text's embedding.
    fn entry(&self, text: &str) -> Option<PathBuf> {
        let key = hex::encode(sha256(&[MODEL_SHA256.as_bytes(), b"\n256\n", text.as_bytes()].concat()));
        let (shelf, name) = key.split_at(2);
        self.cache.as_ref().map(|cache| cache.join(shelf).join(name))
    }

    /// A damaged entry is computed again.
    fn cached(&self, text: &str) -> Option<Embedding> {
        from_bytes(&files::read(&self.entry(text)?).ok()?)
    }

    fn keep(&self, text: &str, embedding: &Embedding) -> Result<(), FileError> {
        let Some(entry) = self.entry(text) else { return Ok(()) };
        let bytes = to_bytes(embedding);
        files::write(&entry, &[&bytes[..], &sha256(&bytes)].concat(), Access::Published)
    }
}

/// The model's identity: see [`MODEL_SHA256`].
fn digest(contents: [&[u8]; 3]) -> String {
    let line = |(name, content): (&str, &[u8])| format!("{}  {name}\n", hex::encode(sha256(content)));
    hex::encode(sha256(FILES.into_iter().zip(contents).map(line).collect::<String>().as_bytes()))
}

/// Texts whose embeddings are in memory as floats at once, before they are quantized and kept.
const AT_ONCE: usize = 4_096;

/// Embeds texts on all cores, in order, and shows on standard error how far it is.
///
/// # Errors
/// [`EmbedError`] of the first that fails.
pub fn embed_all<T: AsRef<str> + Sync>(texts: &[T], embedder: &Embedder) -> Result<Vec<Embedding>, EmbedError> {
    let progress = Progress::new("embedding", texts.len());
    let mut embeddings = Vec::with_capacity(texts.len());
    for some in texts.chunks(AT_ONCE) {
        embeddings.extend(embedder.some(some, |done| progress.advance(done))?);
    }
    Ok(embeddings)
}

/// A unit vector times [`EMBEDDING_ONE`], rounded half away from zero.
///
/// # Errors
/// [`EmbedError::NotFinite`] for NaN and infinities: none ever reaches a score. [`EmbedError::Dimensions`].
pub fn quantize(vector: &[f32]) -> Result<Embedding, EmbedError> {
    if vector.len() != EMBEDDING_DIMENSIONS {
        return Err(EmbedError::Dimensions { got: vector.len() });
    }
    let component = |(at, &value): (usize, &f32)| match value.is_finite() {
        true => Ok((value.clamp(-1.0, 1.0) * f32::from(EMBEDDING_ONE)).round() as i16),
        false => Err(EmbedError::NotFinite { at, value }),
    };
    vector.iter().enumerate().map(component).collect()
}

/// Cosine of two quantized unit vectors in millionths, integers throughout, rounded down, negative ones as 0, at most
/// 10^6.
pub fn cosine(a: &[i16], b: &[i16]) -> u32 {
    let dot: i64 = a.iter().zip(b).map(|(&x, &y)| i64::from(x) * i64::from(y)).sum();
    // 384 · 32767² · 10^6 < 2^63.
    let one = i64::from(EMBEDDING_ONE) * i64::from(EMBEDDING_ONE);
    let score = dot.max(0) * i64::from(SCORE_ONE) / one;
    (score as u32).min(SCORE_ONE)
}

/// Little-endian components.
pub fn to_bytes(embedding: &[i16]) -> Vec<u8> {
    embedding.iter().flat_map(|component| component.to_le_bytes()).collect()
}

/// A cache entry: components, then their SHA-256.
fn from_bytes(bytes: &[u8]) -> Option<Embedding> {
    let (components, checksum) = bytes.split_at_checked(EMBEDDING_DIMENSIONS * 2)?;
    (sha256(components) == checksum)
        .then(|| components.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect())
}

/// What the embeddings are, for manifests; how their numbers are written, the file says that holds them.
pub fn describe(numbers: &str) -> String {
    format!(
        "{MODEL_NAME} (SHA-256 of weights, tokenizer and configuration {}), {MAX_TOKENS} tokens, mean pooling, unit length, {numbers}",
        hex0x(&crate::parse_hex::<32>(MODEL_SHA256).unwrap_or_default())
    )
}

/// The real model, for tests: one copy, without a cache. Fails loudly where it is missing.
#[cfg(test)]
pub(crate) fn for_tests() -> &'static Embedder {
    static MODEL: std::sync::OnceLock<Embedder> = std::sync::OnceLock::new();
    MODEL.get_or_init(|| Embedder::load(&default_model_dir()).unwrap_or_else(|error| panic!("{error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMMA: &str = "Emma Woodhouse, handsome, clever, and rich, with a comfortable home and happy disposition, seemed to unite some of \
        the best blessings of existence; and had lived nearly twenty-one years in the world with very little to distress or vex her.";
    const PARAPHRASE: &str = "Emma Woodhouse was beautiful, smart and wealthy; she had a cosy home and a cheerful nature, and in almost \
        twenty-one years of life hardly anything had troubled her.";
    const UNRELATED: &str =
        "To replace the brake pads, first loosen the wheel nuts, jack the car up and take the caliper off its bracket.";

    /// Proves ATT-4 and ATT-5 on the real model: a quote is above 0.7, a paraphrase too, an unrelated text far below.
    #[test]
    fn the_real_model_tells_quotes_from_strangers() {
        let model = for_tests();
        let emma = model.embed(EMMA).expect("embedded");
        assert!(yieldset_rules::usage::is_unit(&emma));
        let score = |text: &str| cosine(&emma, &model.embed(text).expect("embedded"));
        let (quote, paraphrase, unrelated) = (score(EMMA), score(PARAPHRASE), score(UNRELATED));
        assert!(quote > 990_000, "{quote}");
        assert!(paraphrase > 700_000, "{paraphrase}");
        assert!(unrelated < 300_000, "{unrelated}");
    }

    /// Proves ATT-4's determinism: from the cache, again, or after a longer text cut at the same token, the same
    /// integers.
    #[test]
    fn embeddings_repeat_and_damaged_cache_entries_do_not_count() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let model = Embedder::load(&default_model_dir())
            .unwrap_or_else(|error| panic!("{error}"))
            .with_cache(folder.path().to_owned());
        let first = model.embed(EMMA).expect("embedded");
        assert_eq!(model.embed(EMMA).expect("cached"), first);
        assert_eq!(for_tests().embed(EMMA).expect("computed"), first);
        let shelf = std::fs::read_dir(folder.path()).expect("listed").next().expect("one").expect("entry").path();
        let entry = std::fs::read_dir(shelf).expect("listed").next().expect("one").expect("entry").path();
        let mut bytes = std::fs::read(&entry).expect("read");
        bytes[5] ^= 1;
        std::fs::write(&entry, bytes).expect("damaged");
        assert_eq!(model.embed(EMMA).expect("again"), first);
        let long = "word ".repeat(300);
        let longer = "word ".repeat(400);
        assert_eq!(for_tests().embed(&long).expect("cut"), for_tests().embed(&longer).expect("cut"));
    }

    /// Proves ATT-4's determinism: each text of the corpus has the embedding, to the last bit of its integers, that it
    /// has alone, whatever texts are embedded with it, in which order and on how many threads.
    #[test]
    fn neighbours_and_threads_change_no_embedding() {
        let chapter = include_str!("../../tests/corpus/melville/moby-dick-chapter-94.txt");
        let words: Vec<&str> = chapter.split_whitespace().collect();
        // Of one word to more than the model reads.
        let lengths = [1, 2, 3, 5, 8, 13, 14, 15, 16, 17, 40, 64, 150, 300];
        let mut rest = &words[..];
        let mut texts = Vec::new();
        for length in lengths.into_iter().cycle() {
            let Some((text, after)) = rest.split_at_checked(length) else { break };
            texts.push(text.join(" "));
            rest = after;
        }
        let together = embed_all(&texts, for_tests()).expect("embedded");
        for (text, embedding) in texts.iter().zip(&together) {
            assert_eq!(for_tests().embed(text).expect("embedded"), *embedding, "{text}");
        }
        texts.reverse();
        for threads in [1, 2, 3] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
            let mut again = pool.install(|| embed_all(&texts, for_tests())).expect("embedded");
            again.reverse();
            assert_eq!(again, together, "{threads} threads");
        }
    }

    /// Bad input "score NaN": refused where floats end.
    #[test]
    fn no_nan_becomes_a_score() {
        let mut vector = vec![0.0f32; EMBEDDING_DIMENSIONS];
        vector[3] = 1.0;
        assert_eq!(quantize(&vector).expect("unit")[3], EMBEDDING_ONE);
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            vector[9] = bad;
            assert!(matches!(quantize(&vector), Err(EmbedError::NotFinite { at: 9, .. })));
        }
        assert!(matches!(quantize(&vector[1..]), Err(EmbedError::Dimensions { got: 383 })));
    }

    #[test]
    fn a_missing_model_says_what_to_do() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let Err(error) = Embedder::load(folder.path()) else { panic!("loaded nothing") };
        assert!(error.to_string().contains("scripts/setup"));
    }

    /// Another tokenizer with the same weights makes other embeddings, so it is another model.
    #[test]
    fn a_model_with_any_file_changed_is_refused() {
        for changed in FILES {
            let folder = tempfile::tempdir().expect("temporary folder");
            for name in FILES {
                let (from, to) = (default_model_dir().join(name), folder.path().join(name));
                std::fs::copy(from, &to).expect("copied; run scripts/setup where it is missing");
                if name == changed {
                    let mut file = std::fs::OpenOptions::new().append(true).open(to).expect("opened");
                    std::io::Write::write_all(&mut file, b"\n").expect("written");
                }
            }
            let Err(error) = Embedder::load(folder.path()) else { panic!("loaded with another {changed}") };
            assert!(matches!(error, EmbedError::WrongModel { .. }), "{changed}: {error}");
        }
    }

    #[test]
    fn cosine_is_clamped() {
        let mut a = vec![0i16; EMBEDDING_DIMENSIONS];
        a[0] = EMBEDDING_ONE;
        let b: Vec<i16> = a.iter().map(|x| -x).collect();
        assert_eq!((cosine(&a, &a), cosine(&a, &b)), (SCORE_ONE, 0));
        let all = vec![i16::MAX; EMBEDDING_DIMENSIONS];
        assert_eq!(cosine(&all, &all), SCORE_ONE);
    }
}
