"""The API of identity: who am I, and what may I do?"""

from django.http import HttpRequest
from ninja import Field, Router, Schema

from goldentax.kernel import access

router = Router()


class Me(Schema):
    """The actor behind the token."""

    person_id: str = Field(description="public id of the token's holder")
    person_name: str
    taxpayer_id: str = Field(description="纳税人识别号 the token acts for")
    taxpayer_name: str
    taxpayer_public_id: str
    office_code: str = Field(description="税务机关 an officer's token acts in")
    roles: list[str]
    scopes: list[str]
    duties: list[str] = Field(description="人员类型 in which the holder acts for the taxpayer")
    assurance: int = Field(description="认证强度: 1 one factor, 2 two, 3 certificate or passkey")
    channel: str
    language: str
    functions_url: str = Field(description="where every function one may use is listed")


@router.get("/me", response=Me, summary="Who am I, for whom, and what may I do? 当前身份")
@access.open_to(access.PERSON, access.TAXPAYER, access.OFFICER)
def get_me(request: HttpRequest) -> Me:
    """Tell who stands behind the token; the cheapest way to see whether one works."""
    actor = access.actor_of(request)
    return Me(
        person_id=actor.person_id,
        person_name=actor.person_name,
        taxpayer_id=actor.taxpayer_id,
        taxpayer_name=actor.taxpayer_name,
        taxpayer_public_id=actor.taxpayer_public_id,
        office_code=actor.office_code,
        roles=sorted(actor.roles),
        scopes=sorted(actor.scopes),
        duties=sorted(actor.duties),
        assurance=actor.assurance,
        channel=actor.channel,
        language=actor.language,
        functions_url=f"{request.path}/functions",
    )
