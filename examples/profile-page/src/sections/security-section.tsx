import { useOperations } from '../api/queries';
import { FactorsCard } from './factors-card';
import { IdentitiesCard } from './identities-card';
import { PasswordCard } from './password-card';
import { SessionsCard } from './sessions-card';

/** Password, devices, linked accounts and second factors: as far as this deployment offers each. */
export function SecuritySection() {
  const offers = useOperations();
  return (
    <>
      <PasswordCard />
      {offers?.has('GET /v1/sessions') && <SessionsCard />}
      {offers?.has('GET /v1/mfa-factors') && <FactorsCard />}
      {offers?.has('GET /v1/identities') && <IdentitiesCard />}
    </>
  );
}
