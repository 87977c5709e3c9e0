"""
Writes of subjects. A request id that comes again gets the first answer back; every write leaves an audit row.

``actor`` is who does it, as audit names them: :attr:`goldentax.kernel.access.Actor.label` or ``system:…``.
Sources are asked outside of transactions: a slow source must not hold a row.
"""
