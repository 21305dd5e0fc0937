// Загрузка файла 1С в админке: прислать, посмотреть пробу, загрузить, журнал; заодно настройки, роли, выгрузка XLSX и второй фактор.
// Запуск: node admin_import.mjs АДРЕС ПАПКА_ДЛЯ_СНИМКОВ [ПУТЬ_К_CHROMIUM]; магазин — показной (megashop demo). Обычно его зовёт `cargo xtask test`.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const [shop, shots, executablePath = "/usr/bin/chromium"] = process.argv.slice(2);
mkdirSync(shots, { recursive: true });

const screens = {
  desktop: { viewport: { width: 1280, height: 800 }, colorScheme: "light" },
  phone: { viewport: { width: 390, height: 844 }, colorScheme: "dark", isMobile: true, hasTouch: true },
};

const mark = Date.now().toString(36).toUpperCase();
const args = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
  "--disable-background-networking", "--disable-component-update"];
const browser = await chromium.launch({ executablePath, args });
try {
  for (const [name, screen] of Object.entries(screens)) await work(name, screen);
} finally {
  await browser.close();
}

// Выгрузка 1С: два хороших товара и один без ида.
function exported(name) {
  const good = [1, 2].map((n) => `<Товар><Ид>${mark}-${name}-${n}</Ид><Артикул>1С-${mark}-${name}-${n}</Артикул><Наименование>Стол ${n} из 1С</Наименование></Товар>`);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<КоммерческаяИнформация ВерсияСхемы="2.10"><Каталог СодержитТолькоИзменения="true"><Ид>${mark}-${name}</Ид><Товары>\n${good.join("\n")}\n<Товар><Наименование>Без ида</Наименование></Товар>\n</Товары></Каталог></КоммерческаяИнформация>`;
}

// Код, который показало бы приложение (RFC 6238).
function totp(secret, at = Date.now()) {
  const bits = [...secret].map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(at / 30000)));
  const mac = createHmac("sha1", key).update(step).digest();
  const from = mac[19] & 15;
  return String((mac.readUInt32BE(from) & 0x7fffffff) % 1000000).padStart(6, "0");
}

async function work(name, screen) {
  const context = await browser.newContext({ locale: "ru-RU", acceptDownloads: true, ...screen });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const complaints = [];
  const broken = (message) => message.type() === "error" && !message.text().includes("the server responded with a status of 4");
  page.on("console", (message) => broken(message) && complaints.push(`${page.url()}: ${message.text()}`));
  page.on("pageerror", (error) => complaints.push(`${page.url()}: ${error}`));

  const open = (path) => page.goto(`${shop}${path}`);
  const press = (text) => page.getByRole("main").locator("button:visible, a.button:visible").filter({ hasText: text }).last().click();
  const sees = (text) => page.getByRole("main").getByText(text).first().waitFor();
  const look = async (what) => {
    await page.screenshot({ path: `${shots}/admin-${name}-${what}.png`, fullPage: true });
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= screen.viewport.width, `${name}: ${page.url()} is ${width} px wide`);
  };
  const enter = async () => {
    await open("/admin/login");
    await page.fill("#login", "admin@demo.megashop");
    await page.fill("#password", "demo-admin-2026");
    await page.getByRole("button", { name: "Войти" }).click();
  };

  await enter();
  await sees("Главная");

  // Прислать файл 1С и дождаться пробы: страница перечитывается сама.
  await open("/admin/integrations/file/add");
  await look("import-add");
  await page.setInputFiles("input[type=file]", { name: "import.xml", mimeType: "text/xml", buffer: Buffer.from(exported(name)) });
  await press("Сохранить");
  await sees("проверен, можно загружать");
  await sees("Проба");
  await look("import-trial");
  const file = new URL(page.url()).pathname;
  await open("/admin/catalog/product?q=" + encodeURIComponent(`1С-${mark}-${name}-1`));
  await sees("Ничего не нашлось");

  // Загрузить и посмотреть журнал.
  await open(`${file}/apply`);
  await press("Загрузить в каталог");
  await page.getByRole("main").getByText("загружен", { exact: true }).first().waitFor();
  await look("import-done");
  await page.locator("td.is-link a").filter({ hasText: "Загрузка" }).first().click();
  await look("import-run");
  await press("Все строки");
  await page.locator(".list").getByText("заведено").first().waitFor();
  await look("import-rows");
  const [download] = await Promise.all([page.waitForEvent("download"), press("XLSX")]);
  assert.equal(readFileSync(await download.path()).subarray(0, 2).toString(), "PK");
  await open("/admin/catalog/product?q=" + encodeURIComponent(`1С-${mark}-${name}-1`));
  await sees("Стол 1 из 1С");

  // Чужой файл отказывает у поля.
  await open("/admin/integrations/file/add");
  await page.setInputFiles("input[type=file]", { name: "photo.png", mimeType: "image/png", buffer: Buffer.from("89504e470d0a1a0a0000", "hex") });
  await press("Сохранить");
  await sees("Формат не узнан");
  await look("import-refused");

  // Настройки: сменить и вернуть.
  await open("/admin/admin/settings");
  await look("settings");
  await open("/admin/admin/settings/orders");
  await page.fill("#f-unpaid_ttl_minutes", "45");
  await press("Сохранить");
  await sees("Готово.");
  await look("settings-orders");
  await press("Вернуть как в файле");
  await sees("Готово.");
  await open("/admin/admin/settings/payments");
  await look("settings-payments");

  // Роли.
  await open("/admin/accounts/group");
  await look("roles");
  await page.locator(".row-link").filter({ hasText: "Менеджеры" }).click();
  await look("role");
  await press("Изменить");
  await look("role-change");

  // Второй фактор: завести по ключу, войти с кодом, выключить запасным.
  await open("/admin/account/second-factor");
  await press("Завести");
  await page.locator(".drawing svg").waitFor();
  await look("second-factor");
  const secret = await page.locator(".codes code").innerText();
  await page.fill("#f-code", totp(secret));
  await press("Включить");
  await sees("Запишите запасные коды");
  const codes = await page.locator(".codes code").allInnerTexts();
  assert.equal(codes.length, 10);
  await look("second-factor-codes");
  await page.context().clearCookies();
  await enter();
  await look("login-code");
  await page.fill("#code", codes[0]);
  await page.getByRole("button", { name: "Войти" }).click();
  await page.waitForURL("**/admin");
  await open("/admin/account/second-factor");
  await look("second-factor-on");
  const form = page.locator("form[action$='/disable']");
  await form.locator("input[name=code]").fill(codes[1]);
  await form.getByRole("button").click();
  await sees("Завести");
  assert.deepEqual(complaints, []);
  await context.close();
}
