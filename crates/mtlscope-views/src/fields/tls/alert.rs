//! `tls.alert_message`: alerts.

use mtlscope_dissect::tls::alert::Alert;

use super::super::Kind;
use super::super::named::{DECIMAL, Told, fields};

fields! {
    ALERT = "tls.alert_message", Kind::Label, "An alert, readable or not.";
    LEVEL = "tls.alert_message.level", DECIMAL, "How grave the alert is: 1 is a warning, 2 is fatal.";
    DESCRIPTION = "tls.alert_message.desc", DECIMAL, "What the alert says.";
}

/// Tells of the alert in a record; `None` where it cannot be read.
pub(super) fn tell(content: Option<&[u8]>, told: &mut Told<'_>) {
    told.put_label(&ALERT);
    if let Some(Alert { level, description }) = content.and_then(Alert::parse) {
        told.put_number(&LEVEL, level.0);
        told.put_number(&DESCRIPTION, description.0);
    }
}
