// Удобства поверх работающего и без них: отметить все, подсказки выбора, предпросмотр картинок.
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
