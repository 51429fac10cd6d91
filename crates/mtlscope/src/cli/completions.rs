//! `mtlscope completions`: what can be typed.

const AFTER_HELP: &str = "\
Examples:
  mtlscope completions bash > ~/.local/share/bash-completion/completions/mtlscope
  mtlscope completions zsh > ~/.zfunc/_mtlscope
  mtlscope completions fish > ~/.config/fish/completions/mtlscope.fish";

/// Print a completion script for a shell.
#[derive(clap::Args, Debug)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}
