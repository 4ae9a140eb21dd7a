"""Runs a program in a terminal of its own and holds a conversation with it.

usage: terminal.py STEPS COMMAND...
STEPS is JSON: a list of {"wait": REGEX}, {"send": TEXT}, {"mark": NAME} (notes the terminal's settings) and {"same": [A, B]}.
Prints what the program showed; exits with 0 when every step came true.
"""
import json
import os
import pty
import re
import select
import signal
import sys
import termios
import time

PATIENCE = 120.0


def main():
    steps = json.loads(sys.argv[1])
    child, terminal = pty.fork()
    if child == 0:
        os.execvp(sys.argv[2], sys.argv[2:])
    shown, marks = b"", {}
    try:
        for step in steps:
            if "wait" in step:
                seen, shown = wait(terminal, shown, step["wait"])
                sys.stdout.write(seen)
            elif "send" in step:
                os.write(terminal, step["send"].encode())
            elif "mark" in step:
                marks[step["mark"]] = termios.tcgetattr(terminal)
            else:
                first, second = step["same"]
                if marks[first] != marks[second]:
                    raise SystemExit(f"\nthe terminal's settings differ: {first} {marks[first]}, {second} {marks[second]}")
    finally:
        sys.stdout.flush()
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(terminal)


def wait(terminal, shown, pattern):
    end = time.monotonic() + PATIENCE
    while True:
        text = shown.decode(errors="replace")
        match = re.search(pattern, text)
        if match:
            return text[:match.end()], text[match.end():].encode()
        left = end - time.monotonic()
        if left <= 0 or not select.select([terminal], [], [], left)[0]:
            raise SystemExit(f"\n'{pattern}' did not come; this did: {text!r}")
        try:
            shown += os.read(terminal, 65536)
        except OSError:
            raise SystemExit(f"\nthe program ended before '{pattern}'; it showed {text!r}")


main()
