// Покупка настоящим браузером: список → товар → корзина → оформление → оплата → оплаченный заказ → что и куда писать; на столе и на телефоне.
// Как запустить — в stage.mjs; обычно его зовёт `cargo xtask test`.
import assert from "node:assert/strict";
import { onBothScreens, shop, withBrowser } from "./stage.mjs";

await withBrowser((browser) => onBothScreens(browser, buy, { timeout: 10_000 }));

async function buy({ name, page, look, complaints }) {
  const click = (selector) => page.locator(selector).first().click();
  const sees = (text) => page.getByText(text).first().waitFor();

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
  await choose(page, look, sees);
  assert.deepEqual(complaints, []);

  // Дальше — отказы: на них сам браузер пишет в консоль «404».
  const lost = await page.goto(`${shop}/no-such-page`);
  assert.equal(lost.status(), 404);
  await sees("Такой страницы нет");
  await look("lost");
  complaints.length = 0;
  console.log(`${name}: bought`);
}

// Согласие на рекламу даёт сам человек, и оно запоминается; у браузера предлагают одно из двух.
async function choose(page, look, sees) {
  await page.goto(`${shop}/notifications`);
  await page.fill("#login", "customer@demo.megashop");
  await page.fill("#password", "demo-customer-2026");
  await page.getByRole("main").getByRole("button", { name: "Войти" }).click();
  const news = page.getByLabel("Почта: новости и скидки");
  const turn = async (agreed) => {
    await news.setChecked(agreed);
    const saved = page.waitForResponse((answer) => answer.request().method() === "POST");
    await page.getByRole("button", { name: "Сохранить" }).click();
    await saved;
    await page.goto(`${shop}/notifications`);
    assert.equal(await news.isChecked(), agreed);
  };
  await turn(true);
  await sees("Сообщим о заказе");
  assert.equal(await page.getByRole("button", { name: /ключить уведомления/ }).count(), 1);
  await look("notifications");
  await turn(false);
}
