import { errors, type Adapter, type AdapterPayload, type AllClientMetadata } from 'oidc-provider';
import type { Tenant } from '../tenant/tenant.js';
import type { JsonObject } from '../tenant/types.js';
import { toClientMetadata } from './clients.js';
import type { SigningKeys } from './signing-keys.js';
import { TimeShift } from './time-shift.js';

/** A rotated refresh token remains valid this long, because two tabs may refresh at the same time. */
const REFRESH_TOKEN_REUSE_SECONDS = 3;

/** Creates oidc-provider's storage adapter: clients come from the tenant's applications, other models from its OIDC store. */
export const createAdapter = (tenant: Tenant, keys: SigningKeys) => {
  const timeShift = new TimeShift(tenant.clock);
  return (model: string): Adapter =>
    model === 'Client' ? createClientAdapter(tenant, keys) : createRecordAdapter(tenant, model, timeShift);
};

const createRecordAdapter = ({ oidc, clock }: Tenant, model: string, timeShift: TimeShift): Adapter => {
  const toPayload = (payload: JsonObject | undefined): AdapterPayload | undefined => {
    if (!payload) return undefined;
    const shifted = timeShift.toProcessTime(payload);
    const consumed = shifted['consumed'];
    if (
      model === 'RefreshToken' &&
      typeof consumed === 'number' &&
      clock.seconds() - consumed < REFRESH_TOKEN_REUSE_SECONDS
    ) {
      delete shifted['consumed'];
    }
    return structuredClone(shifted) as AdapterPayload;
  };
  return {
    upsert: async (id, payload, expiresIn) =>
      oidc.upsert(model, id, timeShift.toTenantTime(payload as JsonObject), expiresIn),
    find: async (id) => toPayload(oidc.find(model, id)?.payload),
    findByUid: async (uid) => toPayload(oidc.findBy(model, { uid })?.[1].payload),
    findByUserCode: async (userCode) => toPayload(oidc.findBy(model, { userCode })?.[1].payload),
    consume: async (id) => oidc.consume(model, id),
    destroy: async (id) => oidc.destroy(model, id),
    revokeByGrantId: async (grantId) => oidc.revokeByGrantId(grantId),
  };
};

const createClientAdapter = (tenant: Tenant, keys: SigningKeys): Adapter => {
  const rejectChange = async () => {
    throw new Error('OIDC clients are read-only. Change the applications of the tenant instead.');
  };
  return {
    find: async (id): Promise<AllClientMetadata> => {
      const application = tenant.applications.get(id);
      if (!application) throw new errors.InvalidClient(`invalid client ${id}`);
      return toClientMetadata(application, keys.current.signingAlgorithm);
    },
    upsert: rejectChange,
    findByUid: rejectChange,
    findByUserCode: rejectChange,
    consume: rejectChange,
    destroy: rejectChange,
    revokeByGrantId: rejectChange,
  };
};
