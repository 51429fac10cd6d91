# What a program sees of its own sockets: run by `mtlscope run`, all of it must be as it is without.
import asyncio
import errno
import os
import select
import socket
import sys
import threading
import time

ADDRESS, ADDRESS6 = sys.argv[1:]


def held(what, got, expected):
    print(f"held: {what}" if got == expected else f"not held: {what}: {got!r}, not {expected!r}", flush=True)


def listener(address, backlog=16):
    server = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    server.bind((address, 0))
    server.listen(backlog)
    return server


def answer(server, seen):
    connection, peer = server.accept()
    seen.append(peer)
    connection.sendall(connection.recv(100).upper())
    connection.close()


def talk(client, server):
    seen = []
    thread = threading.Thread(target=answer, args=(server, seen))
    thread.start()
    client.setblocking(True)
    client.sendall(b"hello")
    got = client.recv(100)
    thread.join()
    return got, seen[0]


def error_of(call):
    try:
        call()
    except OSError as error:
        return error.errno
    return 0


closed = listener(ADDRESS)
nobody = closed.getsockname()
closed.close()

for address in (ADDRESS, ADDRESS6):
    with listener(address) as server:
        place = server.getsockname()[:2]
        client = socket.create_connection(place)
        held(f"the peer of {address} is the true one", client.getpeername()[:2], place)
        held(f"a child sees the same peer of {address}", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) if (pid := os.fork()) else os._exit(0 if client.getpeername()[:2] == place else 1), 0)
        held(f"a duplicate has the same peer of {address}", socket.socket(fileno=os.dup(client.fileno())).getpeername()[:2], place)
        held(f"bytes pass both ways to {address}", talk(client, server)[0], b"HELLO")
        held("connecting twice is an error", error_of(lambda: client.connect(place)), errno.EISCONN)
        client.close()

        client = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
        client.setblocking(False)
        held(f"one that does not wait is on its way to {address}", client.connect_ex(place), errno.EINPROGRESS)
        writable = select.select([], [client], [], 10)[1]
        held("and can be written to", bool(writable), True)
        held("and has no error", client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), 0)
        held("and its true peer", client.getpeername()[:2], place)
        held("and passes bytes", talk(client, server)[0], b"HELLO")
        client.close()

with listener(ADDRESS) as server:
    mapped = ("::ffff:" + ADDRESS, server.getsockname()[1])
    client = socket.socket(socket.AF_INET6)
    client.connect(mapped)
    held("an IPv6 socket reaches IPv4", client.getpeername()[:2], mapped)
    held("and passes bytes", talk(client, server)[0], b"HELLO")
    client.close()

    bound = socket.socket()
    bound.bind((ADDRESS, 0))
    own = bound.getsockname()
    bound.connect(server.getsockname())
    held("a bound socket is seen from where it is bound", talk(bound, server)[1], own)
    bound.close()

    unix, other = socket.socketpair()
    unix.sendall(b"x")
    held("other sockets are left alone", other.recv(1), b"x")
    datagram = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    datagram.connect(server.getsockname())
    held("and those of UDP", datagram.getpeername(), server.getsockname())

held("a refusal is a refusal", error_of(lambda: socket.create_connection(nobody)), errno.ECONNREFUSED)
refused = socket.socket()
refused.setblocking(False)
first = refused.connect_ex(nobody)
if first == errno.EINPROGRESS:
    select.select([], [refused], [], 10)
    first = refused.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
held("also for one that does not wait", first, errno.ECONNREFUSED)
with listener(ADDRESS) as server:
    refused.setblocking(True)
    held("after which the socket can be used again", error_of(lambda: refused.connect(server.getsockname())), 0)
held("no route is no route", error_of(lambda: socket.create_connection(("198.51.100.1", 9))), errno.ENETUNREACH)
held("what is no address is none", error_of(lambda: socket.socket(socket.AF_INET6).connect(("::", 0))) != 0, True)

# A server whose queue is full answers nothing: a black hole.
full = listener(ADDRESS, 0)
waiting = []
for _ in range(4):
    # Past the library, which would wait for each: bound sockets are left alone.
    client = socket.socket()
    client.bind((ADDRESS, 0))
    client.setblocking(False)
    client.connect_ex(full.getsockname())
    waiting.append(client)
time.sleep(0.1)
hole = socket.socket()
hole.setblocking(False)
begin = time.monotonic()
held("a black hole lets one that does not wait go on", hole.connect_ex(full.getsockname()), errno.EINPROGRESS)
held("after a second at most", time.monotonic() - begin < 1.5, True)
held("and is not ready", select.select([], [hole], [], 0.2)[1], [])
hole.close()
with socket.socket() as impatient:
    impatient.settimeout(1.5)
    begin = time.monotonic()
    got = error_of(lambda: impatient.connect(full.getsockname()))
    held("a timeout holds", time.monotonic() - begin < 3.5, True)
for client in waiting:
    client.close()
full.close()


async def many():
    async def echo(reader, writer):
        writer.write((await reader.read(100)).upper())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(echo, ADDRESS, 0, backlog=256)
    place = server.sockets[0].getsockname()

    async def one(number):
        reader, writer = await asyncio.open_connection(*place)
        writer.write(b"n%d" % number)
        got = await reader.read()
        writer.close()
        return got == b"N%d" % number

    return all(await asyncio.gather(*(one(number) for number in range(200))))


held("200 at a time in an event loop", asyncio.run(many()), True)
held("no descriptor is left behind", len(os.listdir("/proc/self/fd")) < 32, True)
print("all tried")
