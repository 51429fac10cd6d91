#!/bin/sh
# Makes the chains of this folder with openssl, in a temporary folder; the keys are thrown away.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$(mktemp -d)"
key() { openssl ecparam -name "${2:-prime256v1}" -genkey -noout -out "$1.key"; }
root() { key root; openssl req -x509 -key root.key -days 9000 -subj "/CN=Built Root CA" -addext keyUsage=critical,keyCertSign,cRLSign -out root.pem; }
# issue NAME ISSUER EXTENSIONS [CURVE]
issue() {
    key "$1" "${4:-prime256v1}"
    openssl req -new -key "$1.key" -subj "/CN=Built $1" -out "$1.csr"
    printf '%s\n' "$3" | tr ';' '\n' > "$1.ext"
    openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" -CAcreateserial -days 8000 -extfile "$1.ext" -out "$1.pem"
}
ca="basicConstraints=critical,CA:TRUE;keyUsage=critical,keyCertSign,cRLSign"
leaf="basicConstraints=CA:FALSE;keyUsage=critical,digitalSignature;extendedKeyUsage=clientAuth"
root
issue not-a-ca root "basicConstraints=critical,CA:FALSE;keyUsage=critical,digitalSignature,keyCertSign"
issue below-not-a-ca not-a-ca "$leaf"
issue no-keycertsign root "basicConstraints=critical,CA:TRUE;keyUsage=critical,cRLSign"
issue below-no-keycertsign no-keycertsign "$leaf"
issue servers-only-ca root "$ca;extendedKeyUsage=serverAuth"
issue below-servers-only-ca servers-only-ca "$leaf"
issue secp256k1 root "$leaf" secp256k1
previous=root
for step in 1 2 3 4 5 6 7 8 9 10; do
    issue "step$step" "$previous" "$ca"
    previous=step$step
done
issue deep step10 "$leaf"
# A public authority by name only.
key public-ca
openssl req -new -key public-ca.key -subj "/C=US/O=Let's Encrypt/CN=R0 (built)" -out public-ca.csr
printf '%s\n' "$ca" | tr ';' '\n' > public-ca.ext
openssl x509 -req -in public-ca.csr -CA root.pem -CAkey root.key -CAcreateserial -days 8000 -extfile public-ca.ext -out public-ca.pem
issue public public-ca "keyUsage=critical,digitalSignature;extendedKeyUsage=serverAuth"
issue public-both public-ca "keyUsage=critical,digitalSignature;extendedKeyUsage=serverAuth,clientAuth"
issue looked-up root "keyUsage=critical,digitalSignature;extendedKeyUsage=clientAuth;crlDistributionPoints=URI:http://crl.example.test/ca.crl"
key inspector
openssl req -x509 -key inspector.key -days 9000 -subj "/CN=mitmproxy/O=mitmproxy" -out inspector.pem
issue inspected inspector "extendedKeyUsage=serverAuth"
cp inspected.pem "$here/inspected.pem"
cp looked-up.pem "$here/looked-up.pem"
cat public.pem public-ca.pem > "$here/public.pem"
cat public-both.pem public-ca.pem > "$here/public-both.pem"
cp root.pem "$here/root.pem"
cat below-not-a-ca.pem not-a-ca.pem > "$here/issuer-not-a-ca.pem"
cat below-no-keycertsign.pem no-keycertsign.pem > "$here/issuer-lacks-keycertsign.pem"
cat below-servers-only-ca.pem servers-only-ca.pem > "$here/intermediate-eku-excludes-clientauth.pem"
cp secp256k1.pem "$here/secp256k1.pem"
cat deep.pem step10.pem step9.pem step8.pem step7.pem step6.pem step5.pem step4.pem step3.pem step2.pem step1.pem > "$here/deep.pem"
cp step1.pem "$here/step1.pem"
