// What the page shows as a link: in the fragment, which browsers send to nobody.

/** The longest link that is made, in characters. Chats and mail break longer ones. */
export const LONGEST = 30_000;

const through = async (bytes, stream) => new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());

const toText = (bytes) => btoa(Array.from(bytes, (it) => String.fromCharCode(it)).join('')).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');

const toBytes = (text) => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (it) => it.charCodeAt(0));

/** The fragment of a state: `plugin` is a name, `options` are texts by their names, and `input` has a name, a type and a body. */
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

/** The most that a body from a link has, in bytes: a link of a few characters can hold gigabytes. */
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

/** The state of a fragment, or `null` if there is none in it. */
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
      throw new Error('its document is damaged');
    }
    const body = await inflated(packed);
    input = { name: fields.get('name') ?? '', mediaType: fields.get('type') ?? '', body };
  }
  return { plugin: fields.get('plugin'), options, input };
};
