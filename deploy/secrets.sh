#!/bin/sh
# Makes the secrets that compose.yaml hands to the containers, each once; those that exist are kept.
# The folder is the owner's alone; the files in it can be read, for the program in the container is another user.
set -eu

folder=$(dirname "$0")/secrets
mkdir -p "$folder"
chmod 0700 "$folder"

random() {
    head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n'
}

keep() {
    if [ ! -s "$folder/$1" ]; then
        printf '%s' "$2" >"$folder/$1"
        chmod 0444 "$folder/$1"
        echo "made $folder/$1"
    fi
}

keep secret_key "$(random)"
keep postgres_password "$(random)"
keep database_url "postgresql://compliance:$(cat "$folder/postgres_password")@postgres:5432/compliance"
# What the web service and the workers sign in with: they are held to one organization at a time, and change no table.
keep app_url "postgresql://compliance_app:$(random)@postgres:5432/compliance"
keep worker_url "postgresql://compliance_worker:$(random)@postgres:5432/compliance"
