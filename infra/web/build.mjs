// Builds what browsers load into dist/, and fails where it is larger than it may be.
// It runs in .local/web, where build.sh lays the sources beside what npm brings.
import { execFileSync } from "node:child_process";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const budget = { opened: 8192, before: 1024, credits: 8192 };

const tool = (name, ...args) => execFileSync(`node_modules/.bin/${name}`, args, { stdio: ["ignore", "ignore", "inherit"] });

tool("openapi-typescript", "openapi.yaml", "--output", "src/api.d.ts");
tool("tsc");
// The types of the contract are part of those that are published.
copyFileSync("src/api.d.ts", "dist/types/api.d.ts");
const bundle = (from, to, more) =>
  build({
    entryPoints: [`src/${from}.ts`], outfile: `dist/${to}.js`, bundle: true, minify: true, target: "es2022", format: "esm",
    charset: "utf8", ignoreAnnotations: true, legalComments: "none", logLevel: "warning", ...more,
  });
// The dialog and its words are files of their own, which are loaded when it is first opened.
const apart = { external: ["./*.dialog.js", "./*.words.js"] };
await Promise.all([
  bundle("report", "makegood-report", apart),
  // For a plain script tag: no exports, no names left in the page.
  bundle("script", "makegood-report.script", { ...apart, banner: { js: "(()=>{" }, footer: { js: "})()" } }),
  bundle("dialog", "makegood-report.dialog"),
  bundle("words", "../report-words", { platform: "node" }),
  bundle("credits", "makegood-credits"),
  bundle("credits-script", "makegood-credits.script", { banner: { js: "(()=>{" }, footer: { js: "})()" } }),
  bundle("client", "makegood-client", { minify: false }),
  bundle("story", "../story", { minify: false, platform: "node" }), // a test
]);
// A customer reads one language, so each is a file of its own.
const languages = Object.entries((await import("./report-words.js")).reportWords());
for (const [language, words] of languages) writeFileSync(`dist/makegood-report.${language}.words.js`, `export default ${JSON.stringify(words)}\n`);
tool("cem", "analyze", "--globs", "src/opener.ts", "src/report.ts", "src/credits.ts", "--outdir", ".");

const read = (name) => readFileSync(`dist/${name}.js`);
const size = (name) => gzipSync(read(name), { level: 9 }).length;
const before = Math.max(size("makegood-report"), size("makegood-report.script"));
// Of the languages the longest.
const opened = before + size("makegood-report.dialog") + Math.max(...languages.map(([language]) => size(`makegood-report.${language}.words`)));
const credits = Math.max(size("makegood-credits"), size("makegood-credits.script"));
console.log(`<makegood-report>: ${before} bytes before it is opened, ${opened} in all (gzip); <makegood-credits>: ${credits}`);
for (const [name, bytes] of Object.entries({ before, opened, credits })) {
  if (bytes > budget[name]) throw new Error(`${bytes} bytes ${name}, of ${budget[name]} that it may have`);
}
// For the integrity attribute of a script tag.
const integrity = (name) => [`${name}.js`, `sha384-${createHash("sha384").update(read(name)).digest("base64")}`];
writeFileSync("dist/integrity.json", JSON.stringify(Object.fromEntries(["makegood-report", "makegood-report.script", "makegood-report.dialog", "makegood-credits", "makegood-credits.script"].map(integrity)), null, 2) + "\n");
