"""Where a network is, as far as the lawbook knows, and whether somebody can have come from one place to another."""

import ipaddress
import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from goldentax.kernel.text import Text

_EARTH_KM = 6371
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class NetworkPlace:
    """A network and its place; without coordinates no distance is known."""

    network: _Network
    place: Text
    latitude: Decimal | None = None
    longitude: Decimal | None = None

    @classmethod
    def read(
        cls, *, prefix: str, place: Text, latitude: Decimal | None, longitude: Decimal | None
    ) -> "NetworkPlace":
        """
        Take a row of the table of networks.

        :raises ValueError: if the prefix is no network.
        """
        has_both = latitude is not None and longitude is not None
        network = ipaddress.ip_network(prefix)
        return cls(network, place, latitude, longitude) if has_both else cls(network, place)


def place_of(network: str, places: Iterable[NetworkPlace]) -> NetworkPlace | None:
    """The place of an address or network by its longest known prefix; None where it is unknown or unreadable."""
    try:
        wanted = ipaddress.ip_network(network, strict=False)
    except ValueError:
        return None
    around = [one for one in places if _is_within(wanted, one.network)]
    return max(around, key=lambda one: one.network.prefixlen, default=None)


def _is_within(inner: _Network, outer: _Network) -> bool:
    if isinstance(inner, ipaddress.IPv4Network):
        return isinstance(outer, ipaddress.IPv4Network) and inner.subnet_of(outer)
    return isinstance(outer, ipaddress.IPv6Network) and inner.subnet_of(outer)


def distance_km(one: NetworkPlace, other: NetworkPlace) -> int | None:
    """The great-circle distance (haversine), or None where one of them has no coordinates."""
    degrees = (one.latitude, one.longitude, other.latitude, other.longitude)
    known = [math.radians(at) for at in degrees if at is not None]
    if len(known) < len(degrees):
        return None
    lat1, lon1, lat2, lon2 = known
    half = (
        math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    )
    return round(2 * _EARTH_KM * math.asin(math.sqrt(half)))


def is_reachable(*, distance: int, within: timedelta, speed_kmh_max: int) -> bool:
    """Tell whether a distance in km can be travelled in a time."""
    return distance <= speed_kmh_max * max(within.total_seconds(), 0) / 3600
