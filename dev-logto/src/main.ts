import { parseArgs } from 'node:util';
import { startDevLogto } from './index.js';

const usage = `dev-logto: a development Logto on 127.0.0.1

  --port <number>        default 3001; 0 selects a free port (DEV_LOGTO_PORT)
  --seed <file.yaml>     initial users, applications, resources and so on (DEV_LOGTO_SEED)
  --state <file.json>    persist the state between runs (DEV_LOGTO_STATE)
  --signing <alg>        ES384 (default) or RS256 (DEV_LOGTO_SIGNING)
  --password-cost <m,t>  Argon2 memory in KiB and passes; default 1024,2; a real Logto uses 4096,256
  --help`;

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: process.env['DEV_LOGTO_PORT'] ?? '3001' },
    seed: { type: 'string', default: process.env['DEV_LOGTO_SEED'] },
    state: { type: 'string', default: process.env['DEV_LOGTO_STATE'] },
    signing: { type: 'string', default: process.env['DEV_LOGTO_SIGNING'] ?? 'ES384' },
    'password-cost': { type: 'string', default: '1024,2' },
    help: { type: 'boolean', default: false },
  },
});

const fail = (message: string): never => {
  console.error(message);
  process.exit(1);
};

if (values.help) {
  console.log(usage);
  process.exit(0);
}
const port = Number(values.port);
const [memoryCost = NaN, timeCost = NaN] = values['password-cost'].split(',').map(Number);
if (!Number.isInteger(port) || port < 0 || port > 65_535) fail(`Invalid port: ${values.port}`);
if (values.signing !== 'ES384' && values.signing !== 'RS256')
  fail(`Invalid signing algorithm: ${values.signing}. Use ES384 or RS256.`);
if (!Number.isInteger(memoryCost) || !Number.isInteger(timeCost))
  fail(`Invalid password cost: ${values['password-cost']}. Use <memory>,<passes>.`);

const logto = await startDevLogto({
  port,
  seed: values.seed,
  stateFile: values.state,
  idTokenSigning: values.signing as 'ES384' | 'RS256',
  passwordCost: { memoryCost, timeCost },
}).catch((error: unknown) => {
  const isPortInUse = (error as { code?: unknown }).code === 'EADDRINUSE';
  if (isPortInUse) return fail(`Port ${port} is in use. Set DEV_LOGTO_PORT to another port.`);
  return fail(error instanceof Error ? error.message : String(error));
});

const { endpoint, tenant } = logto;
const usernames = [...tenant.users.values()].slice(0, 5).map(({ id, username }) => username ?? id);
console.log(`dev-logto, for development only
  endpoint     ${endpoint}
  issuer       ${endpoint}/oidc
  users        ${usernames.join(', ')}${tenant.users.size > 5 ? ', …' : ''}
  mailbox      ${endpoint}/dev/mailbox
  users page   ${endpoint}/dev/people`);
process.send?.({ endpoint });

const stop = (): void => {
  logto.stop().then(
    () => process.exit(0),
    (error: unknown) => fail(String(error)),
  );
};
process.on('SIGTERM', stop).on('SIGINT', stop).on('disconnect', stop);
