//! What goes on in a connection, line by line as it happens, in the form of the tools that people know: curl and
//! `openssl s_client`.

pub mod curl;
pub mod openssl;
mod chronicle;
pub(crate) mod openssl_names;
mod version_in_force;

pub use chronicle::Chronicle;
