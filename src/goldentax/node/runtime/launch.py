"""
Start one program with the guards its supervisor wants, then become that program.

Run as a script, with the standard library only and before any thread exists: ``python -I -S launch.py …``. It

- asks the kernel to send a signal when the supervisor dies, however it dies, so that no child stays behind;
- gives PostgreSQL, which refuses to run as root, another identity. In a *namespace* the same owner appears
  under another number, so that files stay where and whose they are, even below a folder only root can enter.
  Where namespaces are forbidden (many containers), *other* changes to a real user and keeps just the right to
  pass such folders.
"""

import argparse
import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1
_PR_SET_KEEPCAPS = 8
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE = 47, 2
_CLONE_NEWUSER = 0x10000000
_CAP_DAC_OVERRIDE = 1
_CAPABILITY_VERSION_3 = 0x20080522


def main() -> None:
    """Read the guards from the command line, set them, and run what follows ``--``."""
    arguments = _arguments()
    supervisor = os.getppid()
    if arguments.identity == "namespace":
        _enter_namespace(arguments.uid, arguments.gid)
    elif arguments.identity == "other":
        _become(arguments.uid, arguments.gid)
    # A change of identity clears the death signal, so it is set last; and a supervisor that died before the
    # signal was set has left us to somebody else by now.
    if arguments.death_signal:
        _call("prctl", _PR_SET_PDEATHSIG, int(signal.Signals[arguments.death_signal]), 0, 0, 0)
        if os.getppid() != supervisor:
            sys.exit("the supervisor is gone")
    os.execv(arguments.command[0], arguments.command)  # noqa: S606  (to run a program is its purpose)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="start one program with guards")
    parser.add_argument("--death-signal", default="", help="the signal to get when the supervisor dies")
    parser.add_argument("--identity", choices=("same", "namespace", "other"), default="same")
    parser.add_argument("--uid", type=int, default=65534)
    parser.add_argument("--gid", type=int, default=65534)
    parser.add_argument("command", nargs="+")
    return parser.parse_args()


def _call(name: str, *arguments: object) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def _enter_namespace(uid: int, gid: int) -> None:
    outer_uid, outer_gid = os.geteuid(), os.getegid()
    _call("unshare", _CLONE_NEWUSER)
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{uid} {outer_uid} 1")
    _write("/proc/self/gid_map", f"{gid} {outer_gid} 1")


def _write(path: str, text: str) -> None:
    # pathlib takes longer to import than all the rest of this file.
    with open(path, "w", encoding="ascii") as file:  # noqa: PTH123
        file.write(text)


def _become(uid: int, gid: int) -> None:
    _call("prctl", _PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    mask = 1 << _CAP_DAC_OVERRIDE
    # Two sets of effective, permitted, inheritable: the lower and the upper 32 capabilities.
    data = (ctypes.c_uint32 * 6)(mask, mask, mask, 0, 0, 0)
    _call("capset", ctypes.byref(header), ctypes.byref(data))
    _call("prctl", _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, _CAP_DAC_OVERRIDE, 0, 0)


if __name__ == "__main__":
    main()
