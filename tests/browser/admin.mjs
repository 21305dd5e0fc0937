// Дела владельца магазина настоящим браузером, на столе и на телефоне: принять товар, завести товар с размерами и картинкой, открыть волну,
// завести промокод и узнать, почему он не подходит, отгрузить заказ, вернуть часть денег, найти человека по телефону, посмотреть задачи.
// Как запустить — в stage.mjs; обычно его зовёт `cargo xtask test`.
import assert from "node:assert/strict";
import { enter, mark, onBothScreens, shop, withBrowser, withoutScripts } from "./stage.mjs";

const picture = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAeklEQVR42hXMoREDIBAAwZSTIijiNRpDB9sBBo3G0MF3QGMhZ3fmPt+qVFG1SjWrXWX1+Xali651utntLvsDCkHzb7JJD4YyxNAGwxz2kOPBUpZY2mKZy15yPTjKEUc7HPPYR54HqaRILf/vmXbKfHCVK652uea1r7x+JdZdISMs9RsAAAAASUVORK5CYII=", "base64");

await withBrowser(async (browser) => {
  await onBothScreens(browser, work, { prefix: "admin-", timeout: 10_000, refusals: true });
  await withoutScripts(browser, pick);
});

async function work({ name, page, look, open, press, sees }) {
  await open("/admin/orders/order");
  await page.fill("#login", "admin@demo.megashop");
  await page.fill("#password", "demo-admin-2026");
  await look("login");
  await page.getByRole("button", { name: "Войти" }).click();
  await sees("Заказы");
  await look("orders");
  await open("/admin");
  await look("home");

  // Завести товар с размерами и картинкой, принять товар.
  await open("/admin/catalog/product");
  await look("products");
  await open("/admin/catalog/product/add");
  await page.fill("#f-name", `Худи «Проверка ${name}»`);
  await page.fill("#f-article", `CHECK-${name}-${mark}`);
  await page.fill("#f-price", "4 990");
  await page.fill("#f-sizes", "S\nM\nL");
  await page.fill("#f-stock_count", "10");
  await page.check("[name=is_active]");
  await look("product-add");
  await press("Сохранить");
  await sees("Размеры и остатки");
  const product = new URL(page.url()).pathname;
  await open(`${product}/upload`);
  await page.setInputFiles("input[type=file]", { name: "hoodie.png", mimeType: "image/png", buffer: picture });
  await page.locator(".previews img").first().waitFor();
  await press("Загрузить файлы");
  await page.locator("img.thumb").first().waitFor();
  await open(`${product}/receive`);
  await page.selectOption("#f-item", { index: 0 });
  await page.fill("#f-quantity", "5");
  await page.fill("#f-reason", "накладная 12");
  await look("receive");
  await press("Принять товар");
  await sees("накладная 12");
  await look("product");

  // Открыть волну.
  await open(`/admin/preorders/wave/add?product_id=${product.split("/").pop()}`);
  await page.fill("#f-capacity", "30");
  await press("Сохранить");
  await sees("набирается");
  await look("wave");

  // Завести промокод на этот товар; подсказки выбора приходят по мере набора.
  await open("/admin/promos/promo_code/add");
  await page.fill("#f-code", `ПРОВЕРКА-${name}-${mark}`);
  await page.fill("#f-discount_percent", "10");
  await page.check("[name=is_active]");
  await page.fill("#f-product_ids", `CHECK-${name}-${mark}`);
  await page.locator(".picked").getByText(`CHECK-${name}-${mark}`).first().click();
  await look("promo-add");
  await press("Сохранить");
  await sees("10 %");
  const promo = new URL(page.url()).pathname;

  // Почему код не подходит другому товару.
  await open("/admin/catalog/product?is_active=1");
  const other = await page.locator(".row-link").last().getAttribute("href");
  await open(`${promo}/check?product_id=${other.split("/").pop()}`);
  await page.check(`[name=product_id][value="${other.split("/").pop()}"]`);
  await press("Проверить код");
  await sees("Промокод не действует на эти товары.");
  await look("promo-why");

  // Принять деньги, отгрузить заказ, вернуть часть.
  await open("/admin/orders/order?status=pending");
  await page.locator(".row-link").first().click();
  await press("Деньги приняты");
  await press("Деньги приняты");
  await sees("оплачен");
  await look("order");
  await press("В работу");
  await press("В работу");
  await sees("собирается");
  await press("Отгрузить");
  await page.fill("#f-tracking_number", "RU123456789");
  await press("Отгрузить");
  await sees("RU123456789");
  await press("Вернуть деньги");
  await page.fill("#f-amount", "100");
  await page.fill("#f-reason", "царапина на упаковке");
  await look("refund");
  await press("Вернуть деньги");
  await sees("Готово: Вернуть деньги.");
  await press("История");
  await sees("царапина на упаковке");
  await look("history");

  // Найти человека по телефону, как его диктуют.
  await page.fill("#find", "8 916 000-00-03");
  await page.keyboard.press("Enter");
  await page.getByRole("main").locator(".feed a").first().waitFor();
  await look("search");
  await page.getByRole("main").locator(".feed a").first().click();
  await look("person");

  await open("/admin/admin/job");
  await look("jobs");
  await open("/admin/admin/log");
  await sees("refund");
  await look("log");
}

// Всё то же доступно и без скриптов: поиск в поле выбора — кнопкой.
async function pick({ page }) {
  await enter(page);
  await page.waitForURL("**/admin");
  await page.goto(`${shop}/admin/promos/promo_code/add`);
  await page.fill("#f-code", `БЕЗ-СКРИПТОВ-${mark}`);
  await page.fill("#f-product_ids", `CHECK-desktop-${mark}`);
  await page.click("button[name=_find][value=product_ids]");
  await page.getByText(`CHECK-desktop-${mark}`).first().click();
  assert.equal(await page.inputValue("#f-code"), `БЕЗ-СКРИПТОВ-${mark}`);
  await page.fill("#f-discount_amount", "100");
  await page.click("button[type=submit]:has-text('Сохранить')");
  await page.getByText("100 ₽").first().waitFor();
}
