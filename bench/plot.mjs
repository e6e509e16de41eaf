const [WIDTH, HEIGHT, LEFT, BOTTOM, RIGHT, TOP] = [740, 360, 60, 40, 250, 20];

/**
 * Draws requests per second by number of connections, as an SVG that follows the reader's colour scheme.
 * @param {{ title: string, colour: string, values: number[] }[]} series with a value for each of `connections`
 */
export const plot = (connections, series) => {
  const quarter = Math.max(...series.flatMap(({ values }) => values)) / 4;
  const unit = 10 ** Math.floor(Math.log10(quarter));
  const highest = Math.ceil(quarter / unit) * unit * 4; // four lines at round numbers
  const x = (index) => LEFT + (index * (WIDTH - LEFT - RIGHT)) / Math.max(1, connections.length - 1);
  const y = (value) => Math.round((HEIGHT - BOTTOM - (value / highest) * (HEIGHT - BOTTOM - TOP)) * 10) / 10;
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((part) => part * highest);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="12" role="img" aria-label="Reads per second by number of connections">
<style>text{fill:#444}line{stroke:#ccc}@media (prefers-color-scheme:dark){text{fill:#ccc}line{stroke:#444}}</style>
${ticks.map((tick) => `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(tick)}" y2="${y(tick)}"/><text x="${LEFT - 8}" y="${y(tick) + 4}" text-anchor="end">${Math.round(tick).toLocaleString('en')}</text>`).join('\n')}
${connections.map((count, index) => `<text x="${x(index)}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${count}</text>`).join('\n')}
<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 4}" text-anchor="middle">connections</text>
${series
  .map(
    ({ title, colour, values }, index) =>
      `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${values.map((value, at) => `${x(at)},${y(value)}`).join(' ')}"/>
<text x="${WIDTH - RIGHT + 12}" y="${TOP + 14 + index * 20}"><tspan fill="${colour}">●</tspan> ${title}</text>`,
  )
  .join('\n')}
</svg>
`;
};
