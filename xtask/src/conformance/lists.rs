//! The filters and fields that are compared, one a line; `#` begins a remark.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The filters, the first of which chooses the frames whose values are compared.
pub(super) fn filters() -> Vec<String> {
    read(include_str!("filters.txt"))
}

/// The fields.
pub(super) fn fields() -> Vec<String> {
    read(include_str!("fields.txt"))
}

fn read(text: &str) -> Vec<String> {
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned).collect()
}

/// Writes a list to a file of its own, and says where.
pub(super) fn write(directory: &Path, name: &str, lines: &[String]) -> Result<PathBuf> {
    std::fs::create_dir_all(directory).with_context(|| format!("cannot make {}", directory.display()))?;
    let path = directory.join(name);
    std::fs::write(&path, lines.join("\n")).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn there_are_as_many_as_promised_and_none_stands_twice() {
        for (list, least) in [(filters(), 120), (fields(), 60)] {
            assert!(list.len() >= least, "{}", list.len());
            let once: BTreeSet<&String> = list.iter().collect();
            assert_eq!(once.len(), list.len());
        }
    }
}
