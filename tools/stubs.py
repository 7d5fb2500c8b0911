"""Write a stub beside every exported module: editors and type checkers see what `@patch` adds.

A patched function stands outside its class, where no type checker looks for it. The stub puts it
inside, as a method, property or class method. `make export` runs this through `tools/api.py`.
Nothing is imported: the stubs follow from the syntax trees alone.
"""
import ast
import textwrap
from collections.abc import Iterator
from pathlib import Path

from infer import Types, constant_type, is_alias
from patched import Function, Module, Package, Patch, called, decorator

WIDTH = 100
# decorators that change nothing a type checker should see, and those whose work the stub does
HIDDEN = {"no_grad", "enable_grad", "inference_mode", "command", "delegates", "singledispatch",
          "patch", "patch_to"}
NOT_LITERAL = ast.Call | ast.Name | ast.Lambda | ast.Attribute
TAIL = """
__version__: str
__all__: list[str]

def __dir__() -> list[str]: ...
"""
HEAD = '"""Written by tools/stubs.py: do not edit."""\n'


# ---------------------------------------------------------------- signatures


def default(node: ast.expr | None) -> str:
    """A default as the stub shows it: literals that are short, else `...`."""
    if node is None: return ""
    text = ast.unparse(node)
    plain = not any(isinstance(n, NOT_LITERAL) for n in ast.walk(node))
    return text if plain and len(text) <= 40 else "..."


def parameter(arg: ast.arg, value: ast.expr | None, prefix: str = "", bare: bool = False) -> str:
    """One parameter, with its annotation and default."""
    typed = f": {ast.unparse(arg.annotation)}" if arg.annotation and not bare else ""
    equals = (" = " if typed else "=") + default(value) if value is not None else ""
    return f"{prefix}{arg.arg}{typed}{equals}"


def parameters(args: ast.arguments, extra: list[str], bound: bool) -> list[str]:
    """The parameters: `self` and `cls` lose their annotation, `extra` stands for `**kwargs`."""
    places = [*args.posonlyargs, *args.args]
    values = [None] * (len(places) - len(args.defaults)) + list(args.defaults)
    out = []
    for i, (arg, value) in enumerate(zip(places, values, strict=True)):
        out.append(parameter(arg, value, bare=bound and i == 0))
        if args.posonlyargs and i + 1 == len(args.posonlyargs): out.append("/")
    if args.vararg: out.append(parameter(args.vararg, None, "*"))
    elif args.kwonlyargs or extra: out.append("*")
    out += [parameter(a, v) for a, v in zip(args.kwonlyargs, args.kw_defaults, strict=True)]
    if args.kwarg and not extra: out.append(parameter(args.kwarg, None, "**"))
    return out + extra


def docstring(node: Function | ast.ClassDef, indent: str) -> str:
    """The docstring, as a statement, or nothing."""
    text = ast.get_docstring(node)
    if text is None: return ""
    raw = "r" if "\\" in text else ""
    lines = f'{raw}"""{text}"""'.splitlines()
    wrapper = textwrap.TextWrapper(WIDTH - len(indent), break_on_hyphens=False)
    wrapped = [w for line in lines for w in wrapper.wrap(line) or [""]]
    return "".join(f"{indent}{line}".rstrip() + "\n" for line in wrapped)


def function(node: Function, indent: str, extra: list[str], bound: bool, name: str = "") -> str:
    """A function without its body, one parameter to a line where they do not fit."""
    keyword = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
    start = f"{indent}{keyword} {name or node.name}("
    end = f") -> {ast.unparse(node.returns)}:" if node.returns else "):"
    given = parameters(node.args, extra, bound)
    line = start + ", ".join(given) + end
    if len(line) > WIDTH - 4:
        line = start + "".join(f"\n{indent}    {p}," for p in given) + f"\n{indent}{end}"
    doc = docstring(node, indent + "    ")
    return f"{line}\n{doc}" if doc else f"{line} ...\n"


# ---------------------------------------------------------------- one stub


class Stub:
    """The stub of one module."""
    def __init__(self, package: Package, module: Module) -> None:
        self.package, self.module = package, module
        self.borrowed: dict[str, str] = {}  # imports that a patch from another module brings along

    def text(self) -> str:
        """The whole stub: only the imports it uses, then every definition in its order."""
        body = "".join(self.statement(node) for node in self.module.body)
        used = mentioned(body)
        lines = [line for name, line in self.module.imports() if name in used]
        lines += [line for name, line in self.borrowed.items() if line not in lines]
        lines += [f"from typing import {name}" for name in ("Any", "ClassVar") if name in used]
        return HEAD + "".join(f"{line}\n" for line in dict.fromkeys(lines)) + "\n" + body

    def statement(self, node: ast.stmt) -> str:
        """What the stub says for one statement of the module."""
        if isinstance(node, ast.ClassDef): return self.class_(node)
        if isinstance(node, Function): return self.top(node)
        if isinstance(node, ast.AnnAssign): return f"{typed(node)}\n"
        if isinstance(node, ast.Assign):
            return "".join(self.constant(t, node.value) for t in node.targets)
        return ""

    def top(self, node: Function) -> str:
        """A function of the module; the last one of a name is the one that stays."""
        if self.module.functions.get(node.name) is not node: return ""
        return self.decorated(node, "") + function(node, "", self.delegated(node), bound=False)

    def delegated(self, node: Function) -> list[str]:
        """What `@delegates(Config)` puts in the place of `**kwargs`: the options of the class."""
        mark = decorator(node, "delegates")
        if not isinstance(mark, ast.Call) or not mark.args: return []
        target = called(mark.args[0])
        home = self.package.find(target, self.module.name)
        if home is None: return []
        taken = {a.arg for a in (*node.args.args, *node.args.kwonlyargs)}
        return [p for p in constructor(home.classes[target]) if p.split(":")[0] not in taken]

    def constant(self, target: ast.expr, value: ast.expr) -> str:
        """A name of the module: `__all__` and types as they are, all else by its type."""
        if isinstance(target, ast.Tuple):
            unknown = [ast.Constant(...)] * len(target.elts)
            values = value.elts if isinstance(value, ast.Tuple) else unknown
            return "".join(map(self.constant, target.elts, values))
        if not isinstance(target, ast.Name): return ""
        if target.id == "__all__": return listed(ast.literal_eval(value))
        if is_alias(value): return f"{target.id} = {ast.unparse(value)}\n"
        return f"{target.id}: {constant_type(value)}\n"

    def decorated(self, node: Function | ast.ClassDef, indent: str) -> str:
        """The decorators that a type checker must know."""
        kept = [d for d in node.decorator_list if called(d) not in HIDDEN]
        return "".join(f"{indent}@{ast.unparse(d)}\n" for d in kept)

    def class_(self, node: ast.ClassDef) -> str:
        """A class: its own methods, what was patched onto it, and the attributes they set."""
        group = self.package.patched.get((self.module.name, node.name), {})
        gone = {name for name, _ in group}
        heads = [ast.unparse(b) for b in node.bases]
        heads += [f"{k.arg}={ast.unparse(k.value)}" for k in node.keywords]
        base = f"({', '.join(heads)})" if heads else ""
        methods = [m for m in node.body if isinstance(m, Function) and m.name not in gone]
        callable_ = [*methods, *(p.node for p in group.values() if p.role == "method")]
        inside = [docstring(node, "    "), *self.fields(node), *self.attributes(node, group)]
        inside += [self.method(m) for m in methods]
        inside += [self.patch(p) for p in group.values()]
        inside += self.call(node, callable_)
        body = "".join(inside)
        head = f"{self.decorated(node, '')}class {node.name}{base}:"
        return head + (f"\n{body}" if body else " ...\n")

    def method(self, node: Function) -> str:
        """A method that stands in the class."""
        bound = decorator(node, "staticmethod") is None
        return self.decorated(node, "    ") + function(node, "    ", [], bound)

    def fields(self, node: ast.ClassDef) -> Iterator[str]:
        """The attributes that the body of a class declares."""
        for item in node.body:
            if isinstance(item, ast.AnnAssign):
                value = "" if item.value is None else f" = {field_default(item.value)}"
                yield f"    {typed(item)}{value}\n"
            elif isinstance(item, ast.Assign):
                for target in item.targets: yield from self.plain_field(node, target, item.value)

    def plain_field(self, node: ast.ClassDef, target: ast.expr, value: ast.expr) -> Iterator[str]:
        """An attribute without annotation, unless a base declares it already."""
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            for t, v in zip(target.elts, value.elts, strict=True):
                yield from self.plain_field(node, t, v)
        elif isinstance(target, ast.Name) and target.id not in self.inherited(node):
            kind = constant_type(value)
            # or it would be a field of the dataclass, and an argument
            if decorator(node, "dataclass"): kind = f"ClassVar[{kind}]"
            yield f"    {target.id}: {kind}\n"

    def inherited(self, node: ast.ClassDef) -> set[str]:
        """The names that the bases of a class declare, or set in their methods."""
        names: set[str] = set()
        for module, base in list(self.package.ancestors(self.module, node))[1:]:
            group = self.package.patched.get((module.name, base.name), {})
            names |= declared(base) | {name for name, _ in group}
            names |= set(Types(base, module).attributes([]))
        return names

    def attributes(self, node: ast.ClassDef, group: dict[tuple[str, bool], Patch]) -> Iterator[str]:
        """The attributes that methods set on `self`."""
        known = declared(node) | self.inherited(node) | {name for name, _ in group}
        found = Types(node, self.module).attributes([p.node for p in group.values()])
        yield from (f"    {name}: {kind}\n" for name, kind in found.items() if name not in known)

    def patch(self, patch: Patch) -> str:
        """A patched function, as the class has it."""
        marks = {"method": "", "setter": f"@{patch.name}.setter", "property": "@property"}
        mark = marks.get(patch.role, f"@{patch.role}")
        if patch.home != self.module.name: self.borrow(patch)
        head = f"    {mark}\n" if mark else ""
        head += self.decorated(patch.node, "    ")
        return head + function(patch.node, "    ", [], patch.role != "staticmethod", patch.name)

    def borrow(self, patch: Patch) -> None:
        """Import what the signature of a patch from another module speaks of."""
        home, part = self.package.modules[patch.home], patch.home.split(".")[0]
        lines = {**dict(home.imports())}
        own = {n: f"from ..{patch.home} import {n}" for n in (*home.classes, *(aliases(home)))}
        have = {*self.module.classes, *aliases(self.module), *dict(self.module.imports())}
        for name in sorted(mentioned(function(patch.node, "", [], True)) - have):
            line = own.get(name) or lines.get(name, "")
            beside = line.startswith("from .") and not line.startswith("from ..")
            if beside: line = line.replace("from .", f"from ..{part}.", 1)
            if line: self.borrowed[name] = line

    def call(self, node: ast.ClassDef, methods: list[Function]) -> list[str]:
        """`module(...)` is typed as its `forward`, where torch says only `Any`."""
        forward = next((m for m in methods if m.name == "forward"), None)
        if forward is None or not self.package.is_network(self.module, node): return []
        return [function(forward, "    ", [], True, "__call__")]


def listed(names: list[str]) -> str:
    """`__all__`, in lines that fit."""
    rows = textwrap.wrap(", ".join(f'"{n}"' for n in names), WIDTH - 4)
    return "__all__ = [\n" + "".join(f"    {row}\n" for row in rows) + "]\n"


def declared(node: ast.ClassDef) -> set[str]:
    """The names that the body of a class binds."""
    names = {m.name for m in node.body if isinstance(m, Function)}
    for item in node.body:
        targets = item.targets if isinstance(item, ast.Assign) else []
        if isinstance(item, ast.AnnAssign): targets = [item.target]
        names |= {n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)}
    return names


def aliases(module: Module) -> set[str]:
    """The names of types that a module defines by assignment."""
    found = [n for n in module.body if isinstance(n, ast.Assign) and is_alias(n.value)]
    return {t.id for n in found for t in n.targets if isinstance(t, ast.Name)}


def typed(node: ast.AnnAssign) -> str:
    """`name: type`."""
    return f"{ast.unparse(node.target)}: {ast.unparse(node.annotation)}"


def field_default(node: ast.expr) -> str:
    """The default of a field: `field(...)` tells a type checker how the constructor looks."""
    return ast.unparse(node) if called(node) == "field" else default(node)


def constructor(node: ast.ClassDef) -> list[str]:
    """The parameters of a class, from its `__init__` or from the fields of a dataclass."""
    init = next((m for m in node.body if isinstance(m, Function) and m.name == "__init__"), None)
    if init: return parameters(init.args, [], True)[1:]
    fields = [m for m in node.body if isinstance(m, ast.AnnAssign)]
    return [parameter(ast.arg(ast.unparse(m.target), m.annotation), m.value) for m in fields]


def mentioned(text: str) -> set[str]:
    """The names that a piece of Python speaks of, those in annotations that are text too."""
    names = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Name): names.add(node.id)
        if isinstance(node, ast.Constant) and isinstance(node.value, str): names.add(node.value)
    return names


def write(root: Path, modules: list[Path], public: dict[str, str]) -> None:
    """Write every stub of the package, and take away those whose module is gone."""
    package = root / "mdm_nb"
    names = {f"{p.parent.name}.{p.stem}": p for p in modules}
    whole = Package({name: ast.parse(p.read_text(encoding="utf-8")) for name, p in names.items()})
    for name, path in names.items():
        text = Stub(whole, whole.modules[name]).text()
        path.with_suffix(".pyi").write_text(text, encoding="utf-8")
    rows = "".join(f"from .{home} import {name} as {name}\n" for name, home in public.items())
    (package / "__init__.pyi").write_text(f"{HEAD}{rows}{TAIL}", encoding="utf-8")
    for stub in package.glob("*/*.pyi"):
        if not stub.with_suffix(".py").exists(): stub.unlink()
