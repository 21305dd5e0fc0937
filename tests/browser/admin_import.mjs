// Загрузка файла 1С в админке: прислать, посмотреть пробу, загрузить, журнал; заодно настройки, роли, выгрузка XLSX и второй фактор.
// Как запустить — в stage.mjs; обычно его зовёт `cargo xtask test`.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { enter, mark, onBothScreens, withBrowser } from "./stage.mjs";

await withBrowser((browser) => onBothScreens(browser, work, { prefix: "admin-", full: true, refusals: true }));

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

async function work({ name, page, look, open, press, sees }) {
  await enter(page);
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
  await enter(page);
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
}
