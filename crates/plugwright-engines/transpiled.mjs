// What jco makes of a component, in a folder.

import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { transpileBytes } from '@bytecodealliance/jco-transpile';

/** Makes a folder with a module `plugin.js`, and gives it with the names that the component imports. */
export const transpiled = async (component) => {
  const { files, imports } = await transpileBytes(await readFile(component), { name: 'plugin', instantiation: { tag: 'async' } });
  const folder = await mkdtemp(join(tmpdir(), 'plugwright-engines-'));
  await writeFile(join(folder, 'package.json'), '{"type": "module"}');
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return { folder, imports };
};
