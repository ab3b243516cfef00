//! Sentence embeddings by all-MiniLM-L6-v2 (ATT-4): mean of the last layer over the attention mask, length one,
//! quantized to `i16`.
//!
//! Texts go through the model one by one, without padding: a text's embedding does not depend on its neighbours. The
//! floating point ends here. What is stored, signed and compared are the quantized integers.

use std::{
    env,
    path::{Path, PathBuf},
};

use candle_core::{Device, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::bert::{BertModel, Config, DTYPE};
use rayon::prelude::*;
use tokenizers::{Tokenizer, TruncationParams};
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
    model: BertModel,
    tokenizer: Tokenizer,
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
        let config: Config = serde_json::from_slice(&config).map_err(model_error)?;
        let mut tokenizer = Tokenizer::from_bytes(tokenizer).map_err(model_error)?;
        let truncation = TruncationParams { max_length: MAX_TOKENS, ..TruncationParams::default() };
        tokenizer.with_padding(None).with_truncation(Some(truncation)).map_err(model_error)?;
        let variables = VarBuilder::from_buffered_safetensors(weights, DTYPE, &Device::Cpu).map_err(model_error)?;
        let model = BertModel::load(variables, &config).map_err(model_error)?;
        Ok(Self { model, tokenizer, cache: None })
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
        let Some(cache) = &self.cache else { return quantize(&self.compute(text)?) };
        let key = hex::encode(sha256(&[MODEL_SHA256.as_bytes(), b"\n256\n", text.as_bytes()].concat()));
        let (shelf, name) = key.split_at(2);
        let file = cache.join(shelf).join(name);
        // A damaged entry is computed again.
        if let Some(embedding) = files::read(&file).ok().and_then(|bytes| from_bytes(&bytes)) {
            return Ok(embedding);
        }
        let embedding = quantize(&self.compute(text)?)?;
        let bytes = to_bytes(&embedding);
        files::write(&file, &[&bytes[..], &sha256(&bytes)].concat(), Access::Published)?;
        Ok(embedding)
    }

    /// Tokens that the model makes of a text, without the two special ones; those of a text that the model does not
    /// read to its end are as many as it reads.
    pub fn tokens(&self, text: &str) -> usize {
        self.tokenizer.encode_fast(text, false).map_or(MAX_TOKENS, |encoding| encoding.len())
    }

    fn compute(&self, text: &str) -> Result<Vec<f32>, EmbedError> {
        let encoding = self.tokenizer.encode(text, true).map_err(model_error)?;
        self.forward(encoding.get_ids(), encoding.get_attention_mask()).map_err(model_error)
    }

    fn forward(&self, ids: &[u32], mask: &[u32]) -> candle_core::Result<Vec<f32>> {
        let ids = Tensor::new(ids, &Device::Cpu)?.unsqueeze(0)?;
        let mask = Tensor::new(mask, &Device::Cpu)?.unsqueeze(0)?;
        let hidden = self.model.forward(&ids, &ids.zeros_like()?, Some(&mask))?;
        let mask = mask.to_dtype(DTYPE)?.unsqueeze(2)?;
        let sum = hidden.broadcast_mul(&mask)?.sum(1)?;
        let mean = sum.broadcast_div(&mask.sum(1)?)?;
        let length = mean.sqr()?.sum_keepdim(1)?.sqrt()?;
        mean.broadcast_div(&length)?.squeeze(0)?.to_vec1()
    }
}

/// The model's identity: see [`MODEL_SHA256`].
fn digest(contents: [&[u8]; 3]) -> String {
    let line = |(name, content): (&str, &[u8])| format!("{}  {name}\n", hex::encode(sha256(content)));
    hex::encode(sha256(FILES.into_iter().zip(contents).map(line).collect::<String>().as_bytes()))
}

/// Embeds texts on all cores, in order, and shows on standard error how far it is.
///
/// # Errors
/// [`EmbedError`] of the first that fails.
pub fn embed_all(texts: &[String], embedder: &Embedder) -> Result<Vec<Embedding>, EmbedError> {
    let progress = Progress::new("embedding", texts.len());
    let one = |text: &String| {
        let embedding = embedder.embed(text)?;
        progress.advance();
        Ok(embedding)
    };
    texts.par_iter().map(one).collect()
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
