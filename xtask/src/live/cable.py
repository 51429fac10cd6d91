"""A bad cable between two interfaces: it loses frames and lets others overtake, always the same ones. For kernels without netem.

Usage: cable.py INTERFACE INTERFACE LOSS_PERCENT REORDER_PERCENT
"""

import heapq
import random
import select
import socket
import sys
import time

ETH_P_ALL = 3
PACKET_OUTGOING = 4
DELAY = 0.004
HELD_BACK = 0.012


def main():
    names, loss, reorder = sys.argv[1:3], float(sys.argv[3]), float(sys.argv[4])
    chance = random.Random(1)
    ends = []
    for name in names:
        end = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        end.bind((name, ETH_P_ALL))
        ends.append(end)
    print("ready", flush=True)
    waiting, count = [], 0
    while True:
        now = time.monotonic()
        while waiting and waiting[0][0] <= now:
            _, _, end, frame = heapq.heappop(waiting)
            end.send(frame)
        patience = max(0, waiting[0][0] - now) if waiting else None
        for end in select.select(ends, [], [], patience)[0]:
            frame, address = end.recvfrom(65536)
            if address[2] == PACKET_OUTGOING:
                continue
            # Neighbour discovery and ARP pass: they are not what is tested.
            is_tcp = frame[12:14] == b"\x08\x00" and frame[23] == 6 or frame[12:14] == b"\x86\xdd" and frame[20] == 6
            if is_tcp and chance.random() * 100 < loss:
                continue
            delay = HELD_BACK if is_tcp and chance.random() * 100 < reorder else DELAY
            count += 1
            other = ends[1] if end is ends[0] else ends[0]
            heapq.heappush(waiting, (time.monotonic() + delay, count, other, frame))


main()
