//! Texts embedded in a second: `cargo bench -p yieldset-embed -- MODEL_FOLDER TEXTS [VECTORS]` reads a text a line,
//! embeds them once and prints a line of JSON; the vectors, as floats, go to the last file. `RAYON_NUM_THREADS` says on
//! how many threads.

use std::{error::Error, fs, path::Path, time::Instant};

use yieldset_embed::Model;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let [folder, texts, vectors @ ..] = &arguments[..] else {
        return Err("name the model's folder and a file of texts".into());
    };
    let read = |name: &str| fs::read(Path::new(folder).join(name));
    let model = Model::new(&read("model.safetensors")?, &read("tokenizer.json")?, &read("config.json")?, 256)?;
    let texts = fs::read_to_string(texts)?;
    let texts: Vec<&str> = texts.lines().collect();
    // Threads are there, and pages.
    model.embed(&texts[..texts.len().min(8)], |_| ())?;
    let began = Instant::now();
    let embedded = model.embed(&texts, |_| ())?;
    let seconds = began.elapsed().as_secs_f64();
    if let Some(file) = vectors.first() {
        fs::write(file, embedded.concat().iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>())?;
    }
    let status = fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    let peak_mb = peak.trim().trim_end_matches(" kB").parse::<u64>()? / 1_024;
    println!(
        "{}",
        serde_json::json!({ "texts": texts.len(), "seconds": seconds, "peak_mb": peak_mb, "threads": rayon::current_num_threads() })
    );
    Ok(())
}
