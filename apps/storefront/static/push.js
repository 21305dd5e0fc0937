// Уведомления этого браузера: спросить разрешение, подписать, отписать.
const box = document.querySelector("[data-push]");
const words = box.querySelector("[data-push-words]");
const on = box.querySelector("[data-push-on]");
const off = box.querySelector("[data-push-off]");

const show = (text, button) => {
  words.textContent = text;
  on.hidden = button !== on;
  off.hidden = button !== off;
};

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));

const tell = async (fields) => {
  const answer = await fetch("/notifications/push", { method: "POST", body: new URLSearchParams(fields) });
  if (!answer.ok) throw new Error(String(answer.status));
};

const look = async () => {
  if (Notification.permission === "denied") {
    return show("Уведомления запрещены в настройках браузера: разрешите их для этого сайта и вернитесь.");
  }
  const worker = await navigator.serviceWorker.getRegistration("/");
  const subscription = await worker?.pushManager.getSubscription();
  if (subscription) show("Сообщим о заказе прямо здесь.", off);
  else show("Сообщим о заказе, даже когда сайт закрыт.", on);
};

const subscribe = async () => {
  if ((await Notification.requestPermission()) !== "granted") return look();
  await navigator.serviceWorker.register("/sw.js", { scope: "/" });
  const worker = await navigator.serviceWorker.ready;
  const { public_key } = await (await fetch("/api/v1/push/key")).json();
  const subscription = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(public_key) });
  const { endpoint, keys } = subscription.toJSON();
  try {
    await tell({ endpoint, p256dh: keys.p256dh, auth: keys.auth });
  } catch (error) {
    // Магазин не запомнил — и браузеру незачем.
    await subscription.unsubscribe();
    throw error;
  }
  location.reload();
};

const unsubscribe = async () => {
  const worker = await navigator.serviceWorker.ready;
  const subscription = await worker.pushManager.getSubscription();
  if (subscription) {
    await tell({ endpoint: subscription.endpoint, forget: "1" });
    await subscription.unsubscribe();
  }
  location.reload();
};

const guard = (deed) => async () => {
  try {
    await deed();
  } catch {
    show("Не получилось. Попробуйте ещё раз чуть позже.", off.hidden ? on : off);
  }
};

if ("serviceWorker" in navigator && "PushManager" in window && "Notification" in window) {
  box.hidden = false;
  on.addEventListener("click", guard(subscribe));
  off.addEventListener("click", guard(unsubscribe));
  guard(look)();
}
