//! The help texts, word for word.

use mtlscope::Exit;

use crate::run::run;

#[test]
fn help_says_what_can_be_typed() {
    for arguments in [
        &["--help"][..],
        &["read", "--help"],
        &["report", "--help"],
        &["capture", "--help"],
        &["explain", "--help"],
        &["demo", "--help"],
        &["probe", "--help"],
        &["diff", "--help"],
        &["share", "--help"],
        &["inject-secrets", "--help"],
        &["connect", "--help"],
        &["serve", "--help"],
        &["web", "--help"],
        &["run", "--help"],
        &["tap", "--help"],
        &["pki", "init", "--help"],
        &["pki", "show", "--help"],
    ] {
        let ran = run(arguments.iter().copied());
        assert_eq!((ran.exit, ran.err.as_str()), (Exit::Clean, ""));
        let name = arguments.join("_").replace("_--help", "").replace("--", "");
        insta::assert_snapshot!(format!("help_{name}"), ran.out);
    }
}

#[test]
fn short_help_of_read_fits_a_screen() {
    let ran = run(["read", "-h"]);
    assert!(ran.out.lines().count() < 60, "{}", ran.out);
}

#[test]
fn version_is_that_of_the_package() {
    assert_eq!(run(["--version"]).out, format!("mtlscope {}\n", env!("CARGO_PKG_VERSION")));
}
