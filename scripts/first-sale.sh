#!/usr/bin/env bash
# Первая продажа по HTTP: регистрация → товар → заказ → оплата в эмуляторе → заказ оплачен.
# Запуск: scripts/first-sale.sh [АДРЕС] [СЛОВО ИЗ НАЗВАНИЯ ТОВАРА], по умолчанию http://localhost:8000 (магазин из `cargo xtask demo`)
# и первый товар в наличии. Нужны curl и node.
set -euo pipefail
shop="${1:-http://localhost:8000}"
word="${2:-}"
api="$shop/api/v1"

field() { node -e 'let s="";process.stdin.on("data",d=>s+=d).on("end",()=>{let v=JSON.parse(s);for(const k of process.argv[1].split("."))v=v[k];console.log(v)})' "$1"; }
post() { curl --fail-with-body -sS -X POST "$api$1" -H 'Content-Type: application/json' "${@:3}" -d "$2"; }

phone="+7916$(printf '%07d' $((RANDOM * 300 % 10000000)))"
token=$(post /auth/register "{\"phone\":\"$phone\",\"password\":\"vesna-$RANDOM-$RANDOM\"}" | field access_token)
echo "registered $phone"

# Товар и его первый размер, который есть; у товара без размеров он пуст.
pick='let s="";process.stdin.on("data",d=>s+=d).on("end",()=>{const p=JSON.parse(s).products[0];if(!p)return;
    const v=p.variants.find(v=>v.stock_count>0)??p.variants[0];console.log([p.id,p.name,v?.size??""].join("\t"))})'
IFS=$'\t' read -r product name size < <(curl --fail-with-body -sS -G "$api/products/" -d in_stock=true -d limit=1 \
    --data-urlencode "search=$word" | node -e "$pick") || { echo "nothing in stock: $word" >&2; exit 1; }
echo "buying $name${size:+, $size}"
order=$(post /orders/ "{\"items\":[{\"product_id\":$product,\"quantity\":1${size:+,\"size\":\"$size\"}}],\"delivery_address\":\"Москва, Тверская, 1\"}" \
    -H "Authorization: Bearer $token" -H "Idempotency-Key: first-sale-$phone")
echo "ordered $(echo "$order" | field order_number) for $(echo "$order" | field final_amount)"

payment=$(echo "$order" | field payment_url)
post "/payment/emulator/${payment##*/}/pay" '{}' >/dev/null
id=$(echo "$order" | field id)
for _ in $(seq 50); do
    status=$(curl -sS "$api/orders/$id" -H "Authorization: Bearer $token" | field status)
    [ "$status" = paid ] && { echo "order is paid"; exit 0; }
    sleep 0.2
done
echo "order is still $status" >&2
exit 1
