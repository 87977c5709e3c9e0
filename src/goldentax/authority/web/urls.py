"""Addresses of authority's pages."""

from django.urls import path

from goldentax.authority.web import approvals, explaining, functions, grants, mine, offices, posts, requesting

app_name = "authority"
urlpatterns = [
    path("offices/", offices.index, name="offices"),
    path("offices/<str:code>/", offices.show, name="office"),
    path("offices/<str:code>/add/", offices.add, name="office-add"),
    path("offices/<str:code>/rename/", offices.rename, name="office-rename"),
    path("offices/<str:code>/close/", offices.close, name="office-close"),
    path("posts/", posts.matrix, name="posts"),
    path("posts/functions/", functions.tree, name="functions"),
    path("posts/functions/<str:code>/", functions.show, name="function"),
    path("posts/sets/<str:code>/", posts.show_set, name="set"),
    path("posts/<str:code>/", posts.show, name="post"),
    path("grants/", grants.index, name="grants"),
    path("grants/export.csv", grants.export, name="grants-csv"),
    path("grants/new/", requesting.ask, name="grant-new"),
    path("grants/<uuid:grant_id>/", grants.show, name="grant"),
    path("grants/<uuid:grant_id>/end/", grants.end, name="grant-end"),
    path("grants/<uuid:grant_id>/withdraw/", grants.withdraw, name="grant-withdraw"),
    path("approvals/", approvals.inbox, name="approvals"),
    path("approvals/prove/", approvals.prove, name="approvals-prove"),
    path("approvals/decide/", approvals.decide, name="approvals-decide"),
    path("who-could/", explaining.who_could, name="who-could"),
    path("who-could/export.csv", explaining.export, name="who-could-csv"),
    path("who-could/explain/", explaining.explain, name="explain"),
    path("my-functions", mine.show, name="my-functions"),
]
