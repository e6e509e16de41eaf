/** Name prefixes of the recordings that are not compared, each with the reason. */
export const excludedRecordings: [prefix: string, reason: string][] = [
  ['received: webhook Organization.', 'dev-logto has no organizations'],
  ['user organizations: one', 'dev-logto has no organizations'],
  ['hook recent-logs: first page', 'lists the webhooks of Account API changes; dev-logto has no Account API'],
  [
    'hook get: execution stats after deliveries',
    'counts the webhooks of Account API changes; dev-logto has no Account API',
  ],
];
