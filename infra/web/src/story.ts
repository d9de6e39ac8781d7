// The README's first story, by the client: a purchase, a failure that gives its credits back, a bad result that staff decide.
// It runs in Node, against the stack that API and PROVIDER name.
import { done, makegood, MakegoodError, newKey, type Schemas } from "./client.js";

// Node 18, which Debian 12 has, knows it by this name only.
// @ts-expect-error the types of Node are not among ours
globalThis.crypto ??= (await import("node:crypto")).webcrypto;

declare const process: { env: Record<string, string> };
const baseUrl = process.env.API!;
const app = makegood({ baseUrl, key: "mk_local_app" });
const staff = makegood({ baseUrl, key: () => "mk_local_operator" });
const customer = `ts-${newKey()}`;
const keyed = () => ({ header: { "Idempotency-Key": newKey() } });

function expect(what: string, got: unknown, want: unknown): void {
  if (JSON.stringify(got) !== JSON.stringify(want)) throw new Error(`${what}: ${JSON.stringify(got)}, want ${JSON.stringify(want)}`);
}

async function until<T>(what: string, read: () => Promise<T>, holds: (seen: T) => unknown): Promise<T> {
  for (let look = 0; look < 200; look++) {
    const seen = await read();
    if (holds(seen)) return seen;
    await new Promise((again) => setTimeout(again, 100));
  }
  throw new Error(`not in time: ${what}`);
}

const wallet = () => done(app.GET("/v1/customers/{id}", { params: { path: { id: customer } } }));
const readGeneration = (id: string) => done(app.GET("/v1/generations/{id}", { params: { path: { id } } }));
const readCase = (id: string) => done(app.GET("/v1/cases/{id}", { params: { path: { id } } }));
const start = async () => (await done(app.POST("/v1/generations", { params: keyed(), body: { customer, feature: "recolor", platform: "web", outputs: 1 } }))).id;
const end = (id: string, body: Omit<Schemas["GenerationResult"], "finished_at">) =>
  done(app.POST("/v1/generations/{id}/result", { params: { path: { id } }, body: { ...body, finished_at: new Date().toISOString() } }));

// A customer without credits is refused by a code that the compiler knows.
const refused = await start().catch((failure: unknown) => failure);
expect("without credits", refused instanceof MakegoodError && [refused.status, refused.code], [402, "insufficient_credits"]);

await fetch(`${process.env.PROVIDER}/_standin/checkouts`, { method: "POST", body: JSON.stringify({ customer, package: "credits-100" }) });
await until("the purchase", () => wallet().catch(() => undefined), (seen) => seen?.balance.available === 100);

const failed = await start();
await end(failed, { status: "failed", failure: { cause: "platform", code: "lost", message: "gone" } });
const given = await until("the failure's case", () => readGeneration(failed), (seen) => seen.case);
expect("the clause of a failure", (await readCase(given.case!)).decision?.clause, "R1");

const id = await start();
await end(id, { status: "succeeded" });
// Sent before its result is recorded, it waits for it by itself; under one key it is one report.
const params = keyed();
const body = { generation: id, output: 0, description: "six fingers" };
const reported = await done(app.POST("/v1/reports", { params, body }));
expect("the report again", await done(app.POST("/v1/reports", { params, body })), reported);
await until("the review", () => readCase(reported.case), (seen) => seen.state === "in_review");
await done(staff.POST("/v1/cases/{id}/verdict", { params: { path: { id: reported.case }, ...keyed() }, body: { outcome: "approved", note: "indeed", take_back: false } }));
await until("the verdict", () => readCase(reported.case), (seen) => seen.state === "approved");
expect("all credits are back", (await wallet()).balance, { available: 100, held: 0, owed: 0 });
const statement = await done(app.GET("/v1/customers/{id}/statement", { params: { path: { id: customer } } }));
const { from, to, amount } = statement.entries[0]!;
expect("the newest line", { from, to, amount }, { from: "spent", to: "available", amount: 4 });
console.log("the story holds");
