// Opens a page of the site, and keeps what it does that it should not.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { serve } from '../served.mjs';

/** Serves the folder of the site. */
export const serveSite = (folder) => serve((path) => join(folder, path.endsWith('/') ? `${path}index.html` : path));

/** Opens a page, and keeps what it asks of elsewhere, and what is wrong in it. */
export const open = async (browser, address, options = {}) => {
  const context = await browser.newContext(options);
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

/** How large screens are: one at a desk, and one in a hand. */
export const SIZES = [
  { width: 1280, height: 900 },
  { width: 360, height: 740 },
];

const axe = await readFile(new URL(import.meta.resolve('axe-core/axe.min.js')), 'utf8');

/** What of the page cannot be read by all, as axe finds it: contrast, names, roles, order. Its policy refuses scripts, so the browser itself runs axe. */
export const violations = async (page) => {
  const session = await page.context().newCDPSession(page);
  await session.send('Runtime.evaluate', { expression: axe });
  const told = `axe.run(document, { iframes: false }).then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' | ')))`;
  const { result } = await session.send('Runtime.evaluate', { expression: told, awaitPromise: true, returnByValue: true });
  await session.detach();
  return result.value;
};

/** How wide the page is, if that is more than its window. */
export const tooWide = (page) => page.evaluate(() => (document.documentElement.scrollWidth > innerWidth ? document.documentElement.scrollWidth : null));
