"""The API of identity: who am I, and what may I do?"""

from django.http import HttpRequest
from ninja import Field, Router, Schema

from goldentax.authority import api as authority
from goldentax.kernel import access, clock

router = Router()


class Me(Schema):
    """The actor behind the token."""

    person_id: str = Field(description="public id of the token's holder")
    person_name: str
    taxpayer_id: str = Field(description="纳税人识别号 the token acts for")
    taxpayer_name: str
    taxpayer_public_id: str
    roles: list[str]
    scopes: list[str]
    duties: list[str] = Field(description="人员类型 in which the holder acts for the taxpayer")
    assurance: int = Field(description="认证强度: 1 one factor, 2 two, 3 certificate or passkey")
    channel: str
    language: str
    functions_url: str = Field(description="where every function one may use is listed")


class MyFunctions(Schema):
    """The functions of the catalogue that the actor may use somewhere."""

    functions: list[str]


@router.get("/me", response=Me, summary="Who am I, for whom, and what may I do? 当前身份")
@access.open_to(access.PERSON, access.TAXPAYER)
def get_me(request: HttpRequest) -> Me:
    """Tell who stands behind the token; the cheapest way to see whether one works."""
    actor = access.actor_of(request)
    return Me(
        person_id=actor.person_id,
        person_name=actor.person_name,
        taxpayer_id=actor.taxpayer_id,
        taxpayer_name=actor.taxpayer_name,
        taxpayer_public_id=actor.taxpayer_public_id,
        roles=sorted(actor.roles),
        scopes=sorted(actor.scopes),
        duties=sorted(actor.duties),
        assurance=actor.assurance,
        channel=actor.channel,
        language=actor.language,
        functions_url=f"{request.path}/functions",
    )


@router.get("/me/functions", response=MyFunctions, summary="Which functions may I use? 我的功能")
@access.open_to(access.PERSON, access.TAXPAYER)
def list_my_functions(request: HttpRequest) -> MyFunctions:
    """List the functions (功能) that the actor may use somewhere now; on what, each operation decides."""
    subject = authority.subject_of(access.actor_of(request))
    return MyFunctions(functions=sorted(authority.functions_of(subject=subject, at=clock.now())))
