// @ts-check
// Keys and swaps for pages that work without them: a key presses the control whose data-act is its action, and links and
// forms of this server replace the page in place. Nothing is decided here.

const TYPING = "input:not([type=checkbox]), textarea, select, [contenteditable]";
const NATIVE = "button, a, summary";
const FIRST_WAIT = 1200; // milliseconds for the second key of two
const REST = 250; // milliseconds after which a person is taken to look, so that the next page may be fetched
const STALE = 60_000; // milliseconds after which a page that was fetched ahead is fetched again

const AHEAD = { headers: { "Dechaff-Ahead": "1" } }; // what was done is then left for the page that follows

/** Ids of findings that were chosen by hand, on any page of the list. @type {Set<string>} */
const chosen = new Set();
let prefix = "";
let prefixTimer = 0;
/** Swaps and keys run one after another, so that a quick second key meets the next row. */
let queue = Promise.resolve();

/** Key -> action, and the first keys of two. @type {Record<string, string>} */
const actions = JSON.parse(document.body.dataset.keys ?? "{}");
const firsts = new Set(Object.keys(actions).filter((key) => key.includes(" ")).map((key) => key.split(" ")[0]));

/** The key as the table of keys has it. @param {KeyboardEvent} event */
function nameOf(event) {
  const control = event.ctrlKey || event.metaKey;
  const special = event.key.length > 1 || event.key === " " || control;
  const key = event.key === " " ? "Space" : control && event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return (event.shiftKey && special ? "Shift+" : "") + (control ? "Control+" : "") + key;
}

/** The first control on the page for an action. @param {string} action */
const controlOf = (action) => /** @type {HTMLElement | null} */ (document.querySelector(`[data-act="${action}"]`));

/** @param {HTMLElement} control */
function press(control) {
  if (control.localName === "summary") {
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
  if (event.key === "Enter" && target.matches(NATIVE) && !event.shiftKey) return;
  const name = nameOf(event);
  const key = prefix + name;
  clearTimeout(prefixTimer);
  if (!prefix && firsts.has(name)) {
    prefix = `${name} `;
    prefixTimer = window.setTimeout(() => (prefix = ""), FIRST_WAIT);
    return event.preventDefault();
  }
  prefix = "";
  const action = actions[key] ?? "";
  const onto = action.replace("extend-", "");
  if (!controlOf(onto) || (document.querySelector(":popover-open") && action !== "help")) return;
  event.preventDefault();
  queue = queue.then(() => {
    if (action !== onto) select();
    const control = controlOf(onto);
    if (control) press(control);
    return pending;
  });
});

/** Select the finding in focus. */
function select() {
  const box = /** @type {HTMLInputElement | null} */ (document.querySelector("li[aria-current] input[name=chosen]"));
  if (box && !box.checked) box.click();
}

/** The swap that a click has just begun. @type {Promise<void>} */
let pending = Promise.resolve();

let latest = 0;

/** The page that most likely comes next, fetched while the person looks.
 * @type {{url: string, row?: string, page: Document, at: number} | null} */
let ahead = null;
let aheadTimer = 0;

/** @param {string} url @param {RequestInit} options */
async function get(url, options = {}) {
  const response = await fetch(url, { ...options, credentials: "same-origin" });
  return { response, page: new DOMParser().parseFromString(await response.text(), "text/html") };
}

/** The page at an address, if it was fetched ahead. @param {string | undefined} url */
const fetched = (url) => (ahead && ahead.url === url && performance.now() - ahead.at < STALE ? ahead : null);

/** @param {string} url @param {RequestInit} options @param {"push" | "keep"} history_ */
async function swap(url, options, history_) {
  const own = ++latest;
  document.body.setAttribute("aria-busy", "true");
  try {
    const next = options.body ? fetchedAfter(/** @type {URLSearchParams} */ (options.body)) : fetched(url);
    const redirect = next ? "manual" : "follow"; // that the server redirects means that it has stored the decision
    const skip = next && !options.body;
    const { response, page } = skip ? { response: null, page: next.page } : await get(url, { ...options, redirect });
    if (own !== latest) return; // a later page was asked for, as by going back twice
    if (response && !response.ok && response.type !== "opaqueredirect") return say(sorryOf(page), true);
    show(next ? next.page : page);
    const shown = next ? next.url : /** @type {Response} */ (response).url;
    if (history_ === "push" && shown !== location.href) history.pushState(null, "", shown);
    if (next) refresh(shown, own);
  } catch {
    say("The server does not answer. What was shown as done is stored; start dechaff review again.", true);
  } finally {
    if (own === latest) document.body.removeAttribute("aria-busy");
  }
}

/** The next finding's page, if it is there and cannot have changed by the decision. @param {URLSearchParams} form */
function fetchedAfter(form) {
  const link = /** @type {HTMLAnchorElement | null} */ (document.getElementById("go-next"));
  const row = /** @type {HTMLElement | null} */ (document.querySelector(".focus"))?.dataset.row;
  const next = form.has("next") && (form.get("next") || form.get("turn")) ? fetched(link?.href) : null;
  return next && next.row !== row ? next : null;
}

/** @param {Document} page */
const sorryOf = (page) => (page.getElementById("sorry") ?? page.querySelector("p"))?.textContent ?? "That did not work.";

/** What a decision has changed beside the finding that is shown already. @param {string} url @param {number} own */
async function refresh(url, own) {
  const { response, page } = await get(url);
  if (own !== latest || !response.ok) return;
  say(page.getElementById("said")?.textContent ?? "", false);
  for (const part of [".filters", ".list"]) {
    const [old, fresh] = [document.querySelector(part), page.querySelector(part)];
    if (!old || !fresh || old.contains(document.activeElement)) continue;
    keepingScroll(() => old.replaceWith(fresh));
  }
  settle();
}

/** @param {() => void} change */
function keepingScroll(change) {
  const scrolled = document.querySelector(".items")?.scrollTop ?? 0;
  change();
  const list = document.querySelector(".items");
  if (list) list.scrollTop = scrolled;
}

/** Fetch a part of a page, and put it in place. @param {Element} place @param {string} address */
async function fill(place, address) {
  const found = await get(address).catch(() => null); // if it fails, the link that is there stays
  if (found?.response.ok) place.replaceChildren(...found.page.body.childNodes);
}

/** The parts that a page leaves for later. @param {Document} page */
function fillLater(page) {
  for (const one of page.querySelectorAll("[data-later]")) {
    const place = /** @type {HTMLElement} */ (one);
    const address = place.dataset.later ?? "";
    delete place.dataset.later;
    fill(place, address);
  }
}

/** Once the person looks: the figures of the whole queue, and the next page. */
async function lookAhead() {
  const soFar = document.querySelector(".so-far");
  if (soFar) fill(soFar, "/so-far");
  const link = /** @type {HTMLAnchorElement | null} */ (document.getElementById("go-next"));
  const own = latest;
  if (!link) return;
  const { response, page } = await get(link.href, AHEAD).catch(() => ({ response: null, page: document }));
  if (own !== latest || !response?.ok) return;
  fillLater(page);
  const row = /** @type {HTMLElement | null} */ (page.querySelector(".focus"))?.dataset.row;
  ahead = { url: link.href, row, page, at: performance.now() };
}

/** @param {Document} page */
function show(page) {
  const id = document.activeElement?.matches(".filters a, #edit-column") ? document.activeElement.id : "";
  const soFar = document.querySelector(".so-far");
  document.title = page.title;
  document.body.className = page.body.className;
  keepingScroll(() => document.body.replaceChildren(...page.body.childNodes));
  if (soFar) document.querySelector(".so-far")?.replaceChildren(...soFar.childNodes); // until the new one is there
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

/** What a page needs once it is there: what was left for later, and the progress of a job. */
function arrive() {
  ahead = null;
  settle();
  fillLater(document);
  const job = /** @type {HTMLElement | null} */ (document.querySelector("[data-job]"));
  if (job) watch(job);
}

/** The choice by hand, the current finding in sight; then time to look ahead. */
function settle() {
  clearTimeout(aheadTimer);
  aheadTimer = window.setTimeout(lookAhead, REST);
  for (const box of document.querySelectorAll("input[name=chosen]")) {
    const one = /** @type {HTMLInputElement} */ (box);
    one.checked = chosen.has(one.value);
  }
  keepInSight();
}

/** Scroll the list, and never the page, to the finding in focus. */
function keepInSight() {
  const list = document.querySelector(".items");
  const current = list?.querySelector("li[aria-current]");
  if (!list || !current) return;
  const [frame, line] = [list.getBoundingClientRect(), current.getBoundingClientRect()];
  list.scrollTop += Math.min(0, line.top - frame.top) + Math.max(0, line.bottom - frame.bottom);
}

/** @param {HTMLElement} place */
function watch(place) {
  const address = place.dataset.job ?? "";
  const events = new EventSource(`${address.split("?")[0]}/events`);
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

document.addEventListener("toggle", (event) => {
  const list = /** @type {HTMLElement} */ (event.target);
  if (list.matches(":popover-open")) list.focus(); // so that the arrow keys scroll it
}, true);

document.addEventListener("change", (event) => {
  const box = /** @type {HTMLInputElement} */ (event.target);
  if (box.matches("#edit-column")) return box.form?.requestSubmit(); // the cell of another column
  if (box.name !== "chosen") return;
  if (box.checked) chosen.add(box.value);
  else chosen.delete(box.value);
});

document.addEventListener("click", (event) => {
  const link = /** @type {HTMLAnchorElement | null} */ (/** @type {Element} */ (event.target).closest("a[href]"));
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button || link.origin !== location.origin) return;
  if (link.getAttribute("href")?.startsWith("#")) return;
  event.preventDefault();
  if (event.detail) link.blur(); // of a mouse: Enter then means the finding, and not this link again
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
