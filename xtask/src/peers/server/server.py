"""An HTTPS server on Python's ssl. Arguments: CHAIN KEY ROOT, then PORT MODE LOG of each listener.

MODE is `none`, `optional` or `required`. What happens to each connection is written to LOG, a line ending in `end`.
"""

import socket
import ssl
import sys
import threading


def answer(context, plain, say):
    try:
        plain.settimeout(8)
        with context.wrap_socket(plain, server_side=True) as tls:
            tls.recv(8192)
            peer = tls.getpeercert()
            name = dict(part[0] for part in peer["subject"])["commonName"] if peer else "nobody"
            body = f"peer={name}\n".encode()
            head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
            tls.sendall(head.encode() + body)
            say(f"accepted peer={name}")
    except OSError as error:
        say(f"refused {type(error).__name__} {error}")


def serve(listener, context, log):
    def say(line):
        with open(log, "a", encoding="utf-8") as file:
            file.write(line + " end\n")

    while True:
        plain, _ = listener.accept()
        threading.Thread(target=answer, args=(context, plain, say), daemon=True).start()


chain, key, root, *listeners = sys.argv[1:]
for port, mode, log in zip(*[iter(listeners)] * 3):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    context.load_verify_locations(root)
    context.verify_mode = {"none": ssl.CERT_NONE, "optional": ssl.CERT_OPTIONAL, "required": ssl.CERT_REQUIRED}[mode]
    listener = socket.create_server(("127.0.0.1", int(port)))
    threading.Thread(target=serve, args=(listener, context, log)).start()
