#!/usr/bin/env bash
# Starts the software as a new user does and sends a few requests, because some ESM faults show only in the built output.
set -euo pipefail
cd "$(dirname "$0")/.."
export PORT=${PORT:-3900} DEV_LOGTO_PORT=${DEV_LOGTO_PORT:-3901} PAGE_PORT=${PAGE_PORT:-3902}
data=$(mktemp -d)
export DATABASE_FOLDER=$data/database
# Its own process group, so that all processes of npm end with it.
setsid npm start >"$data/log" 2>&1 &
started=$!
trap 'kill -- -$started 2>/dev/null || true; wait $started 2>/dev/null || true; rm -rf "$data"' EXIT
for _ in $(seq 1 600); do
  curl -fs "http://127.0.0.1:$PORT/health/ready" >/dev/null 2>&1 && break
  kill -0 $started 2>/dev/null || break
  sleep 0.1
done
curl -fsS "http://127.0.0.1:$PORT/health/ready" >/dev/null || { cat "$data/log"; exit 1; }
token=$(npm run --silent dev:token -- alice)
curl -fsS "http://127.0.0.1:$PORT/v1/profile" -H "authorization: Bearer $token" | grep -q '"username":"alice"'
curl -fsS "http://127.0.0.1:$PORT/v1/password/verify" -H "authorization: Bearer $token" -H 'content-type: application/json' \
  -d '{"password":"Str0ng-Passw0rd!x"}' | grep -q '"verificationId"'
echo 'ready: alice reads her profile and verifies her password'

if NODE_ENV=production env -u LOGTO_ENDPOINT node dist/main.js >"$data/production" 2>&1; then
  echo 'production started without its configuration'
  exit 1
fi
grep -q LOGTO_ENDPOINT "$data/production"
echo 'production lists the missing variables'
