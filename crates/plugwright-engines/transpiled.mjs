// Translates a component to JavaScript with jco.

import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { transpileBytes } from '@bytecodealliance/jco-transpile';

/** Makes a folder with the module `plugin.js`, and returns it with the names of the component's imports. */
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
