// Prints a token for a user of the running development Logto (by username, id or email).
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    kind: { type: 'string' },
    client: { type: 'string' },
    organization: { type: 'string' },
    ttl: { type: 'string' },
    scope: { type: 'string' },
  },
});
const [user] = positionals;
const fail = (message) => {
  console.error(message);
  process.exit(1);
};
if (positionals.length !== 1) {
  fail(
    'usage: dev:token -- <user> [--kind id|logout|opaque|organization|organization-audience|other-audience|machine|expired] [--client <id>] [--organization <id>] [--ttl <seconds>] [--scope <scope>]',
  );
}

const endpoint = `http://127.0.0.1:${process.env.DEV_LOGTO_PORT ?? 3001}`;
const ttl = values.ttl === undefined ? undefined : Number(values.ttl);
const response = await fetch(`${endpoint}/dev/token`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ ...values, user, ttl }),
}).catch(() => fail(`No development Logto responds at ${endpoint}.`));
const { token, message } = await response.json();
if (!response.ok) fail(message);
console.log(token);
