#!/bin/sh
# Compiles the pinned, hashed requirements files from pyproject.toml, for every platform and Python 3.11 and later.
# No address of an index stands in them, so that any package index serves.
set -eu

UV=${UV:-.venv/bin/uv}
upgrade=${1:-}

compile() {
    output=$1
    shift
    echo "$output"
    "$UV" pip compile $upgrade --quiet --no-config --universal --python-version 3.11 --generate-hashes --no-header \
        --no-emit-index-url --no-emit-find-links --output-file "$output" "$@" pyproject.toml
}

compile requirements.txt
compile requirements-s3.txt --extra s3 --constraint requirements.txt
compile requirements-test.txt --group test --constraint requirements-s3.txt

apart() {
    echo "requirements-$1.txt"
    "$UV" pip compile $upgrade --quiet --no-config --universal --python-version 3.11 --generate-hashes --no-header \
        --no-emit-index-url --no-emit-find-links --output-file "requirements-$1.txt" --group "$1"
}

group() {
    echo "requirements-$1.txt"
    "$UV" pip compile $upgrade --quiet --no-config --universal --python-version 3.11 --generate-hashes --no-header \
        --no-emit-index-url --no-emit-find-links --output-file "requirements-$1.txt" \
        --group "$@" --constraint requirements-test.txt
}

group build
group lint
group conformance --no-deps  # of this package its jar alone is used
apart attack  # environments of their own, so that no version there holds back one of the program's
apart wapiti
apart weasyprint
