"""Plays a QEMU that was taken over: tries, as its user, what it gets of another process and of files, folders, sockets and terminals.
Says a line for each thing that it gets.

usage: reach.py PID PATH...
"""

import ctypes
import os
import socket
import stat
import sys

PTRACE_ATTACH, PTRACE_DETACH = 16, 17
PIDFD_OPEN, PIDFD_GETFD = 434, 438
libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]


def got(what):
    print(what, flush=True)


def of_process(pid):
    if libc.ptrace(PTRACE_ATTACH, pid, None, None) == 0:
        os.waitpid(pid, 0)
        libc.ptrace(PTRACE_DETACH, pid, None, None)
        got("traced")
    process = libc.syscall(PIDFD_OPEN, pid, 0)
    if process >= 0 and libc.syscall(PIDFD_GETFD, process, 0, 0) >= 0:
        got("descriptor")
    for what, deed in {
        "memory": lambda: os.open(f"/proc/{pid}/mem", os.O_RDONLY),
        "maps": lambda: open(f"/proc/{pid}/maps").read(1),
        "environment": lambda: open(f"/proc/{pid}/environ").read(1),
        "descriptors": lambda: os.listdir(f"/proc/{pid}/fd"),
        "root": lambda: os.listdir(f"/proc/{pid}/root/"),
        "signal": lambda: os.kill(pid, 0),
    }.items():
        try:
            deed()
            got(what)
        except OSError:
            pass


def of_path(path):
    try:
        kind = os.stat(path).st_mode
    except OSError:
        return
    deeds = {"read": lambda: os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY), "write": lambda: os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)}
    if stat.S_ISDIR(kind):
        deeds = {"list": lambda: os.listdir(path)}
    elif stat.S_ISSOCK(kind):
        deeds = {"connect": lambda: socket.socket(socket.AF_UNIX).connect(path)}
    for what, deed in deeds.items():
        try:
            deed()
            got(f"{what} {path}")
        except OSError:
            pass


of_process(int(sys.argv[1]))
for name in sys.argv[2:]:
    of_path(name)
got("tried")
