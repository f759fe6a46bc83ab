// Runs in every page before Streamlit's own script, which index.py puts it in front of.

// The browser's history has one entry for each page that was visited, and the entry's address follows the edits. Streamlit
// would add an entry for each edit, and Back would lead through them all, though Undo is what takes them back. On the way
// to another page it writes an empty query, and then that page's, while the address is still this page's: so the entry
// that is left gets back the address that it had when the reader last did something.
const { pushState, replaceState } = History.prototype;
let address = location.href;
for (const kind of ["pointerdown", "keydown", "click"]) addEventListener(kind, () => (address = location.href), true);
history.pushState = (state, title, next) => {
  const [here, there] = [location, new URL(next, location.href)];
  if (there.pathname === here.pathname) return replaceState.call(history, state, title, next);
  if (new URL(address).pathname === here.pathname) replaceState.call(history, history.state, title, address);
  pushState.call(history, state, title, next);
};

// Streamlit's list of pages is no list: it has chapters between its items. So it is told as what it is, links in groups.
new MutationObserver(() => {
  const items = "[data-testid=stSidebarNavItems]";
  for (const each of document.querySelectorAll(`${items}:not([role]), ${items} li:not([role])`)) each.role = "presentation";
  for (const chapter of document.querySelectorAll(`${items} > div:not([role])`)) {
    chapter.role = "group";
    chapter.ariaLabel = chapter.querySelector("[data-testid=stNavSectionHeader] p")?.textContent ?? "";
  }
}).observe(document, { childList: true, subtree: true });

// Streamlit tells its app alone whether it is light or dark, and a dialog lies beside that.
const PACE = 500; // ms between two looks
setInterval(() => {
  const app = document.querySelector("[data-testid=stApp]");
  if (app) document.body.style.colorScheme = getComputedStyle(app).colorScheme;
}, PACE);

// What the other pages need is fetched while the reader is still at the first: the programs of Streamlit's elements, whose
// addresses index.py puts here.
const REST = 2000; // ms
const elements = /** @type {string[]} */ ([]);
const rests = setInterval(() => {
  if (!document.querySelector("[data-test-script-state=notRunning] h1")) return;
  clearInterval(rests);
  if (!navigator["connection"]?.saveData) fetchNext(); // which Chromium alone knows
}, REST);
function fetchNext() {
  const program = elements.shift();
  if (!program) return;
  const link = Object.assign(document.createElement("link"), { rel: "modulepreload", href: program, onload: fetchNext });
  document.head.append(link);
}

// Without a WebSocket Streamlit shows an empty page, and says nothing. This sentence stays English: the server, which
// knows the languages, cannot be asked.
const PATIENCE = 10; // seconds
const LOST =
  "No connection to the server: still trying. This page needs WebSockets. If you never see it, a proxy on the way does " +
  "not let them through; docs/CLASSROOM.md says how it can.";
const notice = Object.assign(document.createElement("p"), { textContent: LOST, role: "alert" });
notice.style.cssText =
  "position: fixed; inset: 0 0 auto; z-index: 1000000; margin: 0; padding: 1rem; " +
  "background: #8f3d10; color: #fff; font: 1rem/1.5 sans-serif; text-align: center;";
let silence = 0; // seconds without a connection
setInterval(() => {
  silence = document.querySelector("[data-test-connection-state=CONNECTED]") ? 0 : silence + 1;
  if (silence < PATIENCE) notice.remove();
  else if (!notice.isConnected) document.body.append(notice);
}, 1000);
