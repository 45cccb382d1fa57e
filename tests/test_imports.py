"""The modules of the program import one another in one direction."""

from __future__ import annotations

from graphlib import TopologicalSorter

import grimp


def test_no_module_imports_itself_through_others() -> None:
    graph = grimp.build_graph("newsdesk", cache_dir=None)  # type-checking imports included
    assert graph.find_children("newsdesk.tui")
    imports = {name: graph.find_modules_directly_imported_by(name) for name in graph.modules}
    TopologicalSorter(imports).prepare()  # raises CycleError with the modules of a cycle
