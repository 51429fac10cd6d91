//! TCP: one address after the other until one answers.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use super::attempt::Log;
use super::{ClientError, StepKind};

/// Connects to the first address that answers. Each of several gets its share of the time.
pub(super) fn dial(
    addresses: &[SocketAddr],
    deadline: Instant,
    log: &mut Log<'_>,
) -> Result<TcpStream, ClientError> {
    let mut first_error = None;
    for (place, address) in addresses.iter().enumerate() {
        let left = deadline.saturating_duration_since(Instant::now());
        let share = left / u32::try_from(addresses.len() - place).unwrap_or(1);
        log.step(StepKind::Trying(*address));
        // A timeout of zero is refused by the library.
        match TcpStream::connect_timeout(address, share.max(Duration::from_millis(1))) {
            Ok(stream) => {
                // A handshake is small messages back and forth: none of them should wait for company.
                let _ = stream.set_nodelay(true);
                log.step(StepKind::Connected(*address));
                return Ok(stream);
            }
            Err(cause) => {
                log.step(StepKind::Unreachable(*address, cause.to_string()));
                let error = match cause.kind() {
                    ErrorKind::ConnectionRefused => ClientError::Refused { address: *address },
                    ErrorKind::TimedOut | ErrorKind::WouldBlock => {
                        timed_out(share, format!("while connecting to {address}"))
                    }
                    _ => ClientError::Connect { address: *address, cause },
                };
                // The last says most where all fail alike; a refusal says more than a missing route.
                if first_error.is_none() || matches!(error, ClientError::Refused { .. }) {
                    first_error = Some(error);
                }
            }
        }
    }
    Err(first_error.unwrap_or_else(|| ClientError::Resolve {
        host: "the name".to_owned(),
        cause: "it has no address".to_owned(),
    }))
}

/// The error of a wait that was too long, up to TLS.
pub(super) fn timed_out(waited: Duration, during: String) -> ClientError {
    ClientError::TimedOut { seconds: seconds(waited), during, option: "--connect-timeout" }
}

/// `2`, `0.5`.
pub(super) fn seconds(waited: Duration) -> String {
    let milliseconds = (waited.as_millis() + 5) / 10 * 10;
    match milliseconds % 1000 {
        0 => (milliseconds / 1000).to_string(),
        rest => format!("{}.{}", milliseconds / 1000, format!("{rest:03}").trim_end_matches('0')),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_told_without_needless_digits() {
        for (milliseconds, text) in [(2000, "2"), (1999, "2"), (500, "0.5"), (1250, "1.25"), (0, "0")] {
            assert_eq!(seconds(Duration::from_millis(milliseconds)), text);
        }
    }
}
