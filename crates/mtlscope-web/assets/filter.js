// The box for display filters: completes the names of fields, and puts carets under what is wrong.

import { json } from "./ask.js";
import { element, part } from "./main.js";

/** What a name of a field is made of. */
const WORD = /[A-Za-z0-9_.-]+$/;

export class FilterBox {
  constructor(ask) {
    this.ask = ask;
    this.input = part("filter");
    this.list = part("suggestions");
    this.mistake = part("mistake");
    this.chosen = -1;
    this.suggestions = [];
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => this.close());
    this.input.addEventListener("scroll", () => this.align());
    this.list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const item = event.target.closest("[role=option]");
      if (item) this.take([...this.list.children].indexOf(item));
    });
  }

  /** Filters by this. */
  set(filter) {
    this.input.value = filter;
    this.close();
    this.apply();
  }

  typed() {
    clearTimeout(this.later);
    this.later = setTimeout(() => this.apply(), 250);
    this.suggest();
  }

  /** Asks whether the filter is one, and filters if it is. */
  async apply() {
    clearTimeout(this.later);
    const text = this.input.value;
    const mistake = text.trim() ? await json("/api/filter", { text }).catch(() => null) : null;
    if (text !== this.input.value) return;
    this.show(text, mistake);
    if (!mistake && text !== this.applied) {
      this.applied = text;
      this.ask(text);
    }
  }

  show(text, mistake) {
    this.input.setAttribute("aria-invalid", String(mistake !== null));
    this.mistake.replaceChildren();
    if (!mistake) return;
    const length = Math.max(1, mistake.end - mistake.start);
    const carets = element("span", "carets", " ".repeat(mistake.start) + "^".repeat(length));
    carets.setAttribute("aria-hidden", "true");
    this.mistake.append(carets, element("span", "message", mistake.message));
    this.align();
  }

  align() {
    const carets = this.mistake.querySelector(".carets");
    if (carets) carets.style.transform = `translateX(${-this.input.scrollLeft}px)`;
  }

  async suggest() {
    const before = this.input.value.slice(0, this.input.selectionStart);
    const inText = (before.match(/(?<!\\)"/g) ?? []).length % 2 === 1;
    const word = before.match(WORD)?.[0] ?? "";
    if (inText || word.length < 1 || /^[0-9]/.test(word)) return this.close();
    const suggestions = await json("/api/fields", { text: word }).catch(() => []);
    if (before !== this.input.value.slice(0, this.input.selectionStart) || document.activeElement !== this.input) return;
    if (suggestions.length === 1 && suggestions[0].name === word) return this.close();
    this.open(suggestions, word);
  }

  open(suggestions, word) {
    this.suggestions = suggestions;
    this.word = word;
    this.chosen = -1;
    const items = suggestions.map(({ name, kind, about }, place) => {
      const item = element("li");
      item.setAttribute("role", "option");
      item.id = `suggestion-${place}`;
      item.append(element("span", "field", name), element("span", "kind", kind), element("span", "about", about));
      return item;
    });
    this.list.replaceChildren(...items);
    this.list.hidden = items.length === 0;
    this.input.setAttribute("aria-expanded", String(items.length > 0));
    this.input.removeAttribute("aria-activedescendant");
  }

  close() {
    this.suggestions = [];
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  key(event) {
    const count = this.suggestions.length;
    if (event.key === "Escape" && !this.list.hidden) {
      event.preventDefault();
      event.stopPropagation();
      this.close();
    } else if (event.key === "Enter" || event.key === "Tab") {
      if (count && (this.chosen >= 0 || event.key === "Tab") && !event.shiftKey) {
        event.preventDefault();
        this.take(Math.max(0, this.chosen));
      } else if (event.key === "Enter") {
        event.preventDefault();
        this.close();
        this.apply();
      }
    } else if (count && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      this.chosen = (this.chosen + step + count + (this.chosen < 0 && step < 0 ? 1 : 0)) % count;
      for (const [place, item] of [...this.list.children].entries()) {
        item.setAttribute("aria-selected", String(place === this.chosen));
      }
      this.list.children[this.chosen].scrollIntoView({ block: "nearest" });
      this.input.setAttribute("aria-activedescendant", `suggestion-${this.chosen}`);
    }
  }

  /** Puts a suggestion in the place of the word that was begun. */
  take(place) {
    const { name } = this.suggestions[place];
    const caret = this.input.selectionStart;
    this.input.setRangeText(`${name} `, caret - this.word.length, caret, "end");
    this.close();
    this.input.focus();
    this.typed();
  }
}
