//! Modules of `rules` know each other in one direction only: who reads one of them needs those below it, and never
//! those above. The compiler takes circles.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use syn::visit::{self, Visit};
use syn::{ItemMod, ItemUse, UseTree};

use super::{File, Offence};

const SOURCES: &str = "contracts/rules/src";

/// A module's place: the names from the crate on.
type Place = Vec<String>;

/// Looks for circles among neighbours, in every folder of `rules`.
pub fn check(files: &[File]) -> Vec<Offence> {
    let sources: BTreeMap<Place, syn::File> = files
        .iter()
        .filter_map(|file| {
            let place = place(file.path.strip_prefix(SOURCES).ok()?)?;
            // What cannot be parsed is the compiler's matter.
            Some((place, syn::parse_file(&file.text).ok()?))
        })
        .collect();
    let again: BTreeMap<Place, Place> = sources.iter().flat_map(|(place, source)| passed_on(place, source)).collect();
    let mut known: BTreeMap<Place, BTreeSet<Place>> = BTreeMap::new();
    for (place, source) in &sources {
        let mut paths = Paths { place, found: Vec::new() };
        paths.visit_file(source);
        for named in paths.found {
            // What a module passes on belongs to whom it has it from.
            let target = (1..=named.len()).rev().find_map(|len| again.get(&named[..len])).unwrap_or(&named);
            let common = place.iter().zip(target).take_while(|(a, b)| a == b).count();
            let (Some(_), Some(_)) = (place.get(common), target.get(common)) else { continue };
            let (from, to) = (place[..=common].to_vec(), target[..=common].to_vec());
            if sources.contains_key(&to) {
                known.entry(from).or_default().insert(to);
            }
        }
    }
    let circle = known.keys().find_map(|from| circle(&known, from));
    circle.into_iter().map(|circle| told(&circle)).collect()
}

fn told(circle: &[Place]) -> Offence {
    let names: Vec<_> = circle.iter().map(|place| place.join("::")).collect();
    let text = format!("a circle of modules, {}: move what both need below them", names.join(" → "));
    Offence { file: Path::new(SOURCES).join(circle[0].join("/")).with_extension("rs"), line: 0, text }
}

/// The shortest way from a module back to itself.
fn circle(known: &BTreeMap<Place, BTreeSet<Place>>, from: &Place) -> Option<Vec<Place>> {
    let mut ways = vec![vec![from.clone()]];
    let mut seen = BTreeSet::new();
    while !ways.is_empty() {
        let mut longer = Vec::new();
        for way in ways {
            for next in known.get(way.last()?).into_iter().flatten() {
                let way = [&way[..], std::slice::from_ref(next)].concat();
                if next == from {
                    return Some(way);
                }
                if seen.insert(next.clone()) {
                    longer.push(way);
                }
            }
        }
        ways = longer;
    }
    None
}

/// Of a file below the sources; `None` for tests.
fn place(file: &Path) -> Option<Place> {
    let names: Place = file.with_extension("").iter().map(|name| name.to_string_lossy().into_owned()).collect();
    let tests = |name: &String| name.ends_with("tests") || name == "proofs";
    match &names[..] {
        _ if file.extension().is_none_or(|it| it != "rs") || names.iter().any(tests) => None,
        [only] if only == "lib" => Some(Vec::new()),
        _ => Some(names),
    }
}

/// What a module passes on from its own children, under the name it has there.
fn passed_on(place: &Place, source: &syn::File) -> Vec<(Place, Place)> {
    let mut all = Vec::new();
    for item in &source.items {
        if let syn::Item::Use(ItemUse { vis: syn::Visibility::Public(_), tree, .. }) = item {
            let mut paths = Vec::new();
            flatten(tree, &[], &mut paths);
            let own = paths.into_iter().filter(|path| !["crate", "super", "self"].contains(&&*path[0]));
            all.extend(own.filter_map(|path| {
                let under = [&place[..], &[path.last()?.clone()]].concat();
                Some((under, [&place[..], &path].concat()))
            }));
        }
    }
    all
}

/// Each path of a use tree.
fn flatten(tree: &UseTree, before: &[String], paths: &mut Vec<Place>) {
    match tree {
        UseTree::Path(path) => flatten(&path.tree, &[before, &[path.ident.to_string()]].concat(), paths),
        UseTree::Name(name) => paths.push([before, &[name.ident.to_string()]].concat()),
        UseTree::Rename(name) => paths.push([before, &[name.ident.to_string()]].concat()),
        UseTree::Glob(_) => paths.push(before.to_vec()),
        UseTree::Group(group) => group.items.iter().for_each(|tree| flatten(tree, before, paths)),
    }
}

/// Paths that begin at the crate or at the module above.
struct Paths<'a> {
    place: &'a Place,
    found: Vec<Place>,
}

impl Paths<'_> {
    fn add(&mut self, path: &[String]) {
        let above = path.iter().take_while(|name| *name == "super").count();
        let base = match path.first().map(String::as_str) {
            Some("crate") => Vec::new(),
            Some("super") if above <= self.place.len() => self.place[..self.place.len() - above].to_vec(),
            _ => return,
        };
        let rest = &path[above.max(1)..];
        self.found.push([&base[..], rest].concat());
    }
}

impl<'ast> Visit<'ast> for Paths<'_> {
    fn visit_item_mod(&mut self, module: &'ast ItemMod) {
        let of_tests = module.attrs.iter().any(|attribute| attribute.path().is_ident("cfg"));
        if !of_tests {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        let mut paths = Vec::new();
        flatten(&item.tree, &[], &mut paths);
        paths.iter().for_each(|path| self.add(path));
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names: Place = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.add(&names);
        visit::visit_path(self, path);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::file;
    use super::*;

    fn offences(files: &[(&str, &str)]) -> Vec<String> {
        let files: Vec<_> = files.iter().map(|(path, text)| file(&format!("{SOURCES}/{path}"), text)).collect();
        check(&files).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn two_modules_that_know_each_other_are_a_circle() {
        let above = ("licence.rs", "mod dues; mod year;");
        let one_way = [above, ("licence/dues.rs", "use super::year::Year;"), ("licence/year.rs", "use super::Call;")];
        assert_eq!(offences(&one_way), [""; 0]);
        let both = [above, one_way[1], ("licence/year.rs", "fn f() { super::dues::pay() }")];
        let found = offences(&both);
        let text = "contracts/rules/src/licence/dues.rs: a circle of modules, licence::dues → licence::year → \
                    licence::dues: move what both need below them";
        assert_eq!(found, [text]);
    }

    #[test]
    fn what_is_passed_on_is_whom_it_comes_from() {
        let files = [
            ("licence.rs", "pub use year::{Year as Y, Year};"),
            ("licence/dues.rs", "use super::Year;"),
            ("licence/year.rs", "use crate::licence::dues;"),
        ];
        assert_eq!(offences(&files).len(), 1);
    }

    #[test]
    fn circles_are_found_over_three_modules_and_between_folders_and_not_in_tests() {
        let three = [("a.rs", "use crate::b;"), ("b.rs", "use crate::{c::X};"), ("c.rs", "type A = crate::a::A;")];
        assert_eq!(offences(&three).len(), 1);
        let folders = [("a.rs", "mod x;"), ("a/x.rs", "use crate::b::B;"), ("b.rs", "use crate::a::A;")];
        assert_eq!(offences(&folders).len(), 1);
        let tests = [("a.rs", "use crate::b;"), ("b.rs", "#[cfg(test)]\nmod tests { use crate::a; }")];
        assert_eq!(offences(&tests), [""; 0]);
        assert_eq!(offences(&[("a.rs", "use crate::b;"), ("b.rs", ""), ("b/tests.rs", "use crate::a;")]), [""; 0]);
    }
}
