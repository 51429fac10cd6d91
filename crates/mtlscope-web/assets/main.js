// The page's beginning: which view is shown, what is open, and the keys that work everywhere.

import { listen } from "./ask.js";
import { Table } from "./table.js";
import { FilterBox } from "./filter.js";
import { Picture } from "./picture.js";
import { Detail } from "./connection.js";
import { Bringing } from "./bring.js";
import { Paper } from "./print.js";

export const part = (id) => document.getElementById(id);

/** An element with its class and text. Text from a wire enters the page here, as text. */
export function element(name, className = "", text = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

/** Says something to who cannot see the page. */
export function say(sentence) {
  part("said").textContent = sentence;
}

/** Shows what went wrong, until something else is done. */
export function complain(sentence) {
  const trouble = part("trouble");
  trouble.textContent = sentence ?? "";
  trouble.hidden = !sentence;
}

const query = { filter: "", search: "", sort: "start", descending: false };
const table = new Table(query, (key) => choose(key));
const picture = new Picture(query, (filter) => filterBox.set(filter));
const filterBox = new FilterBox((filter) => ask({ filter }));
const detail = new Detail(table);
new Bringing(() => state);
new Paper(query);

/** Notices that are shown without being asked for. */
const MOST_NOTICES = 3;
/** Captures that stand in the bar one by one. */
const MOST_CAPTURES = 4;

let state = null;
let choosing = null;

function ask(change) {
  Object.assign(query, change);
  table.refresh(true);
  picture.refresh();
}

// The address of a view stands behind `#`, so that going back and bookmarks work.
function show() {
  const [view, one, other] = location.hash.replace(/^#\/?/, "").split("/");
  complain(null);
  const isTable = !["connection", "compare", "rule"].includes(view);
  const returns = isTable && part("table-view").hidden;
  part("table-view").hidden = !isTable;
  part("detail-view").hidden = isTable;
  if (isTable) {
    document.title = "Connections - mtlscope";
    table.shown();
    if (returns) table.focus();
  } else {
    detail.show(view, decodeURIComponent(one ?? ""), decodeURIComponent(other ?? ""));
  }
}

/** A row was chosen: it is opened, or compared with the one that was chosen before. */
function choose(key) {
  if (choosing && choosing !== key) {
    const first = choosing;
    endChoosing();
    location.hash = `#/compare/${first}/${key}`;
  } else {
    location.hash = `#/connection/${key}`;
  }
}

export function beginChoosing(key) {
  choosing = key;
  part("choosing-what").textContent = `Choose the connection to compare #${key.split("-")[1]} with.`;
  part("choosing").hidden = false;
  if (part("table-view").hidden) location.hash = "#/";
  else table.focus();
}

function endChoosing() {
  choosing = null;
  part("choosing").hidden = true;
}

function hear(now) {
  const before = state;
  state = now;
  complain(null);
  showCaptures(now);
  const isEmpty = now.captures.length === 0;
  part("empty").hidden = !isEmpty;
  for (const id of ["ask", "count", "table"]) part(id).hidden = isEmpty;
  if (!before || before.version !== now.version || stage(before) !== stage(now) || filtering()) {
    renew();
  }
  if (before && before.generation !== now.generation) detail.keysCame();
  if (before && stage(before) === "reading" && stage(now) === "done") detail.wasRead();
}

let isResting = false;
let isDue = false;

/** Shows what has changed. Then it rests four times as long as that took, so that reading is not held up by looking. */
async function renew() {
  if (isResting) {
    isDue = true;
    return;
  }
  isResting = true;
  const begin = performance.now();
  table.refresh(false);
  await picture.refresh();
  setTimeout(() => {
    isResting = false;
    if (isDue) {
      isDue = false;
      renew();
    }
  }, 4 * (performance.now() - begin));
}

const filtering = () => query.filter !== "" && table.isFiltering;

function stage(of) {
  return of.captures.some((capture) => capture.stage === "reading" || capture.stage === "waiting") ? "reading" : "done";
}

function showCaptures(now) {
  const names = now.captures.map((capture) => capture.name.split("/"));
  const isUnique = new Set(names.map((name) => name.at(-1))).size === names.length;
  const items = now.captures.map((capture, place) => {
    const item = element("li", `capture ${capture.stage}`);
    item.append(element("span", "name", names[place].slice(isUnique ? -1 : -2).join("/")));
    item.title = capture.name;
    if (capture.live && capture.stage === "running") item.append(element("span", "live", "live"));
    if (capture.error) item.append(element("span", "error", capture.error));
    return item;
  });
  if (now.let_go) items.push(element("li", "error", `${now.let_go} connections found no room in the table`));
  const place = part("captures");
  const list = element("ul");
  list.setAttribute("aria-label", "Captures");
  list.append(...items);
  if (items.length <= MOST_CAPTURES) {
    place.replaceChildren(list);
  } else {
    // So many that they would fill the bar: folded, and left as they are while somebody reads them.
    const folded = element("details");
    folded.append(element("summary", "", `${now.captures.length} captures`), list);
    folded.open = place.querySelector("details")?.open ?? false;
    place.replaceChildren(folded);
  }
  showNotices(now);
  const reading = now.captures.find((capture) => capture.stage === "reading");
  const progress = part("progress");
  progress.hidden = stage(now) === "done";
  if (reading?.total) progress.value = reading.read / reading.total;
  else progress.removeAttribute("value");
}

/** What is odd about the captures, in full sentences: a few, and the rest folded. */
function showNotices(now) {
  const named = now.captures.length > 1;
  const sentences = now.captures.flatMap((capture) =>
    capture.notices.map((notice) => (named ? `${capture.name.split("/").at(-1)}: ${notice}` : notice)),
  );
  const place = part("notices");
  place.hidden = sentences.length === 0;
  if (place.dataset.said === sentences.join("\n")) return;
  place.dataset.said = sentences.join("\n");
  const items = sentences.map((sentence) => element("li", "", sentence));
  const list = element("ul");
  list.append(...items.splice(0, items.length > MOST_NOTICES ? MOST_NOTICES - 1 : MOST_NOTICES));
  place.replaceChildren(list);
  if (items.length === 0) return;
  const [folded, others] = [element("details"), element("ul")];
  others.append(...items);
  folded.append(element("summary", "", `${items.length} more`), others);
  place.append(folded);
}

let searching;
part("search").addEventListener("input", (event) => {
  clearTimeout(searching);
  searching = setTimeout(() => ask({ search: event.target.value }), 120);
});
// Enter, and the cross that empties the box.
part("search").addEventListener("search", (event) => {
  clearTimeout(searching);
  ask({ search: event.target.value });
});
part("choosing-end").addEventListener("click", endChoosing);
part("skip").addEventListener("click", () => part("main").focus());
table.onSort = (sort) => ask(sort);

document.addEventListener("keydown", (event) => {
  const isTyping = event.target.matches("input, textarea, select");
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || part("keys-dialog").open) return;
  if (event.key === "Escape") {
    if (choosing) endChoosing();
    else if (!part("detail-view").hidden && !isTyping) detail.leave();
    return;
  }
  if (isTyping) return;
  const keys = {
    "/": () => (part("table-view").hidden ? null : part("filter").focus()),
    o: () => part("open-button").click(),
    k: () => part("keys-button").click(),
    "[": () => part("previous").click(),
    "]": () => part("next").click(),
    c: () => (part("table-view").hidden ? part("compare-button").click() : table.current && beginChoosing(table.current)),
  };
  if (keys[event.key]) {
    event.preventDefault();
    keys[event.key]();
  }
});

window.addEventListener("hashchange", show);
listen(hear, (isOver) => complain(isOver ? "The program has ended." : "The program does not answer. Does it still run?"));
show();
