// Страница прежней системы на магазине с набором lctar: живёт на другом адресе, знает только основание, шесть вызовов и два актива, ходит с
// предварительными запросами, отказ читает из `detail`, потом из `message`. Проходит кампанию целиком, ничего о Megashop не зная.
// Как запустить — в stage.mjs; обычно его зовёт `cargo xtask test` — с магазином `megashop demo --preset lctar`.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { mark, onBothScreens, shop, withBrowser } from "./stage.mjs";

// Адреса прежней страницы: набор lctar пускает именно их.
const PORTS = [3000, 8000];
const SLUGS = ["cheburashka_company", "volk"];

const oldPage = `<!doctype html><html lang="ru"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>AR-музей</title><link rel="icon" href="data:,"><body><h1>AR-музей</h1><p id="score"></p><p id="code"></p><script>
  const base = "${shop}/api";
  async function call(method, path, body) {
    const options = { method, headers: { "Content-Type": "application/json" } };
    if (body) options.body = JSON.stringify(body);
    const answer = await fetch(base + path, options);
    const data = await answer.json();
    if (!answer.ok) throw new Error(data.detail || data.message || "Ошибка " + answer.status);
    return data;
  }
  const start = () => call("POST", "/session/start/", {});
  const view = (session_id, asset_slug) => call("POST", "/view/", { session_id, asset_slug });
  const email = (session_id, email) => call("POST", "/user/email/", { session_id, email });
  const get = (path, query) => call("GET", path + "?" + new URLSearchParams(query));
  const refusal = (promise) => promise.then((data) => "no refusal: " + JSON.stringify(data), (error) => error.message);
</script></body></html>`;

// Активы заводит сотрудник, как сказано в docs/from-lctar.md; показные активы той же кампании он выключает.
async function prepare() {
  let token;
  const staff = async (method, path, body) => {
    const headers = { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) };
    const answer = await fetch(`${shop}/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
    assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
    return answer.json();
  };
  token = (await staff("POST", "/auth/login", { login: "admin@demo.megashop", password: "demo-admin-2026" })).access_token;
  const { campaigns } = await staff("GET", "/campaigns/");
  const { pool } = campaigns.find((campaign) => campaign.is_default);
  const { assets } = await staff("GET", `/campaign-assets/?campaign=${pool}&is_active=true`);
  for (const { id } of assets) await staff("PATCH", `/campaign-assets/${id}`, { is_active: false });
  for (const slug of SLUGS) await staff("POST", "/campaign-assets/", { slug, name: slug, type: "model", campaign: pool });
}

async function serveOldPage() {
  for (const port of PORTS) {
    const server = createServer((_, answer) => answer.setHeader("content-type", "text/html").end(oldPage));
    const isOpen = await new Promise((done) => server.once("error", () => done(false)).listen(port, "localhost", () => done(true)));
    if (isOpen) return { server, url: `http://localhost:${port}/` };
  }
  assert.fail(`ports ${PORTS} are taken: the page of the old system has nowhere to live`);
}

await prepare();
const { server, url } = await serveOldPage();
try {
  await withBrowser((browser) => onBothScreens(browser, (stage) => visit(stage, url), { prefix: "old-", refusals: true }));
} finally {
  server.close();
}

async function visit({ name, page, look }, url) {
  // Чужой странице браузер не отдал бы ответ на JSON, не разреши ему магазин в предварительном запросе.
  await page.goto(url);
  assert.notEqual(await page.evaluate(() => location.origin), new URL(shop).origin);
  const run = (play, data) => page.evaluate(play, data);

  const { session_id } = await run(() => start());
  assert.match(session_id, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  const progress = () => run((session_id) => get("/progress/", { session_id }), session_id);
  assert.deepEqual(await progress(), { total_assets: 2, viewed_assets: 0, remaining_assets: 2, total_score: 0 });
  const views = [];
  for (const slug of [SLUGS[0], SLUGS[0], SLUGS[1]]) {
    if (slug === SLUGS[1]) assert.equal(await run((session_id) => refusal(get("/promo/", { session_id })), session_id), "not_completed");
    views.push(await run(([session, slug]) => view(session, slug), [session_id, slug]));
  }
  const { promo_code, ...last } = views.pop();
  const seen = (asset_slug, awarded_points, session_score) => ({ session_id, asset_slug, awarded_points, session_score });
  assert.deepEqual([...views, last], [seen(SLUGS[0], 10, 10), seen(SLUGS[0], 0, 10), seen(SLUGS[1], 10, 20)]);
  assert.match(promo_code, /^PROMO-[0-9A-F]{16}-\d{6}$/);
  assert.deepEqual(await progress(), { total_assets: 2, viewed_assets: 2, remaining_assets: 0, total_score: 20 });

  const address = `old-${mark}-${name}@example.ru`.toLowerCase();
  const attached = await run(([session, address]) => email(session, address), [session_id, address]);
  const { user_id } = attached;
  assert.deepEqual(attached, { session_id, user_id, email: address, user_total_score: 20 });
  for (const query of [{ session_id }, { user_id }, { email: address }]) {
    assert.deepEqual(await run((query) => get("/promo/", query), query), { promo_code });
  }
  const stats = await run(() => get("/stats/", {}));
  assert.deepEqual(Object.keys(stats).sort(), ["best_asset", "views_all_time", "views_today"]);
  assert.ok(SLUGS.includes(stats.best_asset.slug) && stats.views_today >= 3);

  // Отказы читаются словами.
  const nobody = "3d1f0c52-6a4e-4d7e-9a3b-2f1c5d7e9a3b";
  assert.equal(await run((email) => refusal(get("/promo/", { email })), `nobody-${address}`), "not_found");
  assert.match(await run(() => refusal(view("", ""))), /session_id, asset_slug/);
  assert.match(await run(() => refusal(view("not-a-uuid", "volk"))), /session_id/);
  assert.match(await run((id) => refusal(view(id, "no-such")), session_id), /актив/);
  assert.match(await run((id) => refusal(get("/progress/", { session_id: id })), nobody), /сеанс/);

  await run(([score, code]) => {
    document.querySelector("#score").textContent = `Очки: ${score}`;
    document.querySelector("#code").textContent = code;
  }, [last.session_score, promo_code]);
  await look("code");
  console.log(`${name}: ${promo_code}`);
}
