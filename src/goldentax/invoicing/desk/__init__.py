"""
The desks of the web workers (开票台): what waits is issued together, in one statement and one commit.

`door` takes requests before the web framework sees them, `facts` remembers for a second what the rules ask for, `queue`
keeps sellers from holding each other up, `desk` gathers, numbers and signs a batch, `store` commits it.
"""
