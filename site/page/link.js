// Links with the state of the page. The state is in the fragment, which browsers never send to a server.

/** The longest link, in characters. Chats and mail programs break longer links. */
export const LONGEST = 30_000;

const through = async (bytes, stream) => new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());

const toText = (bytes) => btoa(Array.from(bytes, (it) => String.fromCharCode(it)).join('')).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');

const toBytes = (text) => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (it) => it.charCodeAt(0));

/** Returns the fragment for a state. `plugin` is a name, `options` has the values of options by name, and `input` has a name, a media type and a body. */
export const toFragment = async ({ plugin, options, input }) => {
  const fields = new URLSearchParams([['plugin', plugin]]);
  for (const [key, value] of Object.entries(options ?? {})) fields.append(`option.${key}`, value);
  if (input) {
    fields.set('name', input.name);
    fields.set('type', input.mediaType);
    fields.set('body', toText(await through(input.body, new CompressionStream('deflate-raw'))));
  }
  return `#${fields}`;
};

/** The longest body of a link, in bytes, because a short link could unpack to gigabytes. */
const MOST = 4 << 20;

const inflated = async (bytes) => {
  const parts = [];
  let length = 0;
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw')).getReader();
  for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
    length += value.length;
    if (length > MOST) throw new Error('the document in the link is too large');
    parts.push(value);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
};

/** Returns the state in a fragment, or `null` if there is none. */
export const fromFragment = async (fragment) => {
  const fields = new URLSearchParams(fragment.replace(/^#/, ''));
  if (!fields.has('plugin')) return null;
  const options = {};
  for (const [key, value] of fields) if (key.startsWith('option.')) options[key.slice('option.'.length)] = value;
  let input = null;
  if (fields.has('body')) {
    let packed;
    try {
      packed = toBytes(fields.get('body'));
    } catch {
      throw new Error('the document in the link is damaged');
    }
    const body = await inflated(packed);
    input = { name: fields.get('name') ?? '', mediaType: fields.get('type') ?? '', body };
  }
  return { plugin: fields.get('plugin'), options, input };
};
