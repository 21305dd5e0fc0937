// Неудавшееся письмо: почта отказала, сотрудник видит почему, почту починили, письмо ушло — один раз. Заодно настройки почты в админке.
// Запуск: node admin_letters.mjs АДРЕС ПАПКА_ДЛЯ_СНИМКОВ [ПУТЬ_К_CHROMIUM]; магазин — показной (megashop demo). Обычно его зовёт `cargo xtask test`.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { chromium } from "playwright-core";

const [shop, shots, executablePath = "/usr/bin/chromium"] = process.argv.slice(2);
mkdirSync(shots, { recursive: true });

const screens = {
  desktop: { viewport: { width: 1280, height: 800 }, colorScheme: "light" },
  phone: { viewport: { width: 390, height: 844 }, colorScheme: "dark", isMobile: true, hasTouch: true },
};

// Почтовый сервер: пока сломан, отказывает получателю насовсем; починенный принимает и помнит, кому пришло.
const post = { broken: true, delivered: [] };
const smtp = createServer((socket) => {
  let [buffer, to, inLetter] = ["", "", false];
  const say = (line) => socket.write(`${line}\r\n`);
  const hear = (line) => {
    if (inLetter) {
      if (line !== ".") return;
      inLetter = false;
      post.delivered.push(to);
      return say("250 accepted");
    }
    const verb = line.slice(0, 4).toUpperCase();
    if (verb === "RCPT") {
      to = line.match(/<([^>]*)>/)[1];
      return say(post.broken ? "550 5.1.1 no such mailbox" : "250 ok");
    }
    if (verb === "DATA") {
      inLetter = true;
      return say("354 go on");
    }
    if (verb === "QUIT") return socket.end("221 bye\r\n");
    say("250 ok");
  };
  socket.on("data", (chunk) => {
    const lines = (buffer + chunk).split("\r\n");
    buffer = lines.pop();
    lines.forEach(hear);
  });
  socket.on("error", () => {});
  say("220 test");
});
await new Promise((listening) => smtp.listen(0, "127.0.0.1", listening));
const port = smtp.address().port;

const mark = Date.now().toString(36);
const args = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
  "--disable-background-networking", "--disable-component-update"];
const browser = await chromium.launch({ executablePath, args });
try {
  for (const [name, screen] of Object.entries(screens)) await work(name, screen);
} finally {
  await browser.close();
  smtp.close();
}

async function work(name, screen) {
  const context = await browser.newContext({ locale: "ru-RU", ...screen });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const complaints = [];
  page.on("console", (message) => message.type() === "error" && complaints.push(`${page.url()}: ${message.text()}`));
  page.on("pageerror", (error) => complaints.push(`${page.url()}: ${error}`));

  const open = (path) => page.goto(`${shop}${path}`);
  const press = (text) => page.getByRole("main").locator("button:visible, a.button:visible").filter({ hasText: text }).last().click();
  const sees = (text) => page.getByRole("main").getByText(text).first().waitFor();
  const look = async (what) => {
    await page.screenshot({ path: `${shots}/admin-${name}-${what}.png`, fullPage: true });
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= screen.viewport.width, `${name}: ${page.url()} is ${width} px wide`);
  };
  // Письмо шлёт фоновая задача: страница перечитывается, пока не покажет нужное.
  const until = async (path, text) => {
    for (let turn = 0; turn < 100; turn += 1) {
      await open(path);
      if (await page.getByRole("main").getByText(text).count()) return;
      await page.waitForTimeout(200);
    }
    assert.fail(`${path} never showed ${text}`);
  };

  await open("/admin/login");
  await page.fill("#login", "admin@demo.megashop");
  await page.fill("#password", "demo-admin-2026");
  await page.getByRole("button", { name: "Войти" }).click();
  await sees("Главная");

  // Почта — через сервер, который сегодня отказывает.
  await open("/admin/admin/settings/mail");
  await page.selectOption("#f-transport", "smtp");
  await page.fill("#f-host", "127.0.0.1");
  await page.fill("#f-port", String(port));
  await page.selectOption("#f-encryption", "none");
  await look("mail-settings");
  await press("Сохранить");
  await sees("Готово.");
  post.broken = true;
  const to = `buyer-${mark}-${name}@example.com`;
  await open("/admin/notifications/template");
  await page.locator(".row-link").first().click();
  await press("Послать на пробу");
  await page.fill("#f-to", to);
  await press("Послать на пробу");
  await page.waitForURL("**/template/*?done=test");

  // Сотрудник находит письмо по адресу и видит, почему оно не ушло.
  const found = `/admin/notifications/message?q=${encodeURIComponent(to)}&status=failed`;
  await until(found, "no such mailbox");
  await look("letter-failed");
  assert.deepEqual(post.delivered.filter((address) => address === to), []);

  // Почту починили: то же письмо уходит, и только один раз.
  post.broken = false;
  await page.locator(".row-link").first().click();
  const letter = new URL(page.url()).pathname;
  await press("Отправить ещё раз");
  await page.waitForURL("**/resend");
  await press("Отправить ещё раз");
  await page.waitForURL("**?done=resend");
  await until(letter, /^отправлено$/);
  await look("letter-sent");
  assert.deepEqual(post.delivered.filter((address) => address === to), [to]);

  await open("/admin/admin/settings/mail");
  await press("Вернуть как в файле");
  await sees("Готово.");
  assert.deepEqual(complaints, []);
  await context.close();
}
