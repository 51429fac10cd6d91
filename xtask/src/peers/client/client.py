"""An HTTPS client on Python's ssl. Arguments: PORT PATH VERSION ROOT [CHAIN KEY]."""

import http.client
import ssl
import sys

port, path, version, root, *identity = sys.argv[1:]
context = ssl.create_default_context(cafile=root)
context.minimum_version = context.maximum_version = {
    "1.2": ssl.TLSVersion.TLSv1_2,
    "1.3": ssl.TLSVersion.TLSv1_3,
}[version]
context.post_handshake_auth = True
try:
    if identity:
        context.load_cert_chain(*identity)
except ssl.SSLError as error:
    print("not tried", error)
    sys.exit(1)
try:
    connection = http.client.HTTPSConnection("localhost", int(port), context=context, timeout=10)
    connection.request("GET", path, headers={"Connection": "close"})
    response = connection.getresponse()
    print("HTTP/1.1", response.status)
    response.read()
except (OSError, http.client.HTTPException) as error:
    print("error", type(error).__name__, error)
    sys.exit(1)
