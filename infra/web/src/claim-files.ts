import { Refusal, hex, newKey, type Asker, type Schema } from "./ask.js";
import type { ClaimWords } from "./claim-words.js";
import { make } from "./frame.js";

const types = ["image/png", "image/jpeg", "image/webp", "application/pdf"];
const largest = 10 << 20;
const most = 5;
const tries = 3; // of one file by itself, with a fresh link each

type Opened = Schema["OpenedAttachment"];

/** A file that was chosen: what is shown of it, and what becomes of its bytes. */
interface Chosen {
  readonly file: File;
  readonly key: string;
  readonly item: HTMLLIElement;
  readonly removed: AbortController;
  id: string;
  done: Promise<void>;
}

/** The files that prove a claim: each is uploaded when it is chosen. */
export class Files {
  readonly input = make("input", { type: "file", id: "attachments", part: "field", multiple: "", accept: types.join() });
  readonly list = make("ul");
  #chosen: Chosen[] = [];

  /** @param refused is told what is wrong with what was chosen, if anything. */
  constructor(readonly asker: Asker, readonly customer: string, readonly words: ClaimWords, readonly refused: (words: string) => void) {
    this.input.onchange = () => {
      const unfit = [...this.input.files!].filter((file) => !this.#take(file));
      refused(unfit[0] ? `${unfit.map((file) => file.name).join(", ")}: ${words.unfit} ${words.hint}` : "");
      this.input.value = ""; // what was removed may be chosen again
    };
  }

  get empty(): boolean { return !this.#chosen[0]; }

  /** Waits for what is on its way and returns the ids: "" of one that is not there. */
  async ids(): Promise<string[]> {
    await Promise.all(this.#chosen.map((one) => one.done));
    return this.#chosen.map((one) => one.id);
  }

  /** Says that the nth file is none that a claim can take: it has to be chosen again. */
  lose(n: number): void {
    const one = this.#chosen[n]!;
    one.id = "";
    this.#show(one, this.words.lost);
  }

  /** Begins to upload a file; false, if it may not be one. */
  #take(file: File): boolean {
    if (!types.includes(file.type) || !file.size || file.size > largest || this.#chosen.length >= most) return false;
    const one: Chosen = { file, key: newKey(), id: "", item: make("li", { part: "file" }), removed: new AbortController(), done: Promise.resolve() };
    const remove = make("button", { type: "button", class: "close", "aria-label": `${this.words.remove} ${file.name}` }, "✕");
    remove.onclick = () => {
      one.removed.abort();
      one.item.remove();
      this.#chosen = this.#chosen.filter((other) => other !== one);
      this.refused("");
      this.input.focus();
    };
    one.item.append(make("span", { dir: "auto" }, file.name), make("small", { role: "status" }), remove);
    this.#chosen.push(one);
    this.list.append(one.item);
    one.done = this.#send(one);
    return true;
  }

  /** Opens an attachment and uploads its bytes; the same key gets a fresh link to the same one. */
  async #send(one: Chosen): Promise<void> {
    const bar = make("progress", { max: "1", "aria-label": one.file.name });
    this.#show(one, bar);
    for (let attempt = 1; !one.removed.signal.aborted; attempt++) {
      try {
        const sha256 = hex(new Uint8Array(await crypto.subtle.digest("SHA-256", await one.file.arrayBuffer())));
        const body = { customer: this.customer, media_type: one.file.type, bytes: one.file.size, sha256 } as Schema["OpenAttachment"];
        const { id, upload } = await this.asker.ask<Opened>("/v1/attachments", body, one.key);
        await put(upload, one.file, AbortSignal.any([one.removed.signal, this.asker.signal]), (part) => (bar.value = part));
        one.id = id;
        return this.#show(one, "✓");
      } catch (failure) {
        if (this.asker.signal.aborted) return;
        if (failure instanceof Refusal || attempt >= tries) return this.#show(one, this.words.lost);
        await this.asker.pause(attempt).catch(() => undefined);
      }
    }
  }

  /** Shows how far a file is. */
  #show({ item }: Chosen, how: HTMLElement | string): void {
    item.querySelector("small")!.replaceChildren(how);
  }
}

/** Sends a file by the link that the API gave; only this way tells how far it is. */
function put({ method, url, headers }: Opened["upload"], file: File, signal: AbortSignal, progress: (part: number) => void): Promise<void> {
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => progress(event.loaded / event.total);
    request.onload = () => (request.status < 300 ? done() : fail());
    request.onerror = request.onabort = fail;
    signal.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}
