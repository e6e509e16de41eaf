/** What is measured by number of connections, in the order of tables. What has a colour is drawn in the plot. */
export const VARIANTS = {
  upstream: { title: 'the upstream directly', colour: '#8a8f98' },
  straightforward: { title: 'straightforward backend', colour: '#c2571a' },
  first: { title: 'service, asking Logto each time', colour: '#7b5cd6' },
  coldTokens: { title: 'service, each token a new one', colour: '#c23f86' },
  warm: { title: 'service, warm', colour: '#0b7a5c' },
  limit: { title: 'bare Fastify route, one point query', colour: '#2f6fdd' },
  oneStoreWrite: { title: 'service, a write to one store' },
  twoStoreWrite: { title: 'service, a write to two stores' },
};
