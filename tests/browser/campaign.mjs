// AR-кампания настоящим браузером: смотрит все модели, получает код, просит письмо, возвращается к коду; на столе и на телефоне.
// Как запустить — в stage.mjs; обычно его зовёт `cargo xtask test`.
import assert from "node:assert/strict";
import { onBothScreens, shop, withBrowser } from "./stage.mjs";

await withBrowser((browser) => onBothScreens(browser, visit, { prefix: "ar-", timeout: 60_000 }), "models");

async function visit({ name, page, look }) {
  const opened = await page.goto(`${shop}/ar/novoselie`);
  const policy = opened.headers()["content-security-policy"];
  assert.match(policy, /script-src 'self' 'wasm-unsafe-eval';/);
  assert.doesNotMatch(policy, /'unsafe-(inline|eval)'/);
  const cards = page.locator(".asset");
  const count = await cards.count();
  assert.ok(count >= 3, "the demo campaign has assets");
  // Первая модель открывается сама; остальные — по одной.
  await page.locator(".asset.is-seen").first().waitFor();
  assert.ok(await page.evaluate(() => document.querySelector("model-viewer").modelIsVisible), "the model is drawn");
  await look("first");
  for (let n = 1; n < count; n++) {
    await cards.nth(n).click();
    await page.locator(`.asset.is-seen >> nth=${n}`).waitFor();
  }
  await page.locator("#reward").waitFor();
  const code = await page.locator("#code").textContent();
  assert.match(code, /^PROMO-[0-9A-F]{16}-\d{6}$/);
  await page.fill("#email", `${name}@example.ru`);
  await page.click("#email-form button");
  await page.getByText(`Код придёт на ${name}@example.ru`).waitFor();
  await look("reward");

  // Закрыл и вернулся: код тот же, второго не выдали.
  await page.reload();
  await page.locator("#reward").waitFor();
  assert.equal(await page.locator("#code").textContent(), code);
  console.log(`${name}: ${code}`);
}
