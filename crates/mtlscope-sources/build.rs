//! Compiles the preload library of `mtlscope run`, which the program carries inside and writes out when it runs.
//!
//! Only Linux has it: elsewhere what is carried is empty, and `run` uses its other means.

use std::path::PathBuf;
use std::process::Command;
use std::{env, fs};

const SOURCE: &str = "preload/preload.c";

fn main() -> Result<(), String> {
    println!("cargo::rerun-if-changed={SOURCE}");
    let variable = |name: &str| env::var(name).unwrap_or_default();
    let library = PathBuf::from(variable("OUT_DIR")).join("preload.so");
    if variable("CARGO_CFG_TARGET_OS") != "linux" {
        return fs::write(&library, [])
            .map_err(|error| format!("cannot write {}: {error}", library.display()));
    }
    let mut build = cc::Build::new();
    // Nothing of it is seen in a program but what it takes over.
    build.std("gnu11").pic(true).opt_level(2).debug(false).warnings(true).extra_warnings(true);
    build.flag("-fvisibility=hidden");
    let mut compiler: Command = build.get_compiler().to_command();
    compiler.args(["-shared", "-s", "-Wl,-z,defs", "-Wl,-z,now", "-o"]).arg(&library).arg(SOURCE).arg("-ldl");
    match compiler.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("cannot compile {SOURCE} ({status}): {compiler:?}")),
        Err(error) => {
            Err(format!("no C compiler to compile {SOURCE} with ({error}): install one, or set CC"))
        }
    }
}
