"""Find what reaches a screen, a pipe or a log without having passed `newsdesk.text`.

An expression is clean if it is made of literals, constants, numbers, moments and what the door
let through; text of any other origin is not. What a parameter brings is asked of every caller,
what an attribute of `self` holds of every assignment to it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

# What lets only harmless text through, or gives none but its own.
DOORS = frozenset(
    "shown shown_block shown_middle shown_path table_cell counted age age_in_words small_bar"
    " long_bar number level len int number_text float bool round sum abs cell_len cells to_json"
    " terminal_width cell_length day moment astimezone isoformat range"
    " vertical_bar horizontal_bar shade shade_limits short_number percent nice_top".split()
)
# What gives text as clean as its arguments are.
CARRIERS = frozenset(
    "fit fit_right matches str sorted reversed list tuple set dict enumerate zip min max next"
    " filter map islice chain join rstrip lstrip strip ljust rjust center upper lower capitalize"
    " split splitlines partition rpartition replace removeprefix removesuffix format truncate"
    " stylize get items values keys paint cast pop copy set_cell_size translate sub wrap"
    " strftime axis".split()
)
# Objects whose text was looked at where they were made.
MADE = frozenset("Content Text Segment Strip Facts Labelled Style Markdown".split())
# Types that hold no text of a stranger.
HARMLESS = frozenset(
    "int float bool None datetime date Status Verdict Style Content Text Segment Strip"
    " Facts Labelled Signals timedelta array Output ArticleTable Console Size Offset".split()
)
TEXT_SINKS = frozenset({"Content", "Text", "Segment", "Static", "Label", "print", "Option"})
METHOD_SINKS = frozenset({"data", "line", "raw_message"})  # of `Output`
TITLES = frozenset({"border_title", "border_subtitle", "title", "sub_title", "tooltip"})
LOGGERS = frozenset({"_log", "log", "logger"})
# Methods that pass the door themselves; `test_sinks.py` looks whether they do.
WITH_A_DOOR = frozenset(
    {"post_status", "say", "_say", "message", "hint", "progress", "post_on_results"}
)


@dataclass(frozen=True, slots=True)
class Offence:
    """Foreign text on its way to a sink: where, and which expression."""

    place: str  # file:function
    line: int
    expression: str

    def __str__(self) -> str:
        return f"{self.place}:{self.line}: {self.expression}"


@dataclass(eq=False, slots=True)
class Function:
    """A function or method with what is known about its names."""

    file: str
    name: str
    node: ast.FunctionDef | ast.AsyncFunctionDef
    owner: str
    module: Module
    outer: Function | None = None

    @property
    def parameters(self) -> list[ast.arg]:
        """The parameters, without `self`."""
        arguments = self.node.args
        named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        named += [a for a in (arguments.vararg, arguments.kwarg) if a]
        return [a for a in named if a.arg not in ("self", "cls")]


@dataclass(eq=False, slots=True)
class Module:
    """A parsed file."""

    file: str
    tree: ast.Module
    functions: list[Function] = field(default_factory=list)
    constants: dict[str, ast.expr] = field(default_factory=dict)


Culprits = frozenset[tuple[str, str]]  # ("parameter", its name) or ("text", an expression)
NONE: Culprits = frozenset()


class Finder:
    """Looks through modules; `offences` gives what it found."""

    def __init__(self, sources: Mapping[str, str], facts: Mapping[str, str]) -> None:
        """`sources` are the files to look through, `facts` more files whose classes count."""
        self.modules = [self._parsed(file, text) for file, text in sources.items()]
        self.functions: dict[str, list[Function]] = {}
        for module in self.modules:
            for function in module.functions:
                self.functions.setdefault(function.name, []).append(function)
        self.fields = _fields([*sources.values(), *facts.values()])
        self._held: dict[tuple[str, str], list[tuple[ast.expr, Function]]] = {}
        for module in self.modules:
            for function in module.functions:
                self._note_held(function)
        self._busy: set[object] = set()
        self.sinks_seen = 0

    def offences(self) -> list[Offence]:
        """Return every piece of foreign text that reaches a sink."""
        found: set[Offence] = set()
        asked: set[tuple[str, str, str]] = set()
        waiting: list[tuple[Function, str]] = []
        for module in self.modules:
            for function in module.functions:
                for line, expression in self._sinks(function):
                    self.sinks_seen += 1
                    self._judge(function, line, expression, found, waiting)
        while waiting:
            function, parameter = waiting.pop()
            key = (function.name if function.name != "__init__" else function.owner, parameter, "")
            if key in asked:
                continue
            asked.add(key)
            given = list(self._given(function, parameter))
            if not given:  # called by Textual, or nobody knows by whom
                place = f"{function.file}:{function.name}"
                found.add(Offence(place, function.node.lineno, parameter))
            for caller, line, expression in given:
                self._judge(caller, line, expression, found, waiting)
        return sorted(found, key=str)

    def _judge(
        self,
        function: Function,
        line: int,
        expression: ast.expr,
        found: set[Offence],
        waiting: list[tuple[Function, str]],
    ) -> None:
        for kind, what in self.culprits(expression, function):
            if kind == "parameter":
                owner: Function | None = function
                while owner and what not in {a.arg for a in owner.parameters}:
                    owner = owner.outer
                if owner is not None:
                    waiting.append((owner, what))
                    continue
            elif kind.startswith("held:"):
                for value, holder in self._held.get((kind[5:], what), []):
                    token = ("judge", kind, what, id(value))
                    if token not in self._busy:
                        self._busy.add(token)
                        self._judge(holder, value.lineno, value, found, waiting)
                continue
            found.add(Offence(f"{function.file}:{function.name}", line, what))

    # -- what is clean ---------------------------------------------------------------------

    def culprits(self, node: ast.expr | None, function: Function) -> Culprits:
        """Return what in an expression is foreign text."""
        ask = self.culprits
        match node:
            case None | ast.Constant() | ast.Compare() | ast.Lambda():
                return NONE
            case ast.JoinedStr(values=values):
                return self._all(values, function)
            case ast.FormattedValue(value=value, format_spec=spec):
                said = ast.unparse(spec) if spec else ""
                return (
                    NONE
                    if any(sign in said for sign in (",", ".1f", ".2f", ".0f", "+"))
                    else (ask(value, function))
                )
            case ast.BinOp(left=left, right=right):
                return ask(left, function) | ask(right, function)
            case ast.BoolOp(values=values):
                return self._all(values, function)
            case ast.UnaryOp():
                return NONE
            case ast.IfExp(body=body, orelse=other):
                return ask(body, function) | ask(other, function)
            case ast.Tuple(elts=items) | ast.List(elts=items) | ast.Set(elts=items):
                return self._all(items, function)
            case ast.Dict(keys=names, values=values):
                return self._all([*(n for n in names if n), *values], function)
            case ast.Starred(value=value) | ast.Await(value=value) | ast.NamedExpr(value=value):
                return ask(value, function)
            case ast.Subscript(value=value):
                return ask(value, function)
            case (
                ast.ListComp(elt=element) | ast.GeneratorExp(elt=element) | ast.SetComp(elt=element)
            ):
                return ask(element, function)
            case ast.DictComp(key=key, value=value):
                return ask(key, function) | ask(value, function)
            case ast.Name():
                return self._name(node, function)
            case ast.Attribute():
                return self._attribute(node, function)
            case ast.Call():
                return self._call(node, function)
        return frozenset({("text", ast.unparse(node))})

    def _all(self, nodes: list[ast.expr], function: Function) -> Culprits:
        return frozenset().union(*(self.culprits(node, function) for node in nodes))

    def _name(self, node: ast.Name, function: Function) -> Culprits:
        name = node.id
        if name.lstrip("_").isupper() or name in ("__version__",):
            return NONE
        token = (id(function), name)
        if token in self._busy:
            return NONE
        self._busy.add(token)
        try:
            scope: Function | None = function
            while scope is not None:
                values = list(_bound(scope.node, name))
                parameter = next((a for a in scope.parameters if a.arg == name), None)
                if parameter is not None and _is_harmless(parameter.annotation):
                    return NONE
                if values or parameter is not None:
                    found = self._all(values, scope)
                    return found | {("parameter", name)} if parameter is not None else found
                scope = scope.outer
            if name in function.module.constants:
                return self.culprits(function.module.constants[name], function)
        finally:
            self._busy.discard(token)
        return frozenset({("text", name)})

    def _attribute(self, node: ast.Attribute, function: Function) -> Culprits:
        if node.attr.isupper() or node.attr in DOORS:
            return NONE
        types = self.fields.get(node.attr, [])
        if types and all(map(_is_harmless, types)):
            return NONE
        if node.attr == "value" and ast.unparse(node.value).endswith(("verdict", "status")):
            return NONE  # an enum's own word
        if isinstance(node.value, ast.Name) and node.value.id == "self":
            if (function.owner, node.attr) in self._held:
                return frozenset({(f"held:{function.owner}", node.attr)})
            methods = [f for f in self.functions.get(node.attr, []) if f.owner == function.owner]
            if methods:
                return self._results(methods)
        return frozenset({("text", ast.unparse(node))})

    def _call(self, node: ast.Call, function: Function) -> Culprits:
        name = _called(node)
        arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
        if name in DOORS or name in MADE or name == "part":
            return NONE
        if name == "matches":  # parts of its first argument; the words are looked for in it
            return self._all(node.args[:1], function)
        own = self._named(name, function)
        if own and name not in CARRIERS:
            found = self._results(own)
            parameters = {what for kind, what in found if kind == "parameter"}
            rest = frozenset(culprit for culprit in found if culprit[0] != "parameter")
            return rest | (self._all(arguments, function) if parameters else NONE)
        if name in CARRIERS:
            told = self._all(arguments, function)
            if isinstance(node.func, ast.Attribute) and name not in ("paint", "wrap", "sub"):
                told |= self.culprits(node.func.value, function)
            return told
        if isinstance(node.func, ast.Attribute) and (
            isinstance(node.func.value, ast.Name) and node.func.value.id in MADE
        ):
            return NONE
        return frozenset({("text", ast.unparse(node))})

    def _named(self, name: str, function: Function) -> list[Function]:
        """Return the functions of that name; private ones of the same file, if there are any."""
        found = self.functions.get(name, [])
        if name.startswith("_"):
            return [f for f in found if f.module is function.module] or found
        return found

    def _results(self, functions: list[Function]) -> Culprits:
        """Return what is foreign in what functions give back."""
        found: Culprits = NONE
        for function in functions:
            token = ("results", id(function))
            if token in self._busy or _is_harmless(function.node.returns):
                continue
            self._busy.add(token)
            for inner in _own_nodes(function.node):
                if isinstance(inner, (ast.Return, ast.Yield, ast.YieldFrom)) and inner.value:
                    found |= self.culprits(inner.value, function)
            self._busy.discard(token)
        return found

    # -- what is a sink --------------------------------------------------------------------

    def _sinks(self, function: Function) -> Iterator[tuple[int, ast.expr]]:
        """Yield line and expression of everything that a function lets out."""
        for node in _own_nodes(function.node):
            if isinstance(node, ast.Call):
                yield from ((node.lineno, what) for what in _let_out(node))
            elif isinstance(node, ast.Yield) and function.file == "commands/list.py":
                yield node.lineno, node.value or ast.Constant("")
            elif isinstance(node, ast.Assign):
                for target in node.targets:
                    is_title = isinstance(target, ast.Attribute) and target.attr in TITLES
                    if is_title:
                        yield node.lineno, node.value

    def _given(
        self, function: Function, parameter: str
    ) -> Iterator[tuple[Function, int, ast.expr]]:
        """Yield what every caller gives a function for one parameter."""
        names = [a.arg for a in function.parameters]
        place = names.index(parameter)
        called = function.owner if function.name == "__init__" else function.name
        is_private = called.startswith("_") and not function.owner
        for module in [function.module] if is_private else self.modules:
            for caller in module.functions:
                for node in _own_nodes(caller.node):
                    is_other = function not in self._named(called, caller)
                    if is_other and called != function.owner:
                        continue
                    if not isinstance(node, ast.Call) or _called(node) != called:
                        continue
                    given = [k.value for k in node.keywords if k.arg in (parameter, None)]
                    is_rest = function.node.args.vararg and (
                        function.node.args.vararg.arg == parameter
                    )
                    given += node.args[place:] if is_rest else node.args[place : place + 1]
                    for value in given:
                        yield caller, node.lineno, value

    # -- reading ---------------------------------------------------------------------------

    def _parsed(self, file: str, text: str) -> Module:
        module = Module(file, ast.parse(text))

        def visit(node: ast.AST, owner: str, outer: Function | None) -> None:
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.ClassDef):
                    visit(child, child.name, outer)
                elif isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    function = Function(file, child.name, child, owner, module, outer)
                    module.functions.append(function)
                    visit(child, owner, function)
                else:
                    visit(child, owner, outer)

        visit(module.tree, "", None)
        for statement in module.tree.body:
            if isinstance(statement, ast.Assign):
                for target in statement.targets:
                    if isinstance(target, ast.Name):
                        module.constants[target.id] = statement.value
        rest = [s for s in module.tree.body if not isinstance(s, (ast.ClassDef, ast.FunctionDef))]
        top = ast.parse("def top(): pass").body[0]
        assert isinstance(top, ast.FunctionDef)
        top.name, top.body = "(module)", [*rest]
        module.functions.append(Function(file, "(module)", top, "", module))
        return module

    def _note_held(self, function: Function) -> None:
        """Note what is assigned to attributes of `self`."""
        for node in _own_nodes(function.node):
            targets: list[ast.expr] = []
            if isinstance(node, ast.Assign):
                targets = node.targets
            elif isinstance(node, (ast.AnnAssign, ast.AugAssign)) and node.value:
                targets = [node.target]
            for target in targets:
                pairs = [(target, node.value)]  # type: ignore[attr-defined]
                if isinstance(target, ast.Tuple):
                    value = node.value  # type: ignore[attr-defined]
                    same = isinstance(value, ast.Tuple) and len(value.elts) == len(target.elts)
                    parts = value.elts if same else [value] * len(target.elts)
                    pairs = list(zip(target.elts, parts, strict=True))
                for one, value in pairs:
                    if isinstance(one, ast.Attribute) and ast.unparse(one.value) == "self":
                        key = (function.owner, one.attr)
                        self._held.setdefault(key, []).append((value, function))


def _let_out(node: ast.Call) -> list[ast.expr]:
    """Return the arguments of a call that are shown, sent or logged."""
    name, first = _called(node), node.args[:1]
    by_name = [k.value for k in node.keywords if k.arg in ("message", "content", "placeholder")]
    if isinstance(node.func, ast.Name):
        return [*first, *by_name] if name in TEXT_SINKS else by_name
    receiver = ast.unparse(node.func.value) if isinstance(node.func, ast.Attribute) else ""
    if name in ("assemble", "from_markup", "styled"):
        is_text = receiver in ("Content", "Text")
        parts = [a.elts[0] if isinstance(a, ast.Tuple) and a.elts else a for a in node.args]
        return parts if is_text else by_name
    if name == "update":
        return first if "Static" in receiver or receiver in ("summary", "remark") else by_name
    if name == "append":
        return first if receiver in ("line", "text", "lit", "words") else by_name
    if receiver.split(".")[0] in LOGGERS:
        return node.args
    if name in METHOD_SINKS:
        return first if receiver.endswith("output") else by_name
    if name == "show_work":
        return node.args[1:2]
    if name == "say":
        return first if "status" in receiver.lower() else []
    if name in ("notify", "write", "exit"):
        return [*first, *by_name] if name != "exit" else by_name
    return by_name


def _called(node: ast.Call) -> str:
    if isinstance(node.func, ast.Name):
        return node.func.id
    return node.func.attr if isinstance(node.func, ast.Attribute) else ""


def _own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of a function without those of functions inside it."""
    waiting = list(getattr(node, "body", []))
    while waiting:
        inner = waiting.pop()
        if isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        yield inner
        waiting += ast.iter_child_nodes(inner)


def _bound(node: ast.AST, name: str) -> Iterator[ast.expr]:
    """Yield every expression that a name stands for in a function."""
    for inner in _own_nodes(node):
        pairs: list[tuple[ast.expr, ast.expr]] = []
        if isinstance(inner, ast.Assign):
            pairs = [(target, inner.value) for target in inner.targets]
        elif isinstance(inner, (ast.AnnAssign, ast.AugAssign)) and inner.value:
            pairs = [(inner.target, inner.value)]
        elif isinstance(inner, (ast.For, ast.AsyncFor, ast.comprehension)):
            pairs = [(inner.target, inner.iter)]
        elif isinstance(inner, ast.NamedExpr):
            pairs = [(inner.target, inner.value)]
        elif isinstance(inner, ast.withitem) and inner.optional_vars:
            pairs = [(inner.optional_vars, inner.context_expr)]
        elif isinstance(inner, ast.ExceptHandler) and inner.name == name:
            # An exception quotes what it met.
            yield ast.Attribute(ast.Name(name), "message_and_remedy")
            continue
        for target, value in pairs:
            is_loop = isinstance(inner, (ast.For, ast.AsyncFor, ast.comprehension))
            if is_loop and isinstance(value, (ast.Tuple, ast.List)):
                for item in value.elts:
                    yield from _parts_for(name, target, item)
            else:
                yield from _parts_for(name, target, value)
        if isinstance(inner, ast.Call) and _called(inner) in ("append", "extend"):
            assert isinstance(inner.func, (ast.Attribute, ast.Name))
            if isinstance(inner.func, ast.Attribute) and ast.unparse(inner.func.value) == name:
                yield from inner.args


def _parts_for(name: str, target: ast.expr, value: ast.expr) -> Iterator[ast.expr]:
    if isinstance(target, ast.Name) and target.id == name:
        yield value
    elif isinstance(target, ast.Starred):
        yield from _parts_for(name, target.value, value)
    elif isinstance(target, (ast.Tuple, ast.List)):
        items: list[ast.expr] = target.elts
        if isinstance(value, ast.Tuple) and len(value.elts) == len(items):
            for one, part in zip(items, value.elts, strict=True):
                yield from _parts_for(name, one, part)
            return
        if isinstance(value, ast.Call) and _called(value) == "enumerate" and len(items) == 2:
            if not (isinstance(items[0], ast.Name) and items[0].id == name):
                yield from _parts_for(name, items[1], value.args[0])
            else:
                yield ast.Constant(0)
            return
        for one in items:
            yield from _parts_for(name, one, value)


def _is_harmless(annotation: ast.expr | None) -> bool:
    """Tell whether a type holds no text of a stranger."""
    match annotation:
        case ast.Constant(value=None):
            return True
        case ast.Constant(value=str(text)):
            return _is_harmless(ast.parse(text, mode="eval").body)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name in HARMLESS
        case ast.BinOp(left=left, right=right):
            return _is_harmless(left) and _is_harmless(right)
        case ast.Subscript(
            value=ast.Name(id="list" | "tuple" | "dict" | "Iterator" | "Sequence"), slice=of
        ):
            items = of.elts if isinstance(of, ast.Tuple) else [of]
            items = items[1:] if annotation.value.id == "dict" else items  # its values
            return all(
                _is_harmless(item) or (isinstance(item, ast.Constant) and item.value is ...)
                for item in items
            )
    return False


def _fields(sources: list[str]) -> dict[str, list[ast.expr | None]]:
    """Return the types of every attribute and property that classes declare, by name."""
    found: dict[str, list[ast.expr | None]] = {}
    for source in sources:
        for node in ast.walk(ast.parse(source)):
            if not isinstance(node, ast.ClassDef):
                continue
            for statement in node.body:
                if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                    found.setdefault(statement.target.id, []).append(statement.annotation)
                elif isinstance(statement, ast.FunctionDef):
                    is_property = any(
                        isinstance(d, ast.Name) and d.id == "property"
                        for d in statement.decorator_list
                    )
                    if is_property:
                        found.setdefault(statement.name, []).append(statement.returns)
                    if statement.name == "__init__":
                        for argument in statement.args.args[1:]:
                            found.setdefault(argument.arg, []).append(argument.annotation)
    return found


def sources_under(*folders: Path) -> dict[str, str]:
    """Return path below `src/newsdesk` -> text of every Python file."""
    return {
        f"{path.parent.name}/{path.name}": path.read_text("utf-8")
        for folder in folders
        for path in sorted(folder.rglob("*.py"))
    }
