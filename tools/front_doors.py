"""The front-door contract of import-linter: a module is entered through its ``api``, and nowhere else."""

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class FrontDoors(Contract):
    """Keep every import between two modules pointed at the other module's door."""

    modules = fields.ListField(subfield=fields.StringField())
    door = fields.StringField()

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        wrong = [
            f"{caller} reaches {inner}; use {home}.{self.door}"
            for home in self.modules
            for inner in sorted(self._behind_the_door(graph, home))
            for caller in sorted(graph.find_modules_that_directly_import(inner))
            if self._is_another_module(caller, home)
        ]
        return ContractCheck(kept=not wrong, metadata={"wrong": wrong})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for line in check.metadata["wrong"]:
            output.print_error(line)

    def _behind_the_door(self, graph: ImportGraph, home: str) -> set[str]:
        return ({home} | graph.find_descendants(home)) - {f"{home}.{self.door}"}

    def _is_another_module(self, caller: str, home: str) -> bool:
        """Tell whether an import comes from a room other than this one; kernel and contracts are no rooms."""
        owner = next((one for one in self.modules if caller == one or caller.startswith(one + ".")), None)
        return owner is not None and owner != home
