// One connection, or two side by side: pieces of HTML that the program makes, brought to life.

import { text } from "./ask.js";
import { beginChoosing, complain, element, part, say } from "./main.js";

const TITLES = { connection: "A connection", compare: "Two connections", rule: "A cause" };

export class Detail {
  constructor(table) {
    this.table = table;
    this.told = part("told");
    this.message = part("message");
    this.told.addEventListener("click", (event) => this.click(event));
    this.told.addEventListener("keydown", (event) => this.key(event));
    part("compare-button").addEventListener("click", () => this.one && beginChoosing(this.one));
    part("previous").addEventListener("click", () => this.beside(-1));
    part("next").addEventListener("click", () => this.beside(1));
    part("to-scale").addEventListener("change", () => this.load());
    part("back").addEventListener("click", (event) => {
      event.preventDefault();
      this.leave();
    });
    for (const name of ["pointerover", "focusin"]) this.message.addEventListener(name, (event) => this.point(event));
    this.message.addEventListener("pointerleave", () => this.mark(null));
    this.message.addEventListener("click", (event) => this.act(event));
  }

  /** Shows what the address says: `connection`, `compare` or `rule`. */
  async show(view, one, other) {
    const isSame = this.view === view && this.one === one && this.other === other;
    Object.assign(this, { view, one, other });
    const isConnection = view === "connection";
    for (const id of ["previous", "next", "compare-button", "scale-label"]) part(id).hidden = !isConnection;
    if (!isSame) {
      this.step = null;
      this.closeMessage();
      this.told.replaceChildren();
      window.scrollTo(0, 0);
    }
    await this.load(!isSame);
  }

  path() {
    const [one, other] = [this.one, this.other].map(encodeURIComponent);
    if (this.view === "compare") return `/api/compare/${one}/${other}`;
    return this.view === "rule" ? `/api/rules/${one}` : `/api/connections/${one}`;
  }

  async load(takesFocus = false) {
    const wanted = this.path();
    this.told.setAttribute("aria-busy", "true");
    try {
      const scale = this.view === "connection" ? { to_scale: part("to-scale").checked } : {};
      const html = await text(wanted, scale);
      if (wanted !== this.path()) return;
      // Made by the program, where no text of a wire becomes markup; and the page's policy runs no script of it.
      this.told.innerHTML = html;
      this.offerPems();
      part("detail-title").textContent = TITLES[this.view];
      const title = this.told.querySelector("h2, h3");
      document.title = `${title?.textContent.trim() ?? "Connection"} - mtlscope`;
      if (takesFocus && title) {
        title.tabIndex = -1;
        title.focus({ preventScroll: true });
      }
      if (this.step !== null && this.view === "connection") await this.open(this.step, this.count, false);
    } catch (error) {
      if (wanted === this.path()) complain(error.message);
    } finally {
      this.told.removeAttribute("aria-busy");
    }
  }

  /** Each certificate can be copied, or saved as a file. */
  offerPems() {
    for (const pem of this.told.querySelectorAll("pre[data-file]")) {
      const [copy, save] = ["Copy", "Save"].map((word) => element("button", "", word));
      for (const button of [copy, save]) button.type = "button";
      copy.dataset.copy = pem.textContent;
      save.addEventListener("click", () => {
        const link = element("a");
        link.href = URL.createObjectURL(new Blob([pem.textContent], { type: "application/x-pem-file" }));
        link.download = pem.dataset.file;
        link.click();
        setTimeout(() => URL.revokeObjectURL(link.href));
      });
      const buttons = element("p", "pem-buttons");
      buttons.append(copy, save);
      pem.after(buttons);
    }
  }

  /** Keys were given: what they open, opens here too, once the capture is read again. */
  keysCame() {
    if (this.isShown) this.load();
  }

  wasRead() {
    if (this.isShown && this.told.childElementCount === 0) this.load();
  }

  get isShown() {
    return !part("detail-view").hidden && this.view !== undefined;
  }

  leave() {
    if (this.step !== null) {
      const was = this.step;
      this.closeMessage();
      this.told.querySelector(`[data-step="${was}"][tabindex], [data-step="${was}"] [tabindex]`)?.focus();
      return;
    }
    location.hash = "#/";
  }

  async beside(step) {
    if (this.view !== "connection") return;
    const key = await this.table.beside(this.one, step);
    if (key) location.hash = `#/connection/${key}`;
    else say(step < 0 ? "This is the first." : "This is the last.");
  }

  click(event) {
    const copy = event.target.closest("[data-copy]");
    if (copy) return this.copy(copy);
    const place = event.target.closest("[data-step]");
    if (place && !event.target.closest("a") && this.view === "connection") this.open(place.dataset.step, place.dataset.steps);
  }

  key(event) {
    if (event.key !== "Enter" && event.key !== " ") return;
    const place = event.target.closest("[data-step]");
    if (!place || event.target.closest("a, button, summary")) return;
    event.preventDefault();
    this.open(place.dataset.step, place.dataset.steps);
  }

  /** Shows a step's fields and bytes. */
  async open(step, count, takesFocus = true) {
    const key = this.one;
    try {
      const html = await text(`/api/connections/${encodeURIComponent(key)}/steps/${encodeURIComponent(step)}`, { count: count ?? 1 });
      if (key !== this.one) return;
      Object.assign(this, { step, count });
      const close = element("button", "close", "Close");
      close.type = "button";
      close.addEventListener("click", () => this.leave());
      this.message.innerHTML = html;
      this.message.prepend(close);
      this.message.hidden = false;
      part("detail").classList.add("with-message");
      for (const place of this.told.querySelectorAll("[data-step]")) {
        place.classList.toggle("chosen", place.dataset.step === step);
      }
      if (takesFocus) this.message.focus({ preventScroll: matchMedia("(min-width: 1100px)").matches });
    } catch (error) {
      complain(error.message);
    }
  }

  closeMessage() {
    this.step = null;
    this.message.hidden = true;
    this.message.replaceChildren();
    part("detail").classList.remove("with-message");
    for (const place of this.told.querySelectorAll(".chosen")) place.classList.remove("chosen");
  }

  /** A field and its bytes light up together, whichever is pointed at. */
  point(event) {
    const field = event.target.closest("[data-from]");
    if (field) return this.mark(Number(field.dataset.from), Number(field.dataset.to));
    const byte = event.target.closest("[data-at]");
    if (!byte) return this.mark(null);
    const at = Number(byte.dataset.at);
    let best = null;
    for (const one of this.message.querySelectorAll("[data-from]")) {
      const [start, end] = [Number(one.dataset.from), Number(one.dataset.to)];
      if (start <= at && at < end && (!best || end - start <= best.end - best.start)) best = { one, start, end };
    }
    if (!best) return this.mark(at, at + 1);
    this.mark(best.start, best.end);
    best.one.scrollIntoView({ block: "nearest" });
  }

  mark(start, end) {
    for (const one of this.message.querySelectorAll("[data-from]")) {
      one.classList.toggle("pointed", start !== null && Number(one.dataset.from) === start && Number(one.dataset.to) === end);
    }
    for (const one of this.message.querySelectorAll("[data-at]")) {
      const at = Number(one.dataset.at);
      one.classList.toggle("pointed", start !== null && start <= at && at < end);
    }
  }

  act(event) {
    const copy = event.target.closest("[data-copy]");
    if (copy) this.copy(copy);
  }

  async copy(button) {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      say("Copied.");
      button.classList.add("copied");
      setTimeout(() => button.classList.remove("copied"), 1200);
    } catch {
      say("The browser does not let the page copy.");
    }
  }
}
