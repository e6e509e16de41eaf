import fc from 'fast-check';
import { SchemaValues, hostileText } from './schema-values.mjs';

/*
 * A case is what to send, as plain data. `§name§` in it stands for a value that only exists when the case is sent, such as the latest
 * proof of the user; user.mjs replaces it. So cases depend on the seed alone.
 */

/** By the name of a member of a body, a header or a path parameter: values that a client would send there. */
const VALUES = {
  password: ['§password§', 'wrong-Passw0rd'],
  currentPassword: ['§password§', '§password§', 'wrong-Passw0rd'],
  newPassword: ['Fresh-Passw0rd!1', 'Fresh-Passw0rd!2', 'Fresh-Passw0rd!3', 'password', '§password§'],
  code: ['§code§', '§code§', '§code§', '000000'],
  idToken: ['§idToken§', '§idToken§', '§hint§', '§token§'],
  email: ['§newEmail§', '§newEmail§', '§ownEmail§', '§otherEmail§'],
  phone: ['§newPhone§', '§newPhone§', '§ownPhone§', '§otherPhone§'],
  primaryEmail: ['§newEmail§', '§newEmail§', '§ownEmail§', '§otherEmail§', null],
  primaryPhone: ['§newPhone§', '§ownPhone§', '§otherPhone§', null],
  username: ['§newUsername§', '§otherUsername§', null],
  logout_token: ['§logoutToken§', '§hint§'],
  createdAt: ['§now§', '§now§', '2020-01-01T00:00:00.000Z'],
  data: [{ id: '§userId§' }, { id: '§userId§' }, { id: 'x' }, {}],
  event: ['User.Data.Updated', 'User.SuspensionStatus.Updated', 'PostResetPassword', 'User.Deleted', 'Role.Created'],
  'Verification-Id': [
    ...Array(6).fill('§proof§'),
    '§proof§, §addressProof§',
    '§addressProof§',
    '§usedProof§',
    '§otherProof§',
    'x',
  ],
  'If-Match': ['§etag§', '§etag§', 'W/§etag§', '*', '§oldEtag§', '"x"', 'x'],
  'If-None-Match': ['§etag§', '§oldEtag§', '*', '"x"', 'x', '"a", §etag§'],
  'Idempotency-Key': ['§key§', '§key§', 'k1', 'a'.repeat(256), '\u00e9'],
  'Id-Token-Hint': ['§hint§', '§hint§', '§token§', 'x'],
  'Cache-Control': ['no-cache', 'max-age=0'],
  'logto-signature-sha-256': ['§signature§', '§signature§', '§signature§', '0'.repeat(64), 'x'],
  name: ['taxId', 'taxId', 'givenName', 'constructor'],
  id: ['§id§', '§id§', '§id§', 'x'],
  target: ['github', 'github', 'google', '__proto__'],
};

const TOKENS = [
  ...[
    'valid',
    'organization',
    'impersonated',
    'readOnly',
    'none',
    'opaque',
    'id',
    'machine',
    'other-audience',
    'expired',
  ],
  ...['organization-audience', 'otherClient', 'otherIssuer', 'tampered', 'junk'],
];

/** Texts that are no valid JSON, or no valid UTF-8. In Latin-1, so that any byte can occur. */
const BROKEN_BODIES = [
  ...[
    '',
    ' ',
    '{',
    '}',
    '{"a":',
    '{"name":"x",}',
    "{'name':'x'}",
    'name=x',
    '[',
    '"',
    'nul',
    '{"a":1}{"b":2}',
    '{"a":01}',
    '{"a":.5}',
  ],
  ...[
    '\u00ef\u00bb\u00bf{}',
    '{"name":"\u00ff"}',
    '{"name":"\u00c0\u00af"}',
    '{"name":"\u00ed\u00a0\u0080"}',
    '\u0000{}',
    '{"a":NaN}',
    '{"a":Infinity}',
  ],
  ...['{"a":"\\x"}', '{"a":"\t"}', '/**/{}', '{"a":1}//', '\u001f\u008b\b'],
];

const CONTENT_TYPES = [
  ...[
    'application/json',
    'application/json; charset=utf-8',
    'application/json; charset=UTF-16',
    'Application/JSON',
    'application/json; a="b;c"',
  ],
  ...[
    'application/merge-patch+json',
    'application/json-patch+json',
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
  ],
  ...['application/xml', '', 'application', 'application/json, text/plain', 'application/vnd.a+json'],
];

const EXTRA_HEADERS = [
  ...[
    ['Content-Encoding', 'gzip'],
    ['Content-Encoding', 'identity'],
    ['Content-Encoding', 'br'],
    ['Accept', 'text/html'],
    ['Accept', '*/*;q=0'],
  ],
  ...[
    ['Accept-Language', 'de'],
    ['Accept-Language', 'x-\u00ff, de;q=1.5,*'],
    ['Expect', '100-continue'],
    ['Expect', 'x'],
    ['Origin', 'https://page.example'],
  ],
  ...[
    ['X-Forwarded-For', '1.2.3.4, ::1'],
    ['X-Request-Id', 'a'],
    ['X-Request-Id', '\u00ff'.repeat(300)],
    ['traceparent', '00-x'],
    ['Range', 'bytes=0-1'],
  ],
  ...[
    ['X-HTTP-Method-Override', 'DELETE'],
    ['Connection', 'close'],
    ['TE', 'trailers'],
    ['Upgrade', 'websocket'],
    ['Cookie', 'a=b'],
    ['If-Modified-Since', 'x'],
  ],
  ...[
    ['Forwarded', 'for=1.2.3.4'],
    ['Prefer', 'return=minimal'],
    ['X-Long', 'a'.repeat(20_000)],
    ['Verification-Id', ','.repeat(200)],
  ],
];

/** Requests that are no valid HTTP, or use what the service does not offer. `§host§` and `§token§` are filled in. */
const RAW_REQUESTS = [
  'GET / HTTP/1.1\r\n\r\n',
  'GET /v1/profile HTTP/1.1\r\nHost: §host§\r\nHost: evil.example\r\n\r\n',
  'GET /v1/profile HTTP/1.0\r\n\r\n',
  'GET /v1/profile HTTP/2.0\r\nHost: §host§\r\n\r\n',
  'GET /v1/profile\r\n\r\n',
  'GET  /v1/profile  HTTP/1.1\r\nHost: §host§\r\n\r\n',
  'get /v1/profile HTTP/1.1\r\nHost: §host§\r\n\r\n',
  '\u0016\u0003\u0001\u0002\u0000',
  '\r\n\r\nGET /v1/profile HTTP/1.1\r\nHost: §host§\r\n\r\n',
  'PATCH /v1/profile HTTP/1.1\r\nHost: §host§\r\nAuthorization: Bearer §token§\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n{"a":1}',
  'PATCH /v1/profile HTTP/1.1\r\nHost: §host§\r\nAuthorization: Bearer §token§\r\nContent-Type: application/json\r\nContent-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'PATCH /v1/profile HTTP/1.1\r\nHost: §host§\r\nAuthorization: Bearer §token§\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n',
  'PATCH /v1/profile HTTP/1.1\r\nHost: §host§\r\nAuthorization: Bearer §token§\r\nContent-Type: application/json\r\nTransfer-Encoding: gzip\r\n\r\n',
  'PATCH /v1/profile HTTP/1.1\r\nHost: §host§\r\nAuthorization: Bearer §token§\r\nContent-Length: -1\r\n\r\n',
  'PATCH /v1/profile HTTP/1.1\r\nHost: §host§\r\nAuthorization: Bearer §token§\r\nContent-Length: 99999999999999999999\r\n\r\n',
  'GET /v1/profile HTTP/1.1\r\nHost: §host§\r\nAuthorization : Bearer §token§\r\n\r\n',
  'GET /v1/profile HTTP/1.1\r\nHost: §host§\r\nAuthorization: Bearer §token§\r\n folded\r\n\r\n',
  'GET /v1/profile HTTP/1.1\r\nHost: §host§\r\nX: a\u0000b\r\n\r\n',
  'GET /v1/profile HTTP/1.1\r\nHost: §host§\r\n: x\r\n\r\n',
  `GET /v1/profile?${'a'.repeat(20_000)} HTTP/1.1\r\nHost: §host§\r\n\r\n`,
  `GET /v1/profile HTTP/1.1\r\nHost: §host§\r\n${'X: y\r\n'.repeat(3_000)}\r\n`,
  'GET http://evil.example/v1/profile HTTP/1.1\r\nHost: §host§\r\n\r\n',
  'OPTIONS * HTTP/1.1\r\nHost: §host§\r\n\r\n',
  'CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n',
  'GET /v1/profile HTTP/1.1\r\nHost: §host§\r\nUpgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: x\r\n\r\n',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
];

const PATHS = [
  ...[
    '/',
    '/v1',
    '/v1/',
    '/v1/nothing',
    '/v1/profile/',
    '//v1/profile',
    '/v1//profile',
    '/V1/PROFILE',
    '/v1/profile/../profile',
    '/v1/%70rofile',
  ],
  ...[
    '/v1/profile;a=b',
    '/v1/profile%2f',
    '/%',
    '/%zz',
    '/v1/sessions/%00',
    '/v1/sessions/%2e%2e',
    '/v1/identities/%ff',
    '/.env',
  ],
];
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'QUERY'];

/** Operations that are expensive, or that end the user's tokens, are chosen less often. */
const WEIGHTS = {
  updateProfile: 10,
  updateCustomData: 6,
  verifyPassword: 4,
  verifyVerificationCode: 4,
  createSignInChallenge: 3,
  removeMfaFactor: 3,
  verifySignIn: 4,
};
const WEIGHT = 2;

const mostly = (weight, usual, rare) => fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: rare });

/** Every operation of the document, with its path, a pattern of its paths, and its method. */
export const listOperations = ({ paths }) =>
  Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({
      ...operation,
      path,
      pattern: new RegExp(`^${path.replace(/\{[^}]+\}/g, '[^/]+')}$`),
      method,
    })),
  );

/** Creates the arbitrary of cases. */
export function createCases(document, seed) {
  const values = new SchemaValues(document, seed);
  const operations = listOperations(document);
  const ofOperations = operations.map((operation) => ({
    weight: WEIGHTS[operation.operationId] ?? WEIGHT,
    arbitrary: caseOf(operation, values),
  }));
  const ofOperation = fc.oneof(...ofOperations);
  const needsProof = ({ parameters = [] }) => parameters.some(({ name }) => name === 'Verification-Id');
  const ofSensitiveOperation = fc.oneof(...operations.filter(needsProof).map((each) => caseOf(each, values)));
  return fc.oneof(
    { weight: 90, arbitrary: ofOperation },
    {
      weight: 4,
      arbitrary: ofSensitiveOperation.map((request) => ({ kind: 'sequence', cases: [...SIGN_IN, withProof(request)] })),
    },
    { weight: 3, arbitrary: ofNoOperation },
    { weight: 3, arbitrary: fc.constantFrom(...RAW_REQUESTS).map((raw) => ({ kind: 'raw', raw })) },
    {
      weight: 4,
      arbitrary: fc.array(ofOperation, { minLength: 2, maxLength: 4 }).map((cases) => ({ kind: 'concurrent', cases })),
    },
  );
}

/** Fresh sign-in, the only proof of users with a second factor. It would hardly ever succeed among random requests. */
const SIGN_IN = ['createSignInChallenge', 'verifySignIn'].map((operationId) => ({
  kind: 'request',
  operationId,
  method: 'POST',
  path: operationId === 'verifySignIn' ? '/v1/sign-in/verify' : '/v1/sign-in/challenge',
  token: 'valid',
  headers: [],
  body: operationId === 'verifySignIn' ? '{"idToken":"§idToken§"}' : undefined,
  contentType: 'application/json',
  transport: 'plain',
}));

const withProof = (request) => ({
  ...request,
  headers: [...request.headers.filter(([name]) => name !== 'Verification-Id'), ['Verification-Id', '§proof§']],
});

const ofNoOperation = fc.record({
  kind: fc.constant('request'),
  method: fc.constantFrom(...METHODS),
  path: fc.constantFrom(...PATHS),
  token: fc.constantFrom('valid', 'none'),
  headers: fc.constant([]),
  transport: fc.constant('plain'),
});

function caseOf(operation, values) {
  const { parameters = [], requestBody, security } = operation;
  const inPath = parameters.filter((parameter) => parameter.in === 'path');
  const inHeader = parameters.filter((parameter) => parameter.in === 'header');
  const inQuery = parameters.filter((parameter) => parameter.in === 'query');
  return fc.record({
    kind: fc.constant('request'),
    operationId: fc.constant(operation.operationId),
    method:
      operation.method === 'get'
        ? mostly(12, fc.constant('GET'), fc.constant('HEAD'))
        : fc.constant(operation.method.toUpperCase()),
    path: pathOf(operation.path, inPath, values),
    query: queryOf(inQuery),
    token: security?.length === 0 ? fc.constant('none') : mostly(9, fc.constant('valid'), fc.constantFrom(...TOKENS)),
    headers: headersOf(inHeader),
    body: requestBody ? bodyOf(requestBody, values) : mostly(15, fc.constant(undefined), fc.constantFrom('{}', 'x')),
    contentType: contentTypeOf(requestBody),
    transport: mostly(20, fc.constant('plain'), fc.constantFrom('chunked', 'truncated')),
  });
}

function pathOf(path, parameters, values) {
  const parts = parameters.map(({ name, schema }) =>
    fc.tuple(
      fc.constant(`{${name}}`),
      mostly(
        6,
        fc.constantFrom(...VALUES[name]),
        mostly(1, values.textOf(schema), hostileText).map(encodeURIComponent),
      ),
    ),
  );
  return fc
    .tuple(...parts)
    .map((all) => all.reduce((result, [name, value]) => result.replace(name, () => value), path));
}

const queryOf = (parameters) =>
  parameters.length === 0
    ? mostly(20, fc.constant(''), fc.constantFrom('?a=b', '?', '?a[]=1&a[]=2', '?%zz', '?access_token=x'))
    : mostly(
        2,
        fc.constant(''),
        fc.constantFrom(
          ...parameters.flatMap(({ name }) => [
            `?${name}=true`,
            `?${name}=true`,
            `?${name}=false`,
            `?${name}=`,
            `?${name}`,
            `?${name}=1`,
            `?${name}=true&${name}=false`,
            `?${name}[]=true`,
          ]),
        ),
      );

const headersOf = (parameters) => {
  const own = parameters.map(({ name, required }) => {
    const value = fc.constantFrom(...VALUES[name]).map((text) => [name, text]);
    return required
      ? mostly(9, value, fc.constant(undefined))
      : fc.option(value, { nil: undefined, freq: name === 'Verification-Id' ? 3 : 1 });
  });
  const extra = mostly(8, fc.constant(undefined), fc.constantFrom(...EXTRA_HEADERS));
  return fc.tuple(...own, extra).map((all) => all.filter((header) => header !== undefined));
};

const MEMBERS = Object.fromEntries(Object.entries(VALUES).map(([name, texts]) => [name, fc.constantFrom(...texts)]));

function bodyOf({ content }, values) {
  const [type, { schema }] = Object.entries(content).at(0);
  const names = Object.keys(memberSchemas(schema, values));
  // Members called `name` or `target` are no path parameters.
  const valid = values.textOf(schema, { ...MEMBERS, name: undefined, target: undefined, id: undefined });
  if (type === 'application/x-www-form-urlencoded') {
    return mostly(
      6,
      valid.map((text) => new URLSearchParams(JSON.parse(text)).toString()),
      fc.constantFrom('', 'logout_token=', 'a&b=%zz&logout_token=x'),
    );
  }
  return fc.oneof(
    { weight: 240, arbitrary: valid },
    {
      weight: 80,
      arbitrary: fc.tuple(valid, fc.constantFrom(...names, 'unknown', 'id', '__proto__'), hostileText).map(withMember),
    },
    { weight: 20, arbitrary: hostileText },
    { weight: 20, arbitrary: fc.constantFrom(...BROKEN_BODIES).map((bytes) => ({ latin1: bytes })) },
    { weight: 20, arbitrary: fc.tuple(valid, fc.nat(60)).map(([text, length]) => text.slice(0, length)) },
    { weight: 1, arbitrary: fc.constant({ size: 1_100_000 }) },
  );
}

const memberSchemas = (given, values) => {
  const schema = values.resolve(given);
  return Object.assign(
    { a: {} },
    schema.properties,
    ...(schema.oneOf ?? []).map((each) => values.resolve(each).properties),
  );
};

/** Adds a member to the text of an object; the object may have it already. */
const withMember = ([text, name, value]) =>
  `{${JSON.stringify(name)}:${value}${text === '{}' ? '}' : `,${text.slice(1)}`}`;

const contentTypeOf = (requestBody) =>
  mostly(
    12,
    fc.constantFrom(...Object.keys(requestBody?.content ?? { 'application/json': 1 })),
    fc.constantFrom(...CONTENT_TYPES),
  );
