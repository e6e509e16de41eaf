import type { RowValues } from '../../../platform/database/schema.js';
import type { LogtoUser } from '../../../platform/management-api/logto-user.js';
import type { ManagementApiService } from '../../../platform/management-api/management-api.service.js';
import type { StoreValues, UserState } from '../user-state.js';
import { CustomDataStore } from './custom-data.store.js';
import { DatabaseStore } from './database.store.js';
import type { FieldStore, StoreCall } from './field-store.js';
import { LogtoStore } from './logto.store.js';

/** Values to reach, by store name and field name. */
export type ValuesByStore = Readonly<Record<string, StoreValues>>;

/** The part of a pending change that readers need. */
export interface Pending {
  /** The values before the change. */
  readonly before: ValuesByStore;
}

/** The stores, in the order in which a change is written to them. */
export const createFieldStores = (logto: ManagementApiService): FieldStores =>
  new FieldStores([new LogtoStore(logto), new CustomDataStore(logto), new DatabaseStore()]);

/** All stores of this service. Also its injection token. */
export class FieldStores {
  /** Whether a store is read separately from Logto's user and the row. */
  readonly needLoading: boolean;

  constructor(private readonly stores: readonly FieldStore[]) {
    this.needLoading = stores.some(({ load }) => load);
  }

  get names(): string[] {
    return this.stores.map(({ name }) => name);
  }

  get(name: string): FieldStore | undefined {
    return this.stores.find((store) => store.name === name);
  }

  /**
   * The state of all stores, from what each of them holds. A pending change has not happened yet, even if some stores have their part
   * already.
   */
  stateOf(
    user: LogtoUser,
    { fields, fieldsVersion, pending }: Pick<UserState, 'fields' | 'fieldsVersion'> & { readonly pending?: Pending },
    loaded: UserState['loaded'],
  ): UserState {
    const state = { user, fields, fieldsVersion, loaded };
    return pending ? this.withValues(state, pending.before) : state;
  }

  /** Reads the stores that are read separately. */
  async load(userId: string): Promise<UserState['loaded']> {
    if (!this.needLoading) return NOTHING_LOADED;
    const entries = this.stores.flatMap((store) =>
      store.load ? [store.load(userId).then((values) => [store.name, values] as const)] : [],
    );
    return Object.fromEntries(await Promise.all(entries));
  }

  /** The state with these values in each store. */
  withValues(state: UserState, values: ValuesByStore): UserState {
    return this.stores.reduce((result, store) => store.withValues(result, values[store.name] ?? {}), state);
  }

  /** The state with the values that the row keeps. */
  withRowValues(state: UserState, values: ValuesByStore): UserState {
    const inRow = this.stores.filter(({ toRow }) => toRow);
    return inRow.reduce((result, store) => store.withValues(result, values[store.name] ?? {}), state);
  }

  /** The calls that lead from `state` to `values`, store by store. */
  calls(state: UserState, values: ValuesByStore): StoreCall[] {
    return this.stores.flatMap((store) => store.calls(state, values[store.name] ?? {}));
  }

  /** The part of the values that is written by calls, not in the row. */
  calledValues(values: ValuesByStore): ValuesByStore {
    return Object.fromEntries(Object.entries(values).filter(([name]) => !this.get(name)?.toRow));
  }

  /** The part of the values that the row keeps. */
  toRow(values: ValuesByStore): RowValues {
    const parts = this.stores.flatMap((store) => store.toRow?.(values[store.name] ?? {}) ?? []);
    return {
      plain: Object.assign({}, ...parts.map(({ plain }) => plain)) as RowValues['plain'],
      encrypted: Object.assign({}, ...parts.map(({ encrypted }) => encrypted)) as RowValues['encrypted'],
    };
  }
}

const NOTHING_LOADED: UserState['loaded'] = {};
