#!/bin/sh
# Makes the virtual environment named by the first argument, with the first Python on the PATH that is new enough.
set -eu

venv=$1
wanted='import sys; raise SystemExit(sys.version_info < (3, 11))'

found=
for python in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
    if "$python" -c "$wanted" 2>/dev/null; then
        found=$python
        break
    fi
done

if [ -z "$found" ]; then
    given=$("${PYTHON:-python3}" --version 2>&1 || true)
    echo "Python 3.11 or newer is needed, and none is on the PATH (${PYTHON:-python3} says: $given)." >&2
    exit 1
fi
if ! "$found" -c 'import ensurepip, venv' 2>/dev/null; then
    echo "$found comes without venv: install it (on Debian: apt-get install python3-venv)." >&2
    exit 1
fi
echo "Making $venv with $("$found" --version) ..."
"$found" -m venv "$venv"
