// Ещё дела админки настоящим браузером, на столе и на телефоне, при свете и в темноте: галерея товара с порядком мышью и стрелками, AR-актив с
// показом модели, кампания с воронкой, слова письма, цены сразу у многих, возврат за строки и листы на печать, неудавшееся письмо.
// Как запустить — в stage.mjs; обычно его зовёт `cargo xtask test`.
import assert from "node:assert/strict";
import { enter, mark, onBothScreens, shop, withBrowser, withoutScripts } from "./stage.mjs";

await withBrowser(async (browser) => {
  await onBothScreens(browser, work, { prefix: "admin-", full: true, timeout: 60_000, refusals: true });
  await withoutScripts(browser, reorder);
}, "models");

// Картинка одного цвета: рисует её сам браузер.
async function picture(page, colour) {
  const url = await page.evaluate((colour) => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 200, height: 200 });
    const pen = canvas.getContext("2d");
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 200, 200);
    return canvas.toDataURL("image/png");
  }, colour);
  return { name: `${colour}.png`, mimeType: "image/png", buffer: Buffer.from(url.split(",")[1], "base64") };
}

// Куб: двенадцать треугольников в GLB.
function cube() {
  const points = [];
  for (const x of [-1, 1]) for (const y of [-1, 1]) for (const z of [-1, 1]) points.push(x, y, z);
  const faces = [0, 1, 3, 0, 3, 2, 4, 6, 7, 4, 7, 5, 0, 4, 5, 0, 5, 1, 2, 3, 7, 2, 7, 6, 0, 2, 6, 0, 6, 4, 1, 5, 7, 1, 7, 3];
  const body = Buffer.concat([Buffer.from(new Float32Array(points).buffer), Buffer.from(new Uint16Array(faces).buffer)]);
  const scene = {
    asset: { version: "2.0" }, scene: 0, scenes: [{ nodes: [0] }], nodes: [{ mesh: 0 }],
    meshes: [{ primitives: [{ attributes: { POSITION: 0 }, indices: 1, material: 0 }] }],
    materials: [{ pbrMetallicRoughness: { baseColorFactor: [0.12, 0.36, 0.3, 1], metallicFactor: 0 }, doubleSided: true }],
    accessors: [
      { bufferView: 0, componentType: 5126, count: 8, type: "VEC3", min: [-1, -1, -1], max: [1, 1, 1] },
      { bufferView: 1, componentType: 5123, count: 36, type: "SCALAR" },
    ],
    bufferViews: [{ buffer: 0, byteOffset: 0, byteLength: 96 }, { buffer: 0, byteOffset: 96, byteLength: 72 }],
    buffers: [{ byteLength: 168 }],
  };
  let json = Buffer.from(JSON.stringify(scene));
  json = Buffer.concat([json, Buffer.alloc((4 - (json.length % 4)) % 4, 0x20)]);
  const chunk = (type, data) => {
    const head = Buffer.alloc(8);
    head.writeUInt32LE(data.length, 0);
    head.write(type, 4, "latin1");
    return Buffer.concat([head, data]);
  };
  const chunks = Buffer.concat([chunk("JSON", json), chunk("BIN\0", body)]);
  const head = Buffer.alloc(12);
  head.write("glTF", 0, "latin1");
  head.writeUInt32LE(2, 4);
  head.writeUInt32LE(12 + chunks.length, 8);
  return { name: "cube.glb", mimeType: "model/gltf-binary", buffer: Buffer.concat([head, chunks]) };
}

async function work({ name, page, look, open, press, sees, main }) {
  await enter(page);
  await page.waitForURL("**/admin");

  // Товар с размерами, тремя картинками и моделью; порядок — мышью, потом с клавиатуры.
  await open("/admin/catalog/product/add");
  await page.fill("#f-name", `Пуф «Галерея ${name}»`);
  await page.fill("#f-article", `GAL-${name}-${mark}`);
  await page.fill("#f-price", "2 500");
  await page.fill("#f-sizes", "S\nM");
  await page.check("[name=is_active]");
  await press("Сохранить");
  await sees("Размеры и остатки");
  const product = new URL(page.url()).pathname;
  await open(`${product}/upload`);
  const files = [await picture(page, "tomato"), await picture(page, "seagreen"), await picture(page, "royalblue"), cube()];
  await page.setInputFiles("input[type=file]", files);
  assert.equal(await page.locator(".previews img").count(), 3);
  await page.waitForFunction(() => document.querySelector(".previews model-viewer")?.loaded);
  await look("upload");
  await press("Загрузить файлы");
  await sees("Галерея");
  const order = () => page.locator("[data-order] input[name=ids]").evaluateAll((all) => all.map((one) => one.value));
  const before = await order();
  assert.equal(before.length, 4);
  const handles = page.locator("[data-order] .handle");
  await handles.nth(2).scrollIntoViewIfNeeded();
  const [from, to] = [await handles.nth(2).boundingBox(), await handles.nth(0).boundingBox()];
  await page.mouse.move(from.x + 10, from.y + 10);
  await page.mouse.down();
  await page.mouse.move(to.x + 10, to.y - 4, { steps: 12 });
  await page.mouse.up();
  assert.deepEqual(await order(), [before[2], before[0], before[1], before[3]]);
  await page.locator("[data-order] .handle").nth(1).focus();
  await page.keyboard.press("ArrowDown");
  const wanted = [before[2], before[1], before[0], before[3]];
  assert.deepEqual(await order(), wanted);
  await look("gallery");
  await press("Сохранить порядок");
  await sees("Готово: Сохранить порядок.");
  assert.deepEqual(await order(), wanted);
  // Модель берут, только когда до неё долистали.
  await page.locator("td model-viewer").scrollIntoViewIfNeeded();
  await page.waitForFunction(() => document.querySelector("td model-viewer")?.loaded);
  await page.getByRole("link", { name: `№ ${wanted[0]}`, exact: true }).click();
  await press("Изменить");
  await page.fill("#f-alt", "Пуф спереди");
  await press("Сохранить");
  await sees("Пуф спереди");

  // AR-актив с моделью; кампания с воронкой.
  await open("/admin/campaigns/asset/add");
  await page.fill("#f-name", `Куб ${name}`);
  await page.fill("#f-slug", `cube-${name}-${mark}`.toLowerCase());
  await page.selectOption("#f-campaign", { index: 0 });
  await press("Сохранить");
  await press("Загрузить файлы");
  await page.setInputFiles("input[type=file]", [cube(), await picture(page, "orchid")]);
  await press("Загрузить файлы");
  const shown = await page.locator("model-viewer").first().elementHandle();
  await page.waitForFunction((viewer) => viewer.loaded, shown);
  await look("asset");
  await open("/admin/campaigns/campaign");
  await page.locator(".row-link").first().click();
  await sees("Воронка");
  await look("campaign");
  await press("Изменить");
  await page.locator("#f-title").waitFor();
  await look("campaign-form");
  await open("/admin/campaigns/pool/1");
  await look("pool");

  // Слова письма: предпросмотр в песочнице, отказ со строкой.
  await open("/admin/notifications/template");
  await look("letters");
  await page.locator(".row-link").filter({ hasText: "Промокод за AR-кампанию" }).first().click();
  await page.frameLocator("iframe.letter").getByText("PROMO-3F9A0C5D77E1B24A").waitFor();
  await look("letter");
  await press("Изменить");
  await page.fill("#f-body", "Здравствуйте!\n{{ cod }}");
  await press("Сохранить");
  await sees("Текст, строка 2");
  await look("letter-refused");

  // Цены сразу у многих.
  await open("/admin/catalog/product?is_active=1");
  for (const box of (await page.locator("input[name=ids]").all()).slice(0, 3)) await box.check();
  await press("Изменить поля");
  await page.check("[name=_set][value=price]");
  await page.fill("#f-price", "5");
  await page.check("[name=price__how][value=percent]");
  await look("bulk-choose");
  await press("Показать, что изменится");
  await sees("Изменится 3 из 3.");
  await look("bulk-preview");
  await press("Изменить: 3");
  await sees("Сделано: 3 из 3.");
  await look("bulk-done");

  // Вернуть деньги за строку; листы на печать. Старшие заказы — без задатка: за строку, чей остаток ещё не получен, не возвращают.
  await open("/admin/orders/order?status=pending");
  await page.locator(".row-link").last().click();
  await press("Деньги приняты");
  await press("Деньги приняты");
  await sees("оплачен");
  const id = new URL(page.url()).pathname;
  await press("Вернуть деньги");
  await page.locator("[name=items__count]").first().fill("1");
  await page.fill("#f-reason", "не подошёл цвет");
  await look("refund-lines");
  await press("Вернуть деньги");
  await sees("Готово: Вернуть деньги.");
  for (const sheet of ["packing", "invoice"]) {
    await open(`${id}/${sheet}`);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await look(sheet);
  }
}

// Порядок без скриптов — номерами мест.
async function reorder({ page }) {
  await enter(page);
  await page.waitForURL("**/admin");
  await page.goto(`${shop}/admin/catalog/product?q=GAL-DESKTOP-${mark}`);
  await page.locator(".row-link").first().click();
  const ids = () => page.locator("input[name=ids]").evaluateAll((all) => all.map((one) => one.value));
  const before = await ids();
  await page.locator("input[name=ids__place]").nth(0).fill("9");
  await page.click("button:has-text('Сохранить порядок')");
  await page.getByText("Готово: Сохранить порядок.").waitFor();
  assert.deepEqual(await ids(), [...before.slice(1), before[0]]);
}
