//! The layers of a BERT, for texts that lie end to end in one matrix: a row for each token.

use std::collections::HashMap;

use candle_core::{CpuStorage, Device, Error, InplaceOp1, Layout, Storage, Tensor, safetensors};
use serde::Deserialize;

use crate::{
    ModelError,
    numbers::{self, Norm},
};

type Result<T> = std::result::Result<T, ModelError>;

/// Most inputs that are multiplied and added up in one go. The `gemm` crate splits longer sums by the size of the
/// processor's cache, and never shorter ones: split here, they come out the same whatever that is.
const MOST_INPUTS: usize = 512;

/// `config.json`, as far as it decides about an embedding.
#[derive(Deserialize)]
pub(crate) struct Config {
    hidden_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    hidden_act: String,
    layer_norm_eps: f64,
    max_position_embeddings: usize,
}

/// The model's weights.
pub(crate) struct Bert {
    width: usize,
    heads: usize,
    /// A row for each token that there is.
    tokens: Vec<f32>,
    /// A row for each place in a text.
    places: Vec<f32>,
    /// The kind of token, the same for all.
    kind: Vec<f32>,
    norm: Norm,
    layers: Vec<Layer>,
}

struct Layer {
    /// Queries, keys and values in one.
    seen: Dense,
    attended: Dense,
    attended_norm: Norm,
    wide: Dense,
    narrow: Dense,
    narrow_norm: Norm,
}

struct Dense {
    /// Inputs by outputs, in parts of [`MOST_INPUTS`] inputs at most.
    weights: Vec<Tensor>,
    bias: Vec<f32>,
}

impl Bert {
    pub(crate) fn new(weights: &[u8], config: &Config, max_tokens: usize) -> Result<Self> {
        let (width, heads) = (config.hidden_size, config.num_attention_heads);
        if config.hidden_act != "gelu"
            || heads == 0
            || width % heads != 0
            || config.max_position_embeddings < max_tokens
        {
            return Err(ModelError::OtherShape(format!(
                "{} components, {heads} heads, {} and {} places; expected components in equal parts, gelu and {max_tokens} places",
                width, config.hidden_act, config.max_position_embeddings
            )));
        }
        let weights =
            Weights { named: safetensors::load_buffer(weights, &Device::Cpu)?, epsilon: config.layer_norm_eps as f32 };
        let layer = |number: usize| weights.layer(&format!("encoder.layer.{number}"));
        Ok(Self {
            width,
            heads,
            tokens: weights.numbers("embeddings.word_embeddings.weight")?,
            places: weights.numbers("embeddings.position_embeddings.weight")?,
            kind: weights.numbers("embeddings.token_type_embeddings.weight")?,
            norm: weights.norm("embeddings.LayerNorm")?,
            layers: (0..config.num_hidden_layers).map(layer).collect::<Result<_>>()?,
        })
    }

    /// Unit vectors of texts by their tokens.
    pub(crate) fn embed(&self, texts: &[Vec<u32>]) -> Result<Vec<Vec<f32>>> {
        let mut hidden = self.first(texts)?;
        for layer in &self.layers {
            hidden = layer.apply(&hidden, texts, self.heads)?;
        }
        let mean = |rows: &[f32]| {
            let mut mean = vec![0.0; self.width];
            for row in rows.chunks_exact(self.width) {
                mean.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
            }
            let length = numbers::sum(&mean, |value| value * value).sqrt();
            mean.iter_mut().for_each(|value| *value /= length);
            mean
        };
        read(&hidden, |hidden| each_text(texts, self.width).map(|rows| mean(&hidden[rows])).collect())
    }

    /// What goes into the first layer.
    fn first(&self, texts: &[Vec<u32>]) -> Result<Tensor> {
        let width = self.width;
        let mut rows = Vec::with_capacity(texts.iter().map(Vec::len).sum::<usize>() * width);
        for text in texts {
            for (token, place) in text.iter().zip(self.places.chunks_exact(width)) {
                let at = *token as usize * width;
                let token =
                    self.tokens.get(at..at + width).ok_or_else(|| ModelError::Missing(format!("token {token}")))?;
                let start = rows.len();
                rows.extend(token.iter().zip(&self.kind).zip(place).map(|((token, kind), place)| token + kind + place));
                self.norm.apply(&mut rows[start..]);
            }
        }
        let shape = (rows.len() / width, width);
        Ok(Tensor::from_vec(rows, shape, &Device::Cpu)?)
    }
}

impl Layer {
    fn apply(&self, hidden: &Tensor, texts: &[Vec<u32>], heads: usize) -> Result<Tensor> {
        let seen = self.seen.apply(hidden, |value| value)?;
        let attended = attention(&seen, texts, heads)?;
        let hidden = self.attended.normed(&attended, hidden, &self.attended_norm)?;
        let wide = self.wide.apply(&hidden, numbers::gelu)?;
        self.narrow.normed(&wide, &hidden, &self.narrow_norm)
    }
}

impl Dense {
    fn product(&self, input: &Tensor) -> Result<Tensor> {
        let mut from = 0;
        let mut sum: Option<Tensor> = None;
        for weights in &self.weights {
            let part = input.narrow(1, from, weights.dim(0)?)?.matmul(weights)?;
            sum = Some(match sum {
                Some(sum) => (sum + part)?,
                None => part,
            });
            from += weights.dim(0)?;
        }
        sum.ok_or_else(|| ModelError::Missing("inputs".into()))
    }

    /// Products with the bias, each made something of.
    fn apply(&self, input: &Tensor, of: impl Fn(f32) -> f32) -> Result<Tensor> {
        let product = self.product(input)?;
        change(&product, |rows| {
            for row in rows.chunks_exact_mut(self.bias.len()) {
                row.iter_mut().zip(&self.bias).for_each(|(value, bias)| *value = of(*value + bias));
            }
        })?;
        Ok(product)
    }

    /// Products with the bias and what went around the layer, normed row by row.
    fn normed(&self, input: &Tensor, around: &Tensor, norm: &Norm) -> Result<Tensor> {
        let product = self.product(input)?;
        let width = self.bias.len();
        let add = |rows: &mut [f32], around: &[f32]| {
            for (row, around) in rows.chunks_exact_mut(width).zip(around.chunks_exact(width)) {
                for ((value, bias), around) in row.iter_mut().zip(&self.bias).zip(around) {
                    *value += bias + around;
                }
                norm.apply(row);
            }
        };
        read(around, |around| change(&product, |rows| add(rows, around)))??;
        Ok(product)
    }
}

/// What the tokens of each text make of each other's values, of a matrix with queries, keys and values.
fn attention(seen: &Tensor, texts: &[Vec<u32>], heads: usize) -> Result<Tensor> {
    let (rows, columns) = seen.dims2()?;
    let width = columns / 3;
    let size = width / heads;
    let scale = 1.0 / (size as f32).sqrt();
    let seen = seen.reshape((rows, 3 * heads, size))?;
    let mut attended = vec![0.0; rows * width];
    for place in each_text(texts, 1) {
        let count = place.len();
        let part = |which: usize| seen.narrow(0, place.start, count)?.narrow(1, which * heads, heads)?.transpose(0, 1);
        let scores = part(0)?.matmul(&part(1)?.t()?)?;
        change(&scores, |rows| rows.chunks_exact_mut(count).for_each(|row| numbers::softmax(row, scale)))?;
        let values = scores.matmul(&part(2)?)?;
        let here = &mut attended[place.start * width..place.end * width];
        read(&values, |values| {
            for (head, values) in values.chunks_exact(count * size).enumerate() {
                for (row, values) in here.chunks_exact_mut(width).zip(values.chunks_exact(size)) {
                    row[head * size..(head + 1) * size].copy_from_slice(values);
                }
            }
        })?;
    }
    Ok(Tensor::from_vec(attended, (rows, width), &Device::Cpu)?)
}

/// Where the rows of each text are, of so many numbers each.
fn each_text(texts: &[Vec<u32>], width: usize) -> impl Iterator<Item = std::ops::Range<usize>> {
    let mut from = 0;
    texts.iter().map(move |text| {
        let start = from;
        from += text.len() * width;
        start..from
    })
}

/// What is made of a matrix' numbers, which are not copied.
fn read<R>(tensor: &Tensor, reader: impl FnOnce(&[f32]) -> R) -> Result<R> {
    let (storage, layout) = tensor.storage_and_layout();
    match (&*storage, layout.contiguous_offsets()) {
        (Storage::Cpu(numbers), Some((from, to))) => Ok(reader(&numbers.as_slice::<f32>()?[from..to])),
        _ => Err(Error::Msg("numbers that do not lie in a row".into()).into()),
    }
}

/// Changes a matrix' numbers where they are.
fn change(tensor: &Tensor, change: impl Fn(&mut [f32])) -> Result<()> {
    Ok(tensor.inplace_op1(&InPlace(change))?)
}

struct InPlace<F>(F);

impl<F: Fn(&mut [f32])> InplaceOp1 for InPlace<F> {
    fn name(&self) -> &'static str {
        "in place"
    }

    fn cpu_fwd(&self, storage: &mut CpuStorage, layout: &Layout) -> candle_core::Result<()> {
        match (storage, layout.contiguous_offsets()) {
            (CpuStorage::F32(numbers), Some((from, to))) => (self.0)(&mut numbers[from..to]),
            _ => return Err(Error::Msg("numbers that do not lie in a row".into())),
        }
        Ok(())
    }
}

/// The tensors of `model.safetensors`.
struct Weights {
    named: HashMap<String, Tensor>,
    epsilon: f32,
}

impl Weights {
    fn tensor(&self, name: &str) -> Result<&Tensor> {
        self.named.get(name).ok_or_else(|| ModelError::Missing(name.into()))
    }

    fn numbers(&self, name: &str) -> Result<Vec<f32>> {
        read(self.tensor(name)?, <[f32]>::to_vec)
    }

    fn norm(&self, name: &str) -> Result<Norm> {
        let part = |part: &str| self.numbers(&format!("{name}.{part}"));
        Ok(Norm { weight: part("weight")?, bias: part("bias")?, epsilon: self.epsilon })
    }

    /// Layers with the same input, side by side.
    fn dense(&self, names: &[String]) -> Result<Dense> {
        let all =
            |part: &str| names.iter().map(|name| self.tensor(&format!("{name}.{part}"))).collect::<Result<Vec<_>>>();
        let weights = Tensor::cat(&all("weight")?, 0)?.t()?;
        let inputs = weights.dim(0)?;
        let part = |from: usize| weights.narrow(0, from, MOST_INPUTS.min(inputs - from))?.contiguous();
        Ok(Dense {
            weights: (0..inputs).step_by(MOST_INPUTS).map(part).collect::<candle_core::Result<_>>()?,
            bias: read(&Tensor::cat(&all("bias")?, 0)?, <[f32]>::to_vec)?,
        })
    }

    fn layer(&self, name: &str) -> Result<Layer> {
        let one = |part: &str| self.dense(&[format!("{name}.{part}")]);
        Ok(Layer {
            seen: self.dense(&["query", "key", "value"].map(|part| format!("{name}.attention.self.{part}")))?,
            attended: one("attention.output.dense")?,
            attended_norm: self.norm(&format!("{name}.attention.output.LayerNorm"))?,
            wide: one("intermediate.dense")?,
            narrow: one("output.dense")?,
            narrow_norm: self.norm(&format!("{name}.output.LayerNorm"))?,
        })
    }
}
