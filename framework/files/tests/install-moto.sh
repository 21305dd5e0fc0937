#!/bin/sh
# Ставит moto (сервер S3 для проверок) туда, где его ищут тесты.
set -eu
place="${MEGASHOP_MOTO_VENV:-$HOME/.cache/megashop/moto}"
[ -x "$place/bin/python" ] || python3 -m venv "$place"
"$place/bin/pip" install --quiet 'moto[server]==5.2.5'
echo "moto is in $place"
