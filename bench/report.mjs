import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { format, resolveConfig } from 'prettier';
import { median } from './load.mjs';
import { plot } from './plot.mjs';
import { VARIANTS } from './variants.mjs';

const times = (value) => `${value.toFixed(2)}×`;
const ms = (value) => `${value.toFixed(2)} ms`;
const whole = (value) => Math.round(value).toLocaleString('en');
const wholeMs = (value) => `${whole(value)} ms`;
const mb = (value) => `${whole(value)} MB`;

const NOT_MEASURED = 'not measured';

const grid = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** The ratios and costs as a Markdown table. */
export const table = ({ upstream, figures, soakMb }) => {
  const row = (title, figure, format) => {
    if (!figure) return [title, NOT_MEASURED, ''];
    return [title, format(figure.median), `${format(figure.min)} – ${format(figure.max)}`];
  };
  const rows = [
    row('warm reads, against a bare Fastify route with one point query', figures.warmReadVsLimit, times),
    row('warm reads, against the straightforward backend', figures.warmReadVsStraightforward, times),
    row(`warm reads, against ${upstream} itself`, figures.warmReadVsUpstream, times),
    row('a first read costs more than asking the upstream directly, by', figures.firstReadExtraMs, ms),
    row('a write to one store, more than its GET and PATCH done directly', figures.oneStoreWriteExtraMs, ms),
    row('a write to two stores, likewise', figures.twoStoreWriteExtraMs, ms),
    row('500 never seen tokens a second delay the event loop, p99', figures.coldTokenLoopDelayP99Ms, ms),
    row('time to ready on PostgreSQL', figures.readyMs, wholeMs),
    row('memory at rest', figures.restingMb, mb),
  ];
  if (soakMb) {
    rows.push(['memory after the first minute of load', mb(soakMb[0]), '']);
    rows.push([`memory after ${soakMb.length} minutes of load`, mb(soakMb.at(-1)), '']);
  }
  return grid(['what', 'median', 'spread'], rows);
};

/** `of` gives the median over the rounds, or undefined for what was not measured. */
const matrix = ({ cells }) => ({
  connections: [...new Set(cells.map(({ connections }) => connections))],
  of: (name, connections, figure) => {
    const measured = cells.filter((cell) => cell[name] && cell.connections === connections);
    return measured.length ? median(measured.map((cell) => cell[name][figure])) : undefined;
  },
});

const requestsTable = (result) => {
  const { connections, of } = matrix(result);
  const cell = (name, count) => {
    const perSecond = of(name, count, 'perSecond');
    return perSecond === undefined ? NOT_MEASURED : `${whole(perSecond)} (${ms(of(name, count, 'medianMs'))})`;
  };
  const head = [
    'requests a second (median latency)',
    ...connections.map((count) => (count === 1 ? '1 connection' : `${count} connections`)),
  ];
  return grid(
    head,
    Object.entries(VARIANTS).map(([name, { title }]) => [title, ...connections.map((count) => cell(name, count))]),
  );
};

const growthTables = ({ fields, customData, rows }) => `
## As the data grows

${grid(
  ['fields in the catalogue, all set', 'time to ready', 'warm reads a second', 'warm read, median', 'write, median'],
  fields.map((at) => [whole(at.count), wholeMs(at.readyMs), whole(at.perSecond), ms(at.readMs), ms(at.writeMs)]),
)}

${grid(
  ["bytes in the user's own custom data", 'warm read, median', 'write, median'],
  customData.map(({ bytes, readMs, writeMs }) => [whole(bytes), ms(readMs), ms(writeMs)]),
)}

${grid(
  ['rows in the database', 'warm reads a second', 'write, median'],
  rows.map(({ count, perSecond, writeMs }) => [whole(count), whole(perSecond), ms(writeMs)]),
)}

Reads a second at 32 connections, medians at one.
`;

const soakText = (soakMb) => `
## Over time

Resident memory after each minute of reads, uncached reads and writes at 32 connections, without an error:
${soakMb.join(', ')} MB. After the first minute ${soakMb[0]} MB, after the last ${soakMb.at(-1)} MB.
`;

const commit = () => {
  try {
    return `; commit ${execFileSync('git', ['describe', '--always', '--dirty'], { stdio: 'pipe' }).toString().trim()}`;
  } catch {
    return ''; // not a clone
  }
};

const versions = ({ postgresVersion }) => {
  const packages = ['@nestjs/core', 'fastify', 'undici', 'pg', 'jose', 'autocannon'].map(
    (name) => `${name} ${JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')).version}`,
  );
  const machine = `${cpus().length} cores`;
  return `Node ${process.versions.node}, PostgreSQL ${postgresVersion}, ${packages.join(', ')}; ${machine}${commit()}.`;
};

const markdown = (result) => `# Performance

Written by \`npm run bench${result.soakMb ? ` -- --soak ${result.soakMb.length}` : ''}\`. Every figure of this page comes from one run, in which the variants took turns; on another
machine look at the ratios, not at the absolute figures. Load generator, upstream (${result.upstream}), database and service
shared the machine's cores. The spread is that of ${result.rounds} rounds, from the lowest to the highest.${
  result.upstream === 'dev-logto'
    ? ` dev-logto keeps its
users in memory and answers many times faster than a real Logto, so a call that is saved is worth more than it seems here.`
    : ''
}

${table(result)}

![Reads a second by connections](pictures/performance.svg)

${requestsTable(result)}

"Asking Logto each time" is \`GET /v1/profile\` with \`Cache-Control: no-cache\`; "straightforward" is \`bench/baseline\`:
NestJS on Express, passport-jwt and axios as their documentation has it; the bare route reads the same documents by id.
"Each token a new one" sends tokens that the service does not remember${
  result.figures.coldTokenLoopDelayP99Ms ? '' : '; not measured here, for a real Logto gives out too few of them'
}. A write to one store changes the name,
one to two stores a field in the database as well.
${result.growth ? growthTables(result.growth) : ''}${result.soakMb ? soakText(result.soakMb) : ''}
${versions(result)}
`;

/** Writes docs/performance.md and its picture. */
export const writeReport = async (result) => {
  const { connections, of } = matrix(result);
  const series = Object.entries(VARIANTS)
    .filter(([name, { colour }]) => colour && of(name, connections[0], 'perSecond') !== undefined)
    .map(([name, look]) => ({ ...look, values: connections.map((count) => of(name, count, 'perSecond')) }));
  const file = 'docs/performance.md';
  writeFileSync(file, await format(markdown(result), { ...(await resolveConfig(file)), filepath: file }));
  writeFileSync('docs/pictures/performance.svg', plot(connections, series));
};
