"""One writer at a time: the lock on a corpus' folder, which names its owner.

Two things tell a living owner from a dead one. On one machine, and on every shared file system that carries `flock`
between machines (NFS since Linux 2.6.12, Lustre mounted with ``flock``, CephFS), the operating system lets go of the
lock when its owner dies, however it dies. Where the file system carries none, or each machine keeps its own, the
owner's heartbeat tells: it touches the file every `BEAT` seconds, and a file that nobody has touched for `SILENCE`
seconds is nobody's. Readers need no lock.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from tesuki.pipelines.errors import RequestError, WorkError

LOCK = ".tesuki-lock"
"""The file's name in the folder it locks."""

BEAT = 30.0
"""Seconds between two signs of life."""

SILENCE = 600.0
"""Seconds without a sign of life after which an owner on another machine counts as dead: twenty beats, which leaves
room for clocks that differ by minutes."""

WITHOUT_LOCKS = frozenset({errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EINVAL})
"""What file systems answer that know no locks."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Who holds a lock: machine, process, since when (UTC), and the run of the machine's kernel."""

    host: str
    pid: int
    since: str
    kernel: str

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host} since {self.since}"


class Lock:
    """A lock that is held. `still_ours` is to be asked before anything is done that another owner would suffer from."""

    def __init__(self, path: Path, descriptor: int, owner: Owner) -> None:
        self._path = path
        self._descriptor = descriptor
        self._owner = owner

    def still_ours(self) -> None:
        """Raise `WorkError` where somebody took the lock over: this process was taken for dead."""
        if not _is_at(self._path, self._descriptor) or _owner_in(self._descriptor) != self._owner:
            raise WorkError(
                f"{self._path}: the lock was taken over by {_owner_at(self._path) or 'somebody else'}, because this "
                f"run gave no sign of life for {SILENCE:.0f} seconds; nothing was put in place"
            )


@contextmanager
def locked(folder: Path) -> Iterator[Lock]:
    """Hold the lock on ``folder``, which exists, until the block ends.

    Raises `RequestError` where somebody else holds it, before anything else in the folder is touched.
    """
    path = folder / LOCK
    descriptor = _taken(path)
    stop = threading.Event()
    beat = threading.Thread(target=_beat, args=(descriptor, stop), name="lock", daemon=True)
    try:
        owner = _this_process()
        _write(descriptor, owner)
        beat.start()
        yield Lock(path, descriptor, owner)
    finally:
        stop.set()
        if beat.ident is not None:
            beat.join()
        # Gone before it is let go: who opened it meanwhile finds that it is no longer the file of that name.
        try:
            if _is_at(path, descriptor):
                path.unlink(missing_ok=True)
        finally:
            os.close(descriptor)


def refuse_locked(folder: Path) -> None:
    """Raise `RequestError` where ``folder`` is locked by now; touches nothing."""
    path = folder / LOCK
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return
    try:
        _claim(path, descriptor)
    finally:
        os.close(descriptor)


def _taken(path: Path) -> int:
    while True:
        descriptor, made = _opened(path)
        try:
            carried = made or _claim(path, descriptor)
            if made:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)  # somebody was quicker to lock what we made
            continue
        except OSError as failure:
            if failure.errno not in WITHOUT_LOCKS:
                os.close(descriptor)
                raise RequestError(f"{path}: the folder cannot be locked ({failure.strerror})") from None
        except BaseException:
            os.close(descriptor)
            raise
        if _is_at(path, descriptor):
            if carried:
                return descriptor
            path.unlink(missing_ok=True)  # a dead owner's, where only making the file can be a lock
        os.close(descriptor)


def _opened(path: Path) -> tuple[int, bool]:
    """The lock file, and whether it was made just now, which only one of several can have done."""
    while True:
        try:
            return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644), True
        except FileExistsError:
            with suppress(FileNotFoundError):
                return os.open(path, os.O_RDWR | os.O_CLOEXEC), False
        except OSError as failure:
            raise RequestError(f"{path}: the folder cannot be locked ({failure.strerror})") from None


def _claim(path: Path, descriptor: int) -> bool:
    """Raise `RequestError` unless the lock file that was there is free, or its owner dead.

    True where the file system carries locks, and ``descriptor`` has one now.
    """
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        carried = True
    except BlockingIOError:
        raise RequestError(_held(path, _owner_in(descriptor), "")) from None
    except OSError as failure:
        if failure.errno not in WITHOUT_LOCKS:
            raise RequestError(f"{path}: the folder cannot be locked ({failure.strerror})") from None
        carried = False
    owner = _owner_in(descriptor)
    if carried and (owner is None or owner.kernel == _kernel()):
        return True
    silent = time.time() - os.fstat(descriptor).st_mtime
    if silent < SILENCE:
        raise RequestError(
            _held(
                path,
                owner,
                f"; if you know that it has ended, remove {path}, or wait: after {SILENCE / 60:.0f} minutes without a "
                f"sign of life (the last was {max(0.0, silent):.0f} seconds ago) the lock is free",
            )
        )
    return carried


def _held(path: Path, owner: Owner | None, more: str) -> str:
    who = str(owner) if owner else "another process, which has not yet written down which"
    return f"{path.parent}: in use by {who}; let it end, or name another folder{more}"


def _beat(descriptor: int, stop: threading.Event) -> None:
    while not stop.wait(BEAT):
        with suppress(OSError):
            os.utime(descriptor)


def _this_process() -> Owner:
    since = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return Owner(socket.gethostname(), os.getpid(), since, _kernel())


def _kernel() -> str:
    """What tells this run of this machine's kernel from all others, which a host's name in a container does not."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return socket.gethostname()


def _is_at(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _write(descriptor: int, owner: Owner) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, json.dumps(asdict(owner), sort_keys=True).encode() + b"\n", 0)
    os.fsync(descriptor)


def _owner_in(descriptor: int) -> Owner | None:
    return _parsed(os.pread(descriptor, 4096, 0))


def _owner_at(path: Path) -> Owner | None:
    try:
        return _parsed(path.read_bytes()[:4096])
    except OSError:
        return None


def _parsed(content: bytes) -> Owner | None:
    try:
        return Owner(**json.loads(content))
    except (ValueError, TypeError):
        return None
