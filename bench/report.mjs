import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { median } from './load.mjs';

const NAMES = {
  upstream: 'Logto directly',
  straightforward: 'straightforward backend',
  first: 'service, asking Logto each time',
  warm: 'service, warm',
  limit: 'bare Fastify route, one point query',
};
const times = (value) => `${value.toFixed(2)}×`;
const ms = (value) => `${value.toFixed(2)} ms`;
const whole = (value) => Math.round(value).toLocaleString('en');

const connectionsOf = ({ rounds }) => [...new Set(rounds.map(({ connections }) => connections))];
const medianOf = ({ rounds }, connections, name, figure) =>
  median(rounds.filter((round) => round.connections === connections).map((round) => round[name][figure]));

const grid = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** The ratios and costs as a Markdown table. */
export const table = (result) => {
  const { ratios, extra, service } = result;
  const spread = ({ median: value, min, max }) => [times(value), `${times(min)} – ${times(max)}`];
  return grid(
    ['what', 'median', 'spread'],
    [
      ['warm reads, against a bare Fastify route with one point query', ...spread(ratios.warmReadVsLimit)],
      ['warm reads, against the straightforward backend', ...spread(ratios.warmReadVsStraightforward)],
      [`warm reads, against ${result.upstream} itself`, ...spread(ratios.warmReadVsUpstream)],
      ['a first read costs more than asking Logto directly, by', ms(extra.firstReadExtraMs), ''],
      ['a write to one store, more than its GET and PATCH done directly', ms(extra.oneStoreWriteExtraMs), ''],
      ['a write to two stores, likewise', ms(extra.twoStoreWriteExtraMs), ''],
      ['500 never seen tokens a second delay the event loop, p99', ms(extra.coldTokenLoopDelayP99Ms), ''],
      ['time to ready on PostgreSQL', `${whole(service.readyMs)} ms`, ''],
      ['memory at rest', `${whole(service.restingMb)} MB`, ''],
    ],
  );
};

const versions = () => {
  const { devDependencies, dependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
  const wanted = ['@nestjs/core', 'fastify', 'undici', 'pg', 'jose', 'autocannon'];
  const packages = wanted.map(
    (name) => `${name} ${(dependencies[name] ?? devDependencies[name]).replace(/^[^\d]*/, '')}`,
  );
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD']).toString().trim();
  return `Node ${process.versions.node}, ${packages.join(', ')}; ${cpus().length} cores; commit ${commit}`;
};

/** docs/performance.md */
export const markdown = (result) => {
  const connections = connectionsOf(result);
  const reads = grid(
    ['requests a second (median latency)', ...connections.map((count) => `${count} connections`)],
    Object.entries(NAMES).map(([name, title]) => [
      title,
      ...connections.map(
        (count) =>
          `${whole(medianOf(result, count, name, 'perSecond'))} (${medianOf(result, count, name, 'medianMs')} ms)`,
      ),
    ]),
  );
  const { growth, soakMb } = result;
  return `# Performance

Written by \`npm run bench\`. Every figure of this page comes from one run, in which the variants took turns; on another
machine look at the ratios, not at the absolute figures. Load generator, upstream (${result.upstream}), database and service
shared the machine's cores.

${table(result)}

![Reads a second by connections](pictures/performance.svg)

${reads}

"Asking Logto each time" is \`GET /v1/profile\` with \`Cache-Control: no-cache\`; "straightforward" is \`bench/baseline\`:
NestJS on Express, passport-jwt and axios as their documentation has it; the last row reads the same documents by id.
${
  growth
    ? `
## As the data grows

${grid(
  ['rows in the database', 'warm reads a second', 'write, median'],
  growth.rows.map(({ count, perSecond, writeMs }) => [whole(count), whole(perSecond), ms(writeMs)]),
)}

${grid(
  ["bytes in the user's own custom data", 'warm read, median', 'write, median'],
  growth.customData.map(({ bytes, readMs, writeMs }) => [whole(bytes), ms(readMs), ms(writeMs)]),
)}
`
    : ''
}${
    soakMb
      ? `
## Over time

Resident memory after each minute of reads, uncached reads and writes at 32 connections, without an error: ${soakMb.join(', ')} MB.
`
      : ''
  }
${versions()}.
`;
};

/** Reads a second by number of connections, as an SVG that follows the reader's colour scheme. */
export const plot = (result) => {
  const connections = connectionsOf(result);
  const series = Object.entries(NAMES).map(([name, title]) => ({
    title,
    values: connections.map((count) => medianOf(result, count, name, 'perSecond')),
  }));
  const [width, height, left, bottom, right, top] = [720, 360, 60, 40, 230, 20];
  const highest = Math.max(...series.flatMap(({ values }) => values)) * 1.05;
  const x = (index) => left + (index * (width - left - right)) / Math.max(1, connections.length - 1);
  const y = (value) => height - bottom - (value / highest) * (height - bottom - top);
  const colours = ['#8a8f98', '#c2571a', '#7b5cd6', '#0b7a5c', '#2f6fdd'];
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((part) => part * highest);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12" role="img" aria-label="Reads a second by number of connections">
<style>text{fill:#444}line{stroke:#ccc}@media (prefers-color-scheme:dark){text{fill:#ccc}line{stroke:#444}}</style>
${ticks.map((tick) => `<line x1="${left}" x2="${width - right}" y1="${y(tick)}" y2="${y(tick)}"/><text x="${left - 8}" y="${y(tick) + 4}" text-anchor="end">${whole(tick)}</text>`).join('\n')}
${connections.map((count, index) => `<text x="${x(index)}" y="${height - bottom + 18}" text-anchor="middle">${count}</text>`).join('\n')}
<text x="${(left + width - right) / 2}" y="${height - 4}" text-anchor="middle">connections</text>
${series
  .map(
    ({ title, values }, index) =>
      `<polyline fill="none" stroke="${colours[index]}" stroke-width="2" points="${values.map((value, at) => `${x(at)},${y(value)}`).join(' ')}"/>
<text x="${width - right + 12}" y="${top + 14 + index * 20}"><tspan fill="${colours[index]}">●</tspan> ${title}</text>`,
  )
  .join('\n')}
</svg>
`;
};

/** Writes docs/performance.md and its picture. */
export const writeReport = (text, svg) => {
  writeFileSync('docs/performance.md', text);
  writeFileSync('docs/pictures/performance.svg', svg);
};
