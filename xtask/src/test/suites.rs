//! The suites in order, what each needs, and how to get it. A suite whose need is absent is said to be skipped.

use anyhow::Result;

use super::run_cargo::{cargo_passes, count_tests};
use crate::tally::Tally;
use crate::workspace::Workspace;
use crate::{browser, captures, conformance, lab, live, peers, recipes, tshark, wrapped};

/// One part of the tests.
pub(crate) struct Suite {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) needs: &'static [Need],
    pub(crate) run: fn(&Workspace) -> Result<Tally>,
}

/// What a suite cannot do without.
pub(crate) enum Need {
    /// A program on `PATH`, and the Debian packages that bring it.
    Program { name: &'static str, packages: &'static [&'static str] },
    /// Something else, which is looked for.
    Checked {
        /// What, in a word.
        what: &'static str,
        /// What is missing of it; none if it is there.
        missing: fn() -> Option<String>,
    },
    /// A folder of `../shared`, which is not in the repository.
    Shared(&'static str),
}

impl Need {
    /// What is missing and how to get it; none if it is there.
    pub(crate) fn missing(&self, workspace: &Workspace) -> Option<String> {
        match self {
            Self::Program { name, packages } if tshark::on_path(name).is_none() => Some(format!(
                "{name} is not installed; `cargo xtask test --install` as root on Debian, or install {}",
                packages.join(" ")
            )),
            Self::Shared(folder) if !workspace.shared.join(folder).is_dir() => {
                Some(format!("../shared/{folder} is not there; it is test data kept outside the repository"))
            }
            Self::Checked { what, missing } => missing().map(|why| format!("{what}: {why}")),
            _ => None,
        }
    }
}

/// Every suite, in the order they run: the quick and plain first.
pub(crate) static SUITES: &[Suite] = &[
    Suite { name: "fmt", about: "the code is formatted", needs: &[], run: formatting },
    Suite { name: "clippy", about: "no lint warns", needs: &[], run: lints },
    Suite { name: "unit", about: "the tests of every crate", needs: &[], run: unit },
    Suite { name: "doc", about: "the examples in the documentation", needs: &[], run: documentation },
    Suite { name: "tidy", about: "the rules of the house, and the tests of xtask", needs: &[], run: tidy },
    Suite {
        name: "tshark",
        about: "tshark reads the fixtures as we do",
        needs: &[TSHARK],
        run: tshark::compare_all,
    },
    Suite {
        name: "captures",
        about: "real captures, against tshark's recorded reading",
        needs: &[Need::Shared("captures/files")],
        run: |workspace| captures::compare_all(workspace, None, None),
    },
    Suite {
        name: "conformance",
        about: "filters and fields, against Wireshark's over every capture",
        needs: &[TSHARK, SHARKD, Need::Shared("captures/files"), Need::Shared("lab/cases")],
        run: conformance::prove,
    },
    Suite {
        name: "lab",
        about: "recordings between real stacks, against what is known of them",
        needs: &[Need::Shared("lab/cases")],
        run: |workspace| lab::score_all(workspace, None, None, lab::Reading::ALL),
    },
    Suite {
        name: "peers",
        about: "our client and server meet real ones, which say of each other what we say",
        needs: peers::NEEDS,
        run: peers::prove,
    },
    Suite {
        name: "recipes",
        about: "what the rule pages say of how to reproduce their trouble, played as it stands there",
        needs: recipes::NEEDS,
        run: recipes::prove,
    },
    Suite {
        name: "live",
        about: "capture between two hosts: what is told, what goes wrong, how fast",
        needs: live::NEEDS,
        run: live::prove,
    },
    Suite {
        name: "wrapped",
        about: "`mtlscope run` sees real programs by each of its means, and they notice nothing",
        needs: wrapped::NEEDS,
        run: wrapped::prove,
    },
    Suite {
        name: "browser",
        about: "the page in a real Chromium, every view",
        needs: browser::NEEDS,
        run: browser::prove,
    },
];

const SHARKD: Need = Need::Program { name: "sharkd", packages: &["wireshark-common"] };

const TSHARK: Need = Need::Program { name: "tshark", packages: &["tshark"] };

fn formatting(workspace: &Workspace) -> Result<Tally> {
    Ok(Tally::one(cargo_passes(workspace, &["fmt", "--all", "--check"])?))
}

fn lints(workspace: &Workspace) -> Result<Tally> {
    let arguments = ["clippy", "--quiet", "--workspace", "--all-targets", "--", "--deny", "warnings"];
    Ok(Tally::one(cargo_passes(workspace, &arguments)?))
}

fn unit(workspace: &Workspace) -> Result<Tally> {
    count_tests(workspace, &["--workspace", "--exclude", "xtask"])
}

fn documentation(workspace: &Workspace) -> Result<Tally> {
    // A program has no documentation tests; `--doc` needs at least one library, which the workspace has.
    super::run_cargo::count(workspace, &["test", "--doc", "--workspace"])
}

fn tidy(workspace: &Workspace) -> Result<Tally> {
    count_tests(workspace, &["--package", "xtask"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        let mut names: Vec<&str> = SUITES.iter().map(|suite| suite.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), SUITES.len());
    }

    #[test]
    fn what_is_missing_is_named_with_the_way_to_get_it() {
        let workspace =
            Workspace { root: "/nowhere".into(), target: "/nowhere".into(), shared: "/nowhere".into() };
        let need = Need::Program { name: "no-such-program", packages: &["some-package"] };
        assert!(need.missing(&workspace).unwrap().contains("some-package"));
        assert!(Need::Shared("captures").missing(&workspace).is_some());
    }
}
