"""Small changes to a solution that make it another program: ``python -m tests.mutants [03]``.

Each mutant is given to the check of its exercise. One that is accepted is either no change at
all, or a hole in the check.
"""

import ast
import copy
import sys
from pathlib import Path

import nbformat
import numpy as np

from course_lib.exercises import check
from course_lib.exercises.answer import TimeUp, time_limit
from course_lib.exercises.make import BEGIN, END
from course_lib.exercises.verdict import RIGHT

SECONDS = 10  # for what a mutant does outside a check
SOLUTIONS = Path(__file__).parent.parent / "chapters" / "solutions"

SWAPS = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.Mult,
    ast.Pow: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.FloorDiv,
    ast.Lt: ast.GtE,
    ast.LtE: ast.Gt,
    ast.Gt: ast.LtE,
    ast.GtE: ast.Lt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
}


def changed(node):
    """All ways to change one node of a program: pairs of a word and the new node."""
    if isinstance(node, ast.BinOp):
        if type(node.op) in SWAPS:
            yield "operator", ast.BinOp(node.left, SWAPS[type(node.op)](), node.right)
        yield "dropped right", node.left
        yield "dropped left", node.right
        if isinstance(node.op, ast.MatMult):
            for side in ("left", "right"):
                new = copy.deepcopy(node)
                setattr(new, side, ast.Attribute(getattr(new, side), "T", ast.Load()))
                yield "transposed", new
    elif isinstance(node, ast.UnaryOp):
        yield "sign", node.operand
    elif isinstance(node, ast.Compare) and type(node.ops[0]) in SWAPS:
        yield "comparison", ast.Compare(node.left, [SWAPS[type(node.ops[0])]()], node.comparators)
    elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
        yield "constant", ast.Constant(node.value + 1)
        yield "constant", ast.Constant(-node.value if node.value else 2)
    elif isinstance(node, ast.Attribute) and node.attr == "T":
        yield "not transposed", node.value
    elif isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords:
        yield "dropped function", node.args[0]
    elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        yield "not indexed", node.value


def solution_lines(source):
    """The numbers of the lines between the two comments."""
    inside, numbers = False, set()
    for number, line in enumerate(source.splitlines(), start=1):
        inside = (inside or BEGIN in line) and END not in line
        if inside and BEGIN not in line:
            numbers.add(number)
    return numbers


class Replace(ast.NodeTransformer):
    """Puts `new` where `old` stands."""

    def __init__(self, old, new):
        self.old, self.new = old, new

    def visit(self, node):
        return self.new if node is self.old else self.generic_visit(node)


def mutants(source):
    """Pairs of a description and a changed version of the code cell `source`."""
    lines, tree = solution_lines(source), ast.parse(source)
    nodes = [n for n in ast.walk(tree) if getattr(n, "lineno", None) in lines]
    for i, node in enumerate(nodes):
        for k, (word, _) in enumerate(changed(node)):
            again = ast.parse(source)
            same = [n for n in ast.walk(again) if getattr(n, "lineno", None) in lines][i]
            new = list(changed(same))[k][1]
            text = ast.unparse(ast.fix_missing_locations(Replace(same, new).visit(again)))
            yield f"line {node.lineno}: {word}: {ast.unparse(node)} -> {ast.unparse(new)}", text


def run(chapter, limit=None):
    """Try all mutants of a chapter's solutions: (tried, accepted descriptions)."""
    (path,) = SOLUTIONS.glob(f"{chapter}_*.ipynb")
    cells = [c.source for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]
    space, tried, accepted = {}, 0, []
    for i, source in enumerate(cells):
        exec(compile(source, f"cell {i}", "exec"), space)
        if BEGIN not in source:
            continue
        call = next(c for c in cells[i:] if c.startswith('check("'))
        for description, text in list(mutants(source))[:limit]:
            other = dict(space)
            tried += 1
            other["check"] = check
            try:
                with time_limit(SECONDS):
                    exec(compile(text, "mutant", "exec"), other)
                verdict = eval(call.splitlines()[0].strip(), other)
            except (Exception, TimeUp):
                continue  # it does not even run
            if verdict.state == RIGHT:
                accepted.append(f"{verdict.exercise} {description}")
    return tried, accepted


if __name__ == "__main__":
    np.seterr(all="ignore")
    for name in sys.argv[1:] or sorted(
        path.name.split("_")[0] for path in SOLUTIONS.glob("*.ipynb")
    ):
        tried, accepted = run(name)
        print(f"chapter {name}: {tried} mutants, {len(accepted)} accepted", *accepted, sep="\n  ")
