import type { components } from "./api.js";

export type Schema = components["schemas"];

/** An answer that no other try changes. */
export class Refusal extends Error {
  constructor(readonly status: number, readonly problem: Partial<Schema["Problem"]>) {
    super(problem.code);
  }
}

/** Bytes in hexadecimal digits. */
export const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** What is sent under one key is done once, however often it is sent. */
export const newKey = (): string => hex(crypto.getRandomValues(new Uint8Array(16)));

const tries = 6;
const longestWait = 30; // seconds; whoever asks for more is asked by the person, later

/** An element that asks for its customer. */
export interface Host {
  readonly session: string;
  readonly endpoint: string;
  readonly language: string;
  readonly getSession?: (() => string | Promise<string>) | undefined;
}

/** Asks the API for one element, as its customer, for as long as the signal lets it. */
export class Asker {
  #token: string | undefined;

  constructor(
    readonly host: Host,
    readonly signal: AbortSignal,
    readonly waits: (why: "offline" | "again") => void,
  ) {}

  /** Returns the answer's body. What passes (no network, 429, 5xx, a result on its way) is tried again; a session that has ended is renewed once. */
  async ask<T>(path: string, body?: unknown, key?: string, waits = this.waits): Promise<T> {
    for (let attempt = 1, renewed = false; ; attempt++) {
      if (!navigator.onLine) {
        waits("offline");
        await this.#until((done) => addEventListener("online", done, { once: true, signal: this.signal }));
      }
      this.#token ||= this.host.session || (await this.host.getSession?.()) || "";
      const headers = {
        Authorization: `Bearer ${this.#token}`, "Accept-Language": this.host.language,
        ...(body ? { "Content-Type": "application/json" } : {}), ...(key ? { "Idempotency-Key": key } : {}),
      };
      let pause = 2 ** attempt / 4;
      try {
        const answer = await this.#fetch(path, { method: body ? "POST" : "GET", headers, body: body ? JSON.stringify(body) : null });
        const content = await answer.json().catch(() => ({}));
        if (answer.ok) return content as T;
        if (answer.status === 401 && !renewed && this.host.getSession) {
          renewed = true;
          this.#token = await this.host.getSession();
          continue;
        }
        pause = Math.max(pause, Number(answer.headers.get("Retry-After")) || 0);
        const passes = answer.status === 429 || answer.status >= 500 || content.code === "result_pending";
        if (!passes || attempt >= tries || pause > longestWait) throw new Refusal(answer.status, content);
      } catch (failure) {
        if (failure instanceof Refusal || this.signal.aborted || attempt >= tries) throw failure;
        // Late, for what the gateway itself refuses (its throttle) is not readable either, and passes.
        if (attempt > 3 && (await this.#bars())) throw new Refusal(403, { code: "forbidden" });
      }
      if (navigator.onLine) waits("again");
      await this.pause(pause);
    }
  }

  #fetch(path: string, how: RequestInit): Promise<Response> {
    return fetch(this.host.endpoint.replace(/\/$/, "") + path, { ...how, signal: this.signal, credentials: "omit", referrerPolicy: "no-referrer" });
  }

  /** Whether the API answers, and not to a page of this origin: what it says then no page may read. */
  async #bars(): Promise<boolean> {
    if (new URL(this.host.endpoint, location.href).origin === location.origin) return false;
    return this.#fetch("/v1/policy", { mode: "no-cors" }).then(() => true, () => false);
  }

  /** Waits for so many seconds; it fails where the dialog is closed before. */
  pause(seconds: number): Promise<void> {
    return this.#until((done) => setTimeout(done, seconds * 1000));
  }

  #until(begin: (done: () => void) => void): Promise<void> {
    return new Promise((done, fail) => {
      begin(done);
      this.signal.addEventListener("abort", () => fail(this.signal.reason), { once: true });
    });
  }
}
