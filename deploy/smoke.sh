#!/usr/bin/env bash
# Жив ли развёрнутый магазин: deploy/smoke.sh https://shop.example.ru
# С MEGASHOP_LOGIN и MEGASHOP_PASSWORD сотрудника проверит и фоновые задачи. Сертификат своего Caddy: CURL_CA_BUNDLE=root.crt.
set -euo pipefail
shop="${1:?the address of the shop}"
shop="${shop%/}"

# expect КОД ПУТЬ [ЕЩЁ ДЛЯ CURL…] — печатает тело.
expect() {
    local answer status
    answer=$(curl -sS --max-time 10 -w '\n%{http_code}' "${@:3}" "$shop$2") || { echo "FAIL $2: no answer" >&2; exit 1; }
    status=${answer##*$'\n'}
    [ "$status" = "$1" ] || { echo "FAIL $2: $status instead of $1: ${answer%$'\n'*}" >&2; exit 1; }
    echo "ok   $2 $status" >&2
    printf '%s' "${answer%$'\n'*}"
}

number() { grep -oE "\"$1\":[0-9.]+" <<<"$2" | head -1 | cut -d: -f2; }

expect 200 /health
expect 200 /health/ready >/dev/null
expect 200 '/api/v1/products/?limit=1' >/dev/null
expect 401 /api/v1/jobs >/dev/null
# Метрики — только изнутри.
expect 404 /metrics >/dev/null

[ -n "${MEGASHOP_LOGIN:-}" ] || exit 0
login="{\"login\":\"$MEGASHOP_LOGIN\",\"password\":\"${MEGASHOP_PASSWORD:?}\"}"
session=$(expect 200 /api/v1/auth/login -H 'Content-Type: application/json' -d @- <<<"$login")
token=$(grep -oE '"access_token":"[^"]+"' <<<"$session" | cut -d'"' -f4)
jobs=$(expect 200 /api/v1/jobs -H @- <<<"Authorization: Bearer $token")
lag=$(number lag_seconds "$jobs") dead=$(number dead "$jobs")
echo "jobs: lag $lag s, dead $dead" >&2
[ "$dead" = 0 ] && [ "${lag%.*}" -lt 60 ] || { echo "FAIL jobs" >&2; exit 1; }
