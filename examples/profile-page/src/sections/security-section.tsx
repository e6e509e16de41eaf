import { useOperations } from '../api/queries';
import { FactorsCard } from './factors-card';
import { IdentitiesCard } from './identities-card';
import { PasswordCard } from './password-card';
import { SessionsCard } from './sessions-card';

/** Shows the password, and the sessions, factors, and linked accounts if the deployment offers them. */
export function SecuritySection() {
  const operations = useOperations();
  return (
    <>
      <PasswordCard />
      {operations?.has('GET /v1/sessions') && <SessionsCard />}
      {operations?.has('GET /v1/mfa-factors') && <FactorsCard />}
      {operations?.has('GET /v1/identities') && <IdentitiesCard />}
    </>
  );
}
