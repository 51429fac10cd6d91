//! `mtlscope capture`: every connection on this machine's interfaces, told as it ends.

#[cfg(target_os = "linux")]
mod interfaces;
#[cfg(target_os = "linux")]
mod live;
#[cfg(target_os = "linux")]
mod recording;
#[cfg(target_os = "linux")]
mod rotation;
#[cfg(target_os = "linux")]
mod running;

#[cfg(target_os = "linux")]
pub(crate) use live::run;

/// What to do where there are no packet sockets.
#[cfg(not(target_os = "linux"))]
pub(crate) fn run(_: &crate::cli::Capture, console: &mut crate::console::Console<'_>) -> crate::exit::Exit {
    console.complain(
        &"cannot capture on this system, only on Linux (let tcpdump capture, and read what it writes: \
          sudo tcpdump -i any -U -w - | mtlscope read -)",
    );
    crate::exit::Exit::CouldNotLook
}
