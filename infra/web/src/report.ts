import type { Words } from "./words.js";

const labels: Record<string, string> = {
  en: "Bad result", de: "Schlechtes Ergebnis", fr: "Mauvais résultat", es: "Mal resultado", ar: "نتيجة سيئة",
};

const sheet = new CSSStyleSheet();
sheet.replaceSync(`button{font:var(--mg-font,inherit);color:inherit;background:none;border:1px solid;border-radius:var(--mg-radius,.5em);padding:.4em .8em}`);

/**
 * A button by which a customer reports a bad result, and the dialog that it opens: may it be
 * reported, what is wrong, sent, and what was answered.
 *
 * @tagname makegood-report
 * @attr {string} generation - The generation's id.
 * @attr {number} output - Which of its outputs, from 0; absent: the first.
 * @attr {string} session - A token of POST /v1/sessions; or set getSession.
 * @attr {string} endpoint - Where the API answers; absent: where the page came from.
 * @attr {string} lang - The language; absent: that of the nearest element that says one.
 * @attr {string} reasons - Which of the policy's reasons are offered, separated by blanks; absent: all.
 * @slot - The button's words.
 * @slot trigger - What opens the dialog in place of the button.
 * @slot header - Above the dialog's content, in place of its title.
 * @slot footer - Below the dialog's content.
 * @csspart button - The button.
 * @csspart dialog - The dialog.
 * @csspart reason - One reason to choose.
 * @csspart textarea - Where the customer writes.
 * @csspart submit - What sends.
 * @csspart status - What is said of the report.
 * @cssprop --mg-accent - The colour of what sends and of what is chosen.
 * @cssprop --mg-radius - How round corners are.
 * @cssprop --mg-font - The font, as the property font has it.
 * @cssprop --mg-surface - The dialog's ground.
 * @cssprop --mg-text - The dialog's words.
 * @cssprop --mg-color-scheme - light or dark; absent: as the person prefers.
 * @cssstate sent - It was reported, and is not answered.
 * @cssstate in_review - A person decides.
 * @cssstate approved - Something was given back.
 * @cssstate declined - Nothing was given back.
 * @fires mg-open - The dialog opens.
 * @fires mg-sent - It was reported: detail is {case, state}.
 * @fires mg-answered - There is a verdict: detail is {case, outcome, clause, reason}; no case where the policy declines before anything is sent.
 * @fires mg-error - Something went wrong: detail is {code}.
 */
export class MakegoodReport extends HTMLElement {
  /** Returns a token of the customer's session. It is asked again when the one in use has ended. */
  getSession?: () => string | Promise<string>;
  /** Words in place of the component's own. */
  words?: Partial<Words>;
  /** @internal */
  readonly internals = this.attachInternals();

  #label: HTMLSlotElement;

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet];
    const slot = () => document.createElement("slot");
    const trigger = slot();
    trigger.name = "trigger";
    const button = document.createElement("button");
    button.part.add("button");
    button.append((this.#label = slot()));
    trigger.append(button);
    trigger.onclick = () => this.open();
    root.append(trigger);
  }

  connectedCallback(): void {
    this.#label.textContent = labels[this.language.slice(0, 2).toLowerCase()] ?? labels.en!;
  }

  /** The language that the customer reads. */
  get language(): string {
    return this.closest<HTMLElement>("[lang]")?.lang || navigator.language;
  }

  /** Opens the dialog, unless it is open. Where it cannot be loaded, mg-error says so; the next press asks for it again. */
  async open(): Promise<void> {
    try {
      (await import("./makegood-report.dialog.js")).open(this);
    } catch {
      this.dispatchEvent(new CustomEvent("mg-error", { detail: { code: "unreachable" }, bubbles: true, composed: true }));
    }
  }

  /** Closes the dialog; what was sent stays sent. */
  close(): void {
    this.shadowRoot!.querySelector("dialog")?.close();
  }
}

for (const name of ["generation", "output", "session", "endpoint", "reasons"] as const) {
  Object.defineProperty(MakegoodReport.prototype, name, {
    get(this: HTMLElement) { return this.getAttribute(name) ?? ""; },
    set(this: HTMLElement, value: string) { this.setAttribute(name, value); },
  });
}
export interface MakegoodReport {
  generation: string;
  output: string;
  session: string;
  endpoint: string;
  reasons: string;
}

declare global {
  interface HTMLElementTagNameMap {
    "makegood-report": MakegoodReport;
  }
}

if (!customElements.get("makegood-report")) customElements.define("makegood-report", MakegoodReport);
