// Страница AR-кампании. Ходит теми же документированными вызовами, что и любая другая: /session/start/, /view/, /promo/, /user/email/.

// Распаковщик Draco — свой: с чужого адреса страница ничего не берёт. Просмотрщик спрашивает об этом, когда появляется на странице.
self.ModelViewerElement = { dracoDecoderLocation: "/ar/static/draco/" };

const read = (id) => JSON.parse(document.getElementById(id).textContent);
const at = (id) => document.getElementById(id);
const show = read("show");
const words = read("words");
const assets = new Map(show.assets.map((asset) => [asset.slug, asset]));

// Меньше этого человек ничего не успел увидеть, секунд.
const LOOK = 2;
const store = `ar:${show.slug}`;
const pause = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

// Память браузера: сеанс и виденное. Её может и не быть (частное окно) — тогда до закрытия страницы.
let memory = { session: null, seen: [] };
try {
  memory = { ...memory, ...JSON.parse(localStorage.getItem(store) ?? "{}") };
} catch { /* нет памяти */ }

function remember() {
  try {
    localStorage.setItem(store, JSON.stringify(memory));
  } catch { /* нет памяти */ }
}

class Refusal extends Error {
  constructor(status, { detail, code }, wait) {
    super(detail ?? words.failed);
    Object.assign(this, { status, code, wait });
  }
}

// Вызов; отказ — исключение со словами сервера. Обрыв связи и «занято» повторяются.
async function call(method, path, body) {
  for (let attempt = 1; ; attempt++) {
    let answer;
    try {
      const headers = { "accept-language": document.documentElement.lang };
      if (body) headers["content-type"] = "application/json";
      answer = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
    } catch {
      if (attempt === 5) throw new Refusal(0, {});
      await pause(attempt);
      continue;
    }
    const json = await answer.json().catch(() => ({}));
    if (answer.ok) return json;
    const wait = Number(answer.headers.get("retry-after"));
    if (answer.status === 503 && attempt < 5) {
      await pause(wait || 1);
      continue;
    }
    throw new Refusal(answer.status, json, wait);
  }
}

async function session() {
  if (!memory.session) {
    const started = await call("POST", "/session/start/", { campaign: show.slug });
    memory = { session: started.session_id, seen: [] };
    remember();
  }
  return memory.session;
}

// Имя события: повтор после обрыва не посчитается дважды.
function eventId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function countView(slug) {
  const view = { session_id: await session(), asset_slug: slug, event_id: eventId() };
  if (show.needs_view_token) {
    const opened = await call("POST", "/api/v1/view/token", { session_id: view.session_id, asset_slug: slug });
    view.view_token = opened.view_token;
    await pause(Math.max(opened.ready_in, LOOK));
  } else {
    await pause(Math.max(show.min_dwell, LOOK));
  }
  for (;;) {
    if (shown !== slug) return null;
    try {
      return await call("POST", "/view/", view);
    } catch (refusal) {
      if (refusal.status !== 429) throw refusal;
      await pause(refusal.wait || 1);
    }
  }
}

let shown = null;

async function open(slug) {
  if (shown === slug) return;
  shown = slug;
  const asset = assets.get(slug);
  document.querySelectorAll(".asset").forEach((card) => card.setAttribute("aria-current", String(card.dataset.slug === slug)));
  at("caption").textContent = asset.name;
  at("state").textContent = words.loading;
  at("retry").hidden = true;
  try {
    await display(asset);
    if (shown !== slug) return;
    at("state").textContent = words.watching;
    const answer = await countView(slug);
    if (!answer || shown !== slug) return;
    at("state").textContent = words.counted;
    if (!memory.seen.includes(slug)) memory.seen.push(slug);
    remember();
    paint();
    if (answer.promo_code) reward(answer.promo_code);
  } catch (refusal) {
    if (shown !== slug) return;
    shown = null;
    at("state").textContent = refusal.message;
    // Сеанс стёрли: следующий просмотр начнёт новый. Убрали только актив — пройденное остаётся.
    if (refusal.code === "campaigns.session_not_found") memory = { session: null, seen: [] };
    remember();
    // Кампанию или актив выключили — страница устарела; пропала связь — пробуем то же.
    const isStale = refusal.status === 400 || refusal.status === 404;
    at("retry").hidden = false;
    at("retry").onclick = () => (isStale ? location.reload() : open(slug));
  }
}

addEventListener("online", () => at("retry").hidden || at("retry").click());

// Показывает модель (или картинку) и дожидается, пока её станет видно.
function display(asset) {
  const stage = at("stage");
  if (!asset.model_url) {
    const blank = document.createElement(asset.preview_url ? "img" : "p");
    if (asset.preview_url) Object.assign(blank, { src: asset.preview_url, alt: asset.name });
    else blank.textContent = words.no_model;
    stage.replaceChildren(blank);
    return Promise.resolve();
  }
  const viewer = document.createElement("model-viewer");
  const attributes = {
    src: asset.model_url, alt: asset.name, "camera-controls": "", "touch-action": "pan-y", "auto-rotate": "",
    "shadow-intensity": "1", ar: "", "ar-modes": "webxr scene-viewer quick-look", "interaction-prompt": "none",
  };
  if (asset.ios_model_url) attributes["ios-src"] = asset.ios_model_url;
  if (asset.preview_url) attributes.poster = asset.preview_url;
  for (const [name, value] of Object.entries(attributes)) viewer.setAttribute(name, value);
  const button = document.createElement("button");
  Object.assign(button, { slot: "ar-button", className: "ar", textContent: words.in_ar });
  viewer.append(button);
  const loaded = new Promise((done, fail) => {
    viewer.addEventListener("load", done, { once: true });
    viewer.addEventListener("error", () => fail(new Error(words.no_show)), { once: true });
  });
  stage.replaceChildren(viewer);
  return loaded;
}

function paint() {
  const seen = memory.seen.filter((slug) => assets.has(slug));
  at("seen").textContent = seen.length;
  at("bar").value = seen.length;
  document.querySelectorAll(".asset").forEach((card) => {
    const isSeen = seen.includes(card.dataset.slug);
    card.classList.toggle("is-seen", isSeen);
    card.querySelector(".asset-state").textContent = isSeen ? words.seen : words.look;
  });
}

function reward(code) {
  at("code").textContent = code;
  at("reward").hidden = false;
  at("reward").scrollIntoView({ block: "nearest", behavior: "smooth" });
}

// Виденное и код помнит сервер: страницу могли закрыть.
async function restore() {
  if (!memory.session) return;
  const id = encodeURIComponent(memory.session);
  try {
    const progress = await call("GET", `/progress/?session_id=${id}`);
    if (progress.viewed_assets === 0) memory.seen = [];
    if (progress.remaining_assets === 0) reward((await call("GET", `/promo/?session_id=${id}`)).promo_code);
  } catch (refusal) {
    if (refusal.code === "campaigns.already_used") at("used").hidden = false;
    else if (refusal.status === 404) memory = { session: null, seen: [] };
  }
  remember();
}

document.querySelectorAll(".asset").forEach((card) => card.addEventListener("click", () => open(card.dataset.slug)));

at("copy").addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(at("code").textContent);
    at("copy").textContent = words.copied;
  } catch { // Без https буфера нет: код выделен, остаётся скопировать.
    getSelection().selectAllChildren(at("code"));
  }
});

at("email-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    const sent = await call("POST", "/user/email/", { session_id: await session(), email: at("email").value });
    at("email-state").textContent = `${words.emailed} ${sent.email}`;
  } catch (refusal) {
    at("email-state").textContent = refusal.message;
  }
});

await restore();
// Кампания кончилась — заработанный код остаётся.
if (show.is_running) {
  paint();
  open(show.assets.find((asset) => !memory.seen.includes(asset.slug))?.slug ?? show.assets[0].slug);
}
