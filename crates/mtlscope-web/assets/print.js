// The table on paper: all rows that are meant, up to a bound, and not only those that are seen.

import { address } from "./ask.js";
import { COLUMNS, moment } from "./table.js";
import { element, part } from "./main.js";

/** Rows at most: some twenty sheets. */
const MOST = 1000;
/** Rows that are asked for at once. */
const PAGE = 500;

export class Paper {
  constructor(query) {
    this.query = query;
    window.addEventListener("beforeprint", () => this.lay());
    window.addEventListener("afterprint", () => this.clear());
  }

  lay() {
    this.clear();
    if (part("table-view").hidden || !part("empty").hidden) return;
    const rows = [];
    let answer;
    do {
      answer = ask({ ...this.query, from: rows.length, count: PAGE });
      rows.push(...(answer?.rows ?? []));
    } while (answer?.rows.length === PAGE && rows.length < MOST);
    if (rows.length === 0) return;
    const table = element("table", "printed");
    const head = element("tr");
    for (const column of COLUMNS) head.append(element("th", `of-${column.sort}`, column.about ? `${column.title} (${column.about})` : column.title));
    const [top, body] = [element("thead"), element("tbody")];
    top.append(head);
    body.append(...rows.map(printed));
    table.append(element("caption", "", this.words(rows.length, answer)), top, body);
    part("table").before(table);
  }

  words(count, { total, meant }) {
    const number = (value) => value.toLocaleString("en");
    const of = meant === total ? "" : ` that are meant, of ${number(total)}`;
    const filter = this.query.filter ? ` Filter: ${this.query.filter}` : "";
    const search = this.query.search ? ` Search: ${this.query.search}` : "";
    const all = count < meant ? `The first ${number(count)} of ${number(meant)} connections${of}; a filter prints others.` : `${number(meant)} connections${of}.`;
    return `${all}${filter}${search}`;
  }

  clear() {
    document.querySelector(".printed")?.remove();
  }
}

function printed(row) {
  const line = element("tr");
  for (const column of COLUMNS) {
    const cell = element("td", `of-${column.sort}`);
    if (column.sort === "start") cell.append(moment(row));
    else column.cell(row, cell);
    line.append(cell);
  }
  return line;
}

/** The browser does not wait before it prints: here alone the page does, for an answer of this machine. */
function ask(query) {
  const request = new XMLHttpRequest();
  request.open("GET", address("/api/rows", query), false);
  try {
    request.send();
  } catch {
    return null;
  }
  return request.status === 200 ? JSON.parse(request.responseText) : null;
}
