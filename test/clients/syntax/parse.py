"""Parses every file of a language below this folder, and fails at syntax that the grammar does not know.

Arguments: the module of the grammar, the files' extension, and optionally a folder to leave out.
"""

import importlib
import pathlib
import sys

from tree_sitter import Language, Parser

grammar, extension, *omitted = sys.argv[1:]
parser = Parser(Language(importlib.import_module(grammar).language()))


def find_fault(node):
    """The first node that could not be parsed, or None."""
    if node.is_error or node.is_missing:
        return node
    return next((fault for child in node.children if child.has_error and (fault := find_fault(child))), None)


def main():
    root = pathlib.Path(__file__).parent
    paths = [
        path
        for path in sorted(root.rglob(f"*.{extension}"))
        if not any(folder in path.parts for folder in omitted)
    ]
    faults = []
    for path in paths:
        fault = find_fault(parser.parse(path.read_bytes()).root_node)
        if fault:
            line = fault.start_point[0] + 1
            faults.append(f"{path.relative_to(root)}:{line}: {fault.text.decode()[:100]}")
    print("\n".join(faults))
    # Fewer would mean that the generator wrote elsewhere.
    sys.exit(1 if faults or len(paths) < 40 else 0)


main()
