//! Files and functions short enough to be read at once.

use std::path::Path;

use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use super::{File, Offence};

const FILE_LINES: usize = 600;
const FUNCTION_LINES: usize = 70;
/// A test reads like a ledger, from top to bottom, and may be longer.
const TEST_LINES: usize = 140;
/// Functions that stay longer, by file and name, each with its reason. They stand here and not beside the function,
/// where a comment more would ask for contracts built anew.
const LONG: &[(&str, &str)] = &[
    // One step after the other of the standard's, which names would only scatter.
    ("contracts/keccak-const/src/lib.rs", "permute"),
];

/// Counts the lines of a source file and of each function in it.
pub fn check(file: &File) -> Vec<Offence> {
    let offence = |line, text| Offence { file: file.path.clone(), line, text };
    let mut offences = Vec::new();
    // What a contract's messages do is said beside them alone: interfaces and tables are made of it.
    let lines = file.text.lines().filter(|line| !line.trim_start().starts_with("///")).count();
    if lines > FILE_LINES {
        offences
            .push(offence(0, format!("{lines} lines beside documentation, at most {FILE_LINES}: split it by noun")));
    }
    let syntax = match syn::parse_file(&file.text) {
        Ok(syntax) => syntax,
        Err(error) => {
            offences.push(offence(error.span().start().line, format!("cannot be parsed: {error}")));
            return offences;
        }
    };
    let mut functions = Functions { in_test: in_test_folder(&file.path), found: Vec::new() };
    functions.visit_file(&syntax);
    let mut long: Vec<_> =
        LONG.iter().filter(|(path, _)| file.path == Path::new(path)).map(|(_, name)| *name).collect();
    for Function { name, line, lines, test } in functions.found {
        let limit = if test { TEST_LINES } else { FUNCTION_LINES };
        if lines <= limit {
            continue;
        }
        match long.iter().position(|allowed| *allowed == name) {
            Some(at) => drop(long.remove(at)),
            None => {
                offences.push(offence(line, format!("{name} has {lines} lines, at most {limit}: give its parts names")))
            }
        }
    }
    offences.extend(long.iter().map(|name| offence(0, format!("{name} is not long: take it out of {}", file!()))));
    offences
}

fn in_test_folder(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == "tests")
}

struct Function {
    name: String,
    line: usize,
    lines: usize,
    test: bool,
}

struct Functions {
    in_test: bool,
    found: Vec<Function>,
}

impl Functions {
    fn add(&mut self, signature: &syn::Signature, block: &syn::Block, test: bool) {
        let (first, last) = (signature.span().start().line, block.span().end().line);
        let test = test || self.in_test;
        self.found.push(Function { name: signature.ident.to_string(), line: first, lines: last + 1 - first, test });
    }
}

impl<'ast> Visit<'ast> for Functions {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        let outside = self.in_test;
        self.in_test |= item.attrs.iter().any(is_cfg_test);
        visit::visit_item_mod(self, item);
        self.in_test = outside;
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        let test =
            item.attrs.iter().any(|attribute| attribute.path().segments.last().is_some_and(|s| s.ident == "test"));
        self.add(&item.sig, &item.block, test);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.add(&item.sig, &item.block, false);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if let Some(block) = &item.default {
            self.add(&item.sig, block, false);
        }
        visit::visit_trait_item_fn(self, item);
    }
}

fn is_cfg_test(attribute: &syn::Attribute) -> bool {
    attribute.path().is_ident("cfg") && attribute.parse_args::<syn::Path>().is_ok_and(|path| path.is_ident("test"))
}

#[cfg(test)]
mod tests {
    use super::super::tests::file;
    use super::*;

    fn function(head: &str, lines: usize) -> String {
        format!("{head} {{\n{}}}\n", "    work();\n".repeat(lines - 2))
    }

    #[test]
    fn a_long_file_is_found() {
        assert_eq!(check(&file("a.rs", &"\n".repeat(600))), []);
        assert_eq!(check(&file("a.rs", &"\n".repeat(601))).len(), 1);
    }

    #[test]
    fn a_long_function_is_found_wherever_it_is() {
        assert_eq!(check(&file("a.rs", &function("fn f()", 70))), []);
        let long = function("fn f()", 71);
        for text in [
            long.clone(),
            format!("impl A {{ {long} }}"),
            format!("trait T {{ {long} }}"),
            format!("mod m {{ {long} }}"),
        ] {
            assert_eq!(check(&file("a.rs", &text)).len(), 1, "{text}");
        }
    }

    #[test]
    fn an_exception_is_for_one_function_and_only_while_it_is_long() {
        let (path, name) = LONG[0];
        let allowed = function(&format!("fn {name}()"), 71);
        assert_eq!(check(&file(path, &allowed)), []);
        assert_eq!(check(&file("a.rs", &allowed)).len(), 1);
        assert_eq!(check(&file(path, &format!("{allowed} mod m {{ {allowed} }}"))).len(), 1);
        assert_eq!(check(&file(path, &function(&format!("fn {name}()"), 70))).len(), 1);
    }

    #[test]
    fn tests_may_be_longer_but_not_endless() {
        let long = function("fn f()", 100);
        assert_eq!(check(&file("tests/it/a.rs", &long)), []);
        assert_eq!(check(&file("a.rs", &format!("#[cfg(test)] mod tests {{ {long} }}"))), []);
        assert_eq!(check(&file("a.rs", &format!("#[tokio::test] async {long}"))), []);
        assert_eq!(check(&file("tests/it/a.rs", &function("fn f()", 141))).len(), 1);
    }

    #[test]
    fn what_does_not_parse_is_an_offence() {
        assert_eq!(check(&file("a.rs", "fn f( {")).len(), 1);
    }
}
