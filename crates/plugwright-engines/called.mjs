// The names in jco's JavaScript, and calls of exports by these names.

/** Returns the JavaScript name of a WIT name: `box-size` becomes `boxSize`. */
export const camel = (name) => name.replace(/-(.)/g, (_, letter) => letter.toUpperCase());

/** Returns the JavaScript name of a resource: `person-resource` becomes `PersonResource`. */
export const pascal = (name) => camel(`-${name}`);

/** Returns the name of an interface without its version, as imports have it. */
export const unversioned = (name) => name.replace(/@.*$/, '');

/** The symbol of the method that drops a resource, also in engines without `Symbol.dispose`. */
export const dispose = Symbol.dispose ?? Symbol.for('dispose');

/** Calls an export of an instance. `kind` is `freestanding`, `constructor`, `static` or `method`. The first value of a method is the resource. */
export const called = (exports, { interface: from, resource, name, kind }, values) => {
  const of = from === null ? exports : (exports[from] ?? exports[unversioned(from)] ?? exports[camel(from)]);
  if (of === undefined) throw new Error(`the plugin does not export ${from}`);
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

/** Returns whether a thrown value is a failure. jco throws a failure as it is, or as the payload of an error. A trap is an error without payload. */
export const isRefusal = (thrown) => !(thrown instanceof Error) || 'payload' in thrown;

/** Returns the failure of a thrown value. */
export const refusal = (thrown) => (thrown instanceof Error ? thrown.payload : thrown);
