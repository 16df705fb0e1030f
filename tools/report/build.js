// Bundles src/ into one HTML file with two holes (@@TITLE@@, @@DOCUMENT@@), and that file into a C++ source that embeds it.
//
//   node build.js OUT_DIRECTORY      writes template.html and template.cpp there
//
// The page may run exactly one script, by its hash, and may load nothing: its Content-Security-Policy says so.
import {createHash} from "node:crypto";
import {existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync} from "node:fs";
import {dirname, join} from "node:path";
import {fileURLToPath} from "node:url";
import {build} from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2];
if (!out) throw new Error("usage: node build.js OUT_DIRECTORY");

async function bundle(entry) {
  const result = await build({
    absWorkingDir: here,
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: entry.endsWith(".js") ? "iife" : undefined,
    target: ["chrome123", "firefox120", "safari17.5"], // the first ones that know light-dark()
    charset: "utf8",
    legalComments: "none", // notices() has them all
  });
  return {text: result.outputFiles[0].text.trim(), inputs: Object.keys(result.metafile.inputs)};
}

// The licences of everything bundled, equal texts once: they ask to travel with the code.
function notices(inputs) {
  const packages = new Map();
  for (const input of inputs) {
    const name = input.match(/node_modules\/((?:@[^/]+\/)?[^/]+)\//)?.[1];
    if (!name || packages.has(name)) continue;
    const folder = join(here, "node_modules", name);
    const {version, license} = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    packages.set(name, {title: `${name} ${version} (${license})`, text: file ? readFileSync(join(folder, file), "utf8").trim() : ""});
  }
  const byText = new Map();
  for (const {title, text} of packages.values()) byText.set(text, [...(byText.get(text) ?? []), title]);
  return [...byText].map(([text, titles]) => `${titles.sort().join(", ")}\n\n${text}`).join("\n\n----\n\n");
}

// A script or style ends at its end tag, wherever that stands.
function checked(text, tag) {
  if (text.toLowerCase().includes(`</${tag}`) || (tag === "script" && text.includes("<!--"))) {
    throw new Error(`the bundled ${tag} holds what would end or escape it`);
  }
  return text;
}

// Raw string literals: g++ takes long ones, and adjacent ones become one.
function cppSource(html) {
  const pieces = html.match(/[\s\S]{1,12000}/gu);
  const literals = pieces.map((piece) => `    R"_smol_(${piece})_smol_"sv`);
  return [
    "// Made by tools/report/build.js.",
    '#include "smol/report/report_template.h"',
    "",
    "namespace smol {",
    "using namespace std::string_view_literals;",
    "std::string_view report_template() {",
    "  static constexpr std::string_view kTemplate =",
    literals.join("\n").replaceAll(')_smol_"sv\n', ')_smol_"\n') + ";",
    "  return kTemplate;",
    "}",
    "}  // namespace smol",
    "",
  ].join("\n");
}

const script = await bundle("src/main.js");
const style = await bundle("src/style.css");
checked(script.text, "script");
checked(style.text, "style");
const policy = [
  "default-src 'none'",
  `script-src 'sha256-${createHash("sha256").update(script.text).digest("base64")}'`,
  "style-src 'unsafe-inline'",
  "img-src data:",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");
const fill = {
  "@@POLICY@@": policy,
  "@@STYLE@@": style.text,
  "@@SCRIPT@@": script.text,
  "@@NOTICES@@": checked(notices(script.inputs), "script"),
};
let html = readFileSync(join(here, "src/page.html"), "utf8");
for (const [hole, text] of Object.entries(fill)) {
  if (html.split(hole).length !== 2) throw new Error(`page.html must have ${hole} once`);
  html = html.replace(hole, () => text);
}
if (!existsSync(out)) mkdirSync(out, {recursive: true});
writeFileSync(join(out, "template.html"), html);
writeFileSync(join(out, "template.cpp"), cppSource(html));
