import type { ClaimWords } from "./claim-words.js";
import { Opener, reflect } from "./opener.js";
import { wordsOf } from "./table.js";

const labels: Record<string, string> = {
  en: "Claim a refund", de: "Erstattung beantragen", fr: "Demander un remboursement", es: "Solicitar un reembolso", ar: "طلب استرداد",
};

// Each a literal, so that whoever bundles this finds the file.
const words: Record<string, () => Promise<{ default: ClaimWords }>> = {
  en: () => import("./makegood-claim.en.words.js"),
  de: () => import("./makegood-claim.de.words.js"),
  fr: () => import("./makegood-claim.fr.words.js"),
  es: () => import("./makegood-claim.es.words.js"),
  ar: () => import("./makegood-claim.ar.words.js"),
};

/**
 * A button by which a customer claims that a purchase be put right, and the dialog that it opens:
 * what is wrong, what proves it, sent, and what was answered.
 *
 * @tagname makegood-claim
 * @attr {string} customer - The customer's id.
 * @attr {string} session - A token of POST /v1/sessions; or set getSession.
 * @attr {string} endpoint - Where the API answers; absent: where the page came from.
 * @attr {string} lang - The language; absent: that of the nearest element that says one.
 * @attr {string} kinds - Which of the policy's claims are offered, separated by blanks; absent: all.
 * @attr {string} payment - The payment that it is about; absent: the customer chooses.
 * @attr {string} outage - The outage that it was offered for.
 * @attr {string} email - The customer's address, which they may change.
 * @attr {string} currencies - In which money was paid, separated by blanks; absent: those of the policy's packages.
 * @slot - The button's words.
 * @slot trigger - What opens the dialog in place of the button.
 * @slot header - Above the dialog's content, in place of its title.
 * @slot footer - Below the dialog's content.
 * @csspart button - The button.
 * @csspart dialog - The dialog.
 * @csspart kind - One claim to choose.
 * @csspart field - What is typed or chosen.
 * @csspart textarea - Where the customer writes.
 * @csspart file - One file that was chosen.
 * @csspart error - What is wrong with a field.
 * @csspart submit - What sends.
 * @csspart status - What is said of the claim.
 * @cssprop --mg-accent - The colour of what sends and of what is chosen.
 * @cssprop --mg-radius - How round corners are.
 * @cssprop --mg-font - The font, as the property font has it.
 * @cssprop --mg-surface - The dialog's ground.
 * @cssprop --mg-text - The dialog's words.
 * @cssprop --mg-color-scheme - light or dark; absent: as the person prefers.
 * @cssstate sent - It was sent, and is not answered.
 * @cssstate in_review - A person decides.
 * @cssstate approved - Something was given back.
 * @cssstate declined - Nothing was given back.
 * @fires mg-open - The dialog opens.
 * @fires mg-sent - It was sent: detail is {case, state}.
 * @fires mg-answered - There is a verdict: detail is {case, outcome, clause, reason}.
 * @fires mg-error - Something went wrong: detail is {code}.
 */
export class MakegoodClaim extends Opener {
  /** Words in place of the component's own. */
  declare words: Partial<ClaimWords> | undefined;

  protected get labels(): Record<string, string> { return labels; }
  protected async load(): Promise<void> {
    const [dialog, own] = await Promise.all([import("./makegood-claim.dialog.js"), wordsOf(words, this.language)()]);
    dialog.open(this, own.default);
  }
}

reflect(MakegoodClaim, "customer", "session", "endpoint", "kinds", "payment", "outage", "email", "currencies");
export interface MakegoodClaim {
  customer: string;
  session: string;
  endpoint: string;
  kinds: string;
  payment: string;
  outage: string;
  email: string;
  currencies: string;
}

declare global {
  interface HTMLElementTagNameMap {
    "makegood-claim": MakegoodClaim;
  }
}

if (!customElements.get("makegood-claim")) customElements.define("makegood-claim", MakegoodClaim);
