import type { DetailedHTMLProps, HTMLAttributes } from "react";
import type { MakegoodClaim } from "./claim.js";
import type { MakegoodCredits } from "./credits.js";
import type { MakegoodReport } from "./report.js";

/** What an element takes of React: HTML's attributes, its own properties, and the events that it fires. */
type Props<E extends HTMLElement, Own extends keyof E, Events = unknown> = DetailedHTMLProps<HTMLAttributes<E>, E> & Partial<Pick<E, Own>> & Events;

type Asks = "session" | "endpoint" | "getSession" | "words";
type On<Kind extends string, Detail> = { [name in `onmg-${Kind}`]?: (event: CustomEvent<Detail>) => void };
type Failures = On<"error", { code: string }>;
type Answers = Failures & On<"open", object> & On<"sent", { case: string; state: string }> & On<"answered", { case?: string; outcome: string; clause: string; reason: string }>;

declare module "react" {
  namespace JSX {
    interface IntrinsicElements {
      "makegood-report": Props<MakegoodReport, Asks | "generation" | "output" | "picture" | "reasons", Answers>;
      "makegood-claim": Props<MakegoodClaim, Asks | "customer" | "kinds" | "payment" | "outage" | "email" | "currencies", Answers>;
      "makegood-credits": Props<MakegoodCredits, Asks | "customer", Failures>;
    }
  }
}
