// Покупка настоящим браузером: список → товар → корзина → оформление → оплата → оплаченный заказ; на столе и на телефоне.
// Запуск: node purchase.mjs АДРЕС ПАПКА_ДЛЯ_СНИМКОВ [ПУТЬ_К_CHROMIUM]. Обычно его зовёт `cargo xtask test`.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { chromium } from "playwright-core";

const [shop, shots, executablePath = "/usr/bin/chromium"] = process.argv.slice(2);
mkdirSync(shots, { recursive: true });

const screens = {
  desktop: { viewport: { width: 1280, height: 800 }, colorScheme: "light" },
  phone: { viewport: { width: 390, height: 844 }, colorScheme: "dark", isMobile: true, hasTouch: true },
};

const args = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
  "--disable-background-networking", "--disable-component-update"];
const browser = await chromium.launch({ executablePath, args });
try {
  for (const [name, screen] of Object.entries(screens)) await buy(name, screen);
} finally {
  await browser.close();
}

async function buy(name, screen) {
  const context = await browser.newContext({ locale: "ru-RU", ...screen });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const complaints = [];
  page.on("console", (message) => message.type() === "error" && complaints.push(`${page.url()}: ${message.text()}`));
  page.on("pageerror", (error) => complaints.push(`${page.url()}: ${error}`));

  const click = (selector) => page.locator(selector).first().click();
  const sees = (text) => page.getByText(text).first().waitFor();
  // Снимок — и заодно проверка, что страница не шире экрана.
  const look = async (what) => {
    await page.screenshot({ path: `${shots}/${name}-${what}.png` });
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= screen.viewport.width, `${name}: ${page.url()} is ${width} px wide`);
  };

  const home = await page.goto(shop);
  assert.match(home.headers()["content-security-policy"], /default-src 'self'/);
  await look("home");
  await page.goto(`${shop}/?q=${encodeURIComponent("пальто")}`);
  await look("search");
  await click(".card-link");
  await click(".size:has(input:enabled)");
  await look("product");
  await click(".buy-form .button");
  await sees("Добавили в корзину");
  await click(".tools a[href='/cart']");
  await look("cart");
  await click(".summary .button");
  await page.fill("#full_name", "Мария Левитан");
  await page.fill("#phone", "8 916 123-45-67");
  await page.fill("#email", "maria@example.com");
  await page.fill("#address", "Ленинский проспект, 30");
  await look("checkout");
  await click(".summary button");
  await sees("Тестовая оплата");
  await look("pay");
  await click("button[value=pay]");
  await page.getByRole("heading", { name: "Заказ оплачен" }).waitFor();
  await look("paid");
  assert.deepEqual(complaints, []);

  // Дальше — отказы: на них сам браузер пишет в консоль «404».
  const lost = await page.goto(`${shop}/no-such-page`);
  assert.equal(lost.status(), 404);
  await sees("Такой страницы нет");
  await look("lost");
  await context.close();
  console.log(`${name}: bought`);
}
