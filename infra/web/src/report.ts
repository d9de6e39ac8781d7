import { Opener, reflect } from "./opener.js";
import { wordsOf } from "./table.js";
import type { Words } from "./words.js";

const labels: Record<string, string> = {
  en: "Bad result", de: "Schlechtes Ergebnis", fr: "Mauvais résultat", es: "Mal resultado", ar: "نتيجة سيئة",
};

// Each a literal, so that whoever bundles this finds the file.
const words: Record<string, () => Promise<{ default: Words }>> = {
  en: () => import("./makegood-report.en.words.js"),
  de: () => import("./makegood-report.de.words.js"),
  fr: () => import("./makegood-report.fr.words.js"),
  es: () => import("./makegood-report.es.words.js"),
  ar: () => import("./makegood-report.ar.words.js"),
};

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
 * @attr {string} picture - Where the page has the output's picture: the customer marks a part of it; absent: none is shown.
 * @attr {string} reasons - Which of the policy's reasons are offered, separated by blanks; absent: all.
 * @slot - The button's words.
 * @slot trigger - What opens the dialog in place of the button.
 * @slot header - Above the dialog's content, in place of its title.
 * @slot footer - Below the dialog's content.
 * @csspart button - The button.
 * @csspart dialog - The dialog.
 * @csspart reason - One reason to choose.
 * @csspart picture - The picture to mark a part of.
 * @csspart mark - The box around what is marked.
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
export class MakegoodReport extends Opener {
  /** Words in place of the component's own. */
  declare words: Partial<Words> | undefined;

  protected get labels(): Record<string, string> { return labels; }
  protected async load(): Promise<void> {
    const [dialog, own] = await Promise.all([import("./makegood-report.dialog.js"), wordsOf(words, this.language)()]);
    dialog.open(this, own.default);
  }
}

reflect(MakegoodReport, "generation", "output", "session", "endpoint", "picture", "reasons");
export interface MakegoodReport {
  generation: string;
  output: string;
  session: string;
  endpoint: string;
  picture: string;
  reasons: string;
}

declare global {
  interface HTMLElementTagNameMap {
    "makegood-report": MakegoodReport;
  }
}

if (!customElements.get("makegood-report")) customElements.define("makegood-report", MakegoodReport);
