//! `mtlscope explain`.

use mtlscope::Exit;
use mtlscope_diagnose::rules::RULES;

use crate::run::run;

#[test]
fn lists_every_rule_and_prints_each_page() {
    let list = run(["explain"]);
    assert_eq!((list.exit, list.out.lines().count()), (Exit::Clean, RULES.len()));
    for rule in RULES {
        assert!(list.out.contains(rule.id));
        let page = run(["explain", rule.id]);
        assert_eq!((page.exit, page.err.as_str()), (Exit::Clean, ""), "{}", rule.id);
        for heading in ["What happened", "What to do"] {
            assert!(page.out.contains(heading), "{}: {}", rule.id, page.out);
        }
    }
}

#[test]
fn an_id_that_nobody_knows_brings_the_nearest() {
    let ran = run(["explain", "unknown-cas"]);
    assert_eq!((ran.exit, ran.out.as_str()), (Exit::CouldNotLook, ""));
    assert_eq!(
        ran.err,
        "mtlscope: no cause is called unknown-cas; did you mean `unknown-ca`? `mtlscope explain` lists them all\n"
    );
}
