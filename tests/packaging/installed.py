#!/usr/bin/python3
"""Installs, restarts, upgrades and removes the Debian package on the machine it runs on, which is thrown away afterwards.

    installed.py OLD.deb NEW.deb

It wants root, systemd as the first process and the package's dependencies. install-test.sh makes such a machine.
"""
import argparse
import grp
import os
import pathlib
import pwd
import select
import signal
import subprocess
import time

from machine import Load, Machine, apt, assert_place, guests, run, unit
from virtd_client import READ_ONLY_SOCKET, SOCKET, Client, Refused

UNITS = ["virtd.service", "virtd.socket", "virtd-ro.socket", "virt-guests.service"]
GUESTS, PAUSED_GUESTS, RESTARTS = 6, 2, 3
GUEST_IDS = range(0x7f000000, 0x7f010000)
XML = """<domain type='qemu'><name>{name}</name><memory unit='MiB'>16</memory><vcpu>1</vcpu>{limits}
<os><type machine='q35'>hvm</type></os></domain>"""
LIMITS = """<memtune><hard_limit unit='MiB'>300</hard_limit></memtune>
<cputune><shares>500</shares><global_quota>60000</global_quota><quota>40000</quota><emulator_quota>20000</emulator_quota></cputune>"""


def check_install(old):
    apt("install", old)
    assert "kvm" in run("id", "-nG", "virt-qemu").split()
    assert pwd.getpwnam("virt-qemu").pw_shell == "/usr/sbin/nologin"
    assert_place("/etc/virt", 0o700)
    assert_place("/run/virt", 0o755)
    assert_place("/var/lib/virt", 0o711)
    assert_place("/var/lib/virt/images", 0o711)
    assert_place("/var/log/virt", 0o700)
    assert_place(SOCKET, 0o660, group="virt")
    assert_place(READ_ONLY_SOCKET, 0o666)
    for name in UNITS:
        assert run("systemctl", "is-enabled", name) == "enabled", name
    assert unit("virtd.socket", "ActiveState") == "active"
    assert unit("virtd.service", "ActiveState") == "inactive"
    assert run("dpkg", "--verify", "virt") == ""
    assert pathlib.Path("/usr/local/share/powershell/Modules/Virt/Virt.psd1").exists()


def check_activation(version):
    with Client() as client:
        assert client.version.startswith(version), client.version
    # It answers before it tells systemd that it is ready; this waits for that.
    run("systemctl", "start", "virtd.service")
    assert unit("virtd.service", "NRestarts") == "0"


def check_access():
    script = f"import socket; socket.socket(socket.AF_UNIX).connect('{SOCKET}')"
    nobody = ["setpriv", "--reuid=nobody", "--regid=nogroup"]
    run(*nobody, f"--groups={grp.getgrnam('virt').gr_gid}", "python3", "-c", script)
    denied = subprocess.run([*nobody, "--clear-groups", "python3", "-c", script], capture_output=True, text=True)
    assert "PermissionError" in denied.stderr, denied.stderr
    with Client(READ_ONLY_SOCKET) as client:
        client.domains()
        try:
            client.define(XML.format(name="denied", limits=""))
        except Refused:
            return
        raise AssertionError("a read-only client defined a domain")


def check_guests():
    with Client() as client:
        for number in range(GUESTS):
            client.start(client.define(XML.format(name=f"guest{number}", limits="")), paused=number < PAUSED_GUESTS)
    running = guests()
    assert len(running) == GUESTS, running
    users = {os.stat(f"/proc/{pid}").st_uid for pid in running.values()}
    assert len(users) == GUESTS and users <= set(GUEST_IDS), users
    for name, pid in running.items():
        groups = pathlib.Path(f"/proc/{pid}/cgroup").read_text()
        assert "/machine.slice/virt-" in groups and "virtd.service" not in groups, f"{name}: {groups}"
    scopes = run("systemctl", "list-units", "--plain", "--no-legend", "virt-*.scope").splitlines()
    assert len(scopes) == GUESTS, scopes


def check_limits():
    with Client() as client:
        identity = client.define(XML.format(name="limited", limits=LIMITS))
        if not pathlib.Path("/sys/fs/cgroup/cgroup.controllers").exists():
            try:
                client.start(identity)
            except Refused as refused:
                assert "no control group" in str(refused), refused
                client.undefine(identity)
                return "refused: this host has no cgroup v2"
            raise AssertionError("limits were promised without cgroup v2")
        client.start(identity)
    pid = guests()["limited"]
    scope = next(pathlib.Path("/sys/fs/cgroup/machine.slice").glob(f"virt-*-{identity}.scope"))
    group = scope / f"guest-{identity}"

    def assert_limits():
        for file, value in {
                "memory.max": str(300 << 20), "cpu.max": "60000 100000", "vcpu0/cpu.max": "40000 100000", "emulator/cpu.max": "20000 100000"}.items():
            found = (group / file).read_text().strip()
            assert found == value, f"{file} is {found}"
        assert (group / "cpu.weight").read_text().strip() == "500"
        threads = (group / "emulator/cgroup.threads").read_text().split() + (group / "vcpu0/cgroup.threads").read_text().split()
        tasks = os.listdir(f"/proc/{pid}/task")
        assert str(pid) in threads and (group / "vcpu0/cgroup.threads").read_text().strip() in tasks

    assert_limits()
    run("systemctl", "restart", "virtd")
    run("systemctl", "daemon-reload")
    with Client() as client:
        assert client.domains()["limited"][1] == "running"
        assert_limits()
        client.destroy(identity)
        client.undefine(identity)
    return f"memory.max, cpu.max, cpu.weight, threads; held over a restart and a daemon-reload: {group.name}"


def check_restart():
    machine = Machine()
    before = unit("virtd.service", "MainPID")
    with Load() as load:
        for _ in range(RESTARTS):
            run("systemctl", "restart", "virtd")
    assert not load.wrong, load.wrong[:3]
    assert unit("virtd.service", "MainPID") != before
    machine.assert_same()
    return f"{RESTARTS} restarts, {load.calls} connections with a call answered, none refused, {load.cut} cut by the virtd that ended; longest {load.longest:.1f} s"


def check_stop():
    machine = Machine()
    run("systemctl", "stop", *UNITS)
    assert not os.path.exists(SOCKET)
    assert guests() == machine.pids
    run("systemctl", "start", "virtd.socket", "virtd-ro.socket")
    machine.assert_same()


def check_kill():
    machine = Machine()
    before = int(unit("virtd.service", "NRestarts"))
    virtd = os.pidfd_open(int(unit("virtd.service", "MainPID")))
    signal.pidfd_send_signal(virtd, signal.SIGKILL)
    # Until it is gone it takes connections along with it.
    select.select([virtd], [], [], 60)
    os.close(virtd)
    # Waits in the socket until systemd has started the next one.
    machine.assert_same()
    assert int(unit("virtd.service", "NRestarts")) == before + 1


def check_upgrade(new, version):
    machine = Machine()
    with Load() as load:
        apt("install", new)
    assert not load.wrong, load.wrong[:3]
    got = machine.assert_same()
    assert got.startswith(version), f"{got} answers"
    assert run("dpkg", "--verify", "virt") == ""
    return f"{load.calls} connections with a call answered meanwhile, none refused, {load.cut} cut; longest {load.longest:.1f} s"


def check_remove(new):
    machine = Machine()
    apt("remove", "virt")
    assert not os.path.exists(SOCKET) and not os.path.exists("/usr/sbin/virtd")
    assert not os.path.lexists("/usr/local/share/powershell/Modules/Virt")
    assert guests() == machine.pids
    apt("install", new)
    machine.assert_same()


def check_purge():
    image = pathlib.Path("/var/lib/virt/images/disk.img")
    image.write_bytes(b"data")
    apt("purge", "virt")
    assert not os.path.exists("/etc/virt/virtd.json")
    assert image.read_bytes() == b"data"
    assert len(list(pathlib.Path("/etc/virt/qemu").glob("*.xml"))) == GUESTS
    assert len(guests()) == GUESTS


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("old")
    parser.add_argument("new")
    parser.add_argument("--only", help="comma-separated words; steps with none of them in their name are left out")
    options = parser.parse_args()
    old, new = (run("dpkg-deb", "-f", package, "Version") for package in (options.old, options.new))
    steps = [
        ("the package installs: user, groups, folders, modes, units", lambda: check_install(options.old)),
        ("the first connection starts virtd", lambda: check_activation(old)),
        ("members of the group virt may connect, others read at most", check_access),
        ("guests run each as a user and in a scope of its own", check_guests),
        ("limits of a guest", check_limits),
        ("systemctl restart under load", check_restart),
        ("systemctl stop and start", check_stop),
        ("virtd is killed and comes back", check_kill),
        ("the package is upgraded under load", lambda: check_upgrade(options.new, new)),
        ("the package is removed and installed again; guests run on", lambda: check_remove(options.new)),
        ("the package is purged; guests and their data stay", check_purge),
    ]
    if options.only:
        steps = [step for step in steps if any(word in step[0] for word in options.only.split(","))]
    for name, step in steps:
        begin = time.monotonic()
        detail = step()
        print(f"ok  {name} ({time.monotonic() - begin:.0f} s)" + (f"\n      {detail}" if detail else ""), flush=True)
    print(f"{len(steps)} passed", flush=True)


main()
