// How jco's JavaScript names things, and how they are called.

/** The name as JavaScript has it: `box-size` is `boxSize`. */
export const camel = (name) => name.replace(/-(.)/g, (_, letter) => letter.toUpperCase());

/** The name of a resource as JavaScript has it: `person-resource` is `PersonResource`. */
export const pascal = (name) => camel(`-${name}`);

/** The name of an interface without its version, as imports have it. */
export const unversioned = (name) => name.replace(/@.*$/, '');

/** What drops a resource, in engines that have a symbol for it, and in others. */
export const dispose = Symbol.dispose ?? Symbol.for('dispose');

/** Calls what an instance exports: `kind` is `freestanding`, `constructor`, `static` or `method`, and the first value of a method is the resource. */
export const called = (exports, { interface: from, resource, name, kind }, values) => {
  const of = from === null ? exports : (exports[from] ?? exports[unversioned(from)] ?? exports[camel(from)]);
  if (of === undefined) throw new Error(`it exports no ${from}`);
  switch (kind) {
    case 'constructor':
      return new of[pascal(resource)](...values);
    case 'static':
      return of[pascal(resource)][camel(name)](...values);
    case 'method':
      return values[0][camel(name)](...values.slice(1));
    default:
      return of[camel(name)](...values);
  }
};

/** Whether what was thrown is a failure, which is thrown as it is, or within an error. A trap is an error. */
export const isRefusal = (thrown) => !(thrown instanceof Error) || 'payload' in thrown;

/** The failure that was thrown. */
export const refusal = (thrown) => (thrown instanceof Error ? thrown.payload : thrown);
