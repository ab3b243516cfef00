//! The embedding model, a BERT such as all-MiniLM-L6-v2 (ATT-4): tokens, layers, the mean of the last one at length
//! one. No I/O.
//!
//! Texts are not padded: those of a batch lie end to end in one matrix, and only attention tells where each ends. So a
//! text's embedding does not depend on its neighbours, nor on the number of threads, to the last bit. Matrices are
//! multiplied by the `gemm` crate below candle, which adds up each product in the same order whatever the matrix' other
//! size; all else is in `numbers`.

mod model;
mod numbers;

use rayon::prelude::*;
use tokenizers::{Tokenizer, TruncationParams};

use model::{Bert, Config};

/// Tokens that go through the layers at once: enough that packing a layer's weights is little beside multiplying by
/// them, and few enough that what is between two layers stays in a processor's cache.
const BATCH_TOKENS: usize = 256;

/// Why there is no embedding.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The tokenizer's file, or a text.
    #[error("the tokenizer: {0}")]
    Tokenizer(#[from] tokenizers::Error),
    /// The configuration.
    #[error("the configuration: {0}")]
    Config(#[from] serde_json::Error),
    /// A model of another shape.
    #[error("the configuration: {0}")]
    OtherShape(String),
    /// The weights, or a computation with them.
    #[error("the weights: {0}")]
    Weights(#[from] candle_core::Error),
    /// Weights that are not there.
    #[error("the weights have no {0}")]
    Missing(String),
}

/// A loaded model.
pub struct Model {
    bert: Bert,
    tokenizer: Tokenizer,
}

impl Model {
    /// From the contents of `model.safetensors`, `tokenizer.json` and `config.json`. Of a text `max_tokens` are read,
    /// the two special ones included.
    ///
    /// # Errors
    /// [`ModelError`].
    pub fn new(weights: &[u8], tokenizer: &[u8], config: &[u8], max_tokens: usize) -> Result<Self, ModelError> {
        let config: Config = serde_json::from_slice(config)?;
        let mut tokenizer = Tokenizer::from_bytes(tokenizer)?;
        let truncation = TruncationParams { max_length: max_tokens, ..TruncationParams::default() };
        tokenizer.with_padding(None).with_truncation(Some(truncation))?;
        Ok(Self { bert: Bert::new(weights, &config, max_tokens)?, tokenizer })
    }

    /// Tokens of a text, without the special ones; no more than are read.
    ///
    /// # Errors
    /// [`ModelError::Tokenizer`].
    pub fn tokens(&self, text: &str) -> Result<usize, ModelError> {
        Ok(self.tokenizer.encode_fast(text, false)?.len())
    }

    /// Unit vectors of texts, in order, on all of rayon's threads. `done` is told how many more there are.
    ///
    /// # Errors
    /// [`ModelError`].
    pub fn embed<T: AsRef<str> + Sync>(
        &self,
        texts: &[T],
        done: impl Fn(usize) + Sync,
    ) -> Result<Vec<Vec<f32>>, ModelError> {
        let read = |text: &T| Ok(self.tokenizer.encode_fast(text.as_ref(), true)?.get_ids().to_vec());
        let texts = texts.par_iter().map(read).collect::<Result<Vec<_>, ModelError>>()?;
        let batches: Vec<Vec<Vec<f32>>> = batches(&texts)
            .into_par_iter()
            .map(|batch| {
                let embedded = self.bert.embed(batch)?;
                done(batch.len());
                Ok(embedded)
            })
            .collect::<Result<_, ModelError>>()?;
        Ok(batches.concat())
    }
}

/// Texts that follow each other and have no more than [`BATCH_TOKENS`] together, unless one alone has more.
fn batches(mut texts: &[Vec<u32>]) -> Vec<&[Vec<u32>]> {
    let mut batches = Vec::new();
    while !texts.is_empty() {
        let mut tokens = 0;
        let fits = |text: &&Vec<u32>| {
            tokens += text.len();
            tokens <= BATCH_TOKENS
        };
        let (batch, rest) = texts.split_at(texts.iter().take_while(fits).count().max(1));
        batches.push(batch);
        texts = rest;
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_hold_every_text_in_order() {
        let lengths = [244, 12, 1, 300, 2, 256, 3];
        let texts: Vec<Vec<u32>> = lengths.iter().map(|length| vec![7; *length]).collect();
        let batches = batches(&texts);
        let sizes: Vec<Vec<usize>> = batches.iter().map(|batch| batch.iter().map(Vec::len).collect()).collect();
        assert_eq!(sizes, [vec![244, 12], vec![1], vec![300], vec![2], vec![256], vec![3]]);
    }
}
