//! Dropping rights for good: another user, no group but its own, no capability, none gained by any program started later.

use std::{fmt, fs};

use mtlscope_sources::held_directory::Owner;
use mtlscope_views::printable::printable;
use nix::errno::Errno;
use nix::unistd::{Gid, Uid, User, geteuid, setgroups, setresgid, setresuid};
use rustix::thread::{CapabilitySet, CapabilitySets, set_capabilities, set_no_new_privs};

/// `nobody`, where there is no such user by name.
const NOBODY: u32 = 65534;

/// Who the program goes on as.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Identity {
    /// Who it is.
    Same,
    /// Another.
    Other {
        owner: Owner,
        /// Their name, for messages.
        name: String,
        /// Whether files that are made are to be theirs: they called us, and will want to read them.
        owns_files: bool,
    },
}

impl Identity {
    /// Whom to become: the named user; else, of root, who called sudo; else nobody. Who is not root stays.
    pub(crate) fn choose(named: Option<&str>) -> Result<Self, String> {
        if !geteuid().is_root() {
            return match named {
                None => Ok(Self::Same),
                Some(named) => {
                    Err(format!("cannot become {}: only root can (leave out --run-as)", printable(named)))
                }
            };
        }
        if let Some(named) = named {
            let found = User::from_name(named).ok().flatten();
            let user = found.ok_or_else(|| format!("there is no user {} to run as", printable(named)))?;
            return Ok(if user.uid.is_root() {
                Self::Same
            } else {
                Self::of(user.uid, user.gid, user.name, true)
            });
        }
        let number = |name| std::env::var(name).ok()?.parse::<u32>().ok().filter(|&id| id != 0);
        if let (Some(user), Some(group)) = (number("SUDO_UID"), number("SUDO_GID")) {
            let user = Uid::from_raw(user);
            let name = User::from_uid(user).ok().flatten().map_or_else(|| user.to_string(), |user| user.name);
            return Ok(Self::of(user, Gid::from_raw(group), name, true));
        }
        let (user, group) = match User::from_name("nobody").ok().flatten() {
            Some(user) => (user.uid, user.gid),
            None => (Uid::from_raw(NOBODY), Gid::from_raw(NOBODY)),
        };
        // In a user namespace of its own root is an ordinary user, and nobody may not be known.
        Ok(if is_known(user) { Self::of(user, group, "nobody".to_owned(), false) } else { Self::Same })
    }

    fn of(user: Uid, group: Gid, name: String, owns_files: bool) -> Self {
        let owner = Owner { user: user.as_raw(), group: group.as_raw() };
        Self::Other { owner, name, owns_files }
    }

    /// Who is to own files that are made.
    pub(crate) fn owner_of_files(&self) -> Option<Owner> {
        match self {
            Self::Other { owner, owns_files: true, .. } => Some(*owner),
            _ => None,
        }
    }
}

/// `as nobody`.
impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Same => f.write_str("as who you are"),
            Self::Other { name, .. } => write!(f, "as {}", printable(name)),
        }
    }
}

/// Becomes this user, and gives up every right for good. Before any other thread is started: capabilities are a thread's own.
pub(crate) fn drop_privileges(identity: &Identity) -> Result<(), String> {
    if let Identity::Other { owner, name, .. } = identity {
        become_user(Uid::from_raw(owner.user), Gid::from_raw(owner.group))
            .map_err(|errno| format!("cannot become {name}: {} (try --run-as)", errno.desc()))?;
    }
    let none = CapabilitySet::empty();
    set_capabilities(None, CapabilitySets { effective: none, permitted: none, inheritable: none })
        .and_then(|()| set_no_new_privs(true))
        .map_err(|error| format!("cannot drop the right to capture: {error}"))
}

fn become_user(user: Uid, group: Gid) -> Result<(), Errno> {
    setgroups(&[group])?;
    setresgid(group, group, group)?;
    setresuid(user, user, user)?;
    // It must not be possible to go back.
    match setresuid(Uid::from_raw(0), Uid::from_raw(0), Uid::from_raw(0)) {
        Err(_) => Ok(()),
        Ok(()) => Err(Errno::EPERM),
    }
}

/// Whether the user namespace we are in knows this user.
fn is_known(user: Uid) -> bool {
    let Ok(map) = fs::read_to_string("/proc/self/uid_map") else { return true };
    map.lines().any(|line| {
        let mut numbers = line.split_ascii_whitespace().map(str::parse::<u64>);
        match (numbers.next(), numbers.nth(1)) {
            (Some(Ok(first)), Some(Ok(count))) => (first..first + count).contains(&user.as_raw().into()),
            _ => false,
        }
    })
}
