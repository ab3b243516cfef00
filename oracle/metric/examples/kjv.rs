use yieldset_metric::{fold::words, grams, spans::{Index, shares}};
fn main() {
    let read = |t: &str| std::fs::read_to_string(format!("kjv/{t}.txt")).unwrap();
    let names = ["kjv", "ylt"];
    let texts: Vec<String> = names.iter().map(|t| read(t)).collect();
    let t0 = std::time::Instant::now();
    let gr: Vec<_> = texts.iter().map(|t| grams::of(t)).collect();
    println!("grams {:?} {:?}", gr.iter().map(Vec::len).collect::<Vec<_>>(), t0.elapsed());
    let t0 = std::time::Instant::now();
    let index = Index::new(gr.iter().map(Vec::as_slice), |_| true);
    println!("index {:?}", t0.elapsed());
    let out = read("akjv"); let out: Vec<&str> = out.split(' ').collect();
    let t0 = std::time::Instant::now();
    let (mut k, mut y, mut all, mut n, mut recall) = (0, 0, 0, 0, 0);
    for w in out.chunks(120).step_by(20) {
        let text = w.join(" "); let count = words(&text).len();
        let o = shares(count as u32, &index.spans(&grams::of(&text), |_| true));
        let kk = o.iter().flatten().filter(|o| o.0 == 0).count(); let yy = o.iter().flatten().filter(|o| o.0 == 1).count();
        k += kk; y += yy; all += count; n += 1; recall += usize::from(kk > 0);
    }
    println!("passages {n} words {all} kjv {k} ylt {y} recall {recall} {:?}", t0.elapsed());
}
