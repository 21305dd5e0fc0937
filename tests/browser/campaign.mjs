// AR-кампания настоящим браузером: смотрит все модели, получает код, просит письмо, возвращается к коду
// и платит с ним меньше; на столе и на телефоне.
// Как запустить — в stage.mjs; обычно его зовёт `cargo xtask test`.
import assert from "node:assert/strict";
import { onBothScreens, shop, withBrowser } from "./stage.mjs";

await withBrowser((browser) => onBothScreens(browser, visit, { prefix: "ar-", timeout: 60_000 }), "models");

async function visit({ name, page, look, complaints }) {
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

  // Награда — настоящий промокод: в магазине он снижает цену, а второй раз не годится.
  const click = (selector) => page.locator(selector).first().click();
  const sees = (text) => page.getByText(text).first().waitFor();
  const chooseCoat = async () => {
    await page.goto(`${shop}/?q=${encodeURIComponent("пальто")}`);
    await click(".card-link");
    await click(".size:has(input:enabled)");
    await click(".buy-form .button");
    await sees("Добавили в корзину");
    await click(".tools a[href='/cart']");
    await click(".summary .button");
    await page.fill("#full_name", "Мария Левитан");
    await page.fill("#phone", "8 916 123-45-67");
    await page.fill("#email", `${name}@example.ru`);
    await page.fill("#address", "Ленинский проспект, 30");
    await page.fill("#promo_code", code);
    await click("button[value=promo]");
  };
  await chooseCoat();
  await page.locator(".summary").getByText("Скидка").first().waitFor();
  await look("checkout");
  await click(".summary button");
  await sees("Тестовая оплата");
  await chooseCoat();
  await page.locator("#promo_code-error").waitFor();
  complaints.length = 0;
  console.log(`${name}: ${code}`);
}
