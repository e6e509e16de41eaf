import { createFieldStores } from '../../src/domain/fields/stores/field-stores.js';
import type { ManagementApiService } from '../../src/platform/management-api/management-api.service.js';

/** The stores for tests that call none of them. */
export const stores = createFieldStores({} as ManagementApiService);
