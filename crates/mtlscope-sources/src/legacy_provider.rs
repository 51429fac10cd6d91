//! OpenSSL's legacy provider: RC2 and the other ciphers that PKCS#12 files of old Windows exports are encrypted with.

use openssl::error::ErrorStack;
use openssl::provider::Provider;

/// Makes the old ciphers known for as long as what is returned lives.
///
/// With an OpenSSL that was built without them, this is an error; ours has them inside.
pub(crate) fn load() -> Result<Provider, ErrorStack> {
    // The default provider must stay, and without being asked it stays only beside what was loaded so.
    Provider::try_load(None, "legacy", true)
}
