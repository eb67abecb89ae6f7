// The report in Chromium, as the site has it.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';

import { SIZES, begin, browser, end, open, server, site, tooWide, violations } from './opened.mjs';

before(begin);
after(end);

const inReport = async (what, options = {}) => {
  const { page, context, seen } = await open(browser, `${server.address}report.html`, options);
  try {
    await what(page);
    assert.deepEqual(seen, { elsewhere: [], wrong: [] });
  } finally {
    await context.close();
  }
};

test('it is one file, which asks for nothing more, and has no scripts', () =>
  inReport(async (page) => {
    const asked = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.reload();
    assert.deepEqual(asked.filter((url) => !url.endsWith('/favicon.ico')), [`${server.address}report.html`]);
    assert.equal(await page.locator('script').count(), 0);
    console.log(`the report: ${gzipSync(await readFile(join(site, 'report.html'))).length} bytes compressed`);
  }));

test('it has each plugin, and the keyboard opens what is folded', () =>
  inReport(async (page) => {
    const plugins = JSON.parse(await readFile(join(site, 'plugins/index.json'), 'utf8')).filter(({ group }) => group === 'Plugins');
    for (const { name } of plugins) assert.ok((await page.getByRole('heading', { name: new RegExp(`^${name} `) }).count()) > 0, name);
    const folded = page.locator('details:not([open]) > summary').first();
    await folded.focus();
    const before = await page.locator('details[open]').count();
    await page.keyboard.press('Enter');
    assert.equal(await page.locator('details[open]').count(), before + 1);
  }));

test('it can be read by all, in light and dark, wide and narrow', async () => {
  for (const colorScheme of ['light', 'dark']) {
    for (const viewport of SIZES) {
      await inReport(async (page) => {
        await page.evaluate(() => document.querySelectorAll('details').forEach((it) => (it.open = true)));
        assert.deepEqual(await violations(page), [], `${colorScheme}, ${viewport.width}`);
        assert.equal(await tooWide(page), null);
      }, { colorScheme, viewport });
    }
  }
});
