import { wordsOf } from "./table.js";

const sheet = new CSSStyleSheet();
sheet.replaceSync(`button{font:var(--mg-font,inherit);color:inherit;background:none;border:1px solid;border-radius:var(--mg-radius,.5em);padding:.4em .8em}`);

/** An element with a button, and the dialog that it opens, which is loaded when it is first opened. */
export abstract class Opener extends HTMLElement {
  /** Returns a token of the customer's session. It is asked again when the one in use has ended. */
  getSession: (() => string | Promise<string>) | undefined;
  /** Words in place of the component's own. */
  words: object | undefined;
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

  /** The button's words by language. */
  protected abstract get labels(): Record<string, string>;
  /** Loads the dialog and opens it, unless it is open. */
  protected abstract load(): Promise<void>;

  connectedCallback(): void {
    this.#label.textContent = wordsOf(this.labels, this.language);
  }

  /** The language that the customer reads. */
  get language(): string {
    return this.closest<HTMLElement>("[lang]")?.lang || navigator.language;
  }

  /** Opens the dialog, unless it is open. Where it cannot be loaded, mg-error says so; the next press asks for it again. */
  async open(): Promise<void> {
    try {
      await this.load();
    } catch {
      this.dispatchEvent(new CustomEvent("mg-error", { detail: { code: "unreachable" }, bubbles: true, composed: true }));
    }
  }

  /** Closes the dialog; what was sent stays sent. */
  close(): void {
    this.shadowRoot!.querySelector("dialog")?.close();
  }
}

// Known before they are set, or React makes attributes of them; what a page set before the element was there stays.
Opener.prototype.getSession = Opener.prototype.words = undefined;

/** Gives an element a property for each attribute of those names: absent, it is empty. */
export function reflect(element: { prototype: HTMLElement }, ...names: string[]): void {
  for (const name of names) {
    Object.defineProperty(element.prototype, name, {
      get(this: HTMLElement) { return this.getAttribute(name) ?? ""; },
      set(this: HTMLElement, value: string) { this.setAttribute(name, value); },
    });
  }
}
