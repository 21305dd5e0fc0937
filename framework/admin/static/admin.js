// Удобства поверх работающего и без них: отметить все, подсказки выбора, предпросмотр картинок и моделей, порядок строк.
document.addEventListener("change", (event) => {
  const box = event.target;
  if (box.matches("[data-all]")) {
    for (const one of box.form.querySelectorAll("input[name=ids]")) one.checked = box.checked;
  }
  if (box.matches("[data-preview]")) preview(box);
});

function preview(input) {
  input.parentElement.querySelector(".previews")?.remove();
  const list = document.createElement("div");
  list.className = "previews";
  for (const file of input.files) {
    if (/\.glb$/i.test(file.name) && input.dataset.viewer) {
      const model = document.createElement("model-viewer");
      model.className = "model";
      const attributes = { src: URL.createObjectURL(file), alt: file.name, "camera-controls": "" };
      for (const [name, value] of Object.entries(attributes)) model.setAttribute(name, value);
      list.append(model);
      loadViewer(input);
    }
    if (!file.type.startsWith("image/")) continue;
    const reader = new FileReader();
    const image = new Image();
    image.alt = file.name;
    reader.onload = () => { image.src = reader.result; };
    reader.readAsDataURL(file);
    list.append(image);
  }
  input.after(list);
}

// Просмотрщик 3D велик: его берёт только та страница, где есть что показать. Распаковщик он спрашивает, появляясь.
function loadViewer({ dataset }) {
  self.ModelViewerElement ??= { dracoDecoderLocation: dataset.draco };
  return import(dataset.viewer);
}

const model = document.querySelector("model-viewer[data-viewer]");
if (model) loadViewer(model);

// Раскрытые разделы меню браузер помнит; раздел, где человек сейчас, раскрыт и так.
const sections = [...document.querySelectorAll(".menu [data-section]")];
const memory = {
  get: () => new Set(JSON.parse(localStorage.getItem("admin:menu") ?? "[]")),
  put: (names) => localStorage.setItem("admin:menu", JSON.stringify([...names])),
};
for (const one of sections) {
  if (memory.get().has(one.dataset.section)) one.open = true;
  one.querySelector("summary").addEventListener("click", () => {
    const names = memory.get();
    if (one.open) names.delete(one.dataset.section);
    else names.add(one.dataset.section);
    memory.put(names);
  });
}

// Порядок строк: ручку тянут мышью или пальцем, с клавиатуры — стрелками; места пересчитываются сами.
for (const list of document.querySelectorAll("[data-order]")) {
  const renumber = () => {
    for (const [n, place] of [...list.querySelectorAll("input.place")].entries()) place.value = n + 1;
    list.closest("form").querySelector(".save-order button")?.classList.remove("quiet");
  };
  for (const item of list.children) {
    const place = item.querySelector("input.place");
    const handle = document.createElement("button");
    Object.assign(handle, { type: "button", className: "handle", textContent: "⠿", title: list.dataset.order });
    handle.setAttribute("aria-label", `${place.getAttribute("aria-label")}. ${list.dataset.order}`);
    place.hidden = true;
    place.before(handle);
    handle.addEventListener("keydown", (event) => {
      const other = { ArrowUp: item.previousElementSibling, ArrowDown: item.nextElementSibling }[event.key];
      if (!other) return;
      event.preventDefault();
      if (event.key === "ArrowUp") other.before(item);
      else other.after(item);
      renumber();
      handle.focus();
    });
    handle.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      handle.setPointerCapture(event.pointerId);
      item.classList.add("moving");
    });
    handle.addEventListener("pointermove", (event) => {
      if (!handle.hasPointerCapture(event.pointerId)) return;
      const over = [...list.children].find((one) => {
        const box = one.getBoundingClientRect();
        return one !== item && event.clientY >= box.top && event.clientY <= box.bottom;
      });
      if (!over) return;
      const isBelow = item.compareDocumentPosition(over) & Node.DOCUMENT_POSITION_FOLLOWING;
      // Соседи бывают разной высоты: меняются, только когда указатель прошёл середину.
      const box = over.getBoundingClientRect();
      const middle = box.top + box.height / 2;
      if (isBelow ? event.clientY < middle : event.clientY > middle) return;
      // Двигается сосед: сдвинутый сам потерял бы указатель.
      if (isBelow) item.before(over);
      else item.after(over);
      renumber();
    });
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
      handle.addEventListener(end, () => item.classList.remove("moving"));
    }
  }
}

for (const field of document.querySelectorAll(".pick")) {
  const search = field.querySelector("input[type=search]");
  let last = "";
  let timer = 0;
  search.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => suggest(field, search.value.trim()), 200);
  });
  async function suggest(field, text) {
    if (text.length < 2 || text === last) return;
    last = text;
    const answer = await fetch(`${field.dataset.pick}?q=${encodeURIComponent(text)}`, { headers: { accept: "application/json" } });
    if (!answer.ok || text !== last) return;
    const chosen = field.querySelector(".picked");
    for (const label of chosen.querySelectorAll("label")) {
      const box = label.querySelector("input");
      if (!box.checked && box.value) label.remove();
    }
    const kept = new Set([...chosen.querySelectorAll("input")].map((box) => box.value));
    for (const [id, title] of await answer.json()) {
      if (kept.has(String(id))) continue;
      const label = document.createElement("label");
      label.className = "check";
      const box = document.createElement("input");
      box.type = field.dataset.many ? "checkbox" : "radio";
      box.name = field.dataset.name;
      box.value = id;
      label.append(box, " ", title);
      chosen.append(label);
    }
  }
}
