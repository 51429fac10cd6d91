//! Our own client: one attempt is one connection, from the name to the last word. It causes a handshake and does not judge
//! it: what was said the engine reads from the socket, and the [`Report`] holds what our own stack saw of it.
//!
//! ```text
//! resolve -> dial -> proxy -> STARTTLS -> TLS -> wait for a late refusal -> HTTP -> close
//! ```

mod plan;
mod attempt;
mod report;
mod error;

mod credentials;
mod trust;
mod tls;
mod watch;
pub(crate) mod channel;

mod route;
mod dial;
mod proxy;
pub mod starttls;
mod redirect;

pub use attempt::attempt;
pub use credentials::{CredentialFiles, Credentials, FileType};
pub use error::ClientError;
pub use plan::{Limits, Plan, ServerName, Target, TlsPlan, Version};
pub use proxy::{Login, Proxy};
pub use redirect::{authority, redirected, target};
pub use report::{Alert, Ended, Failed, Report, Shaken, Step, StepKind, Verified};
pub use route::{ConnectTo, Family, Resolve, Route};
pub use starttls::Starttls;
pub use tls::Tls;
pub use trust::Trust;
