"""Starts gunicorn with the sockets on which the AppHost listens: launch.py HANDOVER PROGRAM [ARGUMENT ...]

HANDOVER is the socket that hands them over. gunicorn takes them as it takes those of systemd, and is the same process.
"""
import array
import fcntl
import os
import socket
import sys

FIRST = 3

listeners = array.array("i")
with socket.socket(socket.AF_UNIX) as apphost:
    apphost.connect(sys.argv[1])
    _, messages, _, _ = apphost.recvmsg(1, socket.CMSG_SPACE(8 * listeners.itemsize))
    for level, kind, data in messages:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            listeners.frombytes(data[: len(data) - len(data) % listeners.itemsize])

# Out of the way first: they may have each other's numbers.
moved = [fcntl.fcntl(listener, fcntl.F_DUPFD_CLOEXEC, FIRST + len(listeners)) for listener in listeners]
for number, listener in enumerate(moved, FIRST):
    os.dup2(listener, number)

os.environ.update(LISTEN_FDS=str(len(moved)), LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[2], sys.argv[2:])
