//! `mtlscope demo`, word for word.

use mtlscope::Exit;

use crate::run::run;

#[test]
fn tells_its_scenes() {
    let ran = run(["demo", "--ascii"]);
    assert_eq!((ran.exit, ran.err.as_str()), (Exit::Clean, ""));
    assert_eq!(ran.out.matches("\nScene ").count() + usize::from(ran.out.starts_with("Scene ")), 5);
    insta::assert_snapshot!(ran.out);
}

#[test]
fn what_the_readme_shows_is_what_the_demo_prints() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md")).unwrap();
    let shown = readme.split("```text\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let demo = run(["demo"]).out;
    assert!(demo.contains(shown), "README.md shows\n{shown}\nand the demo prints\n{demo}");
}
