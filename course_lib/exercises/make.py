"""Make the exercise notebooks from their solutions: ``python -m course_lib.exercises.make``.

In a solution, what the learner is to write stands between two comments, BEGIN SOLUTION and
END SOLUTION. In the exercise there is a stub instead: inside a function
``raise NotImplementedError``, elsewhere ``name = ...`` for every name assigned. Cells with the
tag "solution" are left out, and outputs too, but for checks: they say "not attempted".
"""

import ast
import copy
from pathlib import Path

import nbformat

from course_lib.exercises.verdict import MIME, NOT_ATTEMPTED, Verdict

CHAPTERS = Path(__file__).resolve().parents[2] / "chapters"
BEGIN, END = "# BEGIN SOLUTION", "# END SOLUTION"


def stub(source):
    """The code cell `source` with each solution replaced by its stub.

    Raises ValueError if the two comments do not come in pairs, or if there is nothing to ask for.
    """
    kept, solution = [], None
    for line in source.splitlines():
        marker = line.strip()
        if marker in (BEGIN, END) and (solution is None) != (marker == BEGIN):
            raise ValueError(f"{marker} stands alone in:\n{source}")
        if marker == BEGIN:
            solution = []
        elif marker == END:
            kept += placeholder(solution, indent=line[: -len(line.lstrip())])
            solution = None
        else:
            (kept if solution is None else solution).append(line)
    if solution is not None:
        raise ValueError(f"{BEGIN} stands alone in:\n{source}")
    return "\n".join(kept)


def placeholder(solution, indent):
    """The lines that stand for the lines of a solution."""
    if indent:
        return [f"{indent}raise NotImplementedError  # your code here"]
    names = [
        name.id
        for statement in ast.parse("\n".join(solution)).body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        for name in ast.walk(target)
        if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
    ]
    if not names:
        raise ValueError(
            "a solution outside a function must assign names, got:\n" + "\n".join(solution)
        )
    return [f"{name} = ...  # your answer" for name in dict.fromkeys(names)]


def exercise_of(solution):
    """The exercise notebook for a solution notebook."""
    book = copy.deepcopy(solution)
    book.cells = [c for c in book.cells if "solution" not in c.metadata.get("tags", [])]
    for cell in book.cells:
        if cell.cell_type == "code":
            cell.source = stub(cell.source)
            cell.outputs = [not_attempted(v) for v in verdicts(cell)]
            # nbval compares no output of a cell that was not run.
            cell.execution_count = 1 if cell.outputs else None
    return book


def verdicts(cell):
    """The verdicts among the outputs of a code cell; ValueError for one that is damaged."""
    for output in cell.get("outputs", []):
        if MIME in output.get("data", {}):
            yield Verdict.from_output(output["data"][MIME])


def not_attempted(verdict):
    """The output of a check of an exercise that nobody has begun."""
    bundle = Verdict(verdict.exercise, NOT_ATTEMPTED)._repr_mimebundle_()
    return nbformat.v4.new_output("execute_result", bundle)


def main():
    """Write every exercise notebook."""
    for path in sorted((CHAPTERS / "solutions").glob("*.ipynb")):
        made = CHAPTERS / "exercises" / path.name
        made.parent.mkdir(exist_ok=True)
        nbformat.write(exercise_of(nbformat.read(path, as_version=4)), made)
        print(f"made {made.relative_to(CHAPTERS.parent)}")


if __name__ == "__main__":
    main()
