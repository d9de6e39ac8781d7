import { Refusal, newKey, type Schema } from "./ask.js";
import type { MakegoodClaim } from "./claim.js";
import { Files } from "./claim-files.js";
import { claimStyle } from "./claim-style.js";
import type { ClaimWords } from "./claim-words.js";
import { Frame, make } from "./frame.js";
import { minorOf, moneyIn } from "./money.js";

type Name = Schema["ClaimField"] | "kind";
type Body = Schema["RequestRefund"];
type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

/** One field of the form: what is filled in and marked, and where it says what is wrong. */
interface Field {
  readonly control: Control;
  readonly error: HTMLElement;
  /** What names it, where it may be left out. */
  readonly label: HTMLElement | undefined;
}

const listed = (text: string): string[] => text.split(/[\s,;]+/).filter(Boolean);

/** Opens the dialog of an element, unless it is open. */
export function open(host: MakegoodClaim, words: ClaimWords): void {
  if (!host.shadowRoot!.querySelector("dialog")) void new ClaimDialog(host, { ...words, ...host.words }, claimStyle).run();
}

export class ClaimDialog extends Frame<MakegoodClaim, ClaimWords> {
  readonly #key = newKey();
  readonly #fields = new Map<Name, Field>();
  /** What was sent and may have been taken, the latest first. */
  readonly #unanswered: Body[] = [];
  readonly #files = new Files(this);
  #sending = false;
  #forms: Schema["ClaimForm"][] = [];

  protected async begin(): Promise<void> {
    // The purchases among the customer's latest movements. Who has none, or may not read them, may have paid nevertheless.
    const statement = this.asker.ask<Schema["Statement"]>(`/v1/customers/${encodeURIComponent(this.host.customer)}/statement`).catch(() => ({ entries: [] }));
    const [policy, { entries }] = await Promise.all([this.asker.ask<Schema["Policy"]>("/v1/policy"), statement]);
    const offered = listed(this.host.kinds);
    this.#forms = policy.claims.filter((one) => !offered[0] || offered.includes(one.kind));
    if (!this.#forms[0]) return this.say(this.words.refused);
    this.ask([
      this.#kinds(),
      ...(this.host.payment ? [] : [this.#payment(entries.filter((one) => one.cause === "grant" && one.payment))]),
      this.#add("paid_at", make("input", { type: "date" })),
      this.#amount(listed(this.host.currencies || policy.packages.map((one) => one.price.currency).join())),
      this.#add("email", make("input", { type: "email", autocomplete: "email", value: this.host.email })),
      this.#add("transaction_ids", make("input")),
      this.#add("attachments", this.#files.input, make("small", { id: "attachments-hint" }, this.words.hint), this.#files.list),
    ], this.words.reason, (_, form) => this.#submit(form));
    const reason = this.content.querySelector("textarea")!;
    const label = reason.parentElement!;
    this.#enter("reason", label, reason);
    label.after(label.lastChild!); // what is wrong is no part of its name
    this.#need();
  }

  #kinds(): HTMLElement {
    const radios = this.#forms.map(({ kind }) => make("input", { type: "radio", name: "kind", value: kind }));
    const choices = make("fieldset", {}, make("legend", {}, this.words.kind), ...this.#forms.map(({ label }, n) =>
      make("label", { part: "kind" }, radios[n]!, make("span", { dir: "auto" }, label))));
    choices.onchange = () => this.#need();
    radios[0]!.defaultChecked = !radios[1];
    return this.#enter("kind", choices, radios[0]!);
  }

  #payment(purchases: Schema["StatementEntry"][]): HTMLElement {
    if (!purchases[0]) return this.#add("payment", make("input"));
    return this.#add("payment", make("select", {}, make("option", { value: "" }, this.words.unlisted), ...purchases.map(({ payment, at }) =>
      make("option", { value: payment! }, `${new Date(at).toLocaleString(this.host.language, { dateStyle: "medium", timeStyle: "short" })} · ${payment}`))));
  }

  #amount(currencies: string[]): HTMLElement {
    const amount = make("input", { inputmode: "decimal", dir: "ltr" });
    const currency = make("select", { part: "field", name: "currency", "aria-label": this.words.currency }, ...[...new Set(currencies)].map((one) => make("option", {}, one)));
    const read = make("small", { id: "amount-hint" });
    amount.oninput = currency.oninput = () => {
      const minor = minorOf(amount.value, currency.value);
      amount.setCustomValidity(minor ? "" : "-");
      read.textContent = minor ? `= ${moneyIn(this.host.language, currency.value, minor)}` : "";
    };
    const box = this.#add("amount", amount, currency, read);
    box.classList.add("money");
    return box;
  }

  /** A field with its label, and what stands below it. */
  #add(name: Name, control: Control, ...below: HTMLElement[]): HTMLElement {
    control.part.add("field");
    const label = make("label", { for: name }, this.words[name]);
    return this.#enter(name, make("div", { class: "field" }, label, control, ...below), control, label);
  }

  #enter(name: Name, box: HTMLElement, control: Control, label?: HTMLElement): HTMLElement {
    const error = make("small", { part: "error", id: `${name}-error` });
    box.append(error);
    control.id = control.name = name;
    control.setAttribute("aria-describedby", `${name}-hint ${error.id}`);
    box.addEventListener("input", () => this.flag(name, ""));
    this.#fields.set(name, { control, error, label });
    return box;
  }

  get #kind(): Body["kind"] | undefined {
    return this.content.querySelector<HTMLInputElement>("[name=kind]:checked")?.value as Body["kind"] | undefined;
  }

  /** What the chosen claim must name; before one is chosen, what the first must. */
  get #needs(): Name[] {
    return ["kind", ...(this.#forms.find((one) => one.kind === this.#kind) ?? this.#forms[0]!).needs];
  }

  /** Says of each field whether it may be left out. */
  #need(): void {
    for (const [name, { control, label }] of this.#fields) {
      const needed = (control.required = this.#needs.includes(name));
      if (label) label.textContent = needed ? this.words[name] : `${this.words[name]} (${this.words.optional})`;
    }
  }

  /** Says what is wrong with a field; nothing, if it is mended. */
  flag(name: Name, wrong: string): void {
    const { control, error } = this.#fields.get(name)!;
    control.ariaInvalid = String(Boolean(wrong));
    error.textContent = wrong;
  }

  /** Marks fields with what is wrong with each, goes to the first, and returns what is said of all. */
  #mend(wrong: [Name, string][]): string {
    for (const [name, why] of wrong) this.flag(name, why);
    this.#fields.get(wrong[0]![0])!.control.focus();
    return `${this.words.mend} ${wrong.map(([name]) => this.words[name]).join(", ")}`;
  }

  async #submit(form: HTMLFormElement): Promise<void> {
    // Files that were chosen are no longer in their field, in which nothing else can be wrong than that it is empty.
    const wrong = [...this.#fields].flatMap(([name, { control: { validity } }]): [Name, string][] =>
      validity.valid || (name === "attachments" && !this.#files.empty) ? [] : [[name, validity.valueMissing ? this.words.missing : this.words.invalid]]);
    if (wrong[0]) return this.say(this.#mend(wrong));
    if (this.#sending) return;
    this.#sending = true;
    this.say(this.words.loading);
    try {
      const attachments = await this.#files.ids(); // till then files can be taken off
      if (attachments.includes("")) throw new Refusal(409, { code: "attachment_missing", field: "attachments" });
      form.inert = true;
      await this.sent(await this.#send(this.#body(new FormData(form), attachments)));
    } finally {
      form.inert = this.#sending = false;
    }
  }

  #body(form: FormData, attachments: string[]): Body {
    const text = (name: string): string => String(form.get(name) ?? "").trim();
    const kind = this.#kind;
    const currency = text("currency");
    // What is left out is undefined, which JSON leaves out.
    return {
      kind, customer: this.host.customer, locale: this.host.language,
      payment: this.host.payment || text("payment") || undefined,
      outage: (kind === "outage" && this.host.outage) || undefined,
      claim: {
        email: text("email"), paid_at: text("paid_at"), reason: text("reason"), amount: { currency, minor: minorOf(text("amount"), currency) },
        transaction_ids: listed(text("transaction_ids")), attachments,
      },
    } as Body;
  }

  /** Sends a claim under the dialog's key. If another was taken under it and its answer lost, that one stands. */
  async #send(body: Body): Promise<{ case: string; state: string }> {
    let last: unknown;
    for (const one of [body, ...this.#unanswered]) {
      try {
        return await this.asker.ask<Schema["CaseState"]>("/v1/refund-requests", one, this.#key);
      } catch (failure) {
        const { status = 500, problem } = (last = failure) as Partial<Refusal>;
        if (problem?.case) return { case: problem.case, state: "received" };
        if (status >= 500) this.#unanswered.unshift(one);
        if (problem?.code !== "idempotency_key_reused") break;
      }
    }
    throw last;
  }

  protected override wrong(failure: unknown): string {
    const { code, field = "", fields = [field] } = (failure as Partial<Refusal>).problem ?? {};
    const wrong = fields.flatMap((path): [Name, string][] => {
      // The field whose part it is; a claim that is too long is so by its words.
      const name = path === "claim" ? "reason" : path.split(/\W/).find((part) => this.#fields.has(part as Name));
      if (name === "attachments") this.#files.lose(parseInt(path.split("[")[1]!));
      return name ? [[name as Name, code === "missing_fields" ? this.words.missing : this.words.invalid]] : [];
    });
    return wrong[0] ? this.#mend(wrong) : super.wrong(failure);
  }
}
