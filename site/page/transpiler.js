// Makes JavaScript of a component, by jco. It has megabytes, and is fetched only for a component that somebody drops.

import { $init, generate } from '@bytecodealliance/jco-transpile/component';

/** The files that jco makes of the component, by their names, of which `plugin.js` is the module. */
export const transpile = async (component) => {
  await $init;
  const { files } = generate(component, { name: 'plugin', noTypescript: true, instantiation: { tag: 'async' }, noNodejsCompat: true, base64Cutoff: 0 });
  return new Map(files);
};
