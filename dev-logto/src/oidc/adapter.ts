import { errors, type Adapter, type AdapterPayload, type AllClientMetadata } from 'oidc-provider';
import type { Tenant } from '../tenant/tenant.js';
import type { JsonObject } from '../tenant/types.js';
import { toClientMetadata } from './clients.js';
import type { SigningKeys } from './signing-keys.js';
import { TimeShift } from './time-shift.js';

/** How long a rotated refresh token still works, because two tabs may refresh at the same time. */
const REFRESH_TOKEN_REUSE_SECONDS = 3;

/** Creates oidc-provider's storage adapter: clients come from the tenant's applications, other models from its OIDC store. */
export const createAdapter = (tenant: Tenant, keys: SigningKeys) => {
  const time = new TimeShift(tenant.clock);
  return (model: string): Adapter =>
    model === 'Client' ? clientAdapter(tenant, keys) : recordAdapter(tenant, model, time);
};

const recordAdapter = ({ oidc, clock }: Tenant, model: string, time: TimeShift): Adapter => {
  const load = (payload: JsonObject | undefined): AdapterPayload | undefined => {
    if (!payload) return undefined;
    const loaded = time.toProcess(payload);
    const consumed = loaded['consumed'];
    if (
      model === 'RefreshToken' &&
      typeof consumed === 'number' &&
      clock.seconds() - consumed < REFRESH_TOKEN_REUSE_SECONDS
    ) {
      delete loaded['consumed'];
    }
    return structuredClone(loaded) as AdapterPayload;
  };
  return {
    upsert: async (id, payload, expiresIn) => oidc.upsert(model, id, time.toTenant(payload as JsonObject), expiresIn),
    find: async (id) => load(oidc.find(model, id)?.payload),
    findByUid: async (uid) => load(oidc.findBy(model, { uid })?.[1].payload),
    findByUserCode: async (userCode) => load(oidc.findBy(model, { userCode })?.[1].payload),
    consume: async (id) => oidc.consume(model, id),
    destroy: async (id) => oidc.destroy(model, id),
    revokeByGrantId: async (grantId) => oidc.revokeByGrantId(grantId),
  };
};

const clientAdapter = (tenant: Tenant, keys: SigningKeys): Adapter => {
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
