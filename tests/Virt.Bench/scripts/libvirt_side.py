#!/usr/bin/python3
"""The libvirt half of the side by side: reads one step a line as JSON, does it, and answers with the microseconds it took.

    libvirt_side.py DOMAIN.xml          %05d in the XML is a domain's number

Needs python3-libvirt and a running libvirtd, whose process is LIBVIRTD_PID.
"""
import json
import os
import sys
import threading
import time

import libvirt

CONNECT_SECONDS = 60


def connect():
    """Waits for libvirtd's socket to accept."""
    end = time.monotonic() + CONNECT_SECONDS
    while True:
        try:
            return libvirt.open("qemu:///system")
        except libvirt.libvirtError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


def timed(work):
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1e6


class Side:
    def __init__(self, xml):
        libvirt.registerErrorHandler(lambda _, error: None, None)
        self.xml = xml
        self.conn = connect()

    def domain(self, number):
        return self.conn.lookupByName("bench-%05d" % number)

    def define(self, first, count):
        return [timed(lambda: self.conn.defineXML(self.xml.replace("%05d", "%05d" % i))) for i in range(first, first + count)]

    def round_trip(self, count):
        return [timed(self.conn.getLibVersion) for _ in range(count)]

    def lookup(self, count):
        return [timed(lambda: self.conn.lookupByName("bench-00000")) for _ in range(count)]

    def list_bare(self, count):
        return [timed(self.conn.listAllDomains) for _ in range(count)]

    def list_info(self, count):
        def work():
            return [(d.name(), d.UUIDString(), d.info(), d.isActive()) for d in self.conn.listAllDomains()]
        return [timed(work) for _ in range(count)]

    def statistics(self, count):
        return [timed(self.conn.getAllDomainStats) for _ in range(count)]

    def start(self, number):
        domain = self.domain(number)
        return [timed(lambda: domain.createWithFlags(libvirt.VIR_DOMAIN_START_PAUSED))]

    def destroy(self, number):
        return [timed(self.domain(number).destroy)]

    def start_many(self, count, callers):
        return self.on_all(lambda d: d.createWithFlags(libvirt.VIR_DOMAIN_START_PAUSED), count, callers)

    def destroy_many(self, count, callers):
        return self.on_all(lambda d: d.destroy(), count, callers)

    def on_all(self, work, count, callers):
        queue, lock, failed = [self.domain(i) for i in range(count)], threading.Lock(), []

        def caller():
            while True:
                with lock:
                    if not queue:
                        return
                    domain = queue.pop()
                try:
                    work(domain)
                except libvirt.libvirtError as error:
                    failed.append(str(error))

        threads = [threading.Thread(target=caller) for _ in range(callers)]

        def all_of_them():
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

        spent = timed(all_of_them)
        if failed:
            raise RuntimeError(failed[0])
        return [spent]

    def calls(self, callers, seconds):
        """Calls per second, of all callers together."""
        counts, end = [0] * callers, time.perf_counter() + seconds

        def caller(i):
            while time.perf_counter() < end:
                self.conn.getLibVersion()
                counts[i] += 1

        threads = [threading.Thread(target=caller, args=(i,)) for i in range(callers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return [sum(counts) / seconds]

    def memory(self):
        """Resident KiB of libvirtd."""
        with open(f"/proc/{os.environ['LIBVIRTD_PID']}/status") as status:
            return [int(line.split()[1]) for line in status if line.startswith("VmRSS")]

    def clear(self):
        for domain in self.conn.listAllDomains():
            if domain.isActive():
                domain.destroy()
            domain.undefine()
        return []


def main():
    with open(sys.argv[1]) as file:
        side = Side(file.read())
    steps = {name: getattr(side, name) for name in dir(side) if not name.startswith("_") and name not in ("conn", "xml", "domain", "on_all")}
    print(json.dumps({"values": [libvirt.getVersion()]}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = {"values": steps[request.pop("step")](**request)}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


main()
