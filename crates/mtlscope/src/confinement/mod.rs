//! What the program gives up before it looks at bytes of strangers: the rights it was started with, and most calls of the
//! system; and what it asks for while it may (Linux).

mod priority;
mod privileges;
mod system_calls;

pub(crate) use priority::ask_for_priority;
pub(crate) use privileges::{Identity, drop_privileges};
pub(crate) use system_calls::{Needs, restrict_system_calls};
