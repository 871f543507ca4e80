// @ts-check
// Keys and swaps for pages that work without them: a key presses the control that carries it in data-key, and links and
// forms of this server replace the page in place. Nothing is decided here.

const TYPING = "input:not([type=checkbox]), textarea, select, [contenteditable]";
const NATIVE = "button, a, summary";
const FIRST_WAIT = 1200; // milliseconds for the second key of two

/** Ids of findings that were chosen by hand, on any page of the list. @type {Set<string>} */
const chosen = new Set();
let prefix = "";
let prefixTimer = 0;
/** Swaps and keys run one after another, so that a quick second key meets the next row. */
let queue = Promise.resolve();

/** The key as data-key writes it. @param {KeyboardEvent} event */
function nameOf(event) {
  const control = event.ctrlKey || event.metaKey;
  const special = event.key.length > 1 || control;
  const key = control ? event.key.toLowerCase() : event.key;
  return (event.shiftKey && special ? "Shift+" : "") + (control ? "Control+" : "") + key;
}

/** The first control on the page that carries the key. @param {string} key @returns {HTMLElement | undefined} */
function controlOf(key) {
  const all = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-key]")]);
  return all.find((one) => {
    const keys = one.dataset.key ?? "";
    return keys === key || (!keys.startsWith("g ") && keys.split(" ").includes(key));
  });
}

/** @param {HTMLElement} control */
function press(control) {
  if (control.matches("summary")) {
    const details = /** @type {HTMLDetailsElement} */ (control.parentElement);
    details.open = true;
    /** @type {HTMLElement | null} */ (details.querySelector("input:not([type=hidden]), textarea"))?.focus();
  } else if (control.matches(TYPING)) {
    control.focus();
  } else {
    control.click();
  }
}

document.addEventListener("keydown", (event) => {
  const target = /** @type {HTMLElement} */ (event.target);
  if (event.key === "Escape" && target.matches(TYPING)) return target.blur();
  if (event.altKey || event.isComposing || target.matches(TYPING)) return;
  if (document.querySelector(":popover-open") && event.key !== "?") return;
  if (event.key === "Enter" && target.matches(NATIVE) && !event.shiftKey) return;
  if (event.shiftKey && ["J", "K"].includes(event.key)) {
    event.preventDefault();
    return extend(event.key.toLowerCase());
  }
  const key = prefix + nameOf(event);
  clearTimeout(prefixTimer);
  if (!prefix && event.key === "g" && !event.ctrlKey && !event.metaKey) {
    prefix = "g ";
    prefixTimer = window.setTimeout(() => (prefix = ""), FIRST_WAIT);
    return event.preventDefault();
  }
  prefix = "";
  if (!controlOf(key)) return;
  event.preventDefault();
  queue = queue.then(() => {
    const control = controlOf(key);
    if (control) press(control);
    return pending;
  });
});

/** Select the finding in focus and go on. @param {string} key */
function extend(key) {
  queue = queue.then(() => {
    const box = /** @type {HTMLInputElement | null} */ (document.querySelector("li[aria-current] input[name=chosen]"));
    if (box && !box.checked) box.click();
    controlOf(key)?.click();
    return pending;
  });
}

/** The swap that a click has just begun. @type {Promise<void>} */
let pending = Promise.resolve();

let latest = 0;

/** @param {string} url @param {RequestInit} options @param {"push" | "keep"} history_ */
async function swap(url, options, history_) {
  const own = ++latest;
  document.body.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(url, { ...options, credentials: "same-origin" });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    if (own !== latest) return; // a later page was asked for, as by going back twice
    if (!response.ok) return say(page.querySelector("#sorry, p")?.textContent ?? "That did not work.", true);
    show(page);
    if (history_ === "push" && response.url !== location.href) history.pushState(null, "", response.url);
  } catch {
    say("The server does not answer. What was shown as done is stored; start dechaff review again.", true);
  } finally {
    if (own === latest) document.body.removeAttribute("aria-busy");
  }
}

/** @param {Document} page */
function show(page) {
  const id = document.activeElement?.matches("a") ? document.activeElement.id : "";
  const scrolled = document.querySelector(".items")?.scrollTop ?? 0;
  document.title = page.title;
  document.body.className = page.body.className;
  document.body.replaceChildren(...page.body.childNodes);
  const list = document.querySelector(".items");
  if (list) list.scrollTop = scrolled;
  arrive();
  const same = id && document.getElementById(id);
  (same || document.getElementById("focus"))?.focus({ preventScroll: true });
  if (!same) window.scrollTo({ top: 0 });
}

/** @param {string} sentence @param {boolean} bad */
function say(sentence, bad) {
  const place = /** @type {HTMLElement} */ (document.getElementById("said"));
  place.textContent = sentence;
  place.classList.toggle("bad", bad);
}

/** What a page needs once it is there: the choice by hand, the current finding in sight, the progress of a job. */
function arrive() {
  for (const box of document.querySelectorAll("input[name=chosen]")) {
    const one = /** @type {HTMLInputElement} */ (box);
    one.checked = chosen.has(one.value);
  }
  document.querySelector(".items li[aria-current]")?.scrollIntoView({ block: "nearest" });
  const job = /** @type {HTMLElement | null} */ (document.querySelector("[data-job]"));
  if (job) watch(job);
}

/** @param {HTMLElement} place */
function watch(place) {
  const address = place.dataset.job ?? "";
  const events = new EventSource(`${address}/events`);
  events.onmessage = (message) => {
    const { step, done, total, state } = JSON.parse(message.data);
    if (!place.isConnected) return events.close();
    const bar = /** @type {HTMLProgressElement} */ (place.querySelector("progress"));
    const words = /** @type {HTMLElement} */ (place.querySelector("[data-step]"));
    if (total) [bar.max, bar.value, words.textContent] = [total, done, step];
    if (state === "running") return;
    events.close();
    swap(address, {}, "push");
  };
}

document.addEventListener("change", (event) => {
  const box = /** @type {HTMLInputElement} */ (event.target);
  if (box.name !== "chosen") return;
  if (box.checked) chosen.add(box.value);
  else chosen.delete(box.value);
});

document.addEventListener("click", (event) => {
  const link = /** @type {HTMLAnchorElement | null} */ (/** @type {Element} */ (event.target).closest("a[href]"));
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button || link.origin !== location.origin) return;
  if (link.getAttribute("href")?.startsWith("#")) return;
  event.preventDefault();
  pending = swap(link.href, {}, "push");
});

document.addEventListener("submit", (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  const data = new FormData(form, event.submitter);
  if (form.id === "bulk") {
    for (const id of chosen) if (!data.getAll("chosen").includes(id)) data.append("chosen", id);
  }
  if (form.getAttribute("action") === "/accept") chosen.clear();
  const body = new URLSearchParams(/** @type {any} */ (data));
  event.preventDefault();
  const address = new URL(form.action);
  if (form.method === "post") pending = swap(address.href, { method: "POST", body }, "push");
  else {
    address.search = body.toString();
    pending = swap(address.href, {}, "push");
  }
});

window.addEventListener("popstate", () => (pending = swap(location.href, {}, "keep")));
arrive();
