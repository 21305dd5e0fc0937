// Общее для сценариев: браузер, два экрана, страница, на которую жалуется сам браузер, снимок с проверкой ширины.
// Запуск сценария: node имя.mjs АДРЕС ПАПКА_ДЛЯ_СНИМКОВ [ПУТЬ_К_CHROMIUM]; магазин — показной (megashop demo).
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { chromium } from "playwright-core";

export const [shop, shots, executablePath = "/usr/bin/chromium"] = process.argv.slice(2);
mkdirSync(shots, { recursive: true });

// Второй запуск на тех же данных не должен упереться в занятые имена.
export const mark = Date.now().toString(36).toUpperCase();

const screens = {
  desktop: { viewport: { width: 1280, height: 800 }, colorScheme: "light" },
  phone: { viewport: { width: 390, height: 844 }, colorScheme: "dark", isMobile: true, hasTouch: true },
};

const quiet = ["--headless", "--no-sandbox", "--disable-quic", "--no-first-run", "--disable-sync", "--disable-background-networking",
  "--disable-component-update"];
// 3D без видеокарты: WebGL рисует процессор.
const drawing = { flat: ["--disable-gpu"], models: ["--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"] };

// Открывает браузер, проигрывает и закрывает, чем бы ни кончилось.
export async function withBrowser(play, graphics = "flat") {
  const browser = await chromium.launch({ executablePath, args: [...quiet, ...drawing[graphics]] });
  try {
    await play(browser);
  } finally {
    await browser.close();
  }
}

// Проигрывает на столе при свете и на телефоне в темноте. `prefix` начинает имена снимков, `full` — снимать страницу целиком. `refusals` — сценарию
// отказывают нарочно: отказ форме — тоже ответ, и жалоба браузера на его статус — не поломка.
export async function onBothScreens(browser, play, { prefix = "", full = false, timeout = 20_000, refusals = false } = {}) {
  for (const [name, screen] of Object.entries(screens)) {
    const context = await browser.newContext({ locale: "ru-RU", ...screen });
    const page = await context.newPage();
    page.setDefaultTimeout(timeout);
    const complaints = [];
    const expected = (message) => refusals && message.text().includes("the server responded with a status of 4");
    const broken = (message) => message.type() === "error" && !expected(message);
    page.on("console", (message) => broken(message) && complaints.push(`${page.url()}: ${message.text()}`));
    page.on("pageerror", (error) => complaints.push(`${page.url()}: ${error}`));
    const look = async (what) => {
      await page.screenshot({ path: `${shots}/${prefix}${name}-${what}.png`, fullPage: full });
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(width <= screen.viewport.width, `${name}: ${page.url()} is ${width} px wide`);
    };
    await play({ name, page, look, complaints, ...hands(page) });
    assert.deepEqual(complaints, []);
    await context.close();
  }
}

// Браузер без скриптов: всякое дело возможно и так.
export async function withoutScripts(browser, play) {
  const context = await browser.newContext({ locale: "ru-RU", viewport: { width: 1280, height: 800 }, javaScriptEnabled: false });
  const page = await context.newPage();
  await play({ page, ...hands(page) });
  await context.close();
}

// Открыть адрес, нажать кнопку по словам, дождаться слов; в админке меню — не в счёт.
function hands(page) {
  const main = () => page.getByRole("main");
  return {
    main,
    open: (path) => page.goto(`${shop}${path}`),
    press: (text) => main().locator("button:visible, a.button:visible").filter({ hasText: text }).last().click(),
    sees: (text) => main().getByText(text).first().waitFor(),
  };
}

// Войти в админку показного магазина.
export async function enter(page) {
  await page.goto(`${shop}/admin/login`);
  await page.fill("#login", "admin@demo.megashop");
  await page.fill("#password", "demo-admin-2026");
  await page.getByRole("button", { name: "Войти" }).click();
}
