import createClient, { type Client } from "openapi-fetch";
import type { components, paths } from "./api.js";

export type { components, paths } from "./api.js";
export type Schemas = components["schemas"];
/** What went wrong, in a word; gateway where API Gateway answered in our place, unreachable where nobody did. */
export type Code = Schemas["ProblemCode"] | "gateway" | "unreachable";

/** An answer that is none of success. An unknown code is to be taken by its status. */
export class MakegoodError extends Error {
  constructor(readonly status: number, readonly code: Code, readonly problem: Partial<Schemas["Problem"]>) {
    super(problem.detail ?? code);
    this.name = "MakegoodError";
  }
}

export interface Options {
  /** Where the API answers. */
  baseUrl: string;
  /** The app's key, on a server; or a function that returns a customer's session, in a browser. It is asked before every try. */
  key: string | (() => string | Promise<string>);
  /** How often a request is sent at most. */
  tries?: number;
  /** The longest wait, in seconds, that an answer may ask for; one that asks for more is a failure. */
  longestWait?: number;
  fetch?: (request: Request) => Promise<Response>;
}

/** A name for a request: sent again under it, it is done once and gets its first answer. */
export const newKey = (): string => crypto.randomUUID();

/**
 * A client of every route, by its path: api.POST("/v1/reports", {…}). What passes (429, 503, a
 * result on its way, and no answer to what may be sent again) is sent again.
 */
export function makegood(options: Options): Client<paths> {
  const { baseUrl, key, tries = 6, longestWait = 30, fetch: send = fetch } = options;
  return createClient<paths>({
    baseUrl,
    async fetch(request: Request): Promise<Response> {
      for (let attempt = 1; ; attempt++) {
        const once = request.clone();
        once.headers.set("Authorization", `Bearer ${typeof key === "string" ? key : await key()}`);
        let wait = 2 ** attempt / 8;
        try {
          const answer = await send(once);
          wait = Math.max(wait, Number(answer.headers.get("Retry-After")) || 0);
          if (attempt >= tries || wait > longestWait || !(await passes(answer))) return answer;
        } catch (failure) {
          if (attempt >= tries || request.signal.aborted || !repeatable(request)) throw failure;
        }
        await new Promise((done) => setTimeout(done, wait * 1000 * (0.75 + Math.random() / 2)));
      }
    },
  });
}

/** Returns the answer's body, and throws a MakegoodError where there is none. */
export async function done<T>(asked: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await asked.catch((failure: unknown) => {
    throw new MakegoodError(0, "unreachable", { detail: String(failure) });
  });
  if (response.ok) return data as T;
  const problem = (typeof error === "object" && error ? error : {}) as Partial<Schemas["Problem"]>;
  throw new MakegoodError(response.status, problem.code ?? "gateway", problem);
}

async function passes(answer: Response): Promise<boolean> {
  if (answer.status === 429 || answer.status === 503) return true;
  return answer.status === 409 && (await answer.clone().json().catch(() => ({}))).code === "result_pending";
}

// Nobody knows whether a command without a key arrived.
const repeatable = (request: Request): boolean => request.method === "GET" || request.headers.has("Idempotency-Key");
