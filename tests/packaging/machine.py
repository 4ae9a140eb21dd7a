"""What the steps of installed.py ask of the machine, and the clients that call meanwhile."""
import grp
import os
import pathlib
import pwd
import stat
import subprocess
import threading
import time

from virtd_client import Client

CALLERS = 8


def run(*command, **options):
    done = subprocess.run(command, text=True, capture_output=True, **options)
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
    return done.stdout.strip()


def apt(*arguments):
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    return run("apt-get", "-q", "-y", "--no-install-recommends", "-o", "Dpkg::Use-Pty=0", *arguments, env=environment)


def unit(name, key):
    return run("systemctl", "show", "--value", "-p", key, name)


def assert_place(path, mode, owner="root", group="root"):
    found = os.stat(path)
    got = (stat.S_IMODE(found.st_mode), pwd.getpwuid(found.st_uid).pw_name, grp.getgrgid(found.st_gid).gr_name)
    assert got == (mode, owner, group), f"{path} is {oct(got[0])} {got[1]}:{got[2]}"


def guests():
    """The guests' processes: name -> pid."""
    found = {}
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        # Not the helper that becomes another user and then QEMU.
        if words[0].endswith(b"qemu-system-x86_64") and b"-name" in words:
            name = words[words.index(b"-name") + 1].decode()
            found[name.removeprefix("guest=").split(",")[0]] = int(folder.name)
    return found


class Load:
    """Clients that connect, list and leave in a loop, until told to stop."""

    def __enter__(self):
        self.calls, self.cut, self.wrong, self.longest = 0, 0, [], 0.0
        self.lock, self.stop = threading.Lock(), threading.Event()
        self.threads = [threading.Thread(target=self.work) for _ in range(CALLERS)]
        for thread in self.threads:
            thread.start()
        return self

    def work(self):
        while not self.stop.is_set():
            begin = time.monotonic()
            try:
                with Client() as client:
                    client.domains()
                with self.lock:
                    self.calls += 1
                    self.longest = max(self.longest, time.monotonic() - begin)
            except (ConnectionError, BrokenPipeError) as lost:
                # Taken by the virtd that was ending, before it had a call. What may not happen is that nobody listens.
                with self.lock:
                    if isinstance(lost, ConnectionRefusedError):
                        self.wrong.append(repr(lost))
                    self.cut += 1
            except Exception as failed:  # pylint: disable=broad-except
                with self.lock:
                    self.wrong.append(repr(failed))

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join()


class Machine:
    """What has to be the same before and after."""

    def __init__(self):
        self.pids = guests()
        with Client() as client:
            self.domains = client.domains()

    def assert_same(self):
        assert guests() == self.pids, f"processes were {self.pids} and are {guests()}"
        with Client() as client:
            domains = client.domains()
            assert domains == self.domains, f"domains were {self.domains} and are {domains}"
            return client.version
