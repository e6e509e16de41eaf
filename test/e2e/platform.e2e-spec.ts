import type { Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { BadRequestException, ConflictException, HttpException, Logger } from '@nestjs/common';
import { ProfileDocumentService } from '../../src/domain/profile-document/profile-document.service.js';
import { ManagementApiService } from '../../src/platform/management-api/management-api.service.js';
import type { IssueTokenOptions } from '../../dev-logto/src/index.js';
import { atEmbeddedLogto, startStack, type CallOptions, type Stack } from './harness.js';

const ORIGIN = 'https://app.example.com';
const MEBIBYTE = 1024 * 1024;

let stack: Stack;
let username: string;
let token: string;

beforeAll(async () => {
  stack = await startStack({ environment: { CORS_ORIGINS: ORIGIN, CORS_ALLOWED_HEADERS: 'X-Client-Version, X-B' } });
  ({ username } = await stack.createUser({ password: 'Str0ng-Passw0rd!x' }));
  token = await stack.tokenFor(username);
}, 60_000);
afterAll(() => stack?.stop());

const readCode = async (method: string, path: string, options?: CallOptions) => {
  const { status, body } = await stack.api(method, path, options);
  return `${status} ${body.code}`;
};
const patch = (body: unknown, headers: Record<string, string> = {}) =>
  stack.api('PATCH', '/v1/profile', { token, body, headers });
const patchAndReadCode = async (body: unknown, headers?: Record<string, string>) => {
  const response = await patch(body, headers);
  return `${response.status} ${response.body.code}`;
};

describe('requests that match no route', () => {
  it('return 404 with and without a token', async () => {
    for (const path of ['/', '/v1', '/v1/nothing', '/v1/profile/', '/V1/profile', '//v1/profile', '/v2/profile']) {
      for (const options of [{}, { token }, { token: 'junk' }]) {
        expect(await readCode('GET', path, options)).toBe('404 not_found');
      }
    }
  });

  it('return 404 before the body is parsed', async () => {
    expect(await readCode('POST', '/v1/nothing', { body: '{' })).toBe('404 not_found');
  });

  it.each([
    ['DELETE', '/v1/profile', ['GET', 'HEAD', 'PATCH']],
    ['GET', '/v1/password/verify', ['POST']],
    ['POST', '/v1/password', ['GET', 'HEAD', 'PUT']],
    ['PUT', '/v1/profile/fields/taxId/reveal', ['POST']],
    ['PROPFIND', '/health/live', ['GET', 'HEAD']],
  ])('return 405 with Allow if the path has other methods: %s %s', async (method, path, allowed) => {
    const { status, body, headers } = await stack.api(method, path);
    expect([status, body.code]).toEqual([405, 'method_not_allowed']);
    expect(headers.get('allow')?.split(', ').sort()).toEqual(allowed);
  });

  it('return 400 with a problem when the URL cannot be decoded', async () => {
    const { status, body, headers } = await stack.api('GET', '/%zz', { unchecked: true });
    expect([status, body.code]).toEqual([400, 'malformed_request']);
    expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
  });
});

describe('access tokens', () => {
  const ROUTES = [
    ['GET', '/v1/profile'],
    ['PATCH', '/v1/profile'],
    ['GET', '/v1/custom-data'],
    ['PUT', '/v1/password'],
    ['POST', '/v1/verification-codes'],
    ['POST', '/v1/sign-in/challenge'],
  ] as const;

  it.each(ROUTES)('are required, with a challenge that has no error code: %s %s', async (method, path) => {
    const { status, body, headers } = await stack.api(method, path);
    expect([status, body.code]).toEqual([401, 'invalid_token']);
    expect(headers.get('www-authenticate')).toBe('Bearer');
  });

  it('are accepted only as a bearer token in the Authorization header', async () => {
    expect(await readCode('GET', `/v1/profile?access_token=${token}`)).toBe('401 invalid_token');
    expect(await readCode('GET', '/v1/profile', { headers: { authorization: `Basic ${token}` } })).toBe(
      '401 invalid_token',
    );
  });

  it('are rejected when they are malformed', async () => {
    for (const junk of ['x', 'a.b.c', 'e30.e30.', `${token}x`, token.slice(0, -8)]) {
      const { status, body, headers } = await stack.api('GET', '/v1/profile', { token: junk });
      expect([status, body.code]).toEqual([401, 'invalid_token']);
      expect(headers.get('www-authenticate')).toMatch(/^Bearer error="invalid_token"/);
    }
  });

  const expectKindRejected = async (kind: NonNullable<IssueTokenOptions['kind']>) => {
    const { status, body, headers } = await stack.api('GET', '/v1/profile', {
      token: await stack.tokenFor(username, { kind }),
    });
    expect([status, body.code]).toEqual([401, 'invalid_token']);
    expect(headers.get('www-authenticate')).toMatch(/^Bearer error="invalid_token"/);
  };
  const KIND_TITLE = 'are rejected when they are of the kind %s';
  it.each(['id', 'opaque', 'other-audience', 'machine'] as const)(KIND_TITLE, expectKindRejected);
  atEmbeddedLogto.each(['expired', 'organization-audience'] as const)(KIND_TITLE, expectKindRejected);

  atEmbeddedLogto('are accepted in an organization too', async () => {
    const tokenInOrganization = await stack.tokenFor(username, { kind: 'organization' });
    const [own, inOrganization] = await Promise.all(
      [token, tokenInOrganization].map((each) => stack.api('GET', '/v1/profile', { token: each })),
    );
    expect(inOrganization!.status).toBe(200);
    expect(inOrganization!.body).toEqual(own!.body);
  });

  atEmbeddedLogto('return the reason when their audience is an organization', async () => {
    const { body } = await stack.api('GET', '/v1/profile', {
      token: await stack.tokenFor(username, { kind: 'organization-audience' }),
    });
    expect(body.detail).toBe('The access token is for an organization. Request one for the resource of this API.');
  });

  it('are rejected with 403 when their application is not in ALLOWED_CLIENT_IDS', async () => {
    const otherAppToken = await stack.tokenFor(username, { client: 'other-app' });
    expect(await readCode('GET', '/v1/profile', { token: otherAppToken })).toBe('403 client_not_allowed');
  });
});

describe('request bodies', () => {
  it('return 400 when they are empty, malformed, nested too deeply, or contain characters or keys that cannot be stored', async () => {
    const createNested = (levels: number) => `{"preferences":${'{"a":'.repeat(levels - 2)}{}${'}'.repeat(levels - 2)}}`;
    for (const body of [
      '',
      '{',
      '{"name":"a\\u0000"}',
      '{"name":"\\ud800"}',
      '{"\\udc00":1}',
      '{"__proto__":{"name":"x"}}',
      '{"preferences":{"constructor":{"prototype":1}}}',
      createNested(17),
    ]) {
      expect([body, await patchAndReadCode(body)]).toEqual([body, '400 malformed_request']);
    }
    const accepted = await patch(createNested(16), { 'content-type': 'application/json' });
    expect(accepted.status).toBe(200);
  });

  it('return 400 when they are missing', async () => {
    const { status, body } = await stack.api('PATCH', '/v1/profile', { token });
    expect([status, body.code]).toEqual([400, 'malformed_request']);
  });

  it.each(['[]', '"x"', '7', 'null', 'true', '[{"name":"x"}]'])('return 422 when they are %s', async (body) => {
    expect(await patchAndReadCode(body)).toBe('422 validation_failed');
  });

  it('return 413 above 1 MiB', async () => {
    expect(await patchAndReadCode(`{"name":"${'x'.repeat(MEBIBYTE)}"}`)).toBe('413 payload_too_large');
    const largest = `{"name":"${'x'.repeat(MEBIBYTE - 11)}"}`;
    expect(largest.length).toBe(MEBIBYTE);
    expect(await patchAndReadCode(largest)).toBe('422 validation_failed');
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/json; charset=utf-16',
    'application/xml',
    'junk',
  ])('of the type %s return 415 with Accept-Patch', async (type) => {
    const { status, body, headers } = await patch('{}', { 'content-type': type });
    expect([status, body.code]).toEqual([415, 'unsupported_media_type']);
    expect(body.detail).toMatch(type.includes('charset') ? 'UTF-8' : 'application/json');
    expect(headers.get('accept-encoding')).toBeNull();
    expect(headers.get('accept-patch')).toBe('application/merge-patch+json, application/json');
  });

  it.each(['gzip', 'GZIP', 'br', 'identity, gzip', 'x-identity'])(
    'return 415 with Accept-Encoding when their content coding is %s',
    async (coding) => {
      const { status, body, headers } = await patch('{}', { 'content-encoding': coding });
      expect([status, body.code]).toEqual([415, 'unsupported_media_type']);
      expect(body.detail).toContain('Content-Encoding');
      expect([headers.get('accept-encoding'), headers.get('accept-patch')]).toEqual(['identity', null]);
    },
  );

  it.each(['identity', 'Identity', 'IDENTITY , identity', ''])(
    'are accepted with the content coding %j',
    async (coding) => {
      expect((await patch('{}', { 'content-encoding': coding })).status).toBe(200);
    },
  );

  it('of the type application/merge-patch+json are accepted only by PATCH', async () => {
    const type = { 'content-type': 'application/merge-patch+json' };
    expect((await patch('{}', type)).status).toBe(200);
    expect((await patch('{}', { 'content-type': 'application/json;charset=UTF-8' })).status).toBe(200);
    expect(await readCode('POST', '/v1/password/check', { token, body: { password: 'x' }, headers: type })).toBe(
      '415 unsupported_media_type',
    );
  });

  it('that a client aborts are not logged as an error', async () => {
    const error = jest.spyOn(Logger.prototype, 'error');
    const closed = new Promise<void>((resolve) => {
      (stack.app.getHttpServer() as Server).once('connection', (connection: Socket) =>
        connection.once('close', resolve),
      );
    });
    const { hostname, port } = new URL(stack.url);
    const socket = connect(Number(port), hostname);
    socket.write(`POST /webhooks/logto HTTP/1.1\r\nHost: ${hostname}\r\nContent-Type: application/json\r\n`);
    socket.write('Content-Length: 100\r\n\r\n{"ev', () => socket.destroy());
    await closed;
    await stack.api('GET', '/health/live');
    expect(error).not.toHaveBeenCalled();
    error.mockRestore();
  });

  it.each(['/v1/profile', '/health/live', '/nothing'])(
    'return 400 when they have two Host headers: %s',
    async (path) => {
      const { hostname, port } = new URL(stack.url);
      const socket = connect(Number(port), hostname);
      socket.end(`GET ${path} HTTP/1.1\r\nHost: a.example\r\nHOST: b.example\r\nConnection: close\r\n\r\n`);
      const [head, body] = (await text(socket)).split('\r\n\r\n') as [string, string];
      expect(head).toMatch(/^HTTP\/1\.1 400 /);
      expect(JSON.parse(body)).toMatchObject({ code: 'malformed_request', detail: expect.stringContaining('Host') });
    },
  );

  it.each(['/v1/profile', '/health/live', '/nothing'])('return 400 when they have no Host header: %s', async (path) => {
    const { hostname, port } = new URL(stack.url);
    const socket = connect(Number(port), hostname);
    socket.end(`GET ${path} HTTP/1.1\r\nConnection: close\r\n\r\n`);
    const [head, body] = (await text(socket)).split('\r\n\r\n') as [string, string];
    expect(head).toMatch(/^HTTP\/1\.1 400 /);
    expect(JSON.parse(body)).toMatchObject({ code: 'malformed_request', detail: 'The Host header is missing.' });
  });

  it('need no Host header in HTTP/1.0, and may have an unknown expectation', async () => {
    for (const request of [
      'GET /health/live HTTP/1.0\r\n\r\n',
      'GET /health/live HTTP/1.1\r\nHost: a\r\nExpect: x\r\nConnection: close\r\n\r\n',
    ]) {
      const { hostname, port } = new URL(stack.url);
      const socket = connect(Number(port), hostname);
      socket.write(request);
      expect(await text(socket)).toMatch(/^HTTP\/1\.1 200 /);
    }
  });

  it('may describe a body that they do not have', async () => {
    const headers = { 'content-encoding': 'gzip', 'content-type': 'application/x-www-form-urlencoded' };
    for (const method of ['GET', 'HEAD']) {
      expect((await stack.api(method, '/v1/profile', { token, headers })).status).toBe(200);
    }
  });

  it('return 400 with a problem when they are not HTTP', async () => {
    const { hostname, port } = new URL(stack.url);
    const socket = connect(Number(port), hostname);
    socket.end('NONSENSE\r\n\r\n');
    const response = await text(socket);
    expect(response).toMatch(/^HTTP\/1\.1 400 /);
    const [head, body] = response.split('\r\n\r\n') as [string, string];
    expect(head).toContain(`X-Request-Id: ${JSON.parse(body).requestId}`);
    expect(JSON.parse(body).code).toBe('malformed_request');
  });
});

describe('the order of checks', () => {
  it('checks the token before the body', async () => {
    for (const [body, headers] of [
      ['{', {}],
      ['x'.repeat(2 * MEBIBYTE), {}],
      ['x', { 'content-type': 'text/plain' }],
    ] as const) {
      expect(await readCode('PATCH', '/v1/profile', { body, headers })).toBe('401 invalid_token');
    }
  });

  it('checks the application before the body', async () => {
    const otherAppToken = await stack.tokenFor(username, { client: 'other-app' });
    for (const body of ['{', undefined, [], {}]) {
      expect(await readCode('PATCH', '/v1/profile', { token: otherAppToken, body })).toBe('403 client_not_allowed');
    }
  });
});

describe('every response', () => {
  it('contains a request id: that of the request if it is valid, otherwise a new one', async () => {
    const response = await stack.api('GET', '/v1/profile', { headers: { 'x-request-id': 'page-42.a_b' } });
    expect([response.headers.get('x-request-id'), response.body.requestId]).toEqual(['page-42.a_b', 'page-42.a_b']);
    for (const id of ['', 'a b', 'x'.repeat(129), '<script>', 'ü']) {
      const response = await stack.api('GET', '/health/live', {
        headers: { 'x-request-id': encodeURI(id) === id ? id : 'a,b"' },
      });
      expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  it('contains Cache-Control: no-store, no-transform if it may contain personal data', async () => {
    const responses = [
      await stack.api('GET', '/v1/profile', { token }),
      await stack.api('PATCH', '/v1/profile', { token, body: {} }),
      await stack.api('GET', '/v1/custom-data', { token }),
      await stack.api('GET', '/v1/sessions', { token }),
      await stack.api('GET', '/v1/profile', { token, headers: { 'if-none-match': '*' } }),
      await stack.api('PATCH', '/v1/profile', { token, body: { name: 1 } }),
      await stack.api('GET', '/v1/profile'),
      await stack.api('GET', '/nothing'),
    ];
    expect(responses.map(({ status }) => status)).toEqual([200, 200, 200, 200, 304, 422, 401, 404]);
    for (const { headers } of responses) expect(headers.get('cache-control')).toBe('no-store, no-transform');
  });

  it('contains security headers', async () => {
    for (const path of ['/v1/profile', '/nothing', '/health/live']) {
      const { headers } = await stack.api('GET', path);
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('strict-transport-security')).toMatch(/^max-age=\d+/);
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('x-powered-by')).toBeNull();
    }
  });

  it('is in German if Accept-Language prefers German', async () => {
    const { body, headers } = await stack.api('GET', '/v1/profile', {
      headers: { 'accept-language': 'de-AT, en;q=0.5' },
    });
    expect(body).toMatchObject({
      title: 'Das Zugriffstoken fehlt oder ist ungültig.',
      detail: 'Ein Zugriffstoken ist erforderlich.',
    });
    expect(headers.get('content-language')).toBe('de');
    expect(headers.get('vary')).toContain('Accept-Language');
  });

  it('links to the documentation of its problem', async () => {
    const { body } = await stack.api('GET', '/v1/profile');
    const [path, id] = body.type.split('#');
    const page = await stack.api('GET', path, { unchecked: true });
    expect(page.status).toBe(200);
    expect(page.body).toContain(`id="${id}"`);
  });
});

describe('CORS', () => {
  const preflight = (origin: string, path = '/v1/profile') =>
    stack.api('OPTIONS', path, {
      headers: {
        origin,
        'access-control-request-method': 'PATCH',
        'access-control-request-headers': 'authorization,content-type,if-match',
      },
    });

  it('allows the documented methods and headers for the configured origins', async () => {
    const { status, headers } = await preflight(ORIGIN);
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect(headers.get('access-control-allow-credentials')).toBeNull();
    expect(headers.get('access-control-allow-methods')).toBe('GET, POST, PUT, PATCH, DELETE');
    expect(headers.get('access-control-allow-headers')).toBe(
      'Authorization, Content-Type, If-Match, If-None-Match, Idempotency-Key, Verification-Id, Id-Token-Hint, Cache-Control, X-Request-Id, traceparent, tracestate, baggage, sentry-trace, X-Client-Version, X-B',
    );
  });

  it('exposes the documented headers, even with problems', async () => {
    for (const options of [{ token }, {}]) {
      const { headers } = await stack.api('GET', '/v1/profile', { ...options, headers: { origin: ORIGIN } });
      expect(headers.get('access-control-allow-origin')).toBe(ORIGIN);
      expect(headers.get('access-control-expose-headers')).toBe(
        'ETag, Retry-After, RateLimit, RateLimit-Policy, WWW-Authenticate, X-Request-Id, Age, Warning',
      );
      expect(headers.get('vary')).toContain('Origin');
    }
  });

  it.each(['https://evil.example', 'https://app.example.com.evil.example', 'http://app.example.com', 'null'])(
    'does not allow the origin %s',
    async (origin) => {
      expect((await preflight(origin)).headers.get('access-control-allow-origin')).toBeNull();
      const { headers } = await stack.api('GET', '/v1/profile', { token, headers: { origin } });
      expect(headers.get('access-control-allow-origin')).toBeNull();
    },
  );
});

it('GET /health/ready returns 200 when every check succeeds', async () => {
  let response;
  // On a busy machine, a check may miss its deadline.
  do response = await stack.api('GET', '/health/ready');
  while (response.status !== 200);
  expect(response.body).toEqual({ status: 'ready', reasons: [] });
});

it('the service stops once it has responded to pending requests, even if clients keep their connections open', async () => {
  const stoppingStack = await startStack({ logto: stack.logto });
  const managementApi = stoppingStack.app.get(ManagementApiService, { strict: false });
  const { getUser } = ManagementApiService.prototype;
  let respond!: () => void;
  const called = new Promise<void>((resolve) => {
    jest.spyOn(managementApi, 'getUser').mockImplementation(async (userId) => {
      resolve();
      await new Promise<void>((resume) => (respond = resume));
      return getUser.call(managementApi, userId);
    });
  });
  const reading = stoppingStack.api('GET', '/v1/profile', { token });
  await called;
  const closed = stoppingStack.stop();
  await new Promise(setImmediate); // Now the service is stopping.
  respond();
  expect((await reading).status).toBe(200);
  await closed;
});

describe("an exception of Nest's", () => {
  let thrown: HttpException;
  let other: Stack;
  beforeAll(async () => {
    const read = () => Promise.reject(thrown);
    const overrides = [{ provide: ProfileDocumentService, useValue: { read } }];
    other = await startStack({ logto: stack.logto, overrides });
  }, 60_000);
  afterAll(() => other?.stop());

  it.each<[string, () => HttpException, number, object]>([
    [
      'a text',
      () => new HttpException('short and stout', 418),
      418,
      { title: "I'm a Teapot", detail: 'short and stout' },
    ],
    [
      'members',
      () => new ConflictException({ reason: 'taken', type: 'x' }),
      409,
      { title: 'Conflict', reason: 'taken' },
    ],
    ['a list', () => new HttpException(['a', 'b'], 402), 402, { title: 'Payment Required', detail: ['a', 'b'] }],
    [
      'the defaults of Nest',
      () => new BadRequestException('no'),
      400,
      { message: 'no', error: 'Bad Request', statusCode: 400 },
    ],
    [
      'a server error',
      () => new HttpException({ title: 'Moving', until: 'noon' }, 503),
      503,
      { title: 'Moving', until: 'noon' },
    ],
    ['an unknown status', () => new HttpException('x', 499), 499, { detail: 'x' }],
  ])('keeps its status and its body: %s', async (_what, create, status, members) => {
    jest.spyOn(Logger.prototype, 'error').mockReturnValue();
    thrown = create();
    const response = await other.api('GET', '/v1/profile', { token, unchecked: true });
    expect([response.status, response.headers.get('content-type')]).toEqual([
      status,
      'application/problem+json; charset=utf-8',
    ]);
    expect(response.body).toMatchObject({ ...members, type: 'about:blank', status });
    expect(response.body.requestId).toBe(response.headers.get('x-request-id'));
    expect(response.body).not.toHaveProperty('code');
  });
});
