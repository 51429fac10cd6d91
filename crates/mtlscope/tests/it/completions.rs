//! `mtlscope completions`.

use crate::run::run;

#[test]
fn every_shell_gets_a_script_that_knows_the_subcommands() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = run(["completions", shell]).out;
        for word in ["read", "explain", "demo", "keylog"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
}
