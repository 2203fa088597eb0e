"""Expressions of questionnaires (relevant, constraint, calculation …): XPath 1.0 with `${question}` references.

Holds the parser only: text in, a tree out, or the character at which it stops making sense. Nothing is evaluated here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

TOKEN = re.compile(
    r"""\s*(?:
      (?P<reference>\$\{\s*(?P<name>[^{}\s]+)\s*\})
    | (?P<number>\d+(?:\.\d*)?|\.\d+)
    | (?P<text>"[^"]*"|'[^']*')
    | (?P<operator>!=|<=|>=|::|//|\.\.|[=<>+\-*/|,()\[\].@$])
    | (?P<word>[^\W\d][\w.\-]*(?::[^\W\d][\w.\-]*)?)
    )""",
    re.VERBOSE,
)
WORD_OPERATORS = ("and", "or", "div", "mod")
LEVELS = (("or",), ("and",), ("=", "!="), ("<", "<=", ">", ">="), ("+", "-"), ("*", "div", "mod"))
# Functions of the ODK XForms specification (https://getodk.github.io/xforms-spec/), and a few of Enketo and Collect.
_KNOWN = """
    abs acos area asin atan atan2 base64-decode boolean boolean-from-string ceiling checklist coalesce concat contains
    cos count count-non-empty count-selected current date date-time decimal-date-time decimal-time depend digest
    distance ends-with enclosed-area exp exp10 extract-signed false floor format-date format-date-time geofence hash id
    if indexed-repeat instance int jr:choice-name jr:itext join lang last local-name log log10 max min name
    namespace-uri node-set normalize-space not now number once pi position position-in pow property pulldata
    random randomize regex round search selected selected-at sin sqrt starts-with string string-length substr
    substring substring-after substring-before substring-distance sum tan thousands-sep time today translate true uuid
    version weighted-checklist intersects null comment node text processing-instruction
"""
FUNCTIONS = frozenset(_KNOWN.split())


DEEPEST = 300  # levels of a tree: whoever reads it goes down by recursion
TOO_DEEP = "it is too long or too deeply nested. Split it into several questions."


class ExpressionError(ValueError):
    """The text is no expression; `position` counts characters from 1."""

    def __init__(self, message: str, position: int):
        self.message, self.position = message, position
        super().__init__(f"at character {position}: {message}")


@dataclass(frozen=True)
class Node:
    """A piece of an expression.

    `kind`: number, text, reference (`${x}`), self (`.`), path (location paths; not evaluated), call, operator, minus.
    """

    kind: str
    value: str = ""
    children: tuple[Node, ...] = ()
    position: int = 0

    def walk(self) -> Iterator[Node]:
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True)
class _Token:
    kind: str
    value: str
    position: int


def parse_expression(text: str) -> Node:
    """The tree of an expression.

    >>> parse_expression("${age} >= 12 and . != 'no'").value
    'and'
    """
    try:
        tree = _Parser(_tokens(text), len(text)).whole()
    except RecursionError:
        raise ExpressionError(TOO_DEEP, 1) from None
    if _is_deep(tree):
        raise ExpressionError(TOO_DEEP, 1)
    return tree


def _is_deep(tree: Node) -> bool:
    """Whether walking down the tree would go deeper than `DEEPEST`; a chain of many `or` is deep as well."""
    level: tuple[Node, ...] = (tree,)
    for _ in range(DEEPEST):
        level = tuple(child for node in level for child in node.children)
        if not level:
            return False
    return True


def references(text: str) -> tuple[str, ...]:
    """Names inside `${…}` of any text, an expression or a label; `${last-saved#x}` counts as x."""
    return tuple(name.strip().removeprefix("last-saved#") for name in re.findall(r"\$\{([^{}]*)\}", text))


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    place = 0
    while text[place:].strip():
        match = TOKEN.match(text, place)
        if match is None:
            raise ExpressionError(_unreadable(text[place:].lstrip()), place + 1)
        kind = str(match.lastgroup if match.lastgroup != "name" else "reference")
        value = match["name"].removeprefix("last-saved#") if match["reference"] else match.group().strip()
        tokens.append(_Token(kind, value, match.end() - len(match.group().lstrip()) + 1))
        place = match.end()
    return tokens


def _unreadable(rest: str) -> str:
    if rest[0] in "‘’“”":
        return f"'{rest[0]}' is a curly quotation mark. Use straight ones: ' or \"."
    if rest[0] in "'\"":
        return f"a quotation mark is opened and never closed: {rest[:20]}"
    return f"'{rest[:12]}' cannot be read here."


class _Parser:
    """Recursive descent over the tokens; one method a rule of the grammar."""

    def __init__(self, tokens: list[_Token], length: int):
        self.tokens, self.length, self.place = tokens, length, 0

    def whole(self) -> Node:
        tree = self.level(0)
        if self.place < len(self.tokens):
            found = self.tokens[self.place]
            raise ExpressionError(
                f"'{found.value}' follows where an operator or the end is expected. Join both with and, or, + …",
                found.position,
            )
        return tree

    def peek(self) -> _Token | None:
        return self.tokens[self.place] if self.place < len(self.tokens) else None

    def next_is(self, *values: str) -> bool:
        token = self.peek()
        return token is not None and token.kind in ("operator", "word") and token.value in values

    def take(self) -> _Token:
        token = self.peek()
        if token is None:
            raise ExpressionError("it ends where a value is expected.", self.length + 1)
        self.place += 1
        return token

    def expect(self, value: str) -> None:
        token = self.peek()
        if token is None or token.value != value:
            found = f"found '{token.value}'" if token else "it ends"
            raise ExpressionError(f"'{value}' is expected, {found}.", token.position if token else self.length + 1)
        self.place += 1

    def level(self, depth: int) -> Node:
        if depth == len(LEVELS):
            return self.unary()
        left = self.level(depth + 1)
        while self.next_is(*LEVELS[depth]):
            sign = self.take()
            left = Node("operator", sign.value, (left, self.level(depth + 1)), sign.position)
        return left

    def unary(self) -> Node:
        if self.next_is("-"):
            sign = self.take()
            return Node("minus", "-", (self.unary(),), sign.position)
        left = self.path()
        while self.next_is("|"):
            sign = self.take()
            left = Node("path", "|", (left, self.path()), sign.position)
        return left

    def path(self) -> Node:
        """A value, or a location path: steps joined by slashes, each with predicates."""
        parts: list[Node] = []
        start = self.peek()
        is_path = self.next_is("/", "//")
        if is_path:
            self.take()
        parts.extend(self.step())
        while self.next_is("/", "//"):
            is_path = True
            self.take()
            parts.extend(self.step())
        if len(parts) == 1 and not is_path:
            return parts[0]
        return Node("path", "/", tuple(parts), start.position if start else 0)

    def step(self) -> list[Node]:
        """One step and its predicates; the first node is the step itself."""
        nodes = [self.primary()]
        while self.next_is("["):
            self.take()
            nodes.append(self.level(0))
            self.expect("]")
        return nodes

    def primary(self) -> Node:
        token = self.take()
        if token.kind in ("number", "reference"):
            return Node(token.kind, token.value, (), token.position)
        if token.kind == "text":
            return Node("text", token.value[1:-1], (), token.position)
        if token.value == "(":
            inside = self.level(0)
            self.expect(")")
            return inside
        if token.kind == "operator":
            return self.sign(token)
        return self.word(token)

    def sign(self, token: _Token) -> Node:
        if token.value == ".":
            return Node("self", ".", (), token.position)
        if token.value in ("..", "*"):
            return Node("path", token.value, (), token.position)
        if token.value == "@":
            name = self.take()
            return Node("path", f"@{name.value}", (), token.position)
        raise ExpressionError(f"'{token.value}' stands where a value is expected.", token.position)

    def word(self, token: _Token) -> Node:
        if self.next_is("("):
            self.take()
            return self.call(token)
        if self.next_is("::"):
            self.take()
            return Node("path", f"{token.value}::", tuple(self.step()), token.position)
        return Node("path", token.value, (), token.position)

    def call(self, token: _Token) -> Node:
        arguments: list[Node] = []
        if not self.next_is(")"):
            arguments.append(self.level(0))
            while self.next_is(","):
                self.take()
                arguments.append(self.level(0))
        self.expect(")")
        return Node("call", token.value, tuple(arguments), token.position)
