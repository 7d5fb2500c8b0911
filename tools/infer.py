"""Guess the types of what has no annotation: attributes that methods set, constants of a module.

The syntax alone must tell. A guess that is not certain is `Any`: a stub must not promise what the
module does not keep.
"""
import ast

from patched import Function, Module

PLAIN = {"int", "float", "str", "bool", "bytes"}
LOWER = PLAIN | {"ndarray"}  # types whose names do not begin with a capital
MAKERS = {"len": "int", "round": "int", "repr": "str"}
CONTAINERS = {
    "tuple": "tuple[Any, ...]",
    "list": "list[Any]",
    "dict": "dict[Any, Any]",
    "set": "set[Any]",
}
TENSORS = {"as_tensor", "tensor", "zeros", "ones", "full", "linspace", "arange", "stack", "cat"}
LITERALS = {None: "None", ...: "Any"}
ALIASES = {"Callable", "Literal", "Annotated", "Union", "Optional", "type", "dict", "tuple", "list",
           "Sequence", "Mapping", "Iterator"}
FACTORIES = {"TypeVar", "ParamSpec", "NewType", "TypeVarTuple"}


def is_alias(node: ast.expr) -> bool:
    """Whether an assignment names a type, which a stub must repeat as it is."""
    if isinstance(node, ast.Name | ast.Attribute): return is_type(node)
    if isinstance(node, ast.Subscript): return getattr(node.value, "id", "") in ALIASES
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return is_type(node.left) and is_type(node.right)
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") in FACTORIES


def is_type(node: ast.expr) -> bool:
    """Whether an operand of `|` looks like a type."""
    if isinstance(node, ast.BinOp): return is_alias(node)
    if isinstance(node, ast.Constant): return node.value is None
    name = getattr(node, "id", getattr(node, "attr", ""))
    if isinstance(node, ast.Subscript): return is_alias(node)
    return name in LOWER or (name[:1].isupper() and not name.isupper())


def union(kinds: list[str]) -> str:
    """The union of types; `Any` swallows the others."""
    parts = list(dict.fromkeys(p for kind in kinds for p in split(kind)))
    return "Any" if "Any" in parts else " | ".join(parts)


def split(kind: str) -> list[str]:
    """The members of a union."""
    node = ast.parse(kind, mode="eval").body
    if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr)): return [kind]
    return split(ast.unparse(node.left)) + split(ast.unparse(node.right))


def without_none(kind: str) -> str:
    """The type of what is not None."""
    return " | ".join(p for p in split(kind) if p != "None") or "None"


def constant_type(node: ast.expr) -> str:
    """The type of a literal; `Any` for what only running it would tell."""
    if isinstance(node, ast.Constant): return LITERALS.get(node.value) or type(node.value).__name__
    if isinstance(node, ast.JoinedStr): return "str"
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not): return "bool"
    if isinstance(node, ast.UnaryOp): return constant_type(node.operand)
    if isinstance(node, ast.Tuple | ast.List | ast.Set): return sequence_type(node)
    if isinstance(node, ast.Dict):
        keys = union([constant_type(k) for k in node.keys if k is not None] or ["Any"])
        values = union([constant_type(v) for v in node.values] or ["Any"])
        return f"dict[{keys}, {values}]"
    return "Any"


def sequence_type(node: ast.Tuple | ast.List | ast.Set) -> str:
    """The type of a display of values; starred ones are taken to be like the others."""
    kinds = [constant_type(e) for e in node.elts if not isinstance(e, ast.Starred)]
    each = union(kinds or ["Any"])
    if not isinstance(node, ast.Tuple): return f"{type(node).__name__.lower()}[{each}]"
    several = not kinds or len(kinds) < len(node.elts) or len(kinds) > 3
    return f"tuple[{each}, ...]" if several else f"tuple[{', '.join(kinds)}]"


class Types:
    """The attributes of one class."""
    def __init__(self, node: ast.ClassDef, module: Module) -> None:
        self.node, self.module = node, module
        self.imported = {name: line for name, line in module.imports()}

    def attributes(self, patched: list[Function]) -> dict[str, str]:
        """What its methods set on `self`, `__init__` first."""
        own = [m for m in self.node.body if isinstance(m, ast.FunctionDef)]
        methods = sorted([*own, *patched], key=lambda m: m.name != "__init__")
        found: dict[str, str] = {}
        for method in methods:
            if not method.args.args or method.args.args[0].arg != "self": continue
            given = (*method.args.args, *method.args.kwonlyargs)
            scope = {a.arg: ast.unparse(a.annotation) for a in given if a.annotation}
            for node in ast.walk(method): self.assigned(node, scope, found)
        return found

    def assigned(self, node: ast.AST, scope: dict[str, str], found: dict[str, str]) -> None:
        """Note what one statement sets."""
        if isinstance(node, ast.AnnAssign):
            name = attribute(node.target)
            if name: found[name] = ast.unparse(node.annotation)
        if isinstance(node, ast.Assign):
            for target in node.targets: self.bind(target, node.value, scope, found)

    def bind(
        self, target: ast.expr, value: ast.expr, scope: dict[str, str], found: dict[str, str]
    ) -> None:
        """Give a target the type of its value, element by element where both are tuples."""
        name = attribute(target)
        if name: found.setdefault(name, self.type_of(value, scope))
        if isinstance(target, ast.Name): scope[target.id] = "Any"  # not what the signature says
        if not isinstance(target, ast.Tuple): return
        each = value.elt if isinstance(value, ast.GeneratorExp) else ast.Constant(...)
        values = [each] * len(target.elts)
        if isinstance(value, ast.Tuple) and len(value.elts) == len(values): values = value.elts
        for t, v in zip(target.elts, values, strict=True): self.bind(t, v, scope, found)

    def type_of(self, node: ast.expr, scope: dict[str, str]) -> str:
        """The type of an expression, `Any` where it is not certain."""
        if isinstance(node, ast.Name): return scope.get(node.id, "Any")
        if isinstance(node, ast.IfExp): return self.chosen(node, scope)
        if isinstance(node, ast.Compare): return "bool"
        if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
            kinds = [self.type_of(v, scope) for v in node.values]
            return union([*map(without_none, kinds[:-1]), kinds[-1]])
        if isinstance(node, ast.Call): return self.made(node, scope)
        starred = isinstance(node, ast.Tuple) and any(isinstance(e, ast.Starred) for e in node.elts)
        if isinstance(node, ast.Tuple) and node.elts and not starred:
            return f"tuple[{', '.join(self.type_of(e, scope) for e in node.elts)}]"
        return constant_type(node)

    def chosen(self, node: ast.IfExp, scope: dict[str, str]) -> str:
        """The type of `a if test else b`; `b if a is None else a` is never None because of a."""
        kinds = [self.type_of(node.body, scope), self.type_of(node.orelse, scope)]
        test = ast.unparse(node.test)
        if test == f"{ast.unparse(node.orelse)} is None": kinds[1] = without_none(kinds[1])
        if test == f"{ast.unparse(node.body)} is not None": kinds[0] = without_none(kinds[0])
        return union(kinds)

    def made(self, node: ast.Call, scope: dict[str, str]) -> str:
        """The type of what a call returns: an object of a class, or what a function says."""
        name = ast.unparse(node.func)
        last = name.rsplit(".", 1)[-1]
        if name in PLAIN: return name
        if name in MAKERS: return MAKERS[name]
        if name in CONTAINERS: return self.container(name, node, scope)
        tensor = name == "nn.Buffer" or (name.startswith("torch.") and last in TENSORS)
        if tensor: return "torch.Tensor" if "torch" in self.imported else "Any"
        function = self.module.functions.get(name)
        if function and isinstance(function.returns, ast.Name): return function.returns.id
        known = name in self.module.classes or name.split(".")[0] in self.imported
        return name if known and last[:1].isupper() else "Any"

    def container(self, name: str, node: ast.Call, scope: dict[str, str]) -> str:
        """`tuple(x)` is what x was declared to be, if that was a tuple."""
        kind = self.type_of(node.args[0], scope) if node.args else "Any"
        return kind if kind.startswith(f"{name}[") else CONTAINERS[name]


def attribute(node: ast.expr) -> str:
    """The name in `self.name`, or nothing for any other target."""
    of_self = isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "self"
    return node.attr if isinstance(node, ast.Attribute) and of_self else ""
