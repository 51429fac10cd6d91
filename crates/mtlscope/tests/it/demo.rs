//! `mtlscope demo`, word for word.

use mtlscope::Exit;

use crate::run::run;

#[test]
fn tells_its_four_scenes() {
    let ran = run(["demo", "--ascii"]);
    assert_eq!((ran.exit, ran.err.as_str()), (Exit::Clean, ""));
    assert_eq!(ran.out.matches("\nScene ").count() + usize::from(ran.out.starts_with("Scene ")), 4);
    insta::assert_snapshot!(ran.out);
}
