//! What goes on in a connection, line by line as it happens, in the form of the tools that people know: curl and
//! `openssl s_client`.

pub mod curl;
mod openssl_names;
