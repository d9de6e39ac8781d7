import { Asker, Refusal, newKey, type Host, type Schema } from "./ask.js";
import { rightToLeft } from "./direction.js";
import type { FrameWords } from "./frame-words.js";
import type { Opener } from "./opener.js";
import { style } from "./style.js";

const looks = 12; // how often a case is looked at before the customer is left to their notices

// Which words say what a code means, or a status. Of the others, what no later try changes is a refusal.
const meanings: Partial<Record<Schema["ProblemCode"] | 401 | 403, "session" | "barred" | "late" | "failed">> = {
  401: "session", 403: "barred", appeal_late: "late", no_appeal: "late", result_pending: "failed",
};

/** What a dialog says of what it is about, beside what every one says. */
export interface Words extends FrameWords {
  title: string;
  report: string;
  refused: string;
  barred: string;
}

/** A new element with its attributes and content. */
export function make<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Record<string, string> = {}, ...content: (Node | string)[]): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...content);
  return made;
}

/** A dialog in an element: what it asks, what becomes of the case that it opens, and what is said meanwhile. */
export abstract class Frame<O extends Opener & Host, W extends Words> {
  protected readonly title = make("h2");
  protected readonly content = make("div");
  protected readonly status = make("p", { part: "status", role: "status" });
  readonly asker: Asker;
  readonly #closing = new AbortController();
  readonly #dialog: HTMLDialogElement;

  constructor(readonly host: O, readonly words: W, css: string) {
    this.title.textContent = words.title;
    this.asker = new Asker(host, this.#closing.signal, (why) => this.say(words[why]));
    const close = make("button", { type: "button", class: "close", "aria-label": words.close }, "✕");
    close.onclick = () => this.#dialog.close();
    this.#dialog = make(
      "dialog", { part: "dialog", "aria-labelledby": "title", lang: host.language, dir: rightToLeft(host.language) ? "rtl" : "ltr" },
      make("header", {}, make("slot", { name: "header", id: "title" }, this.title), close),
      this.status, this.content, make("slot", { name: "footer" }),
    );
    this.#dialog.onclose = () => {
      this.#closing.abort();
      this.#dialog.remove();
    };
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style + css);
    host.shadowRoot!.adoptedStyleSheets[1] = sheet; // after the button's
    host.shadowRoot!.append(this.#dialog);
  }

  /** Asks what the dialog begins with. */
  protected abstract begin(): Promise<unknown>;

  /** Shows the dialog until it is closed. */
  async run(): Promise<void> {
    this.#dialog.showModal();
    this.tell("mg-open", {});
    this.say(this.words.loading);
    await this.guard(() => this.begin());
  }

  /** Shows a form that takes words. */
  protected ask(fields: Node[], label: string, send: (words: string, form: HTMLFormElement) => Promise<unknown> | void): void {
    const text = make("textarea", { part: "textarea", rows: "3", maxlength: "2000", dir: "auto" });
    const form = make("form", { novalidate: "" }, ...fields, make("label", {}, label, text), make("button", { part: "submit" }, this.words.send));
    form.onsubmit = (event) => {
      event.preventDefault();
      void this.guard(async () => send(text.value.trim(), form));
    };
    this.content.replaceChildren(form);
    this.status.before(this.content); // next to what sends
    this.say("");
    form.querySelector<HTMLElement>("input, textarea")!.focus();
  }

  /** Says that a case was opened, and looks at it until it is answered. */
  protected sent(opened: { case: string; state: string }, before?: string): Promise<void> {
    this.#state("sent");
    this.tell("mg-sent", opened);
    return this.watch(opened.case, before);
  }

  /** Looks at a case until it is answered; closed before, it ends. */
  protected async watch(id: string, before = ""): Promise<void> {
    this.title.textContent = this.words.report;
    this.content.replaceChildren();
    this.say(this.words.sent);
    this.#dialog.querySelector<HTMLElement>(".close")!.focus();
    for (let look = 0; look < looks; look++) {
      const seen = await this.asker.ask<Schema["Case"]>(`/v1/cases/${encodeURIComponent(id)}`);
      if (seen.decision && (seen.words ?? "") !== before) return this.#answered(seen);
      await this.asker.pause(Math.min(0.5 * 1.6 ** look, 15));
    }
  }

  #answered(seen: Schema["Case"]): void {
    const { outcome, clause } = seen.decision!;
    // The clause's sentence; of an appeal that waits, what was told last: its clause is that of the answer before.
    const words = (seen.state === "in_review" && seen.appeal && seen.words) || seen.decision!.reason;
    const by = seen.next?.step === "decision" && seen.next.by;
    this.verdict(outcome, clause, words, by ? ` · ${this.words.by} ${new Date(by).toLocaleDateString(this.host.language, { dateStyle: "long" })}` : "", seen.id);
    if (outcome !== "declined" || !seen.appeal_until || new Date(seen.appeal_until) < new Date()) return;
    const object = make("button", { type: "button" }, this.words.object);
    object.onclick = () => {
      const key = newKey();
      this.ask([], this.words.why, async (words, form) => {
        if (!words) return form.querySelector("textarea")!.focus();
        const opened = await this.asker.ask<Schema["CaseState"]>(`/v1/cases/${encodeURIComponent(seen.id)}/appeal`, { words } satisfies Schema["AppealCase"], key).catch((failure: unknown) => {
          // Somebody appealed already, or the answer is another by now: the case says so.
          if (failure instanceof Refusal && failure.status === 409 && this.wrong(failure) !== this.words.late) return undefined;
          throw failure;
        });
        await (opened ? this.sent(opened, seen.words ?? "") : this.watch(seen.id));
      });
    };
    this.content.append(make("p", {}, object));
  }

  /** Shows a verdict; without a case it is the policy's, before anything was sent. */
  protected verdict(outcome: string, clause: string, reason: string, more = "", id?: string): void {
    this.title.textContent = this.words.report;
    this.#state(outcome);
    this.say(reason);
    this.status.after(this.content);
    this.content.replaceChildren(make("small", {}, `${this.words.clause} ${clause}${more}`));
    this.tell("mg-answered", { case: id, outcome, clause, reason });
  }

  /** Does something, and says in the customer's words what went wrong with it. */
  async guard(what: () => Promise<unknown>): Promise<void> {
    try {
      await what();
    } catch (failure) {
      if (this.#closing.signal.aborted) return;
      this.say(this.wrong(failure));
      this.tell("mg-error", { code: (failure instanceof Refusal && failure.problem.code) || "unreachable" });
    }
  }

  /** What went wrong, in the customer's words: a later try is spoken of only where it may change something. */
  protected wrong(failure: unknown): string {
    const { status = 0, problem = {} } = failure instanceof Refusal ? failure : {};
    return this.words[meanings[problem.code!] ?? meanings[status as 401 | 403] ?? (status >= 400 && status < 429 ? "refused" : "failed")];
  }

  protected say(words: string): void {
    this.status.textContent = words;
  }

  #state(state: string): void {
    this.host.internals.states.clear();
    this.host.internals.states.add(state);
  }

  protected tell(type: string, detail: object): void {
    this.host.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }
}
