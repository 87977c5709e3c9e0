"""What the tests of the code tables share."""

import pytest

from goldentax.kernel.codes.models import CodeTable, CodeVersion


@pytest.fixture
def empty_tables(db: None) -> None:
    """No code tables: those of the world are put away for one test."""
    CodeVersion.objects.all().delete()
    CodeTable.objects.all().delete()
