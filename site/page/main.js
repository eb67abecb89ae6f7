// The playground: chooses a plugin, and connects its forms with its engine.

import { Documents } from './documents.js';
import { byId, element, fill } from './element.js';
import { Engine, Stopped } from './engine.js';
import { fetched } from './fetched.js';
import { Functions } from './functions.js';
import { Interface } from './interface.js';
import { LONGEST, fromFragment, toFragment } from './link.js';
import { bytes, textOf } from './output.js';

const status = (text) => {
  fill(byId('status'), text);
};

const problem = (text) => {
  fill(byId('failure'), text);
};

const json = async (path) => (await fetched(path)).json();

/** Returns how long a call may take, in milliseconds. Returns null if the field has no valid time, which the field reports itself. */
const deadline = () => {
  const field = byId('deadline');
  return field.reportValidity() ? field.valueAsNumber * 1000 : null;
};

const documents = new Documents();
const functions = new Functions(
  (call, tell, show) => running((deadline) => engine.call(call, deadline, tell), show),
  (name, tell, show) => running((deadline) => engine.drop(name, deadline, tell), show),
);
let engine = null;
let known = [];
/** Identifies the plugin that was chosen last. Results of plugins that were chosen before are no longer shown. */
let chosen = null;
/** Whether a call runs. There is one call at a time. */
let isBusy = false;

const setBusy = (is) => {
  isBusy = is;
  byId('stop').disabled = !is;
  byId('run').disabled = is;
  byId('output').setAttribute('aria-busy', String(is));
  for (const radio of byId('form').elements.mode) radio.disabled = is;
};

/** Runs one call at a time within the deadline, and passes its answer to `show`. The answer may have any form, because the plugin is not trusted. */
const running = async (what, show) => {
  if (isBusy) return;
  const [of, most] = [chosen, deadline()];
  if (most === null) return;
  setBusy(true);
  status('Running.');
  try {
    const answer = await what(most);
    if (of === chosen) status(show(answer) ?? 'Done.');
  } catch (error) {
    if (of !== chosen) return;
    status(error instanceof Stopped ? `Ended: ${error.message}.` : 'The plugin could not be run.');
    if (!(error instanceof Stopped)) problem(error.message);
    if (mode() === 'functions') functions.ended(error.message);
  } finally {
    if (of === chosen) setBusy(false);
  }
};

const mode = () => byId('form').elements.mode.value;

const showMode = () => {
  byId('documents').hidden = mode() !== 'documents';
  byId('functions').hidden = mode() !== 'functions';
  documents.clear();
  if (mode() === 'functions') functions.shown();
};

const run = async () => {
  if (isBusy) return;
  documents.clear();
  functions.forget();
  const lines = [];
  await running((deadline) => engine.call(documents.call(), deadline, (line) => lines.push(line)), (answer) => documents.tell(answer, lines));
  // On a narrow screen, the output is below the form. If a wrong option has the focus, the option must stay visible.
  if (!byId('options').contains(document.activeElement)) byId('output').scrollIntoView({ block: 'nearest' });
};

const facts = (types, size) => {
  const names = (items) => items.slice(0, 100).map(({ name }) => name ?? 'functions without an interface').join(', ') || 'nothing';
  const rows = [['Exports', names(types.exports)], ['Imports', names(types.imports)], ['Size', bytes(size)]];
  fill(byId('facts'), ...rows.flatMap(([name, value]) => [element('dt', {}, name), element('dd', {}, value)]));
};

/** How long a plugin may take to describe itself, in milliseconds. */
const DESCRIBING = 10_000;

/** The states of document forms, by the names of their plugins, so that they come back when a plugin is chosen again. */
const kept = new Map();

/** The name of the plugin whose form is shown. */
let nameOfForm = null;

const keep = () => {
  if (nameOfForm !== null && !byId('documents').hidden) kept.set(nameOfForm, documents.state);
};

/** Loads a plugin, and shows its form. */
const choose = async ({ name, size, folder, files, component, samples = null }) => {
  engine?.stop();
  keep();
  nameOfForm = name;
  const of = (chosen = {});
  engine = new Engine({ folder, files, component });
  byId('documents').hidden = byId('functions').hidden = byId('modes').hidden = true;
  for (const id of ['failure', 'result', 'facts', 'summary']) fill(byId(id));
  setBusy(true);
  status(`Loading ${name}.`);
  try {
    const types = new Interface(await engine.load());
    if (of !== chosen) return false;
    facts(types, size);
    const isOfDocuments = types.exported('plugwright:plugin/transform') !== undefined;
    byId('modes').hidden = !isOfDocuments;
    byId('form').elements.mode.value = isOfDocuments ? 'documents' : 'functions';
    functions.show(types);
    if (isOfDocuments) {
      const { description, trap } = await engine.call({ path: 'transform.describe', values: [], answers: [], fresh: true, as: 'description' }, DESCRIBING);
      if (trap !== undefined) throw new Error(`the plugin trapped while it described itself: ${trap}`);
      const said = samples === null ? [] : await json(samples);
      if (of !== chosen) return false;
      fill(byId('summary'), description.summary);
      documents.show(description, said.map(({ body, input, ...it }) => ({ ...it, input: { ...input, body: Uint8Array.from(atob(body), (c) => c.charCodeAt(0)) } })));
    }
    showMode();
    const before = kept.get(name);
    if (isOfDocuments && before) documents.state = before;
    status('Ready.');
    return true;
  } catch (error) {
    if (of !== chosen) return false;
    status('The plugin could not be loaded.');
    problem(error.message);
    return false;
  } finally {
    if (of === chosen) setBusy(false);
  }
};

const chooseBuilt = (name) => choose(known.find((it) => it.name === name));

const chooseDropped = async (file) => {
  const component = new Uint8Array(await file.arrayBuffer());
  const own = byId('plugin').querySelector('[data-own]') ?? element('option', { 'data-own': '', value: '' });
  fill(own, file.name);
  own.component = { name: file.name, size: component.length, component };
  byId('plugin').prepend(own);
  byId('plugin').selectedIndex = 0;
  await choose(own.component);
};

const isComponent = (file) => file.name.endsWith('.wasm') || file.type === 'application/wasm';

const taken = async ([file, ...more]) => {
  try {
    if (isComponent(file)) await chooseDropped(file);
    else if (!byId('documents').hidden) await documents.take(file);
    else problem('this plugin takes no documents: drop a component, or choose a plugin that takes documents');
  } catch {
    return problem(`cannot read ${file.name}: drop a file, not a folder`);
  }
  return more.length > 0 ? status(`Only the first file was used. The page ignored ${more.length} more.`) : undefined;
};

const copyLink = async () => {
  const name = byId('plugin').value;
  if (!name) return status('A link cannot contain a plugin of your own, only one of this site.');
  const fragment = await toFragment({ plugin: name, ...documents.state });
  if (fragment.length > LONGEST) return status('The input is too long for a link.');
  history.replaceState(null, '', fragment);
  try {
    await navigator.clipboard.writeText(location.href);
    return status('The link is copied.');
  } catch {
    return status('The link is in the address bar.');
  }
};

const listen = () => {
  byId('form').addEventListener('submit', (event) => {
    event.preventDefault();
    if (mode() === 'documents' && !byId('documents').hidden) run();
  });
  byId('form').addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.repeat) return;
    if (mode() === 'documents') byId('form').requestSubmit();
    else event.target.closest('details')?.querySelector('[data-call]')?.click();
  });
  for (const radio of byId('form').elements.mode) radio.addEventListener('change', showMode);
  byId('stop').addEventListener('click', () => engine?.stop());
  byId('link').addEventListener('click', copyLink);
  byId('plugin').addEventListener('change', ({ target }) => {
    const [own] = target.selectedOptions;
    // The address of the page is about another plugin now.
    history.replaceState(null, '', location.pathname + location.search);
    return own.component ? choose(own.component) : chooseBuilt(target.value);
  });
  byId('open').addEventListener('click', () => byId('component').click());
  byId('component').addEventListener('change', async ({ target }) => {
    if (target.files[0]) await chooseDropped(target.files[0]);
    target.value = '';
  });
  addEventListener('dragover', (event) => {
    if (!event.dataTransfer.types.includes('Files')) return;
    event.preventDefault();
    document.body.classList.add('dropping');
  });
  addEventListener('dragleave', (event) => event.relatedTarget ?? document.body.classList.remove('dropping'));
  addEventListener('drop', (event) => {
    if (!event.dataTransfer.types.includes('Files')) return;
    event.preventDefault();
    document.body.classList.remove('dropping');
    if (event.dataTransfer.files[0]) taken([...event.dataTransfer.files]);
  });
  byId('documents').addEventListener('input', () => {
    if (byId('result').childNodes.length > 0) status('This result is from before the last change.');
  });
  addEventListener('pagehide', () => remember());
  addEventListener('hashchange', () => fromLink());
};

/** Keeps the content of the form, so that it is there again when the user comes back to the page. */
const remember = () => {
  const plugin = byId('plugin').value;
  if (!plugin || byId('documents').hidden) return;
  const { options, input } = documents.state;
  const text = textOf(input.body);
  if (text !== null && text.length <= LONGEST_KEPT) sessionStorage.setItem('form', JSON.stringify({ plugin, options, input: { ...input, body: text } }));
};

/** The longest text that is kept, in characters. */
const LONGEST_KEPT = 200_000;

/** Restores the content of the form, and returns whether there was any. */
const bringBack = async () => {
  const { plugin, options, input } = JSON.parse(sessionStorage.getItem('form') ?? '{}');
  if (!known.some(({ name }) => name === plugin)) return false;
  byId('plugin').value = plugin;
  if (await chooseBuilt(plugin)) documents.state = { options, input: { ...input, body: new TextEncoder().encode(input.body) } };
  return true;
};

/** Follows the link in the address, and returns whether there is one. */
const fromLink = async () => {
  let state;
  try {
    state = await fromFragment(location.hash);
  } catch (error) {
    problem(`the link cannot be read: ${error.message}`);
    return false;
  }
  if (!state) return false;
  if (!known.some(({ name }) => name === state.plugin)) {
    problem(`this site has no plugin ${state.plugin}`);
    return false;
  }
  byId('plugin').value = state.plugin;
  if (!(await chooseBuilt(state.plugin)) || byId('documents').hidden) return true;
  byId('sample').value = '';
  documents.state = state;
  if (state.input) await run();
  const [unknown] = documents.unknown(state.options);
  if (unknown !== undefined) problem(`the link sets the option ${unknown}, which ${state.plugin} does not have`);
  return true;
};

const begin = async () => {
  known = await json('plugins/index.json');
  const groups = Map.groupBy?.(known, ({ group }) => group) ?? new Map([['Plugins', known]]);
  fill(
    byId('plugin'),
    ...Array.from(groups, ([label, plugins]) => element('optgroup', { label }, ...plugins.map(({ name }) => element('option', { value: name }, name)))),
  );
  listen();
  if (await fromLink()) return;
  if (location.hash === '' && (await bringBack())) return;
  const said = byId('failure').textContent;
  const first = known.find(({ name }) => name === 'markdown') ?? known[0];
  byId('plugin').value = first.name;
  await choose(first);
  if (said) problem(said);
};

begin().catch((error) => {
  status('The page could not start.');
  problem(error.message);
});
