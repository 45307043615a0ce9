#!/bin/sh
# Prints a Python that is new enough and can make a virtual environment; otherwise says what to install.
# PYTHON=path chooses one.
set -eu

new_enough='import sys; sys.exit(sys.version_info < (3, 11))'
too_bare=''

for candidate in ${PYTHON:-python3.13 python3.12 python3.11 python3 python}; do
    "$candidate" -c "$new_enough" >/dev/null 2>&1 || continue
    if "$candidate" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        echo "$candidate"
        exit 0
    fi
    too_bare=$candidate
done

if [ -n "$too_bare" ]; then
    version=$("$too_bare" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    echo "$too_bare cannot make a virtual environment: its venv and ensurepip modules are missing." >&2
    echo "On Debian and Ubuntu: apt-get install python$version-venv" >&2
else
    echo "Python 3.11 or newer is needed; none of '${PYTHON:-python3.13 python3.12 python3.11 python3}' is that." >&2
    echo "On Debian and Ubuntu: apt-get install python3 python3-venv; or: make PYTHON=/path/to/python" >&2
fi
exit 1
