#!/usr/bin/env python3
"""A DNS server that knows one name: nameserver.py ADDRESS NAME answers 127.0.0.1 for NAME, and prints what it is asked."""

import socket
import struct
import sys

_A, _NO_ERROR, _NO_SUCH_NAME = 1, 0x8400, 0x8403


def _question(query):
    """Name, type, and the bytes of the first question."""
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]].decode())
        at += 1 + query[at]
    return ".".join(labels), struct.unpack_from("!H", query, at + 1)[0], query[12:at + 5]


def answer(query, known):
    name, kind, question = _question(query)
    record = b""
    if name == known and kind == _A:
        record = struct.pack("!HHHIH4B", 0xC00C, _A, 1, 60, 4, 127, 0, 0, 1)
    flags = _NO_ERROR if name == known else _NO_SUCH_NAME
    return query[:2] + struct.pack("!HHHHH", flags, 1, 1 if record else 0, 0, 0) + question + record


def main(address, known):
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind((address, 53))
    while True:
        query, client = server.recvfrom(512)
        print(*_question(query)[:2], flush=True)
        server.sendto(answer(query, known), client)


if __name__ == "__main__":
    main(*sys.argv[1:])
