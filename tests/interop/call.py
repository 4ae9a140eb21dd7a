#!/usr/bin/python3
"""Calls one procedure of a running virtd and prints the answer as JSON; an error ends it with 'error CODE: MESSAGE'.

    call.py SOCKET URI PROCEDURE [ARGUMENTS]        ARGUMENTS is a JSON array
"""
import json
import sys

from list_domains import OPEN, Connection


def main():
    path, uri, procedure = sys.argv[1:4]
    connection = Connection(path)
    connection.call(OPEN, uri, 0)
    print(json.dumps(connection.call(int(procedure), *json.loads(sys.argv[4] if len(sys.argv) > 4 else "[]")), default=repr))


main()
