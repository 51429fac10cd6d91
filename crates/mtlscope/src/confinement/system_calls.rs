//! A filter of system calls (seccomp): what a capture that runs has no need for fails, on every thread, whatever a packet might
//! bring the program to.

use std::collections::BTreeMap;

use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, apply_filter_all_threads};

/// What is still to be done besides reading packets and writing to what is open.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Needs {
    /// Files are opened, renamed and removed: a recording in several, a key log that grows.
    pub(crate) files: bool,
}

/// Memory, time, and what is open already: reading, writing, waiting, asking the socket.
const ALWAYS: &[i64] = &[
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_pread64,
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_lseek,
    libc::SYS_ftruncate,
    libc::SYS_fsync,
    libc::SYS_close,
    libc::SYS_fstat,
    libc::SYS_ioctl,
    libc::SYS_fcntl,
    libc::SYS_ppoll,
    libc::SYS_getsockopt,
    libc::SYS_getsockname,
    libc::SYS_futex,
    libc::SYS_brk,
    libc::SYS_mmap,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_mprotect,
    libc::SYS_madvise,
    libc::SYS_clock_gettime,
    libc::SYS_clock_nanosleep,
    libc::SYS_nanosleep,
    libc::SYS_sched_yield,
    libc::SYS_getrandom,
    libc::SYS_getpid,
    libc::SYS_gettid,
    libc::SYS_tgkill,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_restart_syscall,
    libc::SYS_exit,
    libc::SYS_exit_group,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_poll,
];

const FILES: &[i64] = &[
    libc::SYS_openat,
    libc::SYS_newfstatat,
    libc::SYS_statx,
    libc::SYS_fchmod,
    libc::SYS_fchown,
    libc::SYS_unlinkat,
    libc::SYS_renameat2,
    #[cfg(not(target_arch = "riscv64"))]
    libc::SYS_renameat,
];

/// From here on every other call fails with "not permitted". Where the kernel has no such filters, nothing changes.
pub(crate) fn restrict_system_calls(needs: Needs) -> Result<(), String> {
    let Ok(architecture) = std::env::consts::ARCH.try_into() else { return Ok(()) };
    let files = if needs.files { FILES } else { &[] };
    let allowed: BTreeMap<i64, _> = ALWAYS.iter().chain(files).map(|&call| (call, Vec::new())).collect();
    let refused = SeccompAction::Errno(libc::EPERM.cast_unsigned());
    let program = SeccompFilter::new(allowed, refused, SeccompAction::Allow, architecture)
        .and_then(BpfProgram::try_from)
        .map_err(|error| format!("cannot make the filter of system calls: {error}"))?;
    match apply_filter_all_threads(&program) {
        Ok(()) => Ok(()),
        // Kernels without it say so in one of these ways.
        Err(seccompiler::Error::Prctl(error) | seccompiler::Error::Seccomp(error))
            if matches!(error.raw_os_error(), Some(libc::EINVAL | libc::ENOSYS)) =>
        {
            Ok(())
        }
        Err(error) => Err(format!("cannot restrict system calls: {error}")),
    }
}
