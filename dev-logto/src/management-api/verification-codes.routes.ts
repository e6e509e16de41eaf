import { emailRegEx, phoneRegEx } from '@logto/core-kit';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Context } from '../context.js';
import type { Channel } from '../control/faults.js';
import { generateId } from '../tenant/ids.js';
import type { Connector } from '../tenant/types.js';
import { parseInput } from './parse-input.js';
import { RequestError } from './request-error.js';

const byEmail = z.object({ email: z.string().regex(emailRegEx) });
const byPhone = z.object({ phone: z.string().regex(phoneRegEx) });
const withCode = { verificationCode: z.string() };

const SENDS_PER_WINDOW = 10;
const WINDOW_MS = 10 * 60 * 1000;
const MAX_MESSAGES = 5000;
const USAGE_TYPE = 'Generic';
const CONNECTOR_TYPES = { email: 'Email', sms: 'Sms' } as const;

/** Routes that list connectors, and that send and verify codes. As in Logto, a code belongs to an address, not to a user or a session. */
export function verificationCodeRoutes(
  app: FastifyInstance,
  { tenant, faults, generateCode, raceWindow }: Context,
): void {
  const connectorFor = (channel: Channel): Connector | undefined => {
    const type = CONNECTOR_TYPES[channel];
    if (faults.connectorsRemoved.has(channel)) return undefined;
    return [...tenant.connectors.values()].find((connector) => connector.type === type);
  };

  app.get('/connectors', () =>
    [...tenant.connectors.values()]
      .filter(
        (connector) =>
          !(['email', 'sms'] as const).some(
            (channel) => CONNECTOR_TYPES[channel] === connector.type && faults.connectorsRemoved.has(channel),
          ),
      )
      .map(({ templates, ...connector }) => ({
        ...connector,
        syncProfile: false,
        config: { templates: templates.map((usageType) => ({ usageType, content: 'Your code is {{code}}.' })) },
        metadata: {},
      })),
  );

  app.post('/verification-codes', (request, reply) => {
    const recipient = parseInput(byEmail.or(byPhone), request.body);
    const channel = 'email' in recipient ? 'email' : 'sms';
    const address = 'email' in recipient ? recipient.email : recipient.phone;
    const now = tenant.clock.now();
    const recentMessages = tenant.sentMessages.filter(
      (message) => message.to === address && message.createdAt > now - WINDOW_MS,
    );
    if (recentMessages.length >= SENDS_PER_WINDOW) throw new RequestError(429, 'request.message_rate_limited');

    const connector = connectorFor(channel);
    if (!connector) throw new RequestError(501, 'connector.not_found', { values: { type: CONNECTOR_TYPES[channel] } });
    if (!connector.templates.includes(USAGE_TYPE)) {
      const message = `Template not found for type: ${USAGE_TYPE}`;
      throw new RequestError(400, 'connector.template_not_found', { data: { message } });
    }
    const code = generateCode();
    tenant.verificationCodes.set(`${channel}:${address}`, { code, createdAt: now, tries: 0, consumed: false });
    if (faults.consumeFailedSend()) {
      throw new RequestError(400, 'connector.general', { values: { errorDescription: '' } });
    }
    tenant.sentMessages.push({
      id: generateId(),
      channel,
      to: address,
      usageType: USAGE_TYPE,
      code,
      createdAt: now,
    });
    tenant.sentMessages.splice(0, tenant.sentMessages.length - MAX_MESSAGES);
    return reply.code(204).send();
  });

  app.post('/verification-codes/verify', async (request, reply) => {
    const input = parseInput(byEmail.extend(withCode).or(byPhone.extend(withCode)), request.body);
    const key = 'email' in input ? `email:${input.email}` : `sms:${input.phone}`;
    const { expirationDuration = 600, maxRetryAttempts = 10 } = tenant.signInExperience.verificationCodePolicy;
    const stored = tenant.verificationCodes.get(key);
    if (!stored || stored.consumed) throw new RequestError(400, 'verification_code.not_found');
    if (tenant.clock.now() - stored.createdAt > expirationDuration * 1000) {
      throw new RequestError(400, 'verification_code.expired');
    }
    if (stored.tries >= maxRetryAttempts) throw new RequestError(400, 'verification_code.exceed_max_try');
    await raceWindow();
    if (stored.code !== input.verificationCode) {
      stored.tries += 1;
      throw new RequestError(400, 'verification_code.code_mismatch');
    }
    stored.consumed = true;
    return reply.code(204).send();
  });
}
