#!/usr/bin/env bash
# The development environment in .venv: what the lock file names, by uv, which pip brings where it is not installed.
# Where uv cannot reach what the lock file names (a private index, wheels in a folder), pip installs as it is configured.
set -euo pipefail
cd "$(dirname "$0")/.."

python=""
for candidate in "${PYTHON:-}" python3 python3.13 python3.12 python3.11; do
    if [ -n "$candidate" ] && "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        python=$("$candidate" -c 'import sys; print(sys.executable)')
        break
    fi
done
if [ -z "$python" ]; then
    echo "dechaff needs Python 3.11 or newer; found none. Install it, or name it: make PYTHON=/path/to/python3" >&2
    exit 1
fi

if ! uv --version >/dev/null 2>&1; then
    [ -x .venv/bin/python ] || "$python" -m venv .venv || {
        echo "$python cannot make an environment. On Debian: apt-get install python3-venv; or install uv." >&2
        exit 1
    }
    .venv/bin/python -m pip install --quiet uv
    PATH=$PWD/.venv/bin:$PATH
    python=$PWD/.venv/bin/python
fi
if uv sync --quiet --locked --inexact --all-groups --extra image --extra pandas --python "$python"; then exit; fi
echo "uv could not install the locked packages; pip installs the newest that fit." >&2
[ -x .venv/bin/pip ] || .venv/bin/python -m ensurepip --upgrade >/dev/null 2>&1 || "$python" -m venv --clear .venv
.venv/bin/python -m pip install --quiet --upgrade 'pip>=25.1'
.venv/bin/python -m pip install --quiet --editable '.[image,pandas]' --group dev --group docs
