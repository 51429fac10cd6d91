//! A filter of system calls (seccomp): what a capture that runs has no need for fails, on every thread, whatever a packet might
//! bring the program to.

use std::collections::BTreeMap;

use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch, apply_filter_all_threads,
};

/// What is still to be done besides reading packets and writing to what is open.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Needs {
    /// Files are opened, renamed and removed: a recording in several, a key log that grows.
    pub(crate) files: bool,
    /// A page is served on a socket that listens already, and files are read again on threads. None else listens, and none
    /// connects: the calls for it stay refused.
    pub(crate) page: bool,
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

/// Serving who connects, and threads.
const PAGE: &[i64] = &[
    libc::SYS_accept4,
    libc::SYS_recvfrom,
    libc::SYS_sendto,
    libc::SYS_shutdown,
    libc::SYS_getpeername,
    libc::SYS_epoll_ctl,
    libc::SYS_epoll_pwait,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_epoll_wait,
    // A file that was dropped onto the page is removed, and the folder of the recording at the end.
    libc::SYS_getdents64,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_unlink,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_rmdir,
    libc::SYS_set_robust_list,
    libc::SYS_rseq,
    libc::SYS_sched_getaffinity,
    // See below.
    libc::SYS_clone3,
];

/// From here on every other call fails with "not permitted". Where the kernel has no such filters, nothing changes.
pub(crate) fn restrict_system_calls(needs: Needs) -> Result<(), String> {
    let Ok(architecture) = std::env::consts::ARCH.try_into() else { return Ok(()) };
    let files = if needs.files { FILES } else { &[] };
    let page = if needs.page { PAGE } else { &[] };
    let calls = ALWAYS.iter().chain(files).chain(page);
    let mut allowed: BTreeMap<i64, _> = calls.map(|&call| (call, Vec::new())).collect();
    if needs.page {
        allowed.extend(threads().map_err(|error| cannot_make(&error))?);
        // Its flags lie in memory, where a filter cannot look: as on a kernel without it, `clone` is used instead.
        let new_threads = BTreeMap::from([(libc::SYS_clone3, Vec::new())]);
        let absent = SeccompAction::Errno(libc::ENOSYS.cast_unsigned());
        apply(new_threads, SeccompAction::Allow, absent, architecture)?;
    }
    apply(allowed, SeccompAction::Errno(libc::EPERM.cast_unsigned()), SeccompAction::Allow, architecture)
}

/// Threads of this process may be started and named, and no other process.
fn threads() -> Result<[(i64, Vec<SeccompRule>); 2], BackendError> {
    let only = |operator, value| {
        let condition = SeccompCondition::new(0, SeccompCmpArgLen::Dword, operator, value)?;
        Ok(vec![SeccompRule::new(vec![condition])?])
    };
    let thread = u64::from(libc::CLONE_THREAD.cast_unsigned());
    Ok([
        (libc::SYS_clone, only(SeccompCmpOp::MaskedEq(thread), thread)?),
        (libc::SYS_prctl, only(SeccompCmpOp::Eq, u64::from(libc::PR_SET_NAME.cast_unsigned()))?),
    ])
}

fn apply(
    rules: BTreeMap<i64, Vec<SeccompRule>>,
    others: SeccompAction,
    these: SeccompAction,
    architecture: TargetArch,
) -> Result<(), String> {
    let program = SeccompFilter::new(rules, others, these, architecture)
        .and_then(BpfProgram::try_from)
        .map_err(|error| cannot_make(&error))?;
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

fn cannot_make(error: &BackendError) -> String {
    format!("cannot make the filter of system calls: {error}")
}
