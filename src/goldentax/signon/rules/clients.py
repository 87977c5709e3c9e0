"""What an officer writes down of a client, held against the rules; every refusal at once."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text
from goldentax.kernel.values.identifiers import classify_taxpayer_id
from goldentax.signon import errors
from goldentax.signon.rules import jose, kinds, redirects, scopes

NAME_LENGTH_MAX = 80
OFFICE_CODE_LENGTH = 11
SECTOR_LENGTH_MAX = 253


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientDraft:
    """A client as it is written down."""

    name_zh: str
    name_en: str
    kind: str
    owner_kind: str
    owner_code: str
    owner_name: str
    auth_method: str
    redirect_uris: tuple[str, ...]
    scopes: tuple[str, ...]
    post_logout_uris: tuple[str, ...] = ()
    back_channel_uri: str = ""
    id_token_alg: str = jose.ES256
    sector: str = ""  # "" for the host of the addresses
    public_keys: dict[str, Any] = field(default_factory=dict)
    resource_uri: str = ""
    resources: tuple[str, ...] = ()


def refusals_of(draft: ClientDraft, *, resources_known: Collection[str]) -> list[Refusal]:
    """Every refusal of a draft, in the order of its fields."""
    found: list[Refusal] = []
    for which, name, attribute in (("中文", "Chinese", "name_zh"), ("英文", "English", "name_en")):
        if not 1 <= len(getattr(draft, attribute).strip()) <= NAME_LENGTH_MAX:
            found.append(errors.BadClientName(attribute, which=Text(which, name)))
    if draft.kind not in kinds.KINDS:
        found.append(errors.BadKind("kind", known="、".join(kinds.KINDS)))
    if not _is_owned(draft):
        found.append(errors.BadOwner("owner_code"))
    if not kinds.is_fitting(kind=draft.kind, auth_method=draft.auth_method):
        found.append(errors.BadAuthMethod("auth_method", method=draft.auth_method[:40]))
    if draft.auth_method == kinds.PRIVATE_KEY:
        found += _refused(lambda: jose.read_client_keys(draft.public_keys))
    found += redirects.refusals_of(uris=draft.redirect_uris, kind=draft.kind)
    for uri in draft.post_logout_uris:
        found += _refused(lambda uri=uri: redirects.check_logout_uri(uri=uri, field="post_logout_uris"))  # type: ignore[misc]
    if draft.back_channel_uri:
        found += _refused(
            lambda: redirects.check_logout_uri(uri=draft.back_channel_uri, field="back_channel_uri")
        )
    if draft.id_token_alg not in jose.ALGORITHMS:
        found.append(errors.BadSigningAlgorithm("id_token_alg", known="、".join(jose.ALGORITHMS)))
    return (
        found + _scope_refusals(draft) + _sector_refusals(draft) + _resource_refusals(draft, resources_known)
    )


def sector_of(draft: ClientDraft, *, client_id: str) -> str:
    """The sector of a client: what was written, else the one host of its addresses, else itself."""
    if draft.sector:
        return draft.sector.lower()
    if draft.kind == kinds.NATIVE:
        return client_id
    return redirects.host_of(draft.redirect_uris[0])


def _is_owned(draft: ClientDraft) -> bool:
    if not 1 <= len(draft.owner_name.strip()) <= 200:
        return False
    if draft.owner_kind == kinds.OFFICE:
        return (
            draft.owner_code.isascii()
            and draft.owner_code.isdigit()
            and (len(draft.owner_code) == OFFICE_CODE_LENGTH)
        )
    is_taxpayer = draft.owner_kind == kinds.TAXPAYER and draft.kind != kinds.PORTAL
    return is_taxpayer and classify_taxpayer_id(draft.owner_code) is not None


def _scope_refusals(draft: ClientDraft) -> list[Refusal]:
    known = "、".join(scopes.SCOPES)
    found: list[Refusal] = [
        errors.BadClientScopes("scopes", scope=scope[:40], known=known)
        for scope in draft.scopes
        if scope not in scopes.SCOPES
    ]
    if scopes.OPENID not in draft.scopes:
        found.append(errors.BadClientScopes("scopes", scope="≠ openid", known=known))
    return found


def _sector_refusals(draft: ClientDraft) -> list[Refusal]:
    hosts = {redirects.host_of(uri) for uri in draft.redirect_uris if uri.startswith("https://")}
    is_unclear = not draft.sector and len(hosts) > 1 and draft.kind != kinds.NATIVE
    is_broken = len(draft.sector) > SECTOR_LENGTH_MAX or "|" in draft.sector or not draft.sector.isascii()
    return [errors.BadSector("sector")] if is_unclear or is_broken else []


def _resource_refusals(draft: ClientDraft, known: Collection[str]) -> list[Refusal]:
    found: list[Refusal] = []
    if draft.resource_uri:
        found += _refused(lambda: redirects.check_resource_uri(uri=draft.resource_uri, field="resource_uri"))
    unknown = [uri for uri in draft.resources if uri not in known]
    return found + [errors.BadResource("resources", uri=uri[:200]) for uri in unknown]


def _refused(check: Callable[[], object]) -> list[Refusal]:
    try:
        check()
    except Refusal as refusal:
        return [refusal]
    return []
