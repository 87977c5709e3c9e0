"""
A private world for every test run: a home of its own and an embedded PostgreSQL that dies with the run.

The process that starts the tests makes it; the workers of xdist, its children, find it in their environment.
Only its folder is chosen when this file is loaded, before Django reads its settings; the server starts
afterwards. Durability is off: these databases may be lost, and tests of durability start servers of their
own.
"""

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import pytest

_FOLDER = "GOLDENTAX_TEST_FOLDER"
_PASSWORD = "GOLDENTAX_TEST_PASSWORD"  # noqa: S105  (the name of a variable)
_NODE = "45"
_server: subprocess.Popen[bytes] | None = None


def _is_controller() -> bool:
    return "PYTEST_XDIST_WORKER" not in os.environ


def _choose_folder() -> Path:
    if not _is_controller():
        # Each worker has its own databases, so its own home: keys and demo passwords belong to them.
        shared = Path(os.environ[_FOLDER])
        os.environ["GOLDENTAX_HOME"] = str(shared / os.environ["PYTEST_XDIST_WORKER"])
        return shared
    folder = Path(tempfile.mkdtemp(prefix="goldentax-test-"))
    for name in [one for one in os.environ if one.startswith("GOLDENTAX_")]:
        # What a developer has set for a world of their own must not reach the tests, nor the tests that
        # world.
        del os.environ[name]
    os.environ[_FOLDER] = str(folder)
    os.environ[_PASSWORD] = secrets.token_urlsafe(16)
    os.environ["GOLDENTAX_HOME"] = str(folder / "home")
    os.environ["GOLDENTAX_NODE"] = _NODE
    return folder


_folder = _choose_folder()
os.environ["DJANGO_SETTINGS_MODULE"] = "goldentax.node.settings"

from goldentax.node.runtime import postgres  # noqa: E402  (the environment comes first)
from goldentax.node.testing import (  # noqa: E402, F401  (fixtures; here, so that they come before the plugins')
    accounts,
    actor_for,
    committed_world,
    django_db_setup,
    stopped_clock,
)

_cluster = postgres.Cluster(
    data=_folder / "postgres",
    sockets=postgres.socket_folder(_folder / "sockets"),
    password=os.environ[_PASSWORD],
    log=_folder / "postgres.log",
    durable=False,
)
os.environ["GOLDENTAX_DATABASE_URL"] = _cluster.url(postgres.database_name(_NODE))


@pytest.hookimpl(tryfirst=True)
def pytest_configure() -> None:
    if _is_controller():
        _start()
    _point_django_here()


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    if _is_controller():
        _stop()


def _start() -> None:
    global _server
    postgres.make_cluster(_cluster)
    postgres.make_ready_to_start(_cluster)
    with _cluster.log.open("ab") as log:
        _server = subprocess.Popen(postgres.server_command(_cluster), stdout=log, stderr=log)
    postgres.wait_until_accepting(_cluster, server=_server, timeout_s=60)


def _stop() -> None:
    if _server is not None and _server.poll() is None:
        # Immediately: nothing in this cluster is worth a checkpoint.
        _server.send_signal(signal.SIGQUIT)
        _server.wait(timeout=30)
    shutil.rmtree(_folder, ignore_errors=True)
    shutil.rmtree(_cluster.sockets, ignore_errors=True)


def _point_django_here() -> None:
    """
    Let Django read its settings now, after the environment was set and before pytest-django sets it up.

    Where they were read before this file was loaded, the address is put right.
    """
    from django.conf import settings

    from goldentax.kernel.settings import settings as world_settings

    world_settings.cache_clear()
    address = postgres.django_database(_cluster.url(postgres.database_name(_NODE)))
    del address["OPTIONS"]
    settings.DATABASES["default"].update(address)
