"""The exported modules as syntax trees, and what `@patch` adds to their classes."""
import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

Function = ast.FunctionDef | ast.AsyncFunctionDef
ROLES = {"as_prop": "property", "set_prop": "setter", "cls_method": "classmethod",
         "static_method": "staticmethod"}


def called(node: ast.expr) -> str:
    """The last name of what a decorator or a base calls: `no_grad` for `@torch.no_grad()`."""
    if isinstance(node, ast.Call): node = node.func
    if isinstance(node, ast.Subscript): node = node.value
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def decorator(node: Function | ast.ClassDef, *names: str) -> ast.expr | None:
    """The first decorator of one of these names."""
    return next((d for d in node.decorator_list if called(d) in names), None)


def options(node: ast.expr) -> dict[str, object]:
    """The literal keyword arguments of a decorator."""
    given = node.keywords if isinstance(node, ast.Call) else []
    return {k.arg: k.value.value for k in given if k.arg and isinstance(k.value, ast.Constant)}


# ---------------------------------------------------------------- what is patched


@dataclass
class Patch:
    """A function that belongs to a class although it stands outside."""
    owner: str  # the class
    name: str  # under which the class gets it
    role: str  # method, property, setter, classmethod or staticmethod
    node: Function
    home: str  # the module in which it stands


def named(annotation: ast.expr | None) -> list[str]:
    """The classes of an annotation such as `A`, `A | B`, `(A, B)`, `type[A]` or `"A"`."""
    match annotation:
        case ast.Constant(value=str(text)): return named(ast.parse(text, mode="eval").body)
        case ast.BinOp(left=left, right=right): return named(left) + named(right)
        case ast.Tuple(elts=elements): return [name for e in elements for name in named(e)]
        case ast.Subscript(slice=inner): return named(inner)
        case ast.Attribute(attr=name) | ast.Name(id=name): return [name]
        case _: return []


def role(how: dict[str, object]) -> str:
    """What the options of `patch` make of a function."""
    return next((kind for option, kind in ROLES.items() if how.get(option)), "method")


def patches(tree: ast.Module, home: str) -> list[Patch]:
    """Every patched function of a module, in order."""
    found = []
    for node in statements(tree.body):
        if not isinstance(node, Function): continue
        mark = decorator(node, "patch", "patch_to")
        if mark is None: continue
        how = options(mark)
        first = [*node.args.posonlyargs, *node.args.args][:1]
        where = first[0].annotation if first else None
        if isinstance(mark, ast.Call) and mark.args: where = mark.args[0]  # of `patch_to`
        name = str(how.get("nm") or node.name)
        found += [Patch(owner, name, role(how), node, home) for owner in named(where)]
    return found


def statements(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a module, those inside `if` and `try` too."""
    for node in body:
        if isinstance(node, ast.If):
            yield from statements([*node.body, *node.orelse])
        elif isinstance(node, ast.Try):
            handled = [s for h in node.handlers for s in h.body]
            yield from statements([*node.body, *handled])
        else:
            yield node


# ---------------------------------------------------------------- the package


@dataclass
class Module:
    """One exported module."""
    name: str  # such as "models.model"
    tree: ast.Module
    body: list[ast.stmt] = field(init=False)
    classes: dict[str, ast.ClassDef] = field(init=False)
    functions: dict[str, Function] = field(init=False)

    def __post_init__(self) -> None:
        self.body = list(statements(self.tree.body))
        self.classes = {n.name: n for n in self.body if isinstance(n, ast.ClassDef)}
        functions = [n for n in self.body if isinstance(n, Function)]
        elsewhere = ("patch", "patch_to", "register")  # these leave the name to another
        self.functions = {n.name: n for n in functions if not decorator(n, *elsewhere)}

    def imports(self) -> Iterator[tuple[str, str]]:
        """Every imported name, with a statement that imports it alone."""
        for node in self.body:
            if not isinstance(node, ast.Import | ast.ImportFrom): continue
            start = ""
            if isinstance(node, ast.ImportFrom):
                start = f"from {'.' * node.level}{node.module or ''} "
            for alias in node.names:
                text = f"{alias.name} as {alias.asname}" if alias.asname else alias.name
                yield alias.asname or alias.name.split(".")[0], f"{start}import {text}"


Home = tuple[Module, ast.ClassDef]  # a class, and where it stands


class Package:
    """All modules, and what is patched onto their classes."""
    def __init__(self, trees: dict[str, ast.Module]) -> None:
        self.modules = {name: Module(name, tree) for name, tree in trees.items()}
        self.patched: dict[tuple[str, str], dict[tuple[str, bool], Patch]] = {}
        for module in self.modules.values():
            for patch in patches(module.tree, module.name): self.put(patch)

    def put(self, patch: Patch) -> None:
        """File a patch with its class: the last of a name wins; a setter joins its property."""
        owner = self.find(patch.owner, patch.home)
        if owner is None: return  # a class of another package
        group = self.patched.setdefault((owner.name, patch.owner), {})
        group.pop((patch.name, patch.role == "setter"), None)
        group[patch.name, patch.role == "setter"] = patch

    def find(self, name: str, near: str) -> Module | None:
        """The module that defines a class, looked for in one module first."""
        first = self.modules[near]
        return next((m for m in (first, *self.modules.values()) if name in m.classes), None)

    def ancestors(self, module: Module, node: ast.ClassDef) -> Iterator[Home]:
        """The class and its bases within the package."""
        yield module, node
        for base in node.bases:
            if isinstance(base, ast.Attribute): continue  # of another package, such as nn.Dropout
            home = self.find(called(base), module.name)
            if home: yield from self.ancestors(home, home.classes[called(base)])

    def is_network(self, module: Module, node: ast.ClassDef) -> bool:
        """Whether a class is a `torch.nn.Module`."""
        bases = [ast.unparse(b) for _, c in self.ancestors(module, node) for b in c.bases]
        return any(b == "Module" or b.startswith("nn.") for b in bases)
