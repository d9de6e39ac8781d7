import type { ClaimDialog } from "./claim-dialog.js";
import { Upload, types } from "./claim-upload.js";
import { make } from "./frame.js";

const largest = 10 << 20;
const most = 5;

/** The files that prove a claim: each is uploaded when it is chosen. */
export class Files {
  readonly input = make("input", { type: "file", multiple: "", accept: types.join() });
  readonly list = make("ul");
  #chosen: Upload[] = [];

  /** @param claim says what is wrong with what was chosen, and why an upload came to nothing. */
  constructor(claim: ClaimDialog) {
    const { input, list } = this;
    const flag = (wrong: string): void => claim.flag("attachments", wrong);
    const gone = (one: Upload): void => {
      this.#chosen = this.#chosen.filter((other) => other !== one);
      flag("");
      input.focus();
    };
    /** Begins to upload a file; false, if it may not be one. */
    const take = (file: File): boolean => {
      if (!types.includes(file.type) || !file.size || file.size > largest || this.#chosen.length >= most) return false;
      const one = new Upload(claim, file, gone);
      this.#chosen = [...this.#chosen, one];
      list.append(one.item);
      return true;
    };
    input.onchange = () => {
      const unfit = [...input.files!].filter((file) => !take(file));
      flag(unfit[0] ? `${unfit.map((file) => file.name).join(", ")}: ${claim.words.unfit} ${claim.words.hint}` : "");
      input.value = ""; // what was removed may be chosen again
    };
  }

  get empty(): boolean { return !this.#chosen[0]; }

  /** Waits for what is on its way, and for what is chosen meanwhile, and returns the ids: "" of one that is not there. */
  async ids(): Promise<string[]> {
    for (let all; all !== this.#chosen; ) await Promise.all((all = this.#chosen).map((one) => one.done));
    return this.#chosen.map((one) => one.id);
  }

  /** Says that the nth file, if there is one, is none that a claim can take: it has to be chosen again. */
  lose(n: number): void { this.#chosen[n]?.lose(); }
}
