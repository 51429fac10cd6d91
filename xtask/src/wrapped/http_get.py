# Python's http.client with a context of the program's own: no proxy, and no key log.
import http.client
import ssl
import sys
import urllib.parse

url = urllib.parse.urlsplit(sys.argv[1])
context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
context.load_verify_locations(sys.argv[2])
connection = http.client.HTTPSConnection(url.hostname, url.port, context=context)
connection.request("GET", "/")
print(connection.getresponse().read().decode().strip())
