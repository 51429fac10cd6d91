//! Pieces of the page that views makes.
use mtlscope_diagnose::connection::Connection;
use mtlscope_diagnose::finding::Finding;
pub(crate) fn style() -> &'static str {
    ""
}
pub(crate) fn connection(_: &Connection, _: &[Finding]) -> String {
    String::new()
}
pub(crate) fn step(_: &Connection, _: usize) -> Option<String> {
    None
}
pub(crate) fn comparison(_: (&Connection, &[Finding], &str), _: (&Connection, &[Finding], &str)) -> String {
    String::new()
}
