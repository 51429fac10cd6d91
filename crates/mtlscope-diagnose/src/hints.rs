//! Causes that no capture shows, or that look on the wire like another: hints, each beside the rule whose page names it.

/// What no wire shows.
#[derive(Clone, Copy, Debug)]
pub struct Hint {
    /// The catalogue's id.
    pub id: &'static str,
    /// The rules in whose pages it is named: what it looks like on the wire.
    pub near: &'static [&'static str],
    /// What it is, and what to do: Markdown, one paragraph or a list.
    pub text: &'static str,
}

/// The page of all hints, as `mtlscope explain hints` prints it.
pub fn page() -> String {
    let mut page = "# hints\n\n\
        What no capture can show: it happens before the connection, behind it, or looks on the wire like something else. Each \
        stands beside the rule that a capture of it leads to.\n"
        .to_owned();
    for hint in HINTS {
        page.push_str(&format!("\n## {}\n\n{}\n", hint.id, hint.text));
        if !hint.near.is_empty() {
            let near: Vec<String> = hint.near.iter().map(|id| format!("`{id}`")).collect();
            page.push_str(&format!("\nOn the wire: {}.\n", near.join(", ")));
        }
    }
    page
}

/// The hint with this id.
pub fn hint(id: &str) -> Option<&'static Hint> {
    HINTS.iter().find(|hint| hint.id == id)
}

/// Every hint: first what is set up wrong in a client, then in a server, then in clouds and products.
pub static HINTS: &[Hint] = &[
    Hint {
        id: "client-key-load-failure",
        near: &["no-client-cert-configured"],
        text: "The client cannot load its certificate or key (wrong passphrase, DER where PEM is wanted, no right to read, a key of \
               another certificate). Most programs then make no connection at all, so there is nothing to capture; some go on \
               without. `mtlscope pki show client.pem client.key` says what is wrong with the files; libpq wants mode 0600.",
    },
    Hint {
        id: "java-keystore-no-usable-entry",
        near: &["no-client-cert-configured"],
        text: "The key store of a Java client holds certificates and no PrivateKeyEntry, or the alias is another, or there are \
               several and the key manager chooses none. `keytool -list -v` must show `Entry type: PrivateKeyEntry` and a chain \
               length of at least 2; build it with `openssl pkcs12 -export -certfile`; set keyStore, keyStorePassword and \
               keyStoreType; the key's password must be the store's. Spring's `server.ssl.key-alias` does not choose for clients.",
    },
    Hint {
        id: "pkcs12-legacy-encryption",
        near: &["no-client-cert-configured"],
        text: "A PKCS#12 file encrypted with RC2 or RC4, as old Windows and Java write it, cannot be opened by OpenSSL 3 (curl, \
               Python, Node). `mtlscope pki show FILE` says so. Convert it: `openssl pkcs12 -legacy -in old.p12 -nodes -out all.pem`, \
               `openssl pkcs12 -export -in all.pem -out new.p12`.",
    },
    Hint {
        id: "windows-private-key-inaccessible",
        near: &["no-client-cert-configured", "token-or-keychain-unavailable"],
        text: "The certificate is in the Windows store, and the account of the service may not use its private key: it answers with \
               none, or gives up. certlm.msc, All Tasks, Manage Private Keys, Read for that account; import with MachineKeySet and \
               PersistKeySet.",
    },
    Hint {
        id: "dotnet-ephemeral-key",
        near: &["no-client-cert-configured", "token-or-keychain-unavailable"],
        text: ".NET on Windows: a certificate loaded from PEM (`CreateFromPemFile`) or with EphemeralKeySet has a key that Schannel \
               cannot use (0x8009030E). Export it to PKCS#12 and load that: `new X509Certificate2(cert.Export(X509ContentType.Pkcs12))`.",
    },
    Hint {
        id: "client-option-not-applied",
        near: &["no-client-cert-configured"],
        text: "The program sets the certificate on something that its HTTP library does not use. Node: the global `fetch` does not \
               know `https.Agent`, it wants an undici `Agent({connect: {cert, key}})` as dispatcher. Python: `cert=` on another \
               Session. Go: `TLSClientConfig` set after the first request. Envoy: the context of the listener in place of that of the \
               cluster. curl: `--cert` is for the host, `--proxy-cert` for an HTTPS proxy. Capture curl with the same files beside it, \
               and compare: `mtlscope diff`.",
    },
    Hint {
        id: "browser-no-matching-certificate",
        near: &["no-client-cert-configured", "ca-list-mismatch-client-withheld"],
        text: "A browser shows no choice, or remembers \"none\", because nothing in its store matches the list of authorities. Chrome \
               and Edge use the store of the system (and keep the choice until they are restarted); Firefox has its own, and forgets \
               under Certificates, Authentication Decisions; macOS keeps identity preferences in the keychain.",
    },
    Hint {
        id: "client-chain-incomplete-withheld",
        near: &["ca-list-mismatch-client-withheld"],
        text: "The client's file holds only its own certificate, of an intermediate. The server names the root, the client cannot \
               link the two and sends nothing (Java, Go, browsers). Append the intermediate: `cat leaf.pem intermediate.pem > \
               client.pem`; Java: import the whole reply onto the alias. `mtlscope connect URL --cert-dir DIR` tells.",
    },
    Hint {
        id: "wrong-certificate-chosen",
        near: &["unknown-ca", "ca-list-mismatch-client-withheld"],
        text: "The client has several certificates and sends another than was meant: the wrong alias, an old one that nobody removed, \
               the first of a store. Compare the subject in the capture with the one you mean; choose by alias or thumbprint; remove \
               what has expired; have the server name its authorities.",
    },
    Hint {
        id: "stale-certificate-in-memory",
        near: &["leaf-expired", "certificate-expires-soon"],
        text: "The files were renewed, and the process still has the old ones: the serial number on the wire is not that in the file \
               (`openssl x509 -noout -serial`). Reload or restart; let programs read anew by themselves: Go `GetClientCertificate`, \
               `GetConfigForClient`; Envoy SDS; Java a key manager that reloads; `nginx -s reload`.",
    },
    Hint {
        id: "windows-omits-intermediates",
        near: &["chain-incomplete-intermediate-missing"],
        text: "Windows builds the chain from its stores and leaves out intermediates that are only in the PFX. Import them: `certutil \
               -addstore CA inter.cer`; or in .NET 8 `SslStreamCertificateContext.Create(leaf, extra)` as `ClientCertificateContext`.",
    },
    Hint {
        id: "grpc-unavailable",
        near: &["no-client-cert-configured", "unknown-ca"],
        text: "gRPC says `UNAVAILABLE` whatever happened in TLS. The capture says what; in the client `GRPC_TRACE=tsi,security_handshaker \
               GRPC_VERBOSITY=debug`, Go `GODEBUG=http2debug=1`.",
    },
    Hint {
        id: "ssloptions-stdenvvars-missing",
        near: &["optional-verify-app-rejects", "identity-mapping-mismatch"],
        text: "Apache passes `SSL_CLIENT_VERIFY`, `SSL_CLIENT_S_DN` and the like to PHP and CGI only with `SSLOptions +StdEnvVars` \
               (and the certificate itself with `+ExportCertData`). Without it the page sees nobody, whatever TLS did. `mtlscope \
               serve --no-std-env-vars` plays it.",
    },
    Hint {
        id: "identity-header-not-forwarded",
        near: &["optional-verify-app-rejects", "identity-mapping-mismatch"],
        text: "The proxy took the certificate and does not tell the application, or in another form than it reads. nginx \
               `proxy_set_header X-SSL-CERT $ssl_client_escaped_cert`; HAProxy `http-request set-header X-SSL-Client-Cert \
               %[ssl_c_der,base64]`; Envoy `forward_client_cert_details` (`x-forwarded-client-cert`); Traefik `passTLSClientCert`; Azure \
               `X-ARR-ClientCert`; RFC 9440 `Client-Cert`. Drop such headers where they come from outside.",
    },
    Hint {
        id: "tls-terminating-proxy-between",
        near: &["server-never-asks"],
        text: "A load balancer, CDN or ingress ends TLS, so the certificate never reaches the server that wants it: the certificate \
               that the client sees is the proxy's. Ask at the proxy and forward the identity; or pass TLS through (nginx `stream` \
               with `ssl_preread`, HAProxy `mode tcp`, a network load balancer, Istio PASSTHROUGH); or give the proxy a certificate \
               of its own (`proxy_ssl_certificate`).",
    },
    Hint {
        id: "netsh-binding",
        near: &["iis-late-negotiation", "server-never-asks"],
        text: "IIS and http.sys keep certificates, and whether to ask in the handshake, in the binding of address and port, or of the \
               host name: `netsh http show sslcert` lists them; what IIS Manager shows may be another one. `Negotiate Client \
               Certificate : Enabled` asks in the handshake; `Verify Client Certificate Revocation`, `Ctl Store Name` and `DS Mapper \
               Usage` stand there as well. A binding by `hostnameport` outranks that by `ipport`.",
    },
    Hint {
        id: "k8s-api-client-cert",
        near: &["identity-mapping-mismatch", "no-client-cert-configured"],
        text: "The API server of Kubernetes asks and does not insist: a certificate that is not from its `--client-ca-file` makes the \
               request anonymous, 401 or 403 for `system:anonymous`. CN is the user, O the groups; the front proxy has an authority of \
               its own; webhooks get no certificate unless `AdmissionConfiguration` names a kubeconfig.",
    },
    Hint {
        id: "kafka-client-auth",
        near: &["no-client-cert-configured", "etcd-server-cert-as-client"],
        text: "`ssl.client.auth` of Kafka stands per listener (`listener.name.X.ssl.client.auth`). Clients need `ssl.keystore.location`, \
               `.type` and both passwords; brokers talk to each other as clients, so their certificates need both purposes.",
    },
    Hint {
        id: "mqtt-client-cert",
        near: &["no-client-cert-configured", "server-closes-silently"],
        text: "MQTT libraries report a lost connection and hide the alert. All three are needed: authority, certificate, key. AWS IoT \
               closes after CONNECT where the certificate is not active or has no policy, and on port 443 wants the protocol \
               `x-amzn-mqtt-ca`. Devices need the right time.",
    },
    Hint {
        id: "mongodb-x509",
        near: &["no-client-cert-configured", "identity-mapping-mismatch"],
        text: "mongod with a CAFile insists on a certificate unless `allowConnectionsWithoutCertificates`; certificate and key stand in \
               one file (`--tlsCertificateKeyFile`). The user in `$external` has the exact RFC 2253 subject; members need both purposes \
               and the same O, OU or DC.",
    },
    Hint {
        id: "aws-alb-mtls",
        near: &["unknown-ca", "chain-too-many-or-too-big"],
        text: "An Application Load Balancer tells the reason only in its connection log: `Failed:ClientCertUntrusted`, `...Expired`, \
               `...MaxChainDepthExceeded` (four), `...MaxSizeExceeded` (16 KiB), `...CrlHit`, `...PurposeInvalid`. The trust store takes \
               authorities of X.509 version 3 with CA:TRUE only. Passthrough mode hands on `X-Amzn-Mtls-Clientcert`.",
    },
    Hint {
        id: "gcp-lb-mtls",
        near: &["unknown-ca", "ca-used-as-end-entity"],
        text: "Google's load balancers log `statusDetails` (`client_cert_...`) and set headers. Their trust config needs anchors and \
               intermediates; clients need clientAuth, SHA-256 and no CA:TRUE; `allowlistedCertificates` lets odd ones in.",
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{RULES, rule};

    #[test]
    fn a_hint_is_no_rule_and_is_named_in_the_pages_it_stands_beside() {
        for hint in HINTS {
            assert!(rule(hint.id).is_none(), "{} is both", hint.id);
            assert!(!hint.near.is_empty(), "{}", hint.id);
            for near in hint.near {
                let rule = rule(near).unwrap_or_else(|| panic!("{}: no rule {near}", hint.id));
                assert!(rule.page.contains(&format!("`{}`", hint.id)), "{near} does not name {}", hint.id);
            }
        }
    }

    #[test]
    fn the_page_has_every_hint_once() {
        let page = page();
        for hint in HINTS {
            assert_eq!(page.matches(&format!("\n## {}\n", hint.id)).count(), 1);
            assert!(!hint.text.contains("  "), "{}", hint.id);
        }
        assert!(RULES.len() > HINTS.len());
    }
}
