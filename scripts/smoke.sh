#!/usr/bin/env bash
# Starts the software as a new user does and sends a few requests, because some ESM faults show only in the built output.
set -euo pipefail
cd "$(dirname "$0")/.."
export PORT=${PORT:-3900} DEV_LOGTO_PORT=${DEV_LOGTO_PORT:-3901} PAGE_PORT=${PAGE_PORT:-3902}
data=$(mktemp -d)
export DATABASE_FOLDER=$data/database
# Its own process group, so that all processes of npm end with it.
setsid npm start >"$data/log" 2>&1 &
started=($!)
stop() {
  for pid in "${started[@]}"; do kill -- "-$pid" 2>/dev/null || true; done
  wait
  rm -rf "$data"
}
trap stop EXIT

# Waits for the service on a port; shows its log if it does not become ready.
wait_until_ready() {
  for _ in $(seq 1 600); do
    curl -fs "http://127.0.0.1:$1/health/ready" >/dev/null 2>&1 && return
    kill -0 "${started[-1]}" 2>/dev/null || break
    sleep 0.1
  done
  cat "$2"
  exit 1
}

wait_until_ready "$PORT" "$data/log"
token=$(npm run --silent dev:token -- alice)
curl -fsS "http://127.0.0.1:$PORT/v1/profile" -H "authorization: Bearer $token" | grep -q '"username":"alice"'
curl -fsS "http://127.0.0.1:$PORT/v1/password/verify" -H "authorization: Bearer $token" -H 'content-type: application/json' \
  -d '{"password":"Str0ng-Passw0rd!x"}' | grep -q '"verificationId"'
echo 'ready: alice reads her profile and verifies her password'
if grep -i warning "$data/log"; then
  echo 'npm start printed a warning'
  exit 1
fi

# The files of the image, in a folder where no other package or source can be found.
node scripts/image.mjs "$data/image"
size=$(du -sm "$data/image" | cut -f 1)
image_port=$((PORT + 3))
(
  cd "$data/image"
  exec env -i PATH="$PATH" NODE_ENV=production SHUTDOWN_DELAY_MS=0 HOST=127.0.0.1 PORT=$image_port DATABASE_FOLDER="$data/image-database" \
    LOGTO_ENDPOINT="http://127.0.0.1:$DEV_LOGTO_PORT" LOGTO_M2M_APP_ID=m2m-profile-service \
    LOGTO_M2M_APP_SECRET=dev-only-m2m-secret API_RESOURCE=https://profile.example/api ALLOWED_CLIENT_IDS=profile-page \
    FIELD_ENCRYPTION_KEYS="k1:$(node -p 'crypto.randomBytes(32).toString("base64url")')" setsid node dist/main.js
) >"$data/image-log" 2>&1 &
started+=($!)
wait_until_ready $image_port "$data/image-log"
curl -fsS "http://127.0.0.1:$image_port/v1/profile" -X PATCH -H "authorization: Bearer $token" \
  -H 'content-type: application/json' -d '{"nickname":"image"}' | grep -q '"nickname":"image"'
curl -fsS "http://127.0.0.1:$image_port/docs/swagger-ui.css" >/dev/null
echo "image ($size MB): alice changes her profile, and the API documentation is served"

if NODE_ENV=production env -u LOGTO_ENDPOINT node dist/main.js >"$data/production" 2>&1; then
  echo 'production started without its configuration'
  exit 1
fi
grep -q LOGTO_ENDPOINT "$data/production"
echo 'production lists the missing variables'
