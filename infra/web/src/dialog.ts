import { Asker, Refusal, newKey, type Schema } from "./ask.js";
import { rightToLeft } from "./direction.js";
import type { MakegoodReport } from "./report.js";
import { style } from "./style.js";
import { wordsIn, type Words } from "./words.js";

const looks = 12; // how often a case is looked at before the customer is left to their notices

/** Opens the dialog of an element, unless it is open. */
export function open(host: MakegoodReport): void {
  if (!host.shadowRoot!.querySelector("dialog")) void new Dialog(host).run();
}

/** A new element with its attributes and content. */
function make<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Record<string, string> = {}, ...content: (Node | string)[]): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...content);
  return made;
}

class Dialog {
  readonly #key = newKey();
  readonly #words: Words;
  readonly #closing = new AbortController();
  readonly #title = make("h2");
  readonly #content = make("div");
  readonly #status = make("p", { part: "status", role: "status" });
  readonly #dialog: HTMLDialogElement;
  readonly #asker: Asker;
  readonly #output: number;

  constructor(readonly host: MakegoodReport) {
    const words = (this.#words = wordsIn(host.language, host.words));
    this.#output = Number(host.output) || 0;
    this.#title.textContent = words.title;
    this.#asker = new Asker(host, this.#closing.signal, (why) => this.#say(words[why]));
    const close = make("button", { type: "button", class: "close", "aria-label": words.close }, "✕");
    close.onclick = () => this.#dialog.close();
    this.#dialog = make(
      "dialog", { part: "dialog", "aria-labelledby": "title", lang: host.language, dir: rightToLeft(host.language) ? "rtl" : "ltr" },
      make("header", {}, make("slot", { name: "header", id: "title" }, this.#title), close),
      this.#status, this.#content, make("slot", { name: "footer" }),
    );
    this.#dialog.onclose = () => {
      this.#closing.abort();
      this.#dialog.remove();
    };
    if (!host.shadowRoot!.adoptedStyleSheets.includes(style)) host.shadowRoot!.adoptedStyleSheets.push(style);
    host.shadowRoot!.append(this.#dialog);
  }

  async run(): Promise<void> {
    this.#dialog.showModal();
    this.#tell("mg-open", {});
    this.#say(this.#words.loading);
    await this.#guard(async () => {
      const [report, policy] = await Promise.all([this.#report(), this.#asker.ask<Schema["Policy"]>("/v1/policy")]);
      if (report?.allowed) this.#form(policy.issues);
      else if (report?.case) await this.#watch(report.case);
      else if (report?.clause) this.#verdict("declined", report.clause, report.reason!);
      else this.#say(report?.code === "result_pending" ? this.#words.pending : this.#words.refused);
    });
  }

  /** Reads whether the output may be reported, and which case it has. */
  async #report(): Promise<Schema["OutputReport"] | undefined> {
    const { reports } = await this.#asker.ask<Schema["Generation"]>(`/v1/generations/${encodeURIComponent(this.host.generation)}`);
    return reports?.find((one) => one.output === this.#output);
  }

  /** Asks what is wrong. */
  #form(issues: Schema["IssueLabel"][]): void {
    const offered = this.host.reasons.split(/\s+/).filter(Boolean);
    const shown = offered.length ? issues.filter((one) => offered.includes(one.issue)) : issues;
    const reasons = make("fieldset", {}, make("legend", {}, this.#words.what));
    for (const { issue, label } of shown) {
      reasons.append(make("label", { part: "reason" }, make("input", { type: "radio", name: "issue", value: issue }), make("span", { dir: "auto" }, label)));
    }
    this.#ask([reasons], this.#words.more, async (words, form) => {
      const issue = new FormData(form).get("issue") as Schema["Issue"] | null;
      const description = words || shown.find((one) => one.issue === issue)?.label;
      if (!description) {
        form.querySelector("input")?.focus();
        return this.#say(this.#words.choose);
      }
      const body: Schema["ReportBadResult"] = { generation: this.host.generation, output: this.#output, description, locale: this.host.language };
      if (issue) body.issue = issue;
      form.inert = true;
      const opened = await this.#asker.ask<Schema["CaseState"]>("/v1/reports", body, this.#key).catch(async (failure: unknown) => {
        form.inert = false;
        const { code, case: known } = failure instanceof Refusal ? failure.problem : {};
        // A key that is in use: other words were taken under it, whose answer was lost.
        const there = known ?? (code === "idempotency_key_reused" ? (await this.#report())?.case : undefined);
        if (there) return { case: there, state: "received" } as const;
        throw failure;
      });
      this.#sent(opened);
      await this.#watch(opened.case);
    });
  }

  /** Shows a form that takes words. */
  #ask(fields: Node[], label: string, send: (words: string, form: HTMLFormElement) => Promise<unknown> | void): void {
    const text = make("textarea", { part: "textarea", rows: "3", maxlength: "2000", dir: "auto" });
    const form = make("form", { novalidate: "" }, ...fields, make("label", {}, label, text), make("button", { part: "submit" }, this.#words.send));
    form.onsubmit = (event) => {
      event.preventDefault();
      void this.#guard(async () => send(text.value.trim(), form));
    };
    this.#content.replaceChildren(form);
    this.#say("");
    form.querySelector<HTMLElement>("input, textarea")!.focus();
  }

  #sent(opened: { case: string; state: string }): void {
    this.#state("sent");
    this.#tell("mg-sent", { case: opened.case, state: opened.state });
  }

  /** Looks at a case until it is answered; closed before, it ends. */
  async #watch(id: string, before = ""): Promise<void> {
    this.#title.textContent = this.#words.report;
    this.#content.replaceChildren();
    this.#say(this.#words.sent);
    this.#dialog.querySelector<HTMLElement>(".close")!.focus();
    for (let look = 0; look < looks; look++) {
      const seen = await this.#asker.ask<Schema["Case"]>(`/v1/cases/${encodeURIComponent(id)}`);
      if (seen.decision && (seen.words ?? "") !== before) return this.#answered(seen);
      await this.#asker.pause(Math.min(0.5 * 1.6 ** look, 15));
    }
  }

  #answered(seen: Schema["Case"]): void {
    const { outcome, clause } = seen.decision!;
    // The clause's sentence; of an appeal that waits, what was told last: its clause is that of the answer before.
    const words = (seen.state === "in_review" && seen.appeal && seen.words) || seen.decision!.reason;
    const by = seen.next?.step === "decision" && seen.next.by;
    this.#verdict(outcome, clause, words, by ? ` · ${this.#words.by} ${new Intl.DateTimeFormat(this.host.language, { dateStyle: "long" }).format(new Date(by))}` : "", seen.id);
    if (outcome !== "declined" || !seen.appeal_until || new Date(seen.appeal_until) < new Date()) return;
    const object = make("button", { type: "button" }, this.#words.object);
    object.onclick = () => {
      const key = newKey();
      this.#ask([], this.#words.why, async (words, form) => {
        if (!words) return form.querySelector("textarea")!.focus();
        this.#sent(await this.#asker.ask<Schema["CaseState"]>(`/v1/cases/${encodeURIComponent(seen.id)}/appeal`, { words } satisfies Schema["AppealCase"], key));
        await this.#watch(seen.id, seen.words ?? "");
      });
    };
    this.#content.append(make("p", {}, object));
  }

  /** Shows a verdict; without a case it is the policy's, before anything was sent. */
  #verdict(outcome: string, clause: string, reason: string, more = "", id?: string): void {
    this.#title.textContent = this.#words.report;
    this.#state(outcome);
    this.#say(reason);
    this.#content.replaceChildren(make("small", {}, `${this.#words.clause} ${clause}${more}`));
    this.#tell("mg-answered", { case: id, outcome, clause, reason });
  }

  /** Does something, and says in the customer's words what went wrong with it. */
  async #guard(what: () => Promise<unknown>): Promise<void> {
    try {
      await what();
    } catch (failure) {
      if (this.#closing.signal.aborted) return;
      const status = failure instanceof Refusal ? failure.status : 0;
      this.#say(status === 401 ? this.#words.session : status === 403 ? this.#words.barred : status === 404 ? this.#words.refused : this.#words.failed);
      this.#tell("mg-error", { code: (failure instanceof Refusal && failure.problem.code) || "unreachable" });
    }
  }

  #say(words: string): void {
    this.#status.textContent = words;
  }

  #state(state: string): void {
    this.host.internals.states.clear();
    this.host.internals.states.add(state);
  }

  #tell(type: string, detail: object): void {
    this.host.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }
}
