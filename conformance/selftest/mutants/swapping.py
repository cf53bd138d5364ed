"""The quick way to put a mutant in: the code of a function that is loaded already is exchanged, wherever somebody holds that function."""

from __future__ import annotations

import gc
import inspect
import sys
from pathlib import Path
from types import CodeType, FunctionType, ModuleType

from conformance.selftest.mutants.candidates import Mutant, mutate
from conformance.selftest.mutants.operators import Operator


def swap(mutant: Mutant) -> bool:
    """Exchange the code of the mutant's function.

    Returns:
        False where that is no way: the module is not loaded, a default of a parameter is changed, nobody holds the function, or the change takes away what
        the function closes over. The module has to be imported anew then.
    """
    module = sys.modules.get(mutant.module)
    if mutant.operator is Operator.DEFAULT or not isinstance(module, ModuleType) or module.__file__ is None:
        return False
    file = module.__file__
    whole = compile(mutate(mutant, Path(file).read_text()), file, "exec")
    code = _outermost(whole, mutant)
    if code is None:
        return False
    held = [
        item
        for item in gc.get_objects()
        if type(item) is FunctionType  # not what only looks like one: proxies run code when they are looked at
        and item.__code__.co_filename == file
        and item.__code__.co_qualname == code.co_qualname
        and item.__code__.co_firstlineno == code.co_firstlineno
    ]
    if not held or any(item.__code__.co_freevars != code.co_freevars for item in held):
        return False
    for item in held:
        item.__code__ = code
    return True


def _outermost(whole: CodeType, mutant: Mutant) -> CodeType | None:
    """The code of the function that holds the mutant and is in no other function."""
    code = whole
    for name in mutant.function.split("."):
        inner = [item for item in code.co_consts if isinstance(item, CodeType) and item.co_name == name]
        code = next((item for item in inner if _holds(item, mutant.line)), code)
        if code.co_flags & inspect.CO_OPTIMIZED:
            return code
    return None


def _holds(code: CodeType, line: int) -> bool:
    """Whether *line* is in *code* or in what is nested in it; a property has several functions of one name."""
    if any(number == line for _, _, number in code.co_lines()):
        return True
    return any(_holds(item, line) for item in code.co_consts if isinstance(item, CodeType))
