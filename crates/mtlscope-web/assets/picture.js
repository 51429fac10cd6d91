// The picture above the table: how many connections came out how, or for which causes, over time.

import { json } from "./ask.js";
import { element, part } from "./main.js";

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 1200;
const HEIGHT = 64;
/** Slices of time. */
const SLICES = 120;

function drawn(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

export class Picture {
  constructor(query, filterBy) {
    this.query = query;
    this.filterBy = filterBy;
    this.by = "outcomes";
  }

  /** Draws anew, once what is drawn at the moment is there. */
  async refresh() {
    if (this.isAsking) {
      this.isDue = true;
      return;
    }
    this.isAsking = true;
    try {
      const { picture } = await json("/api/picture", { ...this.query, slices: SLICES });
      this.picture = picture;
      this.draw();
    } catch {
      // A filter that is none is told below its box.
    }
    this.isAsking = false;
    if (this.isDue) {
      this.isDue = false;
      this.refresh();
    }
  }

  draw() {
    const place = part("picture");
    const { picture } = this;
    const hadFocus = place.contains(document.activeElement) ? document.activeElement.dataset.focus : null;
    place.hidden = picture.rows === 0 && !this.query.filter && !this.query.search;
    place.replaceChildren(this.chart(), this.legend("outcomes"), this.legend("causes"));
    if (hadFocus) place.querySelector(`[data-focus="${CSS.escape(hadFocus)}"]`)?.focus();
  }

  chart() {
    const { picture } = this;
    const series = picture[this.by];
    const sums = Array.from({ length: SLICES }, (_, slice) => series.reduce((sum, one) => sum + (one.over_time[slice] ?? 0), 0));
    const most = Math.max(1, ...sums);
    const chart = drawn("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", class: "chart" });
    const words = series.map((one) => `${one.total} ${one.what}`).join(", ");
    chart.setAttribute("aria-label", `Over time: ${words || "no connections"}; at most ${most} in a slice.`);
    const wide = WIDTH / SLICES;
    const base = Array(SLICES).fill(HEIGHT);
    for (const [number, one] of series.entries()) {
      for (const [slice, count] of one.over_time.entries()) {
        if (!count) continue;
        const tall = Math.max(1.5, (count / most) * (HEIGHT - 4));
        base[slice] -= tall;
        chart.append(
          drawn("rect", { x: slice * wide + 1, y: base[slice], width: wide - 2, height: tall, class: this.colour(one, number) }),
        );
      }
    }
    const figure = element("figure", "drawn");
    const caption = element("figcaption");
    caption.append(element("span", "", time(picture.first)));
    if (time(picture.last) !== time(picture.first)) caption.append(element("span", "", time(picture.last)));
    figure.append(chart, caption);
    return figure;
  }

  colour(one, number) {
    return this.by === "outcomes" ? `outcome-${one.what}` : `cause-${number}`;
  }

  /** What there is, how often; each filters by it. */
  legend(by) {
    const group = element("div", `key by-${by}`);
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", by === "outcomes" ? "Outcomes" : "Causes");
    const pick = element("button", "pick", by === "outcomes" ? "Outcomes" : "Causes");
    pick.type = "button";
    pick.dataset.focus = by;
    pick.setAttribute("aria-pressed", String(this.by === by));
    pick.addEventListener("click", () => {
      this.by = by;
      this.draw();
    });
    group.append(pick);
    const was = this.by;
    this.by = by;
    for (const [number, one] of this.picture[by].entries()) {
      const button = element("button", "what");
      button.type = "button";
      button.dataset.focus = `${by}-${one.what}`;
      const swatch = element("span", was === by ? `swatch ${this.colour(one, number)}` : "swatch");
      button.append(swatch, one.what, " ", element("b", "", one.total.toLocaleString("en")));
      if (one.what === "other causes") button.disabled = true;
      const filter = by === "outcomes" ? `outcome.result == "${one.what}"` : `finding.id == "${one.what}"`;
      button.title = `Filter: ${filter}`;
      button.addEventListener("click", () => this.filterBy(this.query.filter === filter ? "" : filter));
      button.setAttribute("aria-pressed", String(this.query.filter === filter));
      group.append(button);
    }
    this.by = was;
    return group;
  }
}

function time(nanoseconds) {
  const text = new Date(Number(BigInt(nanoseconds) / 1_000_000n)).toISOString();
  return `${text.slice(0, 10)} ${text.slice(11, 19)} UTC`;
}
