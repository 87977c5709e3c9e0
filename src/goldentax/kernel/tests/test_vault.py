"""What is sealed opens here and as it was, across rotations and processes, and nowhere else."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.exceptions import FieldError, ValidationError
from django.db import connection, models
from django.test.utils import isolate_apps

from goldentax.kernel import clock
from goldentax.kernel.crypto import keyfiles, master, resealing, sm, vault
from goldentax.kernel.crypto.errors import BrokenSeal, MasterKeyUnavailable, UnknownDataKey
from goldentax.kernel.crypto.fields import EncryptedTextField, blind_index
from goldentax.kernel.models import DataKey


@pytest.fixture
def master_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> master.FileMasterKey:
    """A master key of the test's own."""
    own = master.FileMasterKey(tmp_path / "secrets" / "world.key")
    monkeypatch.setattr(keyfiles.master, "master_key", lambda: own)
    return own


@pytest.fixture
def sealed_model(db: None) -> Iterator[type[models.Model]]:
    """A table with two sealed columns, gone after the test."""
    with isolate_apps("goldentax.kernel"):

        class Sealed(models.Model):
            phone = EncryptedTextField(blank=True, default="", max_length=20)
            address = EncryptedTextField(null=True)

            class Meta:
                app_label = "kernel"
                db_table = "test_sealed"

        with connection.schema_editor() as editor:
            editor.create_model(Sealed)
        yield Sealed


def _raw(column: str, key: int) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM test_sealed WHERE id = %s", [key])
        return bytes(cursor.fetchone()[0])


def _overwrite(column: str, key: int, value: bytes) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE test_sealed SET {column} = %s WHERE id = %s", [value, key])


def test_sealed_data_opens_for_its_purpose_only(db: None) -> None:
    sealed = vault.seal(b"secret", "test.one")
    assert b"secret" not in sealed
    assert vault.open_sealed(sealed, "test.one") == b"secret"
    with pytest.raises(BrokenSeal):
        vault.open_sealed(sealed, "test.two")
    for place in (0, len(sealed) // 2, len(sealed) - 1):
        altered = bytearray(sealed)
        altered[place] ^= 1
        with pytest.raises(BrokenSeal):
            vault.open_sealed(bytes(altered), "test.one")
    with pytest.raises(UnknownDataKey):
        vault.open_sealed(sealed[:1] + os.urandom(4) + sealed[5:], "test.one")
    with pytest.raises(BrokenSeal):
        vault.open_sealed(b"", "test.one")


def test_a_key_outlives_the_transaction_that_first_needed_it(db: None) -> None:
    # The test's own transaction is open and will be rolled back; another connection must see the key.
    vault.seal(b"x", "test.outlives")
    vault.forget()
    own = connection.copy()
    try:
        with own.cursor() as cursor:
            cursor.execute("SELECT version FROM kernel_data_key WHERE purpose = 'test.outlives'")
            assert cursor.fetchall() == [(1,)]
    finally:
        own.close()


def test_values_of_before_a_rotation_stay_readable(db: None) -> None:
    before = vault.seal(b"old", "test.rotated")
    assert vault.rotate("test.rotated") == 1
    after = vault.seal(b"new", "test.rotated")
    assert before[1:5] != after[1:5]
    vault.forget()
    assert vault.open_sealed(before, "test.rotated") == b"old"
    assert vault.open_sealed(after, "test.rotated") == b"new"


def test_a_process_learns_of_anothers_rotation_when_it_meets_the_new_key(db: None) -> None:
    first = vault.seal(b"x", "test.elsewhere")
    ours = dict(vault._keys.by_id), dict(vault._keys.active), vault._keys.read_at_s
    vault.rotate("test.elsewhere")
    second = vault.seal(b"y", "test.elsewhere")
    # As a process that has not rotated: it knows the first key only.
    vault._keys.by_id, vault._keys.active, vault._keys.read_at_s = ours
    assert vault.seal(b"z", "test.elsewhere")[1:5] == first[1:5]
    assert vault.open_sealed(second, "test.elsewhere") == b"y"
    assert vault.seal(b"z", "test.elsewhere")[1:5] == second[1:5]


def test_blind_indexes_are_stable_and_told_apart_by_purpose(db: None) -> None:
    one = blind_index("13800000000", "test.phone")
    vault.rotate()
    vault.forget()
    assert blind_index("13800000000", "test.phone") == one
    assert blind_index("13800000001", "test.phone") != one
    assert blind_index("13800000000", "test.mail") != one
    assert len(one) == 64


def test_a_field_is_text_in_python_and_sealed_in_the_table(sealed_model: type[models.Model]) -> None:
    row = sealed_model.objects.create(phone="138 0000 0000", address="南宁市")
    row.refresh_from_db()
    assert (row.phone, row.address) == ("138 0000 0000", "南宁市")
    assert b"138" not in _raw("phone", row.pk)
    assert _raw("address", row.pk)[1:5] == vault.active_key_id("test_sealed.address")
    bare = sealed_model.objects.create()
    bare.refresh_from_db()
    assert (bare.phone, bare.address) == ("", None)
    assert list(sealed_model.objects.filter(address__isnull=True)) == [bare]
    row.phone = "1" * 21
    with pytest.raises(ValidationError):
        row.full_clean()


def test_a_sealed_field_refuses_to_be_searched(sealed_model: type[models.Model]) -> None:
    for lookup in ("phone", "phone__contains", "phone__in", "phone__gt"):
        with pytest.raises(FieldError):
            sealed_model.objects.filter(**{lookup: ["x"] if lookup.endswith("in") else "x"}).count()


def test_a_unique_sealed_field_is_refused_at_the_start() -> None:
    with isolate_apps("goldentax.kernel"):

        class Wrong(models.Model):
            phone = EncryptedTextField(unique=True)

            class Meta:
                app_label = "kernel"

    assert [one.id for one in Wrong._meta.get_field("phone").check()] == ["kernel.E001"]


def test_a_tampered_or_moved_value_is_refused(sealed_model: type[models.Model]) -> None:
    row = sealed_model.objects.create(phone="138", address="139")
    phone, address = _raw("phone", row.pk), _raw("address", row.pk)
    _overwrite("phone", row.pk, phone[:-1] + bytes([phone[-1] ^ 1]))
    with pytest.raises(BrokenSeal):
        sealed_model.objects.get(pk=row.pk)
    _overwrite("phone", row.pk, address)
    with pytest.raises(BrokenSeal):
        sealed_model.objects.get(pk=row.pk)
    _overwrite("phone", row.pk, phone)
    assert sealed_model.objects.get(pk=row.pk).phone == "138"


def test_the_job_seals_old_values_anew_piece_by_piece(sealed_model: type[models.Model]) -> None:
    field = sealed_model._meta.get_field("phone")
    sealed_model.objects.bulk_create([sealed_model(phone=str(number)) for number in range(700)])
    sealed_model.objects.create(phone="")
    vault.rotate(field.purpose)
    now = clock.now()
    assert resealing.reseal(now, piece_max=500, fields=[field]) == 500
    assert resealing.reseal(now, piece_max=500, fields=[field]) == 200
    active = vault.active_key_id(field.purpose)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM test_sealed WHERE length(phone) > 0 AND substring(phone FROM 2 FOR 4) <> %s",
            [active],
        )
        assert cursor.fetchone() == (0,)
    assert {row.phone for row in sealed_model.objects.all()} == {"", *map(str, range(700))}
    later = clock.now() + timedelta(seconds=2 * vault.RELOAD_S + 1)
    resealing.reseal(later, fields=[field])
    old = DataKey.objects.filter(purpose=field.purpose).order_by("version").first()
    assert old is not None and old.emptied_at == later


def test_the_master_key_is_made_once_by_however_many_processes(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "world.key"
    program = (
        "import sys; from pathlib import Path; from goldentax.kernel.crypto.master import FileMasterKey;"
        "key = FileMasterKey(Path(sys.argv[1])); sealed = key.wrap(secret=b'x' * 16, label='race');"
        "print(sealed[:4].hex())"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE) for _ in range(4)
    ]
    assert len({process.communicate(timeout=60)[0] for process in running}) == 1
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert [one.name for one in path.parent.iterdir()] == ["world.key"]


def test_a_new_master_key_still_opens_what_the_old_one_sealed(tmp_path: Path) -> None:
    key, other = master.FileMasterKey(tmp_path / "world.key"), master.FileMasterKey(tmp_path / "world.key")
    old = key.wrap(secret=b"secret", label="one")
    added = key.add_key()
    new = key.wrap(secret=b"secret", label="one")
    assert new[:4].hex() == added != old[:4].hex()
    assert key.unwrap(sealed=old, label="one") == other.unwrap(sealed=new, label="one") == b"secret"
    with pytest.raises(BrokenSeal):
        key.unwrap(sealed=old, label="two")
    with pytest.raises(MasterKeyUnavailable):
        master.FileMasterKey(tmp_path / "another.key").unwrap(sealed=old, label="one")


def test_data_keys_are_sealed_anew_under_another_master_key(
    db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed = vault.seal(b"value", "test.rewrapped")
    changed = master.master_key()
    assert isinstance(changed, master.FileMasterKey)
    added = bytes.fromhex(changed.add_key())
    assert vault.rewrap() >= 1
    assert {bytes(one)[:4] for one in DataKey.objects.values_list("sealed_key", flat=True)} == {added}
    vault.forget()
    assert vault.open_sealed(sealed, "test.rewrapped") == b"value"


def test_a_device_seals_by_its_command(tmp_path: Path) -> None:
    device = tmp_path / "device"
    device.write_text(
        "#!/bin/sh\n"
        '[ "$2" = "data:one" ] || exit 3\n'
        'case "$1" in wrap) printf "%s" "$(cat)" | rev;; unwrap) printf "%s" "$(cat)" | rev;; esac\n',
        encoding="ascii",
    )
    device.chmod(0o700)
    # Turned round, base64 is base64 again as long as it needs no filling at its end.
    key = master.CommandMasterKey(str(device))
    secret = b"fifteen bytes.."
    assert key.unwrap(sealed=key.wrap(secret=secret, label="data:one"), label="data:one") == secret
    with pytest.raises(MasterKeyUnavailable) as refused:
        key.wrap(secret=secret, label="data:two")
    assert "fifteen" not in str(refused.value)
    with pytest.raises(MasterKeyUnavailable):
        master.CommandMasterKey(str(tmp_path / "missing")).wrap(secret=secret, label="data:one")


def test_a_signers_file_does_not_hold_its_secret(tmp_path: Path, master_file: master.FileMasterKey) -> None:
    path = tmp_path / "node-45.sm2"
    signer = sm.Signer.load_or_create(path)
    assert signer.private_key not in path.read_bytes()
    assert sm.Signer.load_or_create(path) == signer
    path.rename(tmp_path / "node-00.sm2")
    with pytest.raises(BrokenSeal):
        sm.Signer.load_or_create(tmp_path / "node-00.sm2")


def test_a_key_file_of_the_first_release_is_sealed_when_it_is_read(
    tmp_path: Path, master_file: master.FileMasterKey
) -> None:
    path, signer = tmp_path / "node-45.sm2", sm.Signer.generate()
    path.write_bytes(signer.to_bytes())
    assert sm.Signer.load_or_create(path) == signer
    assert signer.private_key not in path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600
    assert sm.Signer.load_or_create(path) == signer
