import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { Fault } from '../../dev-logto/src/control/faults.js';
import { startStack, usesEmbeddedLogto, type Stack } from './harness.js';

/** Longer than the result of any check is remembered. */
const LONG_MS = 10 * 60_000;
const TOKEN = 'POST /oidc/token';
const DISCOVERY = 'GET /oidc/.well-known/openid-configuration';
const OUTAGE: Fault[] = [{ operation: '* /**', drop: 'before' }];

(usesEmbeddedLogto ? describe : describe.skip)('GET /health/ready', () => {
  let stack: Stack;
  let offset = 0;
  let log: string[];
  beforeAll(async () => {
    const { now } = performance;
    jest.spyOn(performance, 'now').mockImplementation(() => now.call(performance) + offset);
    stack = await startStack({ faults: OUTAGE });
  }, 60_000);
  afterAll(async () => {
    await stack?.stop();
    jest.restoreAllMocks();
  });
  beforeEach(() => {
    log = [];
    for (const level of ['log', 'warn', 'error'] as const) {
      jest.spyOn(Logger.prototype, level).mockImplementation((message: string) => void log.push(message));
    }
  });
  afterEach(() => stack.faults.reset());

  /** Returns the reasons that concern Logto: on a busy machine, the check of the database may miss its deadline. */
  const probe = async () => {
    const { status, body } = await stack.api('GET', '/health/ready');
    const reasons = (body.reasons as { code: string }[]).map(({ code }) => code);
    expect(status).toBe(reasons.length === 0 ? 200 : 503);
    return reasons.filter((reason) => !reason.startsWith('database_'));
  };
  /** Probes until the result is the expected one: after the first result, Logto is checked in the background. */
  const probeUntil = async (expected: readonly string[]) => {
    let result;
    do {
      offset += LONG_MS;
      result = await probe();
      await new Promise((resolve) => setTimeout(resolve, 10));
    } while (JSON.stringify(result) !== JSON.stringify(expected));
  };
  const READY: readonly string[] = [];

  it('returns 503 with reasons until Logto has responded', async () => {
    expect(await probe()).toEqual(['signing_keys_missing', 'issuer_unverified', 'machine_token_missing']);
    expect(log).toContainEqual(
      expect.stringMatching(/^Not ready: signing_keys_missing, issuer_unverified, machine_token_missing\b/),
    );
    stack.faults.reset();
    await probeUntil(READY);
    expect(log).toContain('Ready.');
  }, 60_000);

  it.each<[string, string, Fault]>([
    [
      'Logto rejects the machine credentials',
      'machine_credentials_rejected',
      { operation: TOKEN, status: 401, body: { code: 'oidc.invalid_client', message: 'client authentication failed' } },
    ],
    [
      'the machine token lacks the scope',
      'machine_scope_missing',
      { operation: TOKEN, status: 200, body: { access_token: 'a', token_type: 'Bearer', expires_in: 3600, scope: '' } },
    ],
    [
      'Logto has another issuer',
      'issuer_mismatch',
      { operation: DISCOVERY, status: 200, body: { issuer: 'https://other.example/oidc' } },
    ],
  ])(
    'returns 503 while %s',
    async (_fault, reason, fault) => {
      stack.faults.add(fault);
      await discardMachineToken(stack);
      await probeUntil([reason]);
      stack.faults.reset();
      await probeUntil(READY);
    },
    60_000,
  );

  it('logs the issuer that Logto has, once', async () => {
    stack.faults.add({ operation: DISCOVERY, status: 200, body: { issuer: 'https://other.example/oidc' } });
    await probeUntil(['issuer_mismatch']);
    for (let probes = 0; probes < 5; probes += 1) {
      offset += LONG_MS;
      await probe();
    }
    expect(log.filter((line) => line.includes('"https://other.example/oidc"'))).toHaveLength(1);
    stack.faults.reset();
    await probeUntil(READY);
  }, 60_000);

  it.each<[string, Fault]>([
    ['is unavailable', { operation: '* /**', drop: 'before' }],
    ['does not respond', { operation: '* /**', until: new Promise(() => undefined) }],
    ['responds with 500', { operation: '* /**', status: 500 }],
    ['responds with a page', { operation: '* /**', status: 200, body: '<html>' }],
  ])(
    'returns 200 while Logto %s, once Logto has responded',
    async (_outage, fault) => {
      stack.faults.add(fault);
      for (let probes = 0; probes < 3; probes += 1) {
        offset += LONG_MS;
        expect(await probe()).toEqual(READY);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    60_000,
  );
});

/** Makes the next call fetch a new machine token, as if Logto had rejected the present one. */
async function discardMachineToken(stack: Stack): Promise<void> {
  stack.faults.rejectTokens('all');
  const token = await stack.tokenFor('alice');
  await stack.api('GET', '/v1/profile', { token, headers: { 'cache-control': 'no-cache' } });
  stack.faults.rejectTokens('none');
}
