//! HeartbeatMode: whether the sender of a hello answers heartbeats.

registry! {
    /// HeartbeatMode. RFC 6520 section 2; IANA "Heartbeat Modes".
    pub struct HeartbeatMode(u8) {
        PEER_ALLOWED_TO_SEND = 1 => "peer_allowed_to_send",
        PEER_NOT_ALLOWED_TO_SEND = 2 => "peer_not_allowed_to_send",
    }
}
