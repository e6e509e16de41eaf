// Prints an access token of a real Logto for a username, by impersonation (RFC 8693) and without a password.
const env = (name) => {
  if (!process.env[name]) fail(`${name} is not set.`);
  return process.env[name];
};
const fail = (message) => {
  console.error(message);
  process.exit(1);
};
const [username, ...rest] = process.argv.slice(2);
if (username === undefined || rest.length > 0) fail('usage: node scripts/logto-token.mjs <username>');

const endpoint = env('LOGTO_ENDPOINT').replace(/\/$/, '');
const managementApi = process.env.LOGTO_MANAGEMENT_API_RESOURCE ?? 'https://default.logto.app/api';

const call = async (path, init) => {
  const response = await fetch(endpoint + path, init);
  const body = await response.json();
  if (!response.ok) fail(`${path.split('?', 1)[0]}: ${response.status} ${body.code ?? ''} ${body.message ?? ''}`);
  return body;
};

const token = async (id, secret, form) => {
  const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
  const body = new URLSearchParams(form);
  return (await call('/oidc/token', { method: 'POST', headers: { authorization }, body })).access_token;
};

const machine = await token(env('LOGTO_M2M_APP_ID'), env('LOGTO_M2M_APP_SECRET'), {
  grant_type: 'client_credentials',
  resource: managementApi,
  scope: 'all',
});
const headers = { authorization: `Bearer ${machine}`, 'content-type': 'application/json' };
const query = new URLSearchParams({ 'search.username': username, 'mode.username': 'exact' });
const [user] = await call(`/api/users?${query}`, { headers });
if (!user) fail(`No such user: ${username}`);
const { subjectToken } = await call('/api/subject-tokens', {
  method: 'POST',
  headers,
  body: JSON.stringify({ userId: user.id }),
});
console.log(
  await token(env('E2E_CLIENT_ID'), env('E2E_CLIENT_SECRET'), {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token: subjectToken,
    subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    resource: env('API_RESOURCE'),
  }),
);
