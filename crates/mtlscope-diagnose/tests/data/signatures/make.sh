#!/bin/sh
# Makes one self-signed certificate for each signature algorithm, and signatures of `message` as handshakes have them.
set -eu
cd "$(dirname "$0")"
printf 'the message' > message
certificate() { # name, digest, more
  name=$1 digest=$2; shift 2
  openssl req -x509 -new -key "$name.key" "-$digest" -days 3650 -subj "/CN=$name" -out "$name.pem" "$@"
}
rsa() { openssl genrsa -out "$1.key" "$2" 2>/dev/null; }
ec() { openssl ecparam -name "$2" -genkey -noout -out "$1.key"; }
rsa rsa-512-md5 512;           certificate rsa-512-md5 md5
rsa rsa-1024-sha1 1024;        certificate rsa-1024-sha1 sha1
rsa rsa-sha224 2048;           certificate rsa-sha224 sha224
rsa rsa-sha384 2048;           certificate rsa-sha384 sha384
rsa rsa-8192-sha512 8192;      certificate rsa-8192-sha512 sha512
rsa rsa-pss-sha256 2048;       certificate rsa-pss-sha256 sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32
rsa rsa-pss-sha512-long 2049;  certificate rsa-pss-sha512-long sha512 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:max
rsa rsa-pss-sha1 2048;         certificate rsa-pss-sha1 sha1 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:20
openssl genpkey -algorithm rsa-pss -pkeyopt rsa_keygen_bits:2048 -out rsa-pss-key.key 2>/dev/null; certificate rsa-pss-key sha384
ec p256-sha1 prime256v1;       certificate p256-sha1 sha1
ec p256-sha512 prime256v1;     certificate p256-sha512 sha512
ec p384-sha1 secp384r1;        certificate p384-sha1 sha1
ec p384-sha256 secp384r1;      certificate p384-sha256 sha256
ec p521-sha256 secp521r1;      certificate p521-sha256 sha256
ec p521-sha512 secp521r1;      certificate p521-sha512 sha512
ec k256-sha256 secp256k1;      certificate k256-sha256 sha256
openssl genpkey -algorithm ed25519 -out ed25519.key; certificate ed25519 sha256
openssl genpkey -algorithm ed448 -out ed448.key;     certificate ed448 sha256
sign() { # signature, key, digest, more
  out=$1 key=$2 digest=$3; shift 3
  openssl dgst "-$digest" -sign "$key.key" "$@" -out "$out.sig" message
}
sign rsa_md5_sha1 rsa-sha224 md5-sha1
sign rsa_pkcs1_sha256 rsa-sha224 sha256
sign rsa_pss_rsae_sha384 rsa-sha224 sha384 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:48
sign ecdsa_sha1 p256-sha1 sha1
sign ecdsa_secp521r1_sha512 p521-sha512 sha512
openssl pkeyutl -sign -inkey ed25519.key -rawin -in message -out ed25519.sig
rm -f ./*.key
