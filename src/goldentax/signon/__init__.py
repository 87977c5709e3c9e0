"""Single sign-on (单点登录): the OpenID Connect provider for the portals and for outside systems."""
