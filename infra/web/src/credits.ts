import { Asker, Refusal, type Schema } from "./ask.js";
import { creditWordsIn, type CreditWords } from "./credit-words.js";
import { rightToLeft } from "./direction.js";

const sheet = new CSSStyleSheet();
sheet.replaceSync(`
:host{display:block;color-scheme:var(--mg-color-scheme,inherit);font:var(--mg-font,inherit)}
h2{font-size:1.1em;margin:1.5em 0 .25em}
[part=balance]{font-size:1.6em;font-weight:600;margin:0}
p{margin:.25em 0}p:empty{display:none}
ul{list-style:none;margin:0;padding:0}
li{display:flex;flex-wrap:wrap;gap:0 1em;justify-content:space-between;padding:.5em 0;border-block-end:1px solid}
li[hidden]{display:none}
li span:first-child{flex:1 1 9em;overflow-wrap:anywhere}
small{flex-basis:100%}
b{font-weight:600;unicode-bidi:plaintext;font-variant-numeric:tabular-nums}
label{display:inline-flex;gap:.5em;align-items:center;padding:.25em 0}
button{font:inherit;color:inherit;background:none;border:1px solid;border-radius:var(--mg-radius,.5em);padding:.5em 1em;margin-block-start:.75em;cursor:pointer}`);

const refunds = ["refund", "refund_expired", "release"];

/** A new element with its content. */
function make<K extends keyof HTMLElementTagNameMap>(tag: K, part: string, ...content: (Node | string)[]): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (part) made.part.add(part);
  made.append(...content);
  return made;
}

/**
 * A customer's credits: how many there are, what they asked for and what became of it, and every
 * movement in a sentence, newest first.
 *
 * @tagname makegood-credits
 * @attr {string} customer - The customer's id.
 * @attr {string} session - A token of POST /v1/sessions; or set getSession.
 * @attr {string} endpoint - Where the API answers; absent: where the page came from.
 * @attr {string} lang - The language; absent: that of the nearest element that says one.
 * @csspart balance - How many credits there are.
 * @csspart case - One case.
 * @csspart entry - One movement.
 * @csspart more - What shows the ones before.
 * @csspart status - What is said while it is read, and of what went wrong.
 * @cssprop --mg-radius - How round corners are.
 * @cssprop --mg-font - The font, as the property font has it.
 * @cssprop --mg-color-scheme - light or dark; absent: as around it.
 * @fires mg-error - Something went wrong: detail is {code}.
 */
export class MakegoodCredits extends HTMLElement {
  static observedAttributes = ["customer", "session", "endpoint"];

  /** Words in place of the component's own. */
  words: Partial<CreditWords> | undefined;

  #getSession: (() => string | Promise<string>) | undefined;
  #due = false;
  #showing = new AbortController();
  #asker!: Asker;
  #said!: CreditWords;
  #status = make("p", "status");
  #place = make("div", "");

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet];
    root.append(this.#place);
    this.#status.role = "status";
  }

  /** Returns a token of the customer's session. It is asked again when the one in use has ended. */
  get getSession(): (() => string | Promise<string>) | undefined {
    return this.#getSession;
  }
  set getSession(ask: (() => string | Promise<string>) | undefined) {
    this.#getSession = ask;
    this.#soon();
  }

  get customer(): string { return this.getAttribute("customer") ?? ""; }
  set customer(id: string) { this.setAttribute("customer", id); }
  get session(): string { return this.getAttribute("session") ?? ""; }
  set session(token: string) { this.setAttribute("session", token); }
  get endpoint(): string { return this.getAttribute("endpoint") ?? ""; }
  set endpoint(address: string) { this.setAttribute("endpoint", address); }
  /** The language that the customer reads. */
  get language(): string { return this.closest<HTMLElement>("[lang]")?.lang || navigator.language; }

  connectedCallback(): void { this.#soon(); }
  attributeChangedCallback(): void { this.#soon(); }
  disconnectedCallback(): void { this.#showing.abort(); }

  /** Reads it once for all that is set in one go. */
  #soon(): void {
    if (!this.#due) queueMicrotask(() => {
      this.#due = false;
      void this.refresh();
    });
    this.#due = true;
  }

  /** Reads all of it again. Nothing is asked before there are a customer and a session. */
  async refresh(): Promise<void> {
    if (!this.isConnected || !this.customer || !(this.session || this.getSession)) return;
    this.#showing.abort();
    const { signal } = (this.#showing = new AbortController());
    const words = (this.#said = creditWordsIn(this.language, this.words));
    this.#place.lang = this.language;
    this.#place.dir = rightToLeft(this.language) ? "rtl" : "ltr";
    this.#asker = new Asker(this, signal, (why) => (this.#status.textContent = words[why]));
    await this.#guard(signal, async () => {
      const at = `/v1/customers/${encodeURIComponent(this.customer)}`;
      const [{ unit, balance }, cases, statement] = await Promise.all([
        this.#asker.ask<Schema["Customer"]>(at), this.#asker.ask<Schema["CaseList"]>(`${at}/cases`), this.#asker.ask<Schema["Statement"]>(`${at}/statement`),
      ]);
      if (signal.aborted) return;
      const credits = (amount: number, sign: "auto" | "exceptZero" = "auto") =>
        `${new Intl.NumberFormat(this.language, { signDisplay: sign, maximumFractionDigits: unit.scale }).format(amount / 10 ** unit.scale)} ${unit.name}`;
      const only = make("input", "");
      only.type = "checkbox";
      const entries = this.#list(`${at}/statement`, statement, (page: Schema["Statement"], list) => {
        for (const one of page.entries) list.append(this.#entry(one, credits));
        this.#sift(list, only.checked);
      });
      only.onchange = () => this.#sift(entries.querySelector("ul")!, only.checked);
      const also = (amount: number, what: string) => (amount ? [make("p", "", make("bdi", "", credits(amount)), ` ${what}`)] : []);
      this.#place.replaceChildren(
        this.#status,
        make("h2", "", words.balance), make("p", "balance", make("b", "", credits(balance.available))), ...also(balance.held, words.held), ...also(balance.owed, words.owed),
        make("h2", "", words.cases),
        this.#list(`${at}/cases`, cases, (page: Schema["CaseList"], list) => list.append(...page.cases.map((one) => this.#case(one)))),
        make("h2", "", words.statement), make("label", "", only, words.refunds), entries,
      );
    });
  }

  /** A list by pages: the first, and a button for the one after. */
  #list<T extends { next?: string }>(path: string, first: T, show: (page: T, list: HTMLUListElement) => void): HTMLElement {
    const { signal } = this.#showing;
    const list = make("ul", "");
    const place = make("div", "", list);
    const more = make("button", "more", this.#said.more);
    more.type = "button";
    let next: string | undefined;
    const took = (page: T): void => {
      show(page, list);
      next = page.next;
      if (next) place.append(more);
      else more.remove();
    };
    more.onclick = () => void this.#guard(signal, async () => {
      const shown = list.children.length;
      took(await this.#asker.ask<T>(`${path}?cursor=${encodeURIComponent(next!)}`));
      const fresh = list.children[shown] as HTMLElement | undefined;
      if (fresh && !more.isConnected) {
        fresh.tabIndex = -1;
        fresh.focus(); // the button that had it is gone
      }
    });
    took(first);
    if (!list.children.length) place.append(make("p", "", this.#said.none));
    return place;
  }

  #case(one: Schema["Case"]): HTMLElement {
    const state = this.#said[`case_${one.state}`];
    const text = make("span", "", one.words ?? one.decision?.reason ?? state);
    text.dir = "auto";
    return make("li", "case", text, make("b", "", state), this.#line(one.opened_at, one.decision ? `${this.#said.clause} ${one.decision.clause}` : ""));
  }

  #entry(one: Schema["StatementEntry"], credits: (amount: number, sign?: "auto" | "exceptZero") => string): HTMLElement {
    const words = this.#said as unknown as Record<string, string>;
    const sentence = words[`${one.cause}_${one.reason}`] ?? words[one.cause] ?? one.cause;
    // A hold took them from what was available: what is spent of it is told once, when it is.
    const away = one.from === "available" || one.cause === "capture";
    const gained = one.to === "available" && one.cause !== "release";
    const amount = one.cost
      ? new Intl.NumberFormat(this.language, { style: "currency", currency: one.cost.currency, maximumFractionDigits: 6 }).format(one.cost.micros / 1e6)
      : away || gained ? credits(away ? -one.amount : one.amount, "exceptZero") : credits(one.amount);
    const item = make("li", "entry", make("span", "", sentence), make("b", "", amount), this.#line(one.at, ""));
    Object.assign(item.dataset, { cause: one.cause, generation: one.generation ?? "" });
    return item;
  }

  #line(at: string, more: string): HTMLElement {
    const time = make("time", "", new Intl.DateTimeFormat(this.language, { dateStyle: "medium" }).format(new Date(at)));
    time.dateTime = at;
    return make("small", "", time, more && ` · ${more}`);
  }

  /** Hides the holds that have ended, and all but refunds where these alone are wanted. */
  #sift(list: HTMLUListElement, refundsOnly: boolean): void {
    const items = [...list.children] as HTMLElement[];
    const ended = new Set(items.filter((one) => ["capture", "release"].includes(one.dataset.cause!)).map((one) => one.dataset.generation));
    for (const one of items) {
      const { cause, generation } = one.dataset;
      one.hidden = (cause === "hold" && ended.has(generation)) || (refundsOnly && !refunds.includes(cause!));
    }
  }

  /** Does something, and says in the customer's words what went wrong with it. */
  async #guard(signal: AbortSignal, what: () => Promise<void>): Promise<void> {
    this.#status.textContent = this.#said.loading;
    if (!this.#status.isConnected) this.#place.append(this.#status);
    try {
      await what();
      if (!signal.aborted) this.#status.textContent = "";
    } catch (failure) {
      if (signal.aborted) return;
      this.#status.textContent = failure instanceof Refusal && failure.status === 401 ? this.#said.session : this.#said.failed;
      this.dispatchEvent(new CustomEvent("mg-error", { detail: { code: (failure instanceof Refusal && failure.problem.code) || "unreachable" }, bubbles: true, composed: true }));
    }
  }
}

// Known before they are set, or React makes an attribute of them; what a page set before the element was there stays.
MakegoodCredits.prototype.words = undefined;

declare global {
  interface HTMLElementTagNameMap {
    "makegood-credits": MakegoodCredits;
  }
}

if (!customElements.get("makegood-credits")) customElements.define("makegood-credits", MakegoodCredits);
