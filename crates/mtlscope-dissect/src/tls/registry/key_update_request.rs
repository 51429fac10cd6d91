//! KeyUpdateRequest: whether the receiver of a KeyUpdate is to send one too.

registry! {
    /// KeyUpdateRequest. RFC 8446 section 4.6.3.
    pub struct KeyUpdateRequest(u8) {
        UPDATE_NOT_REQUESTED = 0 => "update_not_requested",
        UPDATE_REQUESTED = 1 => "update_requested",
    }
}
