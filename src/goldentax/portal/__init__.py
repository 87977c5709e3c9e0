"""The hall of taxpayers and of the public (办税服务厅): home, search over everything, help."""
