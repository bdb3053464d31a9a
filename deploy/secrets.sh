#!/bin/sh
# Makes the secret files for compose.yaml and deploy/kubernetes.yaml in the folder named, and never replaces one. NRG's
# credentials come from NRG_USERNAME and NRG_PASSWORD, or are asked for.
set -eu
folder=${1:?usage: deploy/secrets.sh FOLDER}
umask 077
mkdir -p "$folder"

keep() {
    if [ -e "$folder/$1" ]; then
        echo "$folder/$1 is there already"
    else
        printf '%s\n' "$2" > "$folder/$1"
        # Containers read them as another user; only you can enter the folder.
        chmod 444 "$folder/$1"
        echo "$folder/$1 made"
    fi
}

ask() {
    if [ -z "$2" ] && [ ! -e "$folder/$1" ]; then
        printf '%s: ' "$1" >&2
        stty -echo 2>/dev/null || true
        read -r answer
        stty echo 2>/dev/null || true
        echo >&2
        keep "$1" "$answer"
    else
        keep "$1" "$2"
    fi
}

keep session-keys "$(date +%Y%m):$(openssl rand -base64 32)"
# Never change it, and keep a copy in a safe place: without it the ledger cannot be verified.
keep ledger-key "$(openssl rand -base64 32)"
keep database-password "$(openssl rand -hex 24)"
keep store-url "postgres://enroll:$(cat "$folder/database-password")@${DATABASE_HOST:-database}/enroll"
ask nrg-username "${NRG_USERNAME:-}"
ask nrg-password "${NRG_PASSWORD:-}"
