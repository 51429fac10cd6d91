#!/bin/sh
# Makes rich.pem: one certificate with every extension, name form and string kind that we read.
set -eu
cd "$(dirname "$0")"
cat > rich.cnf <<'X'
[req]
distinguished_name = subject
string_mask = utf8only
utf8 = yes
prompt = no
[subject]
C = IT
O = Lab, "Quoted" + Söhne
1.OU = first
2.+OU = second
DC = lab
emailAddress = who@lab.test
x.2.5.4.127 = unknown
CN = "#rich "
[rich]
basicConstraints = critical, CA:TRUE, pathlen:3
keyUsage = critical, digitalSignature, keyCertSign, decipherOnly
extendedKeyUsage = clientAuth, 1.2.3.4, anyExtendedKeyUsage
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always, issuer:always
subjectAltName = DNS:*.lab.test, email:who@lab.test, URI:spiffe://lab.test/who, IP:10.77.0.1, IP:fd77::1, dirName:other, otherName:1.3.6.1.4.1.311.20.2.3;UTF8:who@lab, RID:1.2.3
nameConstraints = critical, permitted;DNS:lab.test, permitted;IP:10.0.0.0/255.0.0.0, excluded;email:evil.test
crlDistributionPoints = URI:http://crl.lab.test/a.crl, URI:ldap://crl.lab.test/b
authorityInfoAccess = OCSP;URI:http://ocsp.lab.test, caIssuers;URI:http://ca.lab.test/ca.der
certificatePolicies = 2.23.140.1.2.1, 1.2.3.4.5
1.2.3.4.6 = critical, ASN1:NULL
[other]
CN = elsewhere
X
openssl ecparam -name prime256v1 -genkey -noout -out rich.key
openssl req -x509 -new -key rich.key -config rich.cnf -extensions rich -set_serial 0x00f00dcafe -days 3650 -sha256 -out rich.pem
rm -f rich.key rich.cnf
