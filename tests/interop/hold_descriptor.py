"""Plays a compromised QEMU: as QEMU's user, takes a copy of a descriptor that a process has, once there is one whose
path ends as told, and writes a file through it when the input says so.

usage: hold_descriptor.py PID ENDING...
"""

import ctypes
import os
import sys

PIDFD_OPEN, PIDFD_GETFD = 434, 438
libc = ctypes.CDLL(None, use_errno=True)


def descriptors(pid):
    folder = f"/proc/{pid}/fd"
    for number in os.listdir(folder):
        try:
            yield int(number), os.readlink(f"{folder}/{number}")
        except OSError:
            pass


def main():
    pid, endings = int(sys.argv[1]), tuple(sys.argv[2:])
    process = libc.syscall(PIDFD_OPEN, pid, 0)
    if process < 0:
        sys.exit(f"pidfd_open: {os.strerror(ctypes.get_errno())}")
    print("watching", flush=True)
    while True:
        for number, path in descriptors(pid):
            if not path.endswith(endings):
                continue
            held = libc.syscall(PIDFD_GETFD, process, number, 0)
            if held < 0:
                continue
            print(f"holds {path}", flush=True)
            for line in sys.stdin:
                with open(line.strip(), "rb") as source:
                    os.pwrite(held, source.read(), 0)
                print("written", flush=True)
            return


main()
