//! The nearest of many embeddings, for `tests/bench/speed/nearest/run`, which has a peer do the same in turns.
//!
//! `nearest FOLDER ROWS QUERIES NEAREST` makes the same embeddings each time and writes them to the folder (`rows.i8`,
//! `queries.i8`). Then each line of its input is a number of threads; it finds the nearest of all queries with so many,
//! writes them to `ours.i32` (row and dot product of each), and prints the seconds, and those of processors.

mod common;

use std::{
    fs,
    io::{self, BufRead},
    path::PathBuf,
    thread,
};

use common::{Chance, Failure, arguments, kilobytes, say, timed};
use yieldset_metric::nearest::{Near, Queries, Table};

const DIMENSIONS: usize = 384;
/// Texts are about some hundreds of topics, and passages of one lie closer.
const TOPICS: usize = 500;

/// A component, nearly normally distributed.
fn normal(chance: &mut Chance) -> f32 {
    (0..4).map(|_| chance.below(2_001) as f32 / 1_000.0 - 1.0).sum()
}

/// Unit vectors times 127, rounded, as passages' embeddings are: halfway between a topic's and one of its own.
fn embeddings(count: usize, topics: &[f32], chance: &mut Chance) -> Vec<i8> {
    let mut all = Vec::with_capacity(count * DIMENSIONS);
    for _ in 0..count {
        let topic = chance.below(TOPICS as u64) as usize * DIMENSIONS;
        let one: Vec<f32> = topics[topic..][..DIMENSIONS].iter().map(|part| part + normal(chance)).collect();
        let length = one.iter().map(|part| part * part).sum::<f32>().sqrt();
        all.extend(one.iter().map(|part| (part / length * 127.0).round() as i8));
    }
    all
}

fn bytes(embeddings: &[i8]) -> Vec<u8> {
    embeddings.iter().map(|&x| x as u8).collect()
}

fn slices(embeddings: &[i8]) -> Vec<&[i8]> {
    embeddings.chunks(DIMENSIONS).collect()
}

/// The queries shared out over the threads.
fn nearest(table: &Table, queries: &[&[i8]], most: usize, threads: usize) -> Vec<Vec<Near>> {
    let some = |queries: &[&[i8]]| table.nearest(&Queries::new(queries, table), most);
    thread::scope(|scope| {
        let parts = queries.chunks(queries.len().div_ceil(threads));
        let running: Vec<_> = parts.map(|part| scope.spawn(move || some(part))).collect();
        running.into_iter().flat_map(|part| part.join().expect("a thread")).collect()
    })
}

fn main() -> Result<(), Failure> {
    let arguments = arguments();
    let [folder, rows, queries, most] = &arguments[..] else { return Err("FOLDER ROWS QUERIES NEAREST".into()) };
    let (folder, rows, queries, most) = (PathBuf::from(folder), rows.parse()?, queries.parse()?, most.parse()?);
    fs::create_dir_all(&folder)?;
    let mut chance = Chance(1);
    let topics: Vec<f32> = (0..TOPICS * DIMENSIONS).map(|_| normal(&mut chance)).collect();
    let queries = embeddings(queries, &topics, &mut chance);
    let rows = embeddings(rows, &topics, &mut chance);
    fs::write(folder.join("queries.i8"), bytes(&queries))?;
    fs::write(folder.join("rows.i8"), bytes(&rows))?;
    let (table, _, built) = timed(|| Table::new(&slices(&rows)))?;
    drop(rows);
    say(&format!("{built:.2}"))?;
    for threads in io::stdin().lock().lines() {
        let threads = threads?.trim().parse()?;
        let (found, took, processor) = timed(|| nearest(&table, &slices(&queries), most, threads))?;
        let pairs = found.iter().flatten().flat_map(|near| [near.row as i32, near.dot]);
        fs::write(folder.join("ours.i32"), pairs.flat_map(i32::to_le_bytes).collect::<Vec<u8>>())?;
        say(&format!("{took:.4} {processor:.2} {}", kilobytes("VmRSS")?))?;
    }
    Ok(())
}
