"""A client of virtd for hosts without PowerShell: MessagePack frames on a unix socket (docs/wire.md)."""
import socket
import struct
import uuid

import msgpack

REMOTE, VERSION = 1, 1
LIST_AUTHENTICATION, OPEN, LIST_DOMAINS, DEFINE, UNDEFINE, START, DESTROY = 1, 4, 20, 40, 41, 61, 63
CALL, REPLY, OK = 0, 1, 0
PAUSED = 1
STATES = ["nostate", "running", "blocked", "paused", "shutdown", "shutoff", "crashed", "pmsuspended"]
SOCKET, READ_ONLY_SOCKET = "/run/virt/virtd.sock", "/run/virt/virtd-ro.sock"


class Refused(Exception):
    """virtd answered with an error."""


class Client:
    """A connection to qemu:///system."""

    def __init__(self, path=SOCKET, timeout=120):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(timeout)
        self.socket.connect(path)
        self.stream = self.socket.makefile("rb")
        self.serial = 0
        if self.call(LIST_AUTHENTICATION):
            raise Refused("this socket wants authentication")
        self.opened = self.call(OPEN, "qemu:///system", 0)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stream.close()
        self.socket.close()

    def call(self, procedure, *arguments):
        """Calls a procedure and returns its result."""
        self.serial += 1
        payload = msgpack.packb([REMOTE, VERSION, procedure, CALL, self.serial, OK]) + msgpack.packb(list(arguments))
        self.socket.sendall(struct.pack(">I", len(payload)) + payload)
        while True:
            length, = struct.unpack(">I", self.read(4))
            unpacker = msgpack.Unpacker(max_buffer_size=length)
            unpacker.feed(self.read(length))
            program, _, _, kind, serial, status = unpacker.unpack()
            body = unpacker.unpack()
            if (program, kind, serial) != (REMOTE, REPLY, self.serial):
                continue  # a keepalive or an event
            if status != OK:
                raise Refused(f"error {body[0]}: {body[1]}")
            return body

    def read(self, count):
        data = self.stream.read(count)
        if len(data) < count:
            raise ConnectionError("virtd closed the connection")
        return data

    @property
    def version(self):
        """The version of the daemon that answers."""
        return self.opened[2]

    def domains(self):
        """All domains: name -> (runtime id, state)."""
        return {record[0]: (record[2], STATES[record[3]]) for record in self.call(LIST_DOMAINS, [])}

    def define(self, xml):
        """Defines a domain and returns its identity."""
        return uuid.UUID(bytes=self.call(DEFINE, xml, 0)[1])

    def start(self, identity, paused=False):
        return self.call(START, identity.bytes, PAUSED if paused else 0)

    def destroy(self, identity):
        return self.call(DESTROY, identity.bytes, 0)

    def undefine(self, identity):
        return self.call(UNDEFINE, identity.bytes, 0)
