"""The devices a person is known by: forgetting one makes the next sign-in from it a new one."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from goldentax.kernel import audit
from goldentax.oversight import errors
from goldentax.oversight.models import Device


@transaction.atomic
def forget_device(
    *, person_id: str, public_id: str | UUID, actor: str, now: datetime, request_id: str = ""
) -> None:
    """
    Forget a device of a person's own; forgotten twice is forgotten once.

    :raises DeviceNotFound: if they have no such device.
    """
    try:
        wanted = UUID(str(public_id))
    except ValueError:
        raise errors.DeviceNotFound("device") from None
    device = Device.objects.select_for_update().filter(person_id=person_id, public_id=wanted).first()
    if device is None:
        raise errors.DeviceNotFound("device")
    if device.forgotten_at:
        return
    device.forgotten_at = now
    device.save(update_fields=["forgotten_at"])
    audit.record(
        actor=actor,
        action="oversight.device.forget",
        subject=f"person:{person_id}",
        now=now,
        request_id=request_id,
        detail={"device": str(device.public_id)},
    )
