"""One script out of modules, for a page that has to work as a single file.

Browsers load no module from beside a file that was opened from a disk. So each module becomes a function that is called
at once and hands out what the module exports; nothing else is changed. It knows the forms of `import` and `export` that
the pages' own modules use, and refuses others.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from posixpath import dirname, join, normpath

_IMPORT = re.compile(r'^import \{ ([^}]*) \} from "(\.[^"]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?function|const|class) (\w+)", re.MULTILINE)
_OTHER = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)


def one_script(modules: Mapping[str, str], entry: str) -> str:
    """The script that does what the module `entry` does; `modules` are texts by path, which it imports from.

    Raises: ValueError for an import or an export of another form, KeyError for a module that is not there.
    """
    names: dict[str, str] = {}
    parts: list[str] = []
    _add(modules, entry, names, parts)
    return "\n".join(parts)


def _add(modules: Mapping[str, str], path: str, names: dict[str, str], parts: list[str]) -> None:
    """Append the modules that `path` imports, then itself, each once."""
    source = modules[path]
    wanted = {found: normpath(join(dirname(path), found)) for _, found in _IMPORT.findall(source)}
    for other in wanted.values():
        if other not in names:
            _add(modules, other, names, parts)
    names[path] = f"module{len(names)}"
    body = _IMPORT.sub(lambda one: f"const {{ {one[1]} }} = {names[wanted[one[2]]]};\n", source)
    exported = [name for _, name in _EXPORT.findall(body)]
    body = _EXPORT.sub(r"\1 \2", body)
    if found := _OTHER.search(body):
        raise ValueError(f"{path}: cannot put {found[0]!r} into one script")
    parts.append(
        f"const {names[path]} = await (async () => {{\n{body}return {{ {', '.join(exported)} }};\n}})();\n"
    )
