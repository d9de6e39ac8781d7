import { Refusal, newKey, type Schema } from "./ask.js";
import { Frame, make } from "./frame.js";
import { Marker } from "./marker.js";
import { markerStyle } from "./marker-style.js";
import type { MakegoodReport } from "./report.js";
import type { Words } from "./words.js";

/** Opens the dialog of an element, unless it is open. */
export function open(host: MakegoodReport, words: Words): void {
  if (!host.shadowRoot!.querySelector("dialog")) void new Dialog(host, { ...words, ...host.words }, markerStyle).run();
}

class Dialog extends Frame<MakegoodReport, Words> {
  readonly #key = newKey();
  readonly #output = Number(this.host.output) || 0;

  protected async begin(): Promise<void> {
    const [report, policy] = await Promise.all([this.#report(), this.asker.ask<Schema["Policy"]>("/v1/policy")]);
    if (report?.allowed) this.#form(policy.issues);
    else if (report?.case) await this.watch(report.case);
    else if (report?.clause) this.verdict("declined", report.clause, report.reason!);
    else this.say(report?.code === "result_pending" ? this.words.pending : this.words.refused);
  }

  /** Reads whether the output may be reported, and which case it has. */
  async #report(): Promise<Schema["OutputReport"] | undefined> {
    const { reports } = await this.asker.ask<Schema["Generation"]>(`/v1/generations/${encodeURIComponent(this.host.generation)}`);
    return reports?.find((one) => one.output === this.#output);
  }

  protected override wrong(failure: unknown): string {
    return failure instanceof Refusal && failure.problem.code === "result_pending" ? this.words.pending : super.wrong(failure);
  }

  /** Asks what is wrong. */
  #form(issues: Schema["IssueLabel"][]): void {
    const offered = this.host.reasons.split(/\s+/).filter(Boolean);
    const shown = offered.length ? issues.filter((one) => offered.includes(one.issue)) : issues;
    const reasons = make("fieldset", {}, make("legend", {}, this.words.what));
    for (const { issue, label } of shown) {
      reasons.append(make("label", { part: "reason" }, make("input", { type: "radio", name: "issue", value: issue }), make("span", { dir: "auto" }, label)));
    }
    const marker = this.host.picture ? new Marker(this.host.picture, this.host.language, this.words) : undefined;
    this.ask(marker ? [reasons, marker.field] : [reasons], this.words.more, async (words, form) => {
      const issue = new FormData(form).get("issue") as Schema["Issue"] | null;
      const description = words || shown.find((one) => one.issue === issue)?.label;
      if (!description) {
        form.querySelector("input")?.focus();
        return this.say(this.words.choose);
      }
      const body: Schema["ReportBadResult"] = { generation: this.host.generation, output: this.#output, description, locale: this.host.language };
      if (issue) body.issue = issue;
      if (marker?.region) body.region = marker.region;
      form.inert = true;
      const opened = await this.asker.ask<Schema["CaseState"]>("/v1/reports", body, this.#key).catch(async (failure: unknown) => {
        form.inert = false;
        const { code, case: known } = failure instanceof Refusal ? failure.problem : {};
        // A key that is in use: other words were taken under it, whose answer was lost.
        const there = known ?? (code === "idempotency_key_reused" ? (await this.#report())?.case : undefined);
        if (there) return { case: there, state: "received" } as const;
        throw failure;
      });
      await this.sent(opened);
    });
  }
}
