"""What the kernel itself offers: the probe of the store."""

from django.db import DatabaseError, connection
from psycopg_pool import PoolTimeout

from goldentax.kernel import registry
from goldentax.kernel.crypto import resealing
from goldentax.kernel.text import Text


def _store() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, PoolTimeout) as error:
        return f"the store does not answer: {type(error).__name__}"
    return ""


registry.probe(key="store", label=Text("数据库", "store"), check=_store)
registry.job(
    key="kernel.reseal",
    label=Text("轮换后重新封装加密字段", "sealing fields anew after a rotation"),
    every_s=300,
    run=resealing.reseal,
)
