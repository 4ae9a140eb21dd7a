#!/usr/bin/python3
"""Suspends or resumes a domain of a running virtd with nothing but a socket and a MessagePack library.

    control_domain.py SOCKET URI suspend|resume NAME
"""
import sys

from list_domains import OPEN, STATES, Connection

GET_DOMAIN_BY_NAME, SUSPEND_DOMAIN, RESUME_DOMAIN = 21, 66, 67
PROCEDURES = {"suspend": SUSPEND_DOMAIN, "resume": RESUME_DOMAIN}


def main():
    path, uri, verb, name = sys.argv[1:]
    connection = Connection(path)
    connection.call(OPEN, uri, 0)
    identity = connection.call(GET_DOMAIN_BY_NAME, name)[1]
    print(STATES[connection.call(PROCEDURES[verb], identity)[3]])


main()
