"""
Fields that are sealed at rest (字段加密): text in Python, ciphertext in the table and in every backup of it.

Each column has a data key of its own, and its name ``table.column`` is bound into the seal: a value that is copied to
another column does not open there. An empty text is stored empty, so that a table can be asked which values are
missing. Sealed values cannot be searched; keep a :func:`blind_index` beside one that must be found or be unique.
"""

from typing import Any

from django.core import checks
from django.db import models
from django.forms import CharField, Field, Textarea

from goldentax.kernel.crypto import vault


class EncryptedTextField(models.Field):
    """
    A text that is sealed with SM4-GCM under the column's rotating data key.

    :param max_length: in characters, checked by validation and forms; the column itself takes any length.
    :param purpose: the name bound into the seal, where it must not follow the column's: write the old
        ``table.column`` here when a table or column that holds values is renamed.
    """

    description = "Text, sealed at rest"

    def __init__(self, *args: Any, purpose: str = "", **kwargs: Any) -> None:
        self._purpose = purpose
        super().__init__(*args, **kwargs)

    @property
    def purpose(self) -> str:
        """The name that is bound into the seal."""
        return self._purpose or f"{self.model._meta.db_table}.{self.column}"

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, path, args, kwargs = super().deconstruct()
        if self._purpose:
            kwargs["purpose"] = self._purpose
        return name, path, args, kwargs

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        found = super().check(**kwargs)
        if self.unique or getattr(self, "db_index", False):
            words = (
                "A sealed column differs for equal texts; make the blind index beside it unique or indexed."
            )
            found.append(checks.Error(words, obj=self, id="kernel.E001"))
        return found

    def get_internal_type(self) -> str:
        return "BinaryField"

    def to_python(self, value: Any) -> Any:
        return value if value is None or isinstance(value, str) else str(value)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if value is None or value == "":
            return value if value is None else b""
        return connection.Database.Binary(vault.seal(str(value).encode(), self.purpose))

    def from_db_value(self, value: Any, expression: object, connection: object) -> str | None:
        if value is None:
            return None
        sealed = bytes(value)
        return vault.open_sealed(sealed, self.purpose).decode() if sealed else ""

    def get_lookup(self, lookup_name: str) -> Any:
        # Equal texts are sealed to different bytes: any other question would always answer "none".
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None

    def validate(self, value: Any, model_instance: Any) -> None:
        super().validate(value, model_instance)
        if self.max_length is not None and value:
            from django.core.validators import MaxLengthValidator

            MaxLengthValidator(self.max_length)(value)

    def formfield(self, **kwargs: Any) -> Field | None:
        wanted = {"form_class": CharField, "max_length": self.max_length} | kwargs
        if self.max_length is None:
            wanted.setdefault("widget", Textarea)
        return super().formfield(**wanted)


def blind_index(text: str, purpose: str) -> str:
    """
    A keyed value to find or compare a sealed text by (盲索引): 64 hex digits, the same for the same text and purpose.

    Without the key it says nothing of the text; with it, whoever reads both sees which rows are equal.
    """
    return vault.index_value(text.encode(), purpose).hex()
