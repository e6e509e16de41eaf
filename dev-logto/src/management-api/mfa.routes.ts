import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Context } from '../context.js';
import { generateId } from '../tenant/ids.js';
import type { MfaVerification } from '../tenant/types.js';
import { parseInput } from './parse-input.js';
import { RequestError, notFound } from './request-error.js';
import { getUser } from './user-view.js';

interface UserRoute {
  Params: { userId: string };
}

const BACKUP_CODE_COUNT = 10;
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const totpSecret = /^[A-Z2-7]{16,}$/;
const backupCode = /^[\da-z]{10}$/;

const newFactor = z.discriminatedUnion('type', [
  z.object({ type: z.literal('Totp'), secret: z.string().optional() }),
  z.object({ type: z.literal('BackupCode'), codes: z.string().array().optional() }),
]);

const generateSecret = (): string => [...randomBytes(32)].map((byte) => BASE32[byte % 32]).join('');

/** Routes for second factors. As in Logto, only TOTP and backup codes can be added, and no webhook is sent. */
export function mfaRoutes(app: FastifyInstance, { tenant }: Context): void {
  app.get<UserRoute>('/users/:userId/mfa-verifications', (request) =>
    getUser(tenant, request.params.userId).mfaVerifications.map(toMfaResponse),
  );

  app.post<UserRoute>('/users/:userId/mfa-verifications', async (request) => {
    const factor = parseInput(newFactor, request.body);
    const user = getUser(tenant, request.params.userId);
    const has = (type: MfaVerification['type']): boolean =>
      user.mfaVerifications.some((factor) => factor.type === type);
    const common = { id: generateId(), createdAt: new Date(tenant.clock.now()).toISOString() };
    if (factor.type === 'Totp') {
      if (has('Totp')) throw new RequestError(422, 'user.totp_already_in_use');
      if (factor.secret !== undefined && !totpSecret.test(factor.secret)) {
        throw new RequestError(422, 'user.totp_secret_invalid');
      }
      const secret = factor.secret ?? generateSecret();
      user.mfaVerifications.push({ ...common, type: 'Totp', key: secret });
      const { toDataURL } = await import('qrcode');
      const uri = `otpauth://totp/${encodeURIComponent(user.username ?? user.id)}?secret=${secret}`;
      return { type: 'Totp', secret, secretQrCode: await toDataURL(uri) };
    }
    if (has('BackupCode')) throw new RequestError(422, 'user.backup_code_already_in_use');
    if (user.mfaVerifications.length === 0) throw new RequestError(422, 'session.mfa.backup_code_can_not_be_alone');
    const codes = factor.codes ?? Array.from({ length: BACKUP_CODE_COUNT }, () => randomBytes(5).toString('hex'));
    if (codes.length !== BACKUP_CODE_COUNT || !codes.every((code) => backupCode.test(code))) {
      throw new RequestError(422, 'user.wrong_backup_code_format');
    }
    user.mfaVerifications.push({ ...common, type: 'BackupCode', codes: codes.map((code) => ({ code })) });
    return { type: 'BackupCode', codes };
  });

  app.delete<{ Params: { userId: string; verificationId: string } }>(
    '/users/:userId/mfa-verifications/:verificationId',
    (request, reply) => {
      const user = getUser(tenant, request.params.userId);
      const remaining = user.mfaVerifications.filter(({ id }) => id !== request.params.verificationId);
      if (remaining.length === user.mfaVerifications.length) throw notFound();
      user.mfaVerifications = remaining;
      return reply.code(204).send();
    },
  );
}

function toMfaResponse({ id, createdAt, type, lastUsedAt, name, agent, codes }: MfaVerification) {
  return {
    id,
    createdAt,
    type,
    ...(lastUsedAt && { lastUsedAt }),
    ...(type === 'BackupCode' && { remainCodes: codes?.filter(({ usedAt }) => !usedAt).length ?? 0 }),
    ...(type === 'WebAuthn' && { name, agent }),
  };
}
