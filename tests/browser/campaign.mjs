// AR-кампания настоящим браузером: смотрит все модели, получает код, просит письмо, возвращается к коду; на столе и на телефоне.
// Запуск: node campaign.mjs АДРЕС ПАПКА_ДЛЯ_СНИМКОВ [ПУТЬ_К_CHROMIUM]. Обычно его зовёт `cargo xtask test`.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { chromium } from "playwright-core";

const [shop, shots, executablePath = "/usr/bin/chromium"] = process.argv.slice(2);
mkdirSync(shots, { recursive: true });

const screens = {
  desktop: { viewport: { width: 1280, height: 800 }, colorScheme: "light" },
  phone: { viewport: { width: 390, height: 844 }, colorScheme: "dark", isMobile: true, hasTouch: true },
};

// 3D без видеокарты: WebGL рисует процессор.
const args = ["--headless", "--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--disable-quic",
  "--no-first-run", "--disable-sync", "--disable-background-networking", "--disable-component-update"];
const browser = await chromium.launch({ executablePath, args });
try {
  for (const [name, screen] of Object.entries(screens)) await visit(name, screen);
} finally {
  await browser.close();
}

async function visit(name, screen) {
  const context = await browser.newContext({ locale: "ru-RU", ...screen });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const complaints = [];
  page.on("console", (message) => message.type() === "error" && complaints.push(`${page.url()}: ${message.text()}`));
  page.on("pageerror", (error) => complaints.push(`${page.url()}: ${error}`));
  const look = async (what) => {
    await page.screenshot({ path: `${shots}/${name}-ar-${what}.png` });
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= screen.viewport.width, `${name}: ${page.url()} is ${width} px wide`);
  };

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
  assert.deepEqual(complaints, []);
  await context.close();
  console.log(`${name}: ${code}`);
}
