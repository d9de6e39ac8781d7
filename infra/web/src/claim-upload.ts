import { Refusal, hex, newKey, type Schema } from "./ask.js";
import type { ClaimDialog } from "./claim-dialog.js";
import { make } from "./frame.js";

/** Of which types a file may be. */
export const types = ["image/png", "image/jpeg", "image/webp", "application/pdf"];

const tries = 3; // of one file by itself, with a fresh link each

type Opened = Schema["OpenedAttachment"];

/** A file that was chosen: what is shown of it, and its bytes' way, which begins at once. */
export class Upload {
  readonly item = make("li", { part: "file" });
  /** The attachment's; "" while it is not there. */
  id = "";
  /** When it has come, or will not come. */
  readonly done: Promise<void>;

  readonly #state = make("small");
  readonly #lost: string;

  /** @param gone is told when the customer removes it. */
  constructor(claim: ClaimDialog, file: File, gone: (one: Upload) => void) {
    const { words, asker } = claim;
    const removed = new AbortController();
    const remove = make("button", { type: "button", class: "close", "aria-label": `${words.remove} ${file.name}` }, "✕");
    remove.onclick = () => {
      removed.abort();
      this.item.remove();
      gone(this);
    };
    // One status with the name, which is read with what is said of it.
    this.item.append(make("div", { role: "status" }, make("span", { dir: "auto" }, file.name), this.#state), remove);
    this.#lost = words.lost;
    this.done = claim.guard(() => this.#send(claim, file, AbortSignal.any([removed.signal, asker.signal])));
  }

  /** Says that it is none that a claim can take: it has to be chosen again. */
  lose(): void {
    this.id = "";
    this.#show(this.#lost);
    this.#state.part.add("error");
  }

  /** Opens an attachment and uploads its bytes, unless the file is removed before; the same key gets a fresh link to the same one. */
  async #send({ asker, host, words }: ClaimDialog, file: File, signal: AbortSignal): Promise<void> {
    const key = newKey();
    const bar = make("progress", { "aria-label": file.name });
    for (let attempt = 1; ; attempt++) {
      try {
        this.#show(bar);
        const sha256 = hex(new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer())));
        signal.throwIfAborted();
        const body = { customer: host.customer, media_type: file.type, bytes: file.size, sha256 } as Schema["OpenAttachment"];
        const { id, upload } = await asker.ask<Opened>("/v1/attachments", body, key, (why) => this.#show(words[why]));
        signal.throwIfAborted();
        this.#show(bar);
        await put(upload, file, signal, bar);
        this.id = id;
        return this.#show("✓");
      } catch (failure) {
        if (signal.aborted) return;
        if (failure instanceof Refusal || attempt >= tries) {
          this.lose();
          throw failure;
        }
        await asker.pause(attempt).catch(() => undefined);
      }
    }
  }

  #show(how: HTMLElement | string): void { this.#state.replaceChildren(how); }
}

/** Sends a file by the link that the API gave; only this way tells how far it is. */
function put({ method, url, headers }: Opened["upload"], file: File, signal: AbortSignal, bar: HTMLProgressElement): Promise<void> {
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => (bar.value = event.loaded / event.total);
    request.onloadend = (end) => (request.status === 200 ? done() : fail(end));
    signal.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}
