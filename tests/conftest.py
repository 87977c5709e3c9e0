"""
One running world for all journeys and browser tests of a run.

Everything that uses it belongs to one group, so that under xdist one process runs the journeys while the others run
the rest.
"""

from collections.abc import Iterator

import pytest

from tests.worlds import World, start_world, stop_world


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One running world for all journeys; they do not disturb each other."""
    running = start_world(tmp_path_factory.mktemp("world") / "home")
    yield running
    stop_world(running)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "world" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("world"))
