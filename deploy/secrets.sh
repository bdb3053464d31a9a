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
    elif [ -z "$2" ]; then
        echo "$folder/$1 is not made: it would be empty" >&2
        exit 1
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

# So many random bytes in hex; a key that is shorter ends the script before its file is made.
hex() {
    value=$(head -c "$1" /dev/urandom | od -An -v -tx1 | tr -d ' \n')
    [ "${#value}" -eq $(($1 * 2)) ] || fail
    printf %s "$value"
}

# 32 random bytes in base64.
key() {
    value=$(head -c 32 /dev/urandom | base64 | tr -d '\n')
    [ "${#value}" -eq 44 ] || fail
    printf %s "$value"
}

fail() {
    echo "deploy/secrets.sh: no random bytes: head, od, tr and base64 are needed, and /dev/urandom" >&2
    exit 1
}

# Each is made before its file: what fails within the words of a command does not end a script.
session_key=$(key)
ledger_key=$(key)
password=$(hex 24)
keep session-keys "$(date +%Y%m):$session_key"
# Never change it, and keep a copy in a safe place: without it the ledger cannot be verified.
keep ledger-key "$ledger_key"
keep database-password "$password"
keep store-url "postgres://enroll:$(cat "$folder/database-password")@${DATABASE_HOST:-database}/enroll"
ask nrg-username "${NRG_USERNAME:-}"
ask nrg-password "${NRG_PASSWORD:-}"
