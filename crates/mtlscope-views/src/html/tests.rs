//! Every fragment of every told connection: what it says, and what a parser of HTML5 makes of it.

use super::*;
use crate::told;

#[test]
fn the_verdict_and_the_ladder_of_each_told_connection() {
    let settings = Settings::default();
    for (name, connection) in told::all() {
        let findings = told::findings(&connection);
        let text =
            format!("{}\n{}\n", head(&connection, &settings), verdict(&connection, &findings, &settings));
        insta::assert_snapshot!(format!("verdict_{name}"), text.replace("><", ">\n<"));
        let text = ladder(&connection, &settings).into_string();
        insta::assert_snapshot!(format!("ladder_{name}"), text.replace("><", ">\n<"));
    }
}
