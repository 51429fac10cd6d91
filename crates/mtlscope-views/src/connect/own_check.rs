//! The client's own check of the server's chain, step by step, as `openssl s_client` prints it.

use std::io::{self, Write};

use mtlscope_dissect::x509::Certificate;

use crate::trace::openssl_names;

/// Writes one step: which certificate, what is wrong with it, and whether the client goes on.
pub fn write(
    depth: u32,
    certificate: Option<&Certificate>,
    (code, text): (i32, &str),
    out: &mut dyn Write,
) -> io::Result<()> {
    let name = certificate.map_or_else(String::new, |one| openssl_names::oneline(&one.subject));
    writeln!(out, "depth={depth} {}", crate::printable::printable(&name))?;
    if code != 0 {
        writeln!(out, "verify error:num={code}:{text}")?;
    }
    writeln!(out, "verify return:1")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::told::certificate;

    #[test]
    fn says_what_is_wrong_with_whom() {
        let mut out = Vec::new();
        let text = "self-signed certificate in certificate chain";
        write(1, Some(&certificate("root")), (19, text), &mut out).unwrap();
        write(0, None, (0, "ok"), &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.starts_with("depth=1 C = IT, O = Lab, CN = Lab Root CA\n"), "{text}");
        assert!(
            text.contains("\nverify error:num=19:self-signed certificate in certificate chain\n"),
            "{text}"
        );
        assert!(text.ends_with("verify return:1\ndepth=0 \nverify return:1\n"), "{text}");
    }
}
