//! What the program gives up before it looks at bytes of strangers: the rights it was started with, and most calls of the
//! system (Linux).

mod privileges;
mod system_calls;

pub(crate) use privileges::{Identity, drop_privileges};
pub(crate) use system_calls::{Needs, restrict_system_calls};
