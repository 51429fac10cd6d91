//! Every dependency has its reason written beside it, because each is code we ship and did not write.

use crate::tree::{files, none, text};

#[test]
fn every_dependency_says_why_it_is_there() {
    let mut found = Vec::new();
    for file in files().iter().filter(|file| file.ends_with("Cargo.toml")) {
        for dependency in without_reason(&text(file)) {
            found.push(format!("{}: {dependency}", file.display()));
        }
    }
    none("dependencies without a comment above or beside them", &found);
}

/// The dependency lines of a manifest that have no comment. Our own crates need none: ARCHITECTURE.md says why.
fn without_reason(manifest: &str) -> Vec<String> {
    let (mut found, mut in_dependencies, mut commented, mut inside) = (Vec::new(), false, false, 0_i32);
    for line in manifest.lines().map(str::trim) {
        let brackets =
            |open: char, close: char| line.matches(open).count() as i32 - line.matches(close).count() as i32;
        if inside == 0 && line.starts_with('[') {
            in_dependencies = line.trim_end_matches(']').ends_with("dependencies");
        } else if inside == 0 && in_dependencies && !line.is_empty() && !line.starts_with('#') {
            let ours = line.starts_with("mtlscope");
            if !ours && !commented && !line.contains(" # ") {
                found.push(line.to_owned());
            }
        }
        commented = line.starts_with('#');
        if !line.starts_with('#') && in_dependencies && !line.starts_with('[') {
            inside += brackets('[', ']') + brackets('{', '}');
        }
    }
    found
}

#[test]
fn the_search_itself_finds_what_it_should() {
    let manifest = "[dependencies]\n# why\na = \"1\"\nb = \"1\"\nc = \"1\" # why\n# why\nd = { version = \"1\", features = [\n    \"x\",\n] }\nmtlscope-views.workspace = true\n\n[lints]\nworkspace = true\n";
    assert_eq!(without_reason(manifest), ["b = \"1\""]);
}
