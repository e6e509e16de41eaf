import type { StoredValue } from '../../platform/database/schema.js';
import type { Json } from '../../platform/json/json.js';
import type { ProofNeed } from '../proofs/proof.service.js';
import type { CatalogueField, FieldStoreName } from '../fields/catalogue/catalogue-field.js';
import type { WrittenChange } from '../changes/change-writer.js';
import { noLogtoValues, withLogtoValues, type LogtoValues } from '../changes/logto-values.js';
import { storedIn, type UserState } from '../fields/user-state.js';

/** A field that a patch gives another value. Null is unset. */
export interface FieldChange {
  readonly field: CatalogueField;
  readonly value: Json;
}

/** Where the changes of fields go, store by store, as absolute values. */
export interface ChangePlan {
  readonly changes: readonly FieldChange[];
  readonly logto: LogtoValues;
  readonly before: LogtoValues;
  /** Values for the database, not encrypted yet. */
  readonly set: Readonly<Record<string, Json>>;
  readonly remove: readonly string[];
}

/** Sends each change to its field's store. A field that was not moved yet moves with it: its old place is cleared. */
export function planChanges(changes: readonly FieldChange[], state: UserState): ChangePlan {
  const plan = {
    changes,
    logto: noLogtoValues(),
    before: noLogtoValues(),
    set: {} as Record<string, Json>,
    remove: [] as string[],
  };
  const put = (store: FieldStoreName, field: CatalogueField, value: Json, mark: boolean) => {
    if (store === 'database') {
      // Null stays as a mark, where the field could still be read in its old place.
      if (value !== null || mark) plan.set[field.name] = value;
      else plan.remove.push(field.name);
    } else {
      const place = store === 'customData' ? 'customData' : (field.logtoPlace ?? 'user');
      plan.logto[place][field.name] = value;
      plan.before[place][field.name] = (storedIn(store, field, state) ?? null) as Json;
    }
  };
  for (const { field, value } of changes) {
    put(field.store, field, value, field.previously !== undefined);
    const former = field.previously?.store;
    if (former && (storedIn(former, field, state) ?? null) !== null) put(former, field, null, false);
  }
  return plan;
}

/**
 * The state that a change leads to. `fields` are the values of `plan.set` as the database keeps them; `written` is what the stores
 * said when the change was made, absent for a dry run.
 */
export function stateAfter(
  state: UserState,
  plan: ChangePlan,
  { fields, written }: { fields: Readonly<Record<string, StoredValue>>; written?: WrittenChange },
): UserState {
  const kept = Object.entries({ ...state.fields, ...fields }).filter(([name]) => !plan.remove.includes(name));
  return {
    user: written?.user ?? withLogtoValues(state.user, plan.logto),
    fieldsVersion: written?.fieldsVersion ?? state.fieldsVersion,
    fields: Object.fromEntries(kept),
  };
}

/** What has to be proven for it: one need for each new address, since a record proves one address. */
export function proofNeeds({ changes }: ChangePlan): ProofNeed[] {
  const guarded = changes.filter(({ field }) => field.proof !== 'none');
  if (guarded.length === 0) return [];
  const addresses = guarded.filter(({ field, value }) => field.proof === 'identity-and-address' && value !== null);
  if (addresses.length === 0) return [{ identity: true }];
  return addresses.map(({ field, value }, index) => ({
    identity: index === 0,
    address: { kind: field.name === 'primaryPhone' ? 'phone' : 'email', address: value as string },
  }));
}
