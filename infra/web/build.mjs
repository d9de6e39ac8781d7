// Builds what browsers load into dist/, and fails where it is larger than it may be.
// It runs in .local/web, where build.sh lays the sources beside what npm brings.
import { spawnSync } from "node:child_process";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const budget = { all: 8192, before: 1024 }; // bytes, gzip

// tsc says what is wrong where it says everything; the others chat there.
const tool = (name, ...args) => {
  const { status, stdout } = spawnSync(`node_modules/.bin/${name}`, args, { stdio: ["ignore", "pipe", "inherit"], encoding: "utf8" });
  if (status !== 0) throw new Error(`${name}: ${stdout}`);
};

tool("openapi-typescript", "openapi.yaml", "--output", "src/api.d.ts");
tool("tsc");
// The types of the contract are part of those that are published.
copyFileSync("src/api.d.ts", "dist/types/api.d.ts");
// The elements in React's JSX are types alone.
copyFileSync("src/react.d.ts", "dist/types/react.d.ts");
writeFileSync("dist/react.js", "export {};\n");
const bundle = (from, to, more) =>
  build({
    entryPoints: [`src/${from}.ts`], outfile: `dist/${to}.js`, bundle: true, minify: true, target: "es2022", format: "esm",
    charset: "utf8", ignoreAnnotations: true, legalComments: "none", logLevel: "warning", ...more,
  });
// A dialog and its words are files of their own, which are loaded when it is first opened.
const apart = { external: ["./*.dialog.js", "./*.words.js"] };
// Names of our own in a dialog that neither the page, nor the API, nor the words know: they become short.
const inner = { mangleProps: /^(asker|content|verdict|watch|guard|begin|tell|say|pause|waits|host|wrong|ask|problem|flag|lose|ids|item|control|empty|list|done)$/ };
// For a plain script tag: no exports, no names left in the page.
const plain = { banner: { js: "(()=>{" }, footer: { js: "})()" } };
await Promise.all([
  bundle("report", "makegood-report", apart),
  bundle("script", "makegood-report.script", { ...apart, ...plain }),
  bundle("dialog", "makegood-report.dialog", inner),
  bundle("words", "../report-words", { platform: "node" }),
  bundle("claim", "makegood-claim", apart),
  bundle("claim-script", "makegood-claim.script", { ...apart, ...plain }),
  bundle("claim-dialog", "makegood-claim.dialog", inner),
  bundle("claim-words", "../claim-words", { platform: "node" }),
  bundle("credits", "makegood-credits"),
  bundle("credits-script", "makegood-credits.script", plain),
  bundle("client", "makegood-client", { minify: false }),
  bundle("money", "../money", { minify: false, platform: "node" }), // for its test
  bundle("story", "../story", { minify: false, platform: "node" }), // a test
]);
// A customer reads one language, so each is a file of its own.
const tables = { "makegood-report": (await import("./report-words.js")).reportWords, "makegood-claim": (await import("./claim-words.js")).claimWords };
for (const [element, table] of Object.entries(tables)) {
  const hidden = Object.keys(table.en).filter((name) => inner.mangleProps.test(name));
  if (hidden.length > 0) throw new Error(`${hidden} of the words of <${element}> would not be found: inner names are none of theirs`);
  for (const [language, words] of Object.entries(table)) writeFileSync(`dist/${element}.${language}.words.js`, `export default ${JSON.stringify(words)}\n`);
}
tool("cem", "analyze", "--globs", "src/opener.ts", "src/report.ts", "src/claim.ts", "src/credits.ts", "--outdir", ".");

const read = (name) => readFileSync(`dist/${name}.js`);
const size = (name) => gzipSync(read(name), { level: 9 }).length;
const largest = (...names) => Math.max(...names.map(size));
// What one customer loads: as a module or by a script tag, and of the languages the longest.
for (const element of ["makegood-report", "makegood-claim", "makegood-credits"]) {
  const before = largest(element, `${element}.script`);
  const table = tables[element];
  const all = table ? before + size(`${element}.dialog`) + largest(...Object.keys(table).map((language) => `${element}.${language}.words`)) : before;
  console.log(`<${element}>: ${table ? `${before} bytes before it is opened, ` : ""}${all} in all (gzip)`);
  if (all > budget.all || (table && before > budget.before)) throw new Error(`<${element}> is larger than it may be: ${JSON.stringify(budget)}`);
}
// For the integrity attribute of a script tag.
const integrity = (name) => [`${name}.js`, `sha384-${createHash("sha384").update(read(name)).digest("base64")}`];
const shipped = ["makegood-report", "makegood-claim"].flatMap((name) => [name, `${name}.script`, `${name}.dialog`]).concat("makegood-credits", "makegood-credits.script");
writeFileSync("dist/integrity.json", JSON.stringify(Object.fromEntries(shipped.map(integrity)), null, 2) + "\n");
