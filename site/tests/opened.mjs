// Opens a page of the site, and records what the page must not do.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { browse, serve } from '../served.mjs';

/** The folder of the site. */
export const site = process.env.PLUGWRIGHT_SITE;

/** The site's server on loopback and a browser, which run from `begin` to `end`. */
export let server, browser;

export const begin = async () => {
  server = await serve((path) => join(site, path.endsWith('/') ? `${path}index.html` : path));
  browser = await browse();
};

export const end = async () => {
  await browser?.close();
  server?.close();
};

/** Opens a page, and records its requests to other hosts and its errors. `routes` has texts that replace files. */
export const open = async (browser, address, { routes = {}, ...options } = {}) => {
  const context = await browser.newContext(options);
  for (const [path, body] of Object.entries(routes)) await context.route(`**/${path}`, (route) => route.fulfill({ body, contentType: 'text/javascript' }));
  const page = await context.newPage();
  const seen = { elsewhere: [], wrong: [] };
  const own = new URL(address).origin;
  context.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(own) && !url.startsWith('blob:') && !url.startsWith('data:') && url !== 'about:srcdoc') seen.elsewhere.push(url);
  });
  page.on('pageerror', (error) => seen.wrong.push(`${error}`));
  page.on('console', (message) => {
    if (message.type() === 'error') seen.wrong.push(message.text());
  });
  await page.goto(address);
  return { page, context, seen };
};

/** The sizes of screens: one on a desk, and one in a hand. */
export const SIZES = [
  { width: 1280, height: 900 },
  { width: 360, height: 740 },
];

const axe = await readFile(new URL(import.meta.resolve('axe-core/axe.min.js')), 'utf8');

/** Returns the accessibility problems that axe finds: contrast, names, roles, order. The page's policy refuses scripts, so the browser itself runs axe. */
export const violations = async (page) => {
  const session = await page.context().newCDPSession(page);
  await session.send('Runtime.evaluate', { expression: axe });
  const told = `axe.run(document, { iframes: false }).then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' | ')))`;
  const { result } = await session.send('Runtime.evaluate', { expression: told, awaitPromise: true, returnByValue: true });
  await session.detach();
  return result.value;
};

/** Returns the width of the page if it is wider than its window. */
export const tooWide = (page) => page.evaluate(() => (document.documentElement.scrollWidth > innerWidth ? document.documentElement.scrollWidth : null));

/** Opens the playground, and runs a function when its plugin is ready. */
export const inPage = async (what, { fragment = '', allowed = [], asked = [], routes = {}, ...options } = {}) => {
  const { page, context, seen } = await open(browser, server.address + fragment, { routes, ...options });
  page.setDefaultTimeout(20_000);
  try {
    await ready(page);
    await what(page, context);
    assert.deepEqual(seen.elsewhere.filter((url) => !asked.includes(url)), [], 'it asks nothing of elsewhere');
    assert.deepEqual(seen.wrong.filter((it) => !allowed.some((known) => it.includes(known))), []);
  } finally {
    await context.close();
  }
};

/** Waits until the status matches. */
export const statusIs = (page, pattern) =>
  page.waitForFunction((source) => new RegExp(source).test(document.getElementById('status').textContent), pattern.source);

/** Waits until nothing is loading or running. */
export const ready = (page) => statusIs(page, /^(?!Loading|Running)/);

/** Chooses the plugin without an example. */
export const choose = async (page, name) => {
  await page.selectOption('#plugin', name);
  await statusIs(page, /^Ready/);
  if (await page.locator('#sample').isVisible() && (await page.locator('#sample').isEnabled())) await page.selectOption('#sample', '');
};

/** Submits the form, and returns the status at the end. */
export const run = async (page) => {
  await page.click('#run');
  await ready(page);
  return page.textContent('#status');
};

/** Types a document. */
export const type = async (page, text, name = 'a.txt', mediaType = 'text/plain') => {
  await page.fill('#name', name);
  await page.fill('#type', mediaType);
  await page.fill('#body', text);
};

/** Drops a component on the page, and waits until it is loaded or refused. */
export const drop = async (page, file) => {
  await page.setInputFiles('#component', file);
  const isIt = (name) => document.querySelector('#plugin [data-own]')?.textContent === name && !/^(Loading|Running)/.test(document.getElementById('status').textContent);
  await page.waitForFunction(isIt, basename(file));
};
