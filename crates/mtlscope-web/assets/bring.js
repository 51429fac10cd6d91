// What is brought to the page: captures and key logs, dropped, chosen or pasted. They go to the program on this machine.

import { send } from "./ask.js";
import { complain, part, say } from "./main.js";

/** How a line of a key log begins, anywhere in the first part of a file. */
const KEY_LOG = /^(CLIENT_RANDOM|CLIENT_(EARLY|HANDSHAKE)_TRAFFIC_SECRET|CLIENT_TRAFFIC_SECRET_0|SERVER_\w+|EXPORTER_SECRET|EARLY_EXPORTER_SECRET|RSA|PMS_CLIENT_RANDOM) +[0-9a-fA-F]{16}/m;
/** How far a file is looked into, to tell a key log from a capture. */
const LOOK = 64 * 1024;

export class Bringing {
  constructor(state) {
    this.state = state;
    this.depth = 0;
    const files = part("files");
    for (const id of ["open-button", "empty-open", "keys-file"]) part(id).addEventListener("click", () => files.click());
    files.addEventListener("change", () => {
      this.take([...files.files]);
      files.value = "";
    });
    document.addEventListener("dragenter", (event) => this.drag(event, 1));
    document.addEventListener("dragleave", (event) => this.drag(event, -1));
    document.addEventListener("dragover", (event) => event.preventDefault());
    document.addEventListener("drop", (event) => {
      event.preventDefault();
      this.depth = 0;
      part("drop").hidden = true;
      this.take([...event.dataTransfer.files]);
    });
    const dialog = part("keys-dialog");
    part("keys-button").addEventListener("click", () => {
      part("keys-trouble").hidden = true;
      dialog.showModal();
      part("keys-text").focus();
    });
    part("keys-cancel").addEventListener("click", () => dialog.close());
    part("keys-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.paste();
    });
  }

  drag(event, step) {
    event.preventDefault();
    this.depth = Math.max(0, this.depth + step);
    part("drop").hidden = this.depth === 0;
  }

  async paste() {
    const text = part("keys-text");
    const trouble = part("keys-trouble");
    try {
      await send("/api/keys", {}, text.value);
      text.value = "";
      trouble.hidden = true;
      part("keys-dialog").close();
      say("The keys were taken. What they open, opens in place.");
    } catch (error) {
      trouble.textContent = error.message;
      trouble.hidden = false;
    }
  }

  /** Takes files: keys first, so that captures open at once. */
  async take(files) {
    complain(null);
    part("keys-dialog").close();
    const keys = await Promise.all(files.map(async (file) => KEY_LOG.test(await file.slice(0, LOOK).text())));
    const sorted = [...files.filter((_, place) => keys[place]), ...files.filter((_, place) => !keys[place])];
    for (const file of sorted) {
      const isKeys = keys[files.indexOf(file)];
      try {
        if (!isKeys) this.bound(file);
        say(`${file.name} is read.`);
        await (isKeys ? send("/api/keys", {}, file) : send("/api/captures", { name: file.name }, file));
        say(`${file.name} was taken.`);
      } catch (error) {
        complain(`${file.name}: ${error.message}`);
        return;
      }
    }
  }

  /** What is too large is not even sent. */
  bound(file) {
    const most = this.state()?.upload ?? Infinity;
    if (file.size <= most) return;
    throw new Error(
      `larger than the ${Math.floor(most / 2 ** 20)} MB that the page takes. Give it to the program instead: ` +
        "`mtlscope web CAPTURE` reads it where it is, of any size.",
    );
  }
}
