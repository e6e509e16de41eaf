/** The variants measured by number of connections, in the order of the tables. Those with a colour are plotted. */
export const VARIANTS = {
  upstream: { title: 'Logto directly', colour: '#8a8f98' },
  straightforward: { title: 'straightforward backend', colour: '#c2571a' },
  first: { title: 'service, uncached', colour: '#7b5cd6' },
  coldTokens: { title: 'service, a new token each time', colour: '#c23f86' },
  warm: { title: 'service, warm', colour: '#0b7a5c' },
  limit: { title: 'bare Fastify route, one query', colour: '#2f6fdd' },
  oneStoreWrite: { title: 'service, write to one store' },
  twoStoreWrite: { title: 'service, write to two stores' },
};
