import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { format, resolveConfig } from 'prettier';
import { median } from './load.mjs';
import { plot } from './plot.mjs';
import { VARIANTS } from './variants.mjs';

const ratio = (value) => `${value.toFixed(2)}×`;
const ms = (value) => `${value.toFixed(2)} ms`;
const whole = (value) => Math.round(value).toLocaleString('en');
const wholeMs = (value) => `${whole(value)} ms`;
const mb = (value) => `${whole(value)} MB`;

const NOT_MEASURED = 'not measured';

const grid = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** Formats the ratios and costs as a Markdown table. */
export const table = ({ upstream, figures, soakMb }) => {
  const row = (title, figure, format) => {
    if (!figure) return [title, NOT_MEASURED, ''];
    return [title, format(figure.median), `${format(figure.min)} – ${format(figure.max)}`];
  };
  const rows = [
    row(
      'warm reads per second, relative to a bare Fastify route with one query by primary key',
      figures.warmReadVsLimit,
      ratio,
    ),
    row('warm reads per second, relative to the straightforward backend', figures.warmReadVsStraightforward, ratio),
    row(`warm reads per second, relative to ${upstream} itself`, figures.warmReadVsUpstream, ratio),
    row('latency of an uncached read, in addition to a direct GET at Logto', figures.firstReadExtraMs, ms),
    row(
      'latency of a write to one store, in addition to a direct GET and PATCH at Logto',
      figures.oneStoreWriteExtraMs,
      ms,
    ),
    row(
      'latency of a write to two stores, in addition to a direct GET and PATCH at Logto',
      figures.twoStoreWriteExtraMs,
      ms,
    ),
    row('p99 event loop delay at 500 uncached tokens per second', figures.coldTokenLoopDelayP99Ms, ms),
    row('time until ready, with PostgreSQL', figures.readyMs, wholeMs),
    row('memory at rest', figures.restingMb, mb),
  ];
  if (soakMb) {
    rows.push(['memory after the first minute of load', mb(soakMb[0]), '']);
    rows.push([`memory after ${soakMb.length} minutes of load`, mb(soakMb.at(-1)), '']);
  }
  return grid(['figure', 'median', 'range'], rows);
};

/** @returns `of`, which returns the median over the rounds; undefined if it was not measured */
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
    'requests per second (median latency)',
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
  [
    'fields in the catalogue, all set',
    'time until ready',
    'warm reads per second',
    'warm read, median',
    'write, median',
  ],
  fields.map((at) => [whole(at.count), wholeMs(at.readyMs), whole(at.perSecond), ms(at.readMs), ms(at.writeMs)]),
)}

${grid(
  ["bytes in the user's custom data", 'warm read, median', 'write, median'],
  customData.map(({ bytes, readMs, writeMs }) => [whole(bytes), ms(readMs), ms(writeMs)]),
)}

${grid(
  ['rows in the database', 'warm reads per second', 'write, median'],
  rows.map(({ count, perSecond, writeMs }) => [whole(count), whole(perSecond), ms(writeMs)]),
)}

Reads per second are measured with 32 connections, medians with one.
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

Written by \`npm run bench${result.soakMb ? ` -- --soak ${result.soakMb.length}` : ''}\`. All figures on this page are from one run, in which the variants alternated. On another
machine, compare the ratios, not the absolute figures. The load generator, upstream (${result.upstream}), database and service
shared the machine's cores. The range is from the lowest to the highest of ${result.rounds} rounds.${
  result.upstream === 'dev-logto'
    ? ` dev-logto keeps its
users in memory and responds many times faster than a real Logto, so each saved call is worth more in production.`
    : ''
}

${table(result)}

![Reads per second by connections](pictures/performance.svg)

${requestsTable(result)}

"Uncached" is \`GET /v1/profile\` with \`Cache-Control: no-cache\`; the straightforward backend is \`bench/baseline\`:
NestJS on Express, passport-jwt and axios, used as their documentation shows. The bare route reads the same documents by id.
"A new token each time" sends tokens that the service has not cached${
  result.figures.coldTokenLoopDelayP99Ms
    ? ''
    : '; this is not measured here, because a real Logto issues too few of them'
}. A write to one store changes the name;
a write to two stores also changes a field in the database.
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
