use yieldset_metric::{fold::words, grams, spans::{Index, origins, shares}};
fn main() {
    let folder = std::path::PathBuf::from(std::env::args().nth(1).unwrap());
    let mut names: Vec<_> = std::fs::read_dir(folder.join("src")).unwrap().filter_map(|e| { let e = e.unwrap(); e.path().is_dir().then(|| e.file_name().into_string().unwrap()) }).collect();
    names.sort(); names.reverse();
    let texts: Vec<(String, String)> = names.iter().flat_map(|n| { let mut f: Vec<_> = std::fs::read_dir(folder.join("src").join(n)).unwrap().map(|e| e.unwrap().path()).collect(); f.sort(); f.into_iter().filter_map(|p| std::fs::read_to_string(&p).ok().map(|t| (n.clone(), t))).collect::<Vec<_>>() }).collect();
    let gr: Vec<_> = texts.iter().map(|t| grams::of(&t.1)).collect();
    let index = Index::new(gr.iter().map(Vec::as_slice), |_| true);
    let mut found: Vec<Vec<(u32,u32)>> = vec![];
    for (i, t) in texts.iter().enumerate() {
        let copies = index.spans(&gr[i], |o| o < i as u32 && texts[o as usize].0 != t.0);
        found.push(origins(i as u32, words(&t.1).len() as u32, &copies, &found));
    }
    for f in std::fs::read_dir(&folder).unwrap() { let p = f.unwrap().path(); if !p.to_string_lossy().ends_with("jsonl") { continue }
        for line in std::fs::read_to_string(&p).unwrap().lines() {
            let v: serde_json::Value = match serde_json::from_str(line) { Ok(v) => v, Err(_) => continue };
            let Some(text) = v["text"].as_str() else { continue };
            let n = words(text).len();
            let owners = shares(n as u32, &index.spans(&grams::of(text), |_| true));
            let mut by = std::collections::BTreeMap::new();
            for o in owners.iter().flatten() { let o = found[o.0 as usize][o.1 as usize]; *by.entry(&texts[o.0 as usize].0).or_insert(0) += 1; }
            println!("{} {} of {n}: {by:?}", p.file_name().unwrap().to_string_lossy(), v["call_id"]);
        } }
}
