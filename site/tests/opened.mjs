// Opens a page of the site, and keeps what it does that it should not.

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
