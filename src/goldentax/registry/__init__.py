"""Registry (登记、主体信息): taxpayers, what is known about them, and the catalogues they keep."""
