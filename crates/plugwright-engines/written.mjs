// What a plugin writes to standard output and standard error, byte by byte, as an instance's own streams have it.
//
// The streams of the shim go to those of the process, or to a page's console, line by line. These here are of the shim's class,
// which is what jco looks at, and have every method of their own, so that they are the same in Node and in a browser.

/** So much may be written at once, as in wasmtime. */
const PERMIT = 8192n;

const NAMES = { stdout: 'standard output', stderr: 'standard error' };

/** What an instance has written since it was last asked. */
export class Written {
  #pieces = { stdout: [], stderr: [] };

  /** Puts streams of its own in the place of those that `imports` have of WASI, and says that they are no terminals. */
  redirect(imports) {
    for (const name of Object.keys(NAMES)) {
      const [from, get] = [`wasi:cli/${name}`, `get${name[0].toUpperCase()}${name.slice(1)}`];
      if (!imports[from]) continue;
      const stream = this.#stream(name, imports['wasi:io/streams'].OutputStream, imports[from][get]());
      imports[from] = { [get]: () => stream };
    }
    // The shim for Node has terminals without looking, and languages keep what they write for longer where there is none.
    const none = () => undefined;
    imports['wasi:cli/terminal-stdin'] = { getTerminalStdin: none };
    imports['wasi:cli/terminal-stdout'] = { getTerminalStdout: none };
    imports['wasi:cli/terminal-stderr'] = { getTerminalStderr: none };
  }

  #stream(name, OutputStream, shims) {
    const write = (bytes) => void this.#pieces[name].push(Uint8Array.from(bytes));
    const zeroes = (length) => write(new Uint8Array(Number(length)));
    const splice = (read) => (source, length) => {
      const bytes = source[read](length < PERMIT ? length : PERMIT);
      write(bytes);
      return BigInt(bytes.length);
    };
    const done = () => {};
    return Object.assign(Object.create(OutputStream.prototype), {
      checkWrite: () => PERMIT,
      write,
      blockingWriteAndFlush: write,
      flush: done,
      blockingFlush: done,
      writeZeroes: zeroes,
      blockingWriteZeroesAndFlush: zeroes,
      splice: splice('read'),
      blockingSplice: splice('blockingRead'),
      // It is always ready, as the shim's own is.
      subscribe: () => shims.subscribe(),
      [Symbol.dispose ?? Symbol.for('dispose')]: done,
    });
  }

  /** What differs from what wasmtime has, if something does. It is forgotten then. */
  difference(expected) {
    const pieces = this.#pieces;
    this.#pieces = { stdout: [], stderr: [] };
    for (const [name, shown] of Object.entries(NAMES)) {
      const found = pieces[name].flatMap((piece) => [...piece]);
      const wanted = [...atob(expected[name])].map((it) => it.charCodeAt(0));
      const at = Array.from({ length: Math.max(found.length, wanted.length) }).findIndex((_, at) => found[at] !== wanted[at]);
      if (at >= 0) return `it writes ${excerpt(found, at)} to ${shown}, and in wasmtime ${excerpt(wanted, at)}: byte ${at} is the first that differs`;
    }
    return null;
  }
}

/** The bytes around one of them, as a text. */
const excerpt = (bytes, at) => {
  const [begin, end] = [Math.max(0, at - 40), at + 40];
  const text = String.fromCharCode(...bytes.slice(begin, end));
  return `${begin > 0 ? '…' : ''}${JSON.stringify(text)}${end < bytes.length ? '…' : ''}`;
};
