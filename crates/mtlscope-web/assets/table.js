// The table: however many connections there are, no more rows are in the page than are seen. The program sorts, searches and
// filters, and gives a window.

import { json } from "./ask.js";
import { complain, element, part } from "./main.js";

/** Each column: the word that sorts by it, its heading, its class, and what a row has for it. */
export const COLUMNS = [
  { sort: "start", title: "Time", cell: time, about: "UTC" },
  { sort: "client", title: "Client", cell: (row, span) => span.append(row.client) },
  { sort: "server", title: "Server", cell: (row, span) => span.append(row.server) },
  { sort: "name", title: "Name", cell: (row, span) => span.append(row.name) },
  { sort: "version", title: "Version", cell: (row, span) => span.append(row.version) },
  { sort: "asked", title: "Asked", cell: (row, span) => span.append(row.asked) },
  { sort: "answered", title: "Answered", cell: (row, span) => span.append(row.answered) },
  { sort: "outcome", title: "Outcome", cell: outcome },
  { sort: "finding", title: "First finding", cell: finding },
];
/** Rows that are asked for at once. */
const PAGE = 100;
/** Rows drawn above and below what is seen. */
const MARGIN = 8;
/** No browser draws an element that is much taller. */
const TALLEST = 15_000_000;

const MARKS = { accepted: "✓", refused: "✗", incomplete: "…", unknown: "?" };

function outcome(row, span) {
  const badge = element("span", `came-out ${row.outcome}`);
  const mark = element("span", "mark", MARKS[row.outcome] ?? "");
  mark.setAttribute("aria-hidden", "true");
  badge.append(mark, row.outcome === "refused" && row.by ? `refused by ${row.by}` : row.outcome);
  span.append(badge);
}

function finding(row, span) {
  if (!row.rule) return;
  span.append(element("span", `cause ${row.severity}`, row.rule), " ", element("span", "why", row.finding));
  span.title = row.finding;
}

/** `2026-11-21 19:21:32.283`, in UTC. */
export const moment = (row) => new Date(Number(BigInt(row.start) / 1_000_000n)).toISOString().slice(0, 23).replace("T", " ");

/** What all rows that were seen have in common of their times is left out: the day, or the year. */
const left = { day: null, from: 11 };

function time(row, span) {
  const text = moment(row);
  span.append(text.slice(left.from));
  span.title = `${text} UTC`;
}

/** Whether the rows leave less in common than those before. */
function spreads(rows) {
  const before = left.from;
  for (const row of rows) {
    const text = moment(row);
    left.day ??= text;
    while (left.from > 0 && text.slice(0, left.from) !== left.day.slice(0, left.from)) left.from = left.from > 5 ? 5 : 0;
  }
  return left.from !== before;
}

export class Table {
  constructor(query, choose) {
    this.query = query;
    this.choose = choose;
    this.body = part("body");
    this.length = part("length");
    this.pages = new Map();
    this.drawn = new Map();
    this.meant = 0;
    this.at = 0;
    this.round = 0;
    this.asking = new Map();
    this.makeHead();
    this.body.addEventListener("scroll", () => this.later(), { passive: true });
    new ResizeObserver(() => this.draw()).observe(this.body);
    part("table").addEventListener("keydown", (event) => this.key(event));
    this.body.addEventListener("click", (event) => this.click(event));
  }

  /** The key of the row that the keyboard is at. */
  get current() {
    return this.row(this.at)?.key ?? null;
  }

  makeHead() {
    const cells = COLUMNS.map((column, place) => {
      const cell = element("div", `cell of-${column.sort}`);
      cell.setAttribute("role", "columnheader");
      cell.setAttribute("aria-colindex", place + 1);
      const button = element("button", "", column.title);
      if (column.about) button.title = column.about;
      button.type = "button";
      button.addEventListener("click", () => this.sort(column.sort));
      cell.append(button);
      return cell;
    });
    part("columns").replaceChildren(...cells);
    part("table").setAttribute("aria-colcount", COLUMNS.length);
    this.showSort();
  }

  sort(column) {
    const descending = this.query.sort === column ? !this.query.descending : false;
    this.at = 0;
    this.body.scrollTop = 0;
    this.onSort({ sort: column, descending });
    this.showSort();
  }

  showSort() {
    for (const [place, cell] of [...part("columns").children].entries()) {
      const isIt = COLUMNS[place].sort === this.query.sort;
      cell.setAttribute("aria-sort", !isIt ? "none" : this.query.descending ? "descending" : "ascending");
    }
  }

  /** Something has changed: the rows that are seen are asked for again. What is seen stays until they come. */
  refresh(isOther) {
    this.round += 1;
    this.stale = this.pages;
    this.pages = new Map();
    this.asking.clear();
    if (isOther) {
      this.body.scrollTop = 0;
      this.at = 0;
    }
    this.draw();
  }

  shown() {
    this.draw();
  }

  focus() {
    this.move(this.at);
  }

  row(place) {
    const page = Math.floor(place / PAGE);
    return (this.pages.get(page) ?? this.stale?.get(page))?.[place % PAGE] ?? null;
  }

  async bring(page) {
    if (this.pages.has(page) || this.asking.has(page)) return;
    const round = this.round;
    this.asking.set(page, true);
    try {
      const answer = await json("/api/rows", { ...this.query, from: page * PAGE, count: PAGE });
      if (round !== this.round) return;
      this.asking.delete(page);
      this.pages.set(page, answer.rows);
      this.meant = answer.meant;
      this.isFiltering = answer.filtering !== null;
      if (spreads(answer.rows)) {
        part("table").classList.toggle("with-day", left.from === 5);
        part("table").classList.toggle("with-year", left.from === 0);
        for (const drawn of this.drawn.values()) drawn.row = undefined;
      }
      this.count(answer);
      this.draw();
    } catch (error) {
      if (round === this.round && error.status !== 400) complain(error.message);
    }
  }

  count({ total, meant, filtering }) {
    const number = (value) => value.toLocaleString("en");
    const all = total === 1 ? "1 connection" : `${number(total)} connections`;
    let words = total === meant ? all : `${number(meant)} of ${all}`;
    if (filtering) {
      const far = filtering.total ? ` ${Math.floor((100 * filtering.read) / filtering.total)} %` : "";
      words += `, looking through the capture${far}…`;
    }
    if (part("count").textContent !== words) part("count").textContent = words;
    part("table").setAttribute("aria-rowcount", meant + 1);
  }

  later() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = undefined;
      this.draw();
    });
  }

  /** How tall a row is: the stylesheet decides. */
  get tall() {
    return parseFloat(getComputedStyle(part("table")).getPropertyValue("--row")) || 32;
  }

  draw() {
    if (part("table-view").hidden) return;
    const tall = this.tall;
    const height = Math.min(this.meant * tall, TALLEST);
    this.length.style.height = `${height}px`;
    // Where there are more rows than a browser can scroll through by pixels, the scroll bar stands for all of them.
    const stretch = height ? (this.meant * tall) / height : 1;
    const top = this.body.scrollTop * stretch;
    const first = Math.max(0, Math.floor(top / tall) - MARGIN);
    const last = Math.min(this.meant, Math.ceil((top + this.body.clientHeight) / tall) + MARGIN);
    const offset = this.body.scrollTop - top;
    const wanted = new Set();
    for (let place = first; place < last; place += 1) wanted.add(place);
    // The row that has the focus stays, so that the keyboard does not lose its place.
    if (this.drawn.get(this.at)?.contains(document.activeElement) && this.at < this.meant) wanted.add(this.at);
    for (const [place, drawn] of this.drawn) {
      if (wanted.has(place)) continue;
      drawn.remove();
      this.drawn.delete(place);
    }
    for (const place of wanted) {
      const drawn = this.drawn.get(place) ?? this.make(place);
      drawn.style.transform = `translateY(${place * tall + offset}px)`;
      this.fill(drawn, place);
    }
    if (this.meant === 0) this.bring(0);
    for (let page = Math.floor(first / PAGE); page * PAGE < last; page += 1) this.bring(page);
  }

  make(place) {
    const drawn = element("div", "row");
    drawn.setAttribute("role", "row");
    drawn.setAttribute("aria-rowindex", place + 2);
    for (const [number, column] of COLUMNS.entries()) {
      const cell = element("div", `cell of-${column.sort}`);
      cell.setAttribute("role", "gridcell");
      cell.setAttribute("aria-colindex", number + 1);
      drawn.append(cell);
    }
    this.drawn.set(place, drawn);
    this.length.append(drawn);
    return drawn;
  }

  fill(drawn, place) {
    const row = this.row(place);
    drawn.tabIndex = place === this.at ? 0 : -1;
    drawn.classList.toggle("current", place === this.at);
    if (drawn.row === row) return;
    drawn.row = row;
    drawn.dataset.key = row?.key ?? "";
    drawn.className = `row ${row ? `is-${row.outcome}` : "waiting"}${place === this.at ? " current" : ""}`;
    for (const [number, column] of COLUMNS.entries()) {
      const cell = drawn.children[number];
      cell.replaceChildren();
      cell.removeAttribute("title");
      if (row) column.cell(row, cell);
    }
  }

  click(event) {
    const drawn = event.target.closest(".row");
    if (!drawn?.dataset.key || String(getSelection())) return;
    this.at = Number(drawn.getAttribute("aria-rowindex")) - 2;
    this.choose(drawn.dataset.key);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !this.body.contains(event.target)) return;
    const screen = Math.max(1, Math.floor(this.body.clientHeight / this.tall) - 1);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: screen, PageUp: -screen, Home: -Infinity, End: Infinity };
    if (event.key in steps) {
      event.preventDefault();
      this.move(this.at + steps[event.key]);
    } else if (event.key === "Enter" && this.current) {
      event.preventDefault();
      this.choose(this.current);
    }
  }

  move(place) {
    this.at = Math.max(0, Math.min(this.meant - 1, place));
    const tall = this.tall;
    const stretch = (this.meant * tall) / Math.max(1, Math.min(this.meant * tall, TALLEST));
    const top = (this.at * tall) / stretch;
    if (top < this.body.scrollTop) this.body.scrollTop = top;
    if (top + tall > this.body.scrollTop + this.body.clientHeight) {
      this.body.scrollTop = top + tall - this.body.clientHeight;
    }
    this.draw();
    this.drawn.get(this.at)?.focus({ preventScroll: true });
  }

  /** The key of the row before or behind the one that is open, in the order of the table. */
  async beside(key, step) {
    if (this.current !== key) {
      const place = [...this.pages.values()].flat().findIndex((row) => row.key === key);
      if (place < 0) return null;
      const [page] = [...this.pages.entries()].find(([, rows]) => rows.some((row) => row.key === key));
      this.at = page * PAGE + this.pages.get(page).findIndex((row) => row.key === key);
    }
    const place = this.at + step;
    if (place < 0 || place >= this.meant) return null;
    await this.bring(Math.floor(place / PAGE));
    const row = this.row(place);
    if (row) this.at = place;
    return row?.key ?? null;
  }
}
