#!/usr/bin/python3
"""Lists the domains of a running virtd with nothing but a socket and a MessagePack library: one JSON object a line.

    list_domains.py SOCKET [URI]        URI defaults to qemu:///system

It shows that the wire is plain MessagePack: a frame is a u32 big-endian length, an array of six integers
(program, version, procedure, type, serial, status) and one value.
"""
import json
import socket
import struct
import sys
import uuid

import msgpack

REMOTE, VERSION = 1, 1
LIST_AUTHENTICATION, OPEN, LIST_DOMAINS = 1, 4, 20
CALL, REPLY, OK = 0, 1, 0
STATES = ["nostate", "running", "blocked", "paused", "shutdown", "shutoff", "crashed", "pmsuspended"]


class Connection:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(30)
        self.socket.connect(path)
        self.stream = self.socket.makefile("rb")
        self.serial = 0

    def call(self, procedure, *arguments):
        self.serial += 1
        payload = msgpack.packb([REMOTE, VERSION, procedure, CALL, self.serial, OK]) + msgpack.packb(list(arguments))
        self.socket.sendall(struct.pack(">I", len(payload)) + payload)
        while True:
            length, = struct.unpack(">I", self.stream.read(4))
            unpacker = msgpack.Unpacker(max_buffer_size=length)
            unpacker.feed(self.stream.read(length))
            program, _, _, kind, serial, status = unpacker.unpack()
            body = unpacker.unpack()
            if (program, kind, serial) != (REMOTE, REPLY, self.serial):
                continue  # a keepalive or an event
            if status != OK:
                raise SystemExit(f"error {body[0]}: {body[1]}")
            return body


def main():
    connection = Connection(sys.argv[1])
    if connection.call(LIST_AUTHENTICATION):
        raise SystemExit("this socket wants authentication")
    connection.call(OPEN, sys.argv[2] if len(sys.argv) > 2 else "qemu:///system", 0)
    for record in connection.call(LIST_DOMAINS, []):
        name, identity, runtime_id, state = record[:4]
        print(json.dumps({"name": name, "uuid": str(uuid.UUID(bytes=identity)), "id": runtime_id, "state": STATES[state]}))


if __name__ == "__main__":
    main()
