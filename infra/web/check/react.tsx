// A page of an app in React 19: it compiles by the types of the package as it is published.
import "@makegood/web/claim";
import "@makegood/web/credits";
import "@makegood/web/report";
import type {} from "@makegood/web/react";
import { done, makegood } from "@makegood/web/client";
import { useRef } from "react";
import type { MakegoodClaim } from "@makegood/web/claim";

const getSession = async () => (await done(makegood({ baseUrl: "", key: "" }).POST("/v1/sessions", { body: { customer: "alice" } }))).token;

export function Page() {
  const claim = useRef<MakegoodClaim>(null);
  return (
    <main lang="en">
      <makegood-report generation="gen_1" output="1" getSession={getSession} reasons="taste" words={{ title: "Well?" }} onmg-sent={(event) => event.detail.case.length} />
      <makegood-claim ref={claim} customer="alice" email="alice@example.com" kinds="outage" words={{ reason: "Why?" }} onmg-answered={(event) => event.detail.clause} className="claim">
        <span slot="footer">Help</span>
      </makegood-claim>
      <makegood-credits customer="alice" session="token" onmg-error={({ detail }) => console.error(detail.code)} />
      <button onClick={() => claim.current?.open()}>Claim</button>
      {/* @ts-expect-error a report has no customer */}
      <makegood-report customer="alice" />
      {/* @ts-expect-error no such words */}
      <makegood-claim words={{ colour: "red" }} />
      {/* @ts-expect-error of an error there is the code alone */}
      <makegood-credits onmg-error={({ detail }) => detail.message} />
      {/* @ts-expect-error no such element */}
      <makegood-refund />
    </main>
  );
}
