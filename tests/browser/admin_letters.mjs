// Неудавшееся письмо: почта отказала, сотрудник видит почему, почту починили, письмо ушло — один раз. Заодно настройки почты в админке.
// Как запустить — в stage.mjs; обычно его зовёт `cargo xtask test`.
import assert from "node:assert/strict";
import { createServer } from "node:net";
import { enter, mark, onBothScreens, withBrowser } from "./stage.mjs";

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

try {
  await withBrowser((browser) => onBothScreens(browser, work, { prefix: "admin-", full: true }));
} finally {
  smtp.close();
}

async function work({ name, page, look, open, press, sees }) {
  // Письмо шлёт фоновая задача: страница перечитывается, пока не покажет нужное.
  const until = async (path, text) => {
    for (let turn = 0; turn < 100; turn += 1) {
      await open(path);
      if (await page.getByRole("main").getByText(text).count()) return;
      await page.waitForTimeout(200);
    }
    assert.fail(`${path} never showed ${text}`);
  };

  await enter(page);
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
}
