// The playground: which plugin it is, and what is done with it.

import { Documents } from './documents.js';
import { byId, element, fill } from './element.js';
import { Engine, Stopped } from './engine.js';
import { Functions } from './functions.js';
import { Interface } from './interface.js';
import { LONGEST, fromFragment, toFragment } from './link.js';
import { bytes } from './output.js';

const status = (text) => {
  fill(byId('status'), text);
};

const problem = (text) => {
  fill(byId('failure'), text);
};

const json = async (path) => {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path} is not there: ${response.status} ${response.statusText}`);
  return response.json();
};

const deadline = () => {
  const field = byId('deadline');
  if (!field.reportValidity()) throw new Error('the deadline is no number of seconds from 0.1 to 600');
  return field.valueAsNumber * 1000;
};

const documents = new Documents();
const functions = new Functions(
  (call, tell, show) => running(() => engine.call(call, deadline(), tell), show),
  (name, tell, show) => running(() => engine.drop(name, deadline(), tell), show),
);
let engine = null;
let known = [];
/** The plugin that was chosen last: what comes of one that was chosen before is shown no more. */
let chosen = null;

/** Shows that something runs, for as long as it does, and then what `show` makes of it. What comes of a plugin is not trusted to be what it should be. */
const running = async (what, show) => {
  const of = chosen;
  byId('stop').disabled = false;
  byId('output').setAttribute('aria-busy', 'true');
  status('Running.');
  try {
    const answer = await what();
    if (of === chosen) status(show(answer) ?? 'Done.');
  } catch (error) {
    if (of !== chosen) return;
    status(error instanceof Stopped ? `Ended: ${error.message}.` : 'It could not be run.');
    if (!(error instanceof Stopped)) problem(error.message);
    if (mode() === 'functions') functions.ended(error.message);
  } finally {
    if (of === chosen) {
      byId('stop').disabled = true;
      byId('output').removeAttribute('aria-busy');
    }
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
  documents.clear();
  const lines = [];
  await running(() => engine.call(documents.call(), deadline(), (line) => lines.push(line)), (answer) => documents.tell(answer, lines));
  // On a narrow screen it is below.
  byId('output').scrollIntoView({ block: 'nearest' });
};

const facts = (types, size) => {
  const names = (items) => items.slice(0, 100).map(({ name }) => name ?? 'functions of its own').join(', ') || 'nothing';
  const rows = [['Exports', names(types.exports)], ['Imports', names(types.imports)], ['Size', bytes(size)]];
  fill(byId('facts'), ...rows.flatMap(([name, value]) => [element('dt', {}, name), element('dd', {}, value)]));
};

/** Loads a plugin, and shows its form. */
const choose = async ({ name, size, folder, files, component, samples = null }) => {
  engine?.stop();
  const of = (chosen = {});
  engine = new Engine({ folder, files, component });
  byId('documents').hidden = byId('functions').hidden = byId('modes').hidden = true;
  for (const id of ['failure', 'result', 'facts', 'summary']) fill(byId(id));
  byId('stop').disabled = false;
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
      const { description, trap } = await engine.call({ path: 'transform.describe', values: [], answers: [], fresh: true, as: 'description' }, deadline());
      if (trap !== undefined) throw new Error(`it trapped when it was asked what it is: ${trap}`);
      const said = samples === null ? [] : await json(samples);
      if (of !== chosen) return false;
      fill(byId('summary'), description.summary);
      documents.show(description, said.map(({ body, input, ...it }) => ({ ...it, input: { ...input, body: Uint8Array.from(atob(body), (c) => c.charCodeAt(0)) } })));
    }
    showMode();
    status('Ready.');
    return true;
  } catch (error) {
    if (of !== chosen) return false;
    status('It could not be loaded.');
    problem(error.message);
    return false;
  } finally {
    if (of === chosen) byId('stop').disabled = true;
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

const taken = async (file) => {
  if (isComponent(file)) return chooseDropped(file);
  if (!byId('documents').hidden) return documents.take(file);
  return problem('this plugin takes no documents: drop a component, or choose a plugin that takes some');
};

const copyLink = async () => {
  const name = byId('plugin').value;
  if (!name) return status('A plugin of your own is in no link: only those of this site are.');
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
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) byId('form').requestSubmit();
  });
  for (const radio of byId('form').elements.mode) radio.addEventListener('change', showMode);
  byId('stop').addEventListener('click', () => engine?.stop());
  byId('link').addEventListener('click', copyLink);
  byId('plugin').addEventListener('change', ({ target }) => {
    const [own] = target.selectedOptions;
    return own.component ? choose(own.component) : chooseBuilt(target.value);
  });
  byId('open').addEventListener('click', () => byId('component').click());
  byId('component').addEventListener('change', async ({ target }) => {
    if (target.files[0]) await chooseDropped(target.files[0]);
    target.value = '';
  });
  addEventListener('dragover', (event) => {
    event.preventDefault();
    document.body.classList.add('dropping');
  });
  addEventListener('dragleave', (event) => event.relatedTarget ?? document.body.classList.remove('dropping'));
  addEventListener('drop', (event) => {
    event.preventDefault();
    document.body.classList.remove('dropping');
    if (event.dataTransfer.files[0]) taken(event.dataTransfer.files[0]);
  });
  addEventListener('hashchange', () => fromLink());
};

/** Does what the link says, and says whether there is one. */
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
  const said = byId('failure').textContent;
  const first = known.find(({ name }) => name === 'markdown') ?? known[0];
  byId('plugin').value = first.name;
  await choose(first);
  if (said) problem(said);
};

begin().catch((error) => {
  status('The page could not begin.');
  problem(error.message);
});
