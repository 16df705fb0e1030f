// A headless Chromium for tests in Python: one JSON command a line in, one JSON answer a line out, {"ok": …} or {"error": …}.
//
//   node browser.mjs CHROMIUM
//
// Commands, with their fields: open {path, width, height, scheme, print}, evaluate {script}, press {key}, fill {selector, text},
// click {selector}, focus {selector}, resize {width}, screenshot {path}, pdf {path}, problems {} (console errors, exceptions of the
// page, and every request that is not of the page's own file), close {}. evaluate, press and the like wait for two frames after.
import {createInterface} from "node:readline";
import {pathToFileURL} from "node:url";
import {chromium} from "../../tools/report/node_modules/playwright-core/index.mjs";

const browser = await chromium.launch({
  executablePath: process.argv[2],
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"],
});
let context = null;
let page = null;
let problems = [];

async function open({path, width = 1200, height = 900, scheme = "light"}) {
  await context?.close();
  context = await browser.newContext({viewport: {width, height}, colorScheme: scheme, offline: true});
  page = await context.newPage();
  problems = [];
  const url = pathToFileURL(path).href;
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && problems.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => problems.push(`exception: ${error.message}`));
  page.on("dialog", (dialog) => {
    problems.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on("request", (request) => request.url() !== url && !request.url().startsWith("data:") && problems.push(`request: ${request.url()}`));
  const before = Date.now();
  await page.goto(url);
  return (Date.now() - before) / 1000;
}

const twoFrames = () => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(null)))));

const commands = {
  open,
  evaluate: ({script}) => page.evaluate(script),
  press: async ({key, times = 1}) => {
    for (let i = 0; i < times; ++i) await page.keyboard.press(key);
    await twoFrames();
  },
  fill: async ({selector, text}) => {
    await page.fill(selector, text);
    await twoFrames();
  },
  click: async ({selector}) => {
    await page.click(selector);
    await twoFrames();
  },
  focus: ({selector}) => page.focus(selector),
  resize: async ({width, height = 900}) => {
    await page.setViewportSize({width, height});
    await twoFrames();
  },
  screenshot: async ({path}) => void (await page.screenshot({path, fullPage: true})),
  pdf: async ({path}) => void (await page.pdf({path, format: "A4"})),
  problems: () => problems,
  close: () => browser.close(),
};

for await (const line of createInterface({input: process.stdin})) {
  const {command, ...fields} = JSON.parse(line);
  let answer;
  try {
    answer = {ok: (await commands[command](fields)) ?? null};
  } catch (error) {
    answer = {error: error.message};
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
  if (command === "close") break;
}
process.exit(0);
