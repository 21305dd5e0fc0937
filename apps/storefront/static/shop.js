// Удобства поверх страниц, которые работают и без скрипта.
document.documentElement.classList.add("script");

// Фильтры и количество в корзине отправляются сами, без кнопки.
for (const form of document.querySelectorAll("form[data-auto]")) {
  form.addEventListener("change", () => form.requestSubmit());
}

// Пустые поля фильтра не засоряют адрес.
for (const form of document.querySelectorAll("form[method=get]")) {
  form.addEventListener("formdata", (event) => {
    for (const [name, value] of [...event.formData]) if (!value) event.formData.delete(name);
  });
}

// На узком экране строка разделов прокручена к нынешнему.
document.querySelector(".sections [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center", behavior: "instant" });

// Итог при оформлении следует за выбранной доставкой; окончательный считает сервер.
const total = document.querySelector(".checkout [data-total]");
const delivery = document.querySelector(".checkout [data-delivery]");
const rub = (kopecks) => {
  const whole = String(Math.floor(kopecks / 100)).replace(/\B(?=(\d{3})+$)/g, "\u00a0");
  const rest = kopecks % 100;
  return whole + (rest ? "," + String(rest).padStart(2, "0") : "") + "\u00a0₽";
};
const price = () => {
  const way = document.querySelector(".checkout [name=delivery]:checked");
  const city = way?.closest(".choice").querySelector("[name=city] option:checked");
  return Number((city || way)?.dataset.price);
};
if (total && delivery) {
  document.querySelector(".checkout").addEventListener("change", () => {
    if (Number.isNaN(price())) return;
    delivery.textContent = price() ? rub(price()) : "бесплатно";
    total.textContent = rub(Number(total.dataset.total) + price());
  });
}
